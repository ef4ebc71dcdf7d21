"""A neutral test by mail or by one's channels, and what became of it in words.

A test says that it is one and nothing else: no name, no group, nothing that a stranger could learn from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from community.clock import Clock
from community.ids import MemberId, PageId, TeamId, new_id
from community.web.words import _
from moderation.oncall.channels import SEND_SECONDS, Letter, Undelivered, Way
from moderation.store.channels import Channel


@dataclass(frozen=True, slots=True)
class Tried:
    """One test: by what, whether it was taken, and what that means."""

    by: str
    taken: bool
    said: str


BLANK: Final = Channel(
    id=new_id(), team_id=TeamId(new_id()), member_id=None, use="person", kind="mail", style="kith",
    label="", address="", their_key="", secret="", aloud=False, position=0,
    failing_since=None, retry_at=None, last_ok_at=None,
)  # fmt: skip


class Tests:
    """`base` is where people reach this server."""

    __test__ = False  # its name is no test of pytest's

    def __init__(self, ways: Mapping[str, Way], clock: Clock, base: str) -> None:
        self._ways = ways
        self._clock = clock
        self._base = base

    async def mail(self, address: str, by: MemberId) -> Tried:
        """One mail to this address."""
        return await self.channel(replace(BLANK, member_id=by, address=address, label=address))

    async def channel(self, channel: Channel) -> Tried:
        """One letter by this channel; never raises for what the other side does."""
        letter = Letter(
            id=new_id(),
            page=PageId(new_id()),
            severity="test",
            subject=_("A test"),
            body=_("This is a test. Nothing has happened, and nothing is to be done."),
            link=self._base,
            at=self._clock.now(),
        )
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._ways[channel.kind].send(channel, letter)
        except Undelivered as failed:
            return Tried(channel.label, False, why_words(failed.why))
        except TimeoutError:
            return Tried(channel.label, False, why_words("timed_out"))
        return Tried(
            channel.label, True, _("It was taken. Look whether it arrived; junk folders count as no.")
        )


def why_words(why: str) -> str:
    """What a channel's refusal means, and what to look at."""
    known = {
        "no_mail_server": _("No mail server is set. Put [mail] into config.toml and start Kith again."),
        "timed_out": _(
            "There was no answer in time. Is the address right, and does a firewall stand between?"
        ),
        "no_browser": _("None of your browsers may be told. Allow it in one of them, at “How you are told”."),
        "unreachable": _("The server can't be reached. Look at host, port and encryption."),
    }
    if why.startswith("answered_"):
        code = why.partition("_")[2]
        return _("The other side said no (%(code)s). Look at user, password, sender and address.") % {
            "code": code
        }
    return known.get(why) or _("It didn't work (%(why)s).") % {"why": why}
