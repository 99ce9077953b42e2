"""What right-sizing asks of any provider, whatever form its grants have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.model.plan import Clock

    from .scopes import ScopeTables


def never(scopes: Sequence[ScopeTables]) -> Sequence[Clock]:
    """Nothing that runs by the clock."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a provider tells of its principals and permissions so that grants can be made smaller.

    Args:
        reads: columns by table that `clocks` and `meant` read.
        eventless: permissions that are no operation of the vendor, so that no log shows them by themselves.
        level: the service and access level of a permission, as one word.
        clocks: what runs by the clock, and as whom.
        fixed: by principal why its grants are the vendor's own affair; others are not named.
        natives: principals whose grants may be made smaller, by their native word.
    """

    reads: Mapping[str, Sequence[str]]
    eventless: Callable[[], Collection[str]]
    level: Callable[[str], str]
    fixed: Callable[[str], str]
    natives: frozenset[str]
    clocks: Callable[[Sequence[ScopeTables]], Sequence[Clock]] = never
