"""The socket to the letter of protocol.md, with real sockets, a real database and the real gate."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from chat.connection import WAITING_MAX
from chat.protocol import FRAME_BYTES_MAX
from community.ids import new_id
from community.store import people, sessions
from moderation.gate.edits import REACTIONS
from tests.chat.world import ORIGIN, Node, World, client, node

CRY = "I have the pills in front of me and I'm going to take them all tonight"


async def test_welcome_is_the_first_frame(world: World, one: Node) -> None:
    ann = await world.member("ann")
    async with client(one, ann) as a:
        await a.until(lambda: a.frames)
        first = a.frames[0]
        assert first["t"] == "welcome" and first["member"] == {"id": str(ann.id), "handle": "ann"}
        assert first["server"] == "test" and first["limits"]["body_chars_max"] == 8000
        assert a.ws.subprotocol == "kith.v1"
        assert not a.ws.protocol.extensions, "deflate stays off"


async def test_a_message_reaches_everyone_who_follows_and_is_acknowledged(world: World, one: Node) -> None:
    room = await world.room()
    ann, bob = await world.member("ann"), await world.member("bob")
    async with client(one, ann) as a, client(one, bob) as b:
        await a.join(room)
        joined = await b.join(room)
        assert joined["seq"] == 0 and joined["epoch"]
        ack = await a.say(room, "good *evening*", "n1")
        assert (ack["t"], ack["seq"], ack["outcome"], ack["masked"]) == ("ack", 1, "publish", False)
        event = await b.next("event")
        assert event["kind"] == "message" and event["id"] == ack["id"] and event["seq"] == 1
        assert event["author"] == {"id": str(ann.id), "handle": "ann"} and event["body"] == "good *evening*"
        assert "<em>evening</em>" in event["html"] and event["state"] == "visible" and event["at"]
        assert (await a.next("event"))["id"] == ack["id"], "one's own are delivered too"


async def test_joining_is_not_needed_to_send(world: World, one: Node) -> None:
    room, ann = await world.room(), await world.member()
    async with client(one, ann) as a:
        assert (await a.say(room, "hello"))["t"] == "ack"
        assert a.of("event") == []


async def test_resending_gives_the_same_ack_and_other_words_conflict(world: World, one: Node) -> None:
    room, ann = await world.room(), await world.member()
    async with client(one, ann) as a:
        first = await a.say(room, "once", "same")
        again = await a.say(room, "once", "same")
        assert (again["id"], again["seq"], again["again"]) == (first["id"], first["seq"], True)
        assert "again" not in first
        other = await a.say(room, "something else", "same")
        assert (other["t"], other["code"]) == ("nack", "conflict")


async def test_missed_events_come_before_joined_in_order(world: World, one: Node) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with client(one, ann) as a, client(one, bob) as b:
        for start in range(0, 230, 46):  # fewer than may wait on one connection
            for n in range(start, start + 46):
                await a.send("send", c=room, nonce=f"n{n}", body=f"number {n}")
            await a.until(lambda start=start: len(a.of("ack")) == start + 46)
        joined = await b.join(room, after=10)
        assert b.seqs(room) == list(range(11, 231)) and joined["seq"] == 230
        assert b.frames[-1]["t"] == "joined"
        await a.say(room, "and on")
        await b.until(lambda: b.seqs(room)[-1] == 231)


@pytest.mark.parametrize("why", ["too far behind", "beyond head", "another epoch"])
async def test_what_cannot_be_replayed_is_a_resync(world: World, one: Node, why: str) -> None:
    room, ann = await world.room(), await world.member()
    async with client(one, ann) as a:
        await a.say(room, "hello")
        if why == "too far behind":
            async with world.database.transaction() as tx:
                await tx.execute("update conversation set last_seq = 502 where id = $1", room)
        asked: dict[str, Any] = {
            "too far behind": {"after": 1},
            "beyond head": {"after": 7},
            "another epoch": {"after": 0, "epoch": "of another time"},
        }[why]
        joined = await a.join(room, **asked)
        head = joined["seq"]
        assert a.frames[-2] == {"t": "resync", "c": str(room), "head": head}
        assert a.of("event") == []


async def test_the_right_epoch_is_no_resync(world: World, one: Node) -> None:
    room, ann = await world.room(), await world.member()
    async with client(one, ann) as a:
        joined = await a.join(room)
        await a.say(room, "hello")
        await a.join(room, after=0, epoch=joined["epoch"])
        assert a.of("resync") == []


async def test_joining_again_starts_again_and_leaving_ends_it(world: World, one: Node) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with client(one, ann) as a, client(one, bob) as b:
        await a.say(room, "one")
        await b.join(room, after=0)
        await b.join(room, after=0)
        await a.say(room, "two")
        await b.until(lambda: len(b.seqs(room)) == 3)
        assert b.seqs(room) == [1, 1, 2]
        await b.send("leave", c=room)
        await b.join(await world.room())  # answered after the leave
        await a.join(room, after=0)
        await a.say(room, "three")
        await a.until(lambda: a.seqs(room) == [1, 2, 3])
        assert b.seqs(room) == [1, 1, 2]


async def test_what_one_may_not_read_is_not_found(world: World, one: Node) -> None:
    room, ann, outsider = await world.room(), await world.member(), await world.member()
    async with world.database.transaction() as tx:
        await tx.execute("update membership set state = 'left' where member_id = $1", outsider.id)
    async with client(one, ann) as a, client(one, outsider) as b:
        await a.send("join", c=new_id(), nonce="nowhere")
        await a.send("join", c="not an id", nonce="malformed")
        await b.send("join", c=room, nonce="outside")
        for who, nonce in ((a, "nowhere"), (a, "malformed"), (b, "outside")):
            assert (await who.next("nack", nonce=nonce))["code"] == "not_found"
        assert (await b.say(room, "hello"))["code"] in ("not_found", "not_a_member")


async def test_a_cry_for_help_gets_the_card_in_the_very_next_frame_and_alone(world: World, one: Node) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with client(one, ann) as a, client(one, ann) as elsewhere, client(one, bob) as b:
        for who in (a, elsewhere, b):
            await who.join(room)
        ack = await a.say(room, CRY, "cry")
        assert ack["outcome"] == "publish_with_support"
        await a.next("support")
        told = [f for f in a.frames if f["t"] in ("ack", "support")]
        at = a.frames.index(told[0])
        assert a.frames[at + 1]["t"] == "support" and a.frames[at + 1]["nonce"] == "cry"
        assert a.frames[at + 1]["card"]["title"]
        for who in (elsewhere, b):
            await who.until(lambda who=who: who.seqs(room) == [1])
            assert who.of("support") == []
        again = await a.say(room, CRY, "cry")
        assert again["again"] is True
        await a.until(lambda: len(a.of("support")) == 2)


async def test_edit_withdraw_and_react_reach_the_room(world: World, one: Node) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with client(one, ann) as a, client(one, bob) as b:
        await b.join(room)
        ack = await a.say(room, "hello")
        await a.send("edit", id=ack["id"], body="hello all", nonce="e1")
        assert (await a.next("ack", nonce="e1"))["id"] == ack["id"]
        edit = await b.next("event", kind="edit")
        assert edit["body"] == "hello all" and edit["id"] == ack["id"]
        await b.send("react", id=ack["id"], emoji=REACTIONS[0], on=True, nonce="r1")
        react = await b.next("event", kind="react")
        assert react["member"] == str(bob.id) and react["on"] is True and react["id"] == ack["id"]
        assert (await b.next("ack", nonce="r1"))["id"] == ack["id"]
        await b.send("withdraw", id=ack["id"], nonce="w0")
        assert (await b.next("nack", nonce="w0"))["code"] in ("not_found", "forbidden")
        await a.send("withdraw", id=ack["id"], nonce="w1")
        await a.next("ack", nonce="w1")
        await b.next("event", kind="withdraw", id=ack["id"])
        await b.join(room, after=0)
        replayed = [f for f in b.of("event") if f["seq"] == 1][-1]
        assert replayed["state"] == "withdrawn" and replayed["body"] == "" and replayed["html"] == ""


async def test_a_blocked_author_is_a_skip_at_once_and_live(world: World, one: Node) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with client(one, ann) as a, client(one, bob) as b:
        await b.join(room)
        await a.say(room, "before")
        await b.next("event", seq=1)
        async with world.database.transaction() as tx:
            await people.set_block(tx, bob.id, ann.id, on=True, now=world.clock.now())
        one.bus.ring("member", bob.id)
        await b.join(await world.room())
        for n in range(50):  # the block is read beside the sends: some may still arrive before it
            await a.say(room, f"after {n}")
            await b.until(lambda n=n: b.seqs(room)[-1] == n + 2)
            if b.of("skip"):
                break
        assert b.frames[-1]["t"] == "skip"
        await b.join(room, after=0)
        assert b.of("skip")[-1]["seq"] == a.of("ack")[-1]["seq"]


async def test_typing_and_presence_pass_but_never_across_a_block(world: World, one: Node) -> None:
    room = await world.room()
    ann, bob, eve = await world.member("ann"), await world.member("bob"), await world.member("eve")
    async with world.database.transaction() as tx:
        await people.set_block(tx, ann.id, eve.id, on=True, now=world.clock.now())
        for who in (ann, bob):
            await tx.execute("update member set settings = '{\"presence\": true}' where id = $1", who.id)
    async with client(one, ann) as a, client(one, bob) as b, client(one, eve) as e:
        for who in (e, b, a):
            await who.join(room)
        assert (await b.next("presence"))["here"] == [{"id": str(ann.id), "handle": "ann"}]
        assert (await a.next("presence"))["here"] == [{"id": str(bob.id), "handle": "bob"}]
        await a.send("typing", c=room)
        assert (await b.next("typing"))["member"]["handle"] == "ann"
        await b.send("typing", c=room)
        assert (await e.next("typing"))["member"]["handle"] == "bob"
        assert [f["member"]["handle"] for f in e.of("typing")] == ["bob"]
        assert all(p["handle"] != "ann" for f in e.of("presence") for p in f.get("here", []))
        await a.send("leave", c=room)
        await b.until(lambda: any(f.get("gone") for f in b.of("presence")))
        assert not any(f.get("gone") for f in e.of("presence"))


async def test_read_reaches_ones_own_connections_only_and_is_kept(world: World, one: Node) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with client(one, ann) as phone, client(one, ann) as desk, client(one, bob) as b:
        for who in (phone, desk, b):
            await who.join(room)
        await phone.say(room, "hello")
        await phone.send("read", c=room, seq=1)
        assert await desk.next("read") == {"t": "read", "c": str(room), "seq": 1}
        await one.live.marks.write()
        async with world.database.read() as conn:
            assert await conn.fetchval("select seq from read_mark where member_id = $1", ann.id) == 1
        assert b.of("read") == []


async def test_ping_is_answered_while_sends_wait(world: World, one: Node) -> None:
    room, ann = await world.room(), await world.member()
    async with client(one, ann) as a, world.database.transaction() as tx:
        await a.next("welcome")
        await tx.execute("select 1 from conversation where id = $1 for update", room)
        await a.send("send", c=room, nonce="stuck", body="waits for the lock")
        await a.send("ping", nonce="p")
        assert await a.next("pong") == {"t": "pong", "nonce": "p"}
        assert a.of("ack", "nack") == []


async def test_too_many_waiting_frames_are_refused_and_those_before_them_kept(world: World) -> None:
    room, ann = await world.room(), await world.member()
    async with node(world.database, scale=1) as small, client(small, ann) as a:
        async with world.database.transaction() as tx:
            await a.next("welcome")
            await tx.execute("select 1 from conversation where id = $1 for update", room)
            for n in range(WAITING_MAX + 10):
                await a.send("withdraw", id=new_id(), nonce=f"w{n}")
                if n == 0:
                    await a.send("send", c=room, nonce="stuck", body="waits for the lock")
            refused = await a.next("nack", code="too_fast")
            assert refused["retry_after"] > 0 and int(refused["nonce"][1:]) >= WAITING_MAX - 1
        await a.next("ack", nonce="stuck")
        await a.next("nack", nonce=f"w{WAITING_MAX - 2}", code="not_found")


async def test_sends_of_one_connection_keep_their_order(world: World, one: Node) -> None:
    room, ann = await world.room(), await world.member()
    async with client(one, ann) as a:
        await a.join(room)
        for n in range(40):
            await a.send("send", c=room, nonce=f"n{n}", body=f"number {n}")
        await a.until(lambda: len(a.of("event")) == 40)
        assert [f["body"] for f in a.of("event")] == [f"number {n}" for n in range(40)]
        assert [f["nonce"] for f in a.of("ack")] == [f"n{n}" for n in range(40)]


async def test_what_was_said_before_the_line_broke_is_kept(world: World, one: Node) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with client(one, bob) as b:
        await b.join(room)
        async with client(one, ann) as a:
            await a.next("welcome")
            for n in range(5):
                await a.send("send", c=room, nonce=f"n{n}", body=f"last words {n}")
            a.ws.transport.abort()
        await b.until(lambda: b.seqs(room) == [1, 2, 3, 4, 5])


# Bad input


async def test_bad_frames_are_named_and_three_strikes_close_4400(world: World, one: Node) -> None:
    async with client(one, await world.member()) as a:
        await a.ws.send("not json")
        await a.send("shout")
        await a.until(lambda: len(a.of("error")) == 2)
        assert [f["code"] for f in a.of("error")] == ["not_json", "unknown_type"]
        await a.send("ping")
        await a.next("pong")
        await a.send("join", c=5)
        assert await a.was_closed() == 4400
        assert len(a.of("error")) == 3


async def test_too_large_is_1009(world: World, one: Node) -> None:
    async with client(one, await world.member()) as a:
        await a.ws.send("x" * (FRAME_BYTES_MAX + 1))
        assert await a.was_closed() == 1009


async def test_binary_is_1003(world: World, one: Node) -> None:
    async with client(one, await world.member()) as a:
        await a.ws.send(b"\x00\x01")
        assert await a.was_closed() == 1003


async def test_bad_utf8_is_1007(world: World, one: Node) -> None:
    async with client(one, await world.member()) as a:
        await a.ws.send(b"\xff\xfe", text=True)
        assert await a.was_closed() == 1007


async def test_words_that_cannot_be_kept_are_refused_one_by_one(world: World, one: Node) -> None:
    room = await world.room()
    async with client(one, await world.member()) as a:
        assert (await a.say(room, "x" * 8001))["code"] == "too_long"
        assert (await a.say(room, "null \0 byte"))["t"] == "nack"
        assert (await a.say(room, "   "))["t"] == "nack"
        assert (await a.say(room, "\u202eright to left, z\u0351\u0351\u0351algo"))["t"] == "ack"


async def test_a_flood_is_4429(world: World) -> None:
    async with node(world.database, scale=1) as small, client(small, await world.member()) as a:
        for _ in range(200):
            await a.send("ping")
        assert await a.was_closed() == 4429


async def test_sends_beyond_the_rate_are_refused_with_a_time_to_come_back(world: World) -> None:
    room = await world.room()
    async with node(world.database, scale=1) as small, client(small, await world.member()) as a:
        answers = [await a.say(room, f"number {n}") for n in range(12)]
        refused = [x for x in answers if x["t"] == "nack"]
        assert refused and refused[0]["code"] == "too_fast" and refused[0]["retry_after"] > 0


# The door


async def test_bad_credentials_are_accepted_and_closed_4401(world: World, one: Node) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "kith_session=x", "Origin": ORIGIN}):
        async with client(one, None, headers=headers) as a:
            assert await a.was_closed() == 4401


async def test_a_foreign_origin_is_403(world: World, one: Node) -> None:
    ann = await world.member(door="cookie")
    cookie = {"Cookie": f"kith_session={ann.token}"}
    for headers in (
        {**cookie, "Origin": "http://evil.test"},
        {**cookie, "Origin": ORIGIN + ".evil.test"},
        {**cookie, "Origin": "null"},
        cookie,  # no Origin at all: not a browser, or one that hides
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with client(one, None, headers=headers):
                pass
        assert refused.value.response.status_code == 403
    async with client(one, None, headers={**cookie, "Origin": ORIGIN}) as a:
        assert (await a.next("welcome"))["member"]["handle"] == ann.handle


async def test_where_authorization_is_present_cookies_are_ignored(world: World, one: Node) -> None:
    ann = await world.member(door="cookie")
    headers = {"Cookie": f"kith_session={ann.token}", "Authorization": "Bearer no", "Origin": ORIGIN}
    async with client(one, None, headers=headers) as a:
        assert await a.was_closed() == 4401


async def test_another_subprotocol_is_refused(world: World, one: Node) -> None:
    from websockets.asyncio.client import connect

    ann = await world.member()
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            one.url(),
            additional_headers={"Authorization": f"Bearer {ann.token}"},
            subprotocols=["kith.v9"],  # type: ignore[list-item]
        )
    assert refused.value.response.status_code == 400


async def test_the_ninth_socket_closes_the_oldest_with_4409(world: World) -> None:
    ann = await world.member()
    async with node(world.database, scale=1) as small, client(small, ann) as oldest:
        await oldest.next("welcome")
        others = [client(small, ann) for _ in range(8)]
        opened = [await other.__aenter__() for other in others]
        assert await oldest.was_closed() == 4409
        for one_of in opened:
            await one_of.next("welcome")
            assert one_of.closed is None
        for other in others:
            await other.__aexit__(None, None, None)


async def test_addresses_are_limited_too(world: World) -> None:
    people_ = [await world.member() for _ in range(3)]
    async with (
        node(world.database, scale=0.01) as tiny,  # two sockets an address, one before sign-in
        client(tiny, people_[0]) as a,
        client(tiny, people_[1]) as b,
    ):
        await a.next("welcome")
        await b.next("welcome")
        async with client(tiny, people_[2]) as c:
            assert await c.was_closed() == 4429


# Standing


async def test_a_revoked_session_is_closed_4403(world: World, one: Node) -> None:
    ann = await world.member()
    async with client(one, ann) as a:
        await a.next("welcome")
        async with world.database.transaction() as tx:
            assert await sessions.revoke(tx, ann.id, ann.session, now=world.clock.now())
        one.bus.ring("session", ann.session)
        async with asyncio.timeout(1):
            assert await a.was_closed() == 4403


async def test_a_ban_puts_live_members_out_at_once(world: World, one: Node) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with client(one, ann) as a, client(one, bob) as b:
        await a.join(room)
        await b.join(room)
        await world.put_membership(bob.id, banned=True)
        one.bus.ring("member", bob.id)
        left = await b.next("left")
        assert left["c"] == str(room) and left["code"] and left["say"]
        await a.say(room, "not for bob")
        await a.until(lambda: a.seqs(room) == [1])
        assert b.seqs(room) == []
        await b.send("join", c=room, after=0, nonce="again")
        assert (await b.next("nack", nonce="again"))["code"] == "not_found"


async def test_a_deleted_group_puts_everyone_out(world: World, one: Node) -> None:
    room, ann = await world.room(), await world.member()
    async with client(one, ann) as a:
        await a.join(room)
        async with world.database.transaction() as tx:
            await tx.execute("update peer_group set deleted_at = now() where id = $1", world.group)
        one.bus.ring("group", world.group)
        assert (await a.next("left"))["c"] == str(room)


async def test_a_notice_reaches_its_member_once(world: World, one: Node) -> None:
    ann, bob = await world.member(), await world.member()
    async with client(one, ann) as a, client(one, bob) as b:
        await a.next("welcome")
        async with world.database.transaction() as tx:
            for n in range(2):
                await people.add_notice(
                    tx, ann.id, id=new_id(), kind=f"released{n}", message_id=None, parameters={},
                    now=world.clock.now(),
                )  # fmt: skip
        one.bus.ring("member", ann.id)
        one.bus.ring("member", ann.id)
        await a.until(lambda: len(a.of("notice")) == 2)
        one.bus.ring("member", ann.id)
        await b.send("ping")
        await b.next("pong")
        assert [f["say"] for f in a.of("notice")] == ["about released0", "about released1"]
        assert b.of("notice") == []


# Going away


async def test_draining_says_goaway_finishes_what_was_said_and_closes_1012(world: World, one: Node) -> None:
    room, ann = await world.room(), await world.member()
    async with client(one, ann) as a:
        await a.next("welcome")
        await a.send("send", c=room, nonce="last", body="one more thing")
        await a.send("ping")
        await a.next("pong")
        await one.live.drain(0.3)
        assert (await a.next("goaway"))["within"] == 0.3
        assert (await a.next("ack"))["nonce"] == "last"
        assert await a.was_closed() == 1012
    with pytest.raises(InvalidStatus) as refused:
        async with client(one, ann):
            pass
    assert refused.value.response.status_code == 503


async def test_draining_ends_early_when_everyone_has_left(world: World, one: Node) -> None:
    ann = await world.member()
    async with client(one, ann) as a:
        await a.next("welcome")
        draining = asyncio.create_task(one.live.drain(30))
        await a.next("goaway")
    async with asyncio.timeout(5):
        await draining


async def test_it_all_works_on_a_server_without_our_wire(world: World) -> None:
    room, ann, bob = await world.room(), await world.member(), await world.member()
    async with node(world.database, raw=False) as plain, client(plain, ann) as a, client(plain, bob) as b:
        await b.join(room)
        for n in range(30):
            await a.say(room, f"number {n}")
        await b.until(lambda: b.seqs(room) == list(range(1, 31)))
        await b.ws.send(b"binary")
        assert await b.was_closed() == 1003
        await a.ws.send(json.dumps({"t": "ping", "x": "y" * FRAME_BYTES_MAX}))
        assert await a.was_closed() == 1009
