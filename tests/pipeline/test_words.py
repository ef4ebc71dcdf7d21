"""Kind sentences."""

from __future__ import annotations

from moderation.pipeline.rules import shipped
from moderation.pipeline.words import author_sentence

NEVER = ("violated", "inappropriate", "bad word", "flagged")


def test_every_rule_has_a_kind_sentence() -> None:
    for rule in shipped().lexicons.entries:
        said = author_sentence(rule).casefold()
        assert said.endswith((".", "?"))
        assert not any(word in said for word in NEVER), rule


def test_care_speaks_for_itself_and_unknown_rules_stay_kind() -> None:
    assert "medical" in author_sentence("care.medical.breathing")
    assert author_sentence("weigh.plan_dated") != author_sentence("conduct.abuse.x")
    assert author_sentence("nowhere.x")


def test_moderators_notes_never_quote_a_text() -> None:
    assert all('"' not in entry.note for entry in shipped().lexicons.entries.values())
