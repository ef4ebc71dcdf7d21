"""After a death: nothing reaches for the person, no method stays to be read, and their groups are told once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette

from community.ids import MemberId, new_id
from moderation.casework.memorial import never_write_to
from moderation.desk.ground import Who
from moderation.gate.masking import hidden, masked
from moderation.pipeline.types import Span
from server.pages import page_routes
from tests.community.web.house import Browser
from tests.home import CRY, PASSWORD, Caller, Home
from tests.moderation.team import AMBER, act, holds, moderator, only_case, pages_of, queue, refused

WORDS = "With great sadness we tell you that Ann has died. We are here; write to us whenever you like."


async def kinds(by: Caller) -> list[str]:
    return [n["kind"] for n in (await by.ok("GET", "/me/notices"))["items"]]


async def remembered(home: Home) -> tuple[Caller, Caller, str, list[Caller], dict[str, Any]]:
    """Ann has died: she wrote of her means, and two people have confirmed it."""
    operator, room, people = await home.community(3)
    mod = await moderator(home, operator)
    await people[0].say(room, "I have thought of jumping from the bridge")
    await people[0].say(room, CRY)
    case = await only_case(mod)
    await act(mod, case, "claim")
    asked = await mod.ok(
        "POST",
        f"/moderation/cases/{case['id']}/signatures",
        {"kind": "memorial", "reason": "her mother wrote"},
    )
    await operator.ok("POST", f"/moderation/signatures/{asked['id']}/confirm")
    return operator, mod, room, people, case


async def test_readers_no_longer_see_how(home: Home) -> None:
    *_, room, (_, bob, _), _ = await remembered(home)
    said = [m["body"] for m in (await bob.ok("GET", f"/conversations/{room}/messages"))["items"]]
    assert len(said) == 2
    assert not any(word in line for line in said for word in ("bridge", "jumping", "pills", "take them all"))
    assert all("[…]" in line for line in said), said


async def test_a_title_that_tells_how_is_hidden_and_never_taken_for_the_words_under_it(home: Home) -> None:
    operator, _, (ann, bob) = await home.community()
    mod = await moderator(home, operator)
    board = (await operator.ok("POST", "/groups/lighthouse/boards", {"name": "stories"}))["id"]
    title, body = "How it is these days, and I have thought of jumping from the bridge", "for you all"
    opened = {"nonce": "n", "title": title, "body": body}
    thread = (await ann.ok("POST", f"/boards/{board}/threads", opened))["thread"]
    id = thread["id"] if isinstance(thread, dict) else thread
    case = await only_case(mod)
    await act(mod, case, "claim")
    path = f"/moderation/cases/{case['id']}/signatures"
    asked = await mod.ok("POST", path, {"kind": "memorial", "reason": "her mother wrote"})
    await operator.ok("POST", f"/moderation/signatures/{asked['id']}/confirm")
    assert (await bob.ok("GET", f"/threads/{id}"))["title"] == "[…]"
    assert [m["body"] for m in (await bob.ok("GET", f"/conversations/{id}/messages"))["items"]] == [body]


async def test_the_groups_are_told_once_in_a_leads_words(home: Home) -> None:
    operator, mod, _, (ann, bob, cy), case = await remembered(home)
    path = f"/moderation/cases/{case['id']}/announcement"
    assert (await mod.call("POST", path, {"text": WORDS})).status_code == 403
    made = await operator.ok("POST", path, {"text": WORDS})
    assert made["people"] == 3, "the two others, and the owner"
    again = await operator.call("POST", path, {"text": WORDS})
    assert (again.status_code, again.json()["code"]) == (409, "announced")
    for one in (bob, cy):
        assert (await kinds(one)).count("memorial") == 1
        assert [a["words"] for a in (await one.ok("GET", "/me/memorials"))["items"]] == [WORDS]
        page = await home.http.get("/memorials", headers={"authorization": f"Bearer {one.token}"})
        assert page.status_code in (200, 303)
    async with home.house.database.read() as conn:
        rows = await conn.fetch("select kind from notice where member_id = $1", UUID(ann.id))
    assert [row["kind"] for row in rows] == ["masked"], "of the time before: nothing reaches for who died"
    stranger = await home.member()
    assert (await stranger.ok("GET", "/me/memorials"))["items"] == []
    await holds(home)


async def signed_in(home: Home, who: Caller) -> tuple[int, str]:
    answer = await home.call("POST", "/sessions", {"handle": who.handle, "password": PASSWORD})
    return answer.status_code, str(answer.json().get("code"))


async def test_nobody_is_signed_in_as_who_has_died_and_a_mistake_is_undone_and_looked_after(
    home: Home,
) -> None:
    operator, room, (ann, bob) = await home.community()
    mod = await moderator(home, operator)
    await ann.say(room, CRY)
    case = await only_case(mod)
    path = f"/moderation/cases/{case['id']}"
    await act(mod, case, "claim")
    asked = await mod.ok("POST", f"{path}/signatures", {"kind": "memorial", "reason": "her mother wrote"})
    assert (await ann.call("GET", "/me")).status_code == 200
    await operator.ok("POST", f"/moderation/signatures/{asked['id']}/confirm")
    assert (await ann.call("GET", "/me")).status_code == 401
    assert await signed_in(home, ann) == (403, "account_rests")
    wrong = await home.call("POST", "/sessions", {"handle": ann.handle, "password": PASSWORD + "?"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_password"), "told to nobody else"
    await operator.ok("POST", f"{path}/announcement", {"text": WORDS})
    assert await queue(mod) == []
    undo = f"{path}/memorial/undo"
    assert (await mod.call("POST", undo, {"reason": "she rang"})).status_code == 403, "a lead's"
    assert (await operator.ok("POST", undo, {"reason": "she rang"}))["case"] == case["id"]
    assert (await operator.call("POST", undo, {"reason": "she rang"})).status_code == 409
    assert (await signed_in(home, ann))[0] == 201
    assert (await kinds(bob))[:2] == ["memorial_undone", "memorial"]
    again = await only_case(mod)
    assert (again["id"], again["tier"], again["state"], again["owner"]) == (
        case["id"],
        "crisis",
        "paged",
        None,
    )
    assert (await pages_of(home, again))[-1] == "reopened"
    await holds(home)


async def test_an_announcement_never_tells_how_and_a_cry_in_it_is_heard(home: Home) -> None:
    operator, *_, case = await remembered(home)
    path = f"/moderation/cases/{case['id']}/announcement"
    bad = await operator.call(
        "POST", path, {"text": "Ann has died. She was thinking of jumping from the bridge."}
    )
    assert (bad.status_code, bad.json()["code"]) == (422, "tells_how")
    assert (await operator.call("POST", path, {"text": WORDS})).status_code == 201, "nothing was used up"
    cried = await operator.call("POST", path, {"text": CRY})
    assert cried.status_code == 422 and "support" in cried.json()


async def test_nobody_is_announced_whom_two_people_have_not_confirmed(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await ann.say(room, CRY)
    case = await only_case(mod)
    path = f"/moderation/cases/{case['id']}/announcement"
    answer = await operator.call("POST", path, {"text": WORDS})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_memorial")
    async with home.house.database.read() as conn:
        ids = [MemberId(ann.id), MemberId(new_id())]
        assert await never_write_to(conn, ids) == frozenset()


async def test_nothing_is_planned_or_asked_for_twice_and_one_function_says_whom_to_leave(home: Home) -> None:
    _, mod, room, (ann, bob, _), case = await remembered(home)
    said = (await bob.ok("GET", f"/conversations/{room}/messages"))["items"][0]["id"]
    assert await refused(mod, case, "signatures", kind="memorial", reason="again") == (409, "confirmed")
    await bob.ok("POST", f"/messages/{said}/flags", {"kind": "worried"})  # reads her words only now
    reopened = (await queue(mod))[0]
    assert await refused(mod, reopened, "follow-up") == (409, "no_consent")
    async with home.house.database.read() as conn:
        found = await never_write_to(conn, [MemberId(c.id) for c in (ann, bob)])
    assert [str(m) for m in found] == [ann.id]


async def test_her_groups_are_watched_for_thirty_days_and_their_ambers_come_first(home: Home) -> None:
    operator, mod, room, (_, bob, cy), case = await remembered(home)
    group = case["group"]
    (watched,) = (await mod.ok("GET", "/moderation/watched"))["items"]
    assert watched["slug"] == group
    await home.group(operator, "harbour")
    other = await home.room(operator, "harbour", "quiet")
    await cy.join("harbour")
    await cy.say(other, AMBER)
    home.clock.advance(timedelta(minutes=1))
    await bob.say(room, AMBER)
    assert (await queue(mod))[0]["group"] == watched["group"], "although it waits less long"
    assert (await bob.call("GET", "/moderation/watched")).status_code == 404
    home.clock.advance(timedelta(days=30))
    assert await home.house.memorials.watched(Who(MemberId(UUID(mod.id)), False)) == []


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("a rope and a tree", ()),
        ("a rope and a tree", (Span(2, 6),)),
        ("a rope and a tree", (Span(0, 6), Span(13, 17))),
        ("one two one two one", (Span(0, 3), Span(8, 11), Span(16, 19))),
        ("hid", (Span(0, 3),)),
    ],
)
def test_what_is_hidden_stays_hidden_whatever_is_added(text: str, spans: tuple[Span, ...]) -> None:
    found = hidden(text, masked(text, spans))
    covered = {n for span in found for n in range(span.start, span.end)}
    assert covered >= {n for span in spans for n in range(span.start, span.end)}
    assert bool(found) == bool(spans)


async def test_a_lead_tells_the_groups_by_page_and_the_desk_says_who_mourns(home: Home) -> None:
    operator, mod, _, (_, bob, _), case = await remembered(home)
    app = Starlette(routes=page_routes(home.house, "0"))
    path = f"/moderation/cases/{case['id']}/sealed"
    lead, seat, member = Browser(app), Browser(app), Browser(app)
    for browser, who in ((lead, operator), (seat, mod), (member, bob)):
        assert (await browser.submit("/sign-in", handle=who.handle, password=PASSWORD)).status_code == 303
    assert "has lost someone" in (await seat.get("/moderation")).text
    assert "Tell their groups, once" not in (await seat.get(path)).text
    bad = await lead.submit(path, act="announce", text="Ann has died. She spoke of jumping from the bridge.")
    assert bad.status_code == 422 and "leave out how and where" in bad.text and "Ann has died" in bad.text
    told = await lead.submit(path, act="announce", text=WORDS)
    assert told.status_code == 303 and "3 people were told" in (await lead.follow(told)).text
    assert WORDS in (await member.get("/memorials")).text
    assert "has died" not in (await Browser(app).get("/memorials")).text
    assert "They live" not in (await seat.get(path)).text
    bare = await lead.submit(path, act="they_live", text="")
    assert bare.status_code == 422 and '<details class="fold" open>' in bare.text, (
        "what is missing is in sight"
    )
    back = await lead.submit(path, act="they_live", text="she rang")
    assert "Taken back" in (await lead.follow(back)).text
    assert (
        "We were wrong" in (await member.get("/me/notices")).text
        and WORDS not in (await member.get("/memorials")).text
    )
