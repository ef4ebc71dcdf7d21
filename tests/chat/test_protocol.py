"""Any bytes are a frame or a named error; what is told has the shape that protocol.md gives."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.frames import encode, payloads, text_frame
from chat.protocol import (
    Ack,
    AmTyping,
    Bad,
    Change,
    HaveRead,
    Join,
    Joined,
    Leave,
    Nack,
    Nowhere,
    Ping,
    Pong,
    React,
    Say,
    Withdraw,
    echo,
    parse,
)
from community.ids import ConversationId, MessageId, new_id

FRAMES = (Join, Leave, Say, Change, Withdraw, React, HaveRead, AmTyping, Ping)
ID = "01a1ffec-f932-7d4f-bb41-d63da80c9e08"  # fixed: names of cases must be the same in every process
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
almost_frames = st.fixed_dictionaries(
    {"t": st.sampled_from(["join", "leave", "send", "edit", "withdraw", "react", "read", "typing", "ping"])},
    optional={
        "c": st.just(ID) | json_values,
        "id": st.just(ID) | json_values,
        "nonce": st.text(max_size=70) | json_values,
        "body": st.text() | json_values,
        "after": json_values,
        "seq": json_values,
        "emoji": json_values,
        "on": json_values,
        "warnings": json_values,
        "epoch": json_values,
        "reply_to": st.just(ID) | json_values,
    },
)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_frame_or_a_named_error(data: bytes) -> None:
    assert isinstance(parse(data), (*FRAMES, Bad, Nowhere))


@given(st.text(max_size=400))
def test_any_text_is_a_frame_or_a_named_error(text: str) -> None:
    assert isinstance(parse(text), (*FRAMES, Bad, Nowhere))


@given(json_values | almost_frames)
def test_any_json_is_a_frame_or_a_named_error(value: Any) -> None:
    parsed = parse(json.dumps(value))
    assert isinstance(parsed, (*FRAMES, Bad, Nowhere))
    if isinstance(parsed, Bad):
        assert parsed.code in ("not_json", "not_a_frame", "unknown_type", "bad_field") and parsed.say


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ({"t": "join", "c": ID, "after": 3, "epoch": "e"}, Join),
        ({"t": "leave", "c": ID}, Leave),
        ({"t": "send", "c": ID, "nonce": "n", "body": "hello", "warnings": ["grief"]}, Say),
        ({"t": "edit", "id": ID, "nonce": "n", "body": "hello"}, Change),
        ({"t": "withdraw", "id": ID}, Withdraw),
        ({"t": "react", "id": ID, "emoji": "heart", "on": True}, React),
        ({"t": "read", "c": ID, "seq": 4}, HaveRead),
        ({"t": "typing", "c": ID}, AmTyping),
        ({"t": "ping", "nonce": "n", "later": "a field of a later version"}, Ping),
    ],
)
def test_every_frame_of_the_contract_is_understood(text: dict[str, Any], frame: type) -> None:
    assert isinstance(parse(json.dumps(text)), frame)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("hello", "not_json"),
        ('{"t":"ping"', "not_json"),
        (r'{"t":"send","c":"' + ID + r'","nonce":"n","body":"\ud800"}', "not_json"),
        ("[" * 200_000, "not_a_frame"),
        ("[]", "not_a_frame"),
        ('"ping"', "not_a_frame"),
        ("{}", "not_a_frame"),
        ('{"t":7}', "not_a_frame"),
        ('{"t":"shout"}', "unknown_type"),
        ('{"t":"join"}', "bad_field"),
        ('{"t":"join","c":"' + ID + '","after":-1}', "bad_field"),
        ('{"t":"join","c":"' + ID + '","after":1e99}', "bad_field"),
        ('{"t":"join","c":"' + ID + '","after":99999999999999999999}', "bad_field"),
        ('{"t":"send","c":"' + ID + '","body":"no nonce"}', "bad_field"),
        ('{"t":"ping","nonce":""}', "bad_field"),
        ('{"t":"ping","nonce":"' + "n" * 65 + '"}', "bad_field"),
        ('{"t":"ping","nonce":"é"}', "bad_field"),
        ('{"t":"ping","nonce":"a\\n"}', "bad_field"),
        ('{"t":"react","id":"' + ID + '","emoji":"x","on":"yes"}', "bad_field"),
    ],
)
def test_every_bad_frame_has_a_name(text: str, code: str) -> None:
    parsed = parse(text)
    assert isinstance(parsed, Bad) and parsed.code == code


def test_an_error_never_repeats_what_was_sent() -> None:
    parsed = parse(json.dumps({"t": "send", "c": ID, "nonce": "n", "body": 5, "warnings": "my secret"}))
    assert isinstance(parsed, Bad) and "secret" not in parsed.say


def test_a_malformed_id_names_nothing() -> None:
    assert parse('{"t":"join","c":"not-an-id","nonce":"n"}') == Nowhere("n", "not-an-id")
    assert parse('{"t":"withdraw","id":"x"}') == Nowhere(echo(None), echo(None))


def test_optional_fields_are_absent_and_required_nulls_are_there() -> None:
    id = MessageId(new_id())
    ack = json.loads(next(payloads(encode(Ack(id, None, "hold", False, "n")))))
    assert ack == {"t": "ack", "id": str(id), "seq": None, "outcome": "hold", "masked": False, "nonce": "n"}
    nack = json.loads(next(payloads(encode(Nack("too_fast", "Wait.", "n", retry_after=0.5)))))
    assert nack == {"t": "nack", "code": "too_fast", "say": "Wait.", "nonce": "n", "retry_after": 0.5}
    assert json.loads(next(payloads(encode(Pong())))) == {"t": "pong"}
    c = ConversationId(new_id())
    joined = json.loads(next(payloads(encode(Joined(c, 0, "e")))))
    assert joined == {"t": "joined", "c": str(c), "seq": 0, "epoch": "e"}


@given(st.lists(st.text(max_size=300), max_size=6))
def test_frames_give_back_their_payloads_in_order(texts: list[str]) -> None:
    frames = b"".join(text_frame(msgspec.json.encode(text)) for text in texts)
    assert [json.loads(payload) for payload in payloads(frames)] == texts


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 200_000])
def test_a_frame_is_what_a_websocket_client_reads(size: int) -> None:
    from websockets.frames import Frame, Opcode
    from websockets.streams import StreamReader

    stream = StreamReader()
    stream.feed_data(text_frame(b"x" * size))
    parser = Frame.parse(stream.read_exact, mask=False)
    try:
        next(parser)
    except StopIteration as done:
        frame = done.value
    assert (frame.opcode, frame.fin, len(frame.data)) == (Opcode.TEXT, True, size)
