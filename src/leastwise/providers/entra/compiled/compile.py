"""Tables of a tenant to arrays: what the reference's estate of them holds.

Memberships are many and say little, so those of groups and members that were read whole stay columns throughout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.arrays import Arrays
from leastwise.engine.columns import plain
from leastwise.engine.quiet import without_collector
from leastwise.providers.base import ScopeTables

from ..evaluate.estate import Estate
from ..evaluate.published import published
from .arranging import Pairs, arranged
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
        return tables, Pairs(pa.array([], pa.string()), pa.array([], pa.string()))
    ids = principals.column("id").combine_chunks()
    read = pc.equal(pc.map_lookup(principals.column("details").combine_chunks(), "read", "first"), "yes")
    read, whole = (pc.fill_null(one, False) for one in (read, principals.column("members_known").combine_chunks()))
    mask = pc.and_(
        pc.equal(memberships.column("kind"), "directory_group"),
        pc.and_(
            pc.is_in(memberships.column("group"), value_set=ids.filter(whole)),
            pc.is_in(memberships.column("member"), value_set=ids.filter(read)),
        ),
    )
    kept = memberships.filter(mask)
    pairs = Pairs(*(kept.column(name).combine_chunks() for name in ("group", "member")))
    return {**tables, "memberships": memberships.filter(pc.invert(mask))}, pairs
