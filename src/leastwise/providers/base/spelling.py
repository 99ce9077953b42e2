"""How code calls what an estate calls by id: who is given something, what, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .scopes import ScopeTables

IDENTITY = "identity"
READS: Mapping[str, Sequence[str]] = {
    "principals": ("id", "name", "native", "kind"),
    "scopes": ("id", "kind", "name", "number"),
    "policies": ("id", "name", "kind"),
    "resources": ("id", "name", "kind", "principal"),
}
"""What `Spelled` is given."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """What code calls things; of several names the first is the one that is written.

    Args:
        principal: the names of somebody, by id.
        bundle: the names of a bundle, by id.
        title: what people call a bundle; empty where that is not known.
        scope: the names of a scope, by id.
        placed: the id of a scope as forms of code take it; empty where it is not known.
        terms: a condition of a what-if file as one text; empty for none.
        named: what people call a bundle, by its document.
        layer: the layer in which code gives a bundle: another one for what is no role.
        fold: whether names are equal whatever their case.
    """

    principal: Callable[[str], Sequence[str]]
    bundle: Callable[[str], Sequence[str]]
    title: Callable[[str], str]
    scope: Callable[[str], Sequence[str]]
    placed: Callable[[str], str]
    terms: Callable[[Any], str]
    named: Callable[[Mapping[str, Any]], str]
    layer: Callable[[str], str] = lambda bundle: IDENTITY
    fold: bool = False


Spelled = Callable[["Sequence[ScopeTables]"], Spelling]


def rows_of(scopes: Sequence[ScopeTables], table: str) -> dict[str, dict[str, Any]]:
    """The rows of a table by id."""
    return {row["id"]: row for one in scopes if table in one.tables for row in one.tables[table].to_pylist()}
