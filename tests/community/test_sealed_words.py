"""Words of private conversations are unreadable at rest, and read as written by whoever may read them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.database import Database
from community.errors import Conflict
from community.ids import ConversationId, MemberId, MessageId
from community.store import messages, revisions
from community.store.sealed_words import LOST
from moderation.casework.sealed import WORDS, Keys, SealedWords, new_key
from moderation.gate.submissions import Send
from moderation.pipeline.types import Span
from server import keys as key_file
from server.checking import sealed
from tests.home import CRY, Caller, Home, living

KEY = new_key()
HOUR = timedelta(hours=1)
VAULT = SealedWords(Keys({"1": KEY}, "1"))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200))
def test_what_is_sealed_opens_where_it_was_put_and_nowhere_else(text: str) -> None:
    sealed = VAULT.seal(text, "one:body")
    assert sealed.startswith(WORDS) and sealed.isascii()
    assert VAULT.open(sealed, "one:body") == text
    assert VAULT.open(sealed, "one:shown") == VAULT.open(sealed, "two:body") is None
    assert VAULT.seal(text, "one:body") != sealed, "the same words twice don't look the same"


def test_a_changed_box_a_lost_key_and_words_from_before() -> None:
    sealed = VAULT.seal("hello", "a")
    for wrong in (sealed[:-8] + "AAAAAAA=", WORDS, WORDS + "1:", WORDS + "1:!!", WORDS + "9:" + sealed[11:]):
        assert VAULT.open(wrong, "a") is None, wrong
    assert VAULT.open("written before there was a seal", "a") == "written before there was a seal"
    later = SealedWords(Keys({"1": KEY, "2": new_key()}, "2"))
    assert later.open(sealed, "a") == "hello", "older keys still open"
    assert later.seal("hello", "a").startswith(f"{WORDS}2:")


@pytest.fixture
async def home(database: Database, tmp_path: Path) -> AsyncIterator[Home]:
    async with living(database, tmp_path) as started:
        yield started


async def pair(home: Home) -> tuple[str, Caller, Caller, Caller]:
    lead, _room, (ann, ben) = await home.community()
    await lead.ok("PUT", "/groups/lighthouse/pairing-rules", {"caseload": 5, "between_members": True})
    asked = await ann.ok("POST", "/groups/lighthouse/pairings", {"knows": 1, "to": ben.id})
    id = asked["pairing"]["id"]
    await ben.ok("POST", f"/pairings/{id}/agree", {"knows": 1})
    return id, lead, ann, ben


async def stored(home: Home) -> str:
    """Every row of every table, as a thief of the database finds them."""
    async with home.house.database.read() as conn:
        tables = await conn.fetch("select tablename from pg_tables where schemaname = 'public'")
        every = " union all ".join(
            f'select row_to_json(x)::text as t from "{t["tablename"]}" x' for t in tables
        )
        rows = await conn.fetch(every)
    text = "\n".join(row["t"] for row in rows)
    return text + "".join(
        bytes.fromhex(found).decode("latin-1") for found in re.findall(r"\\\\x((?:[0-9a-f]{2})+)", text)
    )


async def test_a_pairings_words_are_sealed_and_everyone_who_may_reads_them(home: Home) -> None:
    id, lead, ann, ben = await pair(home)
    first = (await ann.say(id, "about *marmalade*")).json()["id"]
    await ben.call("PATCH", f"/messages/{first}", {"nonce": "x", "body": "not mine"})
    edited = await ann.call("PATCH", f"/messages/{first}", {"nonce": "e", "body": "about *damsons*"})
    assert edited.status_code == 200
    answer = await ben.say(id, "I like damsons", reply_to=first, warnings=["jam, medlars"])
    assert answer.status_code == 201
    await ann.ok("PUT", f"/pairings/{id}/draft", {"body": "quince, perhaps", "nonce": "d"})
    note = "I would like to talk about sloes"
    asked = await ben.call("POST", "/groups/lighthouse/pairings", {"knows": 1, "to": lead.id, "note": note})
    assert asked.json()["pairing"]["note"] == note
    await home.house.pairings.sweeping.run()
    assert (await lead.ok("GET", "/pairings"))["items"][0]["note"] == note
    kept = await stored(home)
    for word in ("marmalade", "damsons", "quince", "medlars", "sloes"):
        assert word not in kept, word
    assert WORDS in kept
    lines = (await ben.ok("GET", f"/conversations/{id}/messages"))["items"]
    assert [line["body"] for line in lines] == ["about *damsons*", "I like damsons"]
    assert lines[0]["html"].count("<em>damsons</em>") == 1
    events = (await ben.call("GET", f"/conversations/{id}/events")).text
    assert "damsons" in events and "jam, medlars" in events and WORDS not in events
    assert lines[1]["warnings"] == ["jam, medlars"]
    out = (await ann.call("GET", "/me/export")).text
    assert "damsons" in out and "quince" in out and WORDS not in out
    page = await home.http.get(f"/pairings/{id}", headers={"authorization": f"Bearer {ann.token}"})
    assert "<em>damsons</em>" in page.text and "quince, perhaps" in page.text and WORDS not in page.text
    drafts = await home.http.get("/drafts", headers={"authorization": f"Bearer {ann.token}"})
    assert "quince" in drafts.text and WORDS not in drafts.text and f"/pairings/{id}" in drafts.text
    await ann.call("DELETE", f"/messages/{first}")
    assert (await ben.ok("GET", f"/conversations/{id}/messages"))["items"][0]["body"] == ""


async def test_the_desk_reads_what_danger_shows_it_and_a_box_moved_elsewhere_stays_shut(home: Home) -> None:
    id, lead, ann, ben = await pair(home)
    await ann.say(id, "hello")
    cried = (await ann.say(id, CRY)).json()["id"]
    assert "pills" not in await stored(home)
    (case,) = (await lead.ok("GET", "/moderation/cases?lane=care"))["items"]
    assert "pills" in (await lead.call("GET", f"/moderation/cases/{case['id']}")).text
    other = (await ben.say(id, "I am here")).json()["id"]
    async with home.house.database.transaction() as tx:
        await tx.execute(
            "update message set body = (select body from message where id = $1) where id = $2",
            UUID(cried),
            UUID(other),
        )
    async with home.house.database.read() as conn:
        moved = await messages.get(conn, MessageId(UUID(other)))
    assert moved is not None and moved.body == LOST


async def test_nothing_that_words_leave_behind_tells_them(home: Home) -> None:
    """The hash beside a nonce would say yes to whoever guesses right, and a kept answer repeats the note."""
    id, lead, ann, ben = await pair(home)
    nonce = uuid4().hex
    send = Send(MemberId(UUID(ann.id)), ConversationId(UUID(id)), nonce, "yes")
    for status in (201, 201):
        assert (await ann.say(id, "yes", nonce=nonce)).status_code == status, "a resend is known again"
    assert (await ann.say(id, "no", nonce=nonce)).status_code == 409
    ask = {"knows": 1, "to": lead.id, "note": "about marmalade"}
    answers = [
        (await ben.call("POST", "/groups/lighthouse/pairings", body, idempotency_key="k"))
        for body in (ask, ask, {**ask, "note": "other"})
    ]
    assert [a.status_code for a in answers] == [201, 201, 409]
    assert answers[0].json() == answers[1].json()
    async with home.house.database.read() as conn:
        hashes = [row["content_hash"] for row in await conn.fetch("select content_hash from submission")]
        (kept,) = await conn.fetch("select request_hash, answer from idempotency")
    assert hashes and send.content_hash() not in hashes
    assert kept["answer"].startswith(WORDS.encode()) and kept["request_hash"].startswith(WORDS.encode())


async def test_no_act_writes_over_words_whose_key_is_gone(home: Home) -> None:
    """Without the key file everything that hides, takes back or replaces words still works, and when the file is
    found again every word is there."""
    id, lead, ann, ben = await pair(home)
    gone, edited, waits, hidden, last = [(await ann.say(id, f"marmalade {n}")).json()["id"] for n in range(5)]
    await ann.ok("PUT", f"/pairings/{id}/draft", {"body": "half a thought", "nonce": "d"})
    await ben.ok("POST", f"/messages/{hidden}/flags", {"kind": "breaks_a_rule"})
    unkind = {"nonce": "h", "body": "kill yourself, nobody would miss you"}
    assert (await ann.call("PATCH", f"/messages/{waits}", unkind)).status_code == 202
    database, edits = home.house.database, home.house.gate.edits
    keys, database.vault = database.vault, SealedWords(Keys({"1": new_key()}, "1"))
    try:
        assert (await ann.call("DELETE", f"/messages/{gone}")).status_code == 204
        new = {"nonce": "e", "body": "about damsons"}
        assert (await ann.call("PATCH", f"/messages/{edited}", new)).status_code == 200
        async with database.transaction() as tx:
            for act in (
                edits.publish(tx, MessageId(UUID(waits)), now=home.clock.now()),
                edits.mask(tx, MessageId(UUID(hidden)), (Span(0, 3),), now=home.clock.now()),
            ):
                with pytest.raises(Conflict):
                    await act
            await edits.remove(tx, MessageId(UUID(hidden)), now=home.clock.now(), reason="conduct")
        page = await home.http.get(f"/pairings/{id}", headers={"authorization": f"Bearer {ann.token}"})
        composer = page.text.partition("<textarea")[2].partition("</textarea>")[0]
        assert composer and LOST not in composer, "a page saves what stands in it"
        lines = (await ben.ok("GET", f"/conversations/{id}/messages"))["items"]
        assert [line["body"] for line in lines] == ["", "about damsons", LOST, "", LOST]
        assert WORDS not in str(lines)
        async with database.read() as conn:
            pair_of = (MemberId(UUID(ann.id)), ConversationId(UUID(id)))
            recent = await messages.recent_of_author(conn, [pair_of], since=home.clock.now() - HOUR, limit=9)
            answered = await messages.bodies(conn, [MessageId(UUID(last))])
        assert recent[pair_of] == ["about damsons"], "what nobody can read is no context to judge by"
        assert answered[MessageId(UUID(last))] == (pair_of[1], "")
    finally:
        database.vault = keys
    async with database.read() as conn:
        kept = [await messages.get(conn, MessageId(UUID(one))) for one in (gone, hidden, waits)]
        past = await revisions.of(conn, MessageId(UUID(edited)))
        pending = await revisions.of(conn, MessageId(UUID(waits)))
    assert [row.body for row in kept if row] == ["marmalade 0", "marmalade 3", "marmalade 2"]
    assert [r.body for r in past] == [r.shown for r in past] == ["marmalade 1"]
    assert pending[-1].body == unkind["body"] and lead
    assert "half a thought" in (await ann.call("GET", "/me/export")).text


async def test_a_key_file_that_belongs_to_another_database_is_named(home: Home, tmp_path: Path) -> None:
    """`kith check` says so, and is content when the file's keys stand beside those of now."""
    id, _lead, ann, _ben = await pair(home)

    async def troubles() -> list[str]:
        async with home.house.database.read() as conn:
            return [trouble.where async for trouble in sealed(conn, tmp_path)]

    file = tmp_path / key_file.FILE
    assert await troubles() == []
    await ann.say(id, "hello")
    assert await troubles() == []
    before = json.loads(file.read_bytes())
    file.unlink()
    assert await troubles() == [str(file)] and not file.exists(), "a check makes no key"
    key_file.load(tmp_path)
    assert await troubles() == [str(file)]
    now = json.loads(file.read_bytes())
    assert now["keys"].keys().isdisjoint(before["keys"]), "so that both can stand in one file"
    file.write_text(json.dumps({**now, "keys": {**before["keys"], **now["keys"]}}))
    assert await troubles() == []
    file.chmod(0o644)
    assert await troubles() == [], "that others can read it is told elsewhere"


async def test_rooms_stay_searchable_and_say_what_they_say(home: Home) -> None:
    _lead, room, (ann, ben) = await home.community()
    await ann.say(room, f"{WORDS}1:{uuid4().hex} is what a seal looks like")
    (line,) = (await ben.ok("GET", f"/conversations/{room}/messages"))["items"]
    assert line["body"].endswith("is what a seal looks like")
