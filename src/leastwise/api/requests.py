"""The frame around every request: its id, whether its address is sound, its line in the log, headers that forbid."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .bodies import HEAD_BYTES, LimitedBody, declared_length
from .metrics import Metrics
from .problems import protocol
from .security.headers import secured
from .settings import ApiSettings

_LOG = logging.getLogger("leastwise.api")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SEGMENT = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=:@%-]*")
_ESCAPED = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_SEND_SECONDS = 60.0
_PROBES = ("/healthz", "/readyz")


class RequestFrame:
    """The outermost application; the only one that catches what nobody expected."""

    def __init__(self, app: ASGIApp, settings: ApiSettings, metrics: Metrics) -> None:
        self.app, self.settings, self.metrics = app, settings, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        framed = _Framed(self, scope, send)
        most = self.settings.body_bytes
        with self.metrics.running.track_inprogress():
            try:
                if (fault := self._fault(scope)) is not None:
                    ending = {"connection": "close"} if fault[0] in (413, 431) else None
                    await protocol(*fault, framed.id, ending)(scope, receive, framed.send)
                else:
                    await self.app(scope, LimitedBody(receive, most), framed.send)
            except Exception:  # noqa: BLE001 - the outermost frame
                # It was answered before it came here, unless it is one of the frame itself.
                await framed.failed(receive)
            finally:
                framed.told()

    def _fault(self, scope: Scope) -> tuple[int, str] | None:
        """What is wrong with the address or the host, before anybody looks at it; the path stays percent-encoded."""
        raw = scope.get("raw_path") or scope["path"].encode()
        path = raw.partition(b"?")[0]
        if not sound(path):
            return 400, "the path is not one that is percent-encoded UTF-8 without steps upwards"
        scope["path"] = path.decode("ascii")
        if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > HEAD_BYTES:
            return 431, "the header fields are too large"
        if declared_length(scope) > self.settings.body_bytes:
            return 413, f"the body has more than {self.settings.body_bytes} bytes"
        scope["root_path"] = ""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if scope["path"] in _PROBES:
            return None
        if len(hosts) != 1 or hosts[0].decode("latin-1").lower() not in self.settings.hosts:
            return 421, "the Host header does not name this server; see --public-url"
        return None


def sound(path: bytes) -> bool:
    """Whether a path as it came is made of sound segments: encoded as it must be, no NUL, no `.` and `..`."""
    if not path.startswith(b"/") or _ESCAPED.search(path):
        return False
    for segment in path[1:].split(b"/"):
        if not _SEGMENT.fullmatch(segment):
            return False
        plain = unquote_to_bytes(segment)
        if plain in (b".", b"..") or b"\0" in plain:
            return False
        try:
            plain.decode()
        except UnicodeDecodeError:
            return False
    return True


class _Framed:
    """One request on its way."""

    def __init__(self, frame: RequestFrame, scope: Scope, send: Send) -> None:
        self._frame, self._scope, self._send = frame, scope, send
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
        self.id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        scope["leastwise.request"] = self.id
        self._began = time.perf_counter()
        self._status = 0
        self._bytes = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = [*message.get("headers", ()), (b"x-request-id", self.id.encode())]
            message = {**message, "headers": secured(headers, self._frame.settings.secure)}
        elif message["type"] == "http.response.body":
            self._bytes += len(message.get("body", b""))
        # A client that does not read holds what is written for it, so it is given up after a while.
        async with asyncio.timeout(_SEND_SECONDS):
            await self._send(message)

    async def failed(self, receive: Receive) -> None:
        _LOG.exception("internal error", extra={"told": {"request": self.id}})
        if not self._status:
            detail = "an internal error; the server's log has it under the id of this request"
            await protocol(500, detail, self.id)(self._scope, receive, self.send)

    def told(self) -> None:
        scope, seconds = self._scope, time.perf_counter() - self._began
        route = getattr(scope.get("route"), "path_format", None) or "none"
        # A method may be any word, and each would be a row of its own for ever.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._frame.metrics.requests.labels(route, method, str(self._status)).inc()
        self._frame.metrics.seconds.labels(route).observe(seconds)
        line: dict[str, Any] = {
            "request": self.id,
            "method": scope["method"],
            "path": scope["path"],
            "route": route,
            "status": self._status,
            "milliseconds": round(seconds * 1000, 1),
            "bytes": self._bytes,
            "address": (scope.get("client") or ("",))[0],
            "caller": scope.get("leastwise.caller", ""),
        }
        _LOG.info("request", extra={"told": line})


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
