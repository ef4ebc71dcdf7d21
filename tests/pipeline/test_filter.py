"""`kith judge` keeps the protocol's contract."""

from __future__ import annotations

import io
import json

import msgspec

from moderation.pipeline.filter import explain, run


def judged(*lines: str, opinion: bool = True) -> tuple[int, list[dict[str, object]]]:
    out = io.BytesIO()
    code = run(io.BytesIO("\n".join(lines).encode()), out, opinion=opinion)
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_line_out_per_line_in_in_order() -> None:
    code, out = judged('{"id": 1, "text": "hello"}', "", '{"id": "b", "text": "I want to kill myself"}')
    assert code == 0
    assert [line["id"] for line in out] == [1, "b"]
    assert set(out[1]) == {
        "id", "outcome", "tier", "crisis", "crisis_score", "abuse", "pii", "spam", "findings", "took_us",
    }  # fmt: skip
    assert (out[0]["crisis"], out[1]["crisis"], out[1]["tier"]) == ("none", "high", "red")
    found = out[1]["findings"][0]  # type: ignore[index]
    assert set(found) == {"stage", "rule", "version", "lane", "severity", "span", "note"}


def test_a_bad_line_is_answered_and_ends_in_exit_1() -> None:
    code, out = judged(
        "nonsense", '{"id": 7}', '{"id": 8, "text": "hi", "place": "moon"}', '{"id": 9, "text": "hi"}'
    )
    assert code == 1
    assert [line["id"] for line in out] == [None, 7, 8, 9]
    assert all("error" in line for line in out[:3])


def test_context_and_preset_are_read() -> None:
    line = {
        "id": 1,
        "text": "yes, all of them",
        "context": [{"who": "other", "text": "have you taken anything?"}],
    }
    _, out = judged(msgspec.json.encode(line).decode(), opinion=False)
    assert out[0]["tier"] == "crisis"


def test_an_explanation_tells_folding_words_findings_and_weighing() -> None:
    said = explain("I w\u0430nt to k*ll mys3lf")
    for part in ("folded", "words", "structure", "care.ideation.act", "for the author", "weighed", "rules"):
        assert part in said
