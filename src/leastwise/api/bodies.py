"""What comes with a request: so large, in so long a time, and no more."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

HEAD_BYTES = 32 * 1024
"""The header fields of a request, together."""
PIECE_SECONDS = 20.0
"""Until the next piece of a body is there."""
WHOLE_SECONDS = 120.0


def declared_length(scope: Scope) -> int:
    """What `Content-Length` says; 0 where it says nothing."""
    told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    # Digits of other scripts are digits to Python.
    return int(told) if told.isdigit() and len(told) < 20 else 0


class LimitedBody:
    """The pieces of a body as they come, up to a size; also where nobody said how large it would be.

    Args:
        receive: where they come from.
        most: bytes.
    """

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self._had = 0
        self._whole = False
        self._until: float | None = None

    async def __call__(self) -> Message:
        """The next piece. HTTPException with 413 or 408 where there is too much, or it does not come."""
        if self._whole:
            return await self._receive()
        loop = asyncio.get_running_loop()
        if self._until is None:
            self._until = loop.time() + WHOLE_SECONDS
        try:
            async with asyncio.timeout_at(min(self._until, loop.time() + PIECE_SECONDS)):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "the body did not come in time", {"connection": "close"}) from None
        self._had += len(message.get("body", b""))
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        if self._had > self._most:
            raise too_large(self._most)
        return message


def too_large(most: int) -> HTTPException:
    """The refusal of a body."""
    return HTTPException(413, f"the body has more than {most} bytes", {"connection": "close"})
