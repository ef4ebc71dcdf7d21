"""The keys of notices: made once, kept, and closed to others."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from server.notice_keys import FILE, load
from server.private import TooOpen


def test_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    first, again = load(tmp_path), load(tmp_path)
    assert first.unsubscribe == again.unsubscribe and len(first.unsubscribe) == 32
    assert first.vapid.private_numbers() == again.vapid.private_numbers()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(TooOpen):
        load(tmp_path)
