"""One request of a page's webhook, and what it was answered; a server that can't be asked is Undelivered.

Anybody with a seat names a webhook, so by default it leads to the public internet alone, looked up at each send: what
stands inside (a pager of the house, the machine itself, a cloud's metadata) is reached only by a host that the
operator's configuration names. What is sent is fixed, and its answer is read as a status only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from community import asking
from community.asking import BadAddress, NoAnswer, check
from moderation.oncall.channels import Undelivered

__all__ = ["BadAddress", "ask", "check", "leads_inside", "post"]


async def post(
    address: str, body: bytes, headers: Mapping[str, str], *, inside: Collection[str] = ()
) -> None:
    """Post, and return when it was answered 2xx. `inside` are hosts that may stand in the own network. Raises
    Undelivered, "not_public" for any other that does."""
    status = await ask("POST", address, body, headers, public_only=not is_named(address, inside))
    if not 200 <= status < 300:
        raise Undelivered(f"answered_{status}")


async def ask(
    method: str,
    address: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    public_only: bool = False,
) -> int:
    """The status that it was answered. Raises Undelivered where there is none."""
    try:
        return await asking.ask(method, address, body, headers, public_only=public_only)
    except NoAnswer as error:
        raise Undelivered(error.why) from error


def is_named(address: str, inside: Collection[str]) -> bool:
    """Whether the operator named this host, with its port or without."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    given = {name.strip().lower() for name in inside}
    return host in given or f"{host}:{port}" in given


async def leads_inside(address: str, inside: Collection[str]) -> bool:
    """Whether this leads into the own network without being named. A name that leads nowhere may be a mistake of the
    moment: each send looks again. Raises BadAddress."""
    check(address)
    if is_named(address, inside):
        return False
    try:
        await asking.check_public(address)
    except NoAnswer as error:
        return error.why == "not_public"
    return False
