"""The rules page: every rule in words, with a sentence of our own that it really notices, and nobody's words."""

from __future__ import annotations

from pathlib import Path

from moderation.evidence import examples
from moderation.evidence.rules_pages import told
from moderation.pipeline import change
from moderation.pipeline.judge import judge
from moderation.pipeline.rules import shipped
from tests.home import CRY, Home
from tests.moderation.oncall.test_roster_pages import shown
from tests.moderation.team import only_case

CORPUS = Path(__file__).parents[1] / "pipeline" / "corpus"


def test_every_example_is_one_that_its_rule_notices() -> None:
    noticed: dict[str, set[str]] = {}
    wanted = set(examples.examples().values())
    for _, submission in change.corpus(CORPUS):
        if submission.text in wanted:
            rules = {found.rule for found in judge(submission, shipped()).findings}
            noticed.setdefault(submission.text, set()).update(rules)
    wrong = [rule for rule, said in examples.examples().items() if rule not in noticed.get(said, ())]
    assert not wrong, "write them again: python -m moderation.evidence.examples tests/pipeline/corpus"


def test_every_rule_of_the_lexicons_is_told_in_words() -> None:
    listed = told(shipped(), {})
    assert len(listed) > 100
    assert not [rule.id for rule in listed if not rule.about or rule.about == rule.id]


async def test_a_moderator_reads_what_a_rule_does_and_never_a_members_words(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await ann.say(room, CRY)
    case = await only_case(operator)
    rule = case["findings"][0]["rule"]
    body = {"findings": [{"message": case["messages"][0]["id"], "n": 0, "right": True}]}
    await operator.ok("POST", f"/moderation/cases/{case['id']}/verdicts", body)
    listed = (await shown(operator, "/moderation/rules?q=" + rule)).text
    assert rule in listed and "right in 1 of 1" in listed and "pills" not in listed
    one = (await shown(operator, f"/moderation/rules/{rule}")).text
    assert "What its author reads" in one and "right in 1 of 1" in one and CRY not in one
    assert (await shown(operator, "/moderation/rules/care.nothing.here")).status_code == 404
    assert (await shown(ben, "/moderation/rules")).status_code == 404
    assert "No rule fits" in (await shown(operator, "/moderation/rules?q=zzzz")).text
