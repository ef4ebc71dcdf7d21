"""A candidate rule set beside the live one: judges what was just judged, and only counts where they differ.

It costs one more judging a message, after the live verdict and in the same thread (about 0.3 ms for a chat line,
2 ms for a long post on a busy machine). The counts are of this process and end with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from moderation.gate.candidate import BadRules, load_candidate
from moderation.gate.deciding import Decider, Decision, Facts, Parts
from moderation.pipeline.change import Counts, Ruled

log = logging.getLogger("kith.shadow")

LOG_EVERY = 1_000
"""Messages between two lines in the log."""


class Shadow:
    """Handed to the live Decider as `beside`."""

    def __init__(self, candidate: Decider, *, log_every: int = LOG_EVERY) -> None:
        self._candidate = candidate
        self._log_every = log_every
        self.counts = Counts()
        self.failed = 0

    @property
    def version(self) -> str:
        return self._candidate.rules.version

    def __call__(self, parts: Parts, facts: Facts, live: Decision) -> None:
        """Judge by the candidate and count. Never raises: the live verdict stands already."""
        try:
            found = self._candidate.decide(parts, facts)
            self.counts.add(_ruled(live), _ruled(found), masks=_seen(live) != _seen(found))
        except Exception as error:  # border: a candidate; tests/moderation/test_shadowing.py lets one throw
            self.failed += 1
            if self.failed == 1:
                log.error("shadow_failed", extra={"version": self.version, "why": type(error).__name__})
        if (self.counts.compared + self.failed) % self._log_every == 0:
            self._say()

    def _say(self) -> None:
        counts = self.counts
        log.info(
            "shadow",
            extra={
                "version": self.version,
                "compared": counts.compared,
                "same": counts.same,
                "raised": counts.raised,
                "lowered": counts.lowered,
                "outcome_only": counts.outcome_only,
                "failed": self.failed,
            },
        )


def shadow_of(folder: str, data: Path, monotonic: Callable[[], float]) -> Shadow | None:
    """The candidate that the settings name (below the data directory unless absolute), or None for no name.
    One that can't be loaded is said in the log and left out: people are heard all the same."""
    if not folder:
        return None
    try:
        return Shadow(Decider(load_candidate(data / folder), monotonic))
    except BadRules as error:
        log.error("shadow_rules_unusable", extra={"count": len(error.problems)})
        return None


def _ruled(decision: Decision) -> Ruled:
    return Ruled.of(decision.tier, decision.outcome, decision.findings)


def _seen(decision: Decision) -> tuple[object, ...]:
    """What readers would see."""
    return decision.shown, decision.title_shown, decision.warnings_shown
