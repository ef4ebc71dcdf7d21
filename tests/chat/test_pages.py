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
    assert f'href="#m-{id}"' in page and page.count("first words") >= 2
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
    for n in range(60):
        await ann.say(room, f"number {n}.")
    page = (await visit(bob, f"/rooms/{room}")).text
    assert "number 59." in page and "number 9." not in page
    found = re.search(r'id="older" href="([^"]+)"', page)
    assert found
    older = (await visit(bob, found[1])).text
    assert "number 9." in older and "number 59." not in older and "room.js" not in older
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


def _id(who: Caller) -> Any:
    from uuid import UUID

    return UUID(who.id)
