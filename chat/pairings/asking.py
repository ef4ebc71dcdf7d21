"""Asking for a pairing: of the group, of another member, for another (an offer), or over to somebody else.

Asking somebody who wants nothing of the kind looks like any ask that nobody answers: nothing here tells the
asker of a block, and limits count asks whatever became of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from chat.pairings.acting import Rings, tell
from chat.pairings.machine import Asked, step
from chat.pairings.words import KNOW_VERSION, TIMES, TOPICS
from chat.store import pairing_facts as facts
from chat.store import pairings as store
from chat.store import supporters
from chat.store.pairings import PairingRow
from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal, TooFast, Unavailable
from community.groups import Actor, Groups, Seen
from community.ids import ConversationId, MemberId, MessageId, new_id
from community.judging import Words
from community.store import access, conversations, people
from community.store import groups as groups_store
from community.store import questions as questions_store
from community.store.sealed_words import PAIRING_NOTE
from community.web.words import _
from moderation.gate.submissions import is_text
from moderation.gate.words import Keeper, StandAlone, heard
from moderation.pipeline.types import Outcome

NOTE_CHARS_MAX: Final = 600
ASKS_A_DAY: Final = 5
AGAIN_AFTER: Final = timedelta(days=14)
"""Before somebody may ask the same person again, whatever became of it (our own values)."""
NO_MEMBERS: Final = frozenset({"young-people"})
"""Kinds of groups in which two members never pair, whatever the group's rules say."""


@dataclass(frozen=True, slots=True)
class AskForm:
    """`to` None asks the group. `offers`: the one who asks is a supporter and would walk beside `to`. `knows`:
    the version of what they were told beforehand."""

    knows: int
    to: MemberId | None = None
    offers: bool = False
    topic: str = ""
    times: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of an ask. `support`: a card for what the note says."""

    id: ConversationId
    support: Any | None


class Asking:
    def __init__(self, database: Database, clock: Clock, bus: Bus, groups: Groups, keeper: Keeper) -> None:
        self._database = database
        self._clock = clock
        self._bus = bus
        self._groups = groups
        self._keeper = keeper

    async def ask(self, actor: Actor, slug: str, form: AskForm) -> Made:
        """Raises NotFound, what forbids to write in the group, Invalid, Forbidden, Conflict, TooFast; a cry in the
        note is heard in any case."""
        try:
            return await self._ask(actor, slug, form)
        except Refusal as why:
            raise await heard(
                self._database, self._keeper, Words(form.note, PAIRING_NOTE), actor.member_id, why
            ) from None

    async def _ask(self, actor: Actor, slug: str, form: AskForm) -> Made:
        now, rings = self._clock.now(), Rings()
        _check(form)
        async with self._database.read() as conn:
            seen = await self._groups.look(conn, actor, slug)
        judged = self._judge(form.note, seen)
        async with self._database.transaction() as tx:
            await here(tx, actor.member_id)
            await people.one_at_a_time(tx, actor.member_id)  # asks at once are counted one after the other
            seen = await self._groups.look(tx, actor, slug)
            rulings.write(seen.place, now=now).require()
            who = await self._who(tx, actor, seen, form)
            await here(tx, *(one for one in (who.member, who.beside) if one is not None))
            await self._not_too_many(tx, actor, seen, form, now)
            note, support = None, None
            if judged is not None:
                kept = await self._keeper.keep(tx, judged, author=actor.member_id, group=seen.group.id)
                note, support = kept.message_id, kept.support
            row = made(seen, who, form, note, now)
            await begin(tx, row, who, now)
            await tell(tx, row.id, "pairing_asked", await self._told(tx, seen, row, now), now=now)
            rings.add("member", who.member, who.beside)
        rings.ring(self._bus)
        return Made(row.id, support)

    def _judge(self, note: str, seen: Seen) -> StandAlone | None:
        """The note, as others may see it. Raises Invalid for what can't stand."""
        if not note.strip():
            return None
        judged = self._keeper.judge(Words(note, PAIRING_NOTE, seen.group.preset))
        if judged.is_refused or judged.decision.outcome >= Outcome.hold:
            say = _("Please change these words; some of them may hurt people.")
            raise Invalid(say, code="ask_to_edit", fields=(FieldError("note", say),))
        return judged

    async def _who(self, tx: Tx, actor: Actor, seen: Seen, form: AskForm) -> Asked:
        """Between whom. Raises what speaks against it, for reasons that the asker may know."""
        me, rules = actor.member_id, await supporters.rules(tx, seen.group.id)
        if form.to is None:
            if not await supporters.of_group(tx, seen.group.id, now=self._clock.now()):
                say = _("There are no peer supporters in this group yet.")
                raise Conflict(say, code="nobody_yet")
            return Asked(me, me, None)
        if form.to == me:
            raise Invalid(_("That is you."), code="oneself")
        await self._is_here(tx, seen, form.to)
        if form.to in await access.blocked_by(tx, me):
            raise Conflict(_("You have blocked this person."), code="blocked")
        if await facts.open_between(tx, seen.group.id, me, form.to):
            raise Conflict(_("You two have an open conversation already."), code="open_already")
        if form.offers:
            await self.free(tx, seen, me, rules)
            return Asked(me, form.to, me)
        check_offered(seen, rules)
        return Asked(me, me, form.to)

    async def _is_here(self, tx: Tx, seen: Seen, other: MemberId) -> None:
        """Somebody who may write in the group. Raises NotFound."""
        membership = await groups_store.membership(tx, seen.group.id, other)
        if membership is None or membership.state != "member" or membership.banned_at is not None:
            raise NotFound
        if membership.role == "companion":
            raise NotFound

    async def free(self, tx: Tx, seen: Seen, member: MemberId, rules: supporters.PairingRules) -> None:
        """That this supporter may take one more; it holds until commit. Raises Forbidden, Conflict."""
        if not await supporters.lock(tx, seen.group.id, member):
            raise Forbidden(_("Only peer supporters of the group can do that."), code="not_a_supporter")
        listed = await supporters.of_group(tx, seen.group.id, now=self._clock.now())
        row = next((one for one in listed if one.member_id == member), None)
        if row is None or not row.may_write:
            raise Forbidden(_("Only peer supporters of the group can do that."), code="not_a_supporter")
        if row.carries >= rules.caseload:
            say = _("That would be more pairings at once than this group thinks good for one person.")
            raise Conflict(say, code="caseload")
        if row.paused:
            raise Conflict(_("This supporter takes a pause and nobody new for now."), code="on_pause")

    async def _not_too_many(self, tx: Tx, actor: Actor, seen: Seen, form: AskForm, now: datetime) -> None:
        since = (now - timedelta(days=1), now - AGAIN_AFTER)
        asks = await facts.asks_of(tx, actor.member_id, seen.group.id, form.to, since=since)
        if form.to is None and asks.waiting_here:
            raise Conflict(_("Your ask waits already. You don't have to do anything."), code="waits_already")
        if form.to is not None and asks.of_other:
            say = _("You asked this person a while ago. Please leave them the time.")
            raise TooFast(say, retry_after_s=AGAIN_AFTER.total_seconds())
        if asks.lately >= ASKS_A_DAY:
            raise TooFast(
                _("That was a lot of asking for one day. Please wait for answers."), retry_after_s=86_400
            )

    async def _told(self, tx: Tx, seen: Seen, row: PairingRow, now: datetime) -> list[MemberId]:
        """Who hears of it: the one who is asked, unless a block stands between; or those of the group's
        supporters who are free, else whoever leads the group."""
        p = row.pairing
        assert p.asked_by is not None, "just asked"
        away = await access.blocked_by(tx, p.asked_by) | await access.blockers_of(tx, p.asked_by)
        if not p.to_group:
            other = p.other(p.asked_by)
            return [] if other is None or other in away else [other]
        rules = await supporters.rules(tx, seen.group.id)
        listed = await supporters.of_group(tx, seen.group.id, now=now)
        free = [one.member_id for one in listed if one.is_free(rules)]
        whom = free or await questions_store.facilitators(tx, seen.group.id)
        return [one for one in whom if one not in away and one != p.asked_by]


