"""Conduct, kindly: repair first, reasons, reporters hidden and told, somebody else for appeals and for staff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from community.ids import new_id
from community.store import groups
from community.tokens import new_token, token_hash
from moderation.casework.reporters import weight
from moderation.gate.reasons import statement
from moderation.store import attempts, channels
from moderation.store.channels import Channel
from tests.home import CRY, Caller, Home
from tests.moderation.team import act, holds, moderator, only_case, pages_of, queue, refused


async def reported(
    home: Home, words: str = "what a stupid thing to say"
) -> tuple[Caller, Caller, Caller, dict[str, Any]]:
    operator, room, (ann, ben) = await home.community()
    sent = (await ann.say(room, words)).json()
    note = "I felt small reading this"
    await ben.call("POST", f"/messages/{sent['id']}/flags", {"kind": "breaks_a_rule", "note": note})
    return operator, ann, ben, await only_case(operator, "conduct")


async def notices(who: Caller) -> dict[str, dict[str, Any]]:
    return {n["kind"]: n for n in (await who.ok("GET", "/me/notices"))["items"]}


async def test_the_author_hears_reasons_kindly_and_never_who_reported(home: Home) -> None:
    operator, ann, ben, case = await reported(home)
    await act(operator, case, "decide", decision="remove", reason="unkind to a newcomer")
    (made,) = (await ann.ok("GET", "/me/decisions"))["items"]
    assert made["decision"] == "remove" and made["appeal_until"] is not None
    shown = str(made) + str(await ann.ok("GET", "/me/notices"))
    for hidden in (ben.id, ben.handle, "unkind to a newcomer", "I felt small"):
        assert hidden not in shown
    for word in ("violated", "inappropriate", "bad word", "flagged"):
        assert word not in shown.lower()
    assert (await notices(ben))["decision"]["parameters"] == {"changed": True}
    assert (await ben.ok("GET", "/me/decisions"))["items"] == []


async def test_repair_comes_back_to_the_case_when_the_author_has_changed_it(home: Home) -> None:
    operator, ann, _, case = await reported(home)
    asked = await act(operator, case, "repair", rule="conduct.abuse.insult")
    assert asked["state"] == "claimed"
    told = (await notices(ann))["repair"]
    body = {"nonce": "e", "body": "I see it differently, let me say how"}
    assert (await ann.call("PATCH", f"/messages/{told['message']}", body)).status_code == 200
    assert (await only_case(operator, "conduct"))["history"][-1]["act"] == "repaired"
    await act(operator, case, "decide", decision="close", reason="mended")
    assert await queue(operator, "conduct") == []
    await holds(home)


async def test_an_appeal_is_answered_by_somebody_else_and_overturning_lets_the_words_stand(
    home: Home,
) -> None:
    operator, ann, _, case = await reported(home)
    mod = await moderator(home, operator)
    await act(operator, case, "decide", decision="remove", reason="unkind")
    await ann.ok("POST", "/appeals", {"decision": case["id"], "text": "I meant my own mistake, not theirs"})
    assert await refused(operator, case, "decide", decision="close", reason="no") == (403, "same_person")
    assert await refused(operator, case, "close", reason="no") == (409, "appeal_waits")
    done = await act(mod, case, "decide", decision="publish", reason="a misunderstanding")
    assert done["state"] == "closed"
    assert (await ann.ok("GET", "/appeals"))["items"][0]["state"] == "overturned"
    await holds(home)


async def test_a_report_about_a_moderator_goes_to_the_lead_alone_and_its_writer_hears_of_it(
    home: Home,
) -> None:
    operator, _, (ann, _) = await home.community()
    mod, other = await moderator(home, operator), await moderator(home, operator)
    lead = await moderator(home, operator, lead=True)
    answer = await ann.ok(
        "POST", "/complaints", {"about": mod.handle, "text": "they wrote to me in a cold way"}
    )
    assert answer["say"]
    assert [len(await queue(who, "conduct")) for who in (mod, other, lead)] == [0, 0, 1]
    assert "complaint" in await notices(lead) and "complaint" not in await notices(mod)
    await act(lead, await only_case(lead, "conduct"), "decide", decision="close", reason="talked to them")
    assert "decision" in await notices(ann)


async def test_a_report_about_whoever_leads_alone_is_paged_outside(home: Home) -> None:
    operator, _, (ann, _) = await home.community()
    await ann.ok("POST", "/complaints", {"about": operator.handle, "text": "they wrote to me in a cold way"})
    async with home.house.database.transaction() as tx:
        assert await tx.fetchval("select count(*) from page where kind = 'complaint'") == 1
        outside = Channel(
            new_id(), await groups.default_team(tx), None, "backup", "mail", "kith", "outside", "out@example.org",
            "", "s", False, 0, None, None, None,
        )  # fmt: skip
        await channels.add(tx, outside, now=home.clock.now())
    for hours in (0, 1, 24, 24 * 7):
        home.clock.advance(timedelta(hours=hours))
        await home.house.oncall.escalator.run()
    async with home.house.database.read() as conn:
        rows = await conn.fetch("select member_id, words from page_attempt order by made_at")
        state = await conn.fetchval("select state from page where kind = 'complaint'")
    assert [(row["member_id"], row["words"]) for row in rows] == [(None, "complaint")] * 2
    assert state == "ended"


async def outside_link(home: Home, words: str) -> str:
    """A secret under which the outside was asked with these words."""
    token = new_token()
    async with home.house.database.transaction() as tx:
        team = await groups.default_team(tx)
        await channels.add(
            tx, Channel(new_id(), team, None, "backup", "mail", "kith", "outside", "out@example.org", "", "s",
                        False, 0, None, None, None), now=home.clock.now(),
        )  # fmt: skip
    await home.house.oncall.escalator.run()
    async with home.house.database.transaction() as tx:
        row = await tx.fetchrow(
            "select id from page_attempt where member_id is null and channel_id is not null and words = $1",
            words,
        )
        assert row is not None, "the outside was asked"
        await attempts.add_links(tx, [(token_hash(token), row["id"])], now=home.clock.now())
    return f"/page/{token}"


async def test_the_outside_reads_the_one_report_in_two_steps_and_answers_it(home: Home) -> None:
    operator, _, (ann, _) = await home.community()
    words = "they wrote to me in a cold way"
    await ann.ok("POST", "/complaints", {"about": operator.handle, "text": words})
    link, http = await outside_link(home, "complaint"), home.http
    opened = await http.get(link)
    assert (opened.status_code, words in opened.text) == (200, False), "a scanner reads nothing"
    assert (await http.get(f"{link}/report")).status_code == 405
    pressed = await http.post(link)
    assert words not in pressed.text and "Read the report" in pressed.text
    report = await http.post(f"{link}/report")
    assert words in report.text and operator.handle in report.text and ann.handle in report.text
    assert report.headers["cache-control"] == "no-store"
    refused = await http.post(f"{link}/answer", data={"text": " "})
    assert refused.status_code == 422 and words in refused.text
    assert (await http.post(f"{link}/answer", data={"text": "We talked to both."})).status_code == 200
    assert (await http.post(f"{link}/report")).status_code == 404
    assert "decision" in await notices(ann)
    async with home.house.database.read() as conn:
        seen = await conn.fetch("select verb, actor_id from audit where verb like 'report.%' order by n")
        note = await conn.fetchval("select note from case_history where act = 'closed'")
    assert [row["verb"] for row in seen] == ["report.seen_outside"] * 2 + ["report.answered_outside"]
    assert "We talked" not in note
    await holds(home)


async def test_a_report_opens_for_no_other_link_no_revoked_channel_and_not_for_ever(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    await ann.ok("POST", "/complaints", {"about": operator.handle, "text": "they wrote to me in a cold way"})
    link = await outside_link(home, "complaint")
    await ben.say(room, CRY)
    care = await outside_link(home, "page")
    assert (await home.http.get(care)).status_code == 200
    assert (await home.http.post(f"{care}/report")).status_code == 404, "never a care case"
    home.clock.advance(timedelta(days=2, minutes=1))
    assert (await home.http.post(f"{link}/report")).status_code == 404
    link = await outside_link(home, "complaint")
    assert (await home.http.post(f"{link}/report")).status_code == 200
    async with home.house.database.transaction() as tx:
        for channel in await channels.of_team(tx, await groups.default_team(tx), "backup"):
            await channels.revoke(tx, channel.id, member=None, team=channel.team_id, now=home.clock.now())
    assert (await home.http.post(f"{link}/report")).status_code == 404


async def seats(home: Home, operator: Caller) -> tuple[Caller, Caller]:
    return await moderator(home, operator), await moderator(home, operator)


async def asked(home: Home) -> set[str]:
    """Whom the pages of this moment ask, the consoles of operators too."""
    await home.house.oncall.escalator.run()
    async with home.house.database.read() as conn:
        rows = await conn.fetch("select distinct member_id from page_attempt where member_id is not null")
    return {str(row["member_id"]) for row in rows}


async def test_a_cry_in_a_report_about_a_moderator_is_paged_and_hidden_from_the_accused(home: Home) -> None:
    operator, _, (ann, _) = await home.community()
    mod, other = await seats(home, operator)
    told = await ann.ok("POST", "/complaints", {"about": mod.handle, "text": f"he mocked me. {CRY}"})
    assert told["support"]
    (case,) = await queue(other)
    assert (case["tier"], await queue(mod)) == ("crisis", [])
    assert (await mod.call("GET", f"/moderation/cases/{case['id']}")).status_code == 404
    home.clock.advance(timedelta(hours=3))
    everyone = await asked(home)
    assert other.id in everyone and mod.id not in everyone
    await act(other, case, "claim")
    await holds(home)


async def test_a_report_about_the_only_moderator_pages_whoever_runs_the_machine(home: Home) -> None:
    operator, _, (ann, _) = await home.community()
    mod = await moderator(home, operator, care=True, lead=True)
    await ann.ok("POST", "/complaints", {"about": mod.handle, "text": CRY})
    assert await asked(home) == {operator.id}


async def test_a_moderators_cry_about_the_only_lead_pages_whoever_runs_the_machine(home: Home) -> None:
    operator, _, _ = await home.community()
    mod, _ = await seats(home, operator)
    lead = await moderator(home, operator, care=True, lead=True)
    await mod.ok("POST", "/complaints", {"about": lead.handle, "text": CRY})
    assert await asked(home) == {operator.id}
    assert [len(await queue(who)) for who in (lead, operator)] == [0, 1]


async def test_whoever_is_accused_loses_the_writers_case_and_others_are_asked(home: Home) -> None:
    operator, room, (ann, _) = await home.community()
    mod, other = await seats(home, operator)
    await ann.say(room, CRY)
    held = await act(mod, await only_case(mod), "claim")
    await ann.ok("POST", "/complaints", {"about": mod.handle, "text": CRY})
    after = await only_case(other)
    assert (after["id"], after["owner"], after["state"]) == (held["id"], None, "paged")
    assert (await pages_of(home, held))[-1] == "passed"
    assert await refused(mod, held, "heartbeat") == (404, "not_found")
    await holds(home)


async def test_a_cry_in_a_report_that_is_too_long_is_hidden_from_the_accused_too(home: Home) -> None:
    operator, _, (ann, _) = await home.community()
    mod, other = await seats(home, operator)
    long = {"about": mod.handle, "text": f"{CRY}. " + "and he was cold to me. " * 200}
    answer = await ann.call("POST", "/complaints", long)
    assert (answer.status_code, bool(answer.json()["support"])) == (422, True)
    assert (len(await queue(other)), await queue(mod)) == (1, [])


async def test_what_came_before_a_case_shows_no_report_about_whoever_looks(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    mod, _ = await seats(home, operator)
    await ann.ok("POST", "/complaints", {"about": mod.handle, "text": "they wrote to me in a cold way"})
    sent = (await ann.say(room, "what a stupid thing to say")).json()
    await ben.call("POST", f"/messages/{sent['id']}/flags", {"kind": "breaks_a_rule"})
    assert (await only_case(mod, "conduct"))["earlier"] == []


async def test_reporters_who_were_right_lead_the_queue_and_nobody_weighs_less_than_one(home: Home) -> None:
    operator, room, (ann, ben, cat) = await home.community(3)
    for n in range(3):
        sent = (await ann.say(room, f"what a stupid thing to say, number {n}")).json()
        await ben.call("POST", f"/messages/{sent['id']}/flags", {"kind": "breaks_a_rule"})
        await act(
            operator, (await queue(operator, "conduct"))[0]["id"], "decide", decision="remove", reason="r"
        )
    one = (await ann.say(room, "let us meet at noon by the lake")).json()["id"]
    two = (await ann.say(room, "let us meet at one by the lake")).json()["id"]
    await cat.call("POST", f"/messages/{one}/flags", {"kind": "breaks_a_rule"})
    await ben.call("POST", f"/messages/{two}/flags", {"kind": "breaks_a_rule"})
    fresh = [c for c in await queue(operator, "conduct") if c["state"] == "open"]
    shown = [await operator.ok("GET", f"/moderation/cases/{c['id']}") for c in fresh]
    assert [c["messages"][0]["id"] for c in shown] == [two, one], "the younger report leads"
    assert [c["flags"][0]["weight"] for c in shown] == [weight(3, 3), 1.0]


def test_weight_is_never_a_penalty() -> None:
    assert weight(0, 0) == weight(0, 50) == 1.0
    assert 1.0 < weight(3, 3) < weight(30, 30) < 2.0


def test_every_statement_thanks_says_what_stays_and_offers_a_way() -> None:
    for decision in ("remove", "mask", "publish", "close"):
        made = statement(new_id(), new_id(), decision, rule="person", at=datetime(2026, 1, 5, tzinfo=UTC))  # type: ignore[arg-type]
        assert made.say[0].startswith("Thank you")
        assert (made.appeal_until is not None) == (decision in ("remove", "mask"))
