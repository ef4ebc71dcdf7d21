"""One house a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from community.clock import ManualClock
from community.database import Database
from tests.community.web.house import House, open_house


@pytest.fixture
async def house(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database, clock, tmp_path / "erased") as opened:
        yield opened
