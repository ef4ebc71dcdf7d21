"""What readers see of a masked text: one neutral mark a span, and the rest untouched."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.pipeline.types import Span

MARK = "[…]"


def masked(text: str, spans: Sequence[Span]) -> str:
    """`text` with each span replaced by the mark. Spans are disjoint and ascending, in code points."""
    if not spans:
        return text
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        assert position <= start <= end <= len(text), "masks are disjoint, ascending and inside the text"
        pieces.append(text[position:start])
        pieces.append(MARK)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def hidden(text: str, shown: str) -> tuple[Span, ...]:
    """The spans that `shown` hides of `text`; all of it where that can't be told, so that nothing hidden is ever
    shown again by guessing."""
    if text == shown:
        return ()
    whole = (Span(0, len(text)),)
    first, *more = shown.split(MARK)
    if not more or not text.startswith(first):
        return whole
    spans: list[Span] = []
    position = len(first)
    for n, piece in enumerate(more):
        rest = text[position:]
        at = len(rest) - len(piece) if n == len(more) - 1 else rest.find(piece)
        if at < 0 or (n < len(more) - 1 and (not piece or rest.count(piece) > 1)):
            return whole
        spans.append(Span(position, position + at))
        position += at + len(piece)
    return tuple(spans) if masked(text, spans) == shown else whole


def merged(spans: Sequence[Span], text: str) -> tuple[Span, ...]:
    """Spans sorted, clipped to the text and joined where they touch: what `masked` wants."""
    found: list[Span] = []
    for start, end in sorted(Span(max(0, s), min(len(text), e)) for s, e in spans):
        if start >= end:
            continue
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Span(start, end))
    return tuple(found)
