"""Catalogues of sentences: `python -m bench.catalogues [missing LANGUAGE | take FILE LANGUAGE]`.

Without arguments: reads every sentence out of the source, merges it into each language's catalogue (what is no
longer said is dropped) and compiles them; run it after changing sentences. `missing` prints what a language
lacks as JSON, `take` merges `{"sentence": "translation" | ["plural", …]}` from such a file.

The idea: most sentences are written as `_("…")`, but refusals, rules' words to authors and data speak too, and
are translated where they are shown; so whatever looks like a sentence in code that speaks to people is taken.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from community.web.words import DRAFT

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "community" / "locales"
PACKAGES = ("community", "chat", "forum", "moderation", "server")
SILENT = ("store", "pipeline", "channels")
"""Folders whose bare strings speak to nobody; marked sentences are read there too."""
SPEAKING_FILES = ("moderation/pipeline/words.py",)
"""Modules in such folders that hold sentences for people."""
SILENT_FILES = (
    "statics.py",
    "cli.py",
    "config.py",
    "settings.py",
    "postgres.py",
    "backup.py",
    "restoring.py",
)
SPEAKS = {"_", "several", "sentence"}
DATA_WORDS = {
    "community/helplines.toml": {"about", "hours", "text_note", "emergency_note", "general"},
    "moderation/carers/practice.toml": {"title", "question", "feedback", "say"},
}
AUTHOR_WORDS = ("author",)
"""Keys of the lexicons whose sentences the author of a message reads."""
TRANSLATIONS = {"ar": "Arabic", "de": "German", "es": "Spanish", "fr": "French", "pt": "Portuguese"}
Sentence = str | tuple[str, str]
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)


def sentences() -> dict[Sentence, list[tuple[str, int]]]:
    """Every sentence of the source with the places that say it, in the order of files."""
    found: dict[Sentence, list[tuple[str, int]]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py":
                said = _of_python(path)
            elif path.suffix == ".html" or (path.suffix == ".js" and path.parent.name == "templates"):
                said = _of_template(path)
            elif path.suffix == ".toml":
                said = _of_data(path, name)
            else:
                continue
            for sentence, line in said:
                found.setdefault(sentence, []).append((name, line))
    return found


def _of_python(path: Path) -> Iterator[tuple[Sentence, int]]:
    tree = ast.parse(path.read_text("utf-8"))
    name = path.relative_to(ROOT)
    silent = name.name in SILENT_FILES or bool(set(name.parts[:-1]) & set(SILENT))
    silent = silent and name.as_posix() not in SPEAKING_FILES
    skipped = {id(node) for node in _not_said(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKS:
            words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if node.func.id == "several" and len(words) == 2:
                skipped |= {id(argument) for argument in node.args}
                yield (words[0], words[1]), node.lineno
            elif words:
                skipped |= {id(argument) for argument in node.args}
                yield words[0], node.lineno
    if silent:
        return
    for value in _tables(tree):
        if id(value) not in skipped and not is_sentence(str(value.value)):
            yield str(value.value), value.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            if is_sentence(node.value):
                yield node.value, node.lineno


def is_sentence(text: str) -> bool:
    """Whether a bare string looks like words to a person: a capital, a space, an end."""
    return (
        " " in text and "\n" not in text and (text[0].isupper() or text[0] in "“‘") and text[-1] in ".?!…:"
        and not text.isupper()
    )  # fmt: skip


def _tables(tree: ast.Module) -> Iterator[ast.Constant]:
    """Values of a module's tables of words: `{"means": "means to hand", …}`, at least two of several words."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            flat = [part for value in node.value.values for part in _parts(value)]
            words = [v for v in flat if isinstance(v, ast.Constant) and isinstance(v.value, str) and v.value]
            if sum(" " in str(word.value) for word in words) >= 2:
                yield from words


def _parts(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.Tuple) else [value]


def _not_said(tree: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, parts of f-strings, and what is said to developers and logs."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            yield from (
                s.value for s in body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)
            )
        if isinstance(node, ast.JoinedStr):
            yield from node.values
        if isinstance(node, ast.Assert) and node.msg is not None:
            yield node.msg
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if getattr(node.func.value, "id", "") == "log" or node.func.attr == "add_argument":
                yield from node.args
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            if getattr(node.exc.func, "id", "").endswith(("Error", "Exception")):
                yield from node.exc.args
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Call":
            yield from node.args  # summaries of the API's document


def _of_template(path: Path) -> Iterator[tuple[Sentence, int]]:
    tree = Environment(autoescape=True).parse(path.read_text("utf-8"))
    for line, function, words in extract_from_ast(tree, tuple(SPEAKS)):
        said = [word for word in words if word] if isinstance(words, tuple) else [words]
        if function == "several" and len(said) == 2:
            yield (said[0], said[1]), line
        elif said and said[0]:
            yield said[0], line


