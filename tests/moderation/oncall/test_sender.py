"""The pages' outbox: what leaves, what is asked for when a channel doesn't work, and what a dead process leaves."""

from __future__ import annotations

import asyncio
import email
from datetime import timedelta

import msgspec
import pytest

from community.clock import ManualClock
from moderation.casework.casework import act
from moderation.casework.machine import Claimed
from moderation.oncall import sender as module
from moderation.oncall.channels import Letter, Undelivered
from moderation.oncall.channels.signing import is_signed
from moderation.pipeline.types import Tier
from moderation.store import cases, channels, pages
from moderation.store.channels import Channel
from tests.conftest import _free_port
from tests.moderation.oncall.team import Mailbox, Oncallers, WebhookServer, webhook_server

OUTCOMES = "select outcome, count(*) as n from page_attempt where channel_id is not null group by outcome"


async def outcomes(team: Oncallers) -> dict[str | None, int]:
    return {row["outcome"]: row["n"] for row in await team.rows(OUTCOMES)}


class Dies:
    """A channel on which a process is killed in the middle of sending."""

    async def send(self, channel: Channel, letter: Letter) -> None:
        await asyncio.Event().wait()


async def killed(dying: module.Sender) -> None:
    under_way = list(dying._under_way)
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)


async def test_a_crisis_goes_out_by_mail_and_by_signed_webhook(
    team: Oncallers, mailbox: Mailbox, hooks: WebhookServer, clock: ManualClock
) -> None:
    ann = await team.person()
    await team.shift(ann)
    await team.channel(ann, "ann@example.org")
    hook = await team.channel(ann, hooks.url, aloud=True)
    await team.cry()
    await team.work(team.escalator(), team.sender())
    [(to, raw)] = mailbox.got
    mail = email.message_from_bytes(raw)
    assert to == "ann@example.org"
    assert mail["Subject"] == "On call: please answer (crisis)"
    assert "http://kith.test/page/" in str(mail.get_payload())
    [got] = hooks.got
    signed = got.headers["x-kith-signature"]
    assert is_signed(hook.secret, msgspec.json.encode(got.body), signed, clock.now())
    assert got.headers["idempotency-key"] == got.body["id"]
    assert await outcomes(team) == {"sent": 2}


async def test_a_server_that_answers_500_is_replaced_by_the_next_channel_at_once_and_its_outbox_drains_later(
    team: Oncallers, mailbox: Mailbox, hooks: WebhookServer, clock: ManualClock
) -> None:
    ann = await team.person()
    await team.shift(ann)
    broken = await team.channel(ann, hooks.url)
    await team.channel(ann, "ann@example.org")
    hooks.status = 500
    await team.cry(tier=Tier.red)  # red goes to one channel
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    assert len(mailbox.got) == 1
    assert await outcomes(team) == {"sent": 1, None: 1}
    [row] = await team.rows("select failing_since from oncall_channel where id = $1", broken.id)
    assert row["failing_since"] == clock.now()
    hooks.status = 200
    clock.advance(60)
    await team.work(escalator, sender)
    assert await outcomes(team) == {"sent": 2}
    assert len(hooks.got) == 2  # the one it refused, and the one it took: the same letter
    assert hooks.got[0].body["id"] == hooks.got[1].body["id"]


async def test_a_server_that_is_down_is_replaced_within_the_same_turn_and_its_outbox_drains_later(
    team: Oncallers, mailbox: Mailbox, clock: ManualClock
) -> None:
    ann = await team.person()
    await team.shift(ann)
    port = _free_port()
    await team.channel(ann, f"http://127.0.0.1:{port}/pages", aloud=True)
    await team.channel(ann, "ann@example.org")
    await team.cry()
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    assert len(mailbox.got) == 1
    assert await outcomes(team) == {"sent": 1, None: 1}
    async with webhook_server(port) as back:
        clock.advance(60)
        await team.work(escalator, sender)
        assert len(back.got) == 1
    assert await outcomes(team) == {"sent": 2}


class Taken:
    """A channel that takes everything at once, however busy the machine: a real one may miss a short time-box."""

    def __init__(self) -> None:
        self.got: list[Letter] = []

    async def send(self, channel: Channel, letter: Letter) -> None:
        self.got.append(letter)


