"""Logs: events and ids, never words, addresses or tokens."""

from __future__ import annotations

import ast
import io
import json
import logging
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from server import logs

ROOT = Path(__file__).parents[2]
PACKAGES = ("community", "moderation", "chat", "forum", "server")
METHODS = {"debug", "info", "warning", "error", "exception", "critical"}


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The log of this test, with everything put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    logs.set_up("info", written)
    yield written
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False
    for name in ("uvicorn.error", "websockets", "markdown_it"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_is_one_line_of_json_with_known_fields_only(stream: io.StringIO) -> None:
    logging.getLogger("kith.test").warning(
        "held", extra={"seq": 4, "body": "my words", "email": "a@b.example", "token": "t", "outcome": "hold"}
    )
    [line] = lines(stream)
    assert line.keys() == {"at", "level", "logger", "event", "seq", "outcome"}
    assert (line["event"], line["seq"], line["level"]) == ("held", 4, "warning")


def test_arguments_are_never_put_into_the_sentence(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("Invalid request from %s", "secret@example.org")
    assert "secret" not in stream.getvalue()


def test_an_exception_keeps_type_and_place_but_not_its_words(stream: io.StringIO) -> None:
    try:
        try:
            raise ValueError("my words")
        except ValueError as error:
            raise KeyError("my other words") from error
    except KeyError:
        logging.getLogger("kith.test").exception("job_failed", extra={"job": "pages"})
    [line] = lines(stream)
    assert "words" not in stream.getvalue()
    assert str(line["error"]).startswith("KeyError at tests/server/test_logs.py:")
    assert "ValueError at tests/server/test_logs.py:" in str(line["error"])


def test_a_traceback_in_words_keeps_type_and_place_too(stream: io.StringIO) -> None:
    try:
        raise asyncpg.UniqueViolationError("my words")
    except asyncpg.UniqueViolationError:
        logging.getLogger("uvicorn.error").error(traceback.format_exc())
    [line] = lines(stream)
    assert "words" not in stream.getvalue()
    assert str(line["error"]).startswith("UniqueViolationError at tests/server/test_logs.py:")


def test_what_asyncio_adds_below_its_sentence_is_cut(stream: io.StringIO) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: ValueError('my words')")
    [line] = lines(stream)
    assert line["event"] == "Task exception was never retrieved"


def test_warnings_go_the_same_way(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("unclosed my words", ResourceWarning, stacklevel=1)
        logging.captureWarnings(False)
    assert "my words" not in stream.getvalue()


def test_access_lines_with_paths_are_off(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").warning("GET /feeds/capability-in-the-path")
    assert stream.getvalue() == ""


def test_every_log_call_says_a_fixed_sentence_and_listed_fields() -> None:
    """House rule: an event is a literal, and a field that would be dropped is a mistake."""
    wrong = []
    for path in [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr not in METHODS or ast.unparse(node.func.value) not in ("log", "logger"):
                continue
            if not (len(node.args) == 1 and isinstance(node.args[0], ast.Constant)):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: not a fixed sentence")
            for keyword in node.keywords:
                if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
                    names = {ast.literal_eval(key) for key in keyword.value.keys if key is not None}
                    wrong += [f"{path.relative_to(ROOT)}:{node.lineno}: {n}" for n in names - logs.FIELDS]
    assert wrong == []
