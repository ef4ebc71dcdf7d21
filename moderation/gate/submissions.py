"""What comes to the gate and what goes back: the types of sending, editing and opening a conversation."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from community.database import Tx
from community.errors import FieldError, Invalid
from community.ids import ConversationId, GroupId, MemberId, MessageId
from moderation.gate.support import SupportCard

NONCE_CHARS_MAX = 64
WARNINGS_MAX = 5
WARNING_CHARS_MAX = 40
TITLE_CHARS_MAX = 150


@dataclass(frozen=True, slots=True)
class Send:
    """Words for a conversation. `nonce` makes a resend after a lost answer harmless."""

    author: MemberId
    conversation: ConversationId
    nonce: str
    body: str
    reply_to: MessageId | None = None
    warnings: tuple[str, ...] = ()

    def content_hash(self, title: str = "") -> bytes:
        """What a second send under the same nonce must be equal to. Where a title opens a conversation,
        its id is made anew at each try and says nothing."""
        place = b"" if title else self.conversation.bytes
        reply = self.reply_to.bytes if self.reply_to else b""
        return _digest(b"send", place, self.body, reply, title, *self.warnings)


@dataclass(frozen=True, slots=True)
class Edit:
    """New words for one's own message. Judged again like new ones."""

    author: MemberId
    message: MessageId
    nonce: str
    body: str

    def content_hash(self) -> bytes:
        return _digest(b"edit", self.message.bytes, self.body)


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of the first message of a new conversation."""

    message_id: MessageId
    seq: int | None
    title_shown: str  # with masks
    held: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """A conversation that begins with the message that is being sent. `title` is judged with it, and
    `write` adds the caller's own rows inside the gate's transaction."""

    conversation: ConversationId
    kind: Literal["thread", "pairing"]
    group_id: GroupId
    title: str
    write: Callable[[Tx, Opened], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What was kept, after COMMIT. `seq` is null while held. `help`: a quiet link to help (amber)."""

    nonce: str
    id: MessageId
    conversation: ConversationId | None
    seq: int | None
    outcome: str
    masked: bool
    again: bool = False
    help: bool = False
    support: SupportCard | None = None


class Kept(msgspec.Struct, frozen=True):
    """The first answer, as it is stored beside the nonce."""

    id: MessageId
    c: ConversationId | None
    seq: int | None
    outcome: str
    masked: bool
    help: bool = False
    support: SupportCard | None = None


def kept(sent: Sent) -> str:
    """`sent` as JSON for the submission row."""
    first = Kept(sent.id, sent.conversation, sent.seq, sent.outcome, sent.masked, sent.help, sent.support)
    return msgspec.json.encode(first).decode()


def repeated(nonce: str, stored: str) -> Sent:
    """The first answer again."""
    first = msgspec.json.decode(stored, type=Kept)
    return Sent(
        nonce,
        first.id,
        first.c,
        first.seq,
        first.outcome,
        first.masked,
        again=True,
        help=first.help,
        support=first.support,
    )


def check_nonce(nonce: str) -> None:
    """Raises Invalid unless the nonce has 1 to 64 printable ASCII characters."""
    if not 1 <= len(nonce) <= NONCE_CHARS_MAX or not nonce.isascii() or not nonce.isprintable():
        say = "A nonce has 1 to 64 ASCII characters."
        raise Invalid(say, code="bad_nonce", fields=(FieldError("nonce", say),))


def check_body(body: str) -> None:
    """Raises Invalid for nothing at all and for characters that no reader could see."""
    if not body.strip():
        raise Invalid(
            "There is nothing in this message yet.", code="empty", fields=(FieldError("body", "empty"),)
        )
    if not is_text(body):
        raise Invalid(
            "There is a character in this that we can't keep. Nothing was lost; please take it out.",
            code="bad_text",
            fields=(FieldError("body", "holds a null character or half of a pair"),),
        )


def check_warnings(warnings: tuple[str, ...]) -> None:
    """Raises Invalid unless there are few and short ones."""
    if len(warnings) > WARNINGS_MAX or any(not w.strip() or len(w) > WARNING_CHARS_MAX for w in warnings):
        say = f"At most {WARNINGS_MAX} content warnings of {WARNING_CHARS_MAX} characters."
        raise Invalid(say, fields=(FieldError("warnings", say),))
    if not all(is_text(w) for w in warnings):
        raise Invalid(
            code="bad_text", fields=(FieldError("warnings", "holds a character that we can't keep"),)
        )


def check_title(title: str) -> None:
    """Raises Invalid unless the title is there and short."""
    if not title.strip() or len(title) > TITLE_CHARS_MAX or not is_text(title):
        say = f"A title has 1 to {TITLE_CHARS_MAX} characters."
        raise Invalid(say, code="bad_title", fields=(FieldError("title", say),))


def is_text(text: str) -> bool:
    """Whether Postgres and every reader can hold it: no null character, no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _digest(*parts: bytes | str) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        raw = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.digest()
