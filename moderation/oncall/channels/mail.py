"""E-mail by SMTP. The Message-ID is the letter's id, so that a doubled mail can be seen to be one."""

from __future__ import annotations

from email.message import EmailMessage

from community.mail import NotSent, Post, hand_over
from moderation.oncall.channels import SEND_SECONDS, Letter, Undelivered
from moderation.store.channels import Channel

__all__ = ["Mail", "Post", "message"]


class Mail:
    def __init__(self, post: Post) -> None:
        self._post = post

    async def send(self, channel: Channel, letter: Letter) -> None:
        mail = message(self._post.sender, channel.address, letter)
        try:
            await hand_over(self._post, mail, seconds=SEND_SECONDS)
        except NotSent as error:
            raise Undelivered(error.why) from error


def message(sender: str, to: str, letter: Letter) -> EmailMessage:
    """The mail. Its subject may stand on a locked screen."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, letter.subject
    mail["Date"] = letter.at
    domain = Post(sender=sender).domain
    mail["Message-ID"] = f"<{letter.id}@{domain}>"
    mail["References"] = f"<{letter.page}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["X-Priority"] = "1" if letter.severity in ("crisis", "red") else "3"
    mail.set_content(f"{letter.body}\n\n{letter.link}\n")
    return mail
