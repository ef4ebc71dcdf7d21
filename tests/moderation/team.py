"""A team around a small community: moderators with seats, and the shortcuts that casework tests share."""

from __future__ import annotations

from typing import Any

from community.ids import CaseId
from moderation.casework import ledger
from tests.home import CRY, Caller, Home

RED = "I want to kill myself"
AMBER = "sometimes I wish I wouldn't wake up"


async def moderator(home: Home, by: Caller, **seat: bool) -> Caller:
    """Somebody with a seat in the team."""
    made = await home.member()
    answer = await by.call("PUT", f"/moderation/team/{made.id}", seat or {"care": True, "conduct": True})
    assert answer.status_code == 204, answer.text
    return made


async def queue(by: Caller, lane: str = "care") -> list[dict[str, Any]]:
    return list((await by.ok("GET", f"/moderation/cases?lane={lane}"))["items"])


async def only_case(by: Caller, lane: str = "care") -> dict[str, Any]:
    """The one case of the lane, with everything in it."""
    (row,) = await queue(by, lane)
    return dict(await by.ok("GET", f"/moderation/cases/{row['id']}"))


async def act(by: Caller, case: dict[str, Any] | str, verb: str, **body: Any) -> dict[str, Any]:
    """Do it at the case's present version."""
    id = case if isinstance(case, str) else case["id"]
    version = (await by.ok("GET", f"/moderation/cases/{id}"))["version"]
    return dict(await by.ok("POST", f"/moderation/cases/{id}/{verb}", {"version": version, **body}))


async def refused(by: Caller, case: dict[str, Any] | str, verb: str, **body: Any) -> tuple[int, str]:
    """Status and code of what isn't possible."""
    id = case if isinstance(case, str) else case["id"]
    shown = await by.call("GET", f"/moderation/cases/{id}")
    version = shown.json().get("version", 1)
    answer = await by.call("POST", f"/moderation/cases/{id}/{verb}", {"version": version, **body})
    return answer.status_code, str(answer.json().get("code"))


async def holds(home: Home) -> None:
    """Every case's row is what its history makes of it."""
    async with home.house.database.transaction() as tx:
        count, wrong = await ledger.check_all(tx)
    assert (wrong, count > 0) == ([], True)


async def pages_of(home: Home, case: dict[str, Any]) -> list[str]:
    async with home.house.database.read() as conn:
        rows = await conn.fetch(
            "select reason from page where case_id = $1 order by opened_at, id", CaseId(case["id"])
        )
    return [row["reason"] for row in rows]


__all__ = ["AMBER", "CRY", "RED", "act", "holds", "moderator", "only_case", "pages_of", "queue", "refused"]
