"""Deny policies that deny permissions to all but some principals.

https://cloud.google.com/iam/docs/deny-overview (500 rules for all deny policies of a resource),
https://cloud.google.com/iam/docs/reference/rest/v2/policies
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from leastwise.providers.base.guarding import NAME, Folded, Guardrails, One, Patterns, Target, below, filled
from leastwise.providers.base.scopes import ScopeTables
from leastwise.providers.base.spelling import rows_of

from .language.members import Kind, parse_member
from .language.names import canonical

RULES, PERMISSIONS = 500, 500
"""Rules of all deny policies of a resource, and how many permissions one rule is given here: no page tells a limit."""
_EVERYBODY = "principalSet://goog/public:all"
_HOST = "cloudresourcemanager.googleapis.com"


def _takes(scopes: Sequence[ScopeTables], named: str) -> Target | None:
    """A project, folder or organization, and all projects in it."""
    rows = rows_of(scopes, "scopes")
    id = next((one for one in (named, named.removeprefix("projects/")) if one in rows), None)
    if id is None or rows[id]["kind"] not in ("project", "folder", "organization"):
        return None
    around = below(rows, id)
    full = id if "/" in id else f"projects/{id}"
    numbers = {f"projects/{rows[one]['number']}" for one in around if rows[one]["number"]}
    name = f"policies/{quote(f'{_HOST}/{full}', safe='')}/denypolicies/{NAME}"
    return Target({"policy": name, "on": full}, frozenset(around | numbers))


def spelled(principal: str) -> str:
    """A principal as deny policies name it; empty for whom they cannot."""
    member = parse_member(principal)
    if member.deleted:
        return ""
    match member.kind:
        case Kind.USER:
            return f"principal://goog/subject/{member.id}"
        case Kind.SERVICE_ACCOUNT:
            return f"principal://iam.googleapis.com/projects/-/serviceAccounts/{member.id}"
    return principal if principal.startswith(("principal://", "principalSet://")) else ""


def _written(denied: Sequence[One], folded: Folded, target: Target) -> tuple[bytes, list[One], int]:
    patterns, kept = filled(denied, tuple, lambda found: len(_rules(found)) <= RULES)
    rules = _rules(patterns)
    body = {"name": target.told["policy"], "displayName": "What nobody used", "rules": rules}
    return json.dumps(body, separators=(",", ":")).encode(), kept, len(rules)


def _rules(patterns: Patterns) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for but, each in patterns.items():
        names = sorted({canonical(one) for one in each})
        for begin in range(0, len(names), PERMISSIONS):
            rule: dict[str, Any] = {
                "deniedPrincipals": [_EVERYBODY], "deniedPermissions": names[begin : begin + PERMISSIONS],
            }  # fmt: skip
            if but:
                rule["exceptionPrincipals"] = [spelled(one) for one in but]
            rules.append({"denyRule": rule})
    return rules


def _denies(permission: str, target: Target) -> bool:
    """Whether a deny policy can name it at all: by its host."""
    return "/" in canonical(permission)


GUARDING = (
    Guardrails(
        kind="deny policy", layer="deny", most=RULES, unit="rules", takes=_takes, written=_written, denies=_denies,
        held_back=lambda principal: bool(spelled(principal)),
        asked=lambda bucket, target: bucket or f"//{_HOST}/{target.told['on']}",
        doubt="not every permission can be denied, and no interface tells which "
        "(https://cloud.google.com/iam/docs/deny-permissions-support): the vendor refuses a policy with another one",
    ),
)  # fmt: skip
"""What Google Cloud has."""
