"""What the audit configurations of a tree switch on: the `auditConfigs` of allow policies, from top to bottom.

What a container switches on is on for all below it, and nobody below can switch it off; those of a service and of
`allServices` count together, and so do the members that they leave out. The pages do not say whether members that a
container leaves out are left out below it as well: here they are, since that shows less.

https://docs.cloud.google.com/logging/docs/audit/configure-data-access
https://docs.cloud.google.com/iam/docs/reference/rest/v1/Policy#AuditConfig
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from leastwise.providers.base import ScopeTables

from .kinds import host_of, kinds

ALL = "*"
"""In place of a host: all services."""
_PUBLIC = ("storage:bucket", "bigquery:dataset")


@dataclass(frozen=True, slots=True)
class Tree:
    """One scope's containers, by account, and what they record.

    Args:
        top: the account at the top, as in rows.
        accounts: every account of the tree, sorted.
        configs: by account, host (or `ALL`) and type of log the members that are left out; None where the allow policy
            of the account was not read.
        above: the account above each account.
        opened: by account resources whose uses by everyone are not logged, or may not be: buckets and datasets that
            are public.
    """

    top: str
    accounts: tuple[str, ...]
    configs: Mapping[str, Mapping[str, Mapping[str, frozenset[str]]] | None]
    above: Mapping[str, str]
    opened: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def hosts(self) -> list[str]:
        """Hosts that some container names by themselves, sorted."""
        named = {host for told in self.configs.values() for host in told or ()}
        return sorted((named | kinds().always) - {ALL})

    def lacking(self, account: str, host: str, kind: str) -> str:
        """Why uses of a type of permissions of a host (`ALL`: the rest) are not all recorded; empty where they are."""
        on, exempt, unread = host in kinds().always, set[str](), list[str]()
        for one in self.path(account):
            told = self.configs.get(one)
            if told is None:
                unread.append(one)
                continue
            for each in {host, ALL}:
                if kind in told.get(each, ()):
                    on = True
                    exempt |= told[each][kind]
        what = f"Data Access logs ({kind})" if host == ALL else f"Data Access logs ({kind}) of {host}"
        if unread:
            return f"what is said of {what} in {_some(unread)} was not read"
        if not on:
            return f"{what} are off in {account}"
        return f"{what} leave out {_some(sorted(exempt))}" if exempt else ""

    def path(self, account: str) -> list[str]:
        """An account and those above it, the lowest first, also such as are not in the tree."""
        path = [account]
        while (above := self.above.get(path[-1], "")) and above not in path:
            path.append(above)
        return path


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def trees(scopes: Iterable[ScopeTables]) -> list[Tree]:
    """The trees of some scopes; of the tables the columns are read that `READS` names."""
    return [_tree(one) for one in scopes if one.tables]


def _tree(scope: ScopeTables) -> Tree:
    rows = _rows(scope, "scopes", "id", "parent")
    above = {row["id"]: row["parent"] for row in rows if row["parent"]}
    top = scope.id
    accounts = tuple(sorted({row["id"] for row in rows} | {top}))
    documents = scope.tables.get("documents")
    configs: dict[str, Any] = dict.fromkeys(accounts)
    for row in _rows(scope, "attachments", "layer", "target", "document"):
        if (
            row["layer"] == "allow"
            and row["target"] in configs
            and documents is not None
            and row["document"] is not None
        ):
            configs[row["target"]] = _switched_on(documents["text"][row["document"]].as_py())
    opened: dict[str, frozenset[str]] = {}
    for row in _rows(scope, "resources", "id", "account", "kind", "opening", "acl_public"):
        if row["kind"] in _PUBLIC and (row["opening"] != "none" or (row["acl_public"] or "none") != "none"
                                       or (row["kind"] == _PUBLIC[0] and row["acl_public"] is None)):  # fmt: skip
            opened[row["account"]] = opened.get(row["account"], frozenset()) | {row["id"]}
    return Tree(top, accounts, configs, above, opened)


def _rows(scope: ScopeTables, table: str, *columns: str) -> list[dict[str, Any]]:
    found = scope.tables.get(table)
    return [] if found is None else found.select(list(columns)).to_pylist()


def _switched_on(text: bytes) -> dict[str, dict[str, frozenset[str]]]:
    """By host the types of logs that a policy switches on, each with the members that it leaves out."""
    try:
        policy = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    found: dict[str, dict[str, frozenset[str]]] = {}
    for one in _objects(policy, "auditConfigs", "audit_configs"):
        service = one.get("service")
        if not isinstance(service, str):
            continue
        held = found.setdefault(ALL if service == "allServices" else host_of(service), {})
        for log in _objects(one, "auditLogConfigs", "audit_log_configs"):
            type = log.get("logType") or log.get("log_type")
            type = _NUMBERS.get(type, type) if isinstance(type, int) else type
            exempt = log.get("exemptedMembers") or log.get("exempted_members") or ()
            if isinstance(type, str):
                held[type] = held.get(type, frozenset()) | {one for one in exempt if isinstance(one, str)}
    return found


_NUMBERS = {1: "ADMIN_READ", 2: "DATA_WRITE", 3: "DATA_READ"}
"""Exports of old write the numbers of the types.

https://github.com/googleapis/googleapis/blob/master/google/iam/v1/policy.proto (AuditLogConfig.LogType)
"""


def _objects(value: Any, *names: str) -> list[dict[str, Any]]:
    found = next((value[name] for name in names if isinstance(value, dict) and value.get(name)), None)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
