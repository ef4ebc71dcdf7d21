"""The rules in words: what each reads for, what it asks for, how often moderators found it right, and what a
candidate beside it would change. Examples are sentences of our own; no page here shows a member's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from community.clock import Clock
from community.database import Database
from community.errors import NotFound
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _
from moderation.casework.rights import desk_rights
from moderation.desk.saying import family
from moderation.evidence.examples import examples
from moderation.gate.shadowing import Shadow
from moderation.pipeline.patterns import Entry
from moderation.pipeline.rules import Rules, shipped
from moderation.pipeline.words import author_sentence
from moderation.store import figures as store
from moderation.store.figures import RulePrecision

PATH: Final = "/moderation/rules"
SPAN: Final = timedelta(days=90)
NOT_RULES: Final = ("frames", "forms", "classes")
"""Lexicons of what surrounds words: they never notice anything by themselves."""
PART: Final = "_part."
"""Half of a sign: listed only where it was noticed."""
SHOWN_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as its page tells it. `judged` 0: nobody has said yet whether it was right."""

    id: str
    about: str
    note: str
    asks: str
    version: str
    masks: bool
    found: int
    judged: int
    right: int


@dataclass(frozen=True, slots=True)
class Part:
    """Rules of one lane or part, under its heading."""

    title: str
    rules: list[Rule]


class RulesPages:
    """`shadow` is asked at each visit: its counts are of this process."""

    def __init__(self, database: Database, clock: Clock, shadow: Callable[[], Shadow | None]) -> None:
        self._database = database
        self._clock = clock
        self._shadow = shadow

    def pages(self) -> list[Page]:
        return [Page("GET", PATH, self.rules), Page("GET", PATH + "/{rule}", self.rule)]

    async def rules(self, visit: Visit) -> Response:
        """For everyone with a desk: who works with findings should know what they mean."""
        asked = " ".join(visit.query.get("q", "").split())[:80]
        listed = told(shipped(), await self._found(visit))
        chosen = [rule for rule in listed if _matches(rule, asked)]
        return visit.render(
            "moderation/rules.html",
            parts=_parted(chosen),
            asked=asked,
            all=len(listed),
            version=shipped().version,
            shadow=_shadow_told(self._shadow()),
        )

    async def rule(self, visit: Visit) -> Response:
        listed = told(shipped(), await self._found(visit))
        one = next((rule for rule in listed if rule.id == visit.path["rule"]), None)
        if one is None:
            raise NotFound
        shadow = self._shadow()
        return visit.render(
            "moderation/rules_one.html",
            rule=one,
            example=examples().get(one.id, ""),
            author=author_sentence(one.id),
            lost=shadow.counts.lost[one.id] if shadow else 0,
            gained=shadow.counts.gained[one.id] if shadow else 0,
            shadow=shadow is not None,
        )

    async def _found(self, visit: Visit) -> Mapping[str, RulePrecision]:
        """Findings and verdicts on them, of the last ninety days. Raises NotFound for whom there is no desk."""
        who, now = visit.signed(), self._clock.now()
        async with self._database.read() as conn:
            await desk_rights(conn, who.member_id, is_operator=who.is_operator)
            rows = await store.precision(conn, start=now - SPAN, end=now + timedelta(microseconds=1))
        return {row.rule: row for row in rows}


def told(rules: Rules, found: Mapping[str, RulePrecision]) -> list[Rule]:
    """Every rule of the lexicons, and those of the code that noticed something or have an example."""
    entries = rules.lexicons.entries
    own = {e.id for e in entries.values() if e.lexicon not in NOT_RULES and PART not in e.id}
    ids = sorted({*own, *examples(), *found})
    return [_told(id, _entry_of(id, entries), found.get(id)) for id in ids]


def _told(id: str, entry: Entry | None, found: RulePrecision | None) -> Rule:
    return Rule(
        id=id,
        about=family(id),
        note=entry.note if entry else "",
        asks=_asks(entry.severity) if entry and entry.id == id else "",
        version=f"{entry.lexicon} {entry.version}" if entry else "",
        masks=entry.mask if entry else False,
        found=found.found if found else 0,
        judged=found.judged if found else 0,
        right=found.right if found else 0,
    )


def _entry_of(id: str, entries: Mapping[str, Entry]) -> Entry | None:
    """The lexicon's entry that a rule comes from: its own, or the longest beginning of its id
    ("care.ideation.act.denied" comes from "care.ideation.act")."""
    parts = id.split(".")
    heads = (".".join(parts[:n]) for n in range(len(parts), 1, -1))
    return next((entries[head] for head in heads if head in entries), None)


def _asks(severity: str) -> str:
    """What a finding asks for when it stands alone."""
    return {
        "crisis": _("Asks for: crisis"),
        "red": _("Asks for: red"),
        "amber": _("Asks for: amber"),
        "green": _("Asks for nothing by itself"),
        "look": _("Asks for a look by a person"),
        "flag": _("Asks for a look by a person"),
        "mask": _("Hides the words"),
        "ask_to_edit": _("Asks the author to change it"),
        "hold": _("Keeps it back until a person looks"),
        "refuse": _("Doesn't take it"),
    }.get(severity, "")


def _matches(rule: Rule, asked: str) -> bool:
    return all(word in f"{rule.id} {rule.about} {rule.note}".casefold() for word in asked.casefold().split())


def _parted(rules: Iterable[Rule]) -> list[Part]:
    titles = {
        "care": _("Care: someone may be in danger"),
        "safety": _("Safety of those who read"),
        "conduct": _("Conduct: guidelines"),
        "pack": _("Kinds of groups"),
        "opinion": _("Second opinion"),
    }
    parts: dict[str, list[Rule]] = {name: [] for name in titles}
    for rule in rules:
        parts.setdefault(rule.id.partition(".")[0], []).append(rule)
    return [Part(titles.get(name, name), found) for name, found in parts.items() if found]


@dataclass(frozen=True, slots=True)
class ShadowTold:
    """What a candidate would have done, in counts since this process began."""

    version: str
    compared: int
    same: int
    lowered: int
    raised: int
    others: int
    failed: int
    lost: list[tuple[str, int]]
    gained: list[tuple[str, int]]


def _shadow_told(shadow: Shadow | None) -> ShadowTold | None:
    if shadow is None:
        return None
    counts = shadow.counts
    return ShadowTold(
        version=shadow.version,
        compared=counts.compared,
        same=counts.same,
        lowered=counts.lowered,
        raised=counts.raised,
        others=counts.outcome_only + counts.masks_only + counts.rules_only,
        failed=shadow.failed,
        lost=counts.lost.most_common(SHOWN_MAX),
        gained=counts.gained.most_common(SHOWN_MAX),
    )
