"""The forum's API through the real gate: what is sent, what others then find, and what stays unseen."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.forum.house import CRISIS, HELD, Place


async def test_a_thread_gets_answers_and_is_found(place: Place) -> None:
    a, b, outsider = await place.insider("ada"), await place.insider("ben"), await place.person()
    opened = await place.thread(a, "First night", "How do you *sleep* with pain?", needs="ideas")
    thread = opened["thread"]
    assert opened["message"]["outcome"] == "publish" and opened["message"]["seq"] == 1
    assert (thread["title"], thread["board"]["name"], thread["author"]["handle"]) == (
        "First night",
        "stories",
        "ada",
    )
    await place.reply(b, thread["id"], "Pillows, and patience.")
    history = await b.get(f"/conversations/{thread['id']}/messages")
    assert "<em>sleep</em>" in history["items"][0]["html"] and len(history["items"]) == 2
    (listed,) = (await b.get(f"/boards/{place.board}/threads"))["items"]
    assert (listed["replies"], listed["needs"], listed["last_seq"]) == (1, "ideas", 2)
    (hit,) = (await b.get("/search?q=patience"))["items"]
    assert hit["thread"] == "First night" and "<mark>patience</mark>" in hit["snippet"]
    assert (await outsider.get("/search?q=patience"))["items"] == []
    for path in (
        f"/threads/{thread['id']}",
        f"/boards/{place.board}/threads",
        f"/groups/{place.group}/boards",
    ):
        assert (await outsider.api.get(path)).status_code in (403, 404)


async def test_a_resend_gives_the_same_thread_and_other_words_a_conflict(place: Place) -> None:
    a = await place.insider()
    new = {"nonce": "once", "title": "t", "body": "b"}
    first = await a.post(f"/boards/{place.board}/threads", new)
    second = await a.post(f"/boards/{place.board}/threads", new)
    assert (first["thread"]["id"], first["message"]) == (second["thread"]["id"], second["message"])
    await a.post(f"/boards/{place.board}/threads", {**new, "body": "other"}, status=409)
    await a.post(f"/boards/{place.board}/threads", {**new, "title": "other"}, status=409)
    assert len((await a.get(f"/boards/{place.board}/threads"))["items"]) == 1


async def test_a_held_thread_is_nowhere_but_with_its_author_and_moderators(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    opened = await place.thread(a, "Kestrels", HELD, status=202)
    assert opened["message"]["outcome"] == "hold" and opened["message"]["seq"] is None
    id = opened["thread"]["id"]
    assert opened["thread"]["state"] == "held"
    feed = (await b.post("/me/feeds", {"group": None}))["url"].partition("kith.test")[2] or None
    for person, there in ((a, True), (place.owner, True), (b, False)):
        await person.get(f"/threads/{id}", status=200 if there else 404)
        assert bool((await person.get(f"/boards/{place.board}/threads"))["items"]) is there
        (board,) = (await person.get(f"/groups/{place.group}/boards"))["items"]
        assert board["threads"] == (1 if there else 0)
        assert (await person.get("/search?q=kestrels"))["items"] == []
        page = await person.page(f"/boards/{place.board}")
        assert ("Kestrels" in page) is there
        await person.page(f"/threads/{id}", status=200 if there else 404)
        await person.page(f"/threads/{id}/print", status=200 if there else 404)
        for words in ("messages", "events?after=0"):
            await person.get(f"/conversations/{id}/{words}", status=200 if there else 404)
        await person.page(f"/posts/{opened['message']['id']}/history", status=200 if there else 404)
    assert feed is None or "Kestrels" not in await b.page(feed)
    await b.call("PUT", f"/threads/{id}/follow", status=404)
    await b.call("PUT", f"/drafts/{id}", {"body": "x"}, status=404)


async def test_a_cry_for_help_in_body_or_title_is_answered_at_once(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    for title, body in (("Tonight", CRISIS), (CRISIS, "that is all")):
        opened = await place.thread(a, title, body)
        assert opened["message"]["outcome"] == "publish_with_support"
        assert opened["message"]["support"]["say"]
        await b.get(f"/threads/{opened['thread']['id']}")
    async with place.house.database.read() as conn:
        cases = await conn.fetch("select tier from moderation_case where lane = 'care'")
        pages = await conn.fetchval("select count(*) from page")
    assert [row["tier"] for row in cases] == ["crisis"] and pages >= 1


async def test_idiom_passes_untouched(place: Place) -> None:
    a = await place.insider()
    opened = await place.thread(a, "Again", "this pain is killing me")
    assert opened["message"] == {**opened["message"], "outcome": "publish", "masked": False}


async def test_who_may_not_write_is_told_and_a_cry_for_help_is_still_heard(place: Place) -> None:
    outsider = await place.person()
    new = {"nonce": "n", "title": "t", "body": "hello"}
    refused = await outsider.api.post(f"/boards/{place.board}/threads", json=new)
    assert refused.status_code in (403, 404)
    heard = await outsider.api.post(f"/boards/{place.board}/threads", json={**new, "body": CRISIS})
    assert heard.status_code in (403, 404) and heard.json()["support"]
    assert (await place.owner.get(f"/boards/{place.board}/threads"))["items"] == []


async def test_a_withdrawn_first_message_takes_its_title_along(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    opened = await place.thread(a, "Ospreys", "private words")
    id = opened["thread"]["id"]
    await place.reply(b, id, "I heard you")
    await a.call("DELETE", f"/messages/{opened['message']['id']}", status=204)
    thread = await b.get(f"/threads/{id}")
    assert (thread["title"], thread["state"]) == ("A withdrawn post", "withdrawn")
    page = await b.page(f"/threads/{id}")
    assert "Ospreys" not in page and "private words" not in page and "I heard you" in page
    assert (await b.get("/search?q=ospreys"))["items"] == []


async def test_follow_unread_and_read(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    id = (await place.thread(a))["thread"]["id"]
    assert (await a.get(f"/threads/{id}"))["followed"] is True
    await b.call("PUT", f"/threads/{id}/follow", status=204)
    await b.call("PUT", f"/threads/{id}/read", {"seq": 1}, status=204)
    await place.reply(a, id, "one more thing")
    (followed,) = (await b.get("/me/follows"))["items"]
    assert followed["unread"] == 1
    await b.call("PUT", f"/threads/{id}/read", {"seq": 99}, status=204)
    await b.call("PUT", f"/threads/{id}/read", {"seq": 1}, status=204)
    assert (await b.get(f"/threads/{id}"))["unread"] == 0
    assert (await b.get(f"/threads/{id}"))["read_seq"] == 2
    await b.call("DELETE", f"/threads/{id}/follow", status=204)
    assert (await b.get("/me/follows"))["items"] == []


async def test_moderators_pin_and_lock_and_others_do_not(place: Place) -> None:
    a, b, mod = await place.insider(), await place.insider(), await place.insider(role="moderator")
    id = (await place.thread(a))["thread"]["id"]
    await b.call("PATCH", f"/threads/{id}", {"pinned": True}, status=403)
    changed = await mod.call("PATCH", f"/threads/{id}", {"pinned": True, "locked": True}, status=200)
    assert changed["pinned"] and changed["locked"]
    refused = await place.reply(b, id, "may I?", status=403)
    assert refused["code"] == "read_only"
    replay = await b.get(f"/conversations/{id}/events?after=0")
    assert [e["kind"] for e in replay["items"]] == ["message", "notice"]
    await mod.call("PATCH", f"/threads/{id}", {"locked": False}, status=200)
    await place.reply(b, id, "thank you")


async def test_boards_are_opened_by_moderators_and_their_names_checked(place: Place) -> None:
    a = await place.insider()
    await a.post(f"/groups/{place.group}/boards", {"name": "mine"}, status=403)
    await place.owner.post(f"/groups/{place.group}/boards", {"name": "Stories"}, status=409)
    for bad in ("", "x" * 61, "a\x00b"):
        await place.owner.post(f"/groups/{place.group}/boards", {"name": bad}, status=422)
    other = await place.owner.post(f"/groups/{place.group}/boards", {"name": "sleep", "about": "nights"})
    changed = await place.owner.call("PATCH", f"/boards/{other['id']}", {"archived": True}, status=200)
    assert changed["name"] == "sleep"
    assert [b["name"] for b in (await a.get(f"/groups/{place.group}/boards"))["items"]] == ["stories"]
    await place.owner.post(f"/groups/{place.group}/boards", {"name": "sleep"})


async def test_drafts_are_kept_for_their_writer_alone_and_go_when_sent(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    id = (await place.thread(b))["thread"]["id"]
    await a.call("PUT", f"/drafts/{place.board}", {"title": "t", "body": "half a tho"}, status=200)
    await a.call("PUT", f"/drafts/{id}", {"body": "half an answer"}, status=200)
    assert {d["body"] for d in (await a.get("/drafts"))["items"]} == {"half a tho", "half an answer"}
    assert (await b.get("/drafts"))["items"] == []
    await b.get(f"/drafts/{place.board}", status=404)
    await place.thread(a)
    await a.get(f"/drafts/{place.board}", status=404)
    await a.call("PUT", f"/drafts/{id}", {"body": " "}, status=200)
    await a.get(f"/drafts/{id}", status=404)
    await a.call("PUT", f"/drafts/{id}", {"body": "x" * 8001}, status=422)
    await a.call("PUT", f"/drafts/{uuid4()}", {"body": "x"}, status=404)


async def test_search_shows_help_first_for_crisis_words_and_stores_nothing(place: Place) -> None:
    a = await place.insider()
    async with place.house.database.read() as conn:
        before = [
            await conn.fetchval(f"select count(*) from {t}")
            for t in ("message", "verdict", "moderation_case")
        ]
        found = await a.get("/search?q=how+many+pills+to+kill+myself")
        after = [
            await conn.fetchval(f"select count(*) from {t}")
            for t in ("message", "verdict", "moderation_case")
        ]
    assert found["help"]["say"] and before == after
    assert "help" not in await a.get("/search?q=pillows")


async def test_a_feed_says_titles_alone_and_ends_when_its_owner_says_so(place: Place) -> None:
    a, b = await place.insider("goldfinch"), await place.insider()
    await place.thread(a, "Small <victories> & more", "secret body")
    await place.thread(a, "About food", "x", warnings=["food and weight"])
    made = await b.post("/me/feeds", {"group": place.group})
    path = "/feeds/" + made["url"].rsplit("/", 1)[1]
    atom = await b.page(path)
    assert "<title>Small &lt;victories&gt; &amp; more</title>" in atom
    assert "About food" not in atom and "A post with a content warning" in atom
    for private in ("secret body", "goldfinch", "lighthouse", "Lighthouse", "stories"):
        assert private not in atom
    (listed,) = (await b.get("/me/feeds"))["items"]
    assert "url" not in listed
    await a.call("DELETE", f"/me/feeds/{listed['id']}", status=404)
    await b.call("DELETE", f"/groups/{place.group}/membership", status=204)
    assert "victories" not in await b.page(path)
    await b.call("DELETE", f"/me/feeds/{listed['id']}", status=204)
    await b.page(path, status=404)
    await b.page("/feeds/guessed", status=404)


async def test_earlier_texts_are_for_author_and_moderators(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    message = (await place.thread(a, body="first text"))["message"]["id"]
    await a.call("PATCH", f"/messages/{message}", {"nonce": "e", "body": "second text"}, status=200)
    for person in (a, place.owner):
        (earlier,) = (await person.get(f"/messages/{message}/history"))["items"]
        assert (earlier["body"], earlier["state"]) == ("first text", "past")
        assert "first text" in await person.page(f"/posts/{message}/history")
    await b.get(f"/messages/{message}/history", status=403)
    await b.page(f"/posts/{message}/history", status=403)


async def test_what_belongs_to_a_person_goes_with_them(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    opened = await place.thread(a, "My title", "my words")
    await a.call("PUT", f"/drafts/{place.board}", {"title": "t", "body": "draft"}, status=200)
    url = (await a.post("/me/feeds", {}))["url"]
    exported = (await a.get("/me/export"))["forum"]
    assert exported["threads"][0]["title"] == "My title" and exported["drafts"][0]["body"] == "draft"
    await a.call("DELETE", "/me", {"password": "a quiet river at night"}, status=204)
    async with place.house.database.read() as conn:
        assert await conn.fetchval("select count(*) from draft") == 0
        assert await conn.fetchval("select count(*) from thread where title <> '' or title_shown <> ''") == 0
    thread = await b.get(f"/threads/{opened['thread']['id']}")
    assert thread["author"] == {"id": None, "handle": None} and thread["title"] == "A withdrawn post"
    await b.page("/feeds/" + url.rsplit("/", 1)[1], status=404)


@pytest.mark.parametrize(
    "bad",
    [
        {"nonce": "n", "title": "", "body": "b"},
        {"nonce": "n", "title": "x" * 151, "body": "b"},
        {"nonce": "n", "title": "t", "body": ""},
        {"nonce": "n", "title": "t", "body": "x" * 8001},
        {"nonce": "", "title": "t", "body": "b"},
        {"nonce": "n", "title": "t", "body": "b", "needs": "applause"},
        {"nonce": "n", "title": "t", "body": "a\x00b"},
        {"nonce": "n", "title": "t", "body": "b", "warnings": ["w"] * 6},
    ],
)
async def test_bad_input_is_refused_with_a_clear_error_and_leaves_nothing(
    place: Place, bad: dict[str, object]
) -> None:
    a = await place.insider()
    refused = await a.post(f"/boards/{place.board}/threads", bad, status=422)
    assert refused["code"] and refused["title"]
    assert (await a.get(f"/boards/{place.board}/threads"))["items"] == []


async def test_odd_ids_and_cursors_name_nothing(place: Place) -> None:
    a = await place.insider()
    await a.get("/threads/not-an-id", status=404)
    await a.get(f"/threads/{uuid4()}", status=404)
    await a.get(f"/boards/{uuid4()}/threads", status=404)
    for cursor in ("x", "////", "MTIz", "é"):
        await a.get(f"/boards/{place.board}/threads?cursor={cursor}", status=422)
    await a.get("/search?q=x&cursor=-1", status=422)
    await a.get("/search?q=" + "x" * 201, status=422)


async def test_a_thread_list_is_paged_by_its_own_cursor(place: Place) -> None:
    a = await place.insider()
    for n in range(5):
        await place.thread(a, f"t{n}")
        place.house.clock.advance(1)  # type: ignore[attr-defined]
    titles, cursor = [], ""
    for _ in range(3):
        page = await a.get(f"/boards/{place.board}/threads?limit=2{cursor}")
        titles += [t["title"] for t in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert titles == ["t4", "t3", "t2", "t1", "t0"] and page["next"] is None


async def test_zalgo_right_to_left_and_hostile_text_come_back_as_written(place: Place) -> None:
    a = await place.insider()
    body = "‮abc‬ Z̷̢͉a̸l g o <script>alert(1)</script> שלום مرحبا"
    opened = await place.thread(a, "<b>bold?</b>", body)
    id = opened["thread"]["id"]
    (message,) = (await a.get(f"/conversations/{id}/messages"))["items"]
    assert message["body"] == body and "<script" not in message["html"]
    page = await a.page(f"/threads/{id}")
    assert "&lt;b&gt;bold?&lt;/b&gt;" in page and "<script>alert" not in page


async def test_a_title_changed_by_a_moderator_leaves_a_trace_and_a_kind_notice(place: Place) -> None:
    a = await place.insider()
    id = (await place.thread(a, "Help"))["thread"]["id"]
    await a.call("PATCH", f"/threads/{id}", {"title": "Help with nights"}, status=200)
    assert (await a.get("/me/notices"))["items"] == [], "one's own change is no news"
    await place.owner.call("PATCH", f"/threads/{id}", {"title": "Nights with pain"}, status=200)
    (notice,) = (await a.get("/me/notices"))["items"]
    assert notice["kind"] == "title_changed" and "stays as it is" in notice["say"]
    async with place.house.database.read() as conn:
        traces = await conn.fetch("select parameters from audit where verb = 'thread.retitled'")
    assert [row["parameters"] for row in traces] == ["{}", "{}"], "who and which thread, never the words"


async def test_lists_show_warned_threads_alone_and_fold_muted_words(place: Place) -> None:
    a, b = await place.insider(), await place.insider()
    await place.thread(a, "Quiet evening")
    await place.thread(a, "Supper", "x", warnings=["food and weight"])
    listed = await b.get(f"/boards/{place.board}/threads?filter=warned")
    assert [t["title"] for t in listed["items"]] == ["Supper"]
    page = await b.page(f"/boards/{place.board}")
    assert "Folded" not in page and "With a warning" in page
    await b.call("PATCH", "/me/wishes", {"words": ["quiet"]}, status=200)
    page = await b.page(f"/boards/{place.board}")
    assert page.index("Folded: it has a word that you muted") < page.index("Quiet evening")
    assert "Folded" not in await a.page(f"/boards/{place.board}")
    named = await b.get(f"/boards/{place.board}/people?q=@")
    assert named["items"] == []
    handle = (await a.get("/me"))["handle"]
    named = await b.get(f"/boards/{place.board}/people?q={handle[:3]}")
    assert handle in [one["handle"] for one in named["items"]]
    own = (await b.get("/me"))["handle"]
    named = await a.get(f"/boards/{place.board}/people?q={own[:3]}")
    assert own not in [one["handle"] for one in named["items"]], "nobody learns who only reads"
