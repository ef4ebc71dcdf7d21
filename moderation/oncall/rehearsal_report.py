"""A rehearsal for reading: a table for the terminal and a picture for the wall. Numbers, never colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from moderation.oncall.rehearsal import Cell, Result
from moderation.pipeline.types import Tier

TIERS: Final = (Tier.crisis, Tier.red)
CELL_W, CELL_H, LEFT, TOP = 34, 30, 150, 58
_SHADES: Final = ("#e8f3ec", "#fdf3d0", "#fbd9a0", "#f2a27a", "#d9604f")


def table(results: Sequence[tuple[str, Result]]) -> list[str]:
    """Lines: by tier and three-hour part of the day, the chance that each clock is missed."""
    lines = []
    for tier in TIERS:
        lines.append(f"{tier.name}: chance that nobody has answered / written in time")
        head = "  from      " + "".join(f"{title:>26}" for title, _ in results)
        lines.append(head)
        for start in range(0, 24, 3):
            row = f"  {start:02}:00     "
            for _, result in results:
                row += f"{_both(_joined(result, tier, range(start, start + 3))):>26}"
            lines.append(row)
        row = "  all day   " + "".join(f"{_both(result.total(tier)):>26}" for _, result in results)
        lines.append(row)
        if any(result.between(tier) for _, result in results):
            lines.append("  19 in 20  " + "".join(f"{_range(result, tier):>26}" for _, result in results))
        lines.append("")
    return lines


def picture(title: str, result: Result) -> str:
    """One SVG: a row a clock, a column an hour. Presentation attributes only, so that any CSP shows it."""
    rows = [(tier, kind) for tier in TIERS for kind in ("answer", "words")]
    width, height = LEFT + 24 * CELL_W + 10, TOP + len(rows) * CELL_H + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="20" font-size="14" fill="#1c1c1c">{escape(title)}</text>',
    ]
    for hour in range(24):
        x = LEFT + hour * CELL_W + CELL_W // 2
        parts.append(f'<text x="{x}" y="{TOP - 8}" text-anchor="middle" fill="#444444">{hour:02}</text>')
    for n, (tier, kind) in enumerate(rows):
        y = TOP + n * CELL_H
        label = f"{tier.name}, {'answered' if kind == 'answer' else 'human words'}"
        parts.append(f'<text x="10" y="{y + 19}" fill="#1c1c1c">{label}</text>')
        for hour in range(24):
            cell = result.cells.get((tier, hour), Cell())
            parts.append(_box(LEFT + hour * CELL_W, y, cell.answer if kind == "answer" else cell.words))
    foot = "Percent of cries in that hour for which the clock was missed; – where none came."
    parts.append(f'<text x="10" y="{height - 14}" fill="#444444">{foot}</text></svg>')
    return "\n".join(parts) + "\n"


def _box(x: int, y: int, share: float | None) -> str:
    shade = "#f4f4f4" if share is None else _SHADES[min(int(share * 10), 4)]
    words = "–" if share is None else f"{share * 100:.0f}"
    return (
        f'<rect x="{x}" y="{y}" width="{CELL_W - 2}" height="{CELL_H - 2}" fill="{shade}"/>'
        f'<text x="{x + CELL_W // 2 - 1}" y="{y + 18}" text-anchor="middle" fill="#1c1c1c">{words}</text>'
    )


def _joined(result: Result, tier: Tier, hours: Sequence[int]) -> Cell:
    found = [result.cells[tier, hour] for hour in hours if (tier, hour) in result.cells]
    return Cell(
        sum(c.cases for c in found), sum(c.late_answers for c in found), sum(c.late_words for c in found)
    )


def _range(result: Result, tier: Tier) -> str:
    """Between which shares the true ones lie, 19 times in 20, as far as chance goes."""
    found = result.between(tier)
    if found is None:
        return "–"
    return " / ".join(f"{low * 100:.1f}–{high * 100:.1f} %" for low, high in found)


def _both(cell: Cell) -> str:
    if cell.answer is None or cell.words is None:
        return "–"
    return f"{cell.answer * 100:5.1f} % / {cell.words * 100:5.1f} %"
