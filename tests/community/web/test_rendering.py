"""Templates: every one compiles, everything is escaped, and a handle's picture is drawn from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import Environment

from community.clock import ManualClock
from community.web import dates
from community.web.avatars import avatar, mark
from community.web.rendering import OWN_STATICS, OWN_TEMPLATES, Look, Site, Templates
from community.web.statics import Statics
from community.web.words import Catalogues, direction, spoken

TEMPLATES = sorted(path.name for path in OWN_TEMPLATES.glob("*.html"))


@pytest.fixture
def environment() -> Environment:
    statics = Statics({"community": OWN_STATICS})
    return Templates(site=Site(), clock=ManualClock(), statics=statics, folders={})._environment


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(environment: Environment, name: str) -> None:
    environment.get_template(name)


def test_a_sentence_with_something_filled_in_is_escaped_whole(environment: Environment) -> None:
    shown = environment.from_string('{{ _("Hello %(name)s", name=name) }} {{ _(said) }}').render(
        name="<b>", said="<i>100%</i>"
    )
    assert shown == "Hello &lt;b&gt; &lt;i&gt;100%&lt;/i&gt;"


def test_a_misspelt_name_in_a_template_is_an_error_not_a_gap(environment: Environment) -> None:
    with pytest.raises(Exception, match="misspelt"):
        environment.from_string("{{ misspelt }}").render()


def test_a_handle_always_gets_the_same_picture_and_cannot_break_out_of_it() -> None:
    assert avatar("quiet-river") == avatar("quiet-river")
    assert mark("Quiet-River")[:2] == mark("quiet-river")[:2]
    assert mark("...é")[2] == "É" and mark("")[2] == "·"
    assert "<script" not in avatar("<script>") and " style=" not in avatar("x")
    assert len({mark(f"person {n}")[:2] for n in range(200)}) > 40


def test_looks_survive_a_cookie_and_nonsense_in_it() -> None:
    for look in (Look(), Look("dark"), Look("contrast", calm=True)):
        assert Look.from_cookie(look.to_cookie()) == look
    assert Look.from_cookie('"><script>.calm.calm') == Look()


def test_times_are_in_the_readers_zone_and_in_words() -> None:
    london, now = dates.zone("Europe/London"), datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert dates.soon(now, now, london) == "today, 23:30"
    assert dates.soon(now + timedelta(hours=1), now, london) == "tomorrow, 00:30"
    assert dates.soon(now - timedelta(days=1), now, london) == "yesterday, 23:30"
    assert dates.soon(now - timedelta(days=9), now, london) == "22 June 2026, 23:30"
    assert dates.zone("Not/There").key == "UTC" and dates.zone("../../etc/passwd").key == "UTC"
    assert dates.machine(now.astimezone(london)) == "2026-07-01T22:30:00Z"


def test_a_length_of_time_is_one_round_unit() -> None:
    assert [dates.length(timedelta(seconds=s)) for s in (30, 60, 150, 7199, 7200, 86400 * 3)] == [
        "less than a minute",
        "1 minute",
        "2 minutes",
        "119 minutes",
        "2 hours",
        "3 days",
    ]


def test_without_a_catalogue_the_source_is_spoken_and_direction_follows_the_language() -> None:
    assert Catalogues().speak("ar") == "en" and spoken() == "en"
    assert direction("ar-EG") == "rtl" and direction("en") == "ltr"
