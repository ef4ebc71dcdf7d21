"""Cards, accounts and identity numbers: believed by arithmetic or by name."""

from __future__ import annotations

import pytest

from moderation.pipeline.conduct.identity import identities, network
from moderation.pipeline.conduct.surface import surface
from moderation.pipeline.conduct.triggers import triggers


def kinds(text: str) -> list[str]:
    view = surface(text)
    return [kind for kind, _, _ in (*identities(view, triggers(view.low)), *network(view))]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4012 8888 8888 1881", "card"),
        ("GB82 WEST 1234 5698 7654 32", "iban"),
        ("ssn 123-45-6789", "ssn"),
        ("529.982.247-25", "national_id"),
        ("my passport number is 533401892", "national_id"),
        ("84.12.33.9", "ip"),
        ("2001:db8::ff00:42:8329", "ip"),
    ],
)
def test_each_kind_is_told(text: str, kind: str) -> None:
    assert set(kinds(text)) <= {kind, "national_id"}  # contact.py joins what overlaps
    assert kinds(text)[0] == kind


@pytest.mark.parametrize(
    "text",
    [
        "4012 8888 8888 1882",
        "GB83 WEST 1234 5698 7654 32",
        "order 533401892",
        "1.2.3.4",
        "10:30:15",
        "127.0.0.1",
        "32:16:fd:ae:eb:97:57:29",
        "fa:e9:23:d5:a4:fd:12:aa:0c:1e:22:b7:90:4d:ee:01",
    ],
)
def test_a_wrong_check_digit_or_no_name_is_nothing(text: str) -> None:
    assert kinds(text) == []
