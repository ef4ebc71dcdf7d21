"""Pairings without scripts: asked for, answered, talked in, handed over and ended by links and forms alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from community.database import Database
from tests.chat.test_pages import nonce_on, post, visit
from tests.home import CRY, Caller, Home, living

GROUP = "/groups/lighthouse"


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    async with living(database, tmp_path) as started:
        yield started


async def settled(home: Home) -> tuple[Caller, Caller, Caller]:
    """Somebody who leads the group, a supporter whom they named by a form, and a member."""
    lead, _room, (sup, ann) = await home.community(2)
    other = await home.member()
    await other.join()
    await lead.ok("PUT", f"{GROUP}/members/{other.id}", {"role": "facilitator"})
    named = await post(lead, f"{GROUP}/supporters", handle=sup.handle, supervisor=other.id)
    assert named.status_code == 303, named.text
    return lead, sup, ann


async def test_nobody_outside_learns_who_is_in_a_group(home: Home) -> None:
    """A form that knows a name from one it doesn't know would tell who shares the group's condition."""
    lead, _sup, ann = await settled(home)
    await lead.ok("PATCH", GROUP, {"visibility": "public"})
    outsider = await home.member()
    for handle in (ann.handle, "nobody-of-this-name"):
        for path, sent in (
            ("pairings/new", {"as": "member", "handle": handle, "knows": "1"}),
            ("supporters", {"handle": handle, "supervisor": ann.id}),
        ):
            answer = await post(outsider, f"{GROUP}/{path}", **sent)
            assert answer.status_code == 403, (path, handle, answer.status_code)


async def test_a_whole_pairing_goes_by_forms(home: Home) -> None:
    _lead, sup, ann = await settled(home)
    assert f"{GROUP}/pairings" in (await visit(ann, GROUP)).text
    form = (await visit(ann, f"{GROUP}/pairings/new")).text
    assert "whoever is on duty" in form and 'name="knows"' in form
    refused = await post(ann, f"{GROUP}/pairings/new", **{"as": "supporter"}, note="Hello there")
    assert refused.status_code == 422 and "Hello there" in refused.text
    sent = {"as": "supporter", "topic": "new", "times": ["nights"], "note": "Hello there", "knows": "1"}
    asked = await post(ann, f"{GROUP}/pairings/new", **sent)
    one = asked.headers["location"]
    assert asked.status_code == 303 and one.startswith("/pairings/")
    assert "Take it back" in (await visit(ann, one)).text
    waits = (await visit(sup, f"{GROUP}/pairings")).text
    assert ann.handle in waits and one in waits and "Nights" in waits
    assert "Hello there" in (await visit(sup, one)).text
    assert (await post(sup, f"{one}/answer", answer="agree")).status_code == 422, "without having read"
    assert (await post(sup, f"{one}/answer", answer="agree", knows="1")).status_code == 303
    asked_back = (await visit(ann, one)).text
    assert f"{sup.handle} is a peer supporter" in asked_back and "Someone else, please" in asked_back
    await post(ann, f"{one}/answer", answer="agree", knows="1")
    page = await visit(ann, one)
    assert 'role="log"' in page.text and "End this" in page.text and "/rooms/" not in page.text
    said = await post(ann, one, nonce=nonce_on(page), body="Hello *you*", reply_to="")
    assert said.status_code == 303 and said.headers["location"] == one
    assert "1 new" in (await visit(sup, "/pairings")).text
    theirs = (await visit(sup, one)).text
    assert "<em>you</em>" in theirs and "Hand over" in theirs
    message = re.search(rf"{one}/messages/([\w-]+)\?kind=worried", theirs)
    assert message, "a worry is one press away"
    assert "Back to the conversation" in (await visit(sup, f"{one}/messages/{message[1]}")).text
    flagged = await post(sup, f"{one}/messages/{message[1]}/flag", kind="worried")
    assert flagged.status_code == 303 and flagged.headers["location"].startswith(one)
    assert "You are not alone with this" in (await visit(sup, one)).text
    assert "You are not alone with this" not in (await visit(ann, one)).text
    assert "at once" in (await visit(ann, f"{one}/end")).text
    assert (await post(ann, f"{one}/end")).status_code == 303
    over = (await visit(sup, one)).text
    assert "This conversation has ended" in over and 'id="composer"' not in over and "<em>you</em>" in over
    assert sup.handle in (await visit(ann, "/pairings")).text


async def test_strangers_to_a_pairing_find_no_page(home: Home) -> None:
    lead, sup, ann = await settled(home)
    one = (await post(ann, f"{GROUP}/pairings/new", knows="1")).headers["location"]
    for who in (sup, ann):
        await post(who, f"{one}/answer", answer="agree", knows="1")
    id = (await ann.say(one.rsplit("/", 1)[1], "hello")).json()["id"]
    for path in (one, f"{one}/end", f"{one}/hand-over", f"{one}/messages/{id}", f"/rooms/{one[10:]}"):
        assert (await visit(lead, path)).status_code == 404, path
    assert (await visit(ann, f"{one}/hand-over")).status_code == 404, "for the supporter alone"
    assert "Nobody else is free" in (await visit(sup, f"{one}/hand-over")).text
    assert one not in (await visit(lead, f"{GROUP}/pairings")).text
    assert (await visit(ann, f"{GROUP}/supporters")).status_code == 403


async def test_a_cry_in_a_pairing_shows_the_card_to_its_author_and_what_happens_next_to_the_supporter(
    home: Home,
) -> None:
    _lead, sup, ann = await settled(home)
    one = (await post(ann, f"{GROUP}/pairings/new", knows="1")).headers["location"]
    for who in (sup, ann):
        await post(who, f"{one}/answer", answer="agree", knows="1")
    assert "not alone" not in (await visit(sup, f"{one}?part=beside")).text
    cried = await post(ann, one, nonce="n1", body=CRY, reply_to="")
    assert cried.status_code == 200 and 'class="support"' in cried.text
    told = (await visit(sup, f"{one}?part=beside")).text
    assert "You are not alone with this" in told and 'class="support"' not in told
    again = (await visit(ann, one)).text
    assert 'class="support"' in again and f'action="{one}/messages/' in again


async def test_a_supporter_pauses_and_leaders_set_the_rules(home: Home) -> None:
    lead, sup, ann = await settled(home)
    assert (await post(sup, f"{GROUP}/pairings/pause", on="yes")).status_code == 303
    assert "You take a pause" in (await visit(sup, f"{GROUP}/pairings")).text
    assert (await visit(ann, f"{GROUP}/pairings/new?as=offer")).status_code == 403
    assert (await visit(sup, f"{GROUP}/pairings/new?as=offer&to={ann.handle}")).status_code == 200
    wrong = await post(lead, f"{GROUP}/supporters/rules", caseload="99")
    assert wrong.status_code == 422 and "1 to 20" in wrong.text
    assert (await post(lead, f"{GROUP}/supporters/rules", caseload="3", between="yes")).status_code == 303
    assert (await visit(ann, f"{GROUP}/pairings/new?as=member")).status_code == 200
    nobody = await post(ann, f"{GROUP}/pairings/new", **{"as": "member"}, handle="nobody-here", knows="1")
    assert nobody.status_code == 422
    unnamed = await post(lead, f"{GROUP}/supporters/unname", member=sup.id)
    assert (
        unnamed.status_code == 303
        and "Nobody is named yet" in (await visit(lead, f"{GROUP}/supporters")).text
    )
