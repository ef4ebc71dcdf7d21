"""Handing over mail: which answers mean that nobody is there, and which only that it didn't work today."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from community.mail import NotSent, Post, hand_over
from tests.moderation.oncall.team import smtp_server


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@post.example", "me@example.org", "Hello"
    mail.set_content("x")
    return mail


@pytest.mark.parametrize(
    ("answer", "nobody"),
    [
        ("550 5.1.1 no such person", True),
        ("550 5.7.1 not from you", False),
        ("550 no", False),  # after the text it may be about anything
        ("451 4.3.0 later", False),
        ("552 5.2.2 full", False),
    ],
)
async def test_only_a_lasting_no_about_the_address_means_nobody(answer: str, nobody: bool) -> None:
    async with smtp_server() as (box, post):
        box.answer = answer
        with pytest.raises(NotSent) as failure:
            await hand_over(post, a_mail())
    assert failure.value.nobody_there is nobody and failure.value.why == f"answered_{answer[:3]}"


async def test_a_recipient_that_is_refused_is_nobody() -> None:
    async with smtp_server() as (box, post):

        async def handle_RCPT(
            server: object, session: object, envelope: object, address: str, options: object
        ) -> str:
            return "550 unknown"

        box.handle_RCPT = handle_RCPT  # type: ignore[attr-defined]
        with pytest.raises(NotSent) as failure:
            await hand_over(post, a_mail())
    assert failure.value.nobody_there


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(NotSent, match="unreachable"):
        await hand_over(Post("127.0.0.1", 1, "none", sender="a@post.example"), a_mail())
    with pytest.raises(NotSent, match="no_mail_server"):
        await hand_over(Post(), a_mail())
