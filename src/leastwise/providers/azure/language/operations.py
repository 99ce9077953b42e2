"""Operations of resource providers, and the patterns in which roles name them.

https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
https://learn.microsoft.com/azure/role-based-access-control/custom-roles#wildcard-permissions
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from leastwise.engine.patterns import Pattern, Wild, join

DATA = "data:"
"""Stands before the name of an operation that is on both planes, where that of the data plane is meant."""
CONTROL = "control:"
"""Stands before the name of an operation in a question, where that of the control plane is meant, whatever it is on."""


class Plane(StrEnum):
    """Which of the two an operation is on: the same name may be on both, and they are never granted together."""

    CONTROL = "control"
    DATA = "data"


@lru_cache(maxsize=1 << 15)
def canonical(name: str) -> str:
    """An operation's name as it is compared: trimmed, in lower case."""
    return name.strip().lower()


def matches(pattern: str, operation: str) -> bool:
    """Whether an operation is one of a pattern, without case or outer blanks.

    `*` takes any letters, slashes too. `vaults/*/read` takes in `vaults/read`: "Read and assign user-assigned identity"
    is written `userAssignedIdentities/*/assign/action`, and the operation is `userAssignedIdentities/assign/action`.
    https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/identity#managed-identity-operator
    """
    return _compiled((canonical(pattern),)).fullmatch(canonical(operation)) is not None


def literal(pattern: str) -> bool:
    """Whether a pattern names one operation."""
    return "*" not in pattern


def pattern_of(text: str) -> Pattern:
    """The pattern of a suboperation, whose name has no slashes, as the engine has it."""
    tokens = [token for piece in canonical(text).split("*") for token in (Wild.ANY, piece)]
    return Pattern(join(tokens[1:]), True)


class Patterns:
    """Several patterns; what one of them takes in, they take in.

    Args:
        texts: as they are written.
    """

    __slots__ = ("_pattern", "texts")

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        self._pattern = _compiled(tuple(sorted({canonical(one) for one in self.texts})))

    def take(self, operation: str) -> bool:
        """Whether one of them takes in an operation, given as `canonical` writes it."""
        return self._pattern.fullmatch(operation) is not None

    def first(self, operation: str) -> str | None:
        """The first of them that takes it in."""
        return next((one for one in self.texts if matches(one, operation)), None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Patterns) and self.texts == other.texts

    def __hash__(self) -> int:
        return hash(self.texts)

    def __repr__(self) -> str:
        return f"Patterns({list(self.texts)})"


@lru_cache(maxsize=8192)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """An expression for any of some patterns; none takes in nothing."""
    if not patterns:
        return re.compile(r"(?!)")
    return re.compile("|".join(map(_expression, patterns)), re.DOTALL)


def _expression(pattern: str) -> str:
    """An expression that never tries a place twice: what stands between wildcards is taken where it is first found."""
    first, *rest = pattern.split("*")
    made, before = re.escape(first), first
    for number, piece in enumerate(rest, 1):
        # Between two slashes there may be nothing, and then one of them: what follows stands behind either.
        one = f"(?<=/){re.escape(piece[1:])}" if before.endswith("/") and piece.startswith("/") else re.escape(piece)
        made += f".*{one}" if number == len(rest) else f"(?>.*?{one})"
        before = piece
    return made
