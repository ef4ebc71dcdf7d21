"""Finding a group in the directory: what a person looks for, and which cards fit. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from community.cards import PRESETS
from community.countries import LANGUAGES
from community.opening import reads_now
from community.store.directory import Listed

_NAMES = dict(LANGUAGES)
_TAGS = {name.casefold(): tag for tag, name in LANGUAGES} | {"english": "en", "german": "de", "french": "fr"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person chose; empty means anything. `text` is looked for in name, purpose and for whom."""

    text: str = ""
    preset: str = ""
    language: str = ""
    led_by: str = ""
    format: str = ""
    open_now: bool = False

    @property
    def is_anything(self) -> bool:
        return self == Wanted()


def fits(group: Listed, wanted: Wanted, *, now: datetime, zone: ZoneInfo) -> bool:
    """Whether this group is one of those. A card that leaves a field out doesn't fit who asks for it."""
    card = group.card
    heard = " ".join((group.name, str(card.get("purpose", "")), str(card.get("for_whom", ""))))
    led = {card.get("led_by")} | ({"peers", "professionals"} if card.get("led_by") == "both" else set())
    return (
        all(word in heard.casefold() for word in wanted.text.casefold().split())
        and wanted.preset in ("", group.preset)
        and (not wanted.language or wanted.language in {tag_of(name) for name in card.get("languages", [])})
        and (not wanted.led_by or wanted.led_by in led)
        and wanted.format in ("", card.get("format"))
        and (not wanted.open_now or reads_now(str(card.get("moderation_hours", "")), now, zone))
    )


def tag_of(language: str) -> str:
    """People write "en" or "English" on a card: one tag for both, the text itself for what we don't know."""
    said = language.strip().casefold()
    return _TAGS.get(said, said)


def language_name(language: str) -> str:
    """How the language calls itself: "Deutsch" for a card's "de" or "German"."""
    return _NAMES.get(tag_of(language), language)


def languages_of(groups: Iterable[Listed]) -> list[tuple[str, str]]:
    """(tag, name) of every language on these cards, by name: what it makes sense to choose."""
    tags = {tag_of(name) for group in groups for name in group.card.get("languages", []) if name.strip()}
    return sorted(((tag, _NAMES.get(tag, tag)) for tag in tags), key=lambda pair: pair[1].casefold())


def presets_of(groups: Iterable[Listed], chosen: str = "") -> list[tuple[str, str]]:
    """(id, words) of every kind that is there, and of the chosen one, in the house's order."""
    there = {group.preset for group in groups} | {chosen}
    return [(id, words) for id, words in PRESETS.items() if id in there]
