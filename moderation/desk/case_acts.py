"""What a case's forms do: each names its act, and answers what to say and where to go on.

Rights, versions and what is possible are the desk's; here a form becomes a call, or a word beside its field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args
from uuid import UUID

from community.database import Tx
from community.errors import BadRequest, FieldError, Invalid
from community.ids import CaseId, MessageId, new_id, parse_id
from community.store import messages
from community.web.forms import Form
from community.web.words import _
from moderation.casework.acts import Rung, When
from moderation.casework.conduct import Conduct
from moderation.casework.follow_ups import FollowUps
from moderation.casework.letters import Letter, Letters
from moderation.casework.machine import Decision
from moderation.desk.api import ClosedAs
from moderation.desk.desk import Choice, Desk
from moderation.desk.ground import DeskGround, Who
from moderation.desk.highlights import every
from moderation.pipeline.types import Span
from moderation.store import figures


@dataclass(frozen=True, slots=True)
class Done:
    """`place` is the rest of the case's address; `leaves`: back to the queue."""

    say: str
    place: str = ""
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Hands:
    """What the acts call."""

    ground: DeskGround
    desk: Desk
    letters: Letters
    follow_ups: FollowUps
    conduct: Conduct


class CaseActs:
    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    async def do(self, form: Form, who: Who, id: CaseId, *, before: MessageId | None) -> Done:
        """Raises BadRequest for an act that isn't one, Invalid beside its field, and the desk's refusals."""
        act = form.get("act")
        if act == "verdict":  # about a rule, not the case: no version
            return await self._verdict(form, who, id)
        if act in ("claim", "release", "pass", "note", "escalate", "close", "ladder"):
            return await self._everyday(form, who, id)
        if act == "decide":
            choice = await self._choice(form, who, id, before)
            await self._hands.desk.decide(who, id, version_of(form), choice)
            return Done(_("Decided. The author is told kindly what changed."))
        if act in ("letter", "follow_up", "repair"):
            return await self._towards_them(form, who, id)
        raise BadRequest(_("Please choose what to do."))

    async def _everyday(self, form: Form, who: Who, id: CaseId) -> Done:
        desk, version, text = self._hands.desk, version_of(form), form.get("text")
        match form.get("act"):
            case "claim":
                take_over, anyway = form.get("take_over") == "yes", form.get("anyway") == "yes"
                await desk.claim(who, id, version, take_over=take_over, anyway=anyway)
                return Done(_("It is yours for five minutes, and longer while you use it."))
            case "release":
                await desk.release(who, id, version)
                return Done(_("Given back. Others see it again."), leaves=True)
            case "pass":
                await desk.release(who, id, version, passed=True)
                return Done(_("Passed on. Others are asked now; nobody asks why."), leaves=True)
            case "note":
                await desk.note(who, id, version, text)
                return Done(_("Your note is in the history."))
            case "escalate":
                await desk.escalate(who, id, version, tier=form.get("tier"), reason=text)
                return Done(_("Raised, with a fresh clock."))
            case "ladder":
                rung, when = form.get("rung"), form.get("when")
                if rung not in get_args(Rung) or when not in get_args(When):
                    raise Invalid(fields=(FieldError("rung", _("Please choose one.")),))
                await desk.ladder(who, id, version, cast(Rung, rung), cast(When, when))
                return Done(_("Kept."))
            case _:
                kind = form.get("kind") if form.get("kind") in get_args(ClosedAs) else "person"
                await desk.close(who, id, version, text, kind=kind)
                return Done(_("Closed. A new finding opens it again."), leaves=True)

    async def _towards_them(self, form: Form, who: Who, id: CaseId) -> Done:
        hands, version = self._hands, version_of(form)
        match form.get("act"):
            case "letter":
                letter = Letter(form.get("nonce") or new_id().hex, form.get("body"))
                sent = await hands.letters.write(who, id, version, letter)
                if sent.seq is None:
                    return Done(_("A rule wants a second look at your words first; they were not sent yet."))
                return Done(_("Sent. The clock for human words has stopped."))
            case "follow_up":
                await hands.follow_ups.plan(who, id, version)
                return Done(_("Planned for 24 and 72 hours, in their daytime."))
            case _:
                await hands.conduct.ask_repair(who, id, version, rule="person", reason=form.get("text"))
                return Done(_("Asked kindly. Their change comes back to this case."))

    async def _verdict(self, form: Form, who: Who, id: CaseId) -> Done:
        """Was this finding right? Precision of rules is counted from these."""
        message, n = parse_id(form.get("message")), form.get("n")
        async with self._hands.ground.database.transaction() as tx:
            row, _rights = await self._hands.ground.visible(tx, who, id)
            if message is None or message not in row.case.messages or not n.isdecimal() or len(n) > 6:
                raise BadRequest
            await self._review(tx, who, MessageId(message), int(n), is_right=form.get("right") == "yes")
        return Done(_("Thank you. Rules are measured by this."), place=f"?open={message}#m-{message}")

    async def _review(self, tx: Tx, who: Who, message: MessageId, n: int, *, is_right: bool) -> None:
        found, now = await messages.get(tx, message), self._hands.ground.clock.now()
        kept = found is not None and await figures.review(
            tx, (found.verdict_id, n), who.member_id, is_right=is_right, now=now
        )
        if not kept:
            raise BadRequest

    async def _choice(self, form: Form, who: Who, id: CaseId, before: MessageId | None) -> Choice:
        """What the decision's form says. Raises Invalid beside its field."""
        decision = next((d for d in get_args(Decision) if d == form.get("decision")), None)
        if decision is None:
            raise Invalid(fields=(FieldError("decision", _("Please choose one.")),))
        if not form.get("text"):
            raise Invalid(fields=(FieldError("text", _("Please say why, for the next person.")),))
        message = parse_id(form.get("message"))
        spans: list[Span] = []
        if decision == "mask":
            seen = await self._hands.desk.see(who, id, before=before)
            body = next((m.body for m in seen.messages if m.id == message), "")
            spans = _hidden(form, message, body)
            if not spans:
                say = _("Tick a part, or type words that are in the message.")
                raise Invalid(fields=(FieldError("hide", say),))
        return Choice(
            decision=decision,
            reason=form.get("text"),
            message=MessageId(message) if message else None,
            spans=tuple(spans),
            rule=form.get("rule") or "person",
        )


def version_of(form: Form) -> int:
    """The version of the case that the person has looked at. Raises BadRequest."""
    text = form.get("version")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest
    return int(text)


def _hidden(form: Form, message: UUID | None, body: str) -> list[Span]:
    """What was ticked for this message and what was typed; ticks for its neighbours are left alone."""
    spans = every(form.get("hide"), body)
    for text in form.all("span"):
        whose, _colon, place = text.partition(":")
        start, _dash, end = place.partition("-")
        if whose == str(message) and start.isdecimal() and end.isdecimal():
            if 0 <= int(start) < int(end) <= len(body):
                spans.append(Span(int(start), int(end)))
    return spans
