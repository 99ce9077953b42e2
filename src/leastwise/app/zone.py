"""Who outside is trusted: the zone of trust, exceptions and vendors of estate.yaml over rows of trusts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .estate_file import EstateFile
from .globs import globs

_HELD = frozenset({"account", "principal", "group", "domain"})
"""Kinds of subjects that some account, tenant or directory holds."""
_FEDERATED = frozenset({"oidc", "saml", "pool"})
Ours = tuple[Collection[str], Collection[str]]
"""Ids of the accounts, and of the organizations, that the estate holds."""
Note = Callable[[str, pa.Array], None]
"""Called with a part of estate.yaml and the rows that rest on it."""


def into(used: set[str]) -> Note:
    """Notes to a set the parts of estate.yaml on which some row rests."""

    def note(part: str, holds: pa.Array) -> None:
        if pc.any(holds).as_py():
            used.add(part)

    return note


def trusted(trusts: pa.Table, file: EstateFile, ours: Ours, note: Note) -> pa.Array:
    """Which subjects are ours, or trusted for the principal of the row.

    Ours are accounts of the estate, accounts, tenants and domains of the zone of trust, its identity providers, and
    subjects that must be of such an organization; a vendor or an exception is trusted for its resources. Null where an
    organization is asked for and none of ours is known, and where a subject has an account that was not told. `note`
    is told the parts of the file that count.
    """
    zone = file.zone_of_trust
    if zone.accounts or zone.organizations or zone.tenants or zone.domains or zone.identity_providers:
        note("zone_of_trust", pa.repeat(pa.scalar(True), trusts.num_rows))
    accounts = {*zone.accounts, *zone.tenants, *zone.domains, *ours[0]}
    organizations = {*zone.organizations, *ours[1]}
    result = pc.or_(_in(trusts["subject_account"], accounts), _vouched(trusts, zone.identity_providers))
    for part, _, holds in entries(trusts, file):
        if part == "vendors":
            note(part, holds)
        result = pc.or_(result, holds)
    asked, within = _within(trusts["organizations"].combine_chunks(), organizations)
    result = pc.or_(result, within)
    untold = pc.and_(
        pc.and_(pc.is_null(trusts["subject_account"]), _in(trusts["subject_kind"], _HELD)), pc.invert(asked)
    )
    doubt = untold if organizations else pc.or_(untold, asked)
    return pc.if_else(pc.and_(_plain(doubt), pc.invert(result)), pa.scalar(None, pa.bool_()), result)


def _vouched(trusts: pa.Table, providers: list[str]) -> pa.Array:
    """Which subjects are known by an identity provider that is trusted."""
    return pc.and_(_in(trusts["subject_kind"], _FEDERATED), globs(trusts["subject"], providers))


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


def external_id_expected(
    trusts: pa.Table, file: EstateFile, ours: Ours, note: Note, having: Collection[str]
) -> pa.Array:
    """Of which subjects an external id is expected: what a vendor's entry says, else those that are not trusted.

    Of nobody where the provider of the row is not among those that have such a thing (`having`).
    """
    result = pc.invert(trusted(trusts, file, ours, note))
    for vendor in file.vendors:
        holds = _of(trusts, vendor.account, vendor.resources or ["*"])
        result = pc.if_else(holds, vendor.external_id, result)
    return pc.if_else(_in(trusts["provider"], having), result, pa.scalar(False))


def _of(trusts: pa.Table, account: str, resources: list[str]) -> pa.Array:
    """Which rows are of this account and of a principal among these globs."""
    return pc.and_(_in(trusts["subject_account"], {account}), globs(trusts["principal"], resources))


def _in(column: pa.ChunkedArray, ids: Collection[str]) -> pa.Array:
    return _plain(pc.is_in(column, value_set=pa.array(sorted(ids), pa.string())))


def _within(organizations: pa.ListArray, ours: Collection[str]) -> tuple[pa.Array, pa.Array]:
    """Which rows ask for an organization, and which for organizations of ours only."""
    foreign = np.zeros(len(organizations), dtype=np.bool_)
    outside = pc.invert(_in(pc.list_flatten(organizations), ours))
    foreign[pc.list_parent_indices(organizations).filter(outside).to_numpy(zero_copy_only=False)] = True
    asked = pc.greater(pc.list_value_length(organizations), 0)
    return asked, pc.and_(asked, pa.array(~foreign))


def _plain(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
