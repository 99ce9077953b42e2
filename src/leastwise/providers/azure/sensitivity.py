"""How much harm each permission can do: by its plane and last word, then `data/sensitivity.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pkgutil import get_data

import yaml

from leastwise.model.gap import SENSITIVITIES

from . import catalog
from .language.operations import DATA, Patterns, Plane, canonical

_WORDS = {
    Plane.CONTROL: {"read": "read", "delete": "destructive"},
    Plane.DATA: {"read": "data read", "delete": "destructive"},
}


def sensitivity() -> Mapping[str, str]:
    """The word of `SENSITIVITIES` for each permission of the catalogue in force, as users see permissions."""
    return _of(catalog.current())


@cache
def _of(facts: catalog.Catalog) -> Mapping[str, str]:
    tables = [(word, Patterns(patterns)) for word, patterns in table().items()]
    found: dict[str, str] = {}
    for plane in Plane:
        for name in facts.every(plane):
            low = canonical(name)
            both = plane is Plane.DATA and Plane.CONTROL in facts.planes(low)
            said = _WORDS[plane].get(low.rpartition("/")[2], "write")
            for word, patterns in tables:
                said = word if patterns.take(low) else said
            found[f"{DATA}{name}" if both else name] = said
    return found


def table() -> dict[str, list[str]]:
    """The patterns by word, in the order in which they are applied."""
    raw = get_data("leastwise.providers.azure", "data/sensitivity.yaml")
    found: dict[str, list[str]] = yaml.safe_load(raw or b"")
    return {word: found[word] for word in found if word in SENSITIVITIES}
