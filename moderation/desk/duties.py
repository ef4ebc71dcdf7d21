"""Ties and duties: whom somebody knows too well to look after, and who watches over what was opened.

Called inside the caller's transaction by API and pages alike, so that both obey the same rights.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from community.database import Tx, require_tx
from community.errors import NotFound
from community.ids import MemberId
from community.store import groups, people
from moderation.casework.rights import desk_rights
from moderation.desk.ground import Who
from moderation.evidence import chain
from moderation.store import audit, signatures, ties

Office = Literal["data_officer", "outsider", "child_safeguarding"]
OFFICES: tuple[Office, ...] = get_args(Office)


async def tie(tx: Tx, who: Who, member: MemberId, *, on: bool, now: datetime) -> None:
    """Cases about that member don't exist for this person from now on, or do again. Raises NotFound for
    oneself, nobody, and whom there is no desk for."""
    require_tx(tx)
    await desk_rights(tx, who.member_id, is_operator=who.is_operator)
    if member == who.member_id or await people.by_id(tx, member) is None:
        raise NotFound
    await ties.put(tx, who.member_id, member, on=on, now=now)


@dataclass(frozen=True, slots=True)
class Given:
    """A duty for somebody, or (`on` False) no longer."""

    office: Office
    member: MemberId
    on: bool = True


async def give_office(tx: Tx, who: Who, given: Given, *, now: datetime) -> None:
    """Give a duty or take it back; leads do, and it stands in the audit log. Raises NotFound."""
    require_tx(tx)
    team = await groups.default_team(tx)
    rights = await desk_rights(tx, who.member_id, is_operator=who.is_operator)
    if team not in rights.lead_teams or await people.by_id(tx, given.member) is None:
        raise NotFound
    await signatures.set_office(tx, team, given.office, given.member, on=given.on, now=now)
    said = chain.entry("office.set", who.member_id, given.member, office=given.office, on=given.on)
    await audit.append(tx, [said], now=now)
