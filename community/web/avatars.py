"""A picture for a handle, drawn from the handle itself: nobody uploads a face.

Colours come from CSS classes, so that themes and contrast settings reach them and no inline style is
needed. `static/avatar.js` draws the same one for live messages; a browser test holds the two together.
"""

from __future__ import annotations

from markupsafe import Markup, escape

HUES = 12
SHAPES = 4

# Each behind the letter, in a 40 by 40 box.
_SHAPES = (
    '<circle cx="30" cy="12" r="14"/>',
    '<path d="M0 40 L40 14 V40 Z"/>',
    '<path d="M0 26 Q20 10 40 26 V40 H0 Z"/>',
    '<rect x="-4" y="20" width="30" height="30" rx="9" transform="rotate(-18 10 30)"/>',
)


def mark(handle: str) -> tuple[int, int, str]:
    """Hue, shape and letter: 32-bit FNV-1a of the lower-case handle's UTF-8."""
    value = 0x811C9DC5
    for byte in handle.lower().encode("utf-8", "replace"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    letter = next((c for c in handle if c.isalnum()), "·").upper()
    return value % HUES, value // HUES % SHAPES, letter[0]


def avatar(handle: str | None) -> Markup:
    """Inline SVG, hidden from screen readers because the handle stands beside it. None: a left member."""
    hue, shape, letter = mark(handle) if handle else (-1, 0, "·")
    tint = f"hue-{hue}" if handle else "hue-none"
    return Markup(  # noqa: S704 - the only foreign part is escaped
        f'<svg class="avatar {tint}" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" '
        f'focusable="false"><rect class="back" width="40" height="40"/><g class="mark">{_SHAPES[shape]}</g>'
        f'<text x="20" y="27" text-anchor="middle">{escape(letter)}</text></svg>'
    )
