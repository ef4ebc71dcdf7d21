"""Reads the settings: config.toml, then `KITH_…` variables. Whoever mistypes hears file, key and remedy.

A key is a dotted path (`limits.send_burst`), its variable the same in capitals (`KITH_LIMITS_SEND_BURST`).
Secrets may stand in the environment, in a file that a `…_FILE` variable names, or in the config file,
and files with secrets must be closed to others (mode 0600).
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import inspect

from moderation.oncall.hours import BadHours, parse
from server import private
from server.settings import Settings

PREFIX: Final = "KITH_"
RESERVED: Final = ("KITH_DATA", "KITH_CONFIG", "KITH_NO_OPINION")
"""Where to look, not what to set; read by the command line."""


class ConfigError(Exception):
    """A setting that can't be used. The message names where it stands, the key, and the remedy."""


class Key(msgspec.Struct, frozen=True):
    """One thing that may be set."""

    path: str
    type: Any  # msgspec's description of it
    secret: str  # "", "all", or "url": only if the address holds a password

    @property
    def variable(self) -> str:
        return PREFIX + self.path.replace(".", "_").upper()


def load(config: Path | None, data: Path, env: Mapping[str, str]) -> Settings:
    """All settings. Without `config`, DATA/config.toml is read if it is there. Raises ConfigError."""
    source = config if config is not None else data / "config.toml"
    tree = _read_file(source, required=config is not None)
    _refuse_unknown(tree, source)
    for key in keys():
        value = _lookup(tree, key.path)
        if value is not None and _is_secret(key, value):
            _refuse_open(source, key)
    where = {key.path: str(source) for key in keys()}
    for key, value, variable in _from_environment(env):
        _put(tree, key.path, value)
        where[key.path] = variable
    settings = _convert(tree, where)
    _check(settings, where)
    return settings


def keys() -> Iterator[Key]:
    """Every key, in the order of the sections."""
    yield from _keys_of(inspect.type_info(Settings), "")


def _keys_of(info: Any, prefix: str) -> Iterator[Key]:
    assert isinstance(info, inspect.StructType)
    for part in info.fields:
        path, kind, secret = prefix + part.name, part.type, ""
        if isinstance(kind, inspect.Metadata):
            secret = {True: "all", "url": "url"}.get((kind.extra or {}).get("secret"), "")
            kind = kind.type
        if isinstance(kind, inspect.StructType):
            yield from _keys_of(kind, path + ".")
        else:
            yield Key(path, kind, secret)


