"""The rule set as a whole."""

from __future__ import annotations

import subprocess
import sys

from moderation.pipeline.rules import load, shipped

LOAD_SECONDS_MAX = 1.5
"""Processor seconds for import and load on a busy machine; the budget on an idle one is 0.4 s."""


def test_the_version_names_the_rules() -> None:
    assert load().version == shipped().version
    assert len(shipped().version) == 12


def test_rules_load_fast_in_a_fresh_process() -> None:
    code = (
        "import time; t = time.process_time(); from moderation.pipeline.rules import shipped; shipped();"
        "print(time.process_time() - t)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(out.stdout) < LOAD_SECONDS_MAX


def test_no_module_of_the_pipeline_runs_a_backtracking_expression() -> None:
    from pathlib import Path

    import moderation.pipeline

    folder = Path(moderation.pipeline.__file__).parent
    for path in folder.rglob("*.py"):
        assert "\nimport re\n" not in path.read_text("utf-8"), path.name
