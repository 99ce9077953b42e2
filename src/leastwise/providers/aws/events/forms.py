"""What calls tell, with holes: texts of which a part differs from call to call, and what fills them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

from .facts import Told

Telling = tuple[int, str, str, str]
"""What is told: the number of what is the same whatever the ids (`Kinds`); resource, bucket and facts."""
Pick = Callable[[Sequence[str]], Any]


class Form(NamedTuple):
    """A telling; where its texts have holes (`%s`), `resource`, `bucket` and `facts` pick what fills them.

    `same`: the bucket is the resource. `open`: whether there are holes. `unclear`: they cannot be found, so that each
    call is looked at by itself.
    """

    whole: Telling
    resource: Pick | None = None
    bucket: Pick | None = None
    facts: Pick | None = None
    same: bool = False
    open: bool = False
    unclear: bool = False

    def filled(self, ids: Sequence[str]) -> Telling:
        """The telling with its holes filled."""
        kind, resource, bucket, facts = self.whole
        if self.resource is not None:
            resource %= self.resource(ids)
        if self.same:
            bucket = resource
        elif self.bucket is not None:
            bucket %= self.bucket(ids)
        if self.facts is not None:
            facts %= self.facts(ids)
        return kind, resource, bucket, facts

    def all_filled(self, several: Sequence[Sequence[str]]) -> list[Telling]:
        """The telling with its holes filled, by each of several."""
        if not self.open:
            return [self.whole] * len(several)
        kind, resource, bucket, facts = self.whole
        resources = _each(resource, self.resource, several)
        buckets = resources if self.same else _each(bucket, self.bucket, several)
        return list(zip(repeat(kind), resources, buckets, _each(facts, self.facts, several), strict=False))


def _each(text: str, pick: Pick | None, several: Sequence[Sequence[str]]) -> list[str]:
    return [text] * len(several) if pick is None else list(map(text.__mod__, map(pick, several)))


UNCLEAR = Form((0, "", "", ""), open=True, unclear=True)


def formed(kind: int, found: Told, marks: Mapping[str, int]) -> Form:
    """The form of what was told of marks, each of which stands for the id at a position.

    `UNCLEAR` where a mark is in what must be the same for all.
    """
    if any(mark in text for mark in marks for text in (found.permission, found.target)):
        return UNCLEAR
    (resource, which), (bucket, others), (facts, several) = (
        _holed(text, marks) for text in (found.resource, found.bucket, found.facts)
    )
    if not (which or others or several):
        return Form((kind, found.resource, found.bucket, found.facts))
    same = bool(others) and found.bucket == found.resource
    return Form(
        (kind, resource, bucket, facts), _picking(which), None if same else _picking(others), _picking(several), same,
        open=True,
    )  # fmt: skip


def _picking(positions: tuple[int, ...]) -> Pick | None:
    return itemgetter(*positions) if positions else None


def _holed(text: str, marks: Mapping[str, int]) -> tuple[str, tuple[int, ...]]:
    """A text with a hole for every mark, and whose ids fill them; as it is if it has none."""
    pieces = re.split("(" + "|".join(sorted(map(re.escape, marks), key=len, reverse=True)) + ")", text)
    if len(pieces) == 1:
        return text, ()
    which = tuple(marks[one] for one in pieces[1::2])
    return "%s".join(one.replace("%", "%%") for one in pieces[::2]), which
