"""A group's settings in words: what its kind switches on, how it differs, and what isn't safe."""

from __future__ import annotations

import msgspec
import pytest

from community import group_presets
from community.cards import PRESETS
from moderation.pipeline.packs import PRESETS as PACKS
from moderation.pipeline.types import GroupRules
from tests.home import Home
from tests.moderation.oncall.test_roster_pages import send, shown, trained
from tests.moderation.team import moderator

PAGE = "/groups/lighthouse/settings"


def test_the_usual_values_are_those_of_the_pipeline() -> None:
    rules = msgspec.to_builtins(GroupRules())
    usual = {name: rules[name] for name in group_presets.USUAL if name in rules}
    assert usual == {name: value for name, value in group_presets.USUAL.items() if name in rules}


@pytest.mark.parametrize("preset", PRESETS)
def test_each_kind_of_group_says_what_it_adds(preset: str) -> None:
    assert group_presets.switched_on(preset)
    assert ("Nothing" in group_presets.switched_on(preset)) == (PACKS[preset] == ())  # type: ignore[index]


async def test_a_group_with_nobody_trained_behind_it_is_warned_until_there_are_two(home: Home) -> None:
    owner = await home.operator()
    await home.group(owner)
    assert "Nobody who is trained for care" in (await shown(owner, PAGE)).text
    await trained(home, owner)
    assert "One person alone is trained for care" in (await shown(owner, PAGE)).text
    await trained(home, owner)
    await moderator(home, owner)
    page = (await shown(owner, PAGE)).text
    assert "trained for care" not in page and "doesn&#39;t say when moderators read" in page


async def test_what_an_owner_changed_is_shown_and_goes_back_by_a_button(home: Home) -> None:
    owner = await home.operator()
    await home.group(owner, visibility="public")
    changed = {"settings.contact_details": "allow", "settings.profanity": "mask", "version": "1"}
    assert (await send(owner, PAGE, **changed)).status_code == 303
    page = (await shown(owner, PAGE)).text
    assert "usually: are hidden" in page and "protects less" in page and "Anyone on the web can read" in page
    back = {"settings.contact_details": "", "settings.profanity": "", "version": "2", "then": "stay"}
    assert (await send(owner, PAGE, **back)).headers["location"] == PAGE
    assert "Nothing is changed" in (await shown(owner, PAGE)).text


async def test_every_version_of_the_guidelines_can_be_read(home: Home) -> None:
    owner = await home.operator()
    await home.group(owner)
    page = "/groups/lighthouse/guidelines"
    await send(owner, page, guidelines="Be kind.", version="1")
    await send(owner, page, guidelines="Be kind, twice.", version="2")
    said = (await shown(owner, page)).text
    assert "Version 3, since" in said and "Version 1, since" in said and "Be kind.<br>" in said
