"""Permission sets of Identity Center: which roles each is, and what changes it by hand.

A permission set has one inline policy, which its roles carry under a name of the service's, and policies that are
attached; changes reach the accounts when it is provisioned.
https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from functools import partial

from leastwise.model.plan import Change, Step
from leastwise.providers.base import ScopeTables
from leastwise.providers.base.shrinking import Several
from leastwise.providers.tabled import rows_of

from ..assigned import SET, assigned
from ..reaching import counted

_ASSIGNED, _OK = "ListAccountAssignments", "ok"
_LISTED = ("ListPermissionSets", "ListAccountsForProvisionedPermissionSet")
"""What its answers rest on. https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignments.html"""
INLINE = "AwsSSOInlinePolicy"
"""The name under which roles carry the inline policy of their permission set."""


def several(scopes: Sequence[ScopeTables]) -> Sequence[Several]:
    """Each permission set with its roles."""
    roles: dict[str, list[str]] = {}
    for id, role in assigned(scopes).pairs.get(SET, ()):
        roles.setdefault(id, []).append(role)
    names = {id: name for id, kind, name in rows_of(scopes, "resources", "id", "kind", "name") if kind == SET}
    placed: dict[str, set[str]] = {}
    for id, account in rows_of(scopes, "assignments", "bundle", "account"):
        placed.setdefault(id, set()).add(account)
    calls = [
        (call, status, detail or "")
        for service, call, status, detail in rows_of(scopes, "coverage", "service", "call", "status", "detail")
        if service == "sso-admin"
    ]
    found = []
    for id, holders in sorted(roles.items()):
        unread = sorted(placed.get(id, set()) - {one.split(":")[4] for one in holders})
        why = f"its role in account {unread[0]} was not read" if unread else ""
        if not _asked(names[id], calls):
            why = "not everybody who has it is known: where it is assigned was not read"
        found.append(Several(id, names[id], tuple(sorted(holders)), INLINE, partial(_steps, id), why))
    return found


def _asked(name: str, calls: Sequence[tuple[str, str, str]]) -> bool:
    """Whether it was asked whom a permission set is assigned to, and no such call failed.

    A record of a call is about one account and set, or about all of them.
    """
    about = [
        status
        for call, status, detail in calls
        if (call == _ASSIGNED and (counted(detail) or detail.partition(", ")[2] in ("", name)))
        or (call in (*_LISTED, "*") and status != _OK)
    ]
    return bool(about) and set(about) == {_OK}


def _steps(set: str, changes: Sequence[Change]) -> Sequence[Step]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutInlinePolicyToPermissionSet.html"""
    first = next((role for one in changes if (role := _role(one))), "")
    # A policy that it refers to has to be in every account; what it refers to is told once.
    made = [_made(one) for one in changes if one.verb == "create"]
    steps = [
        Step(one.verb, set, "", _command(set, one), " && ".join(_command(set, back) for back in one.inverse))
        for one in changes
        if _role(one) == first and one.verb != "create"
    ]
    return [*made, *steps, *_provisioned(set)] if steps else []


def _role(change: Change) -> str:
    return str(change.told.get("on") or change.told.get("from") or change.told.get("to") or "")


def _made(change: Change) -> Step:
    policy, document = str(change.told["policy"]), json.dumps(change.told["document"], separators=(",", ":"))
    name = policy.rpartition("/")[2]
    make = shlex.join(("aws", "iam", "create-policy", "--policy-name", name, "--policy-document", document))
    back = shlex.join(("aws", "iam", "delete-policy", "--policy-arn", policy))
    return Step("create", policy, f"in account {policy.split(':')[4]}", make, back)


def _provisioned(set: str) -> Iterator[Step]:
    told = _sso(set, "provision-permission-set", "--target-type", "ALL_PROVISIONED_ACCOUNTS")
    yield Step("provision", set, "its roles in all accounts get what it has now", told, told)


def _command(set: str, change: Change) -> str:
    told = change.told
    policy = str(told["policy"])
    match change.verb:
        case "put":
            document = json.dumps(told["document"], separators=(",", ":"))
            return _sso(set, "put-inline-policy-to-permission-set", "--inline-policy", document)
        case "remove":
            return _sso(set, "delete-inline-policy-from-permission-set")
    way = "attach" if change.verb == "attach" else "detach"
    onto = "to" if way == "attach" else "from"
    if policy.split(":")[4] == "aws":
        return _sso(set, f"{way}-managed-policy-{onto}-permission-set", "--managed-policy-arn", policy)
    path, _, name = policy.split(":policy")[1].rpartition("/")
    reference = ("--customer-managed-policy-reference", f"Name={name},Path={path}/")
    return _sso(set, f"{way}-customer-managed-policy-reference-{onto}-permission-set", *reference)


def _sso(set: str, verb: str, *words: str) -> str:
    instance = f"{set.partition('permissionSet/')[0]}instance/{set.split('/')[1]}"
    return shlex.join(("aws", "sso-admin", verb, "--instance-arn", instance, "--permission-set-arn", set, *words))
