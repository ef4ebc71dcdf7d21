"""Light Markdown: what it shows, what it never lets through, and that the short way equals the long one."""

from __future__ import annotations

import re

import bleach
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from community import markdown
from community.markdown import ATTRIBUTES, BLOCK_TAGS, INLINE_TAGS, MARK, REL, SCHEMES, full, is_plain, plain

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](java\\script:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](//evil.example)",
    "[x](/account/delete)",
    "![pixel](https://evil.example/p.png)",
    '<https://a.example/?x="onmouseover=alert(1)>',
    'https://a.example/"onmouseover=alert(1)',
    "[x](https://a.example 'onmouseover=alert(1)')",
    "<svg><style><!--</style><img src=x onerror=alert(1)>",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "[x]: javascript:alert(1)\n\n[x]",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
SCRAPS = st.sampled_from(
    ["[…]", "[", "]", "(", ")", "<", ">", "*", "_", "~~", "`", "```", "\n", "\n\n", "    ", "> ", "- ", "1. ",
     "# ", "\\", "&amp;", "&#106;", "https://a.example/x_y", "javascript:", "mailto:a@b.example", "![", "](",
     "\"", "'", "=", "onerror", "<script>", "</p>", "<a href", "\u00a0", "\u202e", "\x00", "\r", "\t",
     "é", "😀"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(SCRAPS, st.text(max_size=6)), max_size=25).map("".join)


def bleached(html: str) -> str:
    """An independent sanitiser with the same rules, for a second opinion."""
    return bleach.clean(
        html,
        tags=INLINE_TAGS | BLOCK_TAGS,
        attributes={"a": ["href", "rel"], "ol": ["start"]},
        protocols=SCHEMES,
    )


def same_markup(html: str) -> str:
    """bleach writes some entities and void tags another way; what they mean is the same."""
    return html.replace("&nbsp;", "\u00a0").replace("&amp;nbsp;", "\u00a0")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("How do you *sleep* with pain?", "<p>How do you <em>sleep</em> with pain?</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("# Big\n### Small", "<h4>Big</h4>\n<h4>Small</h4>"),
        ("~~gone~~ **here**", "<p><s>gone</s> <strong>here</strong></p>"),
        ("> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        ("fish & chips <3", "<p>fish &amp; chips &lt;3</p>"),
        ("&copy;", "<p>&amp;copy;</p>"),
        ("    four spaces", "<p>four spaces</p>"),
        ("line\n---", "<p>line</p>\n<hr>"),
        ("```sh\nls\n```", "<pre><code>sh\nls\n</code></pre>"),
        ("", ""),
    ],
)
def test_people_get_the_markup_that_they_meant(text: str, html: str) -> None:
    assert full(text) == html


def test_a_bare_address_becomes_a_link_without_the_sentence_around_it() -> None:
    link = f'<a href="https://a.example/b_(c)" rel="{REL}">https://a.example/b_(c)</a>'
    assert full("(see https://a.example/b_(c)).") == f"<p>(see {link}).</p>"


def test_a_link_shows_its_address_as_written_and_not_a_look_alike() -> None:
    assert ">https://xn--80ak6aa92e.com</a>" in full("<https://xn--80ak6aa92e.com>")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markup_is_shown_as_text_or_dropped(text: str) -> None:
    html = full(text)
    assert set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", html)) <= INLINE_TAGS | BLOCK_TAGS
    assert all(
        href.startswith(("https://", "http://", "mailto:")) for href in re.findall(r'href="([^"]*)"', html)
    )
    assert not re.search(r"<[^>]*\son\w+\s*=", html)


@pytest.mark.parametrize(
    "text",
    [
        "took […] and […]",
        "[…](https://a.example)",
        "[a](https://a.example/[…])",
        '[a](https://a.example "[…]")',
        "**[…]**",
        "`[…]`",
        "```[…]\nx\n```",
        "https://[…]/x",
        "> […]",
        "[x][…]",
        "\\[…]",
        "<https://a.example/[…]>",
    ],
)
def test_a_masked_span_stays_visible_whatever_stands_around_it(text: str) -> None:
    assert full(text).count(MARK) == text.count(MARK)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("[…](https://a.example)")
@example("<a\x00b>")
def test_no_text_breaks_rendering_or_loses_a_mark(text: str) -> None:
    html = full(text)
    assert html.count(MARK) == text.count(MARK)
    assert set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", html)) <= INLINE_TAGS | BLOCK_TAGS


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_a_second_sanitiser_finds_nothing_to_change(text: str) -> None:
    html = full(text)
    assert same_markup(bleached(html)) == same_markup(html)


@settings(max_examples=600, deadline=None)
@given(st.one_of(TEXTS, st.text(alphabet="ab .,!?()'\"-+#=|:;&>1234\n…", max_size=60)))
@example(" a \n  b \n   \n c ")
@example("a & b > c")
@example("1.")
def test_the_short_way_gives_exactly_what_the_long_way_gives(text: str) -> None:
    if is_plain(text):
        assert plain(text) == full(text)


def test_most_of_what_people_write_takes_the_short_way() -> None:
    assert is_plain("I slept badly (again!) - it's 4 am, and I'm tired…\n\nTook […] & tea; 2.5 hours > none.")


async def test_a_long_text_is_rendered_in_a_thread_and_comes_out_the_same() -> None:
    text = "*word* " * 1000
    assert await markdown.render(text) == full(text)
    assert await markdown.render("short *word*") == full("short *word*")
    assert await markdown.render("plain") == "<p>plain</p>"


def test_headings_never_outrank_the_page() -> None:
    assert ATTRIBUTES["*"] == set()
    html = full("\n".join("#" * n + " x" for n in range(1, 7)))
    assert set(re.findall(r"<(h\d)", html)) == {"h4"}
