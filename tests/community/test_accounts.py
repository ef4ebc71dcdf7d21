"""Accounts over the API: sign-up, sessions, export, erasure."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from community import handles
from tests.home import CONSENTS, CRY, PASSWORD, Home


async def sign_up(home: Home, **change: Any) -> Any:
    body = {"handle": "riverbird", "password": PASSWORD, "consents": CONSENTS, **change}
    return await home.call("POST", "/members", body)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"handle": "x"}, "handle"),
        ({"handle": "a b"}, "handle"),
        ({"handle": "moderator"}, "handle"),
        ({"handle": "undefined"}, "handle"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 201}, "password"),
        ({"consents": {}}, "consents.adult"),
        ({"consents": {**CONSENTS, "adult": 0}}, "consents.adult"),
        ({"consents": {**CONSENTS, "soul": 1}}, "consents.soul"),
        ({"country": "Narnia"}, "country"),
        ({"email": "not an address"}, "email"),
        ({"handle": 5}, "handle"),
    ],
)
async def test_a_sign_up_that_cannot_be_names_the_field(
    home: Home, change: dict[str, Any], field: str
) -> None:
    answer = await sign_up(home, **change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [e["field"] for e in answer.json()["errors"]]


async def test_a_handle_is_taken_however_it_is_spelled(home: Home) -> None:
    assert (await sign_up(home)).status_code == 201
    for twin in ("RiverBird", "ｒiverbird", "ríverbird"):
        answer = await sign_up(home, handle=twin)
        assert (answer.status_code, answer.json()["code"]) == (409, "handle_taken")


@pytest.mark.parametrize(
    ("handle", "warned"),
    [
        ("sarah.jones", 1),
        ("kevin.b", 1),
        ("SarahJones", 1),
        ("moth1987", 1),
        ("quietmoth", 0),
        ("moth4711", 0),
    ],
)
def test_a_handle_that_tells_too_much_is_warned_about(handle: str, warned: int) -> None:
    assert len(handles.warnings(handle)) == warned


async def test_a_handle_that_is_a_cry_reaches_a_person(home: Home) -> None:
    operator = await home.operator()
    answer = await sign_up(home, handle="Kill_MyselfTonight")
    assert answer.status_code == 201
    cases = (await operator.ok("GET", "/moderation/cases?lane=care"))["items"]
    assert len(cases) == 1


async def test_five_wrong_passwords_close_the_door_for_a_while(home: Home) -> None:
    ann = await home.member()
    home.house.people.failures_max = 5
    wrong = {"handle": ann.handle, "password": "not my password"}
    answers = [await home.call("POST", "/sessions", wrong) for _ in range(6)]
    assert [a.status_code for a in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    right = {"handle": ann.handle, "password": PASSWORD}
    assert (await home.call("POST", "/sessions", right)).status_code == 429
    home.clock.advance(15 * 60 + 1)
    assert (await home.call("POST", "/sessions", right)).status_code == 201


async def test_tries_sent_side_by_side_are_counted_like_others(home: Home) -> None:
    await sign_up(home)
    home.house.people.failures_max = 5
    answers = await asyncio.gather(
        *(
            home.call("POST", "/sessions", {"handle": "riverbird", "password": f"a guess {n}"})
            for n in range(30)
        )
    )
    assert {a.status_code for a in answers} <= {401, 429}
    assert [a.status_code for a in answers].count(401) == 5
    right = await home.call("POST", "/sessions", {"handle": "riverbird", "password": PASSWORD})
    assert right.status_code == 429


async def test_a_new_password_ends_every_other_session_however_many_there_are(home: Home) -> None:
    ann = await home.member()
    async with home.house.database.transaction() as tx:
        await tx.execute(
            """
            insert into session (id, member_id, token_hash, door, label, created_at, last_seen_at, expires_at)
            select gen_random_uuid(), $1::text::uuid, sha256(n::text::bytea), 'bearer', '', $2, $2, $3
            from generate_series(1, 250) n
            """,
            ann.id,
            home.clock.now(),
            home.clock.now() + timedelta(days=1),
        )
    await ann.ok("PUT", "/me/password", {"old": PASSWORD, "new": "another quiet river"})
    async with home.house.database.read() as conn:
        assert await conn.fetchval("select count(*) from session where revoked_at is null") == 1


async def test_a_revoked_session_is_over_and_the_others_stand(home: Home) -> None:
    ann = await home.member()
    again = (await home.call("POST", "/sessions", {"handle": ann.handle, "password": PASSWORD})).json()
    listed = (await ann.ok("GET", "/sessions"))["items"]
    other = next(s for s in listed if not s["current"])
    assert (await ann.call("DELETE", f"/sessions/{other['id']}")).status_code == 204
    assert (await home.call("GET", "/me", token=again["token"])).status_code == 401
    assert (await ann.call("GET", "/me")).status_code == 200
    ben = await home.member()
    mine = next(s for s in listed if s["current"])
    assert (await ben.call("DELETE", f"/sessions/{mine['id']}")).status_code == 404


async def test_a_cookie_is_no_bearer_token_and_needs_its_form_token(home: Home) -> None:
    ann = await home.member()
    by_cookie = {"cookie": f"kith_session={ann.token}"}
    answer = await home.http.get("/api/v1/me", headers=by_cookie)
    assert answer.status_code == 401, "a bearer token must not work as a cookie"


async def test_export_holds_one_s_own_words_and_nobody_else_s(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    await ann.say(room, "my own marmalade")
    await ben.say(room, "a stranger's wobblefish")
    text = (await ann.call("GET", "/me/export")).text
    assert "marmalade" in text
    assert "wobblefish" not in text
    assert "argon2" not in text


async def test_erasing_takes_the_words_everywhere_and_keeps_the_numbers(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    await ann.say(room, "my secret is marmalade")
    await ben.say(room, "and mine is tea")
    assert (await ann.call("DELETE", "/me", {"password": "wrong password"})).status_code == 401
    assert (await ann.call("DELETE", "/me", {"password": PASSWORD})).status_code == 204
    assert (await ann.call("GET", "/me")).status_code == 401
    items = (await ben.ok("GET", f"/conversations/{room}/events?after=0"))["items"]
    assert [i["seq"] for i in items] == [1, 2, 3]
    assert items[0]["author"] == {"id": None, "handle": None}
    assert items[0]["body"] == ""
    assert await _rows_that_hold(home, "marmalade") == []
    assert await _rows_that_hold(home, ann.handle) == []
    again = await home.member(ann.handle)
    assert again.id != ann.id


async def test_words_of_an_open_case_stay_sealed_until_it_is_closed_and_appeal_time_over(home: Home) -> None:
    from server.jobs import Jobs

    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    assert (await ann.call("DELETE", "/me", {"password": PASSWORD})).status_code == 204
    (case,) = (await operator.ok("GET", "/moderation/cases?lane=care"))["items"]
    seen = await operator.ok("GET", f"/moderation/cases/{case['id']}")
    assert seen["messages"][0]["own"] == CRY
    await operator.ok(
        "POST",
        f"/moderation/cases/{case['id']}/close",
        {"version": seen["version"], "reason": "reached them"},
    )
    jobs = Jobs(home.house)
    await jobs.drop_sealed()
    assert await _rows_that_hold(home, "the pills in front") != []
    home.clock.advance(29 * 24 * 3600)
    await jobs.drop_sealed()
    assert await _rows_that_hold(home, "the pills in front") == []


async def test_an_erasure_is_repeated_when_a_backup_brings_the_person_back(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    await ann.say(room, "my secret is marmalade")
    erasure = home.house.erasure
    async with home.house.database.read() as conn:
        kept = await conn.fetch("select * from member where id = $1::text::uuid", ann.id)
    await ann.call("DELETE", "/me", {"password": PASSWORD})
    async with home.house.database.transaction() as tx:  # what a restore does, for this one row
        await tx.execute(
            "update member set handle = $2, handle_folded = $2, password_hash = 'x', erased_at = null where id = $1",
            kept[0]["id"],
            ann.handle,
        )
    assert await erasure.repeat() == 1
    assert await erasure.repeat() == 0
    assert await _rows_that_hold(home, ann.handle) == []


async def test_an_idempotency_key_gives_the_first_answer_once(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    headers = {"Idempotency_Key": "k1"}
    body = {"nonce": "n1", "body": "hello"}
    path = f"/conversations/{room}/messages"
    first = await ann.call("POST", path, body, **headers)
    second = await ann.call("POST", path, body, **headers)
    assert (first.text, second.headers.get("idempotency-replayed")) == (second.text, "true")
    other = await ann.call("POST", path, {"nonce": "n2", "body": "other"}, **headers)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    storm = await asyncio.gather(
        *(
            operator.call("POST", "/groups/lighthouse/rooms", {"name": "night"}, Idempotency_Key="k2")
            for _ in range(5)
        )
    )
    assert {a.status_code for a in storm} <= {201, 409}
    rooms = (await operator.ok("GET", "/groups/lighthouse/rooms"))["items"]
    assert [r["name"] for r in rooms].count("night") == 1


async def test_blocking_hides_history_and_turns_replay_into_skips(home: Home) -> None:
    _, room, (ann, ben) = await home.community()
    await ann.say(room, "hello from ann")
    await ben.ok("PUT", f"/me/blocks/{ann.id}")
    assert (await ben.ok("GET", f"/conversations/{room}/messages"))["items"] == []
    (item,) = (await ben.ok("GET", f"/conversations/{room}/events"))["items"]
    assert item == {"t": "skip", "c": room, "seq": 1}
    await ben.ok("DELETE", f"/me/blocks/{ann.id}")
    assert len((await ben.ok("GET", f"/conversations/{room}/messages"))["items"]) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"handle": "x"', b"null"])
async def test_a_body_that_is_no_json_is_said_so(home: Home, body: bytes) -> None:
    answer = await home.http.post(
        "/api/v1/sessions", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("not_json", "invalid")


async def test_a_million_characters_are_too_large_and_nothing_breaks(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    answer = await ann.say(room, "a" * 1_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert (await ann.say(room, "still here")).status_code == 201


async def _rows_that_hold(home: Home, needle: str) -> list[str]:
    """Tables with a row that holds this text anywhere."""
    found = []
    async with home.house.database.read() as conn:
        tables = await conn.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
        for (table,) in (tuple(t) for t in tables):
            hit = await conn.fetchval(
                f"select exists (select 1 from {table} t where t::text like '%' || $1::text || '%')",
                needle,
            )
            if hit:
                found.append(table)
    return found
