"""Logs: one JSON object a line on standard error, with fields from a list and nothing else.

What people write, their addresses and their tokens must never reach a log, so the rule is turned around:
a field that is not on the list is dropped, whoever passes it. Messages are stable event names; of an
exception only type and place are kept, because its words may quote a row.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

FIELDS: Final = frozenset(
    {
        *("call", "case_id", "close_code", "code", "conversation_id", "count", "exit_code", "frame", "job"),
        *("kind", "lane", "method", "migrations", "outcome", "page", "page_id", "pid", "port", "reference"),
        *("request_id", "route", "rule", "seq", "signal", "stage", "status", "tier", "took_ms", "topic"),
        *("version", "why", "worker", "workers"),
        *("compared", "same", "raised", "lowered", "outcome_only", "failed"),  # a candidate's counts
    }
)
"""Ids, codes, counts and times; of pages and calls the route with its placeholders, never a path as it came.
No member, address, handle, name or text."""
EVENT_CHARS_MAX: Final = 80
ROOT: Final = Path(__file__).resolve().parent.parent


class JsonLines(logging.Formatter):
    """A record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        for name in sorted(FIELDS & record.__dict__.keys()):
            value = record.__dict__[name]
            line[name] = value if isinstance(value, int | float | bool) or value is None else str(value)[:80]
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        elif line["event"].startswith("Traceback"):
            line["error"] = _described_text(str(record.msg))
        return json.dumps(line, ensure_ascii=True)


def _event(record: logging.LogRecord) -> str:
    """The words as they stand in the code, before anything is put into them; asyncio puts it below."""
    if record.name == "py.warnings":  # logged as one formatted text; its class is enough
        found = re.search(r"\b\w+Warning\b", str(record.msg))
        return found[0] if found else "Warning"
    return str(record.msg).partition("\n")[0][:EVENT_CHARS_MAX]


def describe(error: BaseException) -> str:
    """Type and place, with those of its causes; never the message."""
    parts = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        place = f" at {_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
        parts.append(type(current).__name__ + place)
        current = current.__cause__ or current.__context__
    return " from ".join(parts)


def _described_text(words: str) -> str:
    """The same of a traceback that a library has put into words already (Starlette, at a failed start)."""
    frames = re.findall(r'^  File "(.+)", line (\d+)', words, re.MULTILINE)
    names = re.findall(r"^([A-Za-z_][\w.]*)(?::|$)", words, re.MULTILINE)
    place = f" at {_short(frames[-1][0])}:{frames[-1][1]}" if frames else ""
    return (names[-1].rpartition(".")[2] if names else "Exception") + place


def _short(filename: str) -> str:
    """A path as the repository or the installed package names it: nothing of this machine."""
    path = Path(filename)
    if path.is_relative_to(ROOT):
        return str(path.relative_to(ROOT)).rpartition("site-packages/")[2]
    return "/".join(path.parts[-2:])


def set_up(level: str, stream: IO[str] | None = None) -> None:
    """Send every logger's records through the allow-list. Called once, by the command line."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # paths may hold capabilities
    if level != "debug":
        for name in ("uvicorn.error", "websockets", "markdown_it"):
            logging.getLogger(name).setLevel(logging.WARNING)
