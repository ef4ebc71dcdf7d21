"""The desk's pages: urgent first, nobody's words before they are opened, every act with its consequence."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.applications import Starlette

from chat.rooms import RoomForm
from community.bus import LocalBus
from community.clock import ManualClock
from community.database import Database
from community.group_forms import GroupForm
from community.groups import Actor
from community.ids import ConversationId, MemberId
from community.people import Doorway, SignUp
from community.store import organisation
from moderation.desk import looking
from moderation.gate.submissions import Send, Sent
from server.assembly import House, Tools, furnish
from server.pages import page_routes
from server.settings import Settings
from tests.community.web.house import AGREED, PASSWORD, Browser

CONSENTS = {name.partition(".")[2]: int(version) for name, version in AGREED.items()}
DANGER = "I have the pills in front of me and I'm going to take them all tonight"
URGING = "you should just kill yourself then, do it"
PHONE = "ring me on 07700 900123 any time"


@dataclass
class Place:
    """A group with a room, its operator at the desk, and two people who write."""

    house: House
    app: Starlette
    room: ConversationId
    operator: Browser
    people: dict[str, MemberId]

    async def say(self, handle: str, body: str) -> Sent:
        return await self.house.gate.send(Send(self.people[handle], self.room, uuid4().hex, body))

    async def browser(self, handle: str) -> Browser:
        browser = Browser(self.app)
        answer = await browser.submit("/sign-in", handle=handle, password=PASSWORD)
        assert answer.status_code == 303
        return browser

    async def cases(self) -> list[str]:
        shown = (await self.operator.get("/moderation")).text
        return list(dict.fromkeys(re.findall(r'class="case-link" href="([^"]+)"', shown)))

    async def act(self, case: str, act: str, browser: Browser | None = None, **fields: str) -> object:
        browser = browser or self.operator
        shown = (await browser.get(case)).text
        version = shown.partition('name="version" value="')[2].partition('"')[0]
        return await browser.submit(case, act=act, version=version, **fields)


@pytest.fixture
async def place(database: Database, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Place]:
    async with database.transaction() as tx:
        await organisation.found(tx, now=clock.now())
    house = furnish(Settings(), tmp_path, database, Tools(clock, LocalBus()))
    await house.gate.start()
    app = Starlette(routes=page_routes(house, "0"))
    lead, _ = await house.people.raise_operator("harbour-lead", PASSWORD)
    group = await house.groups.found(
        Actor(lead, True), GroupForm(name="Lighthouse", slug="lighthouse", preset="chronic-illness")
    )
    room = await house.rooms.open(Actor(lead, True), "lighthouse", RoomForm("Evening"))
    people = {"harbour-lead": lead}
    for handle in ("quiet-river", "loud-gull"):
        form = SignUp(handle, PASSWORD, CONSENTS, country="GB")
        signed = await house.people.sign_up(form, Doorway("bearer", "127.0.0.1", "a test"))
        people[handle] = signed.member_id
        await house.groups.join(
            Actor(signed.member_id), "lighthouse", guidelines_version=group.group.guidelines_version
        )
    made = Place(house, app, room.id, Browser(app), people)
    made.operator = await made.browser("harbour-lead")
    yield made
    await house.gate.stop()
    house.passwords.close()


async def test_the_queue_shows_the_most_urgent_first_and_nobodys_words(place: Place) -> None:
    await place.say("loud-gull", PHONE)
    await place.say("quiet-river", "Some days I really don't see the point any more")
    await place.say("loud-gull", URGING)
    await place.say("quiet-river", DANGER)
    shown = (await place.operator.get("/moderation")).text
    parts = re.findall(r'<h2 id="part-\d+">(.*?)</h2>', shown, re.DOTALL)
    names = [re.sub(r"<[^>]+>", "", part).split()[0] for part in parts]
    assert names[0] == "Crisis" and names[-1] == "Conduct"
    assert "pills" not in shown and "kill yourself" not in shown and "07700" not in shown
    assert "means to hand" in shown and "within 5 minutes" in shown


async def test_a_case_folds_the_words_marks_what_was_noticed_and_says_why(place: Place) -> None:
    await place.say("quiet-river", DANGER)
    (case,) = await place.cases()
    shown = (await place.operator.get(case)).text
    fold = shown.partition('<details class="fold words"')[2].partition("</details>")[0]
    assert "open" not in fold.partition(">")[0], "folded until opened"
    assert '<mark class="care">' in fold and "Has means to hand" in fold
    said = re.sub(r"<[^>]+>", "", fold.partition('<p class="said" dir="auto">')[2].partition("</p>")[0])
    assert said.replace("&#39;", "'") == DANGER


async def test_a_member_finds_no_desk(place: Place) -> None:
    await place.say("quiet-river", DANGER)
    (case,) = await place.cases()
    member = await place.browser("loud-gull")
    for path in ("/moderation", case):
        assert (await member.get(path)).status_code == 404
    assert "/moderation" not in (await member.get("/groups")).text
    assert "/moderation" in (await place.operator.get("/groups")).text


async def test_claim_note_release_and_close_are_in_the_history(place: Place) -> None:
    await place.say("quiet-river", DANGER)
    (case,) = await place.cases()
    await place.act(case, "claim")
    assert "Give it back" in (await place.operator.get(case)).text
    await place.act(case, "note", text="Spoke on the phone. <b>Safe</b> for tonight.")
    await place.act(case, "release")
    await place.act(case, "close", text="With family now.")
    shown = (await place.operator.get(case)).text
    history = shown.partition('<ol class="history">')[2]
    assert "took the case" in history and "gave the case back" in history and "closed it" in history
    assert "&lt;b&gt;Safe&lt;/b&gt;" in history and "With family now." in history
    assert await place.cases() == []
    assert case in (await place.operator.get("/moderation?show=closed")).text


async def test_a_part_is_hidden_by_a_tick_or_by_typing_it(place: Place) -> None:
    sent = await place.say("quiet-river", "my address is by the old mill, find me there")
    await place.house.flags.flag(place.people["loud-gull"], sent.id, "breaks_a_rule", "")
    (case,) = await place.cases()
    missing = await place.act(
        case, "decide", decision="mask", text="A place.", message=str(sent.id), hide="new mill"
    )
    assert "type words that are in the message" in missing.text  # type: ignore[attr-defined]
    assert "A place." in missing.text  # type: ignore[attr-defined]
    await place.act(
        case, "decide", decision="mask", text="A place.", message=str(sent.id), hide="the old mill"
    )
    shown = (await place.operator.get(case)).text
    assert "my address is by […], find me there" in shown and "hid a part" in shown


async def test_earlier_messages_of_a_long_case_are_a_link_away_and_can_be_decided_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SHOWN_MAX", 1)
    sent = await place.say("quiet-river", f"{DANGER}, in the mill")
    await place.say("quiet-river", DANGER)
    [case] = await place.cases()
    latest = (await place.operator.get(case)).text
    assert str(sent.id) not in latest and "1 of 2 messages" in latest
    [earlier] = re.findall(rf'href="({case}\?before=[^"]+)"', latest)
    shown = (await place.operator.get(earlier)).text
    assert str(sent.id) in shown and f'action="{earlier}#decide"' in shown
    [version] = set(re.findall(r'name="version" value="(\d+)"', shown))
    fields = {"decision": "mask", "message": str(sent.id), "hide": "the mill", "text": "a place"}
    answer = await place.operator.submit(earlier, earlier, act="decide", version=version, **fields)
    assert answer.status_code == 303
    assert "a part is hidden" in (await place.operator.get(earlier)).text


async def test_a_held_message_is_let_out_and_its_author_hears_of_it(place: Place) -> None:
    sent = await place.say("loud-gull", URGING)
    assert sent.outcome == "hold"
    case = (await place.cases())[-1]
    await place.act(case, "decide", decision="publish", text="A lyric, both know it.", message=str(sent.id))
    assert "others can read it" in (await place.operator.get(case)).text
    author = await place.browser("loud-gull")
    assert "others can see them now" in (await author.get("/me/notices")).text


async def test_an_author_disagrees_from_the_notice_and_the_case_comes_back(place: Place) -> None:
    sent = await place.say("loud-gull", "the waiting room smells of soup")
    await place.house.flags.flag(place.people["quiet-river"], sent.id, "breaks_a_rule", "")
    (case,) = await place.cases()
    author = await place.browser("loud-gull")
    early = await author.submit(f"/appeals/{sent.id}", text="It is about soup.")
    assert early.status_code == 409 and "It is about soup." in early.text
    await place.act(case, "decide", decision="remove", text="Off topic.", message=str(sent.id))
    assert f"/appeals/{sent.id}" in (await author.get("/me/notices")).text
    assert (await author.submit(f"/appeals/{sent.id}", text="")).status_code == 422
    thanks = await author.submit(f"/appeals/{sent.id}", text="It is about soup.")
    assert "Someone else will answer by" in (await author.follow(thanks)).text
    shown = (await place.operator.get(case)).text
    assert "the author disagrees" in shown and "It is about soup." in shown
    other = await place.browser("quiet-river")
    assert (await other.submit(f"/appeals/{sent.id}", text="Me too")).status_code == 409


async def test_two_moderators_at_once_lose_no_words(place: Place) -> None:
    await place.say("quiet-river", DANGER)
    (case,) = await place.cases()
    await place.act(case, "claim")
    stale = await place.operator.submit(case, act="note", version="1", text="My long note")
    assert stale.status_code == 409 and "My long note" in stale.text
    assert "changed this in the meantime" in stale.text


async def test_a_decision_without_a_choice_or_a_reason_is_asked_for_again(place: Place) -> None:
    await place.say("quiet-river", DANGER)
    (case,) = await place.cases()
    for fields in ({"text": "Because."}, {"decision": "close"}):
        answer = await place.act(case, "decide", **fields)
        assert answer.status_code == 422  # type: ignore[attr-defined]
    assert len(await place.cases()) == 1


async def test_a_lead_gives_a_seat_and_takes_it_back(place: Place) -> None:
    await place.say("quiet-river", DANGER)
    colleague = await place.browser("loud-gull")
    assert (await colleague.get("/moderation/team")).status_code == 404
    unknown = await place.operator.submit("/moderation/team", handle="nobody-here", care="yes")
    assert unknown.status_code == 422 and "Nobody here has this name." in unknown.text
    await place.operator.submit("/moderation/team", handle="Loud-Gull", care="yes")
    assert "means to hand" in (await colleague.get("/moderation")).text
    refused = await colleague.submit("/groups", "/moderation/team", handle="loud-gull", lead="yes")
    assert refused.status_code == 403
    await place.operator.submit("/moderation/team", handle="loud-gull")
    assert (await colleague.get("/moderation")).status_code == 404
