"""Mail to members, in the background: nobody waits for a mail server, and nothing in an answer tells how it went.

The log says that a mail failed and why, never to whom.
"""

from __future__ import annotations

import asyncio
import logging
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from community.clock import Clock
from community.mail import NotSent, Post, hand_over

log = logging.getLogger("kith.mailing")

SEND_SECONDS = 20.0
WAITING_MAX = 500
"""Mails on their way at once; more are dropped and counted in the log, so that a hanging mail server costs
memory once and not for ever."""


class Mailing:
    """Implements community/recovery.Mailer."""

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post = post
        self._clock = clock
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def is_there(self) -> bool:
        return bool(self._post.host)

    def post(self, to: str, subject: str, body: str) -> None:
        """Send soon. Needs a running loop."""
        if not self.is_there or len(self._sending) >= WAITING_MAX:
            log.error("mail not sent", extra={"why": "no_mail_server" if not self.is_there else "too_many"})
            return
        task = asyncio.get_running_loop().create_task(self._send(self._message(to, subject, body)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def stop(self) -> None:
        """Give what was begun its time to end."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=SEND_SECONDS)

    async def _send(self, mail: EmailMessage) -> None:
        try:
            await hand_over(self._post, mail, seconds=SEND_SECONDS)
        except NotSent as error:
            log.error("mail not sent", extra={"why": error.why})

    def _message(self, to: str, subject: str, body: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._post.sender, to, subject
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = make_msgid(domain=self._post.domain)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        mail.set_content(body + "\n")
        return mail
