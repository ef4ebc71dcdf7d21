"""From rows to values: columns in the order of the type's fields, as the SQL beside it lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

T = TypeVar("T")


def one(kind: type[T], row: Any) -> T | None:
    """`row` as a value of `kind`; None stays None."""
    return None if row is None else kind(*tuple(row))


def many(kind: type[T], rows: Iterable[Any]) -> list[T]:
    """Each row as a value of `kind`."""
    return [kind(*tuple(row)) for row in rows]
