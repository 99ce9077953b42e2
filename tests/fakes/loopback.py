"""A fake of a vendor's API on loopback: starting and stopping it, HTTP, and calls that are scripted to go wrong."""

from __future__ import annotations

import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any, ClassVar, Self, TypeVar

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers besides those of every answer, and body."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead of an answer: an error, a connection that drops, or a body of one's own, cut or whole."""

    refused: Exception | None = None
    drop: bool = False
    cut: bool = False
    body: bytes | None = None
    http: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Request = TypeVar("Request")


def scripted(
    fault: Fault, concerns: Callable[[Request], bool], first: int | None = None
) -> Callable[[Request], Fault | None]:
    """A fault for the calls that it concerns; only for the `first` so many of them."""
    left, lock = [first], threading.Lock()

    def asked(request: Request) -> Fault | None:
        if not concerns(request):
            return None
        with lock:
            if left[0] is None:
                return fault
            left[0] -= 1
            return fault if left[0] >= 0 else None

    return asked


class Loopback(ABC):
    """A server in a thread of its own. What is asked of it, `serve` answers."""

    CONTENT_TYPE: ClassVar[str] = "application/json"
    _server: _Server | None = None

    @abstractmethod
    def serve(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | Fault:
        """The answer to one HTTP request; its headers are named in lower case."""

    def guarded(self, listening: socket) -> socket:
        """The socket as it listens: plain, unless a fake wraps it."""
        return listening

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, port: int = 0) -> None:
        """Listen; at any free port, or a certain one."""
        self._server = _Server(self, port)
        self._server.socket = self.guarded(self._server.socket)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """The network is gone: nothing listens any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def gone_after(self, requests: int) -> Callable[[Any], Fault | None]:
        """A fault: after so many requests nothing listens any more, and what is asked meanwhile is dropped."""
        left = iter(range(requests))

        def going(request: Any) -> Fault | None:
            if next(left, None) is not None:
                return None
            if self._server is not None:
                self._server.socket.close()
            return Fault(drop=True)

        return going

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.server_address[1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, fake: Loopback, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.fake = fake

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that does not trust the certificate, or that was ended, is no fault of the fake.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the caller was killed
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        made = self.server.fake.serve(self.command, self.path, headers, body)
        if isinstance(made, Fault):
            if made.drop:
                self.close_connection = True
                return
            made = made.http, made.headers, made.body or b""
        status, more, data = made
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Type", self.server.fake.CONTENT_TYPE)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = _serve

    def log_message(self, *_: object) -> None:
        return None
