"""Webhooks: our own signed JSON, or the shape that GoAlert, PagerDuty or ntfy reads. All of them are signed.

Shapes follow the public documents of each: GoAlert generic API (summary, details, dedup), PagerDuty Events API
v2 (routing_key, event_action, dedup_key, payload), ntfy publish as JSON (topic, title, message, click).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from community.clock import Clock
from moderation.oncall.channels import Letter
from moderation.oncall.channels.http import post
from moderation.oncall.channels.secrets import Secrets
from moderation.oncall.channels.signing import HEADER, sign
from moderation.store.channels import Channel

_PAGERDUTY = {"crisis": "critical", "red": "error", "fault": "warning", "test": "info"}
_NTFY = {"crisis": 5, "red": 4, "fault": 4, "test": 3}


class Webhook:
    """`secrets` opens what is sealed at rest; None: nothing is. `inside` are hosts that may stand in the own
    network (moderation/oncall/channels/http.py)."""

    def __init__(self, clock: Clock, secrets: Secrets | None = None, *, inside: Collection[str] = ()) -> None:
        self._clock = clock
        self._secrets = secrets
        self.inside = frozenset(inside)

    async def send(self, channel: Channel, letter: Letter) -> None:
        """Post it; anything but 2xx is Undelivered."""
        if self._secrets is not None:
            channel = self._secrets.opened(channel)
        address, body, headers = request(channel, letter)
        signature = sign(channel.secret, body, self._clock.now())
        await post(address, body, {**headers, HEADER: signature}, inside=self.inside)


def request(channel: Channel, letter: Letter) -> tuple[str, bytes, dict[str, str]]:
    """Address, body and headers in the channel's style."""
    headers = {"content-type": "application/json", "idempotency-key": str(letter.id)}
    address = channel.address
    match channel.style:
        case "kith":
            value = _own(channel, letter)
        case "goalert":
            value = _goalert(letter)
        case "pagerduty":
            value = _pagerduty(channel, letter)
        case "ntfy":
            address, value = _ntfy(address, letter)
            if channel.their_key:
                headers["authorization"] = f"Bearer {channel.their_key}"
    return address, msgspec.json.encode(value), headers


def _goalert(letter: Letter) -> dict[str, Any]:
    """The same `dedup` closes what it opened."""
    if letter.event == "answered":
        return {"summary": letter.subject, "dedup": str(letter.page), "action": "close"}
    return {
        "summary": letter.subject,
        "details": f"{letter.body}\n{letter.link}",
        "dedup": str(letter.page),
    }


def _own(channel: Channel, letter: Letter) -> dict[str, Any]:
    """Answer it at /hooks/pages/{channel}, signed with the same secret. `event` "answered": nothing to do."""
    if letter.event == "answered":
        return {
            "id": letter.id, "page": letter.page, "channel": channel.id, "event": "answered",
            "subject": letter.subject, "at": letter.at,
        }  # fmt: skip
    return {
        "event": "page",
        "id": letter.id,
        "page": letter.page,
        "channel": channel.id,
        "severity": letter.severity,
        "subject": letter.subject,
        "body": letter.body,
        "link": letter.link,
        "at": letter.at,
    }


def _pagerduty(channel: Channel, letter: Letter) -> dict[str, Any]:
    """Answered is "resolve": an incident that is only acknowledged wouldn't ring again with the next page."""
    if letter.event == "answered":
        return {
            "routing_key": channel.their_key,
            "event_action": "resolve",
            "dedup_key": str(letter.page),
        }
    return {
        "routing_key": channel.their_key,
        "event_action": "trigger",
        "dedup_key": str(letter.page),
        "payload": {
            "summary": letter.subject,
            "source": "kith",
            "severity": _PAGERDUTY[letter.severity],
            "timestamp": letter.at,
            "custom_details": {"body": letter.body},
        },
        "links": [{"href": letter.link, "text": "Answer"}],
    }


def _ntfy(address: str, letter: Letter) -> tuple[str, dict[str, Any]]:
    """ntfy takes JSON at its root, with the topic from the address's path."""
    parts = urlsplit(address)
    folder, _, topic = parts.path.rpartition("/")
    root = urlunsplit(parts._replace(path=folder + "/", query=""))
    return root, {
        "topic": topic,
        "title": letter.subject,
        "message": letter.body,
        "priority": _NTFY[letter.severity],
        "click": letter.link,
        "actions": [{"action": "view", "label": "Answer", "url": letter.link}],
    }
