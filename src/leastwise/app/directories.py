"""A cloud and its directory laid together: people, and who is in which group, are told by another provider's snapshots.

The read models of a snapshot are made of it alone. Where an estate holds snapshots of its provider's directories, they
are made once more of both, so that lists show members of groups, and names where only ids were known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.model.snapshot import Manifest
from leastwise.model.tables import FACT_TABLES
from leastwise.store.readmodels import build

NAMED = "directory_object"
"""The native word of a principal of which only its directory tells more."""
_SAME_DAY = timedelta(days=1)
_RANK = pa.array(["no", "unknown", "limited", "conditional", "yes"])

Read = Callable[[Manifest, str], pa.Table]


def laid_together(manifest: Manifest, directories: Sequence[Manifest], read: Read) -> dict[str, pa.Table]:
    """The read models of a snapshot, made of its facts and its directories'.

    Identities are those that the snapshot itself names, or gives something by a group; whom a directory tells of
    belongs to that. Raises what `read` does.
    """
    tables = {spec.name: read(manifest, spec.name) for spec in FACT_TABLES}
    told = [(one, read(one, "principals")) for one in directories]
    complete = _complete(manifest, directories, tables["scopes"], read)
    own = _gone(tables["principals"], told) if complete else tables["principals"]
    tables["principals"] = _principals(own, [principals for _, principals in told])
    members = [read(one, "memberships") for one in directories]
    tables["memberships"] = pa.concat_tables([tables["memberships"], *members])
    made = build(manifest.scope.provider, manifest.scope.id, tables)
    views = {name: plain(view) for name, view in made.items()}
    identities = views["identities"]
    concerned = pc.or_(pc.is_in(identities["id"], value_set=_ids(own)), pc.greater(identities["grants"], 0))
    views["identities"] = _given_back(identities.filter(concerned), told)
    return views


def _complete(manifest: Manifest, directories: Sequence[Manifest], scopes: pa.Table, read: Read) -> bool:
    """Whether everybody who may be named is told: each tenant's directory tells all, as of the same day or later."""
    known = set()
    for one in directories:
        rows = read(one, "scopes")
        told = rows.filter(rows["people_known"])["id"].cast(pa.string()).to_pylist()
        known |= set(told) if one.time >= manifest.time - _SAME_DAY else set()
    tenants = set(scopes["tenant"].drop_null().cast(pa.string()).to_pylist())
    return bool(tenants) and tenants <= known


def _gone(own: pa.Table, told: Sequence[tuple[Manifest, pa.Table]]) -> pa.Table:
    """The principals; those who are named and whom no directory has any more are deleted ones."""
    there = pa.concat_tables([principals for _, principals in told])
    here = pc.is_in(own["id"], value_set=_ids(there.filter(pc.not_equal(there["native"], NAMED))))
    people = pc.is_in(own["kind"], value_set=pa.array(["human", "group", "workload", "unknown"]))
    named = pc.and_(pc.equal(own["native"], NAMED), pc.not_equal(own["directory"], "foreign"))
    gone = pc.and_(pc.and_(named, people), pc.invert(here))
    index = own.schema.get_field_index("kind")
    return own.set_column(index, own.schema.field(index), pc.if_else(gone, "deleted", own["kind"]))


def _ids(table: pa.Table) -> pa.Array:
    return table["id"].combine_chunks()


def _principals(own: pa.Table, told: Sequence[pa.Table]) -> pa.Table:
    """The snapshot's principals: those that it merely names as the directory tells them; then the others of those."""
    known = pa.concat_tables(told)
    known = known.filter(pc.not_equal(known["native"], NAMED))
    named = pc.and_(pc.equal(own["native"], NAMED), pc.is_in(own["id"], value_set=_ids(known)))
    kept = own.filter(pc.invert(named))
    return pa.concat_tables([kept, known.filter(pc.invert(pc.is_in(known["id"], value_set=_ids(kept))))])


def _given_back(identities: pa.Table, told: Sequence[tuple[Manifest, pa.Table]]) -> pa.Table:
    """Identities with the provider and account of the directory that tells of them."""
    for manifest, principals in told:
        at = pc.index_in(identities["id"], value_set=_ids(principals.filter(pc.not_equal(principals["native"], NAMED))))
        here = pc.and_(pc.is_valid(at), pc.equal(identities["account"], manifest.scope.id))
        index = identities.schema.get_field_index("provider")
        provider = pc.if_else(here, manifest.scope.provider, identities["provider"])
        identities = identities.set_column(index, identities.schema.field(index), provider)
    return identities


def one_each(identities: pa.Table, providers: set[str]) -> pa.Table:
    """Identities of which each is told once, of providers that share them with another's.

    Of several rows of one principal, that which says most: the widest administration, then the most grants.
    """
    concerned = pc.is_in(identities["provider"], value_set=pa.array(sorted(providers), pa.string()))
    if not pc.any(concerned).as_py():
        return identities
    mine = np.flatnonzero(concerned.combine_chunks().to_numpy(zero_copy_only=False))
    own = identities.take(pa.array(mine))
    codes = own["id"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    rank = pc.fill_null(pc.index_in(own["admin"], value_set=_RANK), 0).to_numpy()
    order = np.lexsort((np.arange(len(codes)), -own["grants"].to_numpy(), -rank, codes))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = codes[order][1:] != codes[order][:-1]
    kept = np.ones(identities.num_rows, dtype=np.bool_)
    kept[mine] = False
    kept[mine[order[first]]] = True
    return identities.filter(pa.array(kept))
