"""Kind sentences for findings: one for the moderator stands on the finding, one for the author is looked up
here by rule, the longest matching prefix first.

care.md's pattern: thank you, what changed and why, for the safety of others; never "violated" or "flagged".
"""

from __future__ import annotations

_AUTHOR: dict[str, str] = {
    "conduct": "This part may be hard on others. Could you put it another way?",
    "safety": "We hid this part from others for their safety. What you feel stays.",
}


def author_sentence(rule: str) -> str:
    """One kind sentence for the author about a finding of `rule` ("conduct.slur.ableist")."""
    parts = rule.split(".")
    for length in range(len(parts), 0, -1):
        found = _AUTHOR.get(".".join(parts[:length]))
        if found is not None:
            return found
    return _AUTHOR["conduct"]
