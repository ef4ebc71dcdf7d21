"""The API's part of being told in a browser: subscribe it, and stop. What is new is at GET /me/notices."""

from __future__ import annotations

import base64

import msgspec

from community.errors import Invalid
from community.notices.own import OwnNotices
from community.web.calls import Answer, Ask, Call


class PushKeys(msgspec.Struct, frozen=True):
    p256dh: str
    auth: str


class PushBody(msgspec.Struct, frozen=True):
    """A browser's subscription, as `PushSubscription.toJSON()` gives it. Any `expirationTime` is passed over."""

    endpoint: str
    keys: PushKeys


class EndpointBody(msgspec.Struct, frozen=True):
    endpoint: str


class PushKeyShape(msgspec.Struct, frozen=True):
    key: str


class NoticesApi:
    """`push_key`: the server's own, which browsers need to subscribe."""

    def __init__(self, own: OwnNotices, push_key: str) -> None:
        self._own = own
        self._push_key = push_key

    def calls(self) -> list[Call]:
        at = "/me/push"
        return [
            Call("GET", at, self.key, "The server's key for subscribing", answers={200: PushKeyShape}),
            Call("POST", at, self.add, "Tell me in this browser", body=PushBody, answers={204: None}),
            Call("DELETE", at, self.drop, "Don't any more", body=EndpointBody, answers={204: None}),
        ]

    async def key(self, ask: Ask) -> Answer:
        ask.signed()
        return Answer(PushKeyShape(self._push_key))

    async def add(self, ask: Ask) -> Answer:
        who, body = ask.signed(), ask.body
        keys = _bytes(body.keys.p256dh), _bytes(body.keys.auth)
        await self._own.add_device(who.member_id, who.session_id, body.endpoint, keys)
        return Answer(status=204)

    async def drop(self, ask: Ask) -> Answer:
        await self._own.drop_device(ask.signed().member_id, ask.body.endpoint)
        return Answer(status=204)


def _bytes(text: str) -> bytes:
    """base64url, with or without its end; anything else is no key."""
    try:
        return base64.b64decode(
            text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True
        )
    except ValueError:
        raise Invalid("That is no key of a browser.", code="bad_push_key") from None
