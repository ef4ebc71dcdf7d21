"""Names and pages on other networks ("my insta is …", t.me links).

The idea: a name is told by digits, points or underscores, or by a colon or @ that announces it; a bare
@name is a mention of somebody here and stays.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from moderation.pipeline.conduct.surface import Surface
from moderation.pipeline.conduct.triggers import Trigger
from moderation.pipeline.conduct.wordlists import either, plain

VERSION = "1"

_NETWORKS = either("networks")
_NAME = r"[a-z0-9][a-z0-9._\-]{2,30}"
_AFTER = re2.compile(
    r"(?i)\b" + _NETWORKS + r"\b(?:\s?(?:is|:|=|handle|name|user(?:name)?|id|@|-|me|as|under|to|at|on)){1,4}"
    r"\s*@?(" + _NAME + r"(?:#\d{4})?)"
)  # fmt: skip
_BEFORE = re2.compile(
    r"(?i)(?:^|[\s(])@(" + _NAME + r")\b\s?(?:on|at|over on)\s(?:my\s)?" + _NETWORKS + r"\b"
)
_PLAIN = re2.compile(
    r"(?i)\b(?:i'?m|i am|me|add|follow|dm|message)(?:\s(?:as|at))?\s@?(" + _NAME + r")\s(?:on|at)\s(?:my\s)?"
    + _NETWORKS + r"\b"
)  # fmt: skip
_DISCORD = re2.compile(r"(?i)\b[a-z0-9._]{2,32}#\d{4}\b")
_PROFILE = re2.compile(
    r"(?i)\b(?:(?:www\.|m\.)?(?:facebook|instagram|twitter|x|tiktok|snapchat|linkedin)\.com/"
    r"(?:add/|in/|@)?[a-z0-9._\-@]{3,40}"
    r"|t\.me/[a-z0-9_+]{4,40}|wa\.me/\d{6,15}|discord\.gg/[a-z0-9]{4,20}|chat\.whatsapp\.com/[a-z0-9]{6,30})"
)
_NO_HANDLE = plain("no_handles")


def handles(view: Surface, bits: int) -> Iterator[tuple[int, int]]:
    """Places of such names and pages on the surface."""
    low = view.low
    if "#" in low:
        for match in _DISCORD.finditer(view.text):
            if any(char.isalpha() for char in match.group()):
                yield match.start(), match.end()
    if ".com/" in low or ".me/" in low or ".gg/" in low:
        for match in _PROFILE.finditer(view.text):
            yield match.start(), match.end()
    if not bits & Trigger.NETWORK:
        return
    for pattern in (_AFTER, _BEFORE, _PLAIN):
        for match in pattern.finditer(view.text):
            if _is_handle(match.group(1), match.group()):
                yield match.start(1), match.end(1)


def _is_handle(name: str, whole: str) -> bool:
    low = name.lower().rstrip("._-")
    if low in _NO_HANDLE or low.isdigit() or len(low) < 3:
        return False
    if any(char.isdigit() or char in "._#" for char in low):
        return True
    lead = whole[: len(whole) - len(name)] if whole.endswith(name) else whole
    return "@" in lead or ":" in lead or "=" in lead
