"""How a provider writes permissions and patterns of resources, for floors that must not know a vendor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Breadth(IntEnum):
    """How many resources a pattern is about."""

    EVERYTHING = 0
    KIND = 1
    SEVERAL = 2
    ONE = 3


@dataclass(frozen=True, slots=True)
class Naming:
    """What can be read off the text of a pattern of resources, of a resource's id, of a permission.

    - `name`: of the one thing that a pattern is about or lies in; empty when it can be several.
    - `breadth`: how many resources a pattern is about: everything, all of a kind, several by a part of their name, one.
    - `region`: that of all resources of a pattern; empty when it names none.
    - `service`: what the permissions of a resource's service begin with; empty where its id does not tell.
    - `families`: the patterns of permissions that a permission is told together with, the narrowest first.
    """

    name: Callable[[str], str]
    breadth: Callable[[str], Breadth]
    region: Callable[[str], str]
    service: Callable[[str], str]
    families: Callable[[str], Sequence[str]]


Places = Callable[[str], Sequence[str] | None]
"""The accounts in which the resources of a pattern may lie; None where it can be any."""
