"""The built page: files that lie compressed, each sent as long as browsers may keep it, and index.html for the rest."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from .problems import protocol
from .routing import PREFIX

PLACE = Path(__file__).resolve().parent.parent / "web_dist"
"""Where the page is built to; tools/build_page.py of the project says how."""

STAMP = "built-from.txt"
"""Written when everything else is there."""

_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml",
          ".woff2": "font/woff2", ".md": "text/plain"}  # fmt: skip
_TEXT = ("text/", "image/svg")
_YEAR = b"public, max-age=31536000, immutable"
"""Files in `assets` have a hash in their names: another content is another file."""
_SERVER = ("/healthz", "/readyz", "/metrics")
_ROUTE = SimpleNamespace(path_format="page")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page, in memory: all of them are smaller than one answer of a list may be.

    Args:
        body: its bytes. packed: the same under gzip, where that is smaller.
        headers: what is sent with it, but for its length and coding.
        etag: what tells its content from another.
    """

    body: bytes
    packed: bytes | None
    headers: tuple[tuple[bytes, bytes], ...]
    etag: bytes


def read_page(place: Path = PLACE) -> Mapping[str, File]:
    """The files of the page by their paths; none where it was not built. Raises OSError."""
    if not (place / "index.html").is_file():
        return {}
    found = {}
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        kind = _TYPES.get(path.suffix) or (None if path.suffix in (".gz", ".json", ".txt") else _guessed(name))
        if kind is not None and path.is_file():
            found[f"/{name}"] = _read(path, name, kind)
    return found


def page_by_now(place: Path = PLACE) -> Mapping[str, File]:
    """The files of a page that was built whole, which its stamp tells; none otherwise. Raises OSError."""
    return read_page(place) if (place / STAMP).is_file() else {}


def _read(path: Path, name: str, kind: str) -> File:
    body, packed = path.read_bytes(), path.with_name(f"{path.name}.gz")
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'.encode()
    charset = "; charset=utf-8" if kind.startswith(_TEXT) else ""
    headers = [(b"content-type", f"{kind}{charset}".encode()), (b"etag", etag), (b"vary", b"accept-encoding")]
    if name.startswith("assets/"):
        headers.append((b"cache-control", _YEAR))
    elif name != "index.html":
        headers.append((b"cache-control", b"no-cache"))
    return File(body, packed.read_bytes() if packed.is_file() else None, tuple(headers), etag)


def _guessed(name: str) -> str | None:
    return mimetypes.guess_type(name)[0]


class Page:
    """Answers what is the page's, and hands everything else to the API.

    `index.html` is never stored, and stands for each path that a browser goes to; a file that is not there is 404.

    Args:
        api: answers everything else.
        files: of the page; none where it was not built.
        later: the files, where the page is whole by now: it may be built while the server runs.
    """

    def __init__(self, api: ASGIApp, files: Mapping[str, File], later: Callable[[], Mapping[str, File]] = dict) -> None:
        self._api, self._files, self._later = api, files, later

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(f"{PREFIX}/") or path in _SERVER:
            await self._api(scope, receive, send)
            return
        accepted = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
        visited = path == "/" or ("text/html" in accepted and not path.startswith(("/api/", "/assets/")))
        if visited and not self._files:
            self._files = await run_in_threadpool(self._later)
        file = self._files.get(path) or (self._files.get("/index.html") if visited else None)
        if scope["method"] not in ("GET", "HEAD") or (file is None and not visited):
            await self._api(scope, receive, send)
        elif file is None:
            absent = "this installation has no page; ./x web builds it, and every wheel contains it"
            await protocol(404, absent, str(scope.get("leastwise.request", "")))(scope, receive, send)
        else:
            scope["route"] = _ROUTE
            await _sent(file, scope, send)


async def _sent(file: File, scope: Scope, send: Send) -> None:
    asked = dict(scope["headers"])
    known = {one.strip().removeprefix(b"W/") for one in asked.get(b"if-none-match", b"").split(b",")}
    headers = list(file.headers)
    if file.etag in known:
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    body = file.body
    if file.packed is not None and _takes_gzip(asked.get(b"accept-encoding", b"").decode("latin-1")):
        body = file.packed
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is among the codings, and not with a weight of nothing."""
    for one in accepted.lower().split(","):
        coding, _, weight = one.strip().partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
