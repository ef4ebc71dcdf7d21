"""Guidelines in Easy Read as their readers and their owners meet them."""

from __future__ import annotations

from community.database import Database
from community.easy_read import pictures
from tests.community.web.house import Browser, House

GROUP = "/groups/lighthouse"
READ, EDIT = f"{GROUP}/easy-read", f"{GROUP}/easy-read/edit"


async def founded(house: House, **fields: str) -> Browser:
    owner = await house.member()
    answer = await owner.submit(
        "/found-a-group", name="Lighthouse", preset="chronic-illness", visibility="public", **fields
    )
    assert answer.status_code == 303, answer.text
    return owner


def sent(*lines: tuple[str, str], edition: int = 0, offer: bool = True, then: str = "save") -> dict[str, str]:
    form = {"edition": str(edition), "then": then}
    for n, (picture, text) in enumerate(lines):
        form |= {f"picture-{n}": picture, f"text-{n}": text}
    return {**form, "is_offered": "yes"} if offer else form


async def test_an_owner_starts_from_the_template_and_others_find_what_is_offered(house: House) -> None:
    owner, guest = await founded(house), house.browser()
    assert "Be kind to each other." in (await owner.get(EDIT)).text
    assert (await guest.get(READ)).status_code == 404, "a template is nobody's guidelines"
    every = [(name, f"Line {n}.") for n, (name, _words) in enumerate(pictures())]
    form = sent(*every, offer=False)
    assert (await owner.submit(EDIT, **form)).status_code == 303
    assert (await guest.get(READ)).status_code == 404, "nor is a draft"
    words = {"word-0": "line", "means-0": "One row of words."}
    assert (await owner.submit(EDIT, **sent(*every, edition=1), **words)).status_code == 303
    assert READ in (await guest.get(GROUP)).text
    shown = (await guest.get(READ)).text
    assert shown.count('class="picture"') == len(every) and shown.count("One row of words.") == 1
    assert "<strong>Line</strong> 3." in shown


async def test_it_belongs_to_the_guidelines_it_was_written_for(house: House) -> None:
    owner = await founded(house)
    await owner.submit(EDIT, **sent(("kind", "Be kind.")))
    assert "do not say everything" not in (await owner.get(READ)).text
    assert (await owner.submit(f"{GROUP}/guidelines", guidelines="Be kinder still.")).status_code == 303
    assert "does not say everything that is new" in (await owner.get(READ)).text
    assert "have changed since this was written" in (await owner.get(EDIT)).text
    await owner.submit(EDIT, **sent(("kind", "Be kinder still."), edition=1))
    assert "does not say everything that is new" not in (await owner.get(READ)).text


async def test_looking_sorting_and_making_room_keep_nothing_and_lose_nothing(house: House) -> None:
    owner = await founded(house)
    looked = (await owner.submit(EDIT, **sent(("kind", "First."), ("ask", "Second."), then="up-1"))).text
    assert looked.index('value="Second."') < looked.index('value="First."')
    long = "This line has many words and goes on until nobody knows what it said"
    more = (await owner.submit(EDIT, **sent(("kind", long), then="more"))).text
    assert "Perhaps these lines hold two ideas" in more and more.count('name="text-') == 7
    assert (await owner.get(READ)).status_code == 404


async def test_what_was_typed_comes_back_when_it_is_refused(house: House, database: Database) -> None:
    owner, other = await founded(house), await house.member()
    for wrong in ("x" * 161, "refuse me", "care for me " + "x" * 161, "refuse me, care for me"):
        refused = await owner.submit(EDIT, **sent(("kind", wrong)))
        assert refused.status_code == 422 and f'value="{wrong}"' in refused.text
    async with database.read() as conn:
        kept = await conn.fetch("select body from message where body like '%care for me%' order by body")
    assert [row["body"] for row in kept] == ["care for me " + "x" * 161, "refuse me, care for me"], "heard"
    await owner.submit(EDIT, **sent(("kind", "Mine.")))
    late = await owner.submit(EDIT, **sent(("kind", "Late."), edition=0))
    assert late.status_code == 409 and 'value="Late."' in late.text
    assert (await other.get(EDIT)).status_code == 403


async def test_an_invitation_opens_it_where_the_group_is_private(house: House) -> None:
    owner, guest = await house.member(), await house.member()
    await owner.submit("/found-a-group", name="Hidden", preset="chronic-illness", visibility="private")
    slug = (await owner.get("/groups")).text.partition('href="/groups/g-')[2].partition('"')[0]
    group = f"/groups/g-{slug}"
    await owner.submit(f"{group}/easy-read/edit", **sent(("kind", "Be kind.")))
    made = (await owner.submit(f"{group}/members", f"{group}/invite", uses="1")).text
    code = made.partition("join?code=")[2].partition('"')[0].partition("<")[0].strip()
    assert (await guest.get(f"{group}/easy-read")).status_code == 404
    assert "Be kind." in (await guest.get(f"{group}/easy-read?code={code}")).text
