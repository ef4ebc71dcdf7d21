"""One request of a page's webhook, and what it was answered; a server that can't be asked is Undelivered.

Operators, leads and people with a seat name webhooks, also ones inside their own network (a pager of the house):
so unlike members' push services they may have any address (community/asking.py). What is sent there is fixed and its
answer is read as a status only; whoever isn't trusted that far has no seat.
"""

from __future__ import annotations

from collections.abc import Mapping

from community import asking
from community.asking import BadAddress, NoAnswer, check
from moderation.oncall.channels import Undelivered

__all__ = ["BadAddress", "ask", "check", "post"]


async def post(address: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post, and return when it was answered 2xx. Raises Undelivered."""
    status = await ask("POST", address, body, headers)
    if not 200 <= status < 300:
        raise Undelivered(f"answered_{status}")


async def ask(method: str, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> int:
    """The status that it was answered. Raises Undelivered where there is none."""
    try:
        return await asking.ask(method, address, body, headers)
    except NoAnswer as error:
        raise Undelivered(error.why) from error
