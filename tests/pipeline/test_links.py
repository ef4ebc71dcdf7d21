"""Links: read by hand, never followed; help is known, disguise is seen."""

from __future__ import annotations

import pytest

from moderation.pipeline.conduct.links import links


def test_links_are_found_with_their_hosts() -> None:
    found = links("see https://www.nhs.uk/conditions and blog.example.com/x")
    assert [link.host for link in found] == ["nhs.uk", "blog.example.com"]
    assert [link.helps for link in found] == [True, False]


@pytest.mark.parametrize("text", ["it hurts.so much", "e.g. this", "3.5 units", "sam@example.com"])
def test_points_in_sentences_are_no_links(text: str) -> None:
    assert links(text) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://bank.example@evil.example/",
        "http://198.51.100.7/x",
        "http://xn--80ak.example/",
        "hxxp://a.example/b",
    ],
)
def test_a_disguised_address_is_dangerous(url: str) -> None:
    assert links(url)[0].dangerous
