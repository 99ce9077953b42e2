"""One row per policy in force on something: what the read models of grants and identities are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from leastwise.engine.columns import coded, encoded, repeated

from .columns import Bools, Ints, flat, ints
from .facts import Facts


@dataclass(frozen=True, slots=True)
class Reach:
    """One row per policy in force on a principal, or on a resource or scope.

    `principal` is the row in principals, -1 for a resource, a scope or a principal that is not in the snapshot;
    `target` its id in any case. A `document` of -1 is one that is not known; a row of kind `unread` stands for policies
    of which not even the names are known. Texts are coded: few of them stand in many rows. `resource` is where a
    binding gives it; `wide` where what the document says holds of all that an account has, `conditioned` where the
    binding itself has a condition. `attachment` is the row of what is bound to a place, -1 for all others.
    """

    principal: Ints
    target: pa.ChunkedArray
    target_kind: pa.ChunkedArray
    account: pa.ChunkedArray
    via: pa.ChunkedArray
    layer: pa.ChunkedArray
    kind: pa.ChunkedArray
    policy: pa.ChunkedArray
    document: Ints
    source: pa.ChunkedArray
    resource: pa.ChunkedArray
    wide: Bools
    conditioned: Bools
    attachment: Ints


def plain_places(rows: int) -> dict[str, Any]:
    """The columns of rows that are not bound to a place: they hold wherever the document says."""
    none = np.zeros(rows, dtype=np.bool_)
    return {
        "resource": encoded(repeated("", rows)), "wide": ~none, "conditioned": none,
        "attachment": np.full(rows, -1, dtype=np.int64),
    }  # fmt: skip


def kinds_of(facts: Facts, rows: Ints, otherwise: Mapping[str, Bools]) -> pa.ChunkedArray:
    """Kinds of the principals in these rows; where the row is negative, the first word of `otherwise` that holds."""
    kinds = flat(facts.principals["kind"])
    words = [*kinds.dictionary.to_pylist(), *otherwise, "unknown"]
    masks = list(otherwise.values())
    places = [np.int64(len(kinds.dictionary) + index) for index in range(len(masks))]
    else_ = np.select(masks, places, default=np.int64(len(words) - 1)) if masks else len(words) - 1
    return encoded(coded(np.where(rows >= 0, np.append(ints(kinds.indices), -1)[rows], else_), words))
