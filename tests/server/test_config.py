"""Settings: defaults, files, environment, and what a person hears who mistyped."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from server.config import PREFIX, ConfigError, keys, load
from server.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def write(folder: Path, text: str, mode: int = 0o644) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert load(None, tmp_path, {}) == Settings()


def test_the_data_directorys_own_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, "[server]\nport = 9000\n")
    assert load(None, tmp_path, {}).server.port == 9000


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "[server]\nport = 9000\nhost = '::1'\n[care.crisis]\nwords_minutes = 10\n")
    env = {
        "KITH_SERVER_PORT": "9001",
        "KITH_SERVER_ORIGINS": "https://a.example, https://b.example",
        "KITH_LIMITS_SCALE": "2.5",
        "KITH_SERVER_DEVELOPMENT": "True",
        "KITH_CARE_CRISIS_ACKNOWLEDGE_MINUTES": "3",
        "KITH_CARE_FOLLOW_UP_HOURS": "12, 36.5",
        "KITH_DATA": "/elsewhere",
        "HOME": "/root",
    }
    settings = load(path, tmp_path, env)
    assert (settings.server.host, settings.server.port) == ("::1", 9001)
    assert settings.server.origins == ("https://a.example", "https://b.example")
    assert settings.limits.scale == 2.5 and settings.server.development is True
    assert settings.care.crisis.acknowledge_minutes == 3
    assert settings.care.crisis.words_minutes == 10
    assert settings.care.crisis.again_minutes == 5
    assert settings.care.follow_up_hours == (12, 36.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[server]\nprot = 1\n",
            r"config\.toml: server\.prot: there is no such key; did you mean server\.port\?",
        ),
        ("[limts]\nscale = 1\n", r"limts: there is no such key; did you mean limits"),
        ("scale = 1\n", r"config\.toml: scale: there is no such key; did you mean limits\.scale\?"),
        ("[care.crisis]\nword_minutes = 1\n", r"did you mean care\.crisis\.words_minutes\?"),
        ("[server]\nport = 'http'\n", r"config\.toml: server\.port: expected `int`, got `str`"),
        ("[server]\nport = 70000\n", r"config\.toml: server\.port: expected `int` <= 65535"),
        ("[server]\norigins = [1]\n", r"config\.toml: server\.origins: expected `str`, got `int`"),
        ("[limits]\nscale = 0\n", r"limits\.scale: expected `float` > 0"),
        ("[groups]\nfounders = 'cats'\n", r"groups\.founders: invalid enum value 'cats'"),
        ("server = 5\n", r"server: this is a section: write \[server\]"),
        ("[server\n", r"config\.toml: this is not TOML.*line 1"),
        ("[server]\npublic_url = 'example.org'\n", r"server\.public_url: expected https://name"),
        ("[server]\norigins = ['https://a.example/x']\n", r"server\.origins: expected https://name"),
        ("[server]\ntrusted_proxies = ['proxy']\n", r"server\.trusted_proxies: expected addresses"),
        ("[database]\nurl = 'mysql://x'\n", r"database\.url: expected postgresql://"),
        ("[redis]\nurl = 'localhost:6379'\n", r"redis\.url: expected redis://"),
        ("[care]\ntime_zone = 'Mars/Base'\n", r"care\.time_zone: expected an IANA name"),
        ("[mail]\nhost = 'mx'\n", r"mail\.sender: mail\.host is set"),
    ],
)
def test_a_mistake_names_file_key_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load(write(tmp_path, text), tmp_path, {})


@pytest.mark.parametrize(
    ("env", "said"),
    [
        (
            {"KITH_SERVER_PROT": "1"},
            r"KITH_SERVER_PROT: there is no such setting; did you mean KITH_SERVER_PORT",
        ),
        ({"KITH_SERVER_PORT": "many"}, r"KITH_SERVER_PORT: server\.port: expected `int`, got `str`"),
        ({"KITH_SERVER_PORT_FILE": "/x"}, r"KITH_SERVER_PORT_FILE: there is no such setting"),
        ({"KITH_CARE_TIME_ZONE": "../etc"}, r"KITH_CARE_TIME_ZONE: care\.time_zone"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    tmp_path: Path, env: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load(None, tmp_path, env)


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "nowhere.toml", tmp_path, {})


@pytest.mark.parametrize(
    "text",
    [
        "[mail]\npassword = 'hush'\n",
        "[database]\nurl = 'postgresql://kith:hush@db/kith'\n",
        "[redis]\nurl = 'redis://:hush@cache/0'\n",
        "[server]\nmetrics_token = 'hush'\n",
    ],
)
def test_a_secret_in_a_file_that_others_can_read_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"a secret; .*chmod 600 .*, or set KITH_") as caught:
        load(write(tmp_path, text), tmp_path, {})
    assert "hush" not in str(caught.value)
    load(write(tmp_path, text, mode=0o600), tmp_path, {})


def test_an_address_without_a_password_is_no_secret(tmp_path: Path) -> None:
    text = "[database]\nurl = 'postgresql://kith@db/kith'\n"
    assert load(write(tmp_path, text), tmp_path, {}).database.url == "postgresql://kith@db/kith"


def test_a_secret_may_come_from_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "mail"
    secret.write_text("hush\n")
    secret.chmod(0o600)
    env = {"KITH_MAIL_PASSWORD_FILE": str(secret)}
    assert load(None, tmp_path, env).mail.password == "hush"
    secret.chmod(0o640)
    with pytest.raises(ConfigError, match=r"KITH_MAIL_PASSWORD_FILE: .*chmod 600"):
        load(None, tmp_path, env)
    with pytest.raises(ConfigError, match=r"KITH_MAIL_PASSWORD_FILE: .*can't be read"):
        load(None, tmp_path, {"KITH_MAIL_PASSWORD_FILE": str(tmp_path / "none")})


def test_the_example_documents_every_key_with_its_default(tmp_path: Path) -> None:
    taken_over = re.sub(r"^# (?=[a-z_]+ = )", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    tree = tomllib.loads(taken_over)
    for key in keys():
        value = tree
        for part in key.path.split("."):
            assert part in value, f"config.example.toml says nothing of {key.path}"
            value = value[part]
    assert msgspec.convert(tree, Settings) == Settings()
    assert load(EXAMPLE, tmp_path, {}) == Settings()
    assert load(write(tmp_path, taken_over), tmp_path, {}) == Settings()


def test_every_key_has_a_variable_of_its_own() -> None:
    variables = [key.variable for key in keys()]
    assert len(set(variables)) == len(variables)
    assert all(variable.startswith(PREFIX) for variable in variables)


AWAITED = {
    # Documented and checked already; the parts that will read them are being built.
    *("limits.sockets_per_account", "limits.sockets_per_address_signed_out", "limits.sockets_per_address"),
    *("limits.sign_in_window_minutes", "groups.purge_days"),
}


def test_no_key_is_added_that_nobody_reads() -> None:
    """A setting without effect is a broken promise. The list above may only shrink."""
    sources = [
        path.read_text()
        for package in ("community", "moderation", "chat", "forum", "server")
        for path in (EXAMPLE.parent / package).rglob("*.py")
        if path.parts[-2:] not in (("server", "settings.py"), ("server", "config.py"))
    ]
    code = "\n".join(sources)
    unread = {key.path for key in keys() if not re.search(rf"\.{key.path.rpartition('.')[2]}\b", code)}
    assert unread == AWAITED, (unread - AWAITED, AWAITED - unread)