async def test_a_server_that_hangs_costs_its_time_box_and_holds_up_no_other_channel(
    team: Oncallers, hooks: WebhookServer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEND_SECONDS", 0.6)
    ann = await team.person()
    await team.shift(ann)
    await team.channel(ann, hooks.url)
    await team.channel(ann, "ann@example.org")
    hooks.hangs = True
    for _ in range(20):
        await team.cry(tier=Tier.red)
    mail = Taken()
    escalator, sender = team.escalator(), team.sender(mail=mail)
    started = asyncio.get_running_loop().time()
    await team.work(escalator, sender)
    assert len(mail.got) == 20
    # Twenty time boxes one after another, with room for a busy machine; unboxed it would be minutes.
    assert asyncio.get_running_loop().time() - started < 60
    hooks.hangs = False
    monkeypatch.undo()  # from here on it has all the time it needs
    clock.advance(120)
    while (await outcomes(team)).get(None):
        await team.work(escalator, sender)
        clock.advance(15)
    assert await outcomes(team) == {"sent": 40}


async def test_where_nobody_s_channel_works_the_next_person_is_asked_at_once(
    team: Oncallers, hooks: WebhookServer, mailbox: Mailbox, clock: ManualClock
) -> None:
    ann, bob = await team.person(), await team.person()
    await team.shift(ann)
    await team.shift(bob, "secondary")
    await team.channel(ann, hooks.url)
    await team.channel(bob, "bob@example.org")
    hooks.status = 503
    await team.cry()
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    clock.advance(1)
    await team.work(escalator, sender)
    assert [to for to, _ in mailbox.got] == ["bob@example.org"]


async def test_pages_that_were_answered_meanwhile_are_not_sent_when_a_server_comes_back(
    team: Oncallers, hooks: WebhookServer, clock: ManualClock
) -> None:
    ann = await team.person()
    await team.shift(ann)
    await team.channel(ann, hooks.url)
    hooks.status = 500
    case = await team.cry()
    escalator, sender = team.escalator(), team.sender()
    await team.work(escalator, sender)
    tried = len(hooks.got)
    async with team.database.transaction() as tx:
        await pages.acknowledge(tx, case, ann, now=clock.now())
    hooks.status = 200
    clock.advance(60)
    await team.work(escalator, sender)
    assert len(hooks.got) == tried
    assert set(await outcomes(team)) <= {"moot", "superseded"}


async def test_a_process_that_died_in_the_middle_sends_nothing_twice_and_loses_no_page(
    team: Oncallers, hooks: WebhookServer, clock: ManualClock
) -> None:
    """Whether the words went out is unknown: never again for that due time, and the next round is now."""

    ann = await team.person()
    await team.shift(ann)
    await team.channel(ann, hooks.url)
    await team.cry()
    escalator, dying, sender = team.escalator(), team.sender(webhook=Dies()), team.sender()
    await escalator.run()
    await dying.run()
    await killed(dying)
    clock.advance(10)
    await team.work(escalator, sender)
    assert hooks.got == []  # its lease still runs
    clock.advance(21)
    await team.work(escalator, sender)
    await team.work(escalator, sender)
    assert len(hooks.got) == 1
    assert await outcomes(team) == {"unknown": 1, "sent": 1}
    twice = await team.rows("select due_at from page_attempt where channel_id is not null group by due_at")
    assert len(twice) == 2


async def test_a_server_that_begins_alone_waits_for_no_lease_of_the_dead(
    team: Oncallers, hooks: WebhookServer, clock: ManualClock
) -> None:
    ann = await team.person()
    await team.shift(ann)
    await team.channel(ann, hooks.url)
    await team.cry()
    escalator, dying, sender = team.escalator(), team.sender(webhook=Dies()), team.sender()
    await escalator.run()
    await dying.run()
    await killed(dying)
    clock.advance(2)  # the server is back
    assert await module.begin_alone(team.database, clock) == 1
    await team.work(escalator, sender)
    assert len(hooks.got) == 1
    assert await outcomes(team) == {"unknown": 1, "sent": 1}
    assert await module.begin_alone(team.database, clock) == 0


async def test_a_revoked_channel_gets_nothing_more(
    team: Oncallers, hooks: WebhookServer, clock: ManualClock
) -> None:
    ann = await team.person()
    await team.shift(ann)
    lost = await team.channel(ann, hooks.url)
    await team.cry()
    await team.escalator().run()
    async with team.database.transaction() as tx:
        assert await channels.revoke(tx, lost.id, member=ann, team=team.team, now=clock.now())
    await team.work(team.escalator(), team.sender())
    assert hooks.got == []


async def test_a_send_that_breaks_in_an_unforeseen_way_hurts_only_itself(
    team: Oncallers, mailbox: Mailbox, clock: ManualClock
) -> None:
    class Breaks:
        async def send(self, channel: Channel, letter: Letter) -> None:
            raise RuntimeError("nobody thought of this")

    class Refuses:
        async def send(self, channel: Channel, letter: Letter) -> None:
            raise Undelivered("refused")

    ann = await team.person()
    await team.shift(ann)
    await team.channel(ann, "http://127.0.0.1:9/x")
    await team.channel(ann, "ann@example.org")
    await team.cry()
    sender = team.sender(webhook=Breaks())
    await team.work(team.escalator(), sender)
    assert len(mailbox.got) == 1
    clock.advance(timedelta(seconds=31))
    await team.work(team.escalator(), team.sender(webhook=Refuses()))
    assert (await outcomes(team))["unknown"] == 1


async def test_an_answered_page_tells_the_webhooks_it_rang_once_and_no_mailbox(
    team: Oncallers, mailbox: Mailbox, hooks: WebhookServer, clock: ManualClock
) -> None:
    ann = await team.person()
    await team.shift(ann)
    await team.channel(ann, hooks.url, style="pagerduty", their_key="R0UTE")
    await team.channel(ann, "ann@example.org")
    case = await team.cry()
    escalator, sender = team.escalator(), team.sender()
    await team.walk(escalator, sender, 6)  # it rang twice
    events = [got.body["event_action"] for got in hooks.got]
    assert events == ["trigger", "trigger"] and len(mailbox.got) == 2
    async with team.database.transaction() as tx:
        row = await cases.lock(tx, case)
        assert row is not None
        await act(tx, row, Claimed(ann), by=ann, now=clock.now())
        await pages.acknowledge(tx, case, ann, now=clock.now())
    hooks.status = 500
    await team.work(escalator, sender)
    hooks.status = 200
    await team.walk(escalator, sender, 3)
    told = [got.body for got in hooks.got if got.body["event_action"] == "resolve"]
    assert (
        len({got.headers["idempotency-key"] for got in hooks.got if got.body["event_action"] == "resolve"})
        == 1
    )
    assert told[-1]["dedup_key"] == hooks.got[0].body["dedup_key"]
    assert len(mailbox.got) == 2, "nobody is mailed that there is nothing to do"
    await team.walk(escalator, sender, 15)  # acknowledged is not done: it rings again
    again = [got.body["event_action"] for got in hooks.got][len(events) + len(told) :]
    assert "trigger" in again and "resolve" not in again
