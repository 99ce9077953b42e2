"""Policies that deny permissions to all but some principals, within their length: service control policies, resource
control policies and boundaries.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html (5,120 characters; blanks count
only where they stand in the document), https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from leastwise.providers.base.guarding import NAME, Folded, Guardrails, One, Patterns, Target, below, filled
from leastwise.providers.base.scopes import ScopeTables
from leastwise.providers.base.spelling import rows_of

from . import catalog

LENGTH, BOUNDARY = 5_120, 6_144
"""Characters of a control policy, and of a managed policy, which a boundary is."""
_VERSION = "2012-10-17"
_WHOLE = {"Sid": "Bounded", "Effect": "Allow", "Action": "*", "Resource": "*"}
_OVER = frozenset({"account", "organizational_unit", "root"})
_NOT_BOUND = "the management account, which control policies do not hold back"


def held_back(principal: str) -> bool:
    """Whether a policy can name somebody as the exception: a user or role, not who becomes one."""
    return ":iam::" in principal and principal.startswith("arn:")


# --- on what


def _management(scopes: Sequence[ScopeTables]) -> frozenset[str]:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"""
    rows = (row for one in scopes if "scopes" in one.tables for row in one.tables["scopes"].to_pylist())
    return frozenset(row["id"] for row in rows if row["kind"] == "account" and row["management"])


def _over(scopes: Sequence[ScopeTables], named: str) -> Target | None:
    """An account, or an organizational unit or the root with all accounts in it."""
    rows = _scopes(scopes)
    row = rows.get(named)
    if row is None or row["kind"] not in _OVER:
        return None
    accounts = frozenset(one for one in below(rows, named) if rows[one]["kind"] == "account") - _management(scopes)
    return Target({"policy": NAME, "on": named}, accounts, idle="" if accounts else f"it is {_NOT_BOUND}")


def _scopes(scopes: Sequence[ScopeTables]) -> dict[str, dict[str, Any]]:
    """The scopes by id; what an organization tells of an account goes before what the account tells of itself."""
    found: dict[str, dict[str, Any]] = {}
    for one in scopes:
        for row in one.tables["scopes"].to_pylist() if "scopes" in one.tables else ():
            if row["id"] not in found or row["parent"] is not None:
                found[row["id"]] = row
    return found


def _principal(scopes: Sequence[ScopeTables], named: str) -> Target | None:
    """A user or role, with the boundary that it has: others may have the same, so that it gets one of its own."""
    row = rows_of(scopes, "principals").get(named)
    if row is None or row["native"] not in ("user", "role"):
        return None
    told = {"policy": NAME, "on": named}
    idle = "a service-linked role takes no boundary" if ":role/aws-service-role/" in named else ""
    before: bytes | None = None
    for one in scopes:
        if "attachments" not in one.tables or "documents" not in one.tables:
            continue
        texts = one.tables["documents"].column("text")
        for attached in one.tables["attachments"].to_pylist():
            if attached["layer"] == "boundary" and attached["target"] == named:
                text = None if attached["document"] is None else texts[attached["document"]].as_py()
                before = text.encode() if isinstance(text, str) else text
                idle = idle or ("" if before is not None else "the boundary that it has was not read")
    return Target(told, frozenset({row["account"]}), frozenset({named}), idle=idle, before=before)


def _resource(scopes: Sequence[ScopeTables], named: str) -> Target | None:
    """A resource of a service that resource control policies hold."""
    row = rows_of(scopes, "resources").get(named)
    if row is None or not named.startswith("arn:"):
        return None
    service = named.split(":")[2]
    idle = "" if catalog.rcp_supported(service) else f"resource control policies hold nothing of {service}"
    if row["account"] in _management(scopes):
        idle = f"it lies in {_NOT_BOUND}"
    return Target({"policy": NAME, "on": row["account"]}, frozenset({row["account"]}), resource=named, idle=idle)


def _of_service(permission: str, target: Target) -> bool:
    return permission.partition(":")[0] == target.resource.split(":")[2]


def _touches(bucket: str, target: Target) -> bool:
    """Whether usage may be of a resource: also where the log does not tell of which."""
    name = target.resource.partition(":")[2].partition(":")[2]
    short = target.resource.rpartition(":")[2]
    return not bucket or short in bucket or name in bucket


# --- the documents


def _written(statement: Callable[[int, Sequence[str], Sequence[str], Target], dict[str, Any]], most: int) -> Any:
    def written(denied: Sequence[One], folded: Folded, target: Target) -> tuple[bytes, list[One], int]:
        def document(patterns: Patterns) -> bytes:
            made = [statement(number, but, each, target) for number, (but, each) in enumerate(patterns.items(), 1)]
            return _document(target, made)

        def fits(patterns: Patterns) -> bool:
            # Most is found out without writing it: the patterns alone are too long.
            long = sum(len(text) + 3 for each in patterns.values() for text in each) > most
            return not long and len(document(patterns)) <= most

        patterns, kept = filled(denied, folded, fits)
        found = document(patterns)
        return found, kept, len(found)

    return written


def _document(target: Target, made: Sequence[Mapping[str, Any]]) -> bytes:
    """The statements behind those that stand there; a boundary without any allows everything else."""
    first: list[Any] = [_WHOLE] if target.principals else []
    body: dict[str, Any] = {"Version": _VERSION}
    if target.before is not None:
        body = json.loads(target.before)
        held = body["Statement"] if isinstance(body["Statement"], list) else [body["Statement"]]
        first = [one for one in held if not str(one.get("Sid", "")).startswith("Unused")]
    return json.dumps({**body, "Statement": [*first, *made]}, separators=(",", ":")).encode()


def _denial(number: int, but: Sequence[str], patterns: Sequence[str], target: Target) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Sid": f"Unused{number}", "Effect": "Deny", "Action": sorted(patterns), "Resource": "*",
    }  # fmt: skip
    if but:
        found["Condition"] = {"ArnNotLike": {"aws:PrincipalArn": list(but)}}
    return found


def _denial_on(number: int, but: Sequence[str], patterns: Sequence[str], target: Target) -> dict[str, Any]:
    """Services that act for somebody are spared: they call with no principal's ARN."""
    found = _denial(number, but, patterns, target)
    condition = {**found.pop("Condition", {}), "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    lies = [target.resource, f"{target.resource}/*"]
    return {**found, "Principal": "*", "Resource": lies, "Condition": condition}


GUARDING = (
    Guardrails(
        kind="service control policy", layer="scp", most=LENGTH, unit="characters", takes=_over,
        written=_written(_denial, LENGTH), held_back=held_back,
    ),
    Guardrails(
        kind="permissions boundary", layer="boundary", most=BOUNDARY, unit="characters", takes=_principal,
        written=_written(_denial, BOUNDARY), held_back=held_back,
    ),
    Guardrails(
        kind="resource control policy", layer="rcp", most=LENGTH, unit="characters", takes=_resource,
        written=_written(_denial_on, LENGTH), denies=_of_service, held_back=held_back, touches=_touches,
    ),
)  # fmt: skip
"""What AWS has, by what it is put on."""
