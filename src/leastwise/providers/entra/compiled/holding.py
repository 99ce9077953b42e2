"""What principals hold, in the form in which usage is taken from it: of one exactly, of all, and by each grant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.holdings import GivenBy, Hidden, Holdings, Part
from leastwise.errors import UsageError
from leastwise.model.decision import State
from leastwise.providers.bulk import everyone
from leastwise.providers.bulk.everyone import SURE, Bundle

from ..language.directory import GROUP
from .granting import Given, Granting


class Everyone(everyone.Everyone[bool]):
    """Answers what everybody holds, in one tenant."""

    def __init__(self, granting: Granting) -> None:
        super().__init__(granting.held, granting.own)
        self._granting, self._held = granting, granting.held

    def standings(self) -> Iterator[tuple[bool, Array]]:
        """See `bulk.everyone`: all are of one standing, for nothing denies."""
        yield True, self._granting.principals

    def sets(self, member: int) -> Sequence[tuple[int, int]]:
        """See `bulk.everyone`."""
        return [(one, SURE) for one in self._granting.around.row(member).tolist()]

    def set_codes(self, members: Array) -> Array:
        """See `bulk.everyone`."""
        return self._granting.around.codes(members)

    def hidden(self, member: int) -> tuple[Hidden, ...]:
        """See `bulk.everyone`: logs of the directory tell of everybody alike."""
        return ()

    def all_read(self) -> bool:
        """See `bulk.everyone`."""
        return not self._held.whole.unread and not any(self._held.loose.values())

    def bundle(self, member: int, conditional: bool, standing: bool) -> Bundle:
        """See `bulk.everyone`: what protects an object, or restricts it, is taken off by `effective` alone."""
        given = list(self._granting.of(member))
        found = gathered(given)
        ids = self._held.texts("place.id")
        parts = tuple(Part(one, tuple(sorted(ids.many(np.array(at, np.int64)))), State.ALLOWED) for one, at in found)
        return Bundle(parts, False, any(not one.known for one in given), tuple(at for _, at in found))


def gathered(given: Sequence[Given]) -> list[tuple[BitMap, tuple[int, ...]]]:
    """What is given, by the permissions, each with all places."""
    found: dict[bytes, tuple[BitMap, set[int]]] = {}
    for one in given:
        if one.permissions:
            found.setdefault(one.permissions.serialize(), (one.permissions, set()))[1].update(one.places)
    return [(held, tuple(sorted(places))) for held, places in found.values()]


class Holding:
    """Answers what principals of one tenant hold."""

    def __init__(self, granting: Granting) -> None:
        self.granting, self._held = granting, granting.held

    def of(self, who: str) -> Holdings:
        """What a principal holds, by name and through groups. Raises UsageError for a group."""
        number = self._single(who)
        given = list(self._all(number)) if number is not None else []
        if number is not None and self._held.object(number).enabled is False:
            given = []
        ids = self._held.texts("place.id")
        parts = tuple(Part(one, tuple(ids.many(np.array(at, np.int64))), State.ALLOWED) for one, at in gathered(given))
        lost = [f"the role definition {one.policy}" if one.layer == "allow" else f"the app role {one.policy}"
                for one in given if not one.known]  # fmt: skip
        words = ["" if number is None else self._held.word(name, number) for name in ("kind", "native", "account")]
        missing = tuple(dict.fromkeys((*lost, *self._held.whole.unread)))
        return Holdings(who, words[0], words[1], words[2], parts, missing)

    def given(self, who: str) -> Iterator[GivenBy]:
        """What each assignment, app role and ownership gives a principal. Raises UsageError for a group."""
        number = self._single(who)
        ids = self._held.texts("place.id")
        for one in self._all(number) if number is not None else ():
            where = tuple(ids.many(np.array(one.places, np.int64)))
            yield GivenBy(one.layer, one.policy, f"on {', '.join(where[:3])}", one.source, one.permissions, where)

    def _all(self, number: int) -> Iterator[Given]:
        yield from self.granting.of(number)
        for group in self.granting.around.row(number).tolist():
            yield from self.granting.of(group, number)

    def _single(self, who: str) -> int | None:
        number = self._held.member_number(who)
        if number is not None and self._held.object(number).kind == GROUP:
            raise UsageError(f"{who}: is a group, which calls nothing itself; ask for somebody who is in it")
        return number
