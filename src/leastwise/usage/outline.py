"""The permissions gap of one principal in which what nobody used is not listed one by one, but by numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pyroaring import BitMap

from leastwise.model.decision import State
from leastwise.model.gap import Done, Item, Use, Window


@dataclass(frozen=True, eq=False)
class Permissions:
    """Every permission of a provider: names and sensitivity, by number."""

    names: Sequence[str]
    sensitivity: Sequence[str]

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Each permission's number."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def levels(self) -> Mapping[str, BitMap]:
        """The numbers of the permissions of each sensitivity."""
        found: dict[str, BitMap] = {}
        for number, level in enumerate(self.sensitivity):
            found.setdefault(level, BitMap()).add(number)
        return found

    @cached_property
    def ordered(self) -> bool:
        """Whether they are sorted by name."""
        return all(one < other for one, other in pairwise(self.names))

    def numbered(self, names: Sequence[str] | Iterator[str]) -> BitMap:
        """The numbers of some names; of those only that are known."""
        return BitMap(number for name in names if (number := self.numbers.get(name)) is not None)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Granted permissions of one principal of which nothing is recorded and that are told alike; as `Item` has it."""

    numbers: BitMap
    of: Permissions
    state: Use
    access: State
    resources: tuple[str, ...]
    sensitivity: str
    missing: str = ""

    @property
    def permissions(self) -> Iterator[str]:
        """Their names, by number."""
        return map(self.of.names.__getitem__, self.numbers)

    def item(self, permission: str) -> Item:
        """One of them alone."""
        return Item(permission, self.state, self.access, self.resources, self.sensitivity, Done(), self.missing)


@dataclass(frozen=True, slots=True)
class Outline:
    """Granted less used, of one principal.

    Args:
        items: granted permissions of which something is recorded, sorted.
        quiet: the others.
        of: all that could be granted.
        wanted: permissions that were only denied in the window.
    """

    principal: str
    account: str
    window: Window
    items: tuple[Item, ...]
    quiet: tuple[Quiet, ...]
    of: Permissions
    wanted: tuple[str, ...] = ()

    def permissions(self) -> Iterator[str]:
        """All that is granted, in no order."""
        yield from (one.permission for one in self.items)
        for one in self.quiet:
            yield from one.permissions
