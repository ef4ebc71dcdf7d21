"""Expected failures as RFC 9457 problem documents; the one table from the errors' tree to HTTP.

An unexpected failure says nothing of itself: a code, a sentence and an id that the log has too.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
from starlette.responses import Response

from community.errors import Refusal
from community.web.words import _

PROBLEM_JSON = "application/problem+json"


def problem(refusal: Refusal) -> Response:
    """The answer for one expected failure: type, title, status, code, and what to mend."""
    body: dict[str, Any] = {
        "type": f"urn:kith:problem:{refusal.code}",
        "title": _(refusal.say),
        "status": refusal.status,
        "code": refusal.code,
        **refusal.extra,
    }
    if refusal.fields:
        body["errors"] = [{"field": f.field, "say": _(f.say)} for f in refusal.fields]
    headers = {"cache-control": "no-store"}
    if refusal.retry_after_s is not None:
        headers["retry-after"] = str(max(1, math.ceil(refusal.retry_after_s)))
        body["retry_after"] = round(refusal.retry_after_s, 3)
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(msgspec.json.encode(body), refusal.status, headers, PROBLEM_JSON)


def unexpected(reference: str) -> Response:
    """The answer when we failed in a way nobody expected; `reference` is in the log beside the trace."""
    body = {
        "type": "urn:kith:problem:internal",
        "title": _("Something went wrong on our side. Your words are still with you; please try again."),
        "status": 500,
        "code": "internal",
        "reference": reference,
    }
    return Response(msgspec.json.encode(body), 500, {"cache-control": "no-store"}, PROBLEM_JSON)
