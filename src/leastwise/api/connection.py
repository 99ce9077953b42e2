"""One connection of a client: how long and how slowly it may send the head of a request."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .bodies import HEAD_BYTES

HEAD_SECONDS = 20.0
"""Until they are there, from when the connection was made or a request begun."""


class Connection(HttpToolsProtocol):
    """The server's connection, which ends those whose heads are too long or never done."""

    head_bytes = HEAD_BYTES
    head_seconds = HEAD_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head = 0
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock runs from here: some connect and say nothing."""
        super().connection_made(transport)
        self._late = self.loop.call_later(self.head_seconds, self._gave_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """What came; of a head, so much and no more."""
        was_in_head = self._in_head
        super().data_received(data)
        if was_in_head and self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > self.head_bytes:
                self._refuse(431, "Request Header Fields Too Large", "headers-too-large", "the header is too large")

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._head = True, 0
        self._stop_clock()
        self._late = self.loop.call_later(self.head_seconds, self._gave_up)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is there."""
        self._in_head = False
        self._stop_clock()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What cannot be read as a request."""
        self._refuse(400, "Bad Request", "bad-request", "this cannot be read as a request")

    def _gave_up(self) -> None:
        if self._in_head and not self.transport.is_closing():
            self._refuse(408, "Request Timeout", "timeout", "the head of the request did not come in time")

    def _stop_clock(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: int, phrase: str, name: str, detail: str) -> None:
        """Says why, and ends the connection: nothing that follows can be told from what went before."""
        self._stop_clock()
        told = {
            "type": f"urn:leastwise:problem:{name}", "title": name.replace("-", " "), "status": status,
            "detail": detail, "request": "", "errors": [],
        }  # fmt: skip
        body = json.dumps(told).encode()
        head = (
            f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
