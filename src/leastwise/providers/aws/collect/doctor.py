"""What a source needs to be collected, tried out: SDK, sign-in, organization, accounts, regions, permissions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore

from leastwise import __version__
from leastwise.errors import UsageError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.base import Check

from .clients import CallFailed, Clients
from .declaration import Call, Service
from .entry import Entered, Entrance
from .source import Source, read_source

_STS = Service(service="sts", calls=[])
_IAM = Service(service="iam", calls=[])
_BATCH = 100


def examine(keys: Mapping[str, Any]) -> list[Check]:
    """Every check, in the order in which a collection needs them. UsageError when the source's keys are wrong."""
    source = read_source(keys)
    checks = [Check("installed", "ok", f"botocore {botocore.__version__}")]
    entrance = Entrance(source)
    try:
        entered = entrance.enter()
    except UsageError as error:
        return [*checks, Check("signed in", "missing", str(error), "everything of this source")]
    clients = Clients(source.in_flight, f"leastwise/{__version__}")
    inside = [one for one in entered if one.credentials is not None]
    checks.append(Check("signed in", "ok", f"{len(inside)} of {len(entered)} accounts entered"))
    if entrance.organization:
        checks.append(Check("organization", "ok", entrance.organization[0]))
    checks += [Check("organization", "missing", gap.detail, gap.affects) for gap in entrance.gaps]
    for one in entered:
        checks += [Check(f"account {one.scope.id}", "missing", gap.detail, gap.affects) for gap in one.coverage]
    with ThreadPoolExecutor(source.in_flight) as pool:
        for found in pool.map(lambda one: list(_account(source, clients, one)), inside):
            checks += found
    return checks


def _account(source: Source, clients: Clients, one: Entered) -> Iterator[Check]:
    name = f"account {one.scope.id}"
    try:
        told = clients.ask(_STS, Call(call="GetCallerIdentity"), one.region, {}, one.credentials).members
        yield Check(name, "ok", told["Arn"])
    except CallFailed as error:
        yield Check(name, "missing", str(error), "everything in the account")
        return
    yield from _permitted(source, clients, one, told["Arn"])


def _permitted(source: Source, clients: Clients, one: Entered, arn: str) -> Iterator[Check]:
    """Which actions the identity lacks, by the vendor's own simulator (identity policies, boundary and SCPs).

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    name = f"permissions in {one.scope.id}"
    needed: dict[str, str] = {}
    for service in source.declared():
        for call in service.walk():
            for action in service.actions(call):
                needed.setdefault(action, call.affects or service.affects or f"what {call.call} tells")
    missing: dict[str, list[str]] = defaultdict(list)
    actions = sorted(needed)
    try:
        for start in range(0, len(actions), _BATCH):
            asked = {"PolicySourceArn": _identity(clients, one, arn), "ActionNames": actions[start : start + _BATCH]}
            answer = clients.ask(_IAM, Call(call="SimulatePrincipalPolicy"), one.region, asked, one.credentials)
            for result in answer.members["EvaluationResults"]:
                if result["EvalDecision"] != "allowed":
                    missing[needed[result["EvalActionName"]]].append(result["EvalActionName"])
    except CallFailed as error:
        denied = error.status is CoverageStatus.DENIED
        hint = "allow iam:SimulatePrincipalPolicy and iam:GetRole to know before collecting" if denied else str(error)
        yield Check(name, "unknown", hint)
        return
    if not missing:
        yield Check(name, "ok", f"{len(actions)} actions")
    for affects, lacking in missing.items():
        yield Check(name, "missing", ", ".join(lacking), affects)


def _identity(clients: Clients, one: Entered, arn: str) -> str:
    """The ARN of the user or role behind a session."""
    if ":assumed-role/" not in arn:
        return arn
    role = arn.split("/")[1]
    answer = clients.ask(_IAM, Call(call="GetRole"), one.region, {"RoleName": role}, one.credentials)
    return str(answer.members["Role"]["Arn"])
