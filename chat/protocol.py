"""The wire protocol kith.v1: what clients say becomes frozen frames, what the server says becomes JSON.

Pure: no I/O, no clock, no state. Any bytes end as a frame or as a named error, never as an exception, so
that the socket has nothing left to guess.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from community.ids import ConversationId, MemberId, MessageId, NoticeId

SUBPROTOCOL: Final = "kith.v1"
FRAME_BYTES_MAX: Final = 128 * 1024
BODY_CHARS_MAX: Final = 8_000

Nonce = Annotated[str, Meta(pattern=r"^[ -~]{1,64}\Z", description="1-64 printable ASCII characters")]
Position = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Emoji = Annotated[str, Meta(min_length=1, max_length=32)]


class _Said(Struct, frozen=True, tag_field="t", kw_only=True):
    """What every client frame may carry. Fields we don't know are passed over: the protocol grows."""

    nonce: Nonce | None = None


class Join(_Said, frozen=True, tag="join", kw_only=True):
    c: ConversationId
    after: Position | None = None
    epoch: str | None = None


class Leave(_Said, frozen=True, tag="leave", kw_only=True):
    c: ConversationId


class Say(_Said, frozen=True, tag="send", kw_only=True):
    """A message. Its length is the gate's business: words that are too long are judged all the same."""

    c: ConversationId
    nonce: Nonce
    body: str
    reply_to: MessageId | None = None
    warnings: tuple[str, ...] = ()


class Change(_Said, frozen=True, tag="edit", kw_only=True):
    id: MessageId
    nonce: Nonce
    body: str


class Withdraw(_Said, frozen=True, tag="withdraw", kw_only=True):
    id: MessageId


class React(_Said, frozen=True, tag="react", kw_only=True):
    id: MessageId
    emoji: Emoji
    on: bool


class HaveRead(_Said, frozen=True, tag="read", kw_only=True):
    c: ConversationId
    seq: Position


class AmTyping(_Said, frozen=True, tag="typing", kw_only=True):
    c: ConversationId


class Ping(_Said, frozen=True, tag="ping", kw_only=True):
    pass


ClientFrame: TypeAlias = Join | Leave | Say | Change | Withdraw | React | HaveRead | AmTyping | Ping


class Bad(Struct, frozen=True):
    """A frame we couldn't read: a strike."""

    code: Literal["not_json", "not_a_frame", "unknown_type", "bad_field"]
    say: str


class Nowhere(Struct, frozen=True):
    """A frame whose id is none: it names nothing, like the id of something one may not see. No strike."""

    nonce: str | UnsetType
    c: str | UnsetType


class _Loose(Struct):
    """Just enough of a frame to answer it when the rest is wrong."""

    t: object = None
    nonce: object = None
    c: object = None


_decode = msgspec.json.Decoder(ClientFrame).decode
_decode_loosely = msgspec.json.Decoder(_Loose).decode
_TYPES: Final = frozenset(
    ("join", "leave", "send", "edit", "withdraw", "react", "read", "typing", "ping"),
)


def parse(data: str | bytes) -> ClientFrame | Bad | Nowhere:
    """The frame that `data` spells, or why it doesn't. Never raises."""
    try:
        frame: ClientFrame = _decode(data)
    except msgspec.ValidationError as why:
        return _explain(data, str(why))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Bad("not_json", "That wasn't JSON that we can read.")
    return frame


def _explain(data: str | bytes, why: str) -> Bad | Nowhere:
    """msgspec's words name types and a path, never the value, so they may be passed on."""
    try:
        loose = _decode_loosely(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Bad("not_a_frame", 'A frame is a JSON object with a "t".')
    if not isinstance(loose.t, str):
        return Bad("not_a_frame", 'A frame is a JSON object with a "t" that says what it is.')
    if loose.t not in _TYPES:
        return Bad("unknown_type", "We don't know frames of this type.")
    if why.startswith("Invalid UUID"):
        return Nowhere(_short(loose.nonce, 64), _short(loose.c, 64))
    if why.endswith("`$.nonce`"):
        return Bad("bad_field", "A nonce is 1 to 64 ASCII characters, and each send and edit needs one.")
    return Bad("bad_field", f"A field of this {loose.t} frame isn't right: {why}.")


def _short(value: object, chars_max: int) -> str | UnsetType:
    return value if isinstance(value, str) and len(value) <= chars_max else UNSET


class _Told(Struct, frozen=True, tag_field="t", omit_defaults=True):
    """What the server says."""


class Person(Struct, frozen=True):
    id: MemberId
    handle: str | None


class Limits(Struct, frozen=True):
    """What a client should know before it is refused."""

    body_chars_max: int
    frame_bytes_max: int
    sends_a_second: float
    sends_a_minute: float
    replay_events_max: int


class Welcome(_Told, frozen=True, tag="welcome"):
    member: Person
    limits: Limits
    server: str


class Joined(_Told, frozen=True, tag="joined"):
    c: ConversationId
    seq: int
    epoch: str
    nonce: str | UnsetType = UNSET


class Left(_Told, frozen=True, tag="left"):
    c: ConversationId
    code: str
    say: str


class Ack(_Told, frozen=True, tag="ack"):
    id: MessageId
    seq: int | None
    outcome: str
    masked: bool
    nonce: str | UnsetType = UNSET
    again: bool | UnsetType = UNSET
    help: bool | UnsetType = UNSET  # worth a quiet link to help


class Nack(_Told, frozen=True, tag="nack"):
    code: str
    say: str
    nonce: str | UnsetType = UNSET
    c: str | UnsetType = UNSET
    findings: object = UNSET
    retry_after: float | UnsetType = UNSET


class Support(_Told, frozen=True, tag="support"):
    nonce: str
    card: object


class Notice(_Told, frozen=True, tag="notice"):
    id: NoticeId
    kind: str
    say: str
    message: MessageId | UnsetType = UNSET


class Presence(_Told, frozen=True, tag="presence"):
    """Who is here among those who let it be seen: the one who came or went, or all at joining."""

    c: ConversationId
    here: tuple[Person, ...] = ()
    gone: tuple[Person, ...] = ()


class Typing(_Told, frozen=True, tag="typing"):
    c: ConversationId
    member: Person


class Read(_Told, frozen=True, tag="read"):
    c: ConversationId
    seq: int


class RoomNews(_Told, frozen=True, tag="room"):
    """Something around the room changed (its meeting, its slow mode): read it again. Best effort, no seq."""

    c: ConversationId


class Resync(_Told, frozen=True, tag="resync"):
    c: ConversationId
    head: int


class Error(_Told, frozen=True, tag="error"):
    code: str
    say: str


class Goaway(_Told, frozen=True, tag="goaway"):
    within: float


class Pong(_Told, frozen=True, tag="pong"):
    nonce: str | UnsetType = UNSET


ServerFrame: TypeAlias = (
    Welcome
    | Joined
    | Left
    | Ack
    | Nack
    | Support
    | Notice
    | Presence
    | Typing
    | Read
    | RoomNews
    | Resync
    | Error
    | Goaway
    | Pong
)


def echo(nonce: str | None) -> str | UnsetType:
    """The nonce as an answer carries it: absent when there was none."""
    return UNSET if nonce is None else nonce
