"""The living style page: shown to developers alone, and whole."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from community.database import Database
from community.web.design_pages import LOOKS
from community.web.rendering import OWN_TEMPLATES
from server.settings import Server
from tests.community.web.house import House
from tests.home import Home, easy, living


def test_no_part_of_ui_is_missing_on_the_style_page() -> None:
    parts = re.findall(r"macro ([a-z][a-z_]*)\(", (OWN_TEMPLATES / "ui.html").read_text())
    shown = (OWN_TEMPLATES / "design.html").read_text()
    assert len(parts) > 20
    assert [part for part in parts if f"ui.{part}(" not in shown] == []


@pytest.mark.parametrize("look", LOOKS)
async def test_it_is_drawn_in_every_look(house: House, look: str) -> None:
    shown = (await house.browser().get(f"/design?look={look}")).text
    assert shown.count('aria-invalid="true"') >= 4 and "disabled" in shown and 'dir="rtl"' in shown
    marks = {"system": "data-look" not in shown, "calm": "data-calm" in shown}
    assert marks.get(look, f'data-look="{look}"' in shown)


async def test_it_is_not_there_for_anyone_else(home: Home) -> None:
    assert (await home.http.get("/design")).status_code == 404


async def test_the_development_setting_shows_it(database: Database, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(easy(), server=Server(development=True))
    async with living(database, tmp_path, settings=settings) as home:
        assert (await home.http.get("/design")).status_code == 200
