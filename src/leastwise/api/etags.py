"""Answers that need not be sent again: a tag of what an answer is made of, held against `If-None-Match`."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response

from leastwise import __version__
from leastwise.app.duties import Caller

VARY = "Cookie, Authorization"


class Unchanged(Exception):
    """The client has this answer already."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def fresh(request: Request, response: Response, caller: Caller, key: str) -> None:
    """Tags the answer to a question that is decided by its address, what its caller sees, and `key`.

    Raises:
        Unchanged: the client has it already; nothing need be worked out.
    """
    made = (__version__, key, request.scope["path"], request.url.query, sorted(caller.sight.places), caller.rights)
    tag = f'"{hashlib.sha256(repr(made).encode()).hexdigest()[:32]}"'
    given = ",".join(request.headers.getlist("if-none-match"))
    if given.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in given.split(",")}:
        raise Unchanged(tag)
    response.headers.update(tagged(tag))


def tagged(tag: str) -> dict[str, str]:
    """The headers of an answer with a tag: whoever keeps it asks before he uses it again."""
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": VARY}