def made(seen: Seen, who: Asked, form: AskForm, note: MessageId | None, now: datetime) -> PairingRow:
    is_supporter = who.beside is None or form.offers
    return PairingRow(
        id=ConversationId(new_id()),
        group_id=seen.group.id,
        kind="supporter" if is_supporter else "members",
        pairing=step(None, who, now),
        topic=form.topic,
        times=form.times,
        note_id=note,
        handed_from=None,
        asked_at=now,
    )


async def begin(tx: Tx, row: PairingRow, who: Asked, now: datetime) -> None:
    """Keep a new one, with an empty conversation that nobody is in yet."""
    await conversations.create(tx, row.id, kind="pairing", group_id=row.group_id, now=now)
    await store.add(tx, row)
    await store.append(tx, row.id, who, now=now)


def check_offered(seen: Seen, rules: supporters.PairingRules) -> None:
    """Raises Forbidden where two members don't pair."""
    if not rules.between_members or seen.group.preset in NO_MEMBERS:
        say = _("In this group you can ask for a peer supporter, not for another member.")
        raise Forbidden(say, code="not_offered")


async def here(tx: Tx, *members: MemberId) -> None:
    """Nobody of these is erased until the transaction ends, so that no pairing names somebody who is gone. Raises
    Unavailable for who is being erased at this moment."""
    if not await people.hold(tx, set(members)):
        raise Unavailable


def check_knows(version: int) -> None:
    """Raises Invalid for who wasn't told how pairings are looked after, as it is now."""
    if version != KNOW_VERSION:
        say = _("Please read first what both of you should know.")
        raise Invalid(say, code="knows", fields=(FieldError("knows", say),))


def _check(form: AskForm) -> None:
    check_knows(form.knows)
    wrong = []
    if form.topic and form.topic not in TOPICS:
        wrong.append(FieldError("topic", _("Please choose one of the list.")))
    if not set(form.times) <= set(TIMES) or len(form.times) > len(TIMES):
        wrong.append(FieldError("times", _("Please choose from the list.")))
    if len(form.note) > NOTE_CHARS_MAX:
        wrong.append(FieldError("note", _("At most %(most)s characters, please.") % {"most": NOTE_CHARS_MAX}))
    elif not is_text(form.note):
        wrong.append(FieldError("note", _("There is a character in this that we can't keep.")))
    if wrong:
        raise Invalid(fields=tuple(wrong))
