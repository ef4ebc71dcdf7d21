"""The keys of pairings, care notes and sealed contacts: one small file in the data directory, mode 0600, in no
backup. Each key has a name of its own, so that keys of a file that was lost and found stand beside those of now.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

import msgspec

from moderation.casework.sealed import KEY_BYTES, Keys, new_key
from server import private

FILE = "care.key"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    current: str
    keys: dict[str, str]


def load(data: Path) -> Keys:
    """The keys, made at the first start. Raises TooOpen when others can read the file. Two processes that start
    at once agree: the file is put in place once, whole."""
    path = data / FILE
    if not path.exists():
        _make(path)
    raw = msgspec.json.decode(private.read(path), type=_File)
    keys = {id: base64.b64decode(key) for id, key in raw.keys.items()}
    assert all(len(key) == KEY_BYTES for key in keys.values()), f"{path} holds a key that isn't whole"
    return Keys(keys, raw.current)


def _make(path: Path) -> None:
    private.make_directory(path.parent)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    name = secrets.token_hex(4)
    with private.open_new(fresh) as file:
        file.write(msgspec.json.encode(_File(name, {name: base64.b64encode(new_key()).decode()})))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # fails where another process was first: theirs is the key
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    private.sync_directory(path.parent)
