"""Style sheets, scripts and icons: read once at the start, named by content, cached for a year.

One hash stands for all files (`/static/<hash>/<package>/<file>`), so that a script of one package can
import `../community/avatar.js` and always gets the one that belongs to it. `/static/<package>/<file>`
answers too, for links that outlive a release, and is checked again each time.

Pages link bundles: `/static/<hash>/all/<package>/<file>+<package>/<file>`, so that any process can answer for a
page that another one wrote.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from community.web.bundles import fold, needed, sheet

MOUNT = "/static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
_YEAR = "public, max-age=31536000, immutable"
_CHECK = "public, no-cache"
_PACKS = frozenset({".css", ".js", ".svg", ".webmanifest"})
_ALL = "all/"
_BASE = "community/kith.js"  # what every page runs: folds of single pages don't carry it again
_BUNDLE_FILES_MAX = 8


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes | None
    kind: str
    tag: str


class Statics:
    """All static files of the house. `folders` maps a package's name to its folder of files."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        assert "all" not in folders, "that is where bundles are"
        self._files: dict[str, _File] = {}
        self._bundles: dict[str, _File] = {}
        whole = hashlib.sha256()
        for package, folder in sorted(folders.items()):
            for path in sorted(p for p in folder.rglob("*") if p.suffix in TYPES):
                name = f"{package}/{path.relative_to(folder).as_posix()}"
                file = _read(path)
                self._files[name] = file
                whole.update(f"{name}\0{file.tag}\0".encode())
        self.version = whole.hexdigest()[:12]
        self._texts = {n: f.content.decode() for n, f in self._files.items() if n.endswith((".css", ".js"))}

    def url(self, name: str) -> str:
        """Where `package/file` is served. A name without a file is a bug, said at once."""
        if name not in self._files:
            raise LookupError(f"no static file {name}")
        return f"{MOUNT}/{self.version}/{name}"

    def bundle(self, names: str) -> str:
        """Where these files, named with spaces between, are served as one."""
        key = _ALL + "+".join(names.split())
        if key not in self._bundles:
            made = self._made(key)
            if made is None:
                raise LookupError(f"no bundle of {names}")
            self._bundles[key] = made
        return f"{MOUNT}/{self.version}/{key}"

    def _made(self, key: str) -> _File | None:
        """Put together, but not kept: whoever asks for bundles of chance fills no memory."""
        names = key.removeprefix(_ALL).split("+")
        kind = Path(names[0]).suffix
        if len(names) > _BUNDLE_FILES_MAX or len(set(names)) < len(names):
            return None
        if kind not in (".css", ".js") or any(n not in self._texts or Path(n).suffix != kind for n in names):
            return None
        if kind == ".css":
            return _file(sheet(names, self._texts).encode(), kind)
        base = [] if names == [_BASE] or _BASE not in self._texts else needed([_BASE], self._texts)
        there = f"{MOUNT}/{self.version}/{_ALL}{_BASE}"
        return _file(fold(names, self._texts, there=there, base=base).encode(), kind)

    def routes(self) -> list[BaseRoute]:
        """The one route for all of them; it also answers `/favicon.ico`, which browsers ask for unasked."""
        return [
            Route(MOUNT + "/{name:path}", self._serve, methods=["GET"]),
            Route("/favicon.ico", self._favicon, methods=["GET"]),
        ]

    async def _serve(self, request: Request) -> Response:
        name = str(request.path_params["name"])
        lasting = name.startswith(self.version + "/")
        if lasting:
            name = name[len(self.version) + 1 :]
        elif name not in self._files and not name.startswith(
            _ALL
        ):  # perhaps another release's hash: give what we have, uncached
            name = name.partition("/")[2]
        return self._answer(request, name, _YEAR if lasting else _CHECK)

    async def _favicon(self, request: Request) -> Response:
        return self._answer(request, "community/icon.svg", _CHECK)

    def _answer(self, request: Request, name: str, caching: str) -> Response:
        file = self._files.get(name) or self._bundles.get(name)
        if file is None and name.startswith(_ALL):
            file = self._made(name)
        if file is None:
            return Response("There is no such file.", 404, media_type="text/plain")
        headers = {"cache-control": caching, "etag": f'"{file.tag}"', "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        headers["content-type"] = file.kind
        if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, headers={**headers, "content-encoding": "gzip"})
        return Response(file.content, headers=headers)


def _read(path: Path) -> _File:
    return _file(path.read_bytes(), path.suffix)


def _file(content: bytes, suffix: str) -> _File:
    packed = _packed(content) if suffix in _PACKS else None
    tag = hashlib.sha256(content).hexdigest()[:16]
    return _File(content, packed, TYPES[suffix], tag)


@lru_cache(512)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
