"""The least read-only policy that the declared calls need, and what a run would call."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from leastwise.providers.base import PlannedCall

from .declaration import Call, Service
from .principal import ACTIONS
from .source import Source

ENTERING = ("ec2:DescribeRegions", "organizations:DescribeOrganization", "organizations:ListAccounts")
"""Actions that finding accounts and regions needs; `sts:GetCallerIdentity` needs none."""


def policy(services: Iterable[Service], roles: Iterable[str] = ()) -> dict[str, Any]:
    """A policy document with one statement a set of resources; `roles` are the role ARNs that the collector may assume.

    Most calls list what there is and cannot be narrowed to resources. One statement for all of them keeps the document
    within the 6,144 characters of a managed policy
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
    """
    actions: dict[tuple[str, ...], set[str]] = defaultdict(set)
    actions[("*",)].update(ENTERING)
    services = list(services)
    if any(service.service == "iam" for service in services):
        actions[("*",)].update(ACTIONS)
    for service in services:
        for call in service.walk():
            actions[tuple(service.resources) or ("*",)].update(service.actions(call))
    narrowed: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for resources, found in actions.items():
        narrowed[tuple(sorted(found))] += resources
    statements: list[dict[str, Any]] = [
        {"Sid": f"Read{number or ''}", "Effect": "Allow", "Action": list(found), "Resource": _one(resources)}
        for number, (found, resources) in enumerate(narrowed.items())
    ]
    if assumed := sorted(roles):
        statements.append({"Sid": "Enter", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": _one(assumed)})
    return {"Version": "2012-10-17", "Statement": statements}


def policy_text(source: Source) -> str:
    """The policy of a source, as JSON; the role that it assumes in every account is named with a wildcard account."""
    roles = [f"arn:aws:iam::*:role/{source.role.lstrip('/')}"] if source.role and not source.sso else []
    return json.dumps(policy(source.declared(), roles), indent=2)


def _one(values: Iterable[str]) -> str | list[str]:
    found = list(values)
    return found[0] if len(found) == 1 else found


def plan(source: Source) -> list[PlannedCall]:
    """Every kind of call that collecting the source makes, in order."""
    return [
        one for service in source.declared() for call in service.calls for one in _planned(service, call, "", source)
    ]


def _planned(service: Service, call: Call, above: str, source: Source) -> Iterator[PlannedCall]:
    owner = service.of(call)
    one = (call.regions or service.regions) == "one"
    places = "one" if one else ", ".join(source.regions) or "every enabled region"
    where = "that of the thing" if call.at else places if not above else "that of the thing"
    each = f"{above}.{call.each}" if above and call.each else above
    yield PlannedCall(owner.name, call.call, where, each, tuple(service.actions(call)), tuple(service.questions(call)))
    for below in call.then:
        yield from _planned(service, below, call.call, source)
