"""Facts of the header about who acts as whom: people by permission sets, things by certificates and role aliases.

And about what leads to a resource: the aliases of keys, and access points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from ..evaluate.arn import parse_arn
from .scopes import ScopeTables, joined, laid

if TYPE_CHECKING:
    from .interning import Codes

_NATIVES = ("identity_center_user", "identity_center_group", "thing")
_KINDS = ("attached_certificate", "role_alias", "executes_as")
_LEADING = ("kms:key", "s3:accesspoint", "s3:bucket")


def links(scopes: Sequence[ScopeTables], codes: Codes) -> dict[str, Any]:
    """Principals that are no users or roles, and what leads from them to roles."""
    principals = joined(scopes, "principals", ["id", "name", "kind", "native", "account", "mail"])
    wanted = pc.or_(pc.is_in(principals["native"], value_set=pa.array(_NATIVES)), pc.equal(principals["kind"], "agent"))
    actors = {
        row["id"]: [row["name"], row["kind"], row["native"], row["account"], row["mail"] or ""]
        for row in principals.filter(wanted).to_pylist()
    }
    members = joined(scopes, "memberships", ["member", "group", "kind"])
    members = members.filter(pc.equal(members["kind"], "identity_center_group"))
    runs = joined(scopes, "runs_as", ["subject", "object", "kind"])
    runs = runs.filter(pc.is_in(runs["kind"], value_set=pa.array(_KINDS)))
    names = _names(scopes, "resources", ("sso:permissionSet",)) | _names(scopes, "policies", ("scp", "rcp"))
    return {
        "actors": actors,
        "groups": [[row["member"], row["group"]] for row in members.to_pylist()],
        "assignments": [
            [row["bundle"], row["principal"], row["account"]]
            for row in joined(scopes, "assignments", ["bundle", "principal", "account"]).to_pylist()
        ],
        "runs": [[row["subject"], row["object"], row["kind"]] for row in runs.to_pylist()],
        "names": _names(scopes, "policies", ("permission_set",)) | names,
        "devices": _devices(scopes, codes),
        "unread": _unread(scopes, actors),
    }


def _names(scopes: Sequence[ScopeTables], name: str, kinds: Sequence[str]) -> dict[str, str]:
    table = joined(scopes, name, ["id", "name", "kind"])
    table = table.filter(pc.is_in(table["kind"], value_set=pa.array(kinds)))
    return {row["id"]: row["name"] for row in table.to_pylist()}


def _unread(scopes: Sequence[ScopeTables], actors: Mapping[str, Any]) -> dict[str, list[str]]:
    """What of the access of people was not read."""
    table = joined(scopes, "attachments", ["kind", "target", "policy"])
    table = table.filter(pc.equal(table["kind"], "unread"))
    found: dict[str, list[str]] = {}
    for row in table.to_pylist():
        if row["target"] in actors:
            found.setdefault(row["target"], []).append(row["policy"])
    return found


def _devices(scopes: Sequence[ScopeTables], codes: Codes) -> dict[str, list[list[Any]]]:
    """The policies of certificates: document, name, source."""
    found: dict[str, list[list[Any]]] = {}
    for index, one in enumerate(scopes):
        table = laid(one, ("device",))
        for row, number in zip(table.to_pylist(), codes.of(index, table["document"]).tolist(), strict=True):
            found.setdefault(row["target"], []).append([number, row["policy"], row["source"]])
    return found


def leads(scopes: Sequence[ScopeTables]) -> dict[str, dict[str, str]]:
    """Facts of the header: the key of each alias, the bucket of each access point, keys that AWS manages, by ARN.

    And the canonical user of each account, which its buckets tell.
    """
    table = joined(scopes, "resources", ["id", "account", "kind", "details"])
    table = table.filter(pc.is_in(table["kind"], value_set=pa.array(_LEADING)))
    found: dict[str, dict[str, str]] = {"aliases": {}, "points": {}, "managed": {}, "canonical": {}}
    for row in table.to_pylist():
        details = dict(row["details"] or [])
        if row["kind"] == "s3:bucket":
            found["canonical"] |= {row["account"]: details["owner"]} if details.get("owner") else {}
        elif row["kind"] == "kms:key":
            aliases = list(_aliases(row["id"], details.get("aliases", "")))
            found["aliases"] |= dict.fromkeys(aliases, row["id"])
            if details.get("manager") == "AWS" or any(":alias/aws/" in alias for alias in aliases):
                found["managed"][row["id"]] = "AWS"
        elif details.get("bucket"):
            arn = parse_arn(row["id"])
            partition = arn.partition if arn else "aws"
            found["points"][row["id"]] = f"arn:{partition}:s3:::{details['bucket']}"
    return found


def _aliases(key: str, names: str) -> Iterator[str]:
    arn = parse_arn(key)
    if arn is not None:
        for name in filter(None, names.split(", ")):
            yield f"arn:{arn.partition}:kms:{arn.region}:{arn.account}:{name}"
