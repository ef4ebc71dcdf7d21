"""Indirect signs: an end is spoken of without naming death.

Each is a soft sign: in a long text one of them is a detail; short and present it is the message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from moderation.pipeline.care.verdicts import LONG_TEXT, settle
from moderation.pipeline.reading import Reading
from moderation.pipeline.types import Finding, Severity


def detect(reading: Reading) -> Iterable[Finding]:
    """Findings of care_indirect.toml."""
    for hit in reading.of("care_indirect"):
        found = settle(reading, hit)
        if found is None:
            continue
        if len(reading.tokens) > LONG_TEXT and "clear" not in hit.entry.flags:
            lower: Severity = "amber" if found.severity == "red" else "green"
            found = replace(found, severity=lower)
        yield found
