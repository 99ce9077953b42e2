"""Who outside is trusted: the zone of trust, exceptions and vendors of estate.yaml over rows of trusts."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .estate_file import EstateFile
from .globs import globs

Ours = tuple[Collection[str], Collection[str]]
"""Ids of the accounts, and of the organizations, that the estate holds."""


def trusted(trusts: pa.Table, file: EstateFile, ours: Ours, used: set[str]) -> pa.Array:
    """Which subjects are ours, or trusted for the principal of the row.

    Ours are accounts of the estate and of the zone of trust, and subjects that must be of such an organization; a
    vendor or an exception is trusted for its resources. Null where an organization is asked for and none of ours is
    known. `used` gets the parts of the file that count.
    """
    zone = file.zone_of_trust
    if zone.accounts or zone.organizations:
        used.add("zone_of_trust")
    accounts, organizations = {*zone.accounts, *ours[0]}, {*zone.organizations, *ours[1]}
    result = _in(trusts["subject_account"], accounts)
    for part, _, holds in entries(trusts, file):
        if part == "vendors":
            _note(used, part, holds)
        result = pc.or_(result, holds)
    asked, within = _within(trusts["organizations"].combine_chunks(), organizations)
    result = pc.or_(result, within)
    if organizations:
        return result
    return pc.if_else(pc.and_(asked, pc.invert(result)), pa.scalar(None, pa.bool_()), result)


def entries(rows: pa.Table, file: EstateFile) -> Iterator[tuple[str, str, pa.Array]]:
    """The entries that trust an account for some resources.

    Args:
        rows: the account in `subject_account`, what it comes to in `principal`.
        file: estate.yaml.

    Yields:
        The part of the file, the name of the entry, and which rows it trusts.
    """
    for index, exception in enumerate(file.zone_of_trust.exceptions):
        name = f"zone_of_trust.exceptions[{index}]"
        yield "zone_of_trust", name, _of(rows, exception.account, exception.resources)
    for vendor in file.vendors:
        yield "vendors", f"vendors: {vendor.name}", _of(rows, vendor.account, vendor.resources or ["*"])


def external_id_expected(trusts: pa.Table, file: EstateFile, ours: Ours, used: set[str]) -> pa.Array:
    """Of which subjects an external id is expected: what a vendor's entry says, else those that are not trusted."""
    result = pc.invert(trusted(trusts, file, ours, used))
    for vendor in file.vendors:
        holds = _of(trusts, vendor.account, vendor.resources or ["*"])
        result = pc.if_else(holds, vendor.external_id, result)
    return result


def _of(trusts: pa.Table, account: str, resources: list[str]) -> pa.Array:
    """Which rows are of this account and of a principal among these globs."""
    return pc.and_(_in(trusts["subject_account"], {account}), globs(trusts["principal"], resources))


def _in(column: pa.ChunkedArray, ids: Collection[str]) -> pa.Array:
    found = pc.is_in(column, value_set=pa.array(sorted(ids), pa.string()))
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _within(organizations: pa.ListArray, ours: Collection[str]) -> tuple[pa.Array, pa.Array]:
    """Which rows ask for an organization, and which for organizations of ours only."""
    foreign = np.zeros(len(organizations), dtype=np.bool_)
    outside = pc.invert(_in(pc.list_flatten(organizations), ours))
    foreign[pc.list_parent_indices(organizations).filter(outside).to_numpy(zero_copy_only=False)] = True
    asked = pc.greater(pc.list_value_length(organizations), 0)
    return asked, pc.and_(asked, pa.array(~foreign))


def _note(used: set[str], part: str, holds: pa.Array) -> None:
    if pc.any(holds).as_py():
        used.add(part)
