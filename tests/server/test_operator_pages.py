"""Running the server by page: the first day's code, health in words, tests that say what happened, backups."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from community.errors import Conflict, Forbidden
from community.store import operating, organisation
from community.store.operating import Organisation
from moderation.oncall.trying import why_words
from server.first_day import FirstDay, FirstPerson, make_code, new_code
from server.serving import _welcome
from server.settings import Settings
from tests.home import PASSWORD, Home
from tests.moderation.oncall.test_roster_pages import send, shown

US = Organisation("Harbour charity", "hello@harbour.example", "GB", ["en"])


async def founded(home: Home) -> None:
    async with home.house.database.transaction() as tx:
        await organisation.found(tx, now=home.clock.now())


async def test_the_code_that_the_server_printed_makes_one_operator_and_no_second(
    home: Home, dsn: str
) -> None:
    await founded(home)
    first, code = await make_code(dsn), await make_code(dsn)
    assert first and code and first != code
    day = FirstDay(home.house.database, home.clock, home.house.people)
    for wrong in (first, new_code(), ""):
        with pytest.raises(Forbidden):
            await day.open(FirstPerson(wrong, "olive", PASSWORD, US))
    await day.open(FirstPerson(code.lower().replace("-", " "), "olive", PASSWORD, US))
    with pytest.raises(Conflict):
        await day.open(FirstPerson(code, "mallory", PASSWORD, US))
    assert await make_code(dsn) is None, "somebody runs it: no code any more"
    async with home.house.database.read() as conn:
        assert (await operating.organisation(conn)).name == "Harbour charity"


async def test_the_set_up_page_is_there_until_somebody_runs_the_server(home: Home, dsn: str) -> None:
    await founded(home)
    code = await make_code(dsn)
    page = await home.http.get("/set-up")
    assert page.status_code == 200 and str(code) not in page.text
    token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {
        "csrf": token,
        "handle": "olive",
        "password": PASSWORD,
        "password_again": PASSWORD,
        "name": "Harbour charity",
        "contact": "hello@harbour.example",
        "country": "GB",
        "languages": "en, es",
    }
    wrong = await home.http.post("/set-up", data={**fields, "code": "nothing"})
    assert wrong.status_code == 403 and "isn&#39;t the code" in wrong.text and "Harbour charity" in wrong.text
    made = await home.http.post("/set-up", data={**fields, "code": code})
    assert (made.status_code, made.headers["location"]) == (303, "/operator")
    assert (await home.http.get("/operator")).status_code == 200, "signed in already"
    assert (await home.http.get("/set-up")).status_code == 404


async def test_health_says_the_crisis_path_first_and_what_to_do(home: Home) -> None:
    await founded(home)
    operator = await home.operator()
    page = (await shown(operator, "/operator")).text
    assert "The crisis path isn&#39;t whole" in page and "Nobody is on duty now" in page
    assert page.index("<strong>mail.host") < page.index("<strong>helplines")
    assert "No backup was ever written" in page
    member = await home.member()
    for path in ("/operator", "/operator/groups", "/operator/organisation"):
        assert (await shown(member, path)).status_code == 404


async def test_a_test_says_what_became_of_it(home: Home) -> None:
    await founded(home)
    operator = await home.operator()
    page = (await send(operator, "/operator", act="mail", address="me@harbour.example")).text
    assert "The test to me@harbour.example failed" in page and "No mail server is set" in page
    for bad in ("nobody", "a@[harbour.example", "me@harbour.example, you@harbour.example"):
        assert (await send(operator, "/operator", act="mail", address=bad)).status_code == 422, bad
    assert (await send(operator, "/operator", act="channels")).status_code == 422, "there is none"
    assert "said no (535)" in why_words("answered_535")


async def test_backups_are_told_with_their_age_and_whether_one_was_brought_back(home: Home) -> None:
    await founded(home)
    operator = await home.operator()
    async with home.house.database.transaction() as tx:
        await operating.record_backup(tx, "written", now=home.clock.now(), size=2_500_000)
    page = (await shown(operator, "/operator")).text
    assert "2.5 MB" in page and "nobody knows whether it can be" in page and "No backup" not in page
    assert (await send(operator, "/operator", act="tried")).status_code == 303
    home.clock.advance(timedelta(days=8))
    operator = await home.operator()
    page = (await shown(operator, "/operator")).text
    assert "no backup of the last seven days" in page and "nobody knows" not in page


async def test_all_groups_and_roles_are_in_one_list(home: Home) -> None:
    await founded(home)
    operator = await home.operator()
    await home.group(operator)
    await home.group(operator, "quiet-room", visibility="private")
    page = (await shown(operator, "/operator/groups")).text
    assert "Lighthouse" in page and "private" in page and "1 member" in page and "olive" in page


async def test_the_first_start_prints_where_to_go_and_the_code(home: Home, dsn: str, tmp_path: Path) -> None:
    await founded(home)
    settings = Settings()
    settings = msgspec.structs.replace(settings, database=msgspec.structs.replace(settings.database, url=dsn))
    said = await _welcome(settings, tmp_path)
    assert "http://127.0.0.1:8000/set-up" in said and re.search(r"\b(\w{4}-){3}\w{4}\b", said)
    await home.operator()
    assert "set-up" not in await _welcome(settings, tmp_path)
