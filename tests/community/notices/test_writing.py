"""Mails: nothing in them tells what this place is; the right to stop them is signed."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.ids import MemberId
from community.mail import Post
from community.notices.tokens import read_token, unsubscribe_token
from community.notices.writing import Outgoing, write

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POST = Post("mail.example", sender="hello@post.example")
KEY = b"k" * 32


def mail(kind: Any = "news", language: str = "en", **counts: int) -> EmailMessage:
    plain = Outgoing(UUID(int=7), kind, "me@example.org", language, counts, NOW)
    return write(plain, POST, base="https://post.example", unsubscribe="token")


def bodies(made: EmailMessage) -> list[str]:
    return [part.get_content() for part in made.walk() if not part.is_multipart()]


def test_a_mail_says_that_there_is_news_and_nothing_else() -> None:
    made = mail()
    assert made["Subject"] == "News from someone you know"
    assert made["Message-ID"] == f"<{UUID(int=7)}@post.example>", "the same at every try"
    assert made["List-Unsubscribe"] == "<https://post.example/unsubscribe/token>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = bodies(made)
    for body in (plain, html):
        assert "There is news for you." in body and "https://post.example/me/notices" in body
        assert not [w for w in ("Kith", "group", "support", "moderat", "<img", "http:") if w in body]
    assert [part.get_content_type() for part in made.iter_parts()] == ["text/plain", "text/html"]


def test_a_digest_is_numbers_and_a_link() -> None:
    plain, html = bodies(mail("digest", reply=1, follow=12))
    for body in (plain, html):
        assert "1 answer to you" in body and "12 new messages that you follow" in body
        assert "mentioned" not in body, "what is none is not said"


@pytest.mark.parametrize("language", ["de", "ar", "xx"])
def test_a_mail_speaks_its_readers_language_and_stays_whole(language: str) -> None:
    made = mail(language=language)
    assert len(bodies(made)) == 2 and made["Subject"]
    assert ('dir="rtl"' in bodies(made)[1]) == (made["Content-Language"] == "ar")


def test_only_what_we_signed_stops_somebodys_mail() -> None:
    member = MemberId(uuid4())
    token = unsubscribe_token(KEY, member)
    assert read_token(KEY, token) == member
    assert read_token(b"x" * 32, token) is None
    assert read_token(KEY, token[:-2] + ("AA" if token[-2:] != "AA" else "BB")) is None


@given(st.text(max_size=80))
def test_no_text_is_taken_for_a_token(text: str) -> None:
    assert read_token(KEY, text) is None
