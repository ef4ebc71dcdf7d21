"""Links in a text: where they lead, and whether that place is known to help or to harm.

The idea: a link is read by hand from its first sign (://, www., a point before a known ending), without
following it; a service of help is always welcome, a program or a disguised address never.
"""

from __future__ import annotations

from dataclasses import dataclass

import re2

from moderation.pipeline.conduct.wordlists import plain

_LINK = re2.compile(
    r"(?:https?(?::/{0,2}|//)|ftp://|hxxps?://|www\.)[^\s<>\"]{2,400}"
    r"|\b[a-z0-9][a-z0-9\-]{1,40}(?:\.[a-z0-9\-]{1,40}){0,2}\.(?:com|net|org|co\.uk|info|biz|tv|io|ru|cn|xyz|top|shop|site|online|club|live|store|link|ly|gl|me|be"
    r"|us|uk|de|fr|es|pt|br|it|nl|eu|ca|au|in)\b(?:/[^\s<>\"]{0,300})?"
    r"|(?:^|\s)/watch\?v=\S+"
)
_PROGRAM = re2.compile(r"\.(?:exe|scr|bat|cmd|msi|apk|jar|vbs|ps1|dmg|iso|lnk|hta|js)(?:$|[?#])")
_LINKS_MAX = 20


@dataclass(frozen=True, slots=True)
class Link:
    """One link at [start, end) of the folded text."""

    start: int
    end: int
    host: str
    dangerous: bool
    helps: bool
    sells: bool


def links(text: str) -> list[Link]:
    """Links of a folded text, at most twenty, in order."""
    if "." not in text and "//" not in text and "/watch?" not in text:
        return []
    found: list[Link] = []
    for match in _LINK.finditer(text):
        if text[match.start() - 1 : match.start()] == "@":
            continue  # the second half of an address
        found.append(_read(match.group().strip(), match.start(), match.end()))
        if len(found) >= _LINKS_MAX:
            break
    return found


def _read(url: str, start: int, end: int) -> Link:
    rest = url.partition("://")[2] or url
    authority, _, path = rest.partition("/")
    host = authority.rpartition("@")[2].partition(":")[0].removeprefix("www.")
    disguised = "@" in authority or host.startswith("xn--") or url.startswith("hxxp") or _numeric(host)
    dangerous = disguised or _PROGRAM.search(path) is not None
    return Link(start, end, host, dangerous, _listed(host, "help_hosts"), _listed(host, "sales_hosts"))


def _listed(host: str, table: str) -> bool:
    """Whether the host or a domain above it is in a table of conduct_links.toml."""
    names = plain(table, "conduct_links.toml")
    parts = host.split(".")
    return any(".".join(parts[i:]) in names for i in range(len(parts) - 1))


def _numeric(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(part.isdigit() for part in parts)
