"""Every setting there is, with its default: what a config file, the environment and the command line may say.

Parsed once into frozen structs; a value that exists is valid. config.example.toml documents each key and
a test holds both against each other. Reading files and the environment is server/config.py's.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Count = Annotated[int, Meta(ge=1)]
Rate = Annotated[float, Meta(gt=0)]
Minutes = Annotated[float, Meta(gt=0)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Secret = Annotated[str, Meta(extra={"secret": True})]
"""Only from the environment, or from a file that others can't read."""
SecretUrl = Annotated[str, Meta(extra={"secret": "url"})]
"""An address that may hold a password; a secret if it does."""


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    """Where it listens and whom it believes."""

    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Count = 1
    public_url: str = ""
    origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    metrics_token: Secret = ""
    drain_seconds: Annotated[float, Meta(ge=0)] = 8.0
    development: bool = False


class DatabaseSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Empty url: the embedded Postgres below the data directory."""

    url: SecretUrl = ""
    pool_max: Count = 10


class Redis(Struct, frozen=True, forbid_unknown_fields=True):
    """Empty url: one process, rings stay inside it."""

    url: SecretUrl = ""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """protocol.md, Limits. `scale` multiplies every rate and count here, not sizes or times.

    What clients rely on to the letter (heartbeat, outlet, replay) is not here: it stands in chat/.
    """

    scale: Rate = 1.0
    send_per_second: Rate = 1.0
    send_burst: Count = 10
    send_per_minute: Rate = 60.0
    room_per_second: Rate = 20.0
    care_per_minute: Rate = 10.0
    sockets_per_account: Count = 8
    sockets_per_address_signed_out: Count = 20
    sockets_per_address: Count = 200
    sign_in_failures: Count = 5
    sign_in_window_minutes: Minutes = 15.0
    body_chars: Annotated[int, Meta(ge=1, le=8000)] = 8000
    frame_kib: Annotated[int, Meta(ge=32, le=128)] = 128


class Groups(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may found a group, and how long a deleted one could still be brought back by an operator."""

    founders: Literal["members", "operators"] = "members"
    purge_days: Count = 30


class TierClocks(Struct, frozen=True, forbid_unknown_fields=True):
    """Internal targets for one tier: never promises to a member."""

    acknowledge_minutes: Minutes
    words_minutes: Minutes
    again_minutes: Minutes
    next_person_minutes: Minutes


def _clocks(acknowledge: float, words: float, again: float, next_person: float) -> TierClocks:
    return field(default_factory=lambda: TierClocks(acknowledge, words, again, next_person))


class Care(Struct, frozen=True, forbid_unknown_fields=True):
    """care.md's clocks and thresholds: starting values, to be changed by the people who keep them."""

    small_team: Literal["auto", "yes", "no"] = "auto"
    small_team_people: Count = 6
    reading_hours: tuple[str, ...] = ("mon-sun 09:00-21:00",)
    time_zone: str = "UTC"
    crisis: TierClocks = _clocks(5, 15, 5, 10)
    red: TierClocks = _clocks(15, 60, 15, 30)
    amber: TierClocks = _clocks(240, 720, 240, 480)
    green: TierClocks = _clocks(720, 1440, 720, 1440)
    conduct_hours: Minutes = 24.0
    lease_minutes: Minutes = 5.0
    crisis_cases_per_person: Count = 3
    follow_up_hours: Annotated[tuple[Minutes, ...], Meta(min_length=1, max_length=8)] = (24.0, 72.0)
    appeal_days: Count = 28
    appeal_answer_days: Count = 7
    webhook_hosts_inside: Annotated[tuple[str, ...], Meta(max_length=32)] = ()


class Pipeline(Struct, frozen=True, forbid_unknown_fields=True):
    """Empty shadow: no candidate rules are judged beside the live ones."""

    shadow: str = ""


class Mail(Struct, frozen=True, forbid_unknown_fields=True):
    """Empty host: no mail is sent, and `kith check` says which promises that breaks."""

    host: str = ""
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: Secret = ""
    sender: str = ""


class Log(Struct, frozen=True, forbid_unknown_fields=True):
    """One JSON object a line on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that may be set, in the sections of the config file."""

    server: Server = field(default_factory=Server)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    redis: Redis = field(default_factory=Redis)
    limits: Limits = field(default_factory=Limits)
    groups: Groups = field(default_factory=Groups)
    care: Care = field(default_factory=Care)
    pipeline: Pipeline = field(default_factory=Pipeline)
    mail: Mail = field(default_factory=Mail)
    log: Log = field(default_factory=Log)
