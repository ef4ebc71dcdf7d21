"""Easy Read by itself: what is kept of a form, and how hard words are explained."""

from __future__ import annotations

import pytest

from community.easy_read import EasyRead, HardWord, Line, checked, laid_out, long_lines, pictures, template
from community.errors import Invalid


def test_the_template_keeps_the_rules_it_asks_of_others() -> None:
    made = template()
    assert checked(
        [(line.picture, line.text) for line in made.lines], [(w.word, w.means) for w in made.words]
    ) == EasyRead(made.lines, made.words)
    assert not made.is_offered and long_lines(made) == []
    assert {line.picture for line in made.lines} <= {name for name, _words in pictures()}


def test_empty_lines_are_left_out_and_unknown_pictures_become_a_tick() -> None:
    kept = checked([("kind", " Be   kind. "), ("x", ""), ("nothing", "Listen.")], [("", "")])
    assert kept.lines == (Line("kind", "Be kind."), Line("good", "Listen."))


def test_every_field_that_needs_mending_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        checked([("good", "x" * 161)], [("advice", ""), ("y" * 41, "long")])
    assert {f.field for f in refused.value.fields} == {"text-0", "means-0", "means-1"}
    with pytest.raises(Invalid):
        checked([("good", " ")], [])
    with pytest.raises(Invalid):
        checked([("good", "Too many.")] * 25, [])


def test_a_hard_word_is_marked_wherever_it_stands_and_explained_once() -> None:
    advice = HardWord("advice", "Saying what somebody could do.")
    shown = laid_out(EasyRead((Line("ask", "No Advice, please."), Line("ask", "Ask for advice.")), (advice,)))
    assert shown[0].parts == (("No ", False), ("Advice", True), (", please.", False))
    assert [line.explained for line in shown] == [(advice,), ()]


def test_a_word_is_not_found_inside_another_and_is_explained_at_the_end_instead() -> None:
    word = HardWord("art", "Pictures.")
    (line,) = laid_out(EasyRead((Line("good", "Start here (c++)."),), (word,)))
    assert line.parts == (("Start here (c++).", False),) and line.explained == (word,)
