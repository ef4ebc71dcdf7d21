"""One sentence of our own for each rule, so that a moderator sees what it reads for: never a member's words.

Taken from the corpus in the tests, whose sentences we wrote; `python -m moderation.evidence.examples FOLDER`
writes the file again, and a test holds each sentence against its rule.
"""

from __future__ import annotations

import json
import sys
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Final

from moderation.pipeline import change
from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped

FILE: Final = Path(__file__).with_name("examples.toml")
CHARS: Final = range(12, 160)


@lru_cache(maxsize=1)
def examples() -> dict[str, str]:
    """Rule to sentence."""
    return dict(tomllib.loads(FILE.read_text("utf-8"))["examples"])


def chosen(folder: Path) -> dict[str, str]:
    """For each rule the sentence that few other rules notice, and the shortest of those."""
    best: dict[str, tuple[int, int, str]] = {}
    for _name, submission in change.corpus(folder):
        rules = {found.rule for found in judge(submission, shipped()).findings}
        if len(submission.text) in CHARS:
            for rule in rules:
                here = (len(rules), len(submission.text), submission.text)
                best[rule] = min(best.get(rule, here), here)
    return {rule: best[rule][2] for rule in sorted(best)}


def written(found: dict[str, str]) -> str:
    """The file's text."""
    lines = [f"{json.dumps(rule)} = {json.dumps(said, ensure_ascii=False)}" for rule, said in found.items()]
    head = "# Our own sentences, one a rule; made by moderation/evidence/examples.py from tests/pipeline/corpus.\n"
    return head + "[examples]\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(chosen(Path(sys.argv[1]))), "utf-8")
