"""The console's other pages: what I carry, who asks for me, verdicts, regrouping, ties, duties, sealed things."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.applications import Starlette

from server.pages import page_routes
from tests.community.web.house import Browser
from tests.home import CRY, PASSWORD, Caller, Home
from tests.moderation.team import AMBER, RED, holds, moderator, only_case, queue


@pytest.fixture
def app(home: Home) -> Starlette:
    return Starlette(routes=page_routes(home.house, "0"))


async def sign_in(app: Starlette, who: Caller | str) -> Browser:
    made, handle = Browser(app), who if isinstance(who, str) else who.handle
    assert (await made.submit("/sign-in", handle=handle, password=PASSWORD)).status_code == 303
    return made


async def act(by: Browser, path: str, **fields: Any) -> str:
    """Send a form of that page at the version it shows; what the page says afterwards."""
    version = (await by.get(path)).text.partition('name="version" value="')[2].partition('"')[0]
    answer = await by.submit(path, version=version, **fields)
    assert answer.status_code == 303, answer.text
    return (await by.follow(answer)).text


async def test_the_strip_says_what_i_carry_and_a_break_leaves_only_what_is_urgent(
    home: Home, app: Starlette
) -> None:
    _, room, (ann, ben) = await home.community()
    await ann.say(room, CRY)
    await ben.say(room, AMBER)
    olive = await sign_in(app, "olive")
    shown = (await olive.get("/moderation")).text
    for path in ("/moderation/roster", "/moderation/figures", "/moderation/team", "/moderation/on-call"):
        assert "0 of 6 urgent cases" in (await olive.get(path)).text, path
    assert "0 of 6 urgent cases" in shown and 'data-tier="amber"' in shown
    (case,) = re.findall(r'data-tier="crisis">\s.*?href="([^"]+)"', shown, re.DOTALL)
    rested = await act(olive, "/moderation/wellbeing", act="break", back="/moderation")
    assert "Your break goes until" in rested and "only crisis and red are listed" in rested
    assert 'data-tier="crisis"' in rested and 'data-tier="amber"' not in rested
    assert 'data-tier="amber"' in (await olive.get("/moderation?all=yes")).text
    version = (await olive.get(case)).text.partition('name="version" value="')[2].partition('"')[0]
    asked = await olive.submit(case, act="claim", version=version)
    assert asked.status_code == 409 and "Take it all the same" in asked.text
    assert "It is yours for five minutes" in await act(olive, case, act="claim", anyway="yes")


async def test_a_page_is_answered_where_one_is_and_its_case_is_ones_own(home: Home, app: Starlette) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    await home.house.oncall.escalator.run()
    olive = await sign_in(app, "olive")
    shown = (await olive.get("/moderation/ties")).text
    (path,) = re.findall(r'action="(/moderation/asked/[^"]+)"', shown)
    there = await olive.submit("/moderation", path)
    case = await only_case(operator)
    assert there.headers["location"] == f"/moderation/cases/{case['id']}"
    assert case["state"] == "acknowledged"
    assert "/moderation/asked/" not in (await olive.get("/moderation")).text


async def test_keys_are_switched_off_for_a_person(home: Home, app: Starlette) -> None:
    await home.community()
    olive = await sign_in(app, "olive")
    assert 'data-keys="on"' in (await olive.get("/moderation")).text
    assert "Keys are off" in await act(olive, "/moderation/keys", keys="off", back="/moderation")
    assert 'data-keys="off"' in (await olive.get("/moderation")).text
    assert "Keys are on" in await act(olive, "/moderation/keys", keys="on")


async def test_a_finding_is_said_to_be_wrong_and_counted(home: Home, app: Starlette) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    olive, case = await sign_in(app, "olive"), await only_case(operator)
    path, message = f"/moderation/cases/{case['id']}", case["messages"][0]["id"]
    shown = await act(olive, path, act="verdict", message=message, n="0", right="no")
    assert f'id="m-{message}" open' in shown and 'value="no" aria-pressed="true"' in shown
    rules = (await operator.ok("GET", "/moderation/statistics"))["rules"]
    assert [(r["judged"], r["right"]) for r in rules if r["judged"]] == [(1, 0)]
    elsewhere = await olive.submit(path, act="verdict", message=message, n="99", right="no")
    assert elsewhere.status_code == 400


async def test_a_groups_moderator_sees_nothing_that_the_author_said_in_another_group(
    home: Home, app: Starlette
) -> None:
    operator, room, (ann, ben) = await home.community()
    await home.group(operator, "harbour")
    other = await home.room(operator, "harbour", "quiet")
    await ann.join("harbour")
    await ann.say(other, "the harbour is where I tell of my illness")
    await ann.say(room, "an earlier line in the lighthouse")
    await ann.say(room, AMBER)
    flagged = (await ann.say(room, "everybody here is a fool")).json()["id"]
    await ben.call("POST", f"/messages/{flagged}/flags", {"kind": "breaks_a_rule"})
    await operator.ok("PUT", f"/groups/lighthouse/members/{ben.id}", {"role": "moderator"})
    (case,) = (await ben.ok("GET", "/moderation/cases"))["items"]
    shown = (await (await sign_in(app, ben)).get(f"/moderation/cases/{case['id']}")).text
    recent = shown.partition('id="recent"')[2].partition("</details>")[0]
    assert "an earlier line in the lighthouse" in recent
    assert "my illness" not in shown and 'data-tier="amber"' not in recent and "tier" not in recent


async def test_cases_are_joined_and_parted_by_page(home: Home, app: Starlette) -> None:
    operator, room, (ann, ben) = await home.community()
    await ann.say(room, CRY)
    await ben.say(room, RED)
    olive = await sign_in(app, "olive")
    crisis, red = (f"/moderation/cases/{row['id']}" for row in await queue(operator))
    (stays,) = re.findall(r'name="into" value="([^"]+)"', (await olive.get(f"{red}/regroup")).text)
    assert crisis.endswith(stays)
    missing = await olive.submit(f"{red}/regroup", act="merge", version="1", into=stays)
    assert missing.status_code == 422 and "Please say why" in missing.text
    joined = await act(olive, f"{red}/regroup", act="merge", into=stays, text="they are one family")
    assert "Joined." in joined
    offered = (await olive.get(f"{crisis}/regroup")).text
    (message,) = re.findall(r'type="checkbox" name="message" value="([^"]+)"', offered)
    parted = await act(olive, f"{crisis}/regroup", act="split", message=message, text="two people after all")
    assert "Parted." in parted and ben.handle in parted
    await holds(home)


async def test_a_tie_bars_the_queue_the_case_and_the_hand_over(home: Home, app: Starlette) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await ann.say(room, CRY)
    case = await only_case(operator)
    by = await sign_in(app, mod)
    assert ann.handle in (await by.get("/moderation/handover")).text
    unknown = await by.submit("/moderation/ties", handle="nobody-here")
    assert unknown.status_code == 422
    assert ann.handle in await act(by, "/moderation/ties", act="tie", handle=ann.handle)
    assert (await by.get(f"/moderation/cases/{case['id']}")).status_code == 404
    at = "/moderation/roster/handover"
    assert (await mod.ok("GET", at))["items"] == [], "nor for programs"
    note = await mod.call("POST", f"{at}/{case['id']}", {"words": "no answer yet"})
    assert note.status_code == 404
    for path in ("/moderation", "/moderation/handover"):
        shown = (await by.get(path)).text
        assert case["id"] not in shown and ann.handle not in shown
    await act(by, "/moderation/ties", act="untie", member=ann.id)
    assert (await by.get(f"/moderation/cases/{case['id']}")).status_code == 200


async def test_notes_for_the_next_shift_are_kept_together(home: Home, app: Starlette) -> None:
    operator, room, (ann, ben) = await home.community()
    await ann.say(room, CRY)
    await ben.say(room, RED)
    first, second = [row["id"] for row in await queue(operator)]
    olive = await sign_in(app, "olive")
    assert "2 cases have no note yet." in (await olive.get("/moderation/handover")).text
    words = {f"words-{first}": "sister is there", f"words-{second}": ""}
    assert "1 case has no note yet." in await act(olive, "/moderation/handover", **words)
    assert "sister is there" in (await olive.get(f"/moderation/cases/{first}")).text
    assert (await olive.submit("/moderation/handover", **{f"words-{first}": ""})).status_code == 422


async def test_an_outsider_without_a_desk_looks_over_what_was_opened(home: Home, app: Starlette) -> None:
    operator, room, (ann, outsider) = await home.community()
    mod = await moderator(home, operator)
    await _opened_context(home, app, mod, ann, room)
    olive = await sign_in(app, "olive")
    given = await act(olive, "/moderation/offices", act="give", office="outsider", handle=outsider.handle)
    assert outsider.handle in given
    by = await sign_in(app, outsider)
    assert (await by.get("/moderation")).status_code == 404
    assert "/moderation/break-glass" in (await by.get("/groups")).text
    shown = (await by.get("/moderation/break-glass")).text
    assert "1 waits for a look." in shown and "she names a place" in shown and mod.handle in shown
    (one,) = re.findall(r'name="opening" value="([^"]+)"', shown)
    assert "looked over" in await act(by, "/moderation/break-glass", opening=one)
    await act(olive, "/moderation/offices", act="take", office="outsider", member=outsider.id)
    assert (await by.get("/moderation/break-glass")).status_code == 404


async def _opened_context(home: Home, app: Starlette, mod: Caller, ann: Caller, room: str) -> None:
    """A private cry, and a moderator who reads what was said around it, with a reason."""
    await ann.say(room, RED)
    case = await only_case(mod)
    letter = {"version": case["version"], "nonce": "1", "body": "Ann, I read what you wrote. What happened?"}
    await mod.ok("POST", f"/moderation/cases/{case['id']}/messages", letter)
    private = (await ann.ok("GET", "/me/letters"))["items"][0]["id"]
    await ann.say(private, "we meet at the pier")
    await ann.say(private, CRY)
    by, path = await sign_in(app, mod), f"/moderation/cases/{case['id']}/sealed"
    assert "at the pier" not in (await by.get(path)).text
    assert (await by.submit(path, act="context", text="")).status_code == 422
    opened = await by.submit(path, act="context", text="she names a place")
    assert opened.status_code == 200 and "at the pier" in opened.text


async def test_a_member_leaves_a_sealed_contact_and_takes_it_back(home: Home, app: Starlette) -> None:
    _, _, (ann, _) = await home.community()
    by = await sign_in(app, ann)
    assert "A contact is kept" not in (await by.get("/me/emergency-contact")).text
    assert (await by.submit("/me/emergency-contact", name="May")).status_code == 422
    kept = await act(by, "/me/emergency-contact", name="Aunt May", phone="0123 456")
    assert "A contact is kept" in kept and "Aunt May" not in kept
    assert (await ann.ok("GET", "/me/emergency-contact"))["kept"] is True
    assert "A contact is kept" not in await act(by, "/me/emergency-contact", act="drop")


async def test_a_cry_in_the_note_of_a_contact_is_heard_and_the_contact_stays_sealed(
    home: Home, app: Starlette
) -> None:
    operator, _, (ann, ben) = await home.community()
    by = await sign_in(app, ann)
    kept = await by.submit("/me/emergency-contact", phone="0123 456", note=CRY)
    assert kept.status_code == 200 and "support" in kept.text.lower()
    assert (await ann.ok("GET", "/me/emergency-contact"))["kept"] is True
    case = await only_case(operator)
    assert case["tier"] == "crisis" and "0123" not in str(case)
    refused = await (await sign_in(app, ben)).submit("/me/emergency-contact", note=CRY)
    assert refused.status_code == 422
    assert len(await queue(operator)) == 2, "what can't be kept is heard all the same"


async def test_what_was_opened_about_oneself_is_not_shown_whatever_ones_duty(
    home: Home, app: Starlette
) -> None:
    operator, room, (ann, _) = await home.community()
    mod = await moderator(home, operator)
    await _opened_context(home, app, mod, ann, room)
    await operator.call("PUT", f"/moderation/offices/{ann.id}", {"office": "data_officer"})
    by, olive = await sign_in(app, ann), await sign_in(app, "olive")
    shown = (await by.get("/moderation/break-glass")).text
    assert (
        "she names a place" not in shown and (await ann.ok("GET", "/moderation/break-glass"))["items"] == []
    )
    (one,) = re.findall(r'name="opening" value="([^"]+)"', (await olive.get("/moderation/break-glass")).text)
    assert (await ann.call("POST", f"/moderation/break-glass/{one}/review")).status_code == 404


async def test_a_pages_link_is_open_to_whoever_is_on_a_break(home: Home, app: Starlette) -> None:
    await home.community()
    olive = await sign_in(app, "olive")
    assert (await olive.submit("/me/break", days="3")).status_code == 303
    assert "Open the door" in (await olive.get("/groups")).text
    assert (await olive.get("/page/an-old-link")).status_code == 404, "answered by the page, no closed door"


async def test_pages_of_the_console_do_not_exist_for_members(home: Home, app: Starlette) -> None:
    _, room, (ann, ben) = await home.community()
    await ann.say(room, CRY)
    by = await sign_in(app, ben)
    for path in ("/moderation/keys", "/moderation/ties", "/moderation/offices", "/moderation/break-glass"):
        assert (await by.get(path)).status_code == 404, path


async def test_leads_write_the_checklist_that_everybody_reads(home: Home, app: Starlette) -> None:
    operator, _room, _people = await home.community()
    olive, by = await sign_in(app, "olive"), await sign_in(app, await moderator(home, operator))
    assert "Is somebody" in (await by.get("/moderation/checklist")).text
    assert "<li>Ring 112</li>" in await act(olive, "/moderation/checklist", items="Ring 112\n\nStay")
    refused = await by.submit("/moderation/checklist", items="Nothing")
    assert refused.status_code == 404
    assert "<li>Ring 112</li>" in (await by.get("/moderation/checklist")).text
