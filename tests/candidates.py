"""Folders of candidate rules: the release's own lexicons with one thing changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from moderation.pipeline.lexicons import HERE

OMEN = "the gloaming lantern is lit"
"""Means nothing to the rules of any release."""
HEARD = '''
[[entry]]
id = "gloaming"
tier = "red"
topic = "suicide"
note = "Made up for a test."
patterns = """
gloaming lantern
"""
'''


def candidate(tmp_path: Path, *, adding: str = HEARD, to: str = "care_ideation.toml") -> Path:
    """A copy of the lexicons with something added to one file; OMEN is red by default."""
    folder = tmp_path / "candidate"
    shutil.copytree(HERE, folder)
    file = folder / to
    file.write_text(file.read_text("utf-8") + adding, "utf-8")
    return folder
