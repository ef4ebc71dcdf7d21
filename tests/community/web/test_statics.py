"""Static files: named by content, cached for a year, and found again after a new release."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from community.web.statics import Statics


def client(statics: Statics) -> httpx2.AsyncClient:
    app = Starlette(routes=statics.routes())
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://kith.test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.css").write_text("body { color: red; }\n" * 50)
    (tmp_path / "notes.txt").write_text("not for the world")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "part.js").write_text("export const part = 1;\n")
    (tmp_path / "more.css").write_text("p { margin: 0; }\n")
    return tmp_path


async def test_a_file_is_served_for_a_year_under_its_content(folder: Path) -> None:
    statics = Statics({"here": folder})
    url = statics.url("here/page.css")
    answer = await client(statics).get(url)
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip" and answer.text.startswith("body")
    (folder / "page.css").write_text("body { color: blue; }")
    assert Statics({"here": folder}).url("here/page.css") != url


async def test_packed_and_plain_are_the_same_bytes(folder: Path) -> None:
    http = client(Statics({"here": folder}))
    plain = await http.get("/static/here/page.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    async with http.stream("GET", "/static/here/page.css") as packed:
        raw = b"".join([chunk async for chunk in packed.aiter_raw()])
    assert gzip.decompress(raw) == plain.content


async def test_a_link_of_another_release_still_finds_the_file_but_is_not_kept(folder: Path) -> None:
    http = client(Statics({"here": folder}))
    answer = await http.get("/static/0123456789ab/here/deep/part.js")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "public, no-cache"
    again = await http.get("/static/here/deep/part.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304 and again.content == b""


@pytest.mark.parametrize(
    "path",
    ["here/../here/page.css", "here/%2e%2e/secret", "here/notes.txt", "here/", "nowhere.css", "/etc/passwd"],
)
async def test_nothing_but_known_files_is_served(folder: Path, path: str) -> None:
    answer = await client(Statics({"here": folder})).get(f"/static/{path}")
    assert answer.status_code == 404 or path.startswith("here/../")


def test_a_template_that_names_no_file_fails_at_once(folder: Path) -> None:
    with pytest.raises(LookupError):
        Statics({"here": folder}).url("here/typo.css")


async def test_a_bundle_is_one_file_for_a_year(folder: Path) -> None:
    statics = Statics({"here": folder})
    url = statics.bundle("here/more.css  here/page.css")
    assert url.endswith("/all/here/more.css+here/page.css")
    answer = await client(statics).get(url)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text.startswith("p {") and "body {" in answer.text


async def test_a_process_answers_for_bundles_of_pages_that_another_one_wrote(folder: Path) -> None:
    url = Statics({"here": folder}).bundle("here/deep/part.js")
    statics = Statics({"here": folder})
    answer = await client(statics).get(url)
    assert answer.status_code == 200 and "part = 1" in answer.text
    other = url.replace(statics.version, "0123456789ab")
    assert (await client(statics).get(other)).headers["cache-control"] == "public, no-cache"


@pytest.mark.parametrize(
    "names",
    [
        "here/page.css+here/page.css",
        "here/page.css+here/deep/part.js",
        "here/notes.txt",
        "here/page.css+",
        "here/page.css+nowhere.css",
        "",
    ],
)
async def test_bundles_hold_known_files_of_one_kind_once(folder: Path, names: str) -> None:
    statics = Statics({"here": folder})
    assert (await client(statics).get(f"/static/{statics.version}/all/{names}")).status_code == 404
    with pytest.raises(LookupError):
        statics.bundle(names.replace("+", " ") + " here/typo.css")


async def test_modules_that_every_page_runs_are_not_carried_twice(tmp_path: Path) -> None:
    (tmp_path / "kith.js").write_text('import "./times.js";\n')
    (tmp_path / "times.js").write_text("export const words = 1;\n")
    (tmp_path / "page.js").write_text('import { words } from "./times.js";\nconsole.log(words);\n')
    statics = Statics({"community": tmp_path})
    base = statics.bundle("community/kith.js")
    page = await client(statics).get(statics.bundle("community/page.js"))
    assert f'import {{ community_times_js }} from "{base}";' in page.text
    assert "export const words" not in page.text and "words = 1" not in page.text
