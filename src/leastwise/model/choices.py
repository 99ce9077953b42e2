"""Calls that any one of several permissions allows: what was called, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Cost = tuple[int, ...]
"""What a permission costs; costs of several add up part by part, and are compared part by part, the first first."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a principal called, by the layer of the grants that allow such calls.

    Args:
        calls: by layer, for each call the permissions any one of which allows it.
        unknown: by layer the calls of which it is not known what allows them.
        cost: of a permission in a layer; equal ones are told apart by name.
        among: whether a permission is one that such calls choose from.
    """

    calls: Mapping[str, Mapping[str, frozenset[str]]]
    cost: Callable[[str, str], Cost]
    among: Callable[[str], bool]
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Least:
    """The least that allows calls.

    Args:
        chosen: the permissions, sorted.
        exact: nothing costs less; otherwise the search was given up, and less may do.
    """

    chosen: tuple[str, ...]
    exact: bool