def _read_file(source: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise ConfigError(f"{source}: there is no such file; config.example.toml is a start") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{source}: can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: this is not TOML: {error}") from error


def _refuse_unknown(tree: Mapping[str, Any], source: Path) -> None:
    known = {key.path for key in keys()}
    sections = {path.rpartition(".")[0] for path in known}
    for path, value in _walk(tree, ""):
        if path in known or (isinstance(value, dict) and path in sections):
            continue
        if path in sections:
            raise ConfigError(f"{source}: {path}: this is a section: write [{path}] and its keys below it")
        near = _nearest(path, known | sections)
        raise ConfigError(f"{source}: {path}: there is no such key{near} config.example.toml lists them all")


def _walk(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        yield prefix + name, value
        if isinstance(value, dict) and any(key.path.startswith(f"{prefix}{name}.") for key in keys()):
            yield from _walk(value, f"{prefix}{name}.")


def _nearest(given: str, known: set[str]) -> str:
    """A hint: a key of that name in another section, or the one most like it."""
    same_name = [path for path in sorted(known) if path.rpartition(".")[2] == given.rpartition(".")[2]]
    near = same_name or difflib.get_close_matches(given, sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ";"


def _from_environment(env: Mapping[str, str]) -> Iterator[tuple[Key, Any, str]]:
    by_variable = {key.variable: key for key in keys()}
    for variable, text in sorted(env.items()):
        if not variable.startswith(PREFIX) or variable in RESERVED:
            continue
        named = variable.removesuffix("_FILE")
        if variable in by_variable:
            yield by_variable[variable], _parse(by_variable[variable], text, variable), variable
        elif named in by_variable and by_variable[named].secret:
            yield by_variable[named], _read_secret(Path(text), variable), variable
        else:
            near = difflib.get_close_matches(variable, sorted(by_variable), n=1, cutoff=0.7)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{variable}: there is no such setting{hint}")


def _parse(key: Key, text: str, variable: str) -> Any:
    """A variable's text as the value it stands for; lists are separated by commas."""
    if isinstance(key.type, inspect.VarTupleType):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return [_number(part) for part in parts] if _holds_numbers(key.type.item_type) else parts
    if isinstance(key.type, inspect.BoolType):
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    return _number(text) if _holds_numbers(key.type) else text


def _holds_numbers(kind: Any) -> bool:
    return isinstance(kind, inspect.IntType | inspect.FloatType)


def _number(text: str) -> int | float | str:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text  # msgspec says what was expected


def _read_secret(path: Path, variable: str) -> str:
    try:
        return private.read(path).decode().strip()
    except private.TooOpen as error:
        raise ConfigError(f"{variable}: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{variable}: {path} can't be read: {error}") from error


def _is_secret(key: Key, value: Any) -> bool:
    if key.secret == "url":  # noqa: S105 - a kind, not a password
        return urlsplit(str(value)).password is not None
    return key.secret == "all" and bool(value)  # noqa: S105


def _refuse_open(source: Path, key: Key) -> None:
    try:
        private.read(source)
    except private.TooOpen as error:
        raise ConfigError(f"{source}: {key.path}: a secret; {error}, or set {key.variable}") from error


def _lookup(tree: Mapping[str, Any], path: str) -> Any:
    value: Any = tree
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _put(tree: dict[str, Any], path: str, value: Any) -> None:
    *sections, name = path.split(".")
    for section in sections:
        tree = tree.setdefault(section, {})
    tree[name] = value


def _convert(tree: dict[str, Any], where: Mapping[str, str]) -> Settings:
    _complete(tree)
    try:
        return msgspec.convert(tree, Settings)
    except msgspec.ValidationError as error:
        say, _, at = str(error).partition(" - at `$.")
        path = re.sub(r"\[.*?\]", "", at.rstrip("`"))
        raise ConfigError(f"{where.get(path, 'settings')}: {path}: {say[0].lower()}{say[1:]}") from error


def _complete(tree: dict[str, Any]) -> None:
    """Fill the gaps of a section whose struct has no defaults of its own (a tier's clocks)."""
    defaults = msgspec.to_builtins(Settings())
    for key in keys():
        if key.path.count(".") == 2 and _lookup(tree, key.path) is None:
            _put(tree, key.path, _lookup(defaults, key.path))


def _check(settings: Settings, where: Mapping[str, str]) -> None:
    """What types can't say."""

    def need(ok: bool, path: str, say: str) -> None:
        if not ok:
            raise ConfigError(f"{where[path]}: {path}: {say}")

    url = settings.database.url
    need(
        not url or urlsplit(url).scheme in ("postgresql", "postgres"),
        "database.url",
        "expected postgresql://user:password@host/database",
    )
    need(
        not settings.redis.url or urlsplit(settings.redis.url).scheme in ("redis", "rediss", "unix"),
        "redis.url",
        "expected redis://host:6379/0, rediss:// or unix://",
    )
    for origin in (*settings.server.origins, *filter(None, [settings.server.public_url])):
        parts = urlsplit(origin)
        path = "server.public_url" if origin == settings.server.public_url else "server.origins"
        need(
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/"),
            path,
            f"expected https://name without a path, got {origin!r}",
        )
    for proxy in settings.server.trusted_proxies:
        need(_is_network(proxy), "server.trusted_proxies", f"expected addresses or networks, got {proxy!r}")
    need(_is_zone(settings.care.time_zone), "care.time_zone", "expected an IANA name such as Europe/Berlin")
    for window in settings.care.reading_hours:
        need(_is_window(window), "care.reading_hours", f'expected "mon-fri 18:00-22:00", got {window!r}')
    need(
        not settings.mail.host or "@" in settings.mail.sender,
        "mail.sender",
        "mail.host is set, so this must be the address that mail comes from",
    )


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_window(text: str) -> bool:
    try:
        parse([text], "UTC")
    except BadHours:
        return False
    return True


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
