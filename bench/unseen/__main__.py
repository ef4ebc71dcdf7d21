"""Prints recall and false alarms on every file here, rules only and with the second opinion."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from moderation.pipeline.judge import judge
from moderation.pipeline.rules import Rules, load
from moderation.pipeline.types import GroupRules, Submission, Tier


class Line(msgspec.Struct, frozen=True):
    tier: str
    text: str


def heard(lines: list[Line], rules: Rules, *, opinion: bool) -> str:
    """One row of figures: shares of lines that reach a person of the care lane."""
    group = GroupRules(opinion=opinion)
    found = [(line.tier, judge(Submission(line.text, group=group), rules).tier) for line in lines]
    danger = [got for want, got in found if want in ("amber", "red", "crisis")]
    high = [got for want, got in found if want in ("red", "crisis")]
    calm = [got for want, got in found if want in ("green", "none")]
    return (
        f"heard {_share(danger, Tier.amber)} of {len(danger)}; red and crisis heard {_share(high, Tier.amber)}, "
        f"as such {_share(high, Tier.red)}, of {len(high)}; false alarms {_share(calm, Tier.amber)}, "
        f"as red {_share(calm, Tier.red)}, of {len(calm)}"
    )


def _share(tiers: list[Tier], least: Tier) -> str:
    return f"{100 * sum(tier >= least for tier in tiers) / max(1, len(tiers)):.1f} %"


def main() -> int:
    rules = load()
    for file in sorted(Path(__file__).parent.glob("*.jsonl")):
        lines = [msgspec.json.decode(line, type=Line) for line in file.read_text("utf-8").splitlines()]
        print(f"{file.stem}, rules only:         {heard(lines, rules, opinion=False)}")
        print(f"{file.stem}, with the opinion:   {heard(lines, rules, opinion=True)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
