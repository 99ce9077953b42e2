"""What Identity Center gives: permission sets and the roles that they are in accounts, groups and what they hold.

Both are of the organization, and lie in its management account; for the escalation rules they are things there. A
permission set is in each account to which it is assigned a role of its own, whose name ends with a suffix.

https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.providers.base import ScopeTables
from leastwise.providers.tabled import rows_of

SET, GROUP = "sso:permissionSet", "identitystore:group"
"""Kinds of such things."""
_RESERVED = ":role/aws-reserved/sso.amazonaws.com/"
_PREFIX = "AWSReservedSSO_"


@dataclass(frozen=True)
class Assigned:
    """Permission sets and groups of an organization.

    Args:
        account: the management account; empty where it is not known.
        kinds: of each of them.
        pairs: by kind each of them with the roles that it is, or gives.
    """

    account: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def assigned(scopes: Sequence[ScopeTables]) -> Assigned:
    """What the tables tell of Identity Center."""
    management = {id for id, is_it in rows_of(scopes, "scopes", "id", "management") if is_it}
    if len(management) != 1 or not management & {one.id for one in scopes if "principals" in one.tables}:
        return Assigned()
    names, roles = set_names(scopes), reserved_roles(scopes)
    sets = {(one, role) for one, name in names.items() for role in roles.get(name, {}).values()}
    groups = {
        (principal, role)
        for bundle, principal, kind, account in rows_of(
            scopes, "assignments", "bundle", "principal", "principal_kind", "account"
        )
        if kind == "group" and (role := roles.get(names.get(bundle, ""), {}).get(account))
    }
    kinds = {one: SET for one, _ in sets} | {one: GROUP for one, _ in groups}
    return Assigned(management.pop(), kinds, {SET: sorted(sets), GROUP: sorted(groups)})


def set_names(scopes: Sequence[ScopeTables]) -> Mapping[str, str]:
    """The name of each permission set."""
    return {id: name for id, kind, name in rows_of(scopes, "resources", "id", "kind", "name") if kind == SET}


def reserved_roles(scopes: Sequence[ScopeTables]) -> Mapping[str, Mapping[str, str]]:
    """By the name of a permission set its role in each account."""
    roles: dict[str, dict[str, str]] = {}
    for id, account, native in rows_of(scopes, "principals", "id", "account", "native"):
        if native == "role" and _RESERVED in id:
            name = id.rpartition("/")[2].removeprefix(_PREFIX).rpartition("_")[0]
            roles.setdefault(name, {})[account] = id
    return roles


def without(one: ScopeTables, center: Assigned) -> ScopeTables:
    """A scope without these things, which are told of the management account instead."""
    if "resources" not in one.tables or not center.kinds:
        return one
    table = plain(one.tables["resources"])
    kept = pc.invert(pc.is_in(table["id"], value_set=pa.array(list(center.kinds), pa.string())))
    return replace(one, tables={**one.tables, "resources": table.filter(kept)})
