"""Support cards: help for the author at once, true to their country and to the danger.

Built from a local file and facts that are handed in; works with everything else down. Words follow
care.md: thank you, what stays, help now, who reads next. Never a suicide card for a hypo.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from community.helplines import Country, Helplines
from moderation.pipeline.types import Tier, Topic

LINES_MAX = 4


class CardLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One helpline. `verified_on` null: this organisation hasn't checked it yet, and the card says so."""

    name: str
    about: str
    phone: str = ""
    text: str = ""
    text_note: str = ""
    web: str = ""
    hours: str = ""
    source: str = ""
    verified_on: str | None = None


class SupportCard(msgspec.Struct, frozen=True):
    """`brief`: they had the full card a little while ago, so this is one line."""

    topic: str
    tier: str
    brief: bool
    title: str
    say: list[str]
    emergency: str
    lines: list[CardLine]
    next: str
    read_at: datetime | None
    not_emergency: str
    unchecked: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Where the person says they are, and in which language they read."""

    country: str | None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Cover:
    """Whether a trained person is on duty, and else when one will be; None: nobody can say."""

    on_duty: bool
    next_at: datetime | None


_TITLES: dict[Topic, str] = {
    "suicide": "You are not alone with this.",
    "self_harm": "You are not alone with this.",
    "overdose": "Please get medical help now.",
    "medical": "Please get medical help now.",
    "abuse": "What is happening to you is not your fault.",
    "child": "Thank you for saying this. A child may need help now.",
    "violence": "Thank you for saying this before something happens.",
    "voices": "That sounds frightening. You don't have to do what they say.",
    "eating": "Your body may need help soon.",
    "substances": "Please don't be alone with this tonight.",
    "bereavement": "We are sorry. You don't have to carry this alone.",
    "someone_else": "Thank you for looking out for them.",
    "general": "You are not alone with this.",
}
_FIRST: dict[Topic, str] = {
    "suicide": "If you might act on these thoughts, please ring one of these numbers, or go to someone you trust, now.",
    "self_harm": "If a wound is deep or won't stop bleeding, please ring the emergency number now.",
    "overdose": "Even if you feel well. Ring the emergency number and say what you took and when.",
    "medical": "Please don't wait for an answer here. Ring the emergency number or wake someone who can.",
    "abuse": "If you are in danger right now, ring the emergency number. Clear this page when you leave it.",
    "child": "If a child is in danger right now, ring the emergency number.",
    "violence": "If someone may get hurt right now, leave the room and ring one of these numbers.",
    "voices": "Please ring one of these numbers or go to someone who is with you.",
    "eating": "Chest pain, fainting or a heart that skips: please ring the emergency number now.",
    "substances": "After a break the same amount can stop your breathing. If you can, have someone near you.",
    "bereavement": "People at these numbers have time to listen.",
    "someone_else": "If they may act on it now, ring the emergency number for them and stay with them if you can.",
    "general": "People at these numbers have time to listen.",
}
_STAYS = "Thank you for telling us. Your message stays, and you are not in trouble."
_HELD = "Thank you for telling us. A trained person here gets your words. You are not in trouble."
_NOT_EMERGENCY = "This is a place of peers, not an emergency service."
_LINE_TOPICS: dict[Topic, tuple[str, ...]] = {
    "suicide": ("suicide",),
    "self_harm": ("suicide",),
    "overdose": ("medical", "poison"),
    "medical": ("medical", "poison"),
    "abuse": ("abuse",),
    "child": ("young", "child", "abuse"),
    "violence": ("abuse", "carers"),
    "voices": ("suicide", "mental"),
    "eating": ("eating",),
    "substances": ("drugs",),
    "bereavement": ("bereavement", "suicide"),
    "someone_else": ("suicide",),
    "general": ("suicide", "mental"),  # some countries have no other line
}


class Support:
    """Builds cards. Holds the helplines, which are read once at the start."""

    def __init__(self, helplines: Helplines) -> None:
        self._helplines = helplines

    def card(
        self,
        topic: Topic | None,
        tier: Tier,
        reader: Reader,
        cover: Cover,
        *,
        held: bool = False,
        brief: bool = False,
    ) -> SupportCard:
        """The card for one message. `held`: others don't see the words, so "your message stays" would be
        untrue."""
        topic = topic or "general"
        country = self._helplines.country(reader.country) if reader.country else None
        lines = [] if country is None else _lines(country, topic)
        return SupportCard(
            topic=topic,
            tier=tier.name,
            brief=brief,
            title=_TITLES[topic],
            say=["We are still with you. Help is here too:"]
            if brief
            else [_HELD if held else _STAYS, _FIRST[topic]],
            emergency=country.emergency if country else "",
            lines=lines[:1] if brief else lines,
            next=_next(cover),
            read_at=cover.next_at,
            not_emergency=self._helplines.general if country is None else _NOT_EMERGENCY,
            unchecked=any(line.verified_on is None for line in lines),
        )

    def help_for(self, topic: Topic | None, tier: Tier, reader: Reader) -> SupportCard:
        """Help first above search results: nothing is stored and nobody is told, and the card says no
        more than that."""
        card = self.card(topic, tier, reader, Cover(on_duty=False, next_at=None))
        return msgspec.structs.replace(
            card,
            say=["If this is about you, you don't have to look alone.", _FIRST[topic or "general"]],
            next="Nobody is told what you search for.",
        )


def _lines(country: Country, topic: Topic) -> list[CardLine]:
    """Lines for this danger first, then those for anyone; a line for another danger is left out."""
    wanted = _LINE_TOPICS[topic]
    fitting = [line for line in country.lines if any(t in line.topics for t in wanted)]
    for_anyone = [line for line in country.lines if not line.topics]
    return [
        CardLine(
            name=line.name,
            about=line.about,
            phone=line.phone,
            text=line.text,
            text_note=line.text_note,
            web=line.web,
            hours=line.hours,
            source=line.source,
            verified_on=None if line.verified_on is None else line.verified_on.isoformat(),
        )
        for line in (*fitting, *for_anyone)[:LINES_MAX]
    ]


def _next(cover: Cover) -> str:
    """What happens next, without a promise that this roster can't keep."""
    if cover.on_duty:
        return "We have asked a trained person here to look at this now. They may write to you."
    if cover.next_at is not None:
        return "Nobody trained is here at this moment. Someone reads this at the time below; these numbers answer now."
    return "We can't say when a trained person here reads this. These numbers answer now."
