"""Web push: the RFC's own example, tokens that verify, and no way to an inner address."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from community.asking import NoAnswer, ask, is_public
from community.notices.webpush import BadEndpoint, Vapid, check_endpoint, check_keys, encrypt

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_example_of_rfc_8291_comes_out_byte_for_byte() -> None:
    """RFC 8291, 5 and appendix A."""
    private = int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        raw("BTBZMqHH6r4Tts7J_aSIgg"),
        key=ec.derive_private_key(private, ec.SECP256R1()),
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert body == raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_push_service_can_verify_who_nudges() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    header = Vapid(key, "https://kith.example").header("https://push.example/send/abc", NOW)
    token, _, public = header.removeprefix("vapid t=").partition(", k=")
    said, _, signature = token.rpartition(".")
    claims = json.loads(raw(said.partition(".")[2]))
    assert claims == {
        "aud": "https://push.example",
        "exp": int(NOW.timestamp()) + 43200,
        "sub": "https://kith.example",
    }
    both = raw(signature)
    r, s = (int.from_bytes(part, "big") for part in (both[:32], both[32:]))
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(public))
    theirs.verify(encode_dss_signature(r, s), said.encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest",
        "https://localhost/x",
        "https://db.internal/x",
        "https://printer.local/x",
        "https://push.example:8443/x",
        "https://me:secret@push.example/x",
        "https://push.example/" + "x" * 1000,
        "https://push.example/a b",
        "https://[::1",
        "",
    ],
)
def test_a_place_that_is_no_public_push_service_is_refused(endpoint: str) -> None:
    with pytest.raises(BadEndpoint):
        check_endpoint(endpoint)


def test_a_push_service_of_the_web_is_taken_and_loopback_only_for_tests() -> None:
    check_endpoint("https://updates.push.services.example/wpush/v2/gAAA")
    check_endpoint("http://127.0.0.1:9000/x", loopback=True)
    with pytest.raises(BadEndpoint):
        check_endpoint("http://10.0.0.1:9000/x", loopback=True)


INNER = (
    *("127.0.0.1", "10.0.0.1", "::1", "fe80::1%eth0", "::ffff:192.168.0.1", "64:ff9b::a00:1"),
    *("2002:a00:1::", "224.0.0.1", "100.64.0.1", "0.0.0.0", "x"),
)


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


async def test_a_name_that_leads_inside_is_not_asked() -> None:
    """The look-up decides, not the spelling: whatever answers, nothing was sent to it."""
    with pytest.raises(NoAnswer, match="not_public"):
        await ask("POST", "https://localhost/x", public_only=True)


@pytest.mark.parametrize(("key", "auth"), [(b"", b"x" * 16), (b"\x04" + b"\0" * 64, b"x" * 16)])
def test_keys_that_are_none_are_refused(key: bytes, auth: bytes) -> None:
    with pytest.raises(BadEndpoint):
        check_keys(key, auth)


def test_a_browsers_keys_are_taken_and_a_short_secret_is_not() -> None:
    key = raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    check_keys(key, raw("BTBZMqHH6r4Tts7J_aSIgg"))
    with pytest.raises(BadEndpoint):
        check_keys(key, b"short")
