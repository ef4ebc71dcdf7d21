"""Passwords: what a stored one looks like, and that nobody learns which handles there are."""

from __future__ import annotations

import subprocess
import sys

from community.passwords import Passwords


def test_in_service_a_password_costs_what_owasp_asks() -> None:
    """In a process of its own, since in this one hashes are cheap (tests/conftest.py)."""
    said = "import asyncio; from community.passwords import Passwords; print(asyncio.run(Passwords().hash('x' * 10)))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_password_opens_what_it_closed_and_nothing_else() -> None:
    passwords = Passwords()
    stored = await passwords.hash("a quiet river")
    assert stored != await passwords.hash("a quiet river"), "salted"
    assert await passwords.matches(stored, "a quiet river")
    assert not await passwords.matches(stored, "a quiet rivers")
    assert not await passwords.matches("no hash at all", "a quiet river")
    assert not await passwords.matches(None, "nobody has this password")
    passwords.close()
