"""What calls tell, with holes: texts of which a part differs from call to call, and what fills them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .facts import Told

Telling = tuple[int, str, str, str]
"""What is told: the number of what is the same whatever the ids (`Kinds`); resource, bucket and facts."""
Columns = tuple[Sequence[int], Sequence[str], Sequence[str], Sequence[str]]
"""What several calls tell, a column for each part of a telling."""
Names = Sequence[Sequence[str]]
"""What fills the holes of several calls, a column for each name that a call was cut for."""


class Holed(NamedTuple):
    """A text with holes: the pieces around them, and which of a call's names fills each. Without holes: one piece."""

    pieces: tuple[str, ...]
    which: tuple[int, ...] = ()

    def filled(self, names: Sequence[str]) -> str:
        """The text with its holes filled."""
        if not self.which:
            return self.pieces[0]
        parts = [self.pieces[0]]
        for at, after in zip(self.which, self.pieces[1:], strict=True):
            parts += (names[at], after)
        return "".join(parts)

    def all_filled(self, names: Names, calls: int) -> Sequence[str]:
        """The text with its holes filled, by each of so many calls."""
        if not self.which:
            return [self.pieces[0]] * calls
        first, *others = self.which
        if len(others) > 1:
            return list(map(self.filled, zip(*names, strict=True)))
        if not others:
            before, after = self.pieces
            return [f"{before}{one}{after}" for one in names[first]] if before or after else names[first]
        before, between, after = self.pieces
        return [f"{before}{one}{between}{two}{after}" for one, two in zip(names[first], names[others[0]], strict=True)]


class Form(NamedTuple):
    """A telling whose texts may have holes.

    `same`: the bucket is the resource. `unclear`: the holes cannot be found, so that each call is looked at by itself.
    """

    kind: int
    resource: Holed
    bucket: Holed
    facts: Holed
    same: bool = False
    unclear: bool = False

    def filled(self, names: Sequence[str]) -> Telling:
        """The telling with its holes filled."""
        resource = self.resource.filled(names)
        bucket = resource if self.same else self.bucket.filled(names)
        return self.kind, resource, bucket, self.facts.filled(names)

    def all_filled(self, names: Names, calls: int) -> Columns:
        """The telling with its holes filled, by each of so many calls."""
        resources = self.resource.all_filled(names, calls)
        buckets = resources if self.same else self.bucket.all_filled(names, calls)
        return [self.kind] * calls, resources, buckets, self.facts.all_filled(names, calls)


def closed(telling: Telling) -> Form:
    """The form of what is told whatever the names."""
    kind, *texts = telling
    resource, bucket, facts = (Holed((text,)) for text in texts)
    return Form(kind, resource, bucket, facts)


UNCLEAR = closed((0, "", "", ""))._replace(unclear=True)


def formed(kind: int, found: Told, marks: Mapping[str, int]) -> Form:
    """The form of what was told of marks, each of which stands for the id at a position.

    `UNCLEAR` where a mark is in what must be the same for all.
    """
    if any(mark in text for mark in marks for text in (found.permission, found.target)):
        return UNCLEAR
    resource, bucket, facts = (_holed(text, marks) for text in (found.resource, found.bucket, found.facts))
    return Form(kind, resource, bucket, facts, same=bool(bucket.which) and found.bucket == found.resource)


def _holed(text: str, marks: Mapping[str, int]) -> Holed:
    """A text with a hole for every mark, and whose ids fill them; as it is if it has none."""
    if not marks:
        return Holed((text,))
    pieces, which, last = list[str](), list[int](), 0
    while standing := [(at, -len(mark), mark) for mark in marks if (at := text.find(mark, last)) >= 0]:
        at, _, mark = min(standing)
        pieces.append(text[last:at])
        which.append(marks[mark])
        last = at + len(mark)
    return Holed((*pieces, text[last:]), tuple(which))


class Found:
    """What calls of one kind tell, as columns, in the order in which it was found: `which` are their positions."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self.which: list[int] = []
        self.kinds: list[int] = []
        self.texts: tuple[list[str], list[str], list[str]] = [], [], []

    def put(self, which: Sequence[int], told: Columns) -> None:
        """What those at these positions tell."""
        kinds, *texts = told
        self.which += which
        self.kinds += kinds
        for held, values in zip(self.texts, texts, strict=True):
            held += values

    def put_one(self, at: int, told: Telling) -> None:
        """What the one at this position tells."""
        kind, resource, bucket, facts = told
        self.put((at,), ((kind,), (resource,), (bucket,), (facts,)))

    def lacking(self) -> Sequence[int]:
        """The positions of those of which nothing was put."""
        return sorted({*range(self._calls)}.difference(self.which)) if len(self.which) < self._calls else ()
