"""What the audit configurations of a tree switch on: the `auditConfigs` of allow policies, from top to bottom.

What a container switches on is on for all below it, and nobody below can switch it off; those of a service and of
`allServices` count together, and so do the members that they leave out.

https://docs.cloud.google.com/logging/docs/audit/configure-data-access
https://docs.cloud.google.com/iam/docs/reference/rest/v1/Policy#AuditConfig
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from leastwise.providers.base import ScopeTables

from .kinds import READ, WRITE, host_of, kinds

ALL = "*"
"""In place of a host: all services."""
_TYPES = {READ: frozenset(("ADMIN_READ", "DATA_READ")), WRITE: frozenset(("DATA_WRITE",))}
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
        opened: resources whose uses by everyone are not logged, or may not be: buckets and datasets that are public.
    """

    top: str
    accounts: tuple[str, ...]
    configs: Mapping[str, Mapping[str, Mapping[str, frozenset[str]]] | None]
    above: Mapping[str, str]
    opened: frozenset[str] = field(default=frozenset())

    def hosts(self) -> list[str]:
        """Hosts that some container names by themselves, sorted."""
        named = {host for told in self.configs.values() for host in told or ()}
        return sorted((named | kinds().always) - {ALL})

    def lacking(self, host: str, kind: str) -> str:
        """Why uses of a kind of permissions of a host (`ALL`: the rest) are not all recorded; empty where they are."""
        if host in kinds().always:
            return ""
        off, exempt, unread = list[str](), set[str](), list[str]()
        for account in self.accounts:
            path = self._path(account)
            told = [self.configs.get(one) for one in path]
            on = {type for one in told if one is not None for each in {host, ALL} for type in one.get(each, ())}
            if not on >= _TYPES[kind]:
                (unread if None in told else off).append(account)
            for one in told:
                for each in {host, ALL} if one is not None else ():
                    exempt |= {who for type in _TYPES[kind] for who in (one or {}).get(each, {}).get(type, ())}
        what = "reads" if kind == READ else "writes of data"
        of = "" if host == ALL else f" of {host}"
        if off:
            return f"Data Access logs for {what}{of} are off in {_some(off)}"
        if unread:
            return f"whether Data Access logs for {what}{of} are on in {_some(unread)} was not read"
        return f"Data Access logs for {what}{of} leave out {_some(sorted(exempt))}" if exempt else ""

    def _path(self, account: str) -> list[str]:
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
    opened = {
        row["id"] for row in _rows(scope, "resources", "id", "kind", "opening", "acl_public")
        if row["kind"] in _PUBLIC and (row["opening"] != "none" or (row["acl_public"] or "none") != "none"
                                       or (row["kind"] == _PUBLIC[0] and row["acl_public"] is None))
    }  # fmt: skip
    return Tree(top, accounts, configs, above, frozenset(opened))


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
