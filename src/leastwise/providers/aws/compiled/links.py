"""Facts of the header about who acts as whom: people by permission sets, things by certificates and role aliases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from .scopes import ScopeTables, joined, plain

if TYPE_CHECKING:
    from .compile import Codes

_NATIVES = ("identity_center_user", "identity_center_group", "thing")
_KINDS = ("attached_certificate", "role_alias", "executes_as")


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
        if "attachments" not in one.tables:
            continue
        table = plain(one.tables["attachments"].select(["layer", "target", "policy", "document", "source"]))
        numbers = codes.of(index, table["document"]).tolist()
        for row in pc.indices_nonzero(pc.equal(table["layer"], "device")).to_pylist():
            entry = [numbers[row], table["policy"][row].as_py(), table["source"][row].as_py()]
            found.setdefault(table["target"][row].as_py(), []).append(entry)
    return found
