"""Acts: what a case's history is made of, each a plain value that says who did what.

Stored as a verb and parameters; `decode` gives the act back, so that a stored history can be replayed and held
against the row (moderation/casework/ledger.py). Never anyone's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from community.ids import CaseId, MemberId, MessageId, PageId
from moderation.pipeline.types import Lane, Tier

Why = Literal["finding", "worried", "reported", "premoderation", "stage_failed", "split", "complaint"]
Decision = Literal["publish", "remove", "mask", "close"]
Rung = Literal["wish", "thoughts", "method", "intent", "plan", "behaviour"]
"""C-SSRS order. A person sets it after listening; no rule does."""
When = Literal["now", "days", "weeks", "months", "years", "unknown"]


@dataclass(frozen=True, slots=True)
class Opened:
    lane: Lane
    tier: Tier
    message: MessageId
    rules: frozenset[str]  # rules that fired: what is new later is seen by them
    why: Why = "finding"


@dataclass(frozen=True, slots=True)
class Joined:
    """Another message or flag of the same situation. `rules`: everything known after it."""

    tier: Tier
    message: MessageId
    rules: frozenset[str]
    why: Why = "finding"


@dataclass(frozen=True, slots=True)
class Paged:
    page: PageId
    reason: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """`anyway`: they were asked, because of a cap or a break, and took it all the same."""

    by: MemberId
    take_over: bool = False
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Renewed:
    """The holder's page is open: the lease goes on. Changes nothing that others see, so no new version."""

    by: MemberId


@dataclass(frozen=True, slots=True)
class Released:
    """`passed`: somebody else should have it. Nobody asks why."""

    by: MemberId
    passed: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    by: MemberId


@dataclass(frozen=True, slots=True)
class Spoke:
    """A trained person's words to the member: what the second clock waits for."""

    by: MemberId
    message: MessageId | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The member wrote back to the team."""

    message: MessageId


@dataclass(frozen=True, slots=True)
class Supported:
    """A trained supporter answered in the group: in amber their words count (care.md, Tiers)."""

    by: MemberId
    message: MessageId


@dataclass(frozen=True, slots=True)
class Laddered:
    by: MemberId
    rung: Rung
    when: When = "unknown"


@dataclass(frozen=True, slots=True)
class Decided:
    by: MemberId
    decision: Decision
    message: MessageId | None
    reason: str


@dataclass(frozen=True, slots=True)
class RepairAsked:
    """Repair first: the author is asked to change a part, and sends it again."""

    by: MemberId
    message: MessageId
    rule: str


@dataclass(frozen=True, slots=True)
class Repaired:
    message: MessageId


@dataclass(frozen=True, slots=True)
class Escalated:
    """To the lead or a higher tier by a person, or (None) by a clock that ran out."""

    by: MemberId | None
    tier: Tier
    reason: str


@dataclass(frozen=True, slots=True)
class Appealed:
    """The author disagrees; `message` holds their words, which stand in the case from now on."""

    by: MemberId
    message: MessageId | None = None


@dataclass(frozen=True, slots=True)
class Withdrew:
    """The author took the message back. It changes what readers see, never a tier or a clock."""

    message: MessageId


@dataclass(frozen=True, slots=True)
class Edited:
    """The author changed the message. Whoever decides has not seen these words: a decision on the version before
    is a conflict, so that no mask slips off its target and nothing unread is published."""

    message: MessageId


@dataclass(frozen=True, slots=True)
class FollowingUp:
    by: MemberId
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """Another case was joined into this one, with its messages, what it knew and its clock. `waiting`: its person
    waited for words."""

    by: MemberId
    other: CaseId
    tier: Tier
    messages: tuple[MessageId, ...]
    rules: frozenset[str]
    due_at: datetime | None
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """Some messages went to a case of their own."""

    by: MemberId
    other: CaseId
    messages: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A step of two people's consent to what can't be undone (moderation/casework/two_people.py)."""

    by: MemberId
    what: str
    step: str


@dataclass(frozen=True, slots=True)
class Closed:
    by: MemberId | None
    reason: str
    into: CaseId | None = None


Act = (
    Opened | Joined | Paged | Claimed | Renewed | Released | Noted | Spoke | Answered | Supported | Laddered | Decided
    | RepairAsked | Repaired | Escalated | Appealed | Withdrew | Edited | FollowingUp | Merged | Split | Signed
    | Closed
)  # fmt: skip
VERBS: dict[str, type[Any]] = {kind.__name__.lower(): kind for kind in get_args(Act)}


def verb(act: Act) -> str:
    """The act's name in the history."""
    return type(act).__name__.lower()


def encode(act: Act) -> dict[str, Any]:
    """An act as JSON, the same bytes for the same act: tiers by name, sets sorted."""
    values = {name: _plain(getattr(act, name)) for name in act.__dataclass_fields__}
    plain: dict[str, Any] = msgspec.to_builtins(values)
    return plain


def decode(name: str, parameters: dict[str, Any]) -> Act:
    """The act that was stored. Raises ValueError for a history that this version can't read."""
    kind = VERBS.get(name)
    if kind is None:
        raise ValueError(f"no act is called {name!r}")
    values = dict(parameters)
    if "tier" in values:
        values["tier"] = Tier[values["tier"]].value
    try:
        act: Act = msgspec.convert(values, kind)
    except msgspec.ValidationError as why:
        raise ValueError(f"{name}: {why}") from None
    return act


def _plain(value: Any) -> Any:
    if isinstance(value, Tier):
        return value.name
    return sorted(value) if isinstance(value, frozenset) else value
