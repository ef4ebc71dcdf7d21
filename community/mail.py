"""Handing a mail to the server for outgoing mail, once. Nothing here knows what is in it, and nothing logs."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

import aiosmtplib

SEND_SECONDS = 10.0
"""Longest for one mail, by SMTP's own waits; callers put their time-box around it."""


@dataclass(frozen=True, slots=True)
class Post:
    """The server for outgoing mail. Empty host: there is none."""

    host: str = ""
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    sender: str = ""

    @property
    def domain(self) -> str:
        """For Message-IDs."""
        return self.sender.rpartition("@")[2].strip("> ") or "kith.invalid"


class NotSent(Exception):
    """The mail wasn't taken. `why` is a stable id; `nobody_there`: the server says for good that this address
    has nobody (RFC 3463: 5.1.x), so that trying again would only annoy."""

    def __init__(self, why: str, *, nobody_there: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.nobody_there = nobody_there


async def hand_over(post: Post, mail: EmailMessage, *, seconds: float = SEND_SECONDS) -> None:
    """Send it. Raises NotSent."""
    if not post.host:
        raise NotSent("no_mail_server")
    client = aiosmtplib.SMTP(
        hostname=post.host,
        port=post.port,
        use_tls=post.security == "tls",
        start_tls=post.security == "starttls",
        username=post.user or None,
        password=post.password or None,
        timeout=seconds,
    )
    try:
        async with client:
            await client.send_message(mail)
    except TimeoutError as error:
        raise NotSent("timed_out") from error
    except aiosmtplib.SMTPRecipientsRefused as error:
        first = error.recipients[0]
        raise NotSent(f"answered_{first.code}", nobody_there=_is_nobody(first.message, first.code)) from error
    except aiosmtplib.SMTPResponseException as error:
        raise NotSent(f"answered_{error.code}", nobody_there=_is_nobody(error.message)) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise NotSent("unreachable") from error


def _is_nobody(words: str, code: int = 0) -> bool:
    """5.1.x is about the address (RFC 3463, 3.2). Without such a code, 550 and 553 are about the mailbox when
    they answer the recipient (RFC 5321, 4.2.3); later they may be about anything."""
    said = words.strip().split(" ", 1)[0]
    if said[:1] == "5" and said.count(".") == 2:
        return said.startswith("5.1.")
    return code in (550, 553)
