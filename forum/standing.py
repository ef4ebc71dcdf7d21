"""Where a person stands towards a group, read for the forum's rulings; the rulings are community's."""

from __future__ import annotations

from community import rulings
from community.database import Conn
from community.errors import NotFound
from community.groups import Actor, Seen, place_of
from community.ids import BoardId, GroupId
from community.store import groups as groups_store
from community.store.groups import GroupRow
from forum.store import boards as boards_store
from forum.store.boards import BoardRow


async def in_group(conn: Conn, actor: Actor, slug: str) -> Seen:
    """The group of this slug, if the actor may read in it. Raises NotFound."""
    return await _reading(conn, actor, await groups_store.by_slug(conn, slug))


async def in_group_of(conn: Conn, actor: Actor, group: GroupId) -> Seen:
    """The same by id."""
    return await _reading(conn, actor, await groups_store.by_id(conn, group))


async def on_board(conn: Conn, actor: Actor, id: BoardId) -> tuple[BoardRow, Seen]:
    """The board and its group, if the actor may read there. Raises NotFound."""
    board = await boards_store.get(conn, id)
    if board is None:
        raise NotFound
    return board, await in_group_of(conn, actor, board.group_id)


def looks_after(seen: Seen) -> bool:
    """Whether this person sees what waits for a person here: moderators by membership. Operators run the
    machine; they don't read along silently."""
    return (
        seen.place.state == "member"
        and not seen.place.banned
        and rulings.RANK.get(seen.place.role or "", 0) >= rulings.RANK["moderator"]
    )


def welcomes(seen: Seen) -> bool:
    """Whether this person is asked to see to it that nobody waits for a first answer."""
    return rulings.RANK.get(seen.my_role or "", 0) >= rulings.RANK["facilitator"]


async def look(conn: Conn, actor: Actor, group: GroupRow | None) -> Seen:
    """The facts alone, without a ruling. Raises NotFound where there is no group."""
    if group is None:
        raise NotFound
    membership = await groups_store.membership(conn, group.id, actor.member_id)
    return Seen(group, place_of(group, membership, is_operator=actor.is_operator), membership)


async def _reading(conn: Conn, actor: Actor, group: GroupRow | None) -> Seen:
    seen = await look(conn, actor, group)
    rulings.read(seen.place).require()
    return seen
