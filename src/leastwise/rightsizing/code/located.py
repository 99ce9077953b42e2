"""Values that know where in a text they stand, whatever language the text is written in.

A *node* is a scalar, a list, a map, or *open*: a value that the code computes. `bound` lays a node beside the value
that the cloud has, which tells what the open ones are; then the whole has a value, and a difference is a fact, not a
guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from leastwise.model.coding import Blocks


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value that is written out, or (`fixed`: why) one that is computed and known from the cloud."""

    begin: int
    end: int
    value: Any
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A value that is computed: why, and the pattern that it has if it is a text."""

    begin: int
    end: int
    why: str
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An element of a list (key None), or of a map; it begins with its key."""

    begin: int
    key: str | None
    value: Node


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; `style` is how its text is written (see `writing`)."""

    begin: int
    end: int
    style: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A map."""

    begin: int
    end: int
    style: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class BlockListing(Listing):
    """A list whose elements are blocks of a body, among other items: `spans` are all items of the body."""

    spans: tuple[tuple[int, int], ...] = ()
    form: Blocks | None = None


@dataclass(frozen=True, slots=True)
class BlockMapped(Mapped):
    """A map that is a block: `inner` and `inner_end` lie between its braces, `spans` are its items."""

    inner: int = 0
    inner_end: int = 0
    spans: tuple[tuple[int, int], ...] = ()
    form: Blocks | None = None


Node: TypeAlias = Scalar | Open | Listing | Mapped


class Mismatch(Exception):
    """The code says something else than the cloud has: at which offset, and what."""

    def __init__(self, offset: int, cause: str) -> None:
        super().__init__(cause)
        self.offset, self.cause = offset, cause


def value_of(node: Node) -> Any:
    """The value of a node without open ones. Raises Mismatch at one that is open."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Listing):
        return [value_of(one.value) for one in node.entries]
    if isinstance(node, Mapped):
        return {str(one.key): value_of(one.value) for one in node.entries}
    raise Mismatch(node.begin, f"is computed: {node.why}")


def opens(node: Node) -> list[Open]:
    """The computed values in a node."""
    if isinstance(node, Open):
        return [node]
    if isinstance(node, Scalar):
        return []
    return [found for one in node.entries for found in opens(one.value)]


def canonical(value: Any) -> Any:
    """A form that is equal for documents that mean the same: lists of plain values are sets, one value is a
    list of one, null and an empty list are nothing.
    """
    if isinstance(value, Mapping):
        return {str(key): canonical(one) for key, one in value.items() if one is not None and one != []}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        made = [canonical(one) for one in value]
        if len(made) == 1:
            return made[0]
        if all(not isinstance(one, dict | list) for one in made):
            return sorted({sign_of(one): one for one in made}.values(), key=sign_of)
        return made
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two documents mean the same, as far as their form tells."""
    return sign_of(canonical(one)) == sign_of(canonical(other))


def sign_of(value: Any) -> str:
    """A text that is equal for equal values."""
    return json.dumps(value, sort_keys=True, default=str)


def listed(value: Any) -> list[Any]:
    """A value as the list of one that it may stand for."""
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]


def bound(node: Node, known: Any) -> Node:
    """The node with what the cloud has in place of what is computed. Raises Mismatch where it says something else."""
    if isinstance(node, Open):
        return _filled(node, known)
    if isinstance(node, Scalar):
        if not same(node.value, known):
            raise Mismatch(node.begin, f"the code has {_shown(node.value)}, the cloud {_shown(known)}")
        return node
    if isinstance(node, Mapped):
        return _bound_map(node, known)
    return _bound_list(node, listed(known))


def _filled(node: Open, known: Any) -> Scalar:
    if node.pattern is not None:
        text = known[0] if isinstance(known, list) and len(known) == 1 else known
        if not isinstance(text, str) or not re.fullmatch(node.pattern, text, re.DOTALL):
            raise Mismatch(
                node.begin, f"the code computes a text ({node.why}) that the cloud's {_shown(known)} cannot be"
            )
    return Scalar(node.begin, node.end, known, node.why)


def _bound_map(node: Mapped, known: Any) -> Mapped:
    known = known[0] if isinstance(known, list) and len(known) == 1 else known
    if not isinstance(known, Mapping):
        raise Mismatch(node.begin, f"the code has an object, the cloud {_shown(known)}")
    # An empty list is told by some clouds where nothing is set.
    set_in_code = {one.key for one in node.entries}
    known = {key: one for key, one in known.items() if one not in ([], {}, None) or key in set_in_code}
    # What is null in code is not there in the cloud.
    entries = tuple(one for one in node.entries if not (isinstance(one.value, Scalar) and one.value.value is None))
    missing = [key for key in known if key not in {one.key for one in entries}]
    if missing:
        raise Mismatch(node.begin, f"the cloud has {missing[0]!r}, which the code does not set")
    for one in entries:
        if one.key not in known:
            raise Mismatch(one.begin, f"the code sets {one.key!r}, which the cloud does not have")
    made = [replace(one, value=bound(one.value, known[one.key])) if one.key in known else one for one in node.entries]
    return replace(node, entries=tuple(made))


def _bound_list(node: Listing, known: list[Any]) -> Listing:
    if any(isinstance(one.value, Mapped | Listing) for one in node.entries):
        if len(known) != len(node.entries):
            raise Mismatch(node.begin, f"the code has {len(node.entries)} elements, the cloud {len(known)}")
        pairs = zip(node.entries, known, strict=True)
        return replace(node, entries=tuple(replace(one, value=bound(one.value, value)) for one, value in pairs))
    return _bound_set(node, known)


def _bound_set(node: Listing, known: list[Any]) -> Listing:
    """A list of plain values, whose order the cloud may have changed: what is written out first, then what is
    computed.
    """
    left = {sign_of(one): one for one in known}
    made: dict[int, Node] = {}
    seen = set()
    for number, one in enumerate(node.entries):
        if isinstance(one.value, Scalar):
            sign = sign_of(one.value.value)
            if sign not in left and sign not in seen:
                raise Mismatch(one.begin, f"the code has {_shown(one.value.value)}, which the cloud does not have")
            seen.add(sign)
            left.pop(sign, None)
            made[number] = one.value
    computed = [(number, one.value) for number, one in enumerate(node.entries) if isinstance(one.value, Open)]
    for number, unknown in sorted(computed, key=lambda pair: (pair[1].pattern is None, pair[0])):
        fitting = next((sign for sign, value in left.items() if _fits(unknown, value)), None)
        if fitting is None:
            cause = f"nothing that the cloud has is what the code computes there: {unknown.why}"
            raise Mismatch(unknown.begin, cause)
        made[number] = _filled(unknown, left.pop(fitting))
    if left:
        raise Mismatch(node.begin, f"the cloud has {_shown(next(iter(left.values())))}, which the code does not have")
    return replace(node, entries=tuple(replace(one, value=made[n]) for n, one in enumerate(node.entries)))


def _fits(node: Open, value: Any) -> bool:
    """Whether a computed value can be this one."""
    return node.pattern is None or (isinstance(value, str) and bool(re.fullmatch(node.pattern, value, re.DOTALL)))


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
