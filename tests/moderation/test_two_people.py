"""Two people for what can't be undone, sealed things that tell when they are opened, and looking after the living."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from community.ids import CaseId, MemberId, new_id
from moderation.casework import two_people
from moderation.casework.case import IllegalAct
from moderation.casework.sealed import Box, CantOpen, Keys, new_key
from moderation.casework.two_people import Signature
from server import keys as key_file
from server.private import TooOpen
from tests.home import CRY, Caller, Home
from tests.moderation.team import RED, act, holds, moderator, only_case, refused

CONTACT = {"name": "Aunt May", "phone": "020 7946 0000", "address": "", "note": "has a key"}


async def kinds(who: Caller) -> list[str]:
    return [n["kind"] for n in (await who.ok("GET", "/me/notices"))["items"]]


async def in_crisis(home: Home) -> tuple[Caller, Caller, Caller, dict[str, Any]]:
    """An operator, a moderator, a person in a crisis who left a contact, and their case."""
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    assert (await ann.call("PUT", "/me/emergency-contact", CONTACT)).status_code == 204
    await ann.say(room, CRY)
    return operator, mod, ann, await act(mod, await only_case(mod), "claim")


async def ask(by: Caller, case: dict[str, Any], kind: str, **more: Any) -> dict[str, Any]:
    body = {"kind": kind, "reason": "she stopped answering", **more}
    return dict(await by.ok("POST", f"/moderation/cases/{case['id']}/signatures", body))


async def code(by: Caller, path: str, body: Any = None) -> tuple[int, str]:
    answer = await by.call("POST" if body is not None else "GET", path, body)
    return answer.status_code, str(answer.json().get("code"))


async def test_a_contact_opens_for_two_and_tells_lead_officer_and_later_the_member(home: Home) -> None:
    operator, mod, ann, case = await in_crisis(home)
    officer = await home.member()
    await operator.call("PUT", f"/moderation/offices/{officer.id}", {"office": "data_officer"})
    async with home.house.database.read() as conn:
        box = await conn.fetchval("select box from sealed_contact")
    assert b"May" not in box
    asked = await ask(mod, case, "open_contact")
    one = f"/moderation/signatures/{asked['id']}"
    assert await code(mod, f"{one}/confirm", {}) == (409, "same_signer")
    assert await code(mod, f"{one}/contact") == (409, "not_agreed")
    assert "second_person" in await kinds(operator)
    await operator.ok("POST", f"{one}/confirm")
    assert await mod.ok("GET", f"{one}/contact") == CONTACT
    assert "break_glass" in await kinds(operator) and "break_glass" in await kinds(officer)
    assert len((await officer.ok("GET", "/moderation/break-glass"))["items"]) == 1
    assert "opened" not in await kinds(ann)
    home.clock.advance(timedelta(hours=73))
    assert (await home.house.watch_job.run(), await home.house.watch_job.run()) == (1, 0)
    assert "opened" in await kinds(ann)
    assert await code(mod, f"{one}/contact") == (409, "expired")
    await holds(home)


async def test_alone_only_after_three_minutes_in_a_crisis_and_reviewed_by_another(home: Home) -> None:
    operator, mod, _, case = await in_crisis(home)
    asked = await ask(mod, case, "open_contact")
    one = f"/moderation/signatures/{asked['id']}"
    assert await code(mod, f"{one}/alone", {}) == (409, "wait")
    home.clock.advance(timedelta(minutes=3))
    assert await code(operator, f"{one}/alone", {}) == (409, "not_asked_by_you")
    done = await mod.ok("POST", f"{one}/alone")
    assert done["review_due_at"] is not None
    assert (await mod.ok("GET", f"{one}/contact"))["name"] == "Aunt May"
    assert await code(mod, f"{one}/review", {"right": True}) == (409, "same_signer")
    assert (await operator.ok("POST", f"{one}/review", {"right": True}))["review"] == "right"


async def test_words_removed_for_good_are_gone_after_the_second_yes(home: Home) -> None:
    operator, mod, ann, case = await in_crisis(home)
    message = case["messages"][0]["id"]
    asked = await ask(mod, case, "remove_for_good", message=message)
    assert (await only_case(mod))["messages"][0]["own"] == CRY
    await operator.ok("POST", f"/moderation/signatures/{asked['id']}/confirm")
    words = (await only_case(mod))["messages"][0]
    assert (words["state"], words["own"]) == ("removed", "")
    assert "removed" in await kinds(ann)
    await holds(home)


async def test_notes_are_sealed_and_erasing_a_case_drops_their_key(home: Home) -> None:
    operator, mod, _, case = await in_crisis(home)
    await act(mod, case, "note", text="her sister is on the way")
    async with home.house.database.read() as conn:
        stored = [r["note"] for r in await conn.fetch("select note from case_history where note is not null")]
    assert stored and all(note.startswith("sealed:") for note in stored)
    assert (await only_case(mod))["history"][-1]["note"] == "her sister is on the way"
    body = {"kind": "erase_case", "reason": "she asked for it"}
    path = f"/moderation/cases/{case['id']}/signatures"
    assert await code(mod, path, body) == (409, "not_closed")
    await act(mod, case, "close", reason="safe", kind="safe_now")
    asked = await mod.ok("POST", path, body)
    await operator.ok("POST", f"/moderation/signatures/{asked['id']}/confirm")
    seen = await mod.ok("GET", f"/moderation/cases/{case['id']}")
    assert {h["note"] for h in seen["history"] if h["note"]} == {"(erased)"}
    await holds(home)


async def test_a_memorial_stops_follow_ups_closes_the_case_and_offers_debriefs(home: Home) -> None:
    operator, mod, ann, case = await in_crisis(home)
    await ann.call("PUT", "/me/follow-ups", {"wanted": True})
    await act(mod, case, "follow-up")
    asked = await ask(mod, case, "memorial")
    await operator.ok("POST", f"/moderation/signatures/{asked['id']}/confirm")
    assert (await mod.ok("GET", f"/moderation/cases/{case['id']}"))["state"] == "closed"
    home.clock.advance(timedelta(hours=80))
    assert await home.house.follow_up_job.run() == 0
    assert "debrief" in await kinds(mod)
    await holds(home)


async def test_context_of_a_private_conversation_needs_a_reason_and_is_told(home: Home) -> None:
    operator, mod, ann, case = await in_crisis(home)
    letter = {"version": case["version"], "nonce": "n", "body": "Ann, I am here, tell me where you are?"}
    await mod.ok("POST", f"/moderation/cases/{case['id']}/messages", letter)
    (place,) = (await ann.ok("GET", "/me/letters"))["items"]
    await ann.say(place["id"], CRY)
    path = f"/moderation/cases/{case['id']}/context"
    assert (await only_case(mod))["sealed"] is True
    assert (await mod.call("POST", path, {"reason": " "})).status_code == 422
    assert (await mod.ok("POST", path, {"reason": "to see what she took"}))["before"]
    assert "break_glass" in await kinds(operator)


async def test_three_people_in_danger_in_one_group_alert_the_lead_once(home: Home) -> None:
    operator, room, people = await home.community(3)
    for person in people[:2]:
        await person.say(room, RED)
    assert await home.house.watch_job.run() == 0
    await people[2].say(room, RED)
    assert (await home.house.watch_job.run(), await home.house.watch_job.run()) == (1, 0)
    assert (await kinds(operator)).count("cluster") == 1


async def test_the_checklist_is_the_organisations_own_once_a_lead_sets_it(home: Home) -> None:
    operator = await home.operator()
    mod = await moderator(home, operator)
    assert len((await mod.ok("GET", "/moderation/checklist"))["items"]) > 5
    assert (await mod.call("PUT", "/moderation/checklist", {"items": ["mine"]})).status_code == 404
    await operator.call("PUT", "/moderation/checklist", {"items": ["Ring Jo first."]})
    assert (await mod.ok("GET", "/moderation/checklist"))["items"] == ["Ring Jo first."]


def test_a_box_opens_only_with_its_key_and_in_its_place() -> None:
    keys, other = Keys({"1": new_key()}, "1"), Keys({"1": new_key()}, "1")
    box = keys.seal(b"words", "contact:a")
    assert keys.open(box, "contact:a") == b"words"
    for wrong in (
        lambda: keys.open(box, "contact:b"),
        lambda: other.open(box, "contact:a"),
        lambda: keys.open(Box("2", box.content), "contact:a"),
        lambda: keys.open(Box("1", box.content[:-1] + b"x"), "contact:a"),
    ):
        with pytest.raises(CantOpen):
            wrong()


def test_the_key_file_is_made_once_for_our_eyes_only(tmp_path: Path) -> None:
    box = key_file.load(tmp_path).seal(b"words", "here")
    assert key_file.load(tmp_path).open(box, "here") == b"words"
    path = tmp_path / key_file.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(TooOpen):
        key_file.load(tmp_path)


def test_nothing_but_an_emergency_contact_is_done_alone() -> None:
    at, by = datetime(2026, 1, 5, tzinfo=UTC), MemberId(new_id())
    for kind in ("remove_for_good", "erase_case", "memorial"):
        asked = Signature(UUID(int=1), CaseId(new_id()), kind, None, by, at)  # type: ignore[arg-type]
        with pytest.raises(IllegalAct, match="needs_two"):
            two_people.alone(asked, by, at + timedelta(hours=1), crisis=True)
    calm = Signature(UUID(int=1), CaseId(new_id()), "open_contact", None, by, at)
    with pytest.raises(IllegalAct, match="needs_two"):
        two_people.alone(calm, by, at + timedelta(hours=1), crisis=False)


async def test_a_stranger_to_the_desk_can_ask_for_nothing(home: Home) -> None:
    _, _, ann, case = await in_crisis(home)
    stranger = await home.member()
    for who in (ann, stranger):
        assert (await refused(who, case, "signatures", kind="memorial", reason="x"))[0] == 404
