"""A team for each test of on-call."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from community.clock import ManualClock
from community.database import Database
from tests.moderation.oncall.team import Mailbox, Oncallers, WebhookServer, smtp_server, webhook_server


@pytest.fixture
async def team(database: Database, clock: ManualClock) -> Oncallers:
    made = Oncallers(database, clock)
    await made.lay()
    return made


@pytest.fixture
async def hooks() -> AsyncIterator[WebhookServer]:
    async with webhook_server() as server:
        yield server


@pytest.fixture
async def mailbox(team: Oncallers) -> AsyncIterator[Mailbox]:
    async with smtp_server() as (box, post):
        team.mail = post
        yield box
