"""One request, and what it was answered: HTTP/1.1 over asyncio, nothing kept, nothing followed.

A page's webhook needs a status and no more. Redirects aren't followed, bodies aren't read, every wait is
cancellable, so that a server that hangs costs its time-box and nothing else.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from moderation.oncall.channels import Undelivered

HEAD_BYTES_MAX = 16 * 1024


class BadAddress(ValueError):
    """Not an address that can be posted to."""


def check(address: str) -> None:
    """Raises BadAddress: http or https, a host, no credentials, nothing that could break a header."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise BadAddress(address)
    if not address.isascii() or any(c.isspace() or not c.isprintable() for c in address):
        raise BadAddress(address)
    try:
        _ = parts.port
    except ValueError:
        raise BadAddress(address) from None


async def post(address: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post, and return when it was answered 2xx. Raises Undelivered."""
    status = await ask("POST", address, body, headers)
    if not 200 <= status < 300:
        raise Undelivered(f"answered_{status}")


async def ask(method: str, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> int:
    """The status that it was answered. Raises Undelivered where there is none."""
    check(address)
    parts = urlsplit(address)
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if tls else 80)
    try:
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls, limit=HEAD_BYTES_MAX)
    except ssl.SSLError as error:
        raise Undelivered("bad_certificate") from error
    except OSError as error:
        raise Undelivered("unreachable") from error
    try:
        writer.write(_head(method, address, len(body), headers or {}) + body)
        await writer.drain()
        return _status(await reader.readuntil(b"\r\n"))
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Undelivered("cut_off") from error
    finally:
        writer.close()
        with suppress(OSError, asyncio.CancelledError):
            writer.transport.abort()


def _head(method: str, address: str, length: int, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(address)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    given = {
        "host": host,
        "content-length": str(length),
        "connection": "close",
        "user-agent": "kith",
        **headers,
    }
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in given.items():
        assert "\r" not in value and "\n" not in value, "a header is one line"
        lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _status(line: bytes) -> int:
    parts = line.split(b" ", 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
        raise Undelivered("not_http")
    return int(parts[1])
