"""JSON Schema of the socket's frames, from the same types that parse and make them."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from chat import protocol

CLIENT = (
    protocol.Join,
    protocol.Leave,
    protocol.Say,
    protocol.Change,
    protocol.Withdraw,
    protocol.React,
    protocol.HaveRead,
    protocol.AmTyping,
    protocol.Ping,
)
SERVER = (
    protocol.Welcome,
    protocol.Joined,
    protocol.Left,
    protocol.Ack,
    protocol.Nack,
    protocol.Support,
    protocol.Notice,
    protocol.Presence,
    protocol.Typing,
    protocol.Read,
    protocol.RoomNews,
    protocol.Resync,
    protocol.Error,
    protocol.Goaway,
    protocol.Pong,
)


@cache
def frames_schema() -> dict[str, Any]:
    """{path, subprotocol, client: [...], server: [...], $defs}"""
    schemas, defs = msgspec.json.schema_components(
        (*CLIENT, *SERVER),
        ref_template="#/x-socket/$defs/{name}",
        schema_hook=lambda kind: {"description": "any JSON"},
    )
    split = len(CLIENT)
    return {
        "path": "/chat/socket",
        "subprotocol": protocol.SUBPROTOCOL,
        "client": list(schemas[:split]),
        "server": list(schemas[split:]),
        "$defs": defs,
    }
