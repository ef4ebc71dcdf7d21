"""Languages: which one a visit gets, sentences and plurals in it, and catalogues that keep their placeholders."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bench import catalogues
from community.web import dates
from community.web.words import LOCALES, Catalogues, _, asked_for, several, shipped, spoken


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small catalogues: German by a machine, French read by a person."""
    folder = tmp_path_factory.mktemp("locales")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogues, "LOCALES", folder)
        for language, reviewed in (("de", catalogues.DRAFT), ("fr", "Odile")):
            found = {"Open it": [("x.py", 1)], ("%d minute", "%d minutes"): [("x.py", 2)]}
            catalogue = catalogues.merged(language, found)
            catalogue.last_translator = reviewed
            said = {"de": ("Öffnen", "%d Minute", "%d Minuten"), "fr": ("Ouvrir", "%d minute", "%d minutes")}
            given = {"Open it": said[language][0], "%d minute": list(said[language][1:])}
            catalogues.take(given, catalogue)
            catalogues.write(language, catalogue)
    return folder


async def test_a_task_speaks_its_own_language_and_no_other_one_hears_it(folder: Path) -> None:
    words = Catalogues(folder)

    async def said(language: str) -> tuple[str, str, str]:
        words.speak(language)
        await asyncio.sleep(0)
        return spoken(), _("Open it"), several("%d minute", "%d minutes", 3) % 3

    heard = await asyncio.gather(*(asyncio.create_task(said(tag)) for tag in ("de-AT", "fr", "xx")))
    assert heard == [
        ("de", "Öffnen", "3 Minuten"),
        ("fr", "Ouvrir", "3 minutes"),
        ("en", "Open it", "3 minutes"),
    ]
    assert _("Open it") == "Open it"


def test_only_a_catalogue_that_nobody_has_reviewed_is_a_draft(folder: Path) -> None:
    words = Catalogues(folder)
    assert words.is_draft("de") and not words.is_draft("fr") and not words.is_draft("en")
    assert words.languages == ("en", "de", "fr")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("de-CH, fr;q=0.8, en;q=0.9", ["de-ch", "en", "fr"]),
        ("*, ;q=1, es;q=0", []),
        ("fr;q=high, pt-BR", ["pt-br"]),
        ("", []),
    ],
    ids=["weighed", "any-and-none", "unreadable-part", "empty"],
)
def test_what_a_browser_asks_for_is_read_by_its_weights(header: str, wanted: list[str]) -> None:
    assert asked_for(header) == wanted


def test_the_first_language_that_there_is_wins(folder: Path) -> None:
    words = Catalogues(folder)
    assert words.choose(["cy", "de-ch", "fr"]) == "de"
    assert words.choose(["en-gb", "fr"]) == "en" and words.choose([]) == "en"


def test_days_and_figures_follow_the_language() -> None:
    at, berlin = datetime(2026, 11, 21, 20, 10, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    assert dates.moment(at, berlin) == "21 November 2026, 21:10" and dates.number(12400) == "12,400"


def test_a_translation_that_loses_a_placeholder_is_not_taken() -> None:
    assert not catalogues.lost("Call %(n)s", ["Ruf %(n)s an"])
    assert catalogues.lost("Call %(n)s", ["Ruf an"]) == ["Ruf an"]
    assert catalogues.lost("%d new", ["%s neu"]) == ["%s neu"]
    assert not catalogues.lost(("%d minute", "%d minutes"), ["eine Minute%.0s", "%d Minuten"])
    assert catalogues.lost(("%d minute", "%d minutes"), ["eine Minute", "%d Minuten"]) == ["eine Minute"]


def test_what_looks_like_words_to_a_person_is_found_and_what_is_not_is_left() -> None:
    found = catalogues.sentences()
    assert "There is nothing here, or it isn't shared with you." in found  # a refusal
    assert "I need help now" in found  # a template
    assert ("%d minute", "%d minutes") in found
    assert not [s for s in found if isinstance(s, str) and s.lower().startswith(("select ", "insert "))]


@pytest.mark.parametrize("language", sorted(path.parent.parent.name for path in LOCALES.glob("*/*/kith.po")))
def test_every_shipped_catalogue_keeps_placeholders_and_is_compiled_as_written(language: str) -> None:
    catalogue = catalogues.read(language)
    wrong = [
        message.id
        for message in catalogue
        if message.id and catalogues.is_translated(message)
        if catalogues.lost(
            message.id, message.string if isinstance(message.string, tuple) else (message.string,)
        )
    ]
    assert not wrong
    assert catalogues.compiled(catalogue) == catalogues.file_of(language).with_suffix(".mo").read_bytes()
    assert language in shipped().languages
