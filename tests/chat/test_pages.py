"""The room without scripts: everything one can do live can be done by links and forms, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from community.database import Database
from community.store import people
from moderation.gate.edits import REACTIONS
from tests.home import CRY, Caller, Home, living


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    async with living(database, tmp_path) as started:
        yield started


async def visit(who: Caller, path: str) -> httpx2.Response:
    return await who.home.http.get(path, headers={"authorization": f"Bearer {who.token}"})


async def post(who: Caller, path: str, **fields: Any) -> httpx2.Response:
    return await who.home.http.post(
        path,
        content=urlencode(fields, doseq=True),
        headers={
            "authorization": f"Bearer {who.token}",
            "content-type": "application/x-www-form-urlencoded",
        },
    )


def nonce_on(page: httpx2.Response) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def test_words_go_by_a_form_and_a_second_tap_says_them_once(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    nonce = nonce_on(await visit(ann, f"/rooms/{room}"))
    for _ in range(2):
        answer = await post(ann, f"/rooms/{room}", nonce=nonce, body="Hello *all*", reply_to="")
        assert answer.status_code == 303 and answer.headers["location"] == f"/rooms/{room}"
    page = (await visit(bob, f"/rooms/{room}")).text
    assert page.count("<em>all</em>") == 1 and ann.handle in page
    assert 'role="log"' in page and nonce not in page


async def test_lines_are_grouped_days_divided_and_the_new_marked(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    await ann.say(room, "one")
    await ann.say(room, "two")
    async with home.house.database.transaction() as tx:
        await tx.execute("insert into read_mark values ($1, $2, 1)", bob.id, room)
    home.clock.advance(86_400)
    await ann.say(room, "three")
    page = (await visit(bob, f"/rooms/{room}")).text
    assert page.count('class="line grouped"') == 0, "the second line is the first new one"
    assert page.index("New since you were here") > page.index(">one<")
    assert page.count('class="day"') == 2
    again = (await visit(ann, f"/rooms/{room}")).text
    assert again.count('class="line grouped own"') == 1 and "New since" not in again


async def test_a_cry_for_help_is_shown_with_the_card_in_place_to_its_author_alone(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    answer = await post(ann, f"/rooms/{room}", nonce="n1", body=CRY, reply_to="")
    assert answer.status_code == 200 and 'class="support"' in answer.text
    theirs = (await visit(bob, f"/rooms/{room}")).text
    assert "pills" in theirs and 'class="support"' not in theirs


async def test_what_must_be_changed_comes_back_with_every_word(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    answer = await post(ann, f"/rooms/{room}", nonce="n1", body="x" * 8001, reply_to="", warnings="suicide")
    assert answer.status_code == 422
    assert "x" * 8001 in answer.text
    assert 'role="alert"' in answer.text
    assert re.search(r'value="suicide"[^>]* checked', answer.text)
    assert nonce_on(answer) == "n1"


async def test_held_words_are_on_their_authors_page_alone(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    await ann.say(room, "kill yourself, nobody would miss you")
    own = (await visit(ann, f"/rooms/{room}")).text
    assert "a person reads it first" in own and "nobody would miss you" in own
    assert "nobody would miss you" not in (await visit(bob, f"/rooms/{room}")).text
    id = (await ann.ok("GET", f"/conversations/{room}/messages"))["held"][0]["id"]
    assert (await visit(bob, f"/rooms/{room}/messages/{id}")).status_code == 404
    assert (await visit(ann, f"/rooms/{room}/messages/{id}")).status_code == 200


async def test_one_message_can_be_edited_withdrawn_answered_and_reacted_to(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    id = (await ann.say(room, "first words")).json()["id"]
    message = f"/rooms/{room}/messages/{id}"
    assert "Tell a person" in (await visit(bob, message)).text
    assert "Edit" not in (await visit(bob, message)).text
    await post(bob, f"{message}/react", emoji=REACTIONS[0], on="1")
    assert f"{REACTIONS[0]} 1" in (await visit(ann, f"/rooms/{room}")).text
    answering = await visit(bob, f"/rooms/{room}?to={id}")
    assert "You answer" in answering.text and f'value="{id}"' in answering.text
    await post(bob, f"/rooms/{room}", nonce=nonce_on(answering), body="I hear you", reply_to=id)
    page = (await visit(ann, f"/rooms/{room}")).text
    assert f'?at={id}#m-{id}"' in page and page.count("first words") >= 2
    edited = await post(
        ann, f"{message}/edit", nonce=nonce_on(await visit(ann, message)), body="better words"
    )
    assert edited.status_code == 303
    assert "edited" in (await visit(bob, f"/rooms/{room}")).text
    assert (await post(bob, f"{message}/withdraw")).status_code == 404
    assert (await post(ann, f"{message}/withdraw")).status_code == 303
    for who in (ann, bob):
        text = (await visit(who, f"/rooms/{room}")).text
        assert "words" not in re.sub(
            r"<[^>]*>", "", text[text.index('role="log"') : text.index('id="pending"')]
        )


async def test_both_flags_reach_people_and_blocked_authors_are_not_shown(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    id = (await ann.say(room, "a hard evening")).json()["id"]
    flagged = await post(bob, f"/rooms/{room}/messages/{id}/flag", kind="worried", note="")
    assert flagged.status_code == 303
    assert (await post(bob, f"/rooms/{room}/messages/{id}/flag", kind="other", note="")).status_code == 422
    await home.house.people.block(_id(bob), _id(ann), on=True)
    assert "a hard evening" not in (await visit(bob, f"/rooms/{room}")).text
    assert (await visit(bob, f"/rooms/{room}/messages/{id}")).status_code == 404


async def test_a_muted_author_is_folded(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    await ann.say(room, "la la la")
    async with home.house.database.transaction() as tx:
        await people.set_mute(tx, _id(bob), _id(ann), on=True, now=home.clock.now())
    assert "Someone you muted wrote here" in (await visit(bob, f"/rooms/{room}")).text


async def test_older_lines_are_a_link_away_and_a_part_by_themselves(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    for n in range(30):
        await ann.say(room, f"number {n}.")
    page = (await visit(bob, f"/rooms/{room}")).text
    assert "number 29." in page and "number 3." not in page
    found = re.search(r'id="older" href="([^"]+)"', page)
    assert found
    older = (await visit(bob, found[1])).text
    assert "number 3." in older and "number 29." not in older
    onward = re.search(r'id="newer" href="([^"]+)"', older)
    assert onward and "number 29." in (await visit(bob, onward[1])).text
    part = (await visit(bob, f"{found[1]}&part=lines")).text
    assert part.lstrip().startswith("<ol") and "<html" not in part


async def test_outsiders_and_strangers_see_no_room(home: Home) -> None:
    _, room, _ = await home.community()
    outsider = await home.member()
    assert (await visit(outsider, f"/rooms/{room}")).status_code == 404
    assert (await visit(outsider, "/rooms/not-an-id")).status_code == 404
    stranger = await home.http.get(f"/rooms/{room}")
    assert stranger.status_code == 303 and stranger.headers["location"].startswith("/sign-in")


async def test_rooms_stand_on_the_groups_page_and_moderators_open_new_ones(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    page = (await visit(ann, "/groups/lighthouse")).text
    assert f'href="/rooms/{room}"' in page and "/rooms/new" not in page
    assert "/groups/lighthouse/rooms/new" in (await visit(operator, "/groups/lighthouse")).text
    assert (await visit(ann, "/groups/lighthouse/rooms/new")).status_code == 403
    made = await post(operator, "/groups/lighthouse/rooms/new", name="Morning", about="tea")
    assert made.status_code == 303 and made.headers["location"].startswith("/rooms/")
    again = await post(operator, "/groups/lighthouse/rooms/new", name="morning", about="and biscuits")
    assert again.status_code == 409 and "and biscuits" in again.text


async def test_a_read_only_room_says_so_and_has_no_box(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await operator.ok("PATCH", f"/groups/lighthouse/rooms/{room}", {"open": False})
    page = (await visit(ann, f"/rooms/{room}")).text
    assert "read-only" in page and 'id="composer"' not in page


async def test_a_draft_is_kept_on_the_server_until_it_is_sent(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    assert (await ann.call("PUT", f"/rooms/{room}/draft", {"body": "I wanted to say"})).status_code == 204
    assert "I wanted to say" in (await visit(ann, f"/rooms/{room}")).text
    assert "I wanted to say" not in (await visit(bob, f"/rooms/{room}")).text
    await post(ann, f"/rooms/{room}", nonce="n1", body="said", reply_to="")
    assert "I wanted to say" not in (await visit(ann, f"/rooms/{room}")).text
    outsider = await home.member()
    assert (await outsider.call("PUT", f"/rooms/{room}/draft", {"body": "x"})).status_code == 404
    assert (await ann.call("PUT", f"/rooms/{room}/draft", {"body": "x" * 8001})).status_code == 422
    assert (await ann.call("PUT", f"/rooms/{room}/draft", {"body": "a\0b"})).status_code == 422


async def test_a_save_that_comes_after_the_sending_never_brings_words_back(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    draft = {"body": "I wanted to say", "nonce": "n7"}
    await ann.ok("PUT", f"/rooms/{room}/draft", draft)
    assert nonce_on(await visit(ann, f"/rooms/{room}")) == "n7", "what is sent from here is this draft"
    await ann.say(room, "I wanted to say this", nonce="n7")
    page = await visit(ann, f"/rooms/{room}")
    assert page.text.count("I wanted to say") == 2, "once as a line, once as the author's own text of it"
    await ann.ok("PUT", f"/rooms/{room}/draft", draft)  # was on its way all the time
    assert (await visit(ann, f"/rooms/{room}")).text.count("I wanted to say") == 2
    assert await ann.ok("GET", "/drafts") == {"items": [], "next": None}


async def test_drafts_of_rooms_are_in_the_list_of_drafts_and_go_from_there(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    await ann.ok("PUT", f"/rooms/{room}/draft", {"body": "half a thought", "nonce": "n1"})
    assert "half a thought" in (await visit(ann, "/drafts")).text
    await post(bob, f"/rooms/{room}/draft/drop")
    assert "half a thought" in (await visit(ann, f"/rooms/{room}")).text, "only one's own"
    await post(ann, f"/rooms/{room}/draft/drop")
    assert "half a thought" not in (await visit(ann, f"/rooms/{room}")).text


async def test_a_card_stands_after_a_reload_until_its_author_puts_it_away(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    id = (await ann.say(room, CRY)).json()["id"]
    for _ in range(2):
        assert 'class="support"' in (await visit(ann, f"/rooms/{room}")).text
    away = f"/rooms/{room}/messages/{id}/card"
    await post(bob, away)
    assert 'class="support"' in (await visit(ann, f"/rooms/{room}")).text, "not anyone else's to put away"
    assert (await post(ann, away)).status_code == 303
    assert 'class="support' not in (await visit(ann, f"/rooms/{room}")).text
    await ann.say(room, "I can't stop thinking about killing myself")
    assert 'class="support' in (await visit(ann, f"/rooms/{room}")).text, "a new cry has its own card"
    home.clock.advance(13 * 3600)
    assert 'class="support' not in (await visit(ann, f"/rooms/{room}")).text


async def test_a_card_about_abuse_never_comes_back_by_itself(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    said = (await ann.say(room, "he's found this account, he's coming up")).json()
    assert said["support"]["topic"] == "abuse"
    assert 'class="support' not in (await visit(ann, f"/rooms/{room}")).text


async def test_a_room_opens_where_the_reader_stopped_and_goes_on_to_the_newest(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    for n in range(130):
        await ann.say(room, f"number {n}.")
    assert "number 129." in (await visit(bob, f"/rooms/{room}")).text, "a first visit is at the end"
    await visit(bob, f"/rooms/{room}?seen=20")
    page = (await visit(bob, f"/rooms/{room}")).text
    assert "number 129." not in page and "number 19." in page
    assert page.index("number 19.") < page.index("New since you were here") < page.index("number 20.")
    assert "To the latest" in page
    await post(bob, f"/rooms/{room}", nonce="n1", body="hello all", reply_to="")
    assert "hello all" in (await visit(bob, f"/rooms/{room}")).text, "who speaks is at the end"


async def test_a_link_leads_to_a_message_however_long_ago_it_was_said(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    first = (await ann.say(room, "the very first")).json()["id"]
    for n in range(120):
        await ann.say(room, f"number {n}.")
    assert "the very first" in (await visit(bob, f"/rooms/{room}?at={first}")).text
    assert (await visit(bob, f"/rooms/{room}?at={bob.id}")).status_code == 404


async def test_whoever_can_not_write_is_told_why_and_what_they_can_do(home: Home) -> None:
    operator, room, (ann, bob) = await home.community()
    member = f"/groups/lighthouse/members/{ann.id}"
    await operator.ok("PUT", member, {"muted_until": "2099-01-01T00:00:00Z"})
    page = (await visit(ann, f"/rooms/{room}")).text
    assert "You are asked to pause" in page and 'href="/letters"' in page and 'href="/help-now"' in page
    await operator.ok("PATCH", f"/groups/lighthouse/rooms/{room}", {"open": False})
    page = (await visit(bob, f"/rooms/{room}")).text
    assert "read-only at the moment" in page and 'href="/groups/lighthouse/boards"' in page


async def test_presence_is_shown_by_choice_alone(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    assert "Show that I am here" in (await visit(ann, f"/rooms/{room}")).text
    await post(ann, f"/rooms/{room}/presence", on="yes")
    assert (await ann.ok("GET", "/me"))["settings"]["presence"] is True
    await post(ann, f"/rooms/{room}/presence", on="no")
    assert (await ann.ok("GET", "/me"))["settings"]["presence"] is False


async def test_moderators_look_after_a_room_on_its_own_page(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    settings = f"/rooms/{room}/settings"
    assert (await visit(ann, settings)).status_code == 403
    assert settings in (await visit(operator, f"/rooms/{room}")).text
    changed = await post(operator, settings, name="Late", about="for the night", writing="read_only")
    assert changed.status_code == 303
    page = (await visit(ann, f"/rooms/{room}")).text
    assert "Late" in page and "for the night" in page and 'id="composer"' not in page
    assert (await post(operator, settings, name="Late", about="", writing="never")).status_code == 422
    await post(operator, settings, name="Late", about="", writing="open")
    assert 'id="composer"' in (await visit(ann, f"/rooms/{room}")).text


async def test_only_people_of_the_group_are_offered_by_name_and_who_is_named_is_noted(home: Home) -> None:
    _, room, (ann, bob) = await home.community()
    outsider = await home.member("annika")
    people = f"/conversations/{room}/people?q="
    offered = people + ann.handle[:6]
    assert (await bob.ok("GET", offered))["items"] == [], "nobody learns who only reads"
    said = (await ann.say(room, "good evening")).json()["id"]
    assert [p["handle"] for p in (await bob.ok("GET", offered))["items"]] == [ann.handle]
    await ann.ok("DELETE", f"/messages/{said}")
    assert (await bob.ok("GET", offered))["items"] == []
    await ann.say(room, "good evening again")
    assert (await outsider.call("GET", people + "a")).status_code == 404
    await bob.say(room, f"good to see you, @{ann.handle}! and @annika, mail me@{ann.handle}")
    await bob.say(room, f"@{ann.handle.upper()}.")
    async with home.house.database.read() as conn:
        named = await conn.fetch("select member_id from mention")
    assert [row["member_id"] for row in named] == [_id(ann)] * 2
    assert (await visit(ann, f"/rooms/{room}")).text.count("Names you") == 2
    assert "Names you" not in (await visit(bob, f"/rooms/{room}")).text
    assert (await bob.ok("GET", offered))["items"] != []
    await home.house.people.block(_id(ann), _id(bob), on=True)
    assert (await bob.ok("GET", offered))["items"] == []
    await bob.say(room, f"@{ann.handle}?")
    async with home.house.database.read() as conn:
        assert await conn.fetchval("select count(*) from mention") == 2, "never across a block"


def _id(who: Caller) -> Any:
    from uuid import UUID

    return UUID(who.id)
