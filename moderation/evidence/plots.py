"""Pictures of figures, drawn by the server: columns that share their ticks, and shares as bars.

Pure. Every length along is a percentage, so that a picture is as wide as its page and its letters are as large
on a phone as on a desk. Colour comes from classes (moderation/static/leads.css); what a colour says, a hatching
and a word say too, and the page shows the same numbers as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup

HEAD: Final = 24
CLOCK: Final = 16  # a clock's word stands on a line of its own: on a phone there is no room beside the row's
COLUMN_MAX: Final = 58
GAP: Final = 14
FOOT: Final = 22
BAR: Final = 46
LABELLED_MAX: Final = 26
"""More columns than this leave no room for their numbers on a phone; the table has them."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An upright line with a word: a clock. `at` counts columns from the left, in parts of one too."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of columns. Columns whose number stands in `hatched` say something else than the others."""

    words: str
    values: Sequence[int]
    mark: Mark | None = None
    hatched: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, and both in words."""

    words: str
    part: int
    whole: int
    said: str


def hatching(id: str) -> Markup:
    """The pattern for what is missed or missing, by its id: fills refer to it as url(#id)."""
    return Markup(
        '<defs><pattern id="{}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch-back" width="7" height="7"/><line class="hatch" x1="0" y1="0" x2="0" y2="7"/>'
        "</pattern></defs>"
    ).format(id)


def columns(id: str, told: tuple[str, str], ticks: Sequence[tuple[int, str]], rows: Sequence[Row]) -> Markup:
    """Rows of columns over the same ticks (number of the column, its word). `told` are title and description.

    All rows have one scale, so that they can be compared."""
    most = max((value for row in rows for value in row.values), default=0)
    head = HEAD + (CLOCK if any(row.mark for row in rows) else 0)
    tall = head + COLUMN_MAX + GAP
    height = len(rows) * tall + FOOT
    parts = [_row(id, (n * tall, n * tall + head + COLUMN_MAX), row, most) for n, row in enumerate(rows)]
    count = len(rows[0].values) if rows else 1
    for at, words in ticks:
        parts.append(text((percent(at + 0.5, count), height - 6), words, "tick-word", anchor="middle"))
    return _framed(id, told, height, Markup("").join(parts))


def shares(id: str, told: tuple[str, str], rows: Sequence[Share]) -> Markup:
    """Bars of parts of wholes; the whole is the longest of all wholes, so that few look like few."""
    most = max((row.whole for row in rows), default=0)
    parts = []
    for n, row in enumerate(rows):
        top = n * BAR
        parts.append(text(("0%", top + 15), row.words, "row-word"))
        parts.append(text(("100%", top + 15), row.said, "value-word", anchor="end"))
        parts.append(rect("bar-whole", ("0%", top + 21, percent(row.whole, most), 14)))
        parts.append(rect("bar", ("0%", top + 21, percent(row.part, most), 14)))
    return _framed(id, told, max(1, len(rows)) * BAR, Markup("").join(parts))


def _row(id: str, between: tuple[int, int], row: Row, most: int) -> Markup:
    (top, base), count = between, len(row.values)
    parts = [text(("0%", top + 13), row.words, "row-word")]
    parts.append(Markup('<line class="base" x1="0%" x2="100%" y1="{0}" y2="{0}"/>').format(base))
    for at, value in enumerate(row.values):
        if value:
            tall = max(3, round(value / most * (COLUMN_MAX - 14)))
            where = percent(at + 0.1, count), base - tall, percent(0.8, count), tall
            parts.append(rect("bar", where, fill=f"url(#{id}-hatch)" if at in row.hatched else ""))
            if count <= LABELLED_MAX:
                parts.append(
                    text(
                        (percent(at + 0.5, count), base - tall - 3), str(value), "value-word", anchor="middle"
                    )
                )
    if row.mark is not None:
        parts.append(_mark(row.mark, top, base, count))
    return Markup("").join(parts)


def _mark(mark: Mark, top: int, base: int, count: int) -> Markup:
    x, late_half = percent(mark.at, count), mark.at > count / 2
    line = Markup('<line class="mark" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(x, top + HEAD - 4, base)
    anchor, shift = ("end", -5) if late_half else ("start", 5)
    return line + text((x, top + HEAD + 6), mark.words, "mark-word", anchor=anchor, shift=shift)


def _framed(id: str, told: tuple[str, str], height: int, inside: Markup) -> Markup:
    return Markup(
        '<svg class="plot" role="img" width="100%" height="{height}" aria-labelledby="{id}-title {id}-told">'
        '<title id="{id}-title">{title}</title><desc id="{id}-told">{desc}</desc>{hatch}{inside}</svg>'
    ).format(height=height, id=id, title=told[0], desc=told[1], hatch=hatching(f"{id}-hatch"), inside=inside)


def rect(kind: str, where: tuple[str, int, str, int], *, fill: str = "") -> Markup:
    """A box at x, y, with width and height; x and width in percent."""
    more = Markup(' fill="{}"').format(fill) if fill else ""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"{}/>').format(
        kind + (" hatched" if fill else ""), *where, more
    )


def text(at: tuple[str, int], words: str, kind: str, *, anchor: str = "start", shift: int = 0) -> Markup:
    """Words at a place; `shift` in pixels."""
    moved = Markup(' dx="{}"').format(shift) if shift else ""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}"{}>{}</text>').format(
        kind, *at, anchor, moved, words
    )


def percent(part: float, whole: float) -> str:
    """A length along, as SVG takes it."""
    return f"{part / whole * 100:.2f}%" if whole else "0%"
