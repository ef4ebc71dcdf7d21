"""Mail in the background, against a real SMTP server on loopback."""

from __future__ import annotations

import logging
from email import message_from_bytes

import pytest

from community.clock import ManualClock
from community.mail import Post
from server.mailing import Mailing
from tests.moderation.oncall.team import smtp_server


async def test_a_mail_arrives_with_a_neutral_subject_and_no_answer_wanted(clock: ManualClock) -> None:
    async with smtp_server() as (box, post):
        mailing = Mailing(post, clock)
        mailing.post("me@example.org", "The link you asked for", "Hello, grüße.")
        await mailing.stop()
    [(to, raw)] = box.got
    mail = message_from_bytes(raw)
    assert to == "me@example.org" and mail["Subject"] == "The link you asked for"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Message-ID"].endswith("@example.org>")
    assert "grüße" in mail.get_payload(decode=True).decode()  # type: ignore[union-attr]


async def test_a_mail_that_fails_is_logged_without_its_address(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with smtp_server() as (box, post):
        box.answer = "550 no such person"
        mailing = Mailing(post, clock)
        with caplog.at_level(logging.ERROR, "kith.mailing"):
            mailing.post("me@example.org", "The link you asked for", "Hello.")
            await mailing.stop()
    assert [record.__dict__["why"] for record in caplog.records] == ["answered_550"]
    assert "example.org" not in caplog.text


async def test_without_a_mail_server_nothing_is_tried(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    mailing = Mailing(Post(), clock)
    assert not mailing.is_there
    with caplog.at_level(logging.ERROR, "kith.mailing"):
        mailing.post("me@example.org", "x", "y")
    assert [record.__dict__["why"] for record in caplog.records] == ["no_mail_server"]
