"""A lead's page of on-call: training records, and how the outside back-up and whoever mends Kith are reached."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

from starlette.responses import Response

from community.clock import Clock
from community.errors import BadRequest, FieldError, Forbidden, Invalid
from community.ids import MemberId, new_id
from community.web.forms import Form
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.oncall.pages import channel_of, day_of, id_of, who_of
from moderation.oncall.reaching import Reaching
from moderation.oncall.roster_acts import Oncall
from moderation.store.channels import Use
from moderation.store.training import TrainingRow

PATH = "/moderation/on-call/team"


class OncallTeamPages:
    def __init__(self, oncall: Oncall, reaching: Reaching, clock: Clock) -> None:
        self._oncall = oncall
        self._reaching = reaching
        self._clock = clock

    def pages(self) -> list[Page]:
        return [Page("GET", PATH, self.team), Page("POST", PATH, self.change, again=self.team)]

    async def team(self, visit: Visit) -> Response:
        """For leads alone; others hear that leads look after it."""
        who, today = who_of(visit), self._clock.now().date()
        people = await self._oncall.people(who)
        names = {seat.member_id: seat.handle for seat in people}
        records = await self._oncall.training(who)
        return visit.render(
            "moderation/oncall_team.html",
            backup=await self._reaching.listed(who, "backup"),
            alarm=await self._reaching.listed(who, "alarm"),
            canary=await self._reaching.listed(who, "canary"),
            records=[(row, names.get(row.member_id), row.expires_on < today) for row in records],
            names=names,
            people=[(str(seat.member_id), seat.handle or "") for seat in people],
            today=today,
            in_a_year=today + timedelta(days=365),
        )

    async def change(self, visit: Visit) -> Response:
        form, who = await visit.form(), who_of(visit)
        match form.get("act"):
            case "train":
                await self._oncall.add_training(who, _record(form, who.member_id))
                say = _("Entered. They can take shifts from that day.")
            case "untrain":
                await self._oncall.revoke_training(who, id_of(form, "id"))
                say = _("Taken back. Shifts of theirs don't count any more.")
            case "add":
                use = next((u for u in get_args(Use) if u == form.get("use") and u != "person"), None)
                if use is None:
                    raise Invalid(fields=(FieldError("use", _("Please choose one.")),))
                made = await self._reaching.add(who, channel_of(form, use))
                if made.kind == "webhook":
                    title = _("Its secret, shown this once:")
                    return visit.render("moderation/oncall_secret.html", title=title, secret=made.secret)
                say = _("They are reached there from now on.")
            case "revoke":
                await self._reaching.revoke(who, id_of(form, "id"))
                say = _("Nothing goes there any more.")
            case _:
                raise BadRequest(_("Please choose what to do."))
        return visit.redirect(PATH, say=say)


def _record(form: Form, me: MemberId) -> TrainingRow:
    lane = form.get("lane")
    if lane not in ("care", "conduct"):
        raise Invalid(fields=(FieldError("lane", _("Please choose one.")),))
    first: date = day_of(form, "trained_on")
    last: date = day_of(form, "expires_on")
    member = MemberId(id_of(form, "member"))
    if member == me:
        raise Forbidden(_("Somebody else enters your own record."), code="own_record")
    return TrainingRow(new_id(), member, "care" if lane == "care" else "conduct", first, last, me, [])
