"""`kith judge`: the pipeline as a filter over JSON lines, without a database."""

from __future__ import annotations

import sys
import time
from typing import IO, Literal

import msgspec

from moderation.pipeline.explain import explain as explained
from moderation.pipeline.judge import judge
from moderation.pipeline.rules import Rules, shipped
from moderation.pipeline.types import Earlier, GroupRules, Place, Preset, Submission, Tier, Verdict

_encode = msgspec.json.Encoder().encode


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """One line in."""

    id: str | int
    text: str
    preset: Preset = "chronic-illness"
    place: Place = "room"
    context: tuple[Earlier, ...] = ()


class FindingOut(msgspec.Struct, frozen=True):
    """A finding as the protocol shows it."""

    stage: str
    rule: str
    version: str
    lane: str
    severity: str
    span: tuple[int, int] | None
    note: str


class VerdictOut(msgspec.Struct, frozen=True):
    """One line out."""

    id: str | int
    outcome: str
    tier: str
    crisis: Literal["none", "low", "moderate", "high", "imminent"]
    crisis_score: float
    abuse: float
    pii: tuple[str, ...]
    spam: float
    findings: tuple[FindingOut, ...]
    took_us: int


class ErrorOut(msgspec.Struct, frozen=True):
    """The answer to a line that can't be read."""

    id: str | int | None
    error: str


_decode = msgspec.json.Decoder(Line).decode
_LADDER: dict[Tier, Literal["low", "moderate", "high", "imminent"]] = {
    Tier.green: "low",
    Tier.amber: "moderate",
    Tier.red: "high",
    Tier.crisis: "imminent",
}


def run(stdin: IO[bytes], stdout: IO[bytes], rules: Rules | None = None, *, opinion: bool = True) -> int:
    """Judge every line, in order, flushed; 1 when any line was bad, else 0. `opinion` lets the statistical
    second opinion speak (`kith judge --no-opinion` doesn't)."""
    rules = rules or shipped()
    code = 0
    for line in stdin:
        if not line.strip():
            continue
        try:
            parsed = _decode(line)
        except (msgspec.DecodeError, UnicodeError) as error:
            code = 1
            _write(stdout, ErrorOut(_id_of(line), str(error)))
            continue
        started = time.perf_counter_ns()
        verdict = judge(submission_of(parsed, opinion=opinion), rules)
        took = (time.perf_counter_ns() - started) // 1000
        _write(stdout, shown(parsed.id, verdict, took_us=took))
    return code


def explain(text: str, rules: Rules | None = None) -> str:
    """`kith judge --explain TEXT`: the verdict with its reasons, as lines of text."""
    return explained(Submission(text), rules or shipped())


def submission_of(line: Line, *, opinion: bool = True) -> Submission:
    """A line as something to judge."""
    return Submission(line.text, line.place, GroupRules(preset=line.preset, opinion=opinion), line.context)


def shown(id: str | int, verdict: Verdict, *, took_us: int) -> VerdictOut:
    """A verdict as the protocol shows it."""
    care = any(f.lane == "care" for f in verdict.findings)
    return VerdictOut(
        id=id,
        outcome=verdict.outcome.name,
        tier=verdict.tier.name,
        crisis=_LADDER[verdict.tier] if care else "none",
        crisis_score=verdict.scores.crisis,
        abuse=verdict.scores.abuse,
        pii=verdict.pii,
        spam=verdict.scores.spam,
        findings=tuple(
            FindingOut(f.stage, f.rule, f.version, f.lane, f.severity, f.span, f.note)
            for f in verdict.findings
        ),
        took_us=took_us,
    )


def _id_of(line: bytes) -> str | int | None:
    """The id of a bad line, when that much can be read."""
    try:
        data = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError):
        return None
    found = data.get("id") if isinstance(data, dict) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def _write(stdout: IO[bytes], out: msgspec.Struct) -> None:
    stdout.write(_encode(out) + b"\n")
    stdout.flush()


def main() -> int:
    """`python -m moderation.pipeline.filter [--no-opinion | --explain TEXT]`."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--explain"] and len(arguments) == 2:
        print(explain(arguments[1]))
        return 0
    return run(sys.stdin.buffer, sys.stdout.buffer, opinion="--no-opinion" not in arguments)


if __name__ == "__main__":
    sys.exit(main())
