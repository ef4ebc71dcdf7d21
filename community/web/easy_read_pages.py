"""Pages of a group's guidelines in Easy Read: for readers, for the printer, and the owner's plain form.

The form grows, is sorted and looked at by buttons that send it without keeping anything, so that all of it
works without scripts; only Save keeps it.
"""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from community.easy_read import (
    LINE_CHARS_MAX,
    LINES_MAX,
    WORD_CHARS_MAX,
    WORDS_MAX,
    EasyRead,
    HardWord,
    Line,
    checked,
    laid_out,
    long_lines,
    pictures,
)
from community.easy_reads import Desk, EasyReads
from community.errors import Invalid
from community.web.forms import Form
from community.web.groups_pages import actor_of, required_actor
from community.web.pages import Page
from community.web.visit import Visit
from community.web.words import _

ROOM_FOR_MORE = 3
"""Empty lines at the end of the form."""


class EasyReadPages:
    def __init__(self, easy_reads: EasyReads) -> None:
        self._easy_reads = easy_reads

    def pages(self) -> list[Page]:
        edit = "/groups/{slug}/easy-read/edit"
        return [
            Page("GET", "/groups/{slug}/easy-read", self.read, signed_in=False),
            Page("GET", edit, self.form),
            Page("POST", edit, self.change, again=self.form),
        ]

    async def read(self, visit: Visit) -> Response:
        code = visit.query.get("code", "")
        seen, edition = await self._easy_reads.read(actor_of(visit), visit.path["slug"], code=code)
        return visit.render(
            "easy_read.html",
            group=seen.group,
            shown=laid_out(edition.easy),
            edition=edition,
            is_old=edition.guidelines_version != seen.group.guidelines_version,
            back=f"/groups/{seen.group.slug}{f'/join?code={code}' if code else ''}#guidelines",
        )

    async def form(self, visit: Visit) -> Response:
        """The newest edition, or what was sent where that couldn't be kept."""
        desk = await self._easy_reads.desk(required_actor(visit), visit.path["slug"])
        if visit.problem is not None and visit.values.has("text-0"):
            desk = replace(desk, easy=_raw(visit.values))
        return self._form(visit, desk)

    async def change(self, visit: Visit) -> Response:
        """Look at it, make room, move a line, or keep it."""
        form, actor, slug = await visit.form(), required_actor(visit), visit.path["slug"]
        then = form.get("then")
        if then == "save":
            try:
                easy = replace(_checked(form), is_offered=form.get("is_offered") == "yes")
            except Invalid as why:
                raise await self._easy_reads.heard(actor, _raw(form), why) from None
            await self._easy_reads.write(actor, slug, easy, after=_whole(form.get("edition")))
            say = (
                _("Saved. People find it beside the guidelines.")
                if easy.is_offered
                else _("Saved as a draft.")
            )
            return visit.redirect(f"/groups/{slug}/easy-read/edit", say=say)
        desk = await self._easy_reads.desk(actor, slug)
        easy = _moved(_raw(form), then)
        desk = replace(desk, easy=easy, edition=_whole(form.get("edition")))
        return self._form(visit, desk, room=ROOM_FOR_MORE * 2 if then == "more" else ROOM_FOR_MORE)

    def _form(self, visit: Visit, desk: Desk, *, room: int = ROOM_FOR_MORE) -> Response:
        easy = desk.easy
        rows = [*easy.lines, *[Line("good", "")] * min(room, max(0, LINES_MAX - len(easy.lines)))]
        words = [*easy.words, *[HardWord("", "")] * min(2, max(0, WORDS_MAX - len(easy.words)))]
        return visit.render(
            "easy_read_edit.html",
            group=desk.seen.group,
            desk=desk,
            rows=rows,
            words=words,
            pictures=pictures(),
            shown=laid_out(easy),
            long_lines=long_lines(easy),
            limits=(LINE_CHARS_MAX, WORD_CHARS_MAX),
        )


def _pairs(form: Form, first: str, second: str, most: int) -> list[tuple[str, str]]:
    found = []
    for n in range(most * 2):
        if not form.has(f"{second}-{n}"):
            break
        found.append((form.get(f"{first}-{n}"), form.get(f"{second}-{n}")))
    return found


def _checked(form: Form) -> EasyRead:
    return checked(_pairs(form, "picture", "text", LINES_MAX), _pairs(form, "word", "means", WORDS_MAX))


def _raw(form: Form) -> EasyRead:
    """As sent, whatever it is: to be shown again."""
    known = {name for name, _words in pictures()}
    lines = _pairs(form, "picture", "text", LINES_MAX)
    words = _pairs(form, "word", "means", WORDS_MAX)
    return EasyRead(
        tuple(Line(picture if picture in known else "good", text) for picture, text in lines if text),
        tuple(HardWord(word, means) for word, means in words if word or means),
        is_offered=form.get("is_offered") == "yes",
    )


def _moved(easy: EasyRead, then: str) -> EasyRead:
    """With one line a place higher, where that is what was pressed."""
    verb, _sep, place = then.partition("-")
    at = _whole(place)
    if verb != "up" or not 0 < at < len(easy.lines):
        return easy
    lines = list(easy.lines)
    lines[at - 1], lines[at] = lines[at], lines[at - 1]
    return replace(easy, lines=tuple(lines))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
