"""Webhooks: our own signed JSON, or the shape that GoAlert, PagerDuty or ntfy reads. All of them are signed.

Shapes follow the public documents of each: GoAlert generic API (summary, details, dedup), PagerDuty Events API
v2 (routing_key, event_action, dedup_key, payload), ntfy publish as JSON (topic, title, message, click).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from community.clock import Clock
from moderation.oncall.channels import Letter
from moderation.oncall.channels.http import post
from moderation.oncall.channels.signing import HEADER, sign
from moderation.store.channels import Channel

_PAGERDUTY = {"crisis": "critical", "red": "error", "fault": "warning", "test": "info"}
_NTFY = {"crisis": 5, "red": 4, "fault": 4, "test": 3}


class Webhook:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def send(self, channel: Channel, letter: Letter) -> None:
        """Post it; anything but 2xx is Undelivered."""
        address, body, headers = request(channel, letter)
        signature = sign(channel.secret, body, self._clock.now())
        await post(address, body, {**headers, HEADER: signature})


def request(channel: Channel, letter: Letter) -> tuple[str, bytes, dict[str, str]]:
    """Address, body and headers in the channel's style."""
    headers = {"content-type": "application/json", "idempotency-key": str(letter.id)}
    address = channel.address
    match channel.style:
        case "kith":
            value = _own(channel, letter)
        case "goalert":
            value = {
                "summary": letter.subject,
                "details": f"{letter.body}\n{letter.link}",
                "dedup": str(letter.page),
            }
        case "pagerduty":
            value = _pagerduty(channel, letter)
        case "ntfy":
            address, value = _ntfy(address, letter)
            if channel.their_key:
                headers["authorization"] = f"Bearer {channel.their_key}"
    return address, msgspec.json.encode(value), headers


def _own(channel: Channel, letter: Letter) -> dict[str, Any]:
    """Answer it at /hooks/pages/{channel}, signed with the same secret."""
    return {
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
