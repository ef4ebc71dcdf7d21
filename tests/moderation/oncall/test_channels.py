"""Channels: which are used, what they are sent, and that nobody can make an answer up."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.ids import PageId, TeamId
from moderation.casework.sealed import Keys
from moderation.oncall.channels import Letter, Undelivered, chosen, next_after
from moderation.oncall.channels.http import BadAddress, check, leads_inside, post
from moderation.oncall.channels.letters import letter
from moderation.oncall.channels.mail import message
from moderation.oncall.channels.secrets import Secrets
from moderation.oncall.channels.signing import is_signed, sign
from moderation.oncall.channels.webhook import request
from moderation.oncall.paging import Words
from moderation.store.channels import Channel
from tests.moderation.oncall.team import WebhookServer

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


def channel(position: int = 0, **more: Any) -> Channel:
    given: dict[str, Any] = {
        "use": "person", "kind": "webhook", "style": "kith", "label": "phone", "address": "https://hooks.example/a/topic",
        "their_key": "", "secret": "s" * 32, "aloud": False,
        "failing_since": None, "retry_at": None, "last_ok_at": None,
    }  # fmt: skip
    return Channel(
        id=uuid4(), team_id=TeamId(uuid4()), member_id=None, position=position, **{**given, **more}
    )


def a_letter(words: str = "page", tier: str = "crisis") -> Letter:
    return letter(uuid4(), PageId(uuid4()), words, tier, "https://kith.example/page/secret", NOW)


def test_two_channels_are_used_for_a_crisis_and_one_of_them_rings() -> None:
    quiet, other, loud = channel(1), channel(2), channel(3, aloud=True)
    assert chosen([quiet, other, loud], "two", NOW) == [quiet, loud]
    assert chosen([quiet, other], "two", NOW) == [quiet, other]
    assert chosen([quiet, other, loud], "one", NOW) == [quiet]
    assert chosen([], "two", NOW) == []


def test_a_failing_channel_comes_last_until_its_pause_is_over() -> None:
    failing = channel(1, retry_at=NOW + timedelta(seconds=30), failing_since=NOW)
    works = channel(2)
    assert chosen([failing, works], "one", NOW) == [works]
    assert chosen([failing, works], "one", NOW + timedelta(seconds=30)) == [failing]
    assert next_after([failing, works], [works.id], NOW) == failing
    assert next_after([failing, works], [works.id, failing.id], NOW) is None


@pytest.mark.parametrize("words", [*get_args(Words), "canary", "answered"])
def test_every_page_has_words_and_they_name_nobody(words: str) -> None:
    for tier in ("crisis", "red"):
        made = a_letter(words, tier)
        text = f"{made.subject} {made.body}".lower()
        assert made.subject
        assert not [w for w in ("suicide", "kill", "@", "{", "group", "overdose", "room") if w in text]


def test_an_answered_page_ends_what_it_began_in_each_style_that_knows_an_end() -> None:
    began, ended = a_letter(), a_letter("answered")
    ended = replace(ended, page=began.page)
    for style, key in (("goalert", "dedup"), ("pagerduty", "dedup_key"), ("kith", "page")):
        one, two = (json.loads(request(channel(style=style), made)[1]) for made in (began, ended))
        assert one[key] == two[key]
    assert json.loads(request(channel(style="goalert"), ended)[1])["action"] == "close"
    assert json.loads(request(channel(style="pagerduty"), ended)[1])["event_action"] == "resolve"
    own = json.loads(request(channel(), ended)[1])
    assert own["event"] == "answered" and "link" not in own


def test_a_secret_opens_only_in_its_own_place_and_with_its_own_key() -> None:
    keys = Secrets(Keys({"1": b"k" * 32}, "1"))
    plain = channel(their_key="R0UTE")
    stored = keys.sealed(plain)
    assert "R0UTE" not in stored.their_key and stored.secret != plain.secret
    assert keys.sealed(stored) == stored, "sealing twice is sealing once"
    assert keys.opened(stored) == plain
    assert keys.opened(plain) == plain, "from before there were boxes"
    for moved in (replace(stored, id=uuid4()), replace(stored, secret=stored.their_key)):
        with pytest.raises(Undelivered, match="no_key"):
            keys.opened(moved)
    with pytest.raises(Undelivered, match="no_key"):
        Secrets(Keys({"2": b"o" * 32}, "2")).opened(stored)
    with pytest.raises(Undelivered, match="no_key"):
        keys.opened(replace(stored, secret="sealed:2:1:not base64!"))


def test_each_style_is_what_its_receiver_reads() -> None:
    made = a_letter()
    own = json.loads(request(channel(), made)[1])
    assert own["severity"] == "crisis"
    goalert = json.loads(request(channel(style="goalert"), made)[1])
    assert set(goalert) == {"summary", "details", "dedup"}
    pager = json.loads(request(channel(style="pagerduty", their_key="R0UTE"), made)[1])
    assert (pager["routing_key"], pager["event_action"], pager["payload"]["severity"]) == (
        "R0UTE",
        "trigger",
        "critical",
    )
    address, body, headers = request(channel(style="ntfy", their_key="tk"), made)
    assert address == "https://hooks.example/a/"
    assert (json.loads(body)["topic"], json.loads(body)["priority"]) == ("topic", 5)
    assert headers["authorization"] == "Bearer tk"


def test_a_page_s_letters_can_be_told_apart_and_put_together() -> None:
    one, two = a_letter(), a_letter()
    mail = message("Kith <kith@example.org>", "ann@example.org", one)
    assert str(one.id) in str(mail["Message-ID"])
    assert mail["Message-ID"] != message("kith@example.org", "ann@example.org", two)["Message-ID"]
    assert mail["Auto-Submitted"] == "auto-generated"


@given(st.binary(max_size=200), st.binary(max_size=200), st.text(max_size=40))
def test_a_signature_holds_for_its_body_its_secret_and_its_time(body: bytes, other: bytes, junk: str) -> None:
    made = sign("secret", body, NOW)
    assert is_signed("secret", body, made, NOW + timedelta(seconds=299))
    assert not is_signed("secret", body, made, NOW + timedelta(seconds=301))
    assert not is_signed("secret", body, made, NOW - timedelta(seconds=301))
    assert not is_signed("another", body, made, NOW)
    assert is_signed("secret", other, made, NOW) == (other == body)
    assert not is_signed("secret", body, junk, NOW)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://x/",
        "http://",
        "https://a:b@x/",
        "http://x/\r\nhost: y",
        "http://x/ y",
        "http://x:99999/",
        "http://ü/",
    ],
)
def test_an_address_that_could_break_a_request_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        check(address)


@pytest.mark.parametrize(
    ("status", "why"), [(500, "answered_500"), (404, "answered_404"), (301, "answered_301")]
)
async def test_only_a_yes_counts_as_delivered(hooks: WebhookServer, status: int, why: str) -> None:
    hooks.status = status
    with pytest.raises(Undelivered) as refused:
        await post(hooks.url, b"{}", {}, inside=["127.0.0.1"])
    assert refused.value.why == why
    hooks.status = 202
    await post(hooks.url, b"{}", {}, inside=["127.0.0.1"])


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080/x", "http://localhost/", "http://10.0.0.7/", "http://169.254.169.254/latest",
        "http://192.168.1.1/", "http://[::1]/", "http://[fd00::1]/", "http://[fe80::1]/", "http://[::ffff:10.0.0.1]/",
        "http://0.0.0.0/", "http://100.64.0.1/", "http://2130706433/",
    ],
)  # fmt: skip
async def test_an_address_inside_is_neither_taken_nor_sent_to(address: str) -> None:
    assert await leads_inside(address, ())
    with pytest.raises(Undelivered) as failed:
        await post(address, b"{}", {})
    assert failed.value.why == "not_public"


async def test_a_host_inside_that_the_operator_named_is_reached(hooks: WebhookServer) -> None:
    port = urlsplit(hooks.url).port
    for named in (["127.0.0.1"], [f"127.0.0.1:{port}"], ["other", " 127.0.0.1 "]):
        assert not await leads_inside(hooks.url, named)
        await post(hooks.url, b"{}", {"x-kith-signature": "x"}, inside=named)
    assert await leads_inside(hooks.url, [f"127.0.0.1:{(port or 0) + 1}", "127.0.0.10"])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "cut_off"),
        (b"SSH-2.0-x\r\n", "not_http"),
        (b"x" * 20_000, "cut_off"),
        (b"HTTP/1.1 abc\r\n", "not_http"),
    ],
)
async def test_a_server_that_talks_nonsense_is_a_failure_and_not_a_crash(said: bytes, why: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(said)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        with pytest.raises(Undelivered) as failed:
            await post(
                f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"{}", {}, inside=["127.0.0.1"]
            )
        assert failed.value.why == why
    finally:
        server.close()
        await server.wait_closed()
