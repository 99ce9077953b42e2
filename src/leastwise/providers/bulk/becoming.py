"""Ways that lead to those who can: what is told of whoever takes one, and in which order they are followed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import Protocol, TypeVar

from leastwise.engine.residuals import both
from leastwise.model.decision import RANK, Link, Residual, State

from .listing import Telling


class Jointly:
    """What is told of those of whom two things hold.

    Args:
        one: what is told of them.
        other: what else is.
    """

    def __init__(self, one: Telling, other: Telling) -> None:
        self.state = max(one.state, other.state, key=RANK.__getitem__)
        self.chain: tuple[Link, ...] = (*one.chain, *other.chain)
        # Looked at now: ways can be longer than calls may be deep.
        self._residual, self._missing = other.residual, other.missing
        self._one = one

    @cached_property
    def residual(self) -> Residual | None:
        """See `Telling`."""
        return () if self.state is State.ALLOWED else both(self._one.residual, self._residual)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """See `Telling`."""
        return tuple(dict.fromkeys((*self._one.missing, *self._missing)))


class Through(Jointly):
    """What is told of those who take one step: of the step, and of what comes after it.

    Args:
        step: what is told of the step.
        link: the step.
        beyond: what is told of whom it leads to.
    """

    def __init__(self, step: Telling, link: Link, beyond: Telling) -> None:
        super().__init__(step, beyond)
        self.chain = (link, *beyond.chain)


class Way(Protocol):
    """Somebody who leads on."""

    @property
    def told(self) -> Telling:
        """What is told of whoever comes there."""

    @property
    def target(self) -> Hashable:
        """Equal for ways to the same."""


_Way = TypeVar("_Way", bound=Way)


def follow(starts: Iterable[_Way], further: Callable[[_Way], Iterable[_Way]]) -> None:
    """Follow ways, those that lead on from them too; each target once.

    A way is as sure as its least sure step; the surest are followed first.
    """
    queues: dict[State, deque[_Way]] = {state: deque() for state in RANK}
    for one in starts:
        queues[one.told.state].append(one)
    followed: set[Hashable] = set()
    for queue in queues.values():
        while queue:
            way = queue.popleft()
            if way.target in followed:
                continue
            followed.add(way.target)
            for one in further(way):
                queues[one.told.state].append(one)
