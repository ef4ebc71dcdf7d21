"""The socket answers each member in their language, and one member's language never leaks to another."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

import chat.socket
import community.web.words
from chat.spoken import card_in_words, findings_in_words
from community.errors import NotFound
from community.helplines import Helplines
from community.ids import NoticeId, new_id
from community.store import people
from community.web.words import Catalogues
from moderation.gate.support import Reader, Support
from moderation.pipeline.types import Tier
from tests.chat.world import Node, Someone, World, client

SAID = {
    NotFound.say: "Hier ist nichts.",
    "about letter": "Ein Brief.",
    "Please change this.": "Bitte ändern.",
}


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogues:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = Catalog(locale="de")
    for source, said in SAID.items():
        catalogue.add(source, said)
    with (folder / "kith.mo").open("wb") as file:
        write_mo(file, catalogue)
    made = Catalogues(tmp_path)
    monkeypatch.setattr(community.web.words, "shipped", lambda: made)
    monkeypatch.setattr(chat.socket, "shipped", lambda: made)
    return made


async def speaks(world: World, who: Someone, language: str) -> None:
    async with world.database.transaction() as tx:
        await people.update(tx, who.id, {"language": language})


async def test_refusals_and_letters_come_in_each_members_language(
    world: World, one: Node, german: Catalogues
) -> None:
    ann, bob = await world.member(), await world.member()
    await speaks(world, ann, "de")
    async with client(one, ann) as a, client(one, bob) as b:
        for each in (a, b):
            await each.send("join", c=new_id(), nonce="n")
        assert (await a.next("nack"))["say"] == "Hier ist nichts."
        assert (await b.next("nack"))["say"] == NotFound.say
        now = world.clock.now()
        async with world.database.transaction() as tx:
            for who in (ann, bob):
                id = NoticeId(new_id())
                await people.add_notice(
                    tx, who.id, id=id, kind="letter", message_id=None, parameters={}, now=now
                )
        for who in (ann, bob):
            one.bus.ring("member", who.id)
        assert (await a.next("notice"))["say"] == "Ein Brief."
        assert (await b.next("notice"))["say"] == "about letter"


def test_findings_and_cards_are_put_into_words_and_numbers_stay(german: Catalogues) -> None:
    german.speak("de")
    try:
        assert findings_in_words([{"rule": "x", "sentence": "Please change this."}]) == [
            {"rule": "x", "sentence": "Bitte ändern."}
        ]
        assert findings_in_words("odd") == "odd" and card_in_words(None) is None
    finally:
        german.speak("en")
    card = Support(Helplines()).help_for("suicide", Tier.crisis, Reader("GB"))
    assert card_in_words(card) == card
