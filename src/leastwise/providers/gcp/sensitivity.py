"""How much harm each permission can do: by its verb, then `data/sensitivity.yaml`. Google tells of no access levels."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import translate as pattern_of
from functools import cache
from pkgutil import get_data
from re import compile
from typing import Any

import yaml

from leastwise.model.gap import SENSITIVITIES

from . import catalog


def sensitivity() -> Mapping[str, str]:
    """The word of `SENSITIVITIES` for each permission of the catalogue in force."""
    return _of(catalog.current())


@cache
def _of(facts: catalog.Catalog) -> Mapping[str, str]:
    tables = table()
    verbs = [(tuple(said["verbs"]), word) for word, said in tables.items() if "verbs" in said]
    found = {name: _by_verb(name.rpartition(".")[2], verbs) for name in facts.permissions}
    tags = facts.tags
    for word, said in tables.items():
        for tag in said.get("tags", ()):
            found |= {name: word for name in tags.get(tag, ()) if name in found}
        for pattern in said.get("patterns", ()):
            found |= dict.fromkeys(covered(facts, pattern), word)
    return found


def _by_verb(verb: str, verbs: list[tuple[tuple[str, ...], str]]) -> str:
    """The word whose verbs this one begins with, the last such; `write` where there is none.

    A verb is a word of its own: `get` begins `getStatus`, and not `getaway`.
    """
    found = "write"
    for beginnings, word in verbs:
        for one in beginnings:
            if verb == one or (verb.startswith(one) and verb[len(one)].isupper()):
                found = word
    return found


def covered(facts: catalog.Catalog, pattern: str) -> list[str]:
    """The permissions that a pattern of the table covers, sorted."""
    matches = compile(pattern_of(pattern)).match
    return [name for name in facts.permissions if matches(name)]


def table() -> dict[str, dict[str, Any]]:
    """The tables of our own, in the order in which they are applied."""
    raw = get_data("leastwise.providers.gcp", "data/sensitivity.yaml")
    found: dict[str, dict[str, Any]] = yaml.safe_load(raw or b"")
    assert set(found) <= set(SENSITIVITIES)
    return found
