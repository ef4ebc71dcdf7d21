"""A moderator's night by plain pages, without scripts: from the queue to words, a follow-up and a second person."""

from __future__ import annotations

import re

from starlette.applications import Starlette

from server.pages import page_routes
from tests.community.web.house import Browser
from tests.home import CRY, PASSWORD, Home
from tests.moderation.team import holds


def version(text: str) -> str:
    return text.partition('name="version" value="')[2].partition('"')[0]


async def browser(app: Starlette, handle: str) -> Browser:
    made = Browser(app)
    assert (await made.submit("/sign-in", handle=handle, password=PASSWORD)).status_code == 303
    return made


async def test_a_night_goes_by_plain_pages(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    await home.operator("second")
    await ann.call("PUT", "/me/follow-ups", {"wanted": True})
    await ann.call("PUT", "/me/emergency-contact", {"name": "Aunt May"})
    await ann.say(room, CRY)
    app = Starlette(routes=page_routes(home.house, "0"))
    olive, second, person = [await browser(app, name) for name in ("olive", "second", ann.handle)]

    (case,) = set(re.findall(r'class="case-link" href="([^"]+)"', (await olive.get("/moderation")).text))
    shown = (await olive.get(case)).text
    await olive.submit(case, act="claim", version=version(shown))

    async def act(verb: str, place: str = "", **fields: str) -> str:
        page = (await olive.get(case + place)).text
        answer = await olive.submit(case + place, act=verb, version=version(page), **fields)
        assert answer.status_code == 303, answer.text
        return (await olive.get(case + place)).text

    assert "When a life is in danger now" in (await olive.get(case)).text
    await act("letter", body="Ann, I read what you wrote about tonight. I am here. Where are you?")
    assert "a plan, now" in await act("ladder", rung="plan", when="now")
    assert "planned" in await act("follow_up")
    page = await act("ask", "/sealed", kind="open_contact", text="she doesn't answer")
    signature = page.partition('name="signature" value="')[2].partition('"')[0]
    assert signature == "", "who asked can't agree"
    theirs = (await second.get(f"{case}/sealed")).text
    signature = theirs.partition('name="signature" value="')[2].partition('"')[0]
    done = await second.submit(f"{case}/sealed", act="confirm", signature=signature)
    assert done.status_code == 303
    opened = await second.submit(f"{case}/sealed", act="contact", signature=signature)
    assert opened.status_code == 200 and "Aunt May" in opened.text

    letters = await person.get("/letters")
    place = letters.headers["location"]
    assert "Where are you?" in (await person.get(place)).text
    assert (await person.submit(place, body="at home, my sister is here now")).status_code == 303
    shown = (await olive.get(case)).text
    assert "my sister is here now" in shown and f"{ann.handle} has written back" in shown
    await holds(home)


async def test_an_author_reads_reasons_and_can_tell_somebody_else(home: Home) -> None:
    operator, room, (ann, ben) = await home.community()
    sent = (await ann.say(room, "what a stupid thing to say")).json()
    await ben.call("POST", f"/messages/{sent['id']}/flags", {"kind": "breaks_a_rule"})
    (row,) = (await operator.ok("GET", "/moderation/cases?lane=conduct"))["items"]
    body = {"version": row["version"], "decision": "remove", "reason": "unkind"}
    await operator.ok("POST", f"/moderation/cases/{row['id']}/decide", body)
    person = await browser(Starlette(routes=page_routes(home.house, "0")), ann.handle)
    shown = (await person.get("/decisions")).text
    assert "A person took your message down." in shown and f"/appeals/{sent['id']}" in shown
    await person.get("/complain")
    told = await person.submit("/complain", about="olive", text="they were short with me")
    assert told.status_code == 303


async def test_a_lead_rests_practises_and_reads_figures_by_page(home: Home) -> None:
    _, room, (ann, _) = await home.community()
    await ann.say(room, CRY)
    olive = await browser(Starlette(routes=page_routes(home.house, "0")), "olive")
    assert "0 of 6 urgent cases" in (await olive.get("/moderation/wellbeing")).text
    assert (await olive.submit("/moderation/wellbeing", act="break")).status_code == 303
    assert "Your break goes until" in (await olive.get("/moderation/wellbeing")).text
    shown = (await olive.get("/moderation/practice")).text
    exercise = shown.partition('name="exercise" value="')[2].partition('"')[0]
    assert "Another one" in (await olive.submit("/moderation/practice", exercise=exercise, tier="red")).text
    assert "What was missed" in (await olive.get("/moderation/figures")).text
    member = await browser(Starlette(routes=page_routes(home.house, "0")), ann.handle)
    for path in ("wellbeing", "practice", "figures"):
        assert (await member.get(f"/moderation/{path}")).status_code == 404
