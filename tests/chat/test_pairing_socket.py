"""A pairing over real sockets: joined like any conversation, by the two alone, and closed at once when it ends."""

from __future__ import annotations

from datetime import datetime

from chat.pairings.asking import AskForm, Asking
from chat.pairings.pairings import Pairings
from chat.pairings.words import KNOW_VERSION
from chat.store import supporters
from chat.store.supporters import PairingRules
from community.clock import SystemClock
from community.database import Conn
from community.groups import Actor, Groups
from community.ids import TeamId
from moderation.pipeline.types import Tier
from moderation.store.pages import Cover
from tests.chat.world import Node, World, client


async def nobody(conn: Conn, team: TeamId, tier: Tier, *, now: datetime) -> Cover:
    return Cover(on_duty=False, next_at=None)


async def test_two_talk_live_a_third_finds_nothing_and_the_end_reaches_both_at_once(
    world: World, one: Node
) -> None:
    clock = SystemClock()
    asking = Asking(
        world.database, clock, one.bus, Groups(world.database, clock, one.gate, one.bus), one.gate.keeper
    )
    pairings = Pairings(world.database, clock, one.bus, asking, nobody)
    ann, ben, cat = await world.member(), await world.member(), await world.member()
    async with world.database.transaction() as tx:
        await supporters.put_rules(tx, world.group, PairingRules(between_members=True))
    made = await asking.ask(Actor(ann.id), "lighthouse", AskForm(KNOW_VERSION, to=ben.id))
    async with client(one, ann) as a, client(one, ben) as b, client(one, cat) as c:
        await a.send("join", c=made.id, nonce="early")
        assert (await a.next("nack", nonce="early"))["code"] == "not_found"
        await pairings.answer(Actor(ben.id), made.id, "agree", knows=KNOW_VERSION)
        await a.join(made.id)
        await b.join(made.id)
        ack = await a.say(made.id, "it is good to have you here")
        assert (await b.next("event", kind="message"))["id"] == ack["id"]
        await c.send("join", c=made.id, nonce="third")
        assert (await c.next("nack", nonce="third"))["code"] == "not_found"
        assert (await c.say(made.id, "let me in"))["code"] == "not_found"
        await pairings.answer(Actor(ben.id), made.id, "end")
        for each in (a, b):
            assert (await each.next("event", kind="notice"))["notice"] == "pairing_ended"
            assert (await each.say(made.id, "wait"))["code"] == "read_only"
        assert c.of("event", "skip") == []
