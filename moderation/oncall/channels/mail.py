"""E-mail by SMTP. The Message-ID is the letter's id, so that a doubled mail can be seen to be one."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

import aiosmtplib

from moderation.oncall.channels import SEND_SECONDS, Letter, Undelivered
from moderation.store.channels import Channel


@dataclass(frozen=True, slots=True)
class Post:
    """The server for outgoing mail. Empty host: there is none."""

    host: str = ""
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    sender: str = ""


class Mail:
    def __init__(self, post: Post) -> None:
        self._post = post

    async def send(self, channel: Channel, letter: Letter) -> None:
        post = self._post
        if not post.host:
            raise Undelivered("no_mail_server")
        client = aiosmtplib.SMTP(
            hostname=post.host,
            port=post.port,
            use_tls=post.security == "tls",
            start_tls=post.security == "starttls",
            username=post.user or None,
            password=post.password or None,
            timeout=SEND_SECONDS,
        )
        try:
            async with client:
                await client.send_message(message(post.sender, channel.address, letter))
        except TimeoutError as error:
            raise Undelivered("timed_out") from error
        except aiosmtplib.SMTPResponseException as error:
            raise Undelivered(f"answered_{error.code}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Undelivered("unreachable") from error


def message(sender: str, to: str, letter: Letter) -> EmailMessage:
    """The mail. Its subject may stand on a locked screen."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, letter.subject
    mail["Date"] = letter.at
    domain = sender.rpartition("@")[2].strip(">") or "kith.invalid"
    mail["Message-ID"] = f"<{letter.id}@{domain}>"
    mail["References"] = f"<{letter.page}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["X-Priority"] = "1" if letter.severity in ("crisis", "red") else "3"
    mail.set_content(f"{letter.body}\n\n{letter.link}\n")
    return mail
