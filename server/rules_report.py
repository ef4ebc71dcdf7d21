"""What `kith rules` says: rule sets compared on the corpus and on stored messages, put into lines or JSON.

Names of sentences, ids of messages and ids of rules are printed, never what a person wrote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from community.clock import SystemClock
from community.database import Database
from moderation.gate.candidate import SHIPPED, BadRules, load_candidate
from moderation.gate.deciding import Decider
from moderation.gate.replaying import Changed, Replay, replay
from moderation.pipeline import change
from moderation.pipeline.change import Counts, Difference
from moderation.pipeline.lexicons import HERE, LexiconError
from moderation.pipeline.rules import Rules, shipped

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "pipeline" / "corpus"
"""There in a checkout; an installed Kith is told where another one is."""
SHOWN = 50
"""Ids of each kind that a replay prints; JSON has more."""


class RulesError(click.ClickException):
    """Rules, a corpus or a time that can't be used: said in lines, exit code 1."""

    def show(self, file: Any = None) -> None:
        for line in self.message.splitlines():
            click.echo(f"kith: {line}", err=True)


def usable(named: str) -> Rules:
    """The rules of a folder or of this release. Raises RulesError with a line for each problem."""
    try:
        return shipped() if named == SHIPPED else load_candidate(Path(named))
    except (BadRules, LexiconError) as error:
        raise RulesError(str(error)) from error


def described(rules: Rules) -> Iterator[str]:
    """Version, then each lexicon with its own version and its number of rules."""
    entries = rules.lexicons.entries.values()
    counts = Counter((entry.lexicon, entry.version) for entry in entries)
    yield f"Rules {rules.version}: {len(entries)} rules in {len(counts)} lexicons ({HERE})."
    for (lexicon, version), number in sorted(counts.items()):
        yield f"  {lexicon}, version {version}: {number}"


def compared(old: Rules, new: Rules, corpus: Path | None) -> tuple[Counts, list[Difference]]:
    """What changes on the corpus. Raises RulesError when there is none."""
    folder = corpus or CORPUS
    if not folder.is_dir():
        raise RulesError(
            f"{corpus}: there is no such folder"
            if corpus
            else "the corpus isn't part of an installed Kith: name the folder with --corpus "
            "(tests/pipeline/corpus in the source)"
        )
    try:
        return change.compare(change.corpus(folder), old, new)
    except change.CorpusError as error:
        raise RulesError(str(error)) from error


async def replayed(dsn: str, candidate: Rules, since: datetime, limit: int | None) -> Replay:
    """A replay on a connection of its own, beside a running server or not."""
    database = await Database.connect(dsn, pool_max=1)
    try:
        return await replay(database, Decider(candidate, SystemClock().monotonic), since=since, limit=limit)
    finally:
        await database.close()


def parse_since(text: str) -> datetime:
    """A number of days ago, or an ISO day or time; without a zone it is UTC. Raises RulesError."""
    try:
        return SystemClock().now() - timedelta(days=float(text.removesuffix("d")))
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RulesError(f"--since {text}: expected 2026-03-01, 2026-03-01T18:00Z or 7 (days)") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def diff_lines(counts: Counts, found: list[Difference]) -> Iterator[str]:
    """What was lowered first: a cry that is heard no more matters most."""
    for each in sorted(found, key=lambda d: (not d.lowered, not d.raised, d.name)):
        yield f"{_direction(each)}  {each.name}: {', '.join(_changes(each))}"
    yield from count_lines(counts, "sentences")


def _direction(each: Difference) -> str:
    return "LOWERED" if each.lowered else "raised" if each.raised else "changed"


def _changes(each: Difference) -> Iterator[str]:
    old, new = change.ruled(each.old), change.ruled(each.new)
    if old.tier != new.tier:
        yield f"tier {old.tier.name} -> {new.tier.name}"
    if old.outcome != new.outcome:
        yield f"outcome {old.outcome.name} -> {new.outcome.name}"
    if each.masks_changed:
        yield "masks"
    yield from (f"-{rule}" for rule in sorted(old.rules - new.rules))
    yield from (f"+{rule}" for rule in sorted(new.rules - old.rules))


def count_lines(counts: Counts, what: str) -> Iterator[str]:
    """The counts in words."""
    yield (
        f"{counts.compared} {what}: {counts.same} the same, tier {counts.lowered} lowered and {counts.raised} "
        f"raised, outcome alone {counts.outcome_only}, masks alone {counts.masks_only}, rules alone "
        f"{counts.rules_only}."
    )
    for kind, moves in (("tier", counts.tiers), ("outcome", counts.outcomes)):
        for (old, new), number in moves.most_common():
            yield f"  {kind} {old} -> {new}: {number}"
    for kind, rules in (("lost", counts.lost), ("gained", counts.gained)):
        for rule, number in rules.most_common():
            yield f"  {kind} {rule}: {number}"


def replay_lines(found: Replay) -> Iterator[str]:
    """Counts, then ids, lowered ones first."""
    yield from count_lines(found.counts, "messages")
    by = ", ".join(f"{number} by {version}" for version, number in found.judged_by.most_common())
    yield f"Judged again by {found.version}; stored verdicts: {by or 'none'}."
    for word, changed in (("LOWERED", found.lowered), ("changed", found.others)):
        for each in changed[:SHOWN]:
            yield f"{word}  {each.id}: {_moved(each)}"
        if len(changed) > SHOWN:
            yield f"{word}  and more; --json has up to {len(changed)}"


def _moved(each: Changed) -> str:
    old, new = each.old, each.new
    moves = [f"tier {old.tier.name} -> {new.tier.name}"] if old.tier != new.tier else []
    if old.outcome != new.outcome:
        moves.append(f"outcome {old.outcome.name} -> {new.outcome.name}")
    return ", ".join(moves)


def counts_shown(counts: Counts) -> dict[str, Any]:
    """The counts ready for JSON."""
    plain = ("compared", "same", "raised", "lowered", "outcome_only", "masks_only", "rules_only")
    return {
        **{name: getattr(counts, name) for name in plain},
        "tiers": [[*move, number] for move, number in counts.tiers.most_common()],
        "outcomes": [[*move, number] for move, number in counts.outcomes.most_common()],
        "gained": dict(counts.gained.most_common()),
        "lost": dict(counts.lost.most_common()),
    }


def diff_json(counts: Counts, found: list[Difference]) -> Iterator[str]:
    """The same as one line of JSON."""
    changes = [{"name": d.name, "masks": d.masks_changed, **_sides(d)} for d in found]
    yield _json({"counts": counts_shown(counts), "changes": changes})


def replay_json(found: Replay) -> Iterator[str]:
    """The same as one line of JSON, with more ids."""
    shown = {
        "version": found.version,
        "counts": counts_shown(found.counts),
        "judged_by": dict(found.judged_by.most_common()),
        "lowered": [{"id": str(each.id), **_pair(each.old, each.new)} for each in found.lowered],
        "others": [{"id": str(each.id), **_pair(each.old, each.new)} for each in found.others],
    }
    yield _json(shown)


def _sides(each: Difference) -> dict[str, Any]:
    return _pair(change.ruled(each.old), change.ruled(each.new))


def _pair(old: change.Ruled, new: change.Ruled) -> dict[str, Any]:
    return {
        side: {"tier": r.tier.name, "outcome": r.outcome.name, "rules": sorted(r.rules)}
        for side, r in (("old", old), ("new", new))
    }


def _json(shown: dict[str, Any]) -> str:
    return msgspec.json.encode(shown).decode()
