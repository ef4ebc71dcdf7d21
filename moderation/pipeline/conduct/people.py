"""Clinicians and wards by name: who treats somebody and where, which can find a person under a pseudonym.

The idea: a doctor's name alone is small talk; tied to "my" or to a place it points at the writer.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from moderation.pipeline.conduct.surface import Surface
from moderation.pipeline.conduct.triggers import Trigger
from moderation.pipeline.conduct.wordlists import either

VERSION = "1"

_CAP = r"\p{Lu}[\p{L}'’\-]+"
_FULL = _CAP + r"(?:\s" + _CAP + r")?"
_TITLE = r"(?i:Dr|Doctor|Mr|Mrs|Ms|Miss|Prof)\b\.?\s"
_TIED = re2.compile(
    r"\b(?i:my|our|his|her|their|mum'?s|dad'?s)\s(?:(?i:new|old|own|lovely|amazing|current|last)\s)?"
    r"(?i:" + either("clinician_roles") + r")\b,?\s(?:(?i:is|was|called|named)\s)?"
    r"(?:" + _TITLE + _FULL + r"|" + _CAP + r"\s" + _CAP + r")"
)  # fmt: skip
_PLACED = re2.compile(
    r"\b(?:Dr|Doctor|Prof|Mr|Mrs|Ms|Miss|Nurse|Sister)\b\.?\s" + _FULL
    + r",?\s(?:(?:is|was|works|who works)\s)?(?:at|from|in|on)\s(?:the\s)?"
    r"(?:(?:" + _CAP + r"|of|and)\s){0,4}(?i:" + either("care_places") + r")\b"
)  # fmt: skip
_WARD = re2.compile(
    r"\b(?:(?:" + _CAP + r"\s){1,2}(?:Ward|Unit)|(?i:ward)\s[A-Z]?\d{1,2}[A-Za-z]?)\b,?\s"
    r"(?:at|in|of)\s(?:the\s)?" + _CAP + r"(?:\s(?:" + _CAP + r"|of|and|the)){0,4}"
)  # fmt: skip


def clinicians(view: Surface, bits: int) -> Iterator[tuple[int, int]]:
    """Places where somebody's clinician is named."""
    if not bits & Trigger.CLINICIAN or view.text.isupper():
        return
    for pattern in (_TIED, _PLACED):
        for match in pattern.finditer(view.text):
            yield match.start(), match.end()


def wards(view: Surface, bits: int) -> Iterator[tuple[int, int]]:
    """Places where a ward is named together with its hospital or town."""
    if not bits & Trigger.WARD or view.text.isupper():
        return
    for match in _WARD.finditer(view.text):
        yield match.start(), match.end()
