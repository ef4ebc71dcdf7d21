"""Helplines by country, from a local file, so that they stand when everything else is down.

`verified_on` is the day on which this organisation rang or wrote and found the entry right. We don't
invent it: without it a reader is told "not checked by us yet".
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("helplines.toml")


@dataclass(frozen=True, slots=True)
class Line:
    """One helpline. `phone`, `text` and `web` are as a person dials or opens them; empty where absent."""

    name: str
    about: str
    source: str
    phone: str = ""
    text: str = ""
    text_note: str = ""
    web: str = ""
    hours: str = ""
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    """Empty: for anyone. Otherwise suicide, abuse, young, medical, drugs …"""
    verified_on: date | None = None


@dataclass(frozen=True, slots=True)
class Country:
    """A country's emergency number and helplines, the first one first."""

    code: str
    name: str
    emergency: str
    lines: tuple[Line, ...]
    emergency_note: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    general: str
    country: list[dict[str, object]]


class Helplines:
    """What the file says. An entry that can't be read is an error at the start, not at 3 am."""

    def __init__(self, file: Path = FILE) -> None:
        with file.open("rb") as opened:
            raw = msgspec.convert(tomllib.load(opened), _File)
        self.general = raw.general
        countries = [msgspec.convert(entry, Country) for entry in raw.country]
        self._by_code = {country.code: country for country in countries}

    def country(self, code: str) -> Country | None:
        """The entry of an ISO 3166 code in either case; None for one we have nothing on."""
        return self._by_code.get(code.upper())

    def names(self) -> list[tuple[str, str]]:
        """(code, name) of every country with an entry, by name."""
        return sorted(((c.code, c.name) for c in self._by_code.values()), key=lambda pair: pair[1])

    def unverified(self, today: date, *, days_max: int = 180) -> list[str]:
        """Entries that this organisation has never checked, or not within `days_max` days (care.md)."""
        return [
            f"{country.code}: {line.name}"
            for country in self._by_code.values()
            for line in country.lines
            if line.verified_on is None or (today - line.verified_on).days > days_max
        ]
