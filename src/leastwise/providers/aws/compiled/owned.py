"""What lies on one resource, without what is the resource's own."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class Owned:
    """What lies on one resource.

    Args:
        shape: equal for resources on which the same lies, but for `named` and `literals`.
        named: users and roles that statements name, each with a bit for every statement that does.
        literals: values that conditions ask of keys that nothing else asks for.
        open: somebody may be let in who is not named.
    """

    shape: Hashable
    named: tuple[tuple[int, int], ...] = ()
    literals: tuple[str, ...] = ()
    open: bool = False
