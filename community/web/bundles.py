"""Style sheets laid one after the other, and modules folded into one script: fewer files for a phone to ask for.

Sources stay small modules that browsers could load as they are. A fold wraps each one in a function of its own, in
the order of its imports, so a module means the same in a fold as alone. Forms of `import` and `export` that we
don't write are refused at once rather than guessed at.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function\*?|class) ([\w$]+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*|\bimport(?:\(|\.meta\b)", re.MULTILINE)


class NotFoldable(Exception):
    """A module says `import` or `export` in a way that folds don't know."""


def sheet(names: Sequence[str], files: Mapping[str, str]) -> str:
    """The style sheets, one after the other."""
    return "".join(files[name] for name in names)


def needed(entries: Sequence[str], files: Mapping[str, str]) -> list[str]:
    """The modules that `entries` need, with themselves, each after what it imports."""
    order: list[str] = []
    _visit(entries, files, order, ())
    return order


def _visit(names: Sequence[str], files: Mapping[str, str], order: list[str], way: tuple[str, ...]) -> None:
    for name in names:
        if name in way:
            raise NotFoldable(f"{name} imports itself by way of {way[-1]}")
        if name not in order:
            _visit(
                [_beside(name, asked) for _, asked in _IMPORT.findall(files[name])],
                files,
                order,
                (*way, name),
            )
            order.append(name)


def fold(
    entries: Sequence[str], files: Mapping[str, str], *, there: str = "", base: Sequence[str] = ()
) -> str:
    """One module that runs `entries` and what they need. Modules of `base` run once a page: they come from the
    fold at the address `there`."""
    order = needed(entries, files)
    own = [name for name in order if name not in base]
    taken = [_word(name) for name in order if name in base]
    parts = [f'import {{ {", ".join(taken)} }} from "{there}";\n'] if taken else []
    parts += [_wrapped(name, files[name]) for name in own]
    parts.append(f"export {{ {', '.join(_word(name) for name in own)} }};\n")
    return "".join(parts)


def _wrapped(name: str, source: str) -> str:
    exported = list(_EXPORT.findall(source))

    def taken(found: re.Match[str]) -> str:
        if found[1] is None:
            return ""  # for what it does: it has run before
        return f"const {{{found[1].replace(' as ', ': ')}}} = {_word(_beside(name, found[2]))};\n"

    body = _EXPORT.sub("", _IMPORT.sub(taken, source))
    if odd := _OTHER.search(body):
        raise NotFoldable(f"{name}: {odd[0]}")
    return f"const {_word(name)} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


def _beside(name: str, asked: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), asked))


def _word(name: str) -> str:
    return re.sub(r"\W", "_", name)
