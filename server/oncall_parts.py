"""On-call's parts, made once from the settings: what its jobs, its API and its pages share."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from community.bus import Bus
from community.clock import Clock
from community.database import Database
from community.helplines import Helplines
from moderation.casework.casework import Casework
from moderation.casework.clocks import Clocks, Times
from moderation.casework.sealed import Keys
from moderation.desk.desk import Desk
from moderation.gate.deciding import Decider
from moderation.oncall.alarm import DeadMan
from moderation.oncall.api import OncallApi
from moderation.oncall.canary import Canary
from moderation.oncall.channels import Way
from moderation.oncall.channels.browser import Browser
from moderation.oncall.channels.mail import Mail, Post
from moderation.oncall.channels.secrets import Secrets
from moderation.oncall.channels.webhook import Webhook
from moderation.oncall.cover import CareSettings
from moderation.oncall.escalator import Escalator
from moderation.oncall.following import Follower
from moderation.oncall.helpline_watch import HelplineWatch
from moderation.oncall.hours import parse
from moderation.oncall.reaching import Doors, Reaching
from moderation.oncall.roster_acts import Oncall
from moderation.oncall.sender import Sender
from moderation.oncall.trying import Tests
from moderation.oncall.watching import Watching
from moderation.store.times import set_in_force
from server.notice_keys import NoticeKeys, vapid_of
from server.settings import Care, Settings, TierClocks

if TYPE_CHECKING:
    from server.jobs import Job

log = logging.getLogger("kith.oncall")


@dataclass(frozen=True, slots=True)
class OncallParts:
    oncall: Oncall
    reaching: Reaching
    escalator: Escalator
    sender: Sender
    watching: Watching
    dead_man: DeadMan
    canary: Canary
    helpline_watch: HelplineWatch
    api: OncallApi
    secrets: Secrets
    tests: Tests
    browser: Browser
    database: Database
    clock: Clock

    async def begin(self) -> None:
        """Put the clocks of the settings into force, for every process: what happens from now on runs by them. Seal
        what lies in the open."""
        async with self.database.transaction() as tx:
            changed = await set_in_force(tx, self.oncall.settings.times, now=self.clock.now())
        if changed:
            log.info("the clocks of cases were changed")
        await self.secrets.seal_all(self.database)

    async def stop(self) -> None:
        """Let sends that were begun end."""
        await self.sender.stop()


@dataclass(frozen=True, slots=True)
class Makings:
    """What on-call is made from."""

    database: Database
    clock: Clock
    bus: Bus
    casework: Casework
    decider: Decider
    desk: Desk
    helplines: Helplines
    keys: Keys
    notice_keys: NoticeKeys


def make_oncall(settings: Settings, oncall: Oncall, made: Makings) -> OncallParts:
    database, clock, bus = made.database, made.clock, made.bus
    secrets = Secrets(made.keys)
    inside = frozenset(settings.care.webhook_hosts_inside)
    hook = Webhook(clock, secrets, inside=inside)
    base, post = base_url(settings), post_of(settings)
    vapid = vapid_of(made.notice_keys, base, post.sender)
    browser = Browser(database, clock, vapid, times=oncall.settings.times)
    ways: dict[str, Way] = {"mail": Mail(post), "webhook": hook, "push": browser}
    tests = Tests(ways, clock, base)
    follower = Follower([base, own_url(settings)])
    dead_man = DeadMan(database, clock, base, ways)
    reaching = Reaching(database, clock, bus, made.desk, Doors(secrets, tests, inside))
    return OncallParts(
        oncall=oncall,
        reaching=reaching,
        escalator=Escalator(database, clock, bus, made.casework, oncall.settings),
        sender=Sender(database, clock, bus, base, ways, follow=follower.follow),
        watching=Watching(database, clock, oncall),
        dead_man=dead_man,
        canary=Canary(database, clock, made.casework, made.decider, dead_man.give),
        helpline_watch=HelplineWatch(database, clock, made.helplines, oncall.settings.hours, dead_man),
        api=OncallApi(oncall, reaching, clock),
        secrets=secrets,
        tests=tests,
        browser=browser,
        database=database,
        clock=clock,
    )


def oncall_jobs(parts: OncallParts) -> list[Job]:
    """Every process runs them all; rows and constraints see to it that each thing happens once."""
    from server.jobs import Job

    async def escalate() -> None:
        if await parts.escalator.run():
            await parts.sender.run()  # a page that was just promised waits for no other turn

    async def send() -> None:
        await parts.sender.run()

    async def start_shifts() -> None:
        await parts.watching.test_shifts()

    async def tell_gaps() -> None:
        await parts.watching.tell_gaps()

    async def fly() -> None:
        await parts.canary.run()

    async def watch_helplines() -> None:
        await parts.helpline_watch.run()

    async def look_for_life() -> None:
        await parts.dead_man.run()

    return [
        Job("escalate", timedelta(seconds=1), escalate),
        Job("send_pages", timedelta(seconds=0.5), send),
        Job("test_shifts", timedelta(seconds=20), start_shifts),
        Job("tell_gaps", timedelta(hours=1), tell_gaps),
        Job("expand_roster", timedelta(hours=6), parts.watching.expand),
        Job("canary", timedelta(seconds=30), fly),
        Job("watch_helplines", timedelta(hours=1), watch_helplines),
        Job("look_for_life", timedelta(seconds=30), look_for_life),
    ]


def care_settings(care: Care) -> CareSettings:
    """The settings as moderation reads them. Raises BadHours."""
    return CareSettings(
        times=Times(
            crisis=_clocks(care.crisis),
            red=_clocks(care.red),
            amber=_clocks(care.amber),
            green=_clocks(care.green),
            lease=timedelta(minutes=care.lease_minutes),
            conduct=timedelta(hours=care.conduct_hours),
            follow_ups=tuple(timedelta(hours=hours) for hours in sorted(care.follow_up_hours)),
            appeal_window=timedelta(days=care.appeal_days),
            appeal_answer=timedelta(days=care.appeal_answer_days),
        ),
        hours=parse(care.reading_hours, care.time_zone),
        small_team=care.small_team,
        small_team_people=care.small_team_people,
        crisis_cases_max=care.crisis_cases_per_person,
    )


def post_of(settings: Settings) -> Post:
    mail = settings.mail
    return Post(mail.host, mail.port, mail.security, mail.user, mail.password, mail.sender)


def base_url(settings: Settings) -> str:
    """Where people reach this server, for links in pages."""
    server = settings.server
    host = f"[{server.host}]" if ":" in server.host else server.host
    return server.public_url.rstrip("/") or f"http://{host}:{server.port}"


def own_url(settings: Settings) -> str:
    """Where this machine reaches itself, past any proxy."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.server.host, settings.server.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.server.port}"


def _clocks(given: TierClocks) -> Clocks:
    return Clocks(
        acknowledge=timedelta(minutes=given.acknowledge_minutes),
        words=timedelta(minutes=given.words_minutes),
        again=timedelta(minutes=given.again_minutes),
        next_person=timedelta(minutes=given.next_person_minutes),
    )
