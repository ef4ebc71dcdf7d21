"""The rehearsal's page: a lead plays the week by a button and sees it by hour."""

from __future__ import annotations

import pytest

from server import rehearsal_pages
from tests.home import Home
from tests.moderation.oncall.test_roster_pages import send, shown
from tests.moderation.team import moderator

PATH = "/moderation/roster/rehearsal"


async def test_a_lead_plays_the_week_and_sees_what_3_am_will_look_like(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal_pages, "RUNS", 2)
    lead = await home.operator()
    mod = await moderator(home, lead)
    assert "Play the week" in (await shown(lead, PATH)).text
    played = (await send(lead, PATH)).text
    assert "<svg" in played and "Crisis: nobody took it in time, of 100" in played and "03:00" in played
    assert "a guess" in played
    assert (await shown(mod, PATH)).status_code == 404
