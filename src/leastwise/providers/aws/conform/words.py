"""What cases say in plain JSON, checked: texts, lists of texts, values of condition keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.model.conformance import CaseError

from ..evaluate.facts import Look, Values


def text_of(body: Mapping[str, Any], key: str, place: str = "") -> str:
    """A text that must be there. Raises CaseError."""
    found = body.get(key)
    if not isinstance(found, str) or not found:
        raise CaseError(f"{place}{key}: {'is missing' if found in (None, '') else 'must be a text'}")
    return found


def texts_of(body: Mapping[str, Any], key: str, place: str = "") -> list[str]:
    """A list of texts; empty when absent. Raises CaseError."""
    found = body.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise CaseError(f"{place}{key}: must be a list of texts")
    return found


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
