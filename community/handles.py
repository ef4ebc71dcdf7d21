"""Handles: pseudonyms that others see. Pure rules for what one may be, and a warning when it tells too much.

A warning never refuses: people may know what they do. It is said once, before the name is taken.
"""

from __future__ import annotations

import re
import unicodedata

from community.errors import FieldError, Invalid

HANDLE_CHARS_MIN = 2
HANDLE_CHARS_MAX = 32
_RESERVED = frozenset(
    (
        "admin administrator moderator mod operator root system kith support help staff lead owner null "
        "undefined me deleted erased anonymous everyone here all "
    ).split()
)
_ALLOWED_PUNCTUATION = frozenset("._-")
_BIRTH_YEAR = re.compile(r"(?<!\d)(19[3-9]\d|20[01]\d)(?!\d)")
_FIRST_NAMES = frozenset(
    (
        "james john robert michael david william richard thomas mark paul steven andrew kenneth george "
        "kevin brian edward peter simon stephen matthew daniel christopher anthony mary patricia "
        "jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa margaret sandra ashley "
        "emily donna michelle carol amanda melissa deborah stephanie rebecca laura helen sharon cynthia "
        "amy angela anna emma olivia sophie charlotte lucy hannah rachel claire jane ali mohammed "
        "muhammad ahmed fatima aisha maria jose juan carlos ana luis pierre marie jean hans klaus petra "
        "giulia marco "
    ).split()
)


def folded(handle: str) -> str:
    """What makes two handles the same one: compatibility forms, case and accents folded away."""
    wide = unicodedata.normalize("NFKD", handle).casefold()
    return "".join(c for c in wide if not unicodedata.combining(c))


def check(handle: str) -> str:
    """The handle as it will be shown. Raises Invalid with one sentence that says what to mend."""
    name = unicodedata.normalize("NFC", handle.strip())
    if not HANDLE_CHARS_MIN <= len(name) <= HANDLE_CHARS_MAX:
        raise _no(f"A name has {HANDLE_CHARS_MIN} to {HANDLE_CHARS_MAX} characters.")
    if not all(c.isalnum() or c in _ALLOWED_PUNCTUATION for c in name):
        raise _no("A name can have letters, digits, dots, dashes and underscores.")
    if not any(c.isalnum() for c in name):
        raise _no("A name needs at least one letter or digit.")
    if folded(name) in _RESERVED:
        raise _no("This name is kept for the people who run the place. Please choose another.")
    return name


def spoken(handle: str) -> str:
    """The handle as a reader hears it, words apart: "KillMe_tonight" says "Kill Me tonight"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", handle)
    return " ".join(w for w in re.split(r"[._\-\s]+", apart) if w)


def warnings(handle: str) -> tuple[str, ...]:
    """Sentences for a person whose handle may say who they are; empty when nothing stands out."""
    said = []
    name = handle.strip()
    if "@" in name or re.search(r"\w\.(com|org|net|co|uk|de|fr)$", name, re.IGNORECASE):
        said.append("This looks like an e-mail address. Others will see it; a made-up name is safer.")
    if _BIRTH_YEAR.search(name):
        said.append("This looks like it has your year of birth in it. Numbers that mean nothing are safer.")
    if _looks_like_a_real_name(name):
        said.append(
            "This looks like a real name. Here most people use a made-up one, so nobody can find them."
        )
    return tuple(said)


def _looks_like_a_real_name(name: str) -> bool:
    """A known first name followed by another word: "sarah.jones", "SarahJones", "sarah_j"."""
    words = [w for w in re.split(r"[._\-\d]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)) if w]
    return len(words) >= 2 and folded(words[0]) in _FIRST_NAMES


def _no(say: str) -> Invalid:
    return Invalid(say, code="bad_handle", fields=(FieldError("handle", say),))
