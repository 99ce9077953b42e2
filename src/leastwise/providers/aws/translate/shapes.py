"""Checked access to untyped JSON: a shape that the vendor does not document is an InputError naming its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from leastwise.errors import InputError
from leastwise.providers.rows import one_time


def decode(name: str, body: bytes) -> Any:
    """Any JSON value. Raises InputError naming the file."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(name, f"not valid JSON: {error}") from None


class Node:
    """An object of an export. `name` is its file, `place` where in the file; null is the same as absent."""

    __slots__ = ("name", "place", "value")

    def __init__(self, name: str, value: Any, place: str = "$") -> None:
        if not isinstance(value, dict):
            raise InputError(name, "must be an object", place)
        self.name, self.value, self.place = name, value, place

    def __bool__(self) -> bool:
        return bool(self.value)

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def raw(self, key: str) -> Any:
        """Whatever is there; None when absent."""
        return self.value.get(key)

    def text(self, key: str) -> str:
        """A text that must be there."""
        found = self.value.get(key)
        if not isinstance(found, str) or not found:
            raise self._error(key, "is missing" if found in (None, "") else "must be a text")
        return found

    def maybe(self, *keys: str) -> str | None:
        """The first text found under the keys; None when none is there."""
        for key in keys:
            found = self.value.get(key)
            if found is not None and found != "":
                return self.text(key)
        return None

    def time(self, key: str) -> str | float | None:
        """A time as AWS tools print it; None when absent."""
        found = self.value.get(key)
        if found is None or found == "":
            return None
        try:
            if isinstance(found, bool) or not isinstance(found, str | int | float):
                raise ValueError("must be a time")
            one_time(found)
        except ValueError as error:
            raise self._error(key, str(error)) from None
        return found

    def flag(self, key: str) -> bool | None:
        """A boolean; None when absent."""
        found = self.value.get(key)
        if found is not None and not isinstance(found, bool):
            raise self._error(key, "must be true or false")
        return found

    def node(self, key: str) -> Node:
        """An object; an empty one when absent."""
        found = self.value.get(key)
        return Node(self.name, {} if found is None else found, f"{self.place}.{key}")

    def nodes(self, key: str) -> list[Node]:
        """A list of objects; empty when absent."""
        place = f"{self.place}.{key}"
        return [Node(self.name, one, f"{place}[{index}]") for index, one in enumerate(self._list(key))]

    def texts(self, key: str) -> list[str]:
        """A list of texts; empty when absent."""
        found = self._list(key)
        if not all(isinstance(one, str) for one in found):
            raise self._error(key, "must be a list of texts")
        return found

    def items(self, key: str) -> Iterator[tuple[str, Node]]:
        """The members of an object whose members are objects."""
        return self.node(key).members()

    def members(self) -> Iterator[tuple[str, Node]]:
        """Its own members, each an object."""
        return ((name, self.node(name)) for name in self.value)

    def tags(self, key: str) -> list[tuple[str, str]] | None:
        """Tags in any of the shapes that AWS services use; None when absent."""
        found = self.value.get(key)
        if found is None:
            return None
        if isinstance(found, dict):
            return texts_of(found)
        pairs = ((one.maybe("Key", "key"), one.maybe("Value", "value") or "") for one in self.nodes(key))
        return [(name, value) for name, value in pairs if name is not None]

    def _list(self, key: str) -> list[Any]:
        found = self.value.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self._error(key, "must be a list")
        return found

    def _error(self, key: str, cause: str) -> InputError:
        return InputError(self.name, f"{key} {cause}", f"{self.place}.{key}")


def texts_of(found: dict[str, Any]) -> list[tuple[str, str]]:
    """The members of an object as pairs of texts."""
    return [
        (key, value if isinstance(value, str) else msgspec.json.encode(value).decode()) for key, value in found.items()
    ]
