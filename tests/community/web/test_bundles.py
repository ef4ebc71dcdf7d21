"""Bundles: many small files in one, each meaning what it means alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from community.web.bundles import NotFoldable, fold, needed, sheet

REPOSITORY = Path(__file__).parents[3]
PLACES = {
    "community": REPOSITORY / "community" / "web" / "static",
    **{name: REPOSITORY / name / "static" for name in ("chat", "forum", "moderation")},
}
FILES = {
    "here/page.js": 'import "./first.js";\nimport { two as deux, one } from "../there/numbers.js";\n'
    "export const sum = one + deux;\nexport async function later() {}\n",
    "here/first.js": 'import { one } from "../there/numbers.js";\nconsole.log(one);\n',
    "there/numbers.js": "export const one = 1;\nconst hidden = 1;\nexport const two = hidden + one;\n",
}


def test_sheets_stand_in_the_order_asked_for() -> None:
    assert sheet(["b", "a"], {"a": "p {}\n", "b": "q {}\n"}) == "q {}\np {}\n"


def test_what_is_imported_comes_first_and_once() -> None:
    assert needed(["here/page.js"], FILES) == ["there/numbers.js", "here/first.js", "here/page.js"]


def test_a_fold_keeps_each_module_to_itself_and_its_names_as_they_were() -> None:
    folded = fold(["here/page.js"], FILES)
    assert "const { two: deux, one } = there_numbers_js;" in folded
    assert "return { one, two };" in folded and "return { sum, later };" in folded
    assert "export const" not in folded and 'from "' not in folded
    assert folded.count("const hidden = 1;") == 1


def test_what_the_page_runs_already_is_taken_from_there() -> None:
    folded = fold(["here/page.js"], FILES, there="/base.js", base=["there/numbers.js"])
    assert folded.startswith('import { there_numbers_js } from "/base.js";\n') and "hidden" not in folded


@pytest.mark.parametrize(
    "source",
    [
        "export default 1;\n",
        "const a = 1;\nexport { a };\n",
        "export let a = 1;\n",
        'import * as all from "./x.js";\n',
        'const x = await import("./x.js");\n',
        "const here = import.meta.url;\n",
    ],
)
def test_ways_of_saying_it_that_folds_do_not_know_are_refused(source: str) -> None:
    with pytest.raises(NotFoldable):
        fold(["here/odd.js"], {"here/odd.js": source, "here/x.js": ""})


def test_modules_that_import_each_other_are_refused() -> None:
    files = {"a.js": 'import "./b.js";\n', "b.js": 'import "./a.js";\n'}
    with pytest.raises(NotFoldable, match="imports itself"):
        needed(["a.js"], files)


def test_every_module_of_the_house_can_be_folded() -> None:
    files = {
        f"{package}/{path.name}": path.read_text()
        for package, folder in PLACES.items()
        for path in folder.glob("*.js")
    }
    for name in files:
        assert fold([name], files)
