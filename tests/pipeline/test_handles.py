"""Names elsewhere: announced by a network, never a bare mention."""

from __future__ import annotations

import pytest

from moderation.pipeline.conduct.handles import handles
from moderation.pipeline.conduct.surface import surface
from moderation.pipeline.conduct.triggers import triggers


def found(text: str) -> list[str]:
    view = surface(text)
    return [text[a:b] for a, b in handles(view, triggers(view.low))]


@pytest.mark.parametrize(
    ("text", "name"),
    [("my insta is sad_panda99", "sad_panda99"), ("snap: janeyx", "janeyx"), ("Foo#1234", "Foo#1234")],
)
def test_a_name_on_another_network_is_found(text: str, name: str) -> None:
    assert found(text) == [name]


@pytest.mark.parametrize(
    "text", ["@sunny thanks", "facebook is toxic", "I saw it on insta today", "#100daysclean"]
)
def test_talk_about_networks_is_not(text: str) -> None:
    assert found(text) == []
