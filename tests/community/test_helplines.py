"""Helplines: what we ship names its source and invents no check; what the organisation found lies over it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from community.helplines import Confirmed, Helplines
from server.helplines_command import report

TODAY = date(2026, 11, 21)


def test_forty_countries_with_a_number_a_source_and_no_invented_check() -> None:
    lines = Helplines()
    assert len(lines.names()) >= 40
    for code, _ in lines.names():
        country = lines.country(code)
        assert country is not None and country.emergency
        assert country.lines, f"{code} has nobody to ring"
        for line in country.lines:
            assert line.source and (line.phone or line.text), f"{code}: {line.name}"
            assert line.verified_on is None, "only the organisation that runs the server can check"


def test_what_was_found_shows_at_once_and_grows_old(tmp_path: Path) -> None:
    writer, reader = Helplines.of(tmp_path), Helplines.of(tmp_path)
    writer.confirm("GB", "Samaritans", Confirmed(TODAY, hours="Always."))
    country = reader.country("gb")
    assert country is not None
    first = country.lines[0]
    assert (first.hours, first.verified_on, first.phone) == ("Always.", TODAY, "116 123")
    assert "GB: Samaritans" not in reader.unverified(TODAY)
    assert "GB: Samaritans" in reader.unverified(date(2027, 6, 1))
    writer.confirm("GB", "Samaritans", Confirmed(TODAY, gone=True))
    country = reader.country("GB")
    assert country is not None and country.lines[0].name != "Samaritans"
    with pytest.raises(LookupError):
        writer.confirm("GB", "Nobody", Confirmed(TODAY))


def test_the_command_says_what_to_ring(tmp_path: Path) -> None:
    lines = Helplines.of(tmp_path)
    said = report(lines, TODAY, ("nz",))
    assert said == ["NZ: 1737, Need to talk?", f"1 entries to ring or open, then enter the day as verified_on "
                    f"({len(lines.names())} countries)."]  # fmt: skip
    lines.confirm("NZ", "1737, Need to talk?", Confirmed(TODAY))
    assert len(report(lines, TODAY, ("NZ",))) == 1
