"""The least read-only policy that the declared calls need, and what a run would call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from .declaration import Service

ENTERING = ("ec2:DescribeRegions", "organizations:DescribeOrganization", "organizations:ListAccounts")
"""Actions that finding accounts and regions needs; `sts:GetCallerIdentity` needs none."""


def policy(services: Iterable[Service], roles: Iterable[str] = ()) -> dict[str, Any]:
    """A policy document with one statement a service; `roles` are the role ARNs that the collector may assume.

    None of the calls can be narrowed to resources: they list what there is.
    """
    actions: dict[str, set[str]] = defaultdict(set)
    for service in services:
        for call in service.walk():
            for action in service.actions(call):
                actions[action.partition(":")[0]].add(action)
    for action in ENTERING:
        actions[action.partition(":")[0]].add(action)
    statements: list[dict[str, Any]] = [
        {"Sid": "".join(part.capitalize() for part in prefix.split("-")), "Effect": "Allow",
         "Action": sorted(found), "Resource": "*"}
        for prefix, found in sorted(actions.items())
    ]  # fmt: skip
    if assumed := sorted(roles):
        statements.append({"Sid": "Enter", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": assumed})
    return {"Version": "2012-10-17", "Statement": statements}