def _of_data(path: Path, name: str) -> Iterator[tuple[Sentence, int]]:
    wanted = DATA_WORDS.get(name, set())
    if "lexicon" in path.parts:
        wanted = set(AUTHOR_WORDS)
    if wanted:
        yield from ((text, 1) for text in _values(tomllib.loads(path.read_text("utf-8")), wanted))


def _values(data: Any, wanted: set[str]) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in wanted and isinstance(value, str) and value:
                yield value
            else:
                yield from _values(value, wanted)
    elif isinstance(data, list):
        for value in data:
            yield from _values(value, wanted)


def file_of(language: str) -> Path:
    """Where the catalogue of a language stands."""
    return LOCALES / language / "LC_MESSAGES" / "kith.po"


def read(language: str) -> Catalog:
    """The catalogue of a language; an empty one, a machine's draft, where there is none yet."""
    path = file_of(language)
    if not path.exists():
        return _empty(language, DRAFT)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _empty(language: str, translator: str) -> Catalog:
    return Catalog(
        locale=language,
        project="Kith",
        version="1",
        charset="utf-8",
        fuzzy=False,
        header_comment=f"# {TRANSLATIONS[language]} sentences of Kith. Last-Translator says who reviewed them.",
        last_translator=translator,
        language_team=TRANSLATIONS[language],
        msgid_bugs_address="",
    )


def merged(language: str, found: dict[Sentence, list[tuple[str, int]]]) -> Catalog:
    """The catalogue with exactly the sentences found, and the translations that it has for them."""
    before = read(language)
    after = _empty(language, before.last_translator)
    for sentence in sorted(found, key=lambda s: (found[s][0][0], found[s][0][1])):
        old = before.get(sentence if isinstance(sentence, str) else sentence[0])
        files = sorted({name for name, _ in found[sentence]})[:3]
        translated: Any = old.string if old is not None and old.id == sentence else ""
        if isinstance(sentence, tuple) and not translated:
            translated = ("",) * after.num_plurals
        after.add(sentence, translated, locations=[(name, None) for name in files], flags=_flags(sentence))
    return after


def _flags(sentence: Sentence) -> list[str]:
    text = sentence if isinstance(sentence, str) else sentence[0]
    return ["python-format"] if "%(" in text or "%d" in text or "%s" in text else []


def write(language: str, catalogue: Catalog) -> None:
    """Write the catalogue and its compiled form; the same content gives the same bytes."""
    path = file_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.creation_date = catalogue.revision_date = _NO_DATE  # only changes are news
    text = BytesIO()
    write_po(text, catalogue, width=110, omit_header=False, sort_output=False)
    path.write_bytes(text.getvalue())
    path.with_suffix(".mo").write_bytes(compiled(catalogue))


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    data = BytesIO()
    write_mo(data, catalogue)
    return data.getvalue()


def is_translated(message: Message) -> bool:
    """Whether every form of this sentence has a translation."""
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def take(given: dict[str, Any], catalogue: Catalog) -> int:
    """Put translations into a catalogue; those that lose a placeholder are refused with a line on stderr."""
    count = 0
    for sentence, translated in given.items():
        message = catalogue.get(sentence)
        if message is None or not translated:
            continue
        forms = tuple(translated) if isinstance(translated, list) else (translated,)
        if missing := lost(message.id, forms):
            print(f"{sentence[:60]!r}: lost {missing}", file=sys.stderr)
            continue
        if isinstance(message.id, tuple) and len(forms) != catalogue.num_plurals:
            print(f"{sentence[:60]!r}: wants {catalogue.num_plurals} forms", file=sys.stderr)
            continue
        message.string = forms if isinstance(message.id, tuple) else forms[0]
        count += 1
    return count


_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%(?:\.0)?[sd]|#")
_UNSAID = {"%.0s": "%d"}
"""A form that says its number in a word, "one minute", takes the figure and shows nothing of it."""


def lost(source: str | tuple[str, ...], forms: Sequence[str]) -> list[str]:
    """Forms of a translation whose placeholders aren't those of the source."""
    wanted = Counter(_PLACEHOLDER.findall(source[-1] if isinstance(source, tuple) else source))
    return [
        form for form in forms if Counter(_UNSAID.get(p, p) for p in _PLACEHOLDER.findall(form)) != wanted
    ]


def main(arguments: Sequence[str]) -> int:
    """Merge and compile all; or `missing LANGUAGE`; or `take FILE LANGUAGE`."""
    found = sentences()
    if arguments[:1] == ["missing"]:
        catalogue = merged(arguments[1], found)
        rows = [message.id for message in catalogue if message.id and not is_translated(message)]
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=0)
        return 0
    for language in TRANSLATIONS:
        if arguments[:1] == ["take"] and language != arguments[2]:
            continue
        catalogue = merged(language, found)
        if arguments[:1] == ["take"]:
            print(f"took {take(json.loads(Path(arguments[1]).read_text('utf-8')), catalogue)}")
        write(language, catalogue)
        done = sum(1 for message in catalogue if message.id and is_translated(message))
        print(f"{language}: {done} of {len(found)} sentences")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
