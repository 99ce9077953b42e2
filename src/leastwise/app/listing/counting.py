"""How many rows have which value, or which values together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.store.lists import bitmaps
from leastwise.store.lists.opened import OpenList

FACETS: Mapping[str, tuple[str, ...]] = {
    "identities": ("provider", "account", "kind", "native", "admin", "external", "enabled", "console", "mfa",
                   "wildcard", "privileged", "owner", "protected", "leaver"),
    "resources": ("provider", "account", "kind", "region", "public", "policy", "owner", "public_meant", "sensitivity"),
    "grants": ("provider", "account", "principal_kind", "layer", "kind", "scope_kind", "state", "admin", "wildcard",
               "conditional", "privileged", "rewrites_iam", "owner", "protected"),
    "credentials": ("provider", "account", "kind", "principal_kind", "active", "hardware", "holder_admin", "owner",
                    "protected"),
    "trusts": ("provider", "account", "principal_kind", "principal_admin", "subject_kind", "external_id", "limited",
               "conditional", "reach", "external_trusted", "external_id_expected", "owner"),
    "requests": ("provider", "account", "kind", "action", "layer", "status", "principal_kind", "owner"),
}  # fmt: skip
"""The columns whose values are counted where nothing else is asked."""


@dataclass(frozen=True, slots=True)
class Facet:
    """How many of the rows that are meant have a value of a column; a value of None stands for those that have none."""

    value: Any
    count: int


_CELLS = 1 << 20
"""So many combinations of values are counted each in its place; of more those that occur are sorted."""


def facet_of(rows: OpenList, name: str, found: BitMap | None, most: int) -> list[Facet]:
    """The values of a column among some rows, the most frequent first."""
    column = rows.column(name)
    counts = column.counts(found)
    order = np.argsort(-counts, kind="stable")[:most]
    kept_places = [int(at) for at in order if counts[at]]
    return [Facet(value, int(counts[at])) for at, value in zip(kept_places, column.values_at(kept_places), strict=True)]


def together(rows: OpenList, within: BitMap | None, *columns: str) -> list[tuple[tuple[Any, ...], int]]:
    """How many of some rows (None: of all) have each combination of values that occurs."""
    of = [rows.column(one) for one in columns]
    shape = [one.count + 1 for one in of]
    at = slice(None) if within is None else bitmaps.rows_of(within)
    code = np.zeros(rows.rows if within is None else len(within), np.int64)
    for column, size in zip(of, shape, strict=True):
        code = code * size + column.codes[at]
    if math.prod(shape) <= max(_CELLS, 2 * len(code)):
        every = np.bincount(code, minlength=math.prod(shape))
        found = np.flatnonzero(every)
        counts = every[found]
    else:
        found, counts = np.unique(code, return_counts=True)
    places = np.unravel_index(found, shape)
    values = [column.values_at(one.tolist()) for column, one in zip(of, places, strict=True)]
    return list(zip(zip(*values, strict=True), counts.tolist(), strict=True))
