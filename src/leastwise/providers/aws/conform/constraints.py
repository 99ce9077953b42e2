"""What a discovery case says of condition keys: which are known, present, or open; by name or by a pattern of names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leastwise.model.conformance import CaseError

from ..evaluate.facts import Look, Values

_QUANTIFIED = re.compile(r"\)\s*[*+?{]|[*+?}]\s*[*+{]")
"""Repeated groups and repeated repeats can take exponential time; names of keys need neither."""
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class _Constraint:
    name: str
    pattern: re.Pattern[str] | None
    presence: bool
    value: bool

    def meets(self, key: str) -> bool:
        return self.pattern.search(key) is not None if self.pattern else self.name == key


class Constrained(Mapping[str, Values | Look]):
    """The condition keys of a discovery request: a key that nothing is said of is open, whatever its value is."""

    def __init__(self, context: Mapping[str, Values | Look], constraints: list[_Constraint]) -> None:
        self._context, self._constraints = context, constraints

    def __getitem__(self, key: str) -> Values | Look:
        found = [one for one in self._constraints if one.meets(key)]
        if any(one.value for one in found):
            return self._context.get(key, Look.ABSENT)
        if any(one.presence for one in found):
            return Look.PRESENT if key in self._context else Look.ABSENT
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._context if any(one.meets(key) for one in self._constraints))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def constrained(context: Mapping[str, Values | Look], constraints: object) -> Constrained:
    """The keys of a discovery request, given its context by lower-case name and its `discovery_constraints`.

    A `keyName` between slashes is a regular expression that is looked for in names, without case.

    Raises:
        CaseError: a constraint is not as it must be.
    """
    if constraints is None:
        return Constrained(context, [])
    if not isinstance(constraints, list):
        raise CaseError("discovery_constraints: must be a list")
    return Constrained(context, [_read(one, f"discovery_constraints/{i}") for i, one in enumerate(constraints)])


def _read(body: object, place: str) -> _Constraint:
    if not isinstance(body, Mapping):
        raise CaseError(f"{place}: must be an object")
    name, presence, value = (body.get(key) for key in ("keyName", "presenceIsKnown", "valueIsKnown"))
    if not isinstance(name, str) or not name:
        raise CaseError(f"{place}/keyName: must be a text")
    if not isinstance(presence, bool) or not isinstance(value, bool):
        raise CaseError(f"{place}: presenceIsKnown and valueIsKnown must be true or false")
    if len(name) > 1 and name.startswith("/") and name.endswith("/"):
        return _Constraint(name, _pattern(name[1:-1], place), presence, value)
    return _Constraint(name.lower(), None, presence, value)


def _pattern(text: str, place: str) -> re.Pattern[str]:
    if len(text) > _LONGEST or _QUANTIFIED.search(text):
        raise CaseError(f"{place}/keyName: repeats groups, or is too long for a pattern of names")
    try:
        return re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise CaseError(f"{place}/keyName: is no regular expression: {error}") from None
