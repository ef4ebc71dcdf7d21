"""What goes into the pipeline and what comes out: the only types that cross its border.

Everything here is frozen; a value that exists is valid. Spans are half-open and count Unicode code
points of the text as it was written, never of a folded copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, NamedTuple

Lane = Literal["care", "conduct"]
"""care: someone may be in danger. conduct: someone may break a guideline. Never mixed."""

Stage = Literal["fold", "structure", "care", "safety", "conduct", "pack", "opinion", "weigh"]

Place = Literal[
    "room",
    "thread",
    "pairing",
    "title",
    "warnings",
    "handle",
    "profile",
    "group_card",
    "join_request",
    "flag_note",
    "appeal",
    "letter",
    "pairing_note",
    "search",
]
"""Where the words stand. Only room, thread and pairing are conversations."""

Preset = Literal[
    "chronic-illness",
    "mental-health",
    "addiction-and-recovery",
    "eating-disorder",
    "carers",
    "bereavement",
    "young-people",
]

Topic = Literal[
    "suicide",
    "self_harm",
    "overdose",
    "medical",
    "abuse",
    "child",
    "violence",
    "voices",
    "eating",
    "substances",
    "bereavement",
    "someone_else",
    "general",
]
"""What a support card is about: never a suicide card for a hypo."""


class Tier(IntEnum):
    """Tiers of the care lane (ReachOut and CLPsych names), comparable by urgency."""

    green = 0
    amber = 1
    red = 2
    crisis = 3


class Outcome(IntEnum):
    """What happens to the message; a higher value wins where findings disagree, except that a care
    finding turns ask_to_edit into mask and never ends in refuse (moderation/pipeline/weigh.py)."""

    publish = 0
    mask = 1
    publish_with_support = 2
    ask_to_edit = 3
    hold = 4
    refuse = 5


Severity = Literal[
    # care lane: the tier that this finding argues for
    "green",
    "amber",
    "red",
    "crisis",
    # conduct lane: what this finding asks for, mildest first
    "look",
    "flag",
    "mask",
    "ask_to_edit",
    "hold",
    "refuse",
]


class Span(NamedTuple):
    """Half-open [start, end) in code points of the original text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What one stage noticed. `note` is a sentence for the moderator and never quotes the text;
    the author's kind sentence is looked up from `rule` when shown (moderation/pipeline/words.py)."""

    stage: Stage
    rule: str  # stable dotted id, e.g. "care.intent.tonight"
    version: str  # version of that rule's file
    lane: Lane
    severity: Severity
    span: Span | None
    note: str
    topic: Topic | None = None
    mask: bool = False  # this span must be masked for readers
    field: Literal["body", "title", "warnings"] = "body"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message of the last 30 minutes in the same conversation, oldest first: by the same author
    (at most ten), or the message being answered (who="other")."""

    who: Literal["same", "other"]
    text: str


@dataclass(frozen=True, slots=True)
class GroupRules:
    """A group's own switches; the preset's rule pack is applied first, these on top."""

    preset: Preset = "chronic-illness"
    profanity: Literal["allow", "mask", "ask_to_edit"] = "allow"
    contact_details: Literal["allow", "mask", "ask_to_edit"] = "mask"
    links: Literal["allow", "newcomers_held", "hold"] = "newcomers_held"
    languages: tuple[str, ...] = ("en",)
    own_terms: tuple[str, ...] = ()  # words that moderators of this group want to look at
    opinion: bool = True  # statistical second opinion on or off


@dataclass(frozen=True, slots=True)
class Submission:
    """One text to judge. `newcomer` means: fewer accepted messages than the group's threshold."""

    text: str
    place: Place = "room"
    group: GroupRules = field(default_factory=GroupRules)
    context: tuple[Earlier, ...] = ()
    newcomer: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """Numbers for evaluation and ranking, 0..1; they decide nothing by themselves."""

    crisis: float = 0.0
    abuse: float = 0.0
    spam: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The pipeline's decision for one text."""

    outcome: Outcome
    tier: Tier  # green without care findings
    findings: tuple[Finding, ...]
    masks: tuple[Span, ...]  # disjoint, ascending; what readers see as […]
    topic: Topic | None  # what the support card is about; None without a care finding
    pii: tuple[str, ...]  # kinds of contact details or identities found
    scores: Scores
    rules_version: str  # version of the whole rule set
    steps: int  # work counted by the stages, for the cost budget

    @property
    def has_care(self) -> bool:
        """Whether a person of the care lane must see this (amber or above)."""
        return self.tier >= Tier.amber
