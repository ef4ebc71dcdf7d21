"""Boards: listed for readers, opened and changed by moderators. Their names are judged like all words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from community import rulings
from community.bus import Bus
from community.clock import Clock
from community.database import Database, Tx
from community.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal
from community.groups import Actor, Seen
from community.handles import HANDLE_CHARS_MAX
from community.ids import BoardId, new_id
from community.judging import Gatekeeper, Words, heard
from community.store import groups as groups_store
from forum import standing
from forum.store import boards as store
from forum.store.boards import BoardRow, BoardView

NAME_CHARS_MAX = 60
ABOUT_CHARS_MAX = 300
POSITION_MAX = 1000
NAMED_MAX = 6
REFUSALS = (NotFound, Forbidden, Invalid, Conflict)


@dataclass(frozen=True, slots=True)
class BoardForm:
    """What a moderator sets; None leaves a field as it is."""

    name: str | None = None
    about: str | None = None
    position: int | None = None
    archived: bool = False


class Boards:
    def __init__(self, database: Database, clock: Clock, gate: Gatekeeper, bus: Bus) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate
        self._bus = bus

    async def of_group(self, actor: Actor, slug: str) -> tuple[Seen, list[BoardView]]:
        """The group and its boards in their order. Raises NotFound."""
        async with self._database.read() as conn:
            seen = await standing.in_group(conn, actor, slug)
            return seen, await store.of_group(conn, actor.member_id, seen.group.id)

    async def open(self, actor: Actor, slug: str, form: BoardForm) -> BoardRow:
        """A new board. Raises NotFound, Forbidden, Invalid, Conflict when the name is taken; a cry in the form is
        heard all the same."""
        try:
            return await self._open(actor, slug, form)
        except REFUSALS as why:
            raise await self._heard(form, actor, why) from None

    async def _open(self, actor: Actor, slug: str, form: BoardForm) -> BoardRow:
        async with self._database.transaction() as tx:
            seen = await standing.look(tx, actor, await groups_store.by_slug(tx, slug))
            rulings.moderate(seen.place).require()
            board = _checked(BoardRow(BoardId(new_id()), seen.group.id, form.name or "", "", 0), form)
            if not await store.add(tx, board):
                raise _taken()
            await self._judge(tx, board, actor, seen)
        self._bus.ring("group", board.group_id)
        return board

    async def change(self, actor: Actor, id: BoardId, form: BoardForm) -> BoardRow:
        """Rename, describe, move or archive. Raises NotFound, Forbidden, Invalid, Conflict; a cry is heard."""
        try:
            return await self._change(actor, id, form)
        except REFUSALS as why:
            raise await self._heard(form, actor, why) from None

    async def _change(self, actor: Actor, id: BoardId, form: BoardForm) -> BoardRow:
        async with self._database.transaction() as tx:
            board, seen = await standing.on_board(tx, actor, id)
            rulings.moderate(seen.place).require()
            board = _checked(board, form)
            if await store.name_taken(tx, board.group_id, board.name, other_than=board.id):
                raise _taken()
            await store.update(tx, board)
            if form.archived:
                await store.archive(tx, board.id, now=self._clock.now())
            await self._judge(tx, board, actor, seen)
        self._bus.ring("group", board.group_id)
        return board

    async def to_open(self, actor: Actor, slug: str) -> Seen:
        """The group in which the actor may open boards. Raises NotFound, Forbidden."""
        async with self._database.read() as conn:
            seen = await standing.look(conn, actor, await groups_store.by_slug(conn, slug))
        rulings.moderate(seen.place).require()
        return seen

    async def see(self, actor: Actor, id: BoardId) -> tuple[BoardRow, Seen]:
        """One board with its group. Raises NotFound."""
        async with self._database.read() as conn:
            return await standing.on_board(conn, actor, id)

    async def people_named(self, actor: Actor, id: BoardId, begins: str) -> list[str]:
        """Whom one may mean by "@…" in a new thread here. Raises NotFound."""
        begins = begins.strip().lstrip("@")
        async with self._database.read() as conn:
            await standing.on_board(conn, actor, id)
            if not begins or len(begins) > HANDLE_CHARS_MAX:
                return []
            return await store.people_named(conn, actor.member_id, id, begins, limit=NAMED_MAX)

    async def _heard(self, form: BoardForm, actor: Actor, why: Refusal) -> Refusal:
        words = Words(f"{form.name or ''}\n{form.about or ''}", "group_card")
        return await heard(self._database, self._gate, words, actor.member_id, why)

    async def _judge(self, tx: Tx, board: BoardRow, actor: Actor, seen: Seen) -> None:
        """Pure and quick, so it may run inside the short transaction. Raises Invalid for what can't stand."""
        words = Words(f"{board.name}\n{board.about}", "group_card", seen.group.preset)
        judged = self._gate.judge(words)
        if judged.is_refused:
            raise Invalid("Please change these words; some of them may hurt people.", code="ask_to_edit")
        if judged.has_care:
            await self._gate.keep(tx, judged, author=actor.member_id, group=board.group_id)


def _checked(board: BoardRow, form: BoardForm) -> BoardRow:
    """The board with the form's values. Raises Invalid, naming every field that needs mending."""
    name = " ".join((board.name if form.name is None else form.name).split())
    about = (board.about if form.about is None else form.about).strip()
    position = board.position if form.position is None else form.position
    wrong = []
    if not 1 <= len(name) <= NAME_CHARS_MAX or not name.isprintable():
        wrong.append(FieldError("name", f"A name has 1 to {NAME_CHARS_MAX} characters."))
    if len(about) > ABOUT_CHARS_MAX or "\0" in about:
        wrong.append(FieldError("about", f"At most {ABOUT_CHARS_MAX} characters, please."))
    if not 0 <= position <= POSITION_MAX:
        wrong.append(FieldError("position", f"A number from 0 to {POSITION_MAX}."))
    if wrong:
        raise Invalid(fields=tuple(wrong))
    return replace(board, name=name, about=about, position=position)


def _taken() -> Conflict:
    say = "There is a board of this name already."
    return Conflict(say, code="name_taken", fields=(FieldError("name", say),))
