"""Contact details and identities: masked by span, helplines and doses left alone."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.pipeline.conduct.contact import contact_details
from moderation.pipeline.types import GroupRules, Outcome
from tests.pipeline.conduct_help import rules_of, verdict


def masked(text: str) -> str:
    """What readers see."""
    for span in reversed(verdict(text).masks):
        text = text[: span.start] + "[…]" + text[span.end :]
    return text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ring me on 07700 900461 tonight", "ring me on […] tonight"),
        ("write to sam@example.org, ok?", "write to […], ok?"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN […] please"),
        ("my insta is sad_panda99 :)", "my insta is […] :)"),
        ("number’s ０７７００ ９００４６１ x", "number’s […] x"),
    ],
)
def test_only_the_detail_is_masked(text: str, seen: str) -> None:
    assert masked(text) == seen


def test_a_detail_is_found_once_at_its_longest() -> None:
    found = contact_details("my address is 12b Baker Street, London NW1 6XE", GroupRules())
    assert [(f.rule, f.span) for f in found] == [("conduct.pii.address", (14, 46))]


def test_a_group_that_allows_details_still_masks_what_moves_money() -> None:
    assert rules_of("ring 07700 900123", contact_details="allow") == set()
    assert rules_of("card 4012 8888 8888 1881", contact_details="allow") == {"conduct.pii.card"}


def test_a_group_may_ask_to_edit_instead() -> None:
    assert verdict("ring me on 07700 900123", contact_details="ask_to_edit").outcome is Outcome.ask_to_edit


def test_the_kinds_are_listed_in_the_verdict_and_a_clinician_is_not_one() -> None:
    assert verdict("ring 07700 900123 or sam@example.org").pii == ("email", "phone")
    assert verdict("my psychiatrist Dr Amelia Hart is lovely").pii == ()


@pytest.mark.parametrize(
    "text", ["call 116 123", "988", "0800 1111", "1-800-273-8255", "text HOME to 741741", "999"]
)
def test_a_helpline_is_nobodys_number(text: str) -> None:
    assert masked(text) == text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0123456789 .-/()+@:abcdot", max_size=400))
def test_no_text_breaks_the_search_and_spans_stay_apart(text: str) -> None:
    found = [f.span for f in contact_details(text, GroupRules()) if f.span]
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= span.start < span.end <= len(text) for span in found)


@pytest.mark.parametrize(
    "piece", ["1 ", "12-", "a@", "a.b@c.", "07700 900123 ", " at ", "(((", "1.2.", "::1:", "rue "]
)
def test_hostile_repetition_costs_no_more_than_its_length(piece: str) -> None:
    def took(size: int) -> float:
        """Seconds of this thread's own work, the best of three: the machine may be busy with others."""
        text = (piece * size)[: size * 2]
        return min(once(text) for _ in range(3))

    def once(text: str) -> float:
        started = time.thread_time()
        contact_details(text, GroupRules())
        return time.thread_time() - started

    took(500)
    assert took(8000) < 40 * max(took(1000), 0.0005)
