"""Values of condition keys, as cases give them in plain JSON, checked."""

from __future__ import annotations

from collections.abc import Mapping

from leastwise.model.conformance import CaseError

from ..evaluate.facts import Look, Values


def context_of(given: object, place: str) -> dict[str, Values | Look]:
    """Values of condition keys by lower-case name; null says that the key is absent. Raises CaseError."""
    if not isinstance(given, Mapping):
        raise CaseError(f"{place}: must be an object")
    found: dict[str, Values | Look] = {}
    for key, value in given.items():
        if key.lower() in found:
            raise CaseError(f"{place}: {key!r} is given twice")
        values = value if isinstance(value, list) else [value]
        if value is None:
            found[key.lower()] = Look.ABSENT
        elif all(isinstance(one, str | int | float | bool) for one in values):
            found[key.lower()] = tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
        else:
            raise CaseError(f"{place}.{key}: must be a text or a list of texts")
    return found
