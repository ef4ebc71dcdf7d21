"""What may go wrong in an expected way: a small tree with a stable code and a sentence fit for the person.

Edges map these to HTTP problems, nacks and close codes in one table each; nothing inside knows of HTTP.
What the log sees is the code alone, never the sentence's subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing to mend in what was sent: where (a dotted path) and what, in words."""

    field: str
    say: str


class Refusal(Exception):
    """An expected 'no'. `code` is stable, `say` a sentence for the person, `status` the HTTP answer."""

    code = "refused"
    status = 403
    say = "That can't be done."

    def __init__(
        self,
        say: str | None = None,
        *,
        code: str | None = None,
        fields: tuple[FieldError, ...] = (),
        retry_after_s: float | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code or self.code)
        self.code = code or self.code
        self.say = say or self.say
        self.fields = fields
        self.retry_after_s = retry_after_s
        self.extra = dict(extra or {})  # further members of the problem document, e.g. findings


class BadRequest(Refusal):
    code, status, say = "bad_request", 400, "We couldn't read that request."


class NotSignedIn(Refusal):
    code, status, say = "not_signed_in", 401, "Please sign in first."


class WrongPassword(Refusal):
    code, status, say = "wrong_password", 401, "That name and password don't match."


class Forbidden(Refusal):
    """Known and visible to the person, but not theirs to do."""

    code, status, say = "forbidden", 403, "You can't do that here."


class NotAMember(Refusal):
    code, status, say = "not_a_member", 403, "Join the group first, then you can write here."


class GuidelinesChanged(Refusal):
    code, status = "guidelines", 403
    say = "The group's guidelines have changed. Please read them before you write."


class Paused(Refusal):
    code, status, say = "paused", 403, "You can read here, but not write at the moment."


class NotFound(Refusal):
    """Absent, or not for this person's eyes: the same answer for both."""

    code, status, say = "not_found", 404, "There is nothing here, or it isn't shared with you."


class Conflict(Refusal):
    code, status = "conflict", 409
    say = "Someone changed this in the meantime. Load it again and look before you decide."


class TooLarge(Refusal):
    code, status, say = "too_large", 413, "That is too large to send."


class Invalid(Refusal):
    code, status, say = "invalid", 422, "Something needs mending before this can be sent."


class TooLong(Refusal):
    code, status, say = "too_long", 422, "That is too long. Please shorten it; nothing was lost."


class AskToEdit(Refusal):
    """The words can stay with a change; `extra["findings"]` says which and why."""

    code, status = "ask_to_edit", 422
    say = "Thank you, we read it. Please change the marked part, then it can be shared."


class Refused(Refusal):
    """Only for what can't be kept: malware links and floods."""

    code, status, say = "refused", 422, "This can't be shared here. Ask a person if you think it should be."


class TooFast(Refusal):
    code, status, say = "too_fast", 429, "That was very fast. Please wait a moment; nothing was lost."


class Unavailable(Refusal):
    code, status = "unavailable", 503
    say = "We can't reach our memory for the moment. Please try again shortly; keep your words."
