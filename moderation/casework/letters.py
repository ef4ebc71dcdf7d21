"""Private words between a member and the care team: a conversation like a pairing, for good.

The words pass the gate like all others, staff's too. In the transaction that keeps them the case hears of them
(Casework.letter): a trained person's words stop the words clock, the member's own start it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from community.again import until_done
from community.database import Tx
from community.errors import Conflict, Invalid
from community.ids import CaseId, ConversationId, MemberId, NoticeId, TeamId, new_id
from community.log import MessageView
from community.store import conversations, messages, nonces, people
from moderation.casework.phrases import is_personal
from moderation.desk.ground import DeskGround, Who, check_version
from moderation.gate.gate import Gate
from moderation.gate.submissions import Send, Sent
from moderation.store import letters as store
from moderation.store.cases import CaseRow
from moderation.store.letters import CareConversation

SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class Letter:
    nonce: str
    body: str


class Letters:
    def __init__(self, ground: DeskGround, gate: Gate) -> None:
        self._ground = ground
        self._gate = gate

    async def write(self, who: Who, id: CaseId, version: int, letter: Letter) -> Sent:
        """Write to the person whom the case is about. Raises NotFound, Conflict (stale version; held by
        somebody else), Invalid "not_personal" for a bare template, and whatever the gate says to the words.
        Sent again with its nonce after a lost answer, it gets the first answer."""
        async with self._ground.database.transaction() as tx:
            row, _ = await self._ground.visible(tx, who, id)
            again = await nonces.earlier(tx, {(who.member_id, letter.nonce)})
            if not again:
                check_version(row, version)
            member = await self._reachable(tx, who, row)
            if not is_personal(letter.body):
                say = "Please make it your own first: answer what this person wrote."
                raise Invalid(say, code="not_personal")
            place = await self._place(tx, member.id, row.team_id)
            now = self._ground.clock.now()
            await conversations.add_participant(tx, place.conversation_id, who.member_id, now=now)
        sent = await self._gate.send(Send(who.member_id, place.conversation_id, letter.nonce, letter.body))
        if not sent.again and sent.seq is not None:
            await until_done(lambda: self._tell(member.id))
        self._ground.bus.ring("desk", id)
        return sent

    async def read(self, who: Who, id: CaseId) -> tuple[ConversationId | None, list[MessageView]]:
        """What was said between the person and this team, oldest first. Raises NotFound."""
        async with self._ground.database.read() as conn:
            row, _ = await self._ground.visible(conn, who, id)
            if row.member_id is None:
                return None, []
            place = await store.between(conn, row.member_id, row.team_id)
            if place is None:
                return None, []
            said = await messages.history(conn, place.conversation_id, before=None, limit=SHOWN_MAX)
            return place.conversation_id, said

    async def mine(self, member: MemberId) -> list[CareConversation]:
        """The member's own conversations with a team."""
        async with self._ground.database.read() as conn:
            return await store.of_member(conn, member)

    async def _reachable(self, tx: Tx, who: Who, row: CaseRow) -> people.MemberRow:
        if row.case.lane != "care" or row.member_id is None:
            raise Conflict("There is nobody to write to in this case.", code="not_care")
        if row.case.state == "closed":
            raise Conflict("This case is closed.", code="closed")
        if row.case.held_by(self._ground.clock.now()) not in (None, who.member_id):
            raise Conflict("Someone else is with this person. Two voices at once can confuse.", code="held")
        member = await people.by_id(tx, row.member_id)
        if member is None:
            raise Conflict("This person has left.", code="gone")
        return member

    async def _place(self, tx: Tx, member: MemberId, team: TeamId) -> CareConversation:
        """The conversation, made when it isn't there; two at once make one."""
        known = await store.between(tx, member, team)
        if known is not None:
            return known
        now = self._ground.clock.now()
        fresh = CareConversation(ConversationId(new_id()), member, team)
        await conversations.create(tx, fresh.conversation_id, kind="pairing", group_id=None, now=now)
        if await store.add(tx, fresh, now=now):
            await conversations.add_participant(tx, fresh.conversation_id, member, now=now)
            return fresh
        known = await store.between(tx, member, team)
        assert known is not None, "the unique key found one, so it is there"
        return known

    async def _tell(self, member: MemberId) -> None:
        """A quiet notice; the words themselves stand in the conversation alone."""
        now = self._ground.clock.now()
        async with self._ground.database.transaction() as tx:
            await people.add_notice(
                tx, member, id=NoticeId(new_id()), kind="letter", message_id=None, parameters={}, now=now
            )
        self._ground.bus.ring("member", member)
