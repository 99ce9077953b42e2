"""Addresses as logs have them → the requests of the catalogue that they are.

An address names what it is about by GUIDs, but also by addresses, names and keys of other systems: whatever stands
where the catalogue has an id is one. Paths of files, keys in brackets and casts are rewritten first.

https://learn.microsoft.com/graph/use-the-api
https://learn.microsoft.com/graph/onedrive-addressing-driveitems
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from ..language.requests import GraphRequest, RequestError, parse_request

_ID = "{id}"
_FILE = re.compile(r"/root:/[^?]*?(?::(?=/|$|\?)|(?=\?)|$)", re.IGNORECASE)
_KEY = re.compile(r"\(('[^']*'|[^()='?/]+)\)(?=/|$|\?)")
_NOTHING = re.compile(r"\(\)(?=/|$|\?)")
_CAST = "microsoft.graph."
_Node = dict[str, "_Node"]
_END = "\x00"


class Paths:
    """The requests of a catalogue, to be found by the segments of their paths."""

    def __init__(self, requests: Iterable[str]) -> None:
        self._tops: dict[str, _Node] = {}
        for one in requests:
            method, _, path = one.partition(" ")
            node = self._tops.setdefault(method, {})
            for segment in path.strip("/").split("/"):
                node = node.setdefault(segment, {})
            node[_END] = {}

    def of(self, method: str, address: str) -> GraphRequest:
        """The request that a call is: the catalogue's, or as near to its spelling as can be told. Raises RequestError.

        What stood in the address as an object id is kept in `named`.
        """
        # What follows a mark of interrogation may be about persons, and says nothing of permissions.
        plain = _FILE.sub(f"/items/{_ID}", unquote(address.partition("?")[0]))
        request = parse_request(f"{method} {_NOTHING.sub('', _KEY.sub(f'/{_ID}', plain))}")
        top = self._tops.get(request.method, {})
        for segments in dict.fromkeys((request.segments, _uncast(request.segments), _theirs(request))):
            found = _walk(top, segments)
            if found is not None:
                mine = request.mine and segments[:2] == ("users", _ID)
                path = "/".join(("me", *found[2:]) if mine else found)
                return GraphRequest(request.method, f"/{path}", request.named)
        return GraphRequest(request.method, "/" + "/".join(map(_masked, request.segments)), request.named)


def _walk(node: _Node, segments: tuple[str, ...]) -> tuple[str, ...] | None:
    """The way through the tree that fits, names before ids; None where none does."""
    if not segments:
        return () if _END in node else None
    for name in dict.fromkeys((segments[0], _ID)):
        inner = node.get(name)
        if inner is not None:
            found = _walk(inner, segments[1:])
            if found is not None:
                return (name, *found)
    return None


def _uncast(segments: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in segments if not one.startswith(_CAST))


def _theirs(request: GraphRequest) -> tuple[str, ...]:
    return ("users", _ID, *request.segments[1:]) if request.mine else request.segments


def _masked(segment: str) -> str:
    """A segment that is no known name: what can only be an id stands for any."""
    return _ID if len(segment) > 40 or any(one in segment for one in "!@:,= ") or segment.isdecimal() else segment


__all__ = ["Paths", "RequestError"]
