"""Searching the audit log: by person, act, case and day; for leads alone; each search is an entry itself."""

from __future__ import annotations

import re
from uuid import UUID

from community.ids import MemberId
from moderation.evidence.audit_pages import SHOWN
from moderation.evidence.chain import entry
from moderation.store import audit as chain
from tests.home import CRY, Home
from tests.moderation.oncall.test_roster_pages import send, shown
from tests.moderation.team import act, moderator, only_case

PATH = "/moderation/audit"


def found(page: str) -> list[str]:
    """What was done, of each entry that is shown."""
    part = page.partition("<h2>Found</h2>")[2].partition("</ul>")[0]
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", p)).strip()
        for p in re.findall(r"<li>.*?</li>", part, re.S)
    ]


async def test_a_lead_finds_entries_by_person_act_and_case(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    mod = await moderator(home, operator)
    case = await act(mod, await only_case(mod), "claim")
    await home.house.audit_job.run()
    everything = found((await shown(operator, PATH)).text)
    assert any("took the case" in row and mod.handle in row for row in everything)
    assert any("gave or took a seat" in row and f"about {mod.handle}" in row for row in everything)
    claimed = found((await shown(operator, f"{PATH}?act=claimed&case=/moderation/cases/{case['id']}")).text)
    assert len(claimed) == 1
    mine = found((await shown(operator, f"{PATH}?who={mod.handle}")).text)
    assert mine and all(mod.handle in row for row in mine)
    assert found((await shown(operator, f"{PATH}?since=2025-01-01&until=2025-01-02")).text) == []
    assert CRY not in (await shown(operator, PATH)).text
    assert (await shown(mod, PATH)).status_code == 404, "leads alone"


async def test_each_search_and_each_check_is_an_entry_itself(home: Home) -> None:
    operator = await home.operator()
    await shown(operator, PATH)
    checked = (await send(operator, PATH)).text
    assert "The chain holds" in checked
    rows = found((await shown(operator, PATH)).text)
    assert any("checked this log" in row for row in rows) and any("searched this log" in row for row in rows)


async def test_what_names_nothing_is_said_beside_its_field(home: Home) -> None:
    operator = await home.operator()
    for query, say in (("who=nobody-here", "Nobody here has this name."), ("who=no%00body", "Nobody here has"),
                       ("case=x", "address, or its id"),
                       ("since=today", "Please give a day."), ("until=9999-12-31", "Please give a day."),
                       ("since=0001-01-01", "Please give a day.")):  # fmt: skip
        answer = await shown(operator, f"{PATH}?{query}")
        assert answer.status_code == 422 and say in answer.text


async def test_a_changed_entry_is_shown_by_the_check(home: Home) -> None:
    operator = await home.operator()
    await shown(operator, PATH)
    async with home.house.database.transaction() as tx:
        await tx.execute("alter table audit disable trigger user")
        await tx.execute("update audit set verb = 'case.seen' where n = 1")
    assert "Something was changed or is missing" in (await send(operator, PATH)).text


async def test_an_entry_about_a_case_that_is_not_for_the_reader_stays_hidden(home: Home) -> None:
    operator, room, _ = await home.community()
    lead = await moderator(home, operator, care=True, conduct=True, lead=True)
    await lead.join()
    await lead.say(room, CRY)
    case = await only_case(operator)
    await act(operator, case, "claim")
    await home.house.audit_job.run()
    assert any("took the case" in row for row in found((await shown(operator, PATH)).text))
    assert not any("took the case" in row for row in found((await shown(lead, PATH)).text))


async def test_a_seat_given_by_page_is_in_the_log_too(home: Home) -> None:
    operator = await home.operator()
    kim = await home.member()
    assert (await send(operator, "/moderation/team", handle=kim.handle, care="yes")).status_code == 303
    rows = found((await shown(operator, f"{PATH}?act=seat.set")).text)
    assert len(rows) == 1 and f"about {kim.handle}" in rows[0]


async def test_a_lead_does_not_learn_that_a_colleague_looks_into_them(home: Home) -> None:
    operator, _, _ = await home.community()
    lead = await moderator(home, operator, care=True, conduct=True, lead=True)
    await lead.join()
    await shown(operator, f"/moderation/members/{lead.id}")
    await shown(operator, f"{PATH}?who={lead.handle}")
    assert any("looked at a person" in row for row in found((await shown(operator, PATH)).text))
    rows = found((await shown(lead, PATH)).text)
    assert not any("looked at a person" in row for row in rows)
    assert not any("searched" in row and f"about {lead.handle}" in row for row in rows)


async def test_a_page_is_no_shorter_for_what_is_hidden_from_its_reader(home: Home) -> None:
    operator, _, _ = await home.community()
    lead = await moderator(home, operator, care=True, conduct=True, lead=True)
    await lead.join()
    looks = [entry("member.seen", MemberId(UUID(operator.id)), MemberId(UUID(lead.id)))] * (SHOWN + 10)
    async with home.house.database.transaction() as tx:
        await chain.append(tx, looks, now=home.clock.now())
    page = (await shown(lead, PATH)).text
    assert any("gave or took a seat" in row for row in found(page)), "older than what lies between"
    assert "before=" not in page, "and no way to more that isn't there"
