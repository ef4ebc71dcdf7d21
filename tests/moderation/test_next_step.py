"""The line at the top of a case says what to do next, in every state, and by when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from community.ids import MemberId, MessageId, new_id
from moderation.casework.case import Case
from moderation.desk.next_step import Facts, next_step
from moderation.pipeline.types import Tier

AT = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
ME, OTHER = MemberId(new_id()), MemberId(new_id())
CRISIS = Case(
    lane="care", tier=Tier.crisis, state="paged", version=2, owner=None, lease_until=None, opened_at=AT,
    raised_at=AT, due_at=AT + timedelta(minutes=5), touched_at=AT, closed_at=None,
    messages=(MessageId(new_id()),), rules=frozenset({"care.means.x"}),
)  # fmt: skip
WAITING = Facts(CRISIS, ME, AT + timedelta(minutes=3), person="fernleaf", wants_follow_ups=True)


def mine(minutes: int, state: str = "acknowledged", **more: object) -> Facts:
    """The same, taken by me, so many minutes after it was raised."""
    now = AT + timedelta(minutes=minutes)
    case = replace(
        CRISIS, state=state, owner=ME, lease_until=now + timedelta(minutes=5),
        due_at=now + timedelta(minutes=12), ladder=more.pop("ladder", None),
    )  # fmt: skip
    return replace(WAITING, case=case, now=now, **more)


SPOKE, ANSWERED, NOBODY = ("spoke", False), ("answered", False), ("escalated", True)

CARE = [
    (WAITING, "Take the case: 2 minutes left of 5 minutes until somebody should have it."),
    (replace(WAITING, now=AT + timedelta(minutes=7)),
     "Take the case now: fernleaf has waited for 7 minutes, and nobody has it."),
    (mine(3), "Write to fernleaf: 12 minutes left of 15 minutes for human words."),
    (mine(18), "Write to fernleaf now: 15 minutes for human words are over, by 3 minutes."),
    (mine(9, "with_person", acts=[SPOKE]), "While you wait for fernleaf: say how far it has gone, as you heard it."),
    (mine(9, "with_person", acts=[SPOKE, ANSWERED]), "fernleaf has written back. Answer within 12 minutes."),
    (mine(30, "with_person", acts=[SPOKE, NOBODY]),
     "No answer from fernleaf. Go through the emergency checklist now; the lead was asked too."),
    (mine(9, "with_person", acts=[SPOKE], ladder="plan"),
     "Wait for fernleaf to answer. After 12 minutes more without a word, the lead is asked, and the emergency "
     "checklist is next."),
    (mine(9, "following_up", acts=[SPOKE], ladder="plan", follow_ups=["asked", "waiting"]),
     "It is time to ask fernleaf again how they are."),
    (mine(9, "following_up", acts=[SPOKE], ladder="plan", follow_ups=["waiting"]),
     "Nothing now: asking again is planned. Leave a hand-over note for the next person."),
    (mine(9, gone=True), "This person has left. Close the case when nothing is left to do."),
    (mine(9, asks_me=True), "A colleague waits for your word on a step that needs two people."),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "say"), CARE)
def test_a_care_case_says_what_comes_next(facts: Facts, say: str) -> None:
    assert next_step(facts).say == say


def test_what_a_colleague_holds_or_what_is_closed_asks_nothing_of_me() -> None:
    held = replace(CRISIS, owner=OTHER, lease_until=AT + timedelta(minutes=9), state="acknowledged")
    assert next_step(replace(WAITING, case=held, holder="juniper")).say.startswith("juniper has this case.")
    assert next_step(replace(WAITING, case=replace(CRISIS, state="closed"))).say.startswith("Nothing")


def test_a_red_case_goes_from_words_to_asking_again_to_its_end() -> None:
    red = mine(9, "with_person", acts=[SPOKE, ANSWERED, SPOKE], ladder="thoughts")
    red = replace(red, case=replace(red.case, tier=Tier.red))
    assert next_step(replace(red, held_words=True)).at == "decide"
    assert next_step(red).at == "ask-again"
    assert next_step(replace(red, wants_follow_ups=False)).at == "close"


def test_a_conduct_case_is_decided_waits_for_its_author_or_answers_them() -> None:
    case = replace(CRISIS, lane="conduct", tier=Tier.green, state="claimed", due_at=AT + timedelta(hours=20))
    facts = replace(WAITING, case=case, now=AT)
    assert next_step(facts).say == "Read the message and decide: 20 hours left of a day."
    assert next_step(replace(facts, now=AT + timedelta(days=2))).late
    assert "has 20 hours more" in next_step(replace(facts, acts=[("repairasked", False)])).say
    asked = [("repairasked", False), ("repaired", False)]
    assert next_step(replace(facts, acts=asked)).at == "decide"
    appealed = replace(facts, case=replace(case, state="appealed", decided_by=OTHER))
    assert next_step(appealed).say == "Answer the disagreement: 20 hours left."
    mine_ = replace(appealed, case=replace(appealed.case, decided_by=ME))
    assert next_step(mine_).say == "Nothing for you: somebody else answers the disagreement."
