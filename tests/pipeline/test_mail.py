"""E-mail addresses: read outward from the sign, or spelled with something that makes a name."""

from __future__ import annotations

import pytest

from moderation.pipeline.conduct.mail import mails
from moderation.pipeline.conduct.surface import surface
from moderation.pipeline.conduct.triggers import triggers


def found(text: str) -> list[str]:
    view = surface(text)
    return [text[a:b] for a, b in mails(view, triggers(view.low))]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("(sam@example.org)", "sam@example.org"),
        ("sam.o'neil+x@mail.example.co.uk.", "sam.o'neil+x@mail.example.co.uk"),
        ("sam dot green at gmail dot com ok", "sam dot green at gmail dot com"),
        ("sam [at] example [dot] org", "sam [at] example [dot] org"),
    ],
)
def test_an_address_is_found_whole(text: str, address: str) -> None:
    assert address in found(text)


@pytest.mark.parametrize(
    "text", ["meet me @ 5", "@sunny hello", "look at amazon dot com", "a@b", "I was at home.com"]
)
def test_a_sign_alone_is_no_address(text: str) -> None:
    assert found(text) == []
