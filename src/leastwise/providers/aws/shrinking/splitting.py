"""A document that is too long for one policy, as several that give the same together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Length = Callable[[bytes], int]


def split(document: bytes, most: int, length: Length) -> list[bytes]:
    """The statements of a document in as many documents as are needed, none longer than `most`, in their order.

    A statement that is too long alone is made several, each with some of its actions. Raises ValueError where even one
    action is too much.
    """
    if length(document) <= most:
        return [document]
    body = json.loads(document)
    listed = body["Statement"]
    bare = length(_made(body, []))
    found: list[list[Mapping[str, Any]]] = [[]]
    room = most - bare
    for statement in listed if isinstance(listed, list) else [listed]:
        for one in _pieces(statement, room, most - bare, length):
            cost = length(json.dumps(one).encode()) + 1
            if cost > room and found[-1]:
                found.append([])
                room = most - bare
            found[-1].append(one)
            room -= cost
    return [_made(body, some) for some in found]


def _made(body: Mapping[str, Any], statements: Sequence[Mapping[str, Any]]) -> bytes:
    return json.dumps({**body, "Statement": list(statements)}).encode()


def _pieces(statement: Mapping[str, Any], room: int, most: int, length: Length) -> Iterator[Mapping[str, Any]]:
    """A statement, or several that give the same together: none longer than `most`, the first fit for the `room`."""
    if length(json.dumps(statement).encode()) + 1 <= most:
        yield statement
        return
    actions = statement.get("Action")
    bare = {key: value for key, value in statement.items() if key != "Sid"}
    if not isinstance(actions, list):
        raise ValueError(f"a statement of {length(json.dumps(statement).encode())} characters cannot be made several")
    empty = length(json.dumps({**bare, "Action": []}).encode()) + 1
    some: list[str] = []
    room = room - empty if room > 2 * empty else most - empty
    for action in actions:
        cost = length(json.dumps(action).encode()) + 1
        if cost > most - empty:
            raise ValueError(f"a statement about {action} is too long by itself")
        if cost > room and not some:
            room = most - empty
        if cost > room:
            yield {**bare, "Action": some}
            some, room = [], most - empty
        some.append(action)
        room -= cost
    yield {**bare, "Action": some}
