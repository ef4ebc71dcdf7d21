"""Pairings for the walk through every page: one that is open, one that waits, and who walks beside whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.browser.server import RunningServer

KNOWS = {"knows": 1}


@dataclass(frozen=True, slots=True)
class PairingPlaces:
    """Paths, for whoever lives in Lighthouse as a member, and for its operator, who is a supporter too."""

    open: str
    waiting: str
    message: str


def paired(server: RunningServer, member: str) -> PairingPlaces:
    """The operator walks beside the member; another supporter is free to take over."""
    lead, other = f"stands-{uuid4().hex[:8]}", f"walks-{uuid4().hex[:8]}"
    ids = {handle: _id(server, server.member(handle)) for handle in (lead, other)}
    group = "/groups/lighthouse"
    server.call("PUT", f"{group}/members/{ids[lead]}", {"role": "facilitator"}, server.operator)
    for supporter in (_id(server, server.operator), ids[other]):
        server.call("PUT", f"{group}/supporters/{supporter}", {"supervisor": ids[lead]}, server.operator)
    server.call("PUT", f"{group}/pairing-rules", {"caseload": 5, "between_members": True}, server.operator)
    first = _asked(server, member, topic="hard_days", times=["nights"])
    for token in (server.operator, member):
        server.call("POST", f"/pairings/{first}/agree", KNOWS, token)
    say = f"/conversations/{first}/messages"
    said = server.call("POST", say, {"nonce": uuid4().hex, "body": "Good that you are here."}, member)["id"]
    server.call("POST", say, {"nonce": uuid4().hex, "body": "I have time this evening."}, server.operator)
    second = _asked(server, member, note="Somebody for the mornings, too.")
    return PairingPlaces(f"/pairings/{first}", f"/pairings/{second}", f"/pairings/{first}/messages/{said}")


def _asked(server: RunningServer, token: str, **wish: Any) -> str:
    made = server.call("POST", "/groups/lighthouse/pairings", {**KNOWS, **wish}, token)
    return str(made["pairing"]["id"])


def _id(server: RunningServer, token: str) -> str:
    return str(server.call("GET", "/me", token=token)["id"])
