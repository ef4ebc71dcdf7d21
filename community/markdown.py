"""Light Markdown to safe HTML: what readers may see goes in, what their pages show comes out.

Two independent locks: the parser makes no raw HTML, no image and no address but http, https and mailto;
the sanitiser then lets through only the few tags that are left. Plain text, most of what people write,
takes a short way that gives exactly what the long one would (tests/community/test_markdown.py).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

HTML_VERSION: Final = 1
"""Stored beside the HTML; raise it when the same words would be rendered differently."""

MARK: Final = "[…]"
"""What stands where words were masked. It is never lost in rendering, whatever surrounds it."""

ON_THE_LOOP_CHARS_MAX: Final = 400
"""Longer texts are rendered in a thread: hostile nesting costs 80 ms at 8,000 characters, 4 ms at 400."""

HEADING: Final = "h4"
INLINE_TAGS: Final = frozenset({"br", "em", "strong", "s", "code", "a"})
BLOCK_TAGS: Final = frozenset({"p", "pre", "blockquote", "ul", "ol", "li", HEADING, "hr"})
ATTRIBUTES: Final[dict[str, set[str]]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
SCHEMES: Final = frozenset({"http", "https", "mailto"})
REL: Final = "nofollow ugc noopener noreferrer"

_cleaner = nh3.Cleaner(
    tags=set(INLINE_TAGS | BLOCK_TAGS),
    attributes=ATTRIBUTES,
    url_schemes=set(SCHEMES),
    url_relative="deny",
    link_rel=REL,
)

# Two threads: rendering holds the interpreter, more of them would only take turns.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="kith-markdown")


async def render(shown: str) -> str:
    """HTML of what readers may see; long texts in a thread, so that the loop never waits for one.

    The caller caps the length (8,000 characters). Never raises for any text.
    """
    if is_plain(shown):
        return plain(shown)
    if len(shown) <= ON_THE_LOOP_CHARS_MAX:
        return full(shown)
    return await asyncio.get_running_loop().run_in_executor(_threads, full, shown)


_SIGNIFICANT = re.compile(
    r"""
    [\\`*_~<]               # escapes, code, emphasis, strike-through, autolinks
    | \[(?!…\](?!\())       # a bracket that isn't our mark, or a mark that looks like a link's text
    | ://                   # a bare address becomes a link
    | [^\S \n]              # spaces and line ends of other kinds, which parser and sanitiser treat apart
    | [\x00-\x09\x0b-\x1f\x7f-\x9f\xa0\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]
    | ^\x20*(?:[#>+-]|\d{1,9}[.)])   # heading, quote, list, rule
    """,
    re.VERBOSE | re.MULTILINE,
)
_BLANK_LINES = re.compile(r"\n(?: *\n)+")
_LINE_END = re.compile(r" *\n *")


def is_plain(text: str) -> bool:
    """Whether nothing in the text means anything to Markdown, so that `plain` is the whole answer."""
    return _SIGNIFICANT.search(text) is None


def plain(text: str) -> str:
    """Paragraphs and line breaks, nothing else."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    paragraphs = (p.strip() for p in _BLANK_LINES.split(escaped))
    return "\n".join(f"<p>{_LINE_END.sub(_BREAK, p)}</p>" for p in paragraphs if p)


_BREAK = "<br>\n"


_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # no page and no feed may hold them


def full(text: str) -> str:
    """The long way, without a thread: parse, render, sanitise, and see that no mark was swallowed."""
    text = _CONTROLS.sub("\ufffd", text.encode("utf-8", "replace").decode("utf-8"))
    html = _cleaner.clean(_parser.render(text)).rstrip("\n")
    if html.count(MARK) != text.count(MARK):  # e.g. `[…](address)`: show the text as it stands
        return _cleaner.clean(plain(text))
    return html


_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s]+\Z", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>\"\[\]`…]+", re.IGNORECASE)
_TRAILING = ".,;:!?'*_~"


class _Light(MarkdownIt):
    """CommonMark that links to the web and to mail only, and shows each address as it was written."""

    def validateLink(self, url: str) -> bool:
        return _ADDRESS.match(url) is not None

    def normalizeLinkText(self, link: str) -> str:
        return link


class _Renderer(RendererHTML):
    """Every heading is an h4, which follows the page's own without a gap, whatever level was written; a
    fence shows its info line, because it is words too."""

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        tokens[idx].tag = HEADING
        return self.renderToken(tokens, idx, options, env)

    heading_close = heading_open

    def fence(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[idx]
        token.content = f"{token.info.strip()}\n{token.content}" if token.info.strip() else token.content
        return self.code_block(tokens, idx, options, env)


def _link_bare_addresses(state: StateCore) -> None:
    """Turn http and https addresses in running text into links, outside of links that are there."""
    for block in state.tokens:
        if block.type != "inline" or not block.children or "://" not in block.content:
            continue
        depth, children = 0, []
        for token in block.children:
            depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            linkable = token.type == "text" and depth == 0
            children += _split(state.md, token) if linkable else [token]
        block.children = children


def _split(md: MarkdownIt, token: Token) -> list[Token]:
    parts: list[Token] = []
    end = 0
    for match in _BARE.finditer(token.content):
        address = _trimmed(match.group())
        href = md.normalizeLink(address)
        if not md.validateLink(href) or address.endswith("//"):
            continue
        parts.append(_text(token.content[end : match.start()]))
        opening = Token("link_open", "a", 1, attrs={"href": href}, markup="linkify")
        parts += [opening, _text(address), Token("link_close", "a", -1, markup="linkify")]
        end = match.start() + len(address)
    return [*parts, _text(token.content[end:])] if parts else [token]


def _trimmed(address: str) -> str:
    """Without the full stop of the sentence around it, and without a bracket that it didn't open."""
    while True:
        shorter = address.rstrip(_TRAILING)
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == address:
            return address
        address = shorter


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _make_parser() -> MarkdownIt:
    """`code` (indented), `lheading` and `reference` would swallow or reshape words by accident."""
    parser = _Light("commonmark", {"html": False, "breaks": True, "xhtmlOut": False}, renderer_cls=_Renderer)
    parser.enable("strikethrough")
    parser.disable(["html_block", "html_inline", "image", "entity", "code", "lheading", "reference"])
    parser.core.ruler.push("bare_addresses", _link_bare_addresses)
    return parser


_parser = _make_parser()
