"""On-call over HTTP, through the whole house: rosters, training, channels, links, signed answers, calendars."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from community.clock import ManualClock
from community.database import Database
from moderation.oncall.channels.signing import HEADER, is_signed, sign
from tests.moderation.oncall.house import Caller, Village, village
from tests.moderation.oncall.team import Oncallers, WebhookServer


@pytest.fixture
async def place(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Village]:
    async with village(database, clock, tmp_path) as made:
        yield made


async def trained(lead: Caller, who: Caller, clock: ManualClock, days: int = 300) -> str:
    today = clock.now().date()
    body = {
        "member": str(who.id),
        "lane": "care",
        "trained_on": today.isoformat(),
        "expires_on": (today + timedelta(days=days)).isoformat(),
        "supervisor": str(lead.id),
    }
    made: dict[str, str] = await lead.call("POST", "/moderation/training", body, ok=201)
    return made["id"]


def one_shift(clock: ManualClock, after_h: float = 1, **more: Any) -> dict[str, Any]:
    start = clock.now() + timedelta(hours=after_h)
    return {
        "seat": "primary",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=8)).isoformat(),
        **more,
    }


async def paged(place: Village, clock: ManualClock, hooks: WebhookServer) -> tuple[Caller, Any]:
    """A trained person on duty, reached by a webhook, and a crisis; what arrived."""
    lead, ann = await place.person("leadlily", "lead"), await place.person("ann", "care")
    await trained(lead, ann, clock)
    await ann.call("POST", "/moderation/roster/shifts", one_shift(clock, 0.01), ok=201)
    clock.advance(60)
    channel = await ann.call(
        "POST", "/moderation/channels", {"kind": "webhook", "address": hooks.url, "label": "phone"}, ok=201
    )
    cries = Oncallers(place.house.database, clock)
    await cries.lay()
    await cries.cry()
    await place.house.oncall.escalator.run()
    await place.house.oncall.sender.run()
    await hooks.until(1)
    await place.house.oncall.sender.settled()
    return ann, {**hooks.got[0].body, "secret": channel["secret"]}


async def test_only_whose_training_counts_can_take_a_shift(place: Village, clock: ManualClock) -> None:
    lead, ann = await place.person("leadlily", "lead"), await place.person("ann", "care")
    refused = await ann.call("POST", "/moderation/roster/shifts", one_shift(clock), ok=422)
    assert refused["code"] == "not_trained"
    record = await trained(lead, ann, clock, days=2)
    late = await ann.call("POST", "/moderation/roster/shifts", one_shift(clock, 24 * 5), ok=422)
    assert late["code"] == "not_trained"
    await ann.call("POST", "/moderation/roster/shifts", one_shift(clock), ok=201)
    seen = await ann.call("GET", "/moderation/roster", ok=200)
    assert [s["member"]["handle"] for s in seen["shifts"]] == ["ann"]
    await lead.call("DELETE", f"/moderation/training/{record}", ok=204)
    own = await lead.call(
        "POST",
        "/moderation/training",
        {"member": str(lead.id), "lane": "care", "trained_on": "2026-01-01", "expires_on": "2027-01-01"},
        ok=403,
    )
    assert own["code"] == "own_record"


async def test_a_series_gives_shifts_and_a_second_seat_at_the_same_time_is_refused(
    place: Village, clock: ManualClock
) -> None:
    lead, ann = await place.person("leadlily", "lead"), await place.person("ann", "care")
    await trained(lead, ann, clock)
    repeats = {
        "zone": "Europe/Berlin", "starts": "21:00:00", "ends": "07:00:00",
        "first_on": clock.now().date().isoformat(), "weekdays": [0, 2], "every_weeks": 1,
    }  # fmt: skip
    body = {"seat": "primary", "member": str(ann.id), "repeats": repeats}
    made = await lead.call("POST", "/moderation/roster/shifts", body, ok=201)
    assert made["shifts"] in (8, 9)
    clash = await lead.call("POST", "/moderation/roster/shifts", {**body, "seat": "secondary"}, ok=409)
    assert clash["code"] == "clash"
    seen = await ann.call("GET", "/moderation/roster", ok=200)
    assert len(seen["shifts"]) in (2, 3)
    assert seen["gaps"]
    await ann.call("DELETE", f"/moderation/roster/shifts/{seen['shifts'][-1]['id']}", ok=204)
    await place.house.oncall.watching.expand()  # a day taken back stays taken back
    again = await ann.call("GET", "/moderation/roster", ok=200)
    assert len(again["shifts"]) == len(seen["shifts"]) - 1
    await ann.call("DELETE", f"/moderation/roster/shifts/{made['id']}", ok=204)
    assert (await ann.call("GET", "/moderation/roster", ok=200))["shifts"] == []


async def test_a_swap_is_asked_of_someone_who_says_yes(place: Village, clock: ManualClock) -> None:
    lead, ann, bob = [
        await place.person(n, s) for n, s in (("leadlily", "lead"), ("ann", "care"), ("bob", "care"))
    ]
    for who in (ann, bob):
        await trained(lead, who, clock)
    shift = await ann.call("POST", "/moderation/roster/shifts", one_shift(clock), ok=201)
    swap = await ann.call(
        "POST", f"/moderation/roster/shifts/{shift['id']}/swap", {"to": str(bob.id)}, ok=201
    )
    await ann.call("POST", f"/moderation/roster/swaps/{swap['id']}", {"accept": True}, ok=403)
    await bob.call("POST", f"/moderation/roster/swaps/{swap['id']}", {"accept": True}, ok=204)
    seen = await bob.call("GET", "/moderation/roster", ok=200)
    assert [s["member"]["handle"] for s in seen["shifts"]] == ["bob"]


async def test_a_members_desk_has_no_roster(place: Village) -> None:
    nobody = await place.person("nobody")
    for path in (
        "/moderation/roster",
        "/moderation/channels",
        "/moderation/training",
        "/moderation/roster/handover",
    ):
        await nobody.call("GET", path, ok=404)


async def test_opening_a_pages_link_changes_nothing_and_its_button_acknowledges(
    place: Village, clock: ManualClock, hooks: WebhookServer
) -> None:
    ann, got = await paged(place, clock, hooks)
    path = re.sub(r"^http://[^/]+", "", got["link"])
    for _ in range(3):
        opened = await place.http.get(path)
        assert opened.status_code == 200
        assert '<form method="post"' in opened.text
    rows = await ann.call("GET", "/moderation/cases?lane=care", ok=200)
    assert rows["items"][0]["state"] == "paged"
    pressed = await place.http.post(path, data={})
    assert pressed.status_code == 200
    rows = await ann.call("GET", "/moderation/cases?lane=care", ok=200)
    assert (rows["items"][0]["state"], rows["items"][0]["owner"]) == ("acknowledged", str(ann.id))
    assert (await place.http.get("/page/" + "x" * 43)).status_code == 404


async def test_a_lost_device_s_links_open_nothing(
    place: Village, clock: ManualClock, hooks: WebhookServer
) -> None:
    ann, got = await paged(place, clock, hooks)
    await ann.call("DELETE", f"/moderation/oncall/channels/{got['channel']}", ok=204)
    path = re.sub(r"^http://[^/]+", "", got["link"])
    assert (await place.http.get(path)).status_code == 404
    assert (await place.http.post(path, data={})).status_code == 404


async def test_a_signed_webhook_acknowledges_and_an_unsigned_one_does_not(
    place: Village, clock: ManualClock, hooks: WebhookServer
) -> None:
    ann, got = await paged(place, clock, hooks)
    path, body = f"/hooks/pages/{got['channel']}", msgspec.json.encode({"page": got["page"]})
    for signature in (
        "",
        sign("wrong", body, clock.now()),
        sign(got["secret"], body, clock.now() - timedelta(hours=1)),
    ):
        assert (await place.http.post(path, content=body, headers={HEADER: signature})).status_code == 404
    good = {HEADER: sign(got["secret"], body, clock.now())}
    for _ in range(2):
        assert (await place.http.post(path, content=body, headers=good)).status_code == 204
    rows = await ann.call("GET", "/moderation/cases?lane=care", ok=200)
    assert rows["items"][0]["owner"] == str(ann.id)


async def test_a_calendar_shows_shifts_and_nothing_else_until_its_link_is_ended(
    place: Village, clock: ManualClock
) -> None:
    lead, ann = await place.person("leadlily", "lead"), await place.person("ann", "care")
    await trained(lead, ann, clock)
    await ann.call("POST", "/moderation/roster/shifts", one_shift(clock), ok=201)
    link = await ann.call("POST", "/moderation/roster/calendar", {}, ok=201)
    feed = await place.http.get(link["path"])
    assert feed.headers["content-type"].startswith("text/calendar")
    assert feed.text.count("BEGIN:VEVENT") == 1
    assert "DTSTART:20260105T100000Z" in feed.text
    assert "ann" not in feed.text
    await ann.call("DELETE", f"/moderation/roster/calendar/{link['id']}", ok=204)
    assert (await place.http.get(link["path"])).status_code == 404


async def test_a_hand_over_note_stands_beside_its_open_case(
    place: Village, clock: ManualClock, hooks: WebhookServer
) -> None:
    ann, _ = await paged(place, clock, hooks)
    [case] = (await ann.call("GET", "/moderation/roster/handover", ok=200))["items"]
    assert case["words"] is None
    await ann.call(
        "POST", f"/moderation/roster/handover/{case['case']}", {"words": "Rang twice, sleeps."}, ok=204
    )
    [case] = (await ann.call("GET", "/moderation/roster/handover", ok=200))["items"]
    assert case["words"] == "Rang twice, sleeps."


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "mail", "address": "nobody"},
        {"kind": "webhook", "address": "ftp://x.example/"},
        {"kind": "webhook", "address": "https://user:pass@x.example/"},
        {"kind": "webhook", "address": "http://x.example/\r\nx: y"},
        {"kind": "webhook", "address": "https://x.example/", "their_key": "a b"},
        {"kind": "webhook", "address": "http://169.254.169.254/latest/meta-data"},
        {"kind": "webhook", "address": "http://[::1]:5432/"},
    ],
)
async def test_an_address_that_can_t_be_reached_is_refused(place: Village, wrong: dict[str, str]) -> None:
    ann = await place.person("ann", "care")
    await ann.call("POST", "/moderation/channels", {"label": "x", **wrong}, ok=422)
    refused = await ann.call(
        "POST",
        "/moderation/channels",
        {"label": "x", "use": "alarm", "kind": "mail", "address": "a@b.example"},
        ok=403,
    )
    assert refused["code"] == "not_lead"


async def test_the_pages_of_on_call_open_and_take_a_shift(place: Village, clock: ManualClock) -> None:
    lead, ann = await place.person("leadlily", "lead"), await place.person("ann", "care")
    await trained(lead, ann, clock)
    for path in ("/moderation/roster", "/moderation/on-call", "/moderation/handover"):
        opened = await ann.page("GET", path)
        assert opened.status_code == 200, opened.text
    form = {
        "act": "add",
        "seat": "primary",
        "first_on": "2026-01-06",
        "starts": "18:00",
        "ends": "22:00",
        "zone": "Europe/London",
    }
    assert (await ann.page("POST", "/moderation/roster/add", **form)).status_code == 303
    series = {**form, "member": str(ann.id), "weekday": "4", "every": "2"}
    assert (await lead.page("POST", "/moderation/roster/add", **series)).status_code == 303
    assert "18:00" in (await ann.page("GET", "/moderation/roster")).text
    mail = {"act": "add", "kind": "mail", "label": "home", "address": "ann@example.org"}
    assert (await ann.page("POST", "/moderation/on-call", **mail)).status_code == 303
    secret = await ann.page("POST", "/moderation/on-call", act="calendar")
    assert "/calendar/" in secret.text
    assert "home" in (await ann.page("GET", "/moderation/on-call")).text


async def test_a_lead_enters_training_and_names_back_up_and_alarm_by_page(
    place: Village, clock: ManualClock
) -> None:
    lead, ann = await place.person("leadlily", "lead"), await place.person("ann", "care")
    team = "/moderation/on-call/team"
    assert (await ann.page("GET", team)).status_code == 403
    record = {"act": "train", "lane": "care", "trained_on": "2026-01-01", "expires_on": "2027-01-01"}
    assert (await lead.page("POST", team, **record, member=str(ann.id))).status_code == 303
    assert (await lead.page("POST", team, **record, member=str(lead.id))).status_code == 403
    await ann.call("POST", "/moderation/roster/shifts", one_shift(clock), ok=201)
    mail = {
        "act": "add",
        "use": "backup",
        "kind": "mail",
        "label": "partner",
        "address": "night@partner.example",
    }
    assert (await lead.page("POST", team, **mail)).status_code == 303
    hook = {
        **mail,
        "use": "alarm",
        "kind": "webhook",
        "address": "https://ntfy.example/kith",
        "style": "ntfy",
    }
    assert "shown this once" in (await lead.page("POST", team, **hook)).text
    daily = {**mail, "use": "canary", "label": "watched mailbox"}
    assert (await lead.page("POST", team, **daily)).status_code == 303
    seen = (await lead.page("GET", team)).text
    assert "partner" in seen and "watched mailbox" in seen
    assert "ntfy" in seen


async def test_secrets_are_sealed_at_rest_and_older_ones_at_the_next_start(
    place: Village, clock: ManualClock, hooks: WebhookServer
) -> None:
    ann = await place.person("ann", "care")
    body = {
        "kind": "webhook",
        "address": hooks.url,
        "label": "pager",
        "style": "pagerduty",
        "their_key": "R0UTE",
    }
    made = await ann.call("POST", "/moderation/channels", body, ok=201)
    team = Oncallers(place.house.database, clock)
    await team.lay()
    await team.channel(ann.id, hooks.url, their_key="OLD")  # as an earlier release stored it
    await place.house.oncall.begin()
    await place.house.oncall.begin()
    stored = await team.rows("select secret, their_key from oncall_channel order by position")
    assert all(v.startswith("sealed:2:") for row in stored for v in row.values())
    await team.shift(ann.id)
    await team.cry()
    await place.house.oncall.escalator.run()
    await place.house.oncall.sender.run()
    await place.house.oncall.sender.settled()
    by_key = {got.body.get("routing_key", ""): got for got in hooks.got}
    assert set(by_key) == {"R0UTE", ""}
    paged = by_key["R0UTE"]
    assert is_signed(
        made["secret"], msgspec.json.encode(paged.body), paged.headers["x-kith-signature"], clock.now()
    )
    answer = msgspec.json.encode({"page": paged.body["dedup_key"], "action": "acknowledge"})
    path = f"/hooks/pages/{made['id']}"
    signed = {"x-kith-signature": sign(made["secret"], answer, clock.now())}
    assert (await place.http.post(path, content=answer, headers=signed)).status_code == 204
