"""One person on call with some webhooks, and cries for them: what on-call's measurements stand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from community.bus import LocalBus
from community.clock import SystemClock
from community.database import Database
from community.helplines import Helplines
from community.ids import MemberId, MessageId, TeamId, VerdictId, new_id
from community.store import groups, messages, organisation, people, verdicts
from community.store.messages import NewMessage
from community.store.people import NewMember
from community.store.verdicts import NewVerdict
from moderation.casework.casework import Casework, Cause
from moderation.gate.support import Support
from moderation.oncall.channels.webhook import Webhook
from moderation.oncall.cover import CareSettings
from moderation.oncall.escalator import Escalator
from moderation.oncall.sender import Sender
from moderation.pipeline.types import Tier
from moderation.store import channels, roster, teams
from moderation.store.channels import Channel
from moderation.store.roster import Shift
from moderation.store.teams import Seat


@dataclass(frozen=True, slots=True)
class Stage:
    """Makes the jobs, and cries with case and page as the gate does."""

    database: Database
    clock: SystemClock
    bus: LocalBus
    casework: Casework
    settings: CareSettings
    team: TeamId

    def escalator(self) -> Escalator:
        return Escalator(self.database, self.clock, self.bus, self.casework, self.settings)

    def sender(self) -> Sender:
        return Sender(
            self.database,
            self.clock,
            self.bus,
            "http://127.0.0.1",
            {"webhook": Webhook(self.clock, inside=["127.0.0.1"])},
        )

    async def cry(self, tier: Tier) -> None:
        author, id, verdict, now = (
            MemberId(new_id()),
            MessageId(new_id()),
            VerdictId(new_id()),
            self.clock.now(),
        )
        handle = f"a{author.hex[-16:]}"
        async with self.database.transaction() as tx:
            await people.add(tx, NewMember(author, handle, handle, "x", None, "GB", "en", False), now=now)
            heard = NewVerdict(verdict, "publish_with_support", tier.name, "suicide", "1", 1)
            await verdicts.add(tx, [heard], [], now=now)
            words = NewMessage(
                id,
                None,
                None,
                author,
                "letter",
                verdict,
                None,
                "held",
                "help",
                "help",
                "help",
                1,
                (),
                None,
                None,
            )
            await messages.add(tx, [words], now=now)
            cause = Cause(id, author, self.team, None, tier, "suicide", frozenset({"bench"}))
            await self.casework.care(tx, cause, now=now)


async def lay_team(database: Database, urls: Sequence[str], settings: CareSettings) -> Stage:
    """An organisation with one person on duty, reached by these webhooks in this order."""
    clock, who = SystemClock(), MemberId(new_id())
    now = clock.now()
    async with database.transaction() as tx:
        await organisation.found(tx, now=now)
        team = await groups.default_team(tx)
        await people.add(tx, NewMember(who, "oncall", "oncall", "x", None, "GB", "en", False), now=now)
        await teams.put_seat(tx, team, Seat(team, who, None, True, True, False), now=now)
        await roster.add_shift(tx, team, Shift(who, "primary", now, now + timedelta(hours=12)))
        for url in urls:
            channel = Channel(
                new_id(),
                team,
                who,
                "person",
                "webhook",
                "kith",
                url,
                url,
                "",
                "s" * 32,
                False,
                0,
                None,
                None,
                None,
            )
            await channels.add(tx, channel, now=now)
    return Stage(database, clock, LocalBus(), Casework(Support(Helplines())), settings, team)
