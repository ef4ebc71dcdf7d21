"""One request to another machine, and the status it was answered: HTTP/1.1 over asyncio, nothing kept.

Redirects aren't followed, bodies aren't read, every wait is cancellable, so that a server that hangs costs its
time-box and nothing else. `public_only` looks a name up once and speaks to that very address: a name that
answers with a private one, at once or the next time, reaches nothing inside.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

HEAD_BYTES_MAX = 16 * 1024


class BadAddress(ValueError):
    """Not an address that can be asked."""


class NoAnswer(Exception):
    """There was none. `why` is a stable id: unreachable, bad_certificate, cut_off, not_http, not_public."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def check(address: str) -> None:
    """Raises BadAddress: http or https, a host, no credentials, nothing that could break a header."""
    try:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
            raise BadAddress(address)
        _ = parts.port
    except ValueError:
        raise BadAddress(address) from None
    if not address.isascii() or any(c.isspace() or not c.isprintable() for c in address):
        raise BadAddress(address)


async def ask(
    method: str,
    address: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    public_only: bool = False,
) -> int:
    """The status that it was answered. Raises BadAddress, and NoAnswer where there is none."""
    check(address)
    parts = urlsplit(address)
    host = parts.hostname or ""
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if tls else 80)
    reached = await _public(host, port) if public_only else host
    try:
        reader, writer = await asyncio.open_connection(
            reached, port, ssl=tls, server_hostname=host if tls else None, limit=HEAD_BYTES_MAX
        )
    except ssl.SSLError as error:
        raise NoAnswer("bad_certificate") from error
    except OSError as error:
        raise NoAnswer("unreachable") from error
    try:
        writer.write(_head(method, address, len(body), headers or {}) + body)
        await writer.drain()
        return _status(await reader.readuntil(b"\r\n"))
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise NoAnswer("cut_off") from error
    finally:
        writer.close()
        with suppress(OSError, asyncio.CancelledError):
            writer.transport.abort()


async def check_public(address: str) -> None:
    """Raises BadAddress, and NoAnswer: not_public where the name leads inside, unreachable where it leads nowhere."""
    check(address)
    parts = urlsplit(address)
    await _public(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


async def _public(host: str, port: int) -> str:
    """The address to speak to: every one that the name has must be of the public internet."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoAnswer("unreachable") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise NoAnswer("not_public")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also inside an IPv6 address that carries it."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        nat64 = ipaddress.ip_network("64:ff9b::/96")
        inner = inner or (ipaddress.ip_address(int(ip) & 0xFFFFFFFF) if ip in nat64 else None)  # type: ignore[assignment]
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast


def _head(method: str, address: str, length: int, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(address)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    given = {
        "host": parts.netloc.rpartition("@")[2],
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
        raise NoAnswer("not_http")
    return int(parts[1])
