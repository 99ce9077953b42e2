"""What is told once and not by rows: roles, deny assignments, vaults, locks, accounts, and what was not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..language.resources import HIERARCHICAL, SHARED_KEY
from .assigned import Assigned
from .reads import Trees

_ROLES = ("predefined_role", "custom_role")
_GRANTS, _DENIES = "roleAssignments.list", "denyAssignments.list"
_LEFT_OUT = ((_DENIES, "a deny assignment of which"), (_GRANTS, "an assignment of which"))


def facts_of(trees: Trees, found: Assigned) -> dict[str, Any]:
    """The facts by name."""
    grants, denies = _unread(trees)
    roles, given = _roles(trees)
    vaults, locks, accounts = _resources(trees, found, given)
    return {
        "roles": roles, "denies": [one for _, one in found.denied], "vaults": vaults, "locks": locks,
        "accounts": accounts, "unread": {"grants": grants, "denies": denies}, "read": _read(trees),
    }  # fmt: skip


def _roles(trees: Trees) -> tuple[dict[str, Any], dict[str, Mapping[str, list[str]]]]:
    """Role definitions by key, as objects; and what access policies of vaults give, by the name of that."""
    roles: dict[str, Any] = {}
    given: dict[str, Mapping[str, list[str]]] = {}
    for tree in trees.trees:
        texts = tree.table("documents").column("text")
        for row in tree.rows("policies"):
            known = roles if row["kind"] in _ROLES else given if row["kind"] == "access_policy" else None
            if known is not None and row["id"] not in known:
                told = msgspec.json.decode(texts[row["document"]].as_py())
                known[row["id"]] = told if known is roles else told["accessPolicy"]
    return roles, given


def _resources(
    trees: Trees, found: Assigned, given: Mapping[str, Mapping[str, list[str]]]
) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Vaults with what their access policies give to whom, locks, and attributes of accounts of storage."""
    vaults, locks, accounts = list[Any](), list[Any](), dict[str, Any]()
    for _, row in trees.spoken("resources"):
        if row["kind"] not in ("keyvault:vaults", "authorization:locks", "storage:storageaccounts"):
            continue
        key, details = row["id"].lower(), dict(row["details"] or ())
        if row["kind"] == "keyvault:vaults":
            policies = [[who, given.get(name, {})] for who, name in found.policies.get(key, ())]
            if "accessPolicies" in details:
                vaults.append([row["id"], policies])
            elif details.get("enableRbacAuthorization") == "false":
                vaults.append([row["id"], None])
        elif row["kind"] == "authorization:locks" and "level" in details:
            locks.append([row["id"], details["level"]])
        elif row["kind"] == "storage:storageaccounts":
            told = ((HIERARCHICAL, "isHnsEnabled"), (SHARED_KEY, "allowSharedKeyAccess"))
            accounts[key] = {name: details[word] == "true" for name, word in told if word in details}
    return vaults, locks, {key: one for key, one in accounts.items() if one}


def _read(trees: Trees) -> list[str]:
    """The keys of containers of which a tree tells something: that they are there, or what lies on or in them."""
    found: dict[str, None] = {}
    for number, tree in enumerate(trees.trees):
        told = [row["id"] for row in tree.rows("scopes") if row["source"]]
        told += [row["account"] for name in ("attachments", "resources") for row in tree.rows(name)]
        found.update(dict.fromkeys(trees.key(number, one) for one in dict.fromkeys(told)))
    return sorted(found)


def _unread(trees: Trees) -> tuple[list[str], list[str]]:
    """The keys of containers whose assignments, and whose deny assignments, were not read, or not all."""
    grants, denies = dict.fromkeys(trees.unreadable), dict.fromkeys(trees.unreadable)
    for number, tree in enumerate(trees.trees):
        for row in tree.rows("coverage"):
            if row["status"] == "ok":
                continue
            detail, call = row["detail"] or "", row["call"]
            if row["service"] == "import":
                call = next((told for told, words in _LEFT_OUT if words in detail), "")
            for name, kept in ((_GRANTS, grants), (_DENIES, denies)):
                if call.partition(":")[0] == name:
                    kept.update(dict.fromkeys(trees.inside(number, row["account"] or "")))
    return sorted(grants), sorted(denies)
