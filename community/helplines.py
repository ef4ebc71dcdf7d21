"""Helplines by country, from a local file, so that they stand when everything else is down.

`verified_on` is the day on which this organisation rang or wrote and found the entry right. We don't
invent it: without it a reader is told "not checked by us yet".
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("helplines.toml")
FOUND = "helplines-checked.json"
"""In the data directory: what this organisation found out about the entries that we ship."""


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


class Confirmed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What this organisation found when it rang or wrote: the day, and what was different. `gone`: not shown."""

    verified_on: date
    phone: str | None = None
    text: str | None = None
    web: str | None = None
    hours: str | None = None
    gone: bool = False


class Helplines:
    """What the file says, with what this organisation found out laid over it. An entry that can't be read is an
    error at the start, not at 3 am. Findings of another process show at the next look."""

    def __init__(self, file: Path = FILE, found: Path | None = None) -> None:
        self.general, countries = _parsed(file.read_text(encoding="utf-8"))
        self._shipped = {country.code: country for country in countries}
        self._found_file = found
        self._found_at = -1
        self._by_code = self._shipped

    @classmethod
    def of(cls, data: Path) -> Helplines:
        """With the findings that are kept in this data directory."""
        return cls(FILE, data / FOUND)

    def country(self, code: str) -> Country | None:
        """The entry of an ISO 3166 code in either case; None for one we have nothing on."""
        return self._now().get(code.upper())

    def names(self) -> list[tuple[str, str]]:
        """(code, name) of every country with an entry, by name."""
        return sorted(((c.code, c.name) for c in self._shipped.values()), key=lambda pair: pair[1])

    def unverified(self, today: date, *, days_max: int = 180) -> list[str]:
        """Entries that this organisation has never checked, or not within `days_max` days (care.md)."""
        return [
            f"{country.code}: {line.name}"
            for country in self._now().values()
            for line in country.lines
            if line.verified_on is None or (today - line.verified_on).days > days_max
        ]

    def aged(self, today: date, *, days_max: int = 180) -> list[str]:
        """Entries that were checked once, and not within `days_max` days, each with that day."""
        return [
            f"{country.code}: {line.name} ({line.verified_on})"
            for country in self._now().values()
            for line in country.lines
            if line.verified_on is not None and (today - line.verified_on).days > days_max
        ]

    def confirm(self, code: str, name: str, found: Confirmed) -> None:
        """Keep what was found of one entry, in one step on the disk. Raises LookupError for an unknown one."""
        country = self._shipped.get(code.upper())
        if country is None or all(line.name != name for line in country.lines):
            raise LookupError(f"{code}: {name}")
        assert self._found_file is not None, "only a server with a data directory confirms"
        all_found = {**self._read(), f"{country.code}:{name}": found}
        fresh = self._found_file.with_name(self._found_file.name + ".new")
        fresh.write_bytes(msgspec.json.encode(all_found))
        fresh.replace(self._found_file)

    def _now(self) -> dict[str, Country]:
        """The countries with the findings of this moment. One stat a look, one read a change."""
        try:
            at = self._found_file.stat().st_mtime_ns if self._found_file else -1
        except FileNotFoundError:
            at = -1
        if at != self._found_at:
            found = self._read()
            self._by_code = {code: _laid_over(c, found) for code, c in self._shipped.items()}
            self._found_at = at
        return self._by_code

    def _read(self) -> dict[str, Confirmed]:
        if self._found_file is None or not self._found_file.exists():
            return {}
        return msgspec.json.decode(self._found_file.read_bytes(), type=dict[str, Confirmed])


@cache
def _parsed(text: str) -> tuple[str, tuple[Country, ...]]:
    """What everybody is told, and the countries. Kept: every house of a process reads the same file."""
    raw = msgspec.convert(tomllib.loads(text), _File)
    return raw.general, tuple(msgspec.convert(entry, Country) for entry in raw.country)


def _laid_over(country: Country, found: dict[str, Confirmed]) -> Country:
    lines = []
    for line in country.lines:
        said = found.get(f"{country.code}:{line.name}")
        if said is None:
            lines.append(line)
        elif not said.gone:
            news = {n: v for n in ("phone", "text", "web", "hours") if (v := getattr(said, n)) is not None}
            lines.append(replace(line, verified_on=said.verified_on, **news))
    return replace(country, lines=tuple(lines))
