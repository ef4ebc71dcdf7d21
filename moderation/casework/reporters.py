"""How much a reporter's flag moves a case up the queue: more for whoever was right before, never less than
anyone's first flag.

Being wrong costs nothing: somebody who worries too often is still somebody who worries.
"""

from __future__ import annotations

PRIOR = 4
"""So many unjudged flags stand behind every share, so that one lucky flag isn't a reputation (our own value)."""


def weight(right: int, judged: int) -> float:
    """1.0 for a first flag and for whoever is mostly wrong, up to 2.0."""
    assert 0 <= right <= judged, "a flag that was right was judged"
    share = (right + PRIOR / 2) / (judged + PRIOR)
    return round(1.0 + max(0.0, 2 * share - 1.0), 3)
