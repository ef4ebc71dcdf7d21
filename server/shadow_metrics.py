"""A candidate's counts for /metrics: numbers and rule ids, never a word.

Read when asked, from the counts of this process; several processes are told apart by whoever scrapes them.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from moderation.gate.shadowing import Shadow


def count_shadow(shadow: Shadow, registry: CollectorRegistry) -> None:
    """Put the counts into a registry made for this answer."""
    counts = shadow.counts
    changes = _counter(
        "kith_shadow_messages", "messages judged by a candidate", ("version", "change"), registry
    )
    for change, number in (
        ("same", counts.same),
        ("tier_up", counts.raised),
        ("tier_down", counts.lowered),
        ("outcome", counts.outcome_only),
        ("masks", counts.masks_only),
        ("rules", counts.rules_only),
        ("failed", shadow.failed),
    ):
        changes.labels(shadow.version, change).inc(number)
    rules = _counter("kith_shadow_rules", "findings only one rule set has", ("rule", "change"), registry)
    for change, found in (("gained", counts.gained), ("lost", counts.lost)):
        for rule, number in found.items():
            rules.labels(rule, change).inc(number)
    moves = _counter("kith_shadow_moves", "tiers and outcomes that changed", ("kind", "old", "new"), registry)
    for kind, found_moves in (("tier", counts.tiers), ("outcome", counts.outcomes)):
        for (old, new), number in found_moves.items():
            moves.labels(kind, old, new).inc(number)


def _counter(name: str, words: str, labels: tuple[str, ...], registry: CollectorRegistry) -> Counter:
    return Counter(name, words, labels, registry=registry)
