"""Coming to a meeting: reminded once and in time, told when it moves or is taken off, and nobody else's business."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chat.coming import Reminders
from community.database import Database
from tests.home import Caller, Home


async def planned(home: Home, by: Caller, room: str, hours: float = 3, **more: Any) -> str:
    """The path of a new meeting."""
    starts = (home.clock.now() + timedelta(hours=hours)).isoformat()
    made = await by.ok("POST", f"/rooms/{room}/meetings", {"starts_at": starts, **more})
    return f"/rooms/{room}/meetings/{made['id']}"


async def remind(home: Home) -> int:
    return await Reminders(home.house.database, home.clock, home.house.bus).run()


async def told(who: Caller) -> list[str]:
    """Kinds of notices about meetings, the newest first."""
    found = (await who.ok("GET", "/me/notices"))["items"]
    return [n["kind"] for n in found if n["kind"].startswith("meeting_")]


async def test_whoever_comes_is_reminded_once_half_an_hour_before_and_nobody_else(home: Home) -> None:
    lead, room, (ann, bob, cat) = await home.community(3)
    meeting = await planned(home, lead, room)
    assert (await ann.ok("POST", f"{meeting}/come"))["comes"]
    await ann.ok("POST", f"{meeting}/come")
    await cat.ok("POST", f"{meeting}/come")
    assert (await cat.ok("POST", f"{meeting}/stay-away"))["comes"] is False
    assert (await lead.ok("GET", f"/rooms/{room}/meetings"))["items"][0]["coming"] == 2, (
        "ann and who planned it"
    )
    (seen,) = (await bob.ok("GET", f"/rooms/{room}/meetings"))["items"]
    assert (seen["comes"], seen["coming"]) == (False, 0), "how many come is for those who facilitate"
    home.clock.advance(2 * 3600)
    assert await remind(home) == 0
    home.clock.advance(1800)
    assert await remind(home) == 2 and await remind(home) == 0
    assert (await told(ann), await told(bob), await told(cat)) == (["meeting_soon"], [], [])
    await bob.ok("POST", f"{meeting}/come")
    assert await remind(home) == 0, "whoever says so now knows the time"


async def test_a_reminder_says_the_time_on_the_readers_clock_and_names_nothing(home: Home) -> None:
    lead, room, (ann, _) = await home.community()
    await ann.ok("PATCH", "/me", {"time_zone": "Asia/Tokyo"})
    meeting = await planned(home, lead, room, agenda=["Hello"])
    await ann.ok("POST", f"{meeting}/come")
    home.clock.advance(2.75 * 3600)
    await remind(home)
    page = (await home.http.get("/me/notices", headers={"authorization": f"Bearer {ann.token}"})).text
    there = home.clock.now() + timedelta(minutes=15, hours=9)
    main = page[page.index("<main") : page.index("</main>")]
    assert f"{there:%H:%M}" in main and f"/rooms/{room}/meeting" in main
    assert "Lighthouse" not in main and "evening" not in main


async def test_another_time_is_told_and_reminded_of_and_a_meeting_taken_off_too(home: Home) -> None:
    lead, room, (ann, bob) = await home.community()
    meeting = await planned(home, lead, room, agenda=["Hello"])
    await ann.ok("POST", f"{meeting}/come")
    home.clock.advance(2.75 * 3600)
    await remind(home)
    starts = home.clock.now() + timedelta(hours=2)
    body = {"starts_at": starts.isoformat(), "agenda": ["Hello", "Tea"], "share_minutes": 2}
    assert (await ann.call("PUT", meeting, body)).status_code == 403
    assert (await lead.ok("PUT", meeting, body))["agenda"] == ["Hello", "Tea"]
    await lead.ok("PUT", meeting, {**body, "share_minutes": 4})
    assert await told(ann) == ["meeting_moved", "meeting_soon"], "told of another time, not of another share"
    home.clock.advance(1.75 * 3600)
    assert await remind(home) == 2, "of the new time, once more"
    await lead.ok("DELETE", meeting)
    assert (await told(ann))[0] == "meeting_off" and await told(lead) == ["meeting_soon"] * 2
    assert await told(bob) == []
    again = await planned(home, lead, room)
    await lead.ok("POST", f"{again}/begin")
    assert (await lead.call("PUT", again, body)).json()["code"] == "has_begun"
    assert (await ann.call("POST", f"{again}/come")).json()["code"] == "has_begun"


async def test_only_members_come_and_whoever_left_is_not_reminded(home: Home) -> None:
    lead, room, (ann, bob) = await home.community()
    await lead.ok("PATCH", "/groups/lighthouse", {"visibility": "public"})
    stranger, meeting = await home.member(), await planned(home, lead, room)
    assert (await stranger.call("POST", f"{meeting}/come")).status_code == 403
    for who in (ann, bob):
        await who.ok("POST", f"{meeting}/come")
    await ann.ok("DELETE", "/groups/lighthouse/membership")
    exported = await bob.ok("GET", "/me/export")
    assert [act["kind"] for act in exported["chat"]["meetings"]] == ["come"]
    await bob.ok("DELETE", "/me", {"password": "a quiet river at night"})
    home.clock.advance(2.75 * 3600)
    assert await remind(home) == 1, "the one who planned it"


async def test_a_reminder_leaves_the_house_by_the_ways_that_its_reader_chose(
    home: Home, database: Database
) -> None:
    lead, room, (ann, bob) = await home.community()
    meeting = await planned(home, lead, room)
    async with database.transaction() as tx:
        await tx.execute(
            "insert into notice_setting (member_id, by_mail) values ($1::text::uuid, '{meeting}')", ann.id
        )
    for who in (ann, bob):
        await who.ok("POST", f"{meeting}/come")
    home.clock.advance(2.75 * 3600)
    await remind(home)
    async with database.read() as conn:
        rows = await conn.fetch("select member_id::text as id, kind from news_due where kind = 'house'")
    assert [row["id"] for row in rows] == [ann.id]


async def test_a_planned_meeting_is_changed_by_its_form(home: Home) -> None:
    lead, room, (ann, _) = await home.community()
    meeting = await planned(home, lead, room, agenda=["Hello"], time_zone="Europe/Berlin")
    signed = {"authorization": f"Bearer {lead.token}"}
    form = (await home.http.get(meeting, headers=signed)).text
    assert "Hello" in form and "Europe/Berlin" in form and "Change the meeting" in form
    day = home.clock.now() + timedelta(days=2)
    fields = {"date": f"{day:%Y-%m-%d}", "time": "19:00", "zone": "Europe/Berlin", "agenda": "Tea"}
    wrong = await home.http.post(meeting, data={**fields, "share_minutes": "90"}, headers=signed)
    assert wrong.status_code == 422 and "Tea" in wrong.text
    kept = await home.http.post(meeting, data={**fields, "share_minutes": "5"}, headers=signed)
    assert kept.status_code == 303
    (seen,) = (await ann.ok("GET", f"/rooms/{room}/meetings"))["items"]
    assert (seen["agenda"], seen["share_minutes"]) == (["Tea"], 5)
    for who in (ann, lead):
        page = await home.http.get(f"/rooms/{room}/meeting", headers={"authorization": f"Bearer {who.token}"})
        assert ("Change it" in page.text) == (who is lead)
        assert ("I would like to come" in page.text) == (who is ann)
    assert (await home.http.get(meeting, headers={"authorization": f"Bearer {ann.token}"})).status_code == 403
