"""What a form sent, parsed at the edge: urlencoded, of bounded size, valid text or refused.

Browsers send line breaks as CR LF; people write lines. They become LF here, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl

from starlette.requests import Request

from community.errors import BadRequest
from community.web.calls import read_body

FORM_BYTES_MAX = 256 * 1024
FIELDS_MAX = 200
SECRET_FIELDS = frozenset({"csrf", "password", "password_again", "new_password", "old_password", "code"})


class Form:
    """Names and values, in the order sent. An absent field reads as an empty text."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)

    def get(self, name: str, default: str = "") -> str:
        """The first value, trimmed at both ends; `default` when the field wasn't sent."""
        return next((value.strip() for key, value in self._pairs if key == name), default)

    def exact(self, name: str) -> str:
        """The first value just as typed: for passwords."""
        return next((value for key, value in self._pairs if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may come several times (check boxes)."""
        return tuple(value for key, value in self._pairs if key == name)

    def has(self, name: str) -> bool:
        """Whether the field was sent at all; a ticked check box is, an unticked one is not."""
        return any(key == name for key, _ in self._pairs)

    def words(self) -> Iterator[str]:
        """What the person wrote at length, to hand it back when their form can't be shown again."""
        for key, value in self._pairs:
            if key not in SECRET_FIELDS and len(value.strip()) > 30:
                yield value


async def read_form(request: Request) -> Form:
    """The form of an unsafe request. Raises TooLarge, and BadRequest for what no form of ours sends."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await read_body(request, FORM_BYTES_MAX)
    if raw and kind != "application/x-www-form-urlencoded":
        raise BadRequest("We couldn't read that form.", code="not_a_form")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"
        )
    except ValueError:  # also UnicodeDecodeError, and too many fields
        raise BadRequest("We couldn't read that form.", code="not_a_form") from None
    if any("\0" in key or "\0" in value for key, value in pairs):
        raise BadRequest("We couldn't read that form.", code="not_a_form")
    return Form([(key, value.replace("\r\n", "\n").replace("\r", "\n")) for key, value in pairs])
