"""Tables of a tenant to arrays: what the reference's estate of them holds.

Memberships are many and say little, so those of groups and members that were read whole stay columns throughout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.columns import plain
from leastwise.engine.quiet import without_collector
from leastwise.providers.base import ScopeTables

from ..evaluate.estate import Estate
from ..evaluate.published import published
from .arranging import NO_PAIRS, Pairs, arranged
from .estate import estate_of_tables

_OWN = ("", "entra")


def compile_estate(scopes: Sequence[ScopeTables]) -> Arrays:
    """The arrays of an estate from the tables of its scopes.

    Of several tenants there is nothing but their names, for no question is about more than one; of a tenant that could
    not be read it is known that nothing is.
    """
    own = [one for one in scopes if one.provider in _OWN]
    with without_collector():
        if len(own) == 1 and own[0].readable:
            (one,) = own
            tables, pairs = _apart(one.tables)
            return arranged(estate_of_tables(tables, published()), one.id, one.id, pairs)
        lost = tuple(f"the tenant {one.id}" for one in own if not one.readable)
        made = arranged(Estate(published(), unread=lost), own[0].id if len(own) == 1 else "")
    several = sorted(one.id for one in own) if len(own) > 1 else []
    return Arrays({name: made[name] for name in made.names()}, {**made.facts, "several": several})


def _apart(tables: Mapping[str, pa.Table]) -> tuple[Mapping[str, pa.Table], Pairs]:
    """The tables without plain memberships, and these: groups and members."""
    principals, memberships = (plain(tables[name]) for name in ("principals", "memberships"))
    if not principals.num_rows or not memberships.num_rows:
        return tables, NO_PAIRS
    ids = principals.column("id").combine_chunks()
    read = pc.equal(pc.map_lookup(principals.column("details").combine_chunks(), "read", "first"), "yes")
    read, whole = (pc.fill_null(one, False) for one in (read, principals.column("members_known").combine_chunks()))
    groups, members = (_places(memberships.column(name), ids) for name in ("group", "member"))
    plain_ones = pc.equal(memberships.column("kind"), "directory_group").to_numpy().astype(np.bool_)
    mask = plain_ones & (groups >= 0) & (members >= 0)
    mask &= whole.to_numpy(zero_copy_only=False)[groups] & read.to_numpy(zero_copy_only=False)[members]
    pairs = Pairs(ids.to_pylist(), groups[mask], members[mask])
    return {**tables, "memberships": memberships.filter(pa.array(~mask))}, pairs


def _places(column: pa.ChunkedArray, ids: pa.Array) -> Array:
    """The place of each text of a column among ids; -1 for one that is none of them."""
    found = pc.fill_null(pc.index_in(column, value_set=ids), -1)
    return np.asarray(found.to_numpy()).astype(np.int64)
