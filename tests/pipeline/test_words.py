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


def test_each_kind_of_conduct_and_of_danger_has_its_own_sentence() -> None:
    plain = author_sentence("conduct.x")
    for kind in ("trade.selling", "medicine.cure_claim", "outreach.press", "people.named"):
        assert author_sentence(f"conduct.{kind}") != plain, kind
    for topic in ("overdose", "medical", "eating", "abuse", "child", "general"):
        assert author_sentence(f"care.together.{topic}.x") != author_sentence("care.x"), topic
