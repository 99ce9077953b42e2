"""JSON that knows where it stands: a file of its own, or what a heredoc of Terraform holds, with templates in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .located import Entry, Listing, Mapped, Node, Open, Scalar
from .spans import DEEPEST, Malformed

_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


def read_json(
    text: str, begin: int = 0, end: int | None = None, holes: Mapping[int, tuple[int, str]] | None = None
) -> Node:
    """The value that a part of a text holds. Raises Malformed.

    `holes` are the templates in it: where each begins, with its end and why it is computed; given at all, `$${` means
    `${`.
    """
    reader = _Reader(text, len(text) if end is None else end, holes)
    found = reader.value(begin, 0)
    after = reader.blank(found.end)
    if after < reader.end:
        raise Malformed(after, f"{text[after]!r} stands behind the value")
    return found


class _Reader:
    def __init__(self, text: str, end: int, holes: Mapping[int, tuple[int, str]] | None) -> None:
        self.text, self.end, self.holes = text, end, holes
        self.style = "json" if holes is None else "json in hcl"

    def blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at, self.end)
        return found.end() if found else at

    def seen(self, at: int) -> str:
        return repr(self.text[at]) if at < self.end else "the end"

    def value(self, at: int, depth: int) -> Node:
        at = self.blank(at)
        if depth > DEEPEST:
            raise Malformed(at, f"is nested more than {DEEPEST} deep")
        if self.holes and at in self.holes:
            end, why = self.holes[at]
            return Open(at, end, why)
        first = self.text[at : at + 1] if at < self.end else ""
        if first == '"':
            return self.string(at)
        if first in ("[", "{") and first:
            return self.container(at, first, depth)
        found = _PLAIN.match(self.text, at, self.end)
        if found is None:
            raise Malformed(at, f"a value should stand here, and it is {self.seen(at)}")
        return Scalar(at, found.end(), json.loads(found[0]))

    def string(self, at: int) -> Scalar | Open:
        if not self.holes:
            found = _STRING.match(self.text, at, self.end)
            if found is None:
                raise Malformed(at, "a string is never closed")
            return Scalar(at, found.end(), self.literal(found[0], at))
        return self.with_holes(at, self.holes)

    def with_holes(self, at: int, holes: Mapping[int, tuple[int, str]]) -> Scalar | Open:
        """A string that may have templates in it, whose own text must not be taken for its end."""
        pattern, whys, begun, here = "", [], at + 1, at + 1
        while here < self.end and self.text[here] != '"':
            if here in holes:
                pattern += re.escape(self.literal(f'"{self.text[begun:here]}"', at)) + ".*"
                here, why = holes[here]
                whys.append(why)
                begun = here
            else:
                here += 2 if self.text[here] == "\\" else 1
        if here >= self.end:
            raise Malformed(at, "a string is never closed")
        last = self.literal(f'"{self.text[begun:here]}"', at)
        if not whys:
            return Scalar(at, here + 1, last)
        return Open(at, here + 1, whys[0], pattern + re.escape(last))

    def literal(self, written: str, at: int) -> str:
        if self.holes is not None:
            written = written.replace("$${", "${").replace("%%{", "%{")
        try:
            return str(json.loads(written))
        except ValueError:
            raise Malformed(at, "holds an escape or a character that JSON does not have") from None

    def container(self, at: int, opening: str, depth: int) -> Node:
        closing = "]" if opening == "[" else "}"
        entries: list[Entry] = []
        here = self.blank(at + 1)
        names: set[str] = set()
        while self.seen(here) != repr(closing):
            if entries:
                if self.seen(here) != "','":
                    raise Malformed(here, f"',' or {closing!r} should stand here, and it is {self.seen(here)}")
                here = self.blank(here + 1)
            entry = self.entry(here, opening, depth)
            if entry.key is not None:
                if entry.key in names:
                    raise Malformed(here, f"{entry.key!r} stands twice")
                names.add(entry.key)
            entries.append(entry)
            here = self.blank(entry.value.end)
        made: Any = Listing if opening == "[" else Mapped
        found: Node = made(at, here + 1, self.style, tuple(entries))
        return found

    def entry(self, at: int, opening: str, depth: int) -> Entry:
        if opening == "[":
            value = self.value(at, depth + 1)
            return Entry(value.begin, None, value)
        if self.seen(at) != "'\"'":
            raise Malformed(at, f"a key in quotes should stand here, and it is {self.seen(at)}")
        key = self.string(at)
        if isinstance(key, Open):
            raise Malformed(at, "a key is computed")
        colon = self.blank(key.end)
        if self.seen(colon) != "':'":
            raise Malformed(colon, f"':' should stand here, and it is {self.seen(colon)}")
        return Entry(at, str(key.value), self.value(colon + 1, depth + 1))
