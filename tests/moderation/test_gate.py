"""What the gate promises: judged first, kept in one transaction, numbered without gaps, once a nonce."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from community.database import Database, Tx
from community.errors import TooFast
from community.ids import ConversationId, MemberId
from moderation.gate.preparing import Prepared
from moderation.gate.submissions import Send, Sent
from moderation.gate.writing import Raced, Result, Writer
from server.settings import Settings
from tests.home import CRY, Caller, Home, living


async def cases(operator: Caller, lane: str) -> list[dict[str, object]]:
    return list((await operator.ok("GET", f"/moderation/cases?lane={lane}"))["items"])


async def test_words_are_published_with_the_next_number(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    first = (await ann.say(room, "hello")).json()
    second = (await ben.say(room, "hello to you")).json()
    assert (first["outcome"], first["seq"], second["seq"]) == ("publish", 1, 2)


async def test_a_storm_of_sends_is_numbered_without_gaps_and_once_each(home: Home) -> None:
    _, room, members = await home.community(4)
    answers = await asyncio.gather(*(m.say(room, f"line {n}") for n in range(25) for m in members))
    assert {a.status_code for a in answers} == {201}
    assert sorted(a.json()["seq"] for a in answers) == list(range(1, 101))
    items: list[dict[str, object]] = []
    while len(items) < 100:
        items += (await members[0].ok("GET", f"/conversations/{room}/events?after={len(items)}"))["items"]
    assert [i["seq"] for i in items] == list(range(1, 101))


async def test_a_resend_gets_the_first_answer_and_other_words_a_conflict(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    first = (await ann.say(room, "once", nonce="n")).json()
    again = (await ann.say(room, "once", nonce="n")).json()
    other = await ann.say(room, "twice", nonce="n")
    assert again == {**first, "again": True}
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


async def test_the_same_nonce_sent_at_once_is_stored_once(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    answers = await asyncio.gather(*(ann.say(room, "only me", nonce="n") for _ in range(8)))
    assert {a.json()["seq"] for a in answers} == {1}
    head = (await ann.ok("GET", f"/conversations/{room}/events"))["head"]
    assert head == 1


async def test_a_cry_for_help_stands_with_card_case_and_page_from_one_transaction(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    sent = (await ann.say(room, CRY)).json()
    assert (sent["outcome"], sent["seq"]) == ("publish_with_support", 1)
    assert sent["support"]["topic"] == "suicide"
    assert sent["support"]["lines"], "a card without a helpline is no help"
    async with home.house.database.read() as conn:
        row = await conn.fetchrow(
            """
            select count(distinct x) as transactions, count(*) as rows from (
              select xmin::text as x from message where id = $1::text::uuid
              union all select c.xmin::text from moderation_case c join case_message m on m.case_id = c.id
                where m.message_id = $1::text::uuid
              union all select p.xmin::text from page p join case_message m on m.case_id = p.case_id
                where m.message_id = $1::text::uuid) t
            """,
            sent["id"],
        )
    assert row is not None
    assert (row["transactions"], row["rows"]) == (1, 3)
    (case,) = await cases(operator, "care")
    assert (case["tier"], case["state"]) == ("crisis", "paged")


async def test_an_idiom_passes_untouched(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    sent = (await ann.say(room, "this pain is killing me today")).json()
    assert sent["outcome"] == "publish"
    assert "support" not in sent
    assert await cases(operator, "care") == []


@pytest.mark.parametrize("standing", [{"muted_until": "2100-01-01T00:00:00Z"}, {"banned": True}])
async def test_the_cry_of_someone_who_may_not_write_reaches_a_person(
    home: Home, standing: dict[str, object]
) -> None:
    operator, room, (ann, ben) = await home.community()
    await operator.ok("PUT", f"/groups/lighthouse/members/{ann.id}", standing)
    answer = await ann.say(room, CRY)
    assert answer.status_code in (202, 404)
    assert answer.json()["support"]["topic"] == "suicide"
    assert [c["tier"] for c in await cases(operator, "care")] == ["crisis"]
    assert (await ben.ok("GET", f"/conversations/{room}/messages"))["items"] == []
    assert (await ann.say(room, "hello?")).status_code in (403, 404)


async def test_a_cry_under_old_guidelines_or_in_a_read_only_room_is_kept_for_a_person(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await operator.ok("PATCH", "/groups/lighthouse", {"guidelines": "Be kind. Be brief."})
    refused = await ann.say(room, "hello")
    assert (refused.status_code, refused.json()["code"]) == (403, "guidelines")
    assert (await ann.say(room, CRY)).json()["outcome"] == "hold"
    await ben.join()
    await operator.ok("PATCH", f"/groups/lighthouse/rooms/{room}", {"open": False})
    refused = await ben.say(room, "hello")
    assert (refused.status_code, refused.json()["code"]) == (403, "read_only")
    assert (await ben.say(room, CRY)).json()["outcome"] == "hold"
    assert len(await cases(operator, "care")) == 2


async def test_a_cry_that_is_too_long_is_kept_and_other_long_words_are_sent_back(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    long = await ann.say(room, "word " * 2_000)
    assert (long.status_code, long.json()["code"]) == (422, "too_long")
    cry = await ann.say(room, CRY + " " + "and on it goes " * 700)
    assert (cry.status_code, cry.json()["outcome"]) == (202, "hold")
    assert cry.json()["support"]


async def test_a_cry_to_a_place_that_is_not_there_gets_help_and_no_hint(home: Home) -> None:
    operator, _, (ann, _) = await home.community()
    hidden = await home.group(operator, "secret", visibility="private")
    room = await home.room(operator, hidden["slug"])
    there, nowhere = await ann.say(room, CRY), await ann.say(str(uuid4()), CRY)
    assert there.status_code == nowhere.status_code == 404
    assert there.json()["support"]["title"] == nowhere.json()["support"]["title"]
    assert {k: v for k, v in there.json().items() if k != "support"} == {
        k: v for k, v in nowhere.json().items() if k != "support"
    }


async def test_words_outside_conversations_reach_a_person_too(home: Home) -> None:
    operator, _, _ = await home.community()
    await home.group(operator, "quiet", joining="request")
    carol, dave = await home.member(), await home.member()
    joined = await carol.join("quiet", words=CRY)
    assert joined["state"] == "requested"
    assert joined["support"]
    board = (await operator.ok("POST", "/groups/lighthouse/boards", {"name": "stories"}))["id"]
    await dave.join()
    thread = await dave.ok(
        "POST", f"/boards/{board}/threads", {"nonce": "n", "title": CRY, "body": "I don't know what to say."}
    )
    assert thread["message"]["support"]
    assert {c["tier"] for c in await cases(operator, "care")} == {"crisis"}
    assert len(await cases(operator, "care")) == 2


async def test_a_cry_in_a_form_that_cannot_be_is_kept_and_the_nonce_stays_free(home: Home) -> None:
    operator, _, (ann, _) = await home.community()
    board = (await operator.ok("POST", "/groups/lighthouse/boards", {"name": "stories"}))["id"]
    thread = {"nonce": "n", "title": "x" * 151, "body": CRY}
    refused = await ann.call("POST", f"/boards/{board}/threads", thread)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_title")
    assert refused.json()["support"]
    assert [c["tier"] for c in await cases(operator, "care")] == ["crisis"]
    again = await ann.call("POST", f"/boards/{board}/threads", {**thread, "title": "tonight"})
    assert again.status_code == 201, again.text


async def test_a_held_thread_cannot_be_answered_by_those_who_cannot_see_it(home: Home) -> None:
    operator, _, (ann, ben) = await home.community()
    board = (await operator.ok("POST", "/groups/lighthouse/boards", {"name": "stories"}))["id"]
    await operator.ok("PATCH", "/groups/lighthouse", {"settings": {"premoderate_first": 1}})
    body = {"nonce": "n", "title": "first", "body": "hello"}
    thread = (await ann.call("POST", f"/boards/{board}/threads", body)).json()["thread"]["id"]
    assert (await ben.say(thread, "I can't see you")).status_code == 404


async def test_one_person_has_one_open_care_case_over_all_doors(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await home.group(operator, "harbour")
    other = await home.room(operator, "harbour")
    await ann.join("harbour")
    await asyncio.gather(*(ann.say(place, CRY) for place in (room, other) for _ in range(3)))
    (case,) = await cases(operator, "care")
    assert case["message_count"] == 6


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "empty"), ("   ", "empty"), ("null\x00byte", "bad_text"), ("half \ud83d pair", "bad_text")],
)
async def test_words_that_nobody_could_read_are_named(home: Home, body: str, code: str) -> None:
    _, room, (ann, _) = await home.community(2)
    spelled = body.encode("ascii", "backslashreplace").decode().replace("\x00", "\\u0000")
    raw = f'{{"nonce": "n", "body": "{spelled}"}}'
    answer = await home.http.post(
        f"/api/v1/conversations/{room}/messages",
        content=raw,
        headers={"authorization": f"Bearer {ann.token}", "content-type": "application/json"},
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in (code, "not_json", "invalid")


async def test_zalgo_and_right_to_left_words_come_back_as_they_went(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    for n, body in enumerate(
        ("ẗ̸̡h̷e̶ n̵i̴g̶h̷t̵ is long", "שלום, היום קשה לי", "مرحبا كيف حالكم اليوم", "‮backwards")
    ):
        assert (await ann.say(room, body, nonce=f"n{n}")).status_code == 201
        last = (await ben.ok("GET", f"/conversations/{room}/messages"))["items"][-1]
        assert last["body"] == body


async def test_too_fast_says_when_to_come_back_but_never_to_a_cry(database: Database, tmp_path: Path) -> None:
    async with living(database, tmp_path, settings=Settings()) as home:
        _, room, (ann, _) = await home.community()
        answers = [await ann.say(room, f"line {n}") for n in range(11)]
        assert [a.status_code for a in answers] == [201] * 10 + [429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        cry = await ann.say(room, CRY)
        assert cry.json()["outcome"] == "publish_with_support"


async def test_past_ten_cries_a_minute_further_ones_are_held_into_the_case(
    database: Database, tmp_path: Path
) -> None:
    async with living(database, tmp_path, settings=Settings()) as home:
        operator, room, (ann, _) = await home.community()
        outcomes = [(await ann.say(room, CRY)).json()["outcome"] for _ in range(12)]
        assert outcomes == ["publish_with_support"] * 10 + ["hold"] * 2
        (case,) = await cases(operator, "care")
        assert case["message_count"] == 12


async def test_whoever_was_told_no_in_a_batch_isnt_published_by_its_second_try(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with living(database, tmp_path, settings=Settings()) as home:
        _, room, (ann, ben) = await home.community()
        for n in range(10):  # the burst
            assert (await ann.say(room, f"line {n}")).status_code == 201
        really, tries = Writer.write, 0

        async def write(self: Writer, tx: Tx, items: Sequence[Prepared]) -> list[Result]:
            nonlocal tries
            tries += 1
            if tries == 1:
                home.clock.advance(60)  # by the second try there would be room for ann again
                raise Raced
            return await really(self, tx, items)

        monkeypatch.setattr(Writer, "write", write)
        place = ConversationId(UUID(room))
        gate = home.house.gate
        asked = [Send(MemberId(UUID(who.id)), place, "late", "one more") for who in (ann, ben)]
        refused, sent = await asyncio.gather(*(gate.send(one) for one in asked), return_exceptions=True)
        assert isinstance(refused, TooFast)
        assert isinstance(sent, Sent)
        events = (await ben.ok("GET", f"/conversations/{room}/events?after=10"))["items"]
        assert [event["author"]["id"] for event in events] == [ben.id]
