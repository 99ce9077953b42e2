"""Which declared calls an account would refuse: asked of the vendor's policy simulator, or tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.base import Want
from leastwise.providers.collecting.expand import Wanted, below, opening

from .clients import NETWORK, CallFailed, Clients
from .declaration import Call, Service
from .entry import Entered
from .questions import Lack, Name, name

_IAM = Service(service="iam", calls=[])
_BATCH = 100
_RUNNING = frozenset(("ReportInProgress", "ReportNotPresent", "ReportExpired"))


def asked_of_the_vendor(
    clients: Clients, one: Entered, arn: str, services: Sequence[Service]
) -> dict[Name, Lack] | None:
    """Calls that the simulator says are not allowed to an identity (by its policies, boundary and SCPs).

    None when the simulator may not be asked, or does not answer.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    lacks: dict[Name, Lack] = {}
    # A grant that is narrowed to resources does not allow the action on `*`, which is what is simulated by default.
    for resources in sorted({tuple(service.resources) for service in services}):
        chosen = [service for service in services if tuple(service.resources) == resources]
        actions = sorted({action for service in chosen for call in service.walk() for action in service.actions(call)})
        try:
            refused = _refused(clients, one, arn, actions, [_concrete(place, one) for place in resources])
        except CallFailed:
            return None
        for service in chosen:
            for call in service.walk():
                if lacking := [action for action in service.actions(call) if action in refused]:
                    lacks[name(service, call)] = Want.DENIED, ", ".join(lacking)
    return lacks


def _refused(clients: Clients, one: Entered, arn: str, actions: Sequence[str], resources: Sequence[str]) -> set[str]:
    """Those of the actions that are not allowed on every resource. Raises CallFailed."""
    refused = set()
    asked: dict[str, Any] = {"PolicySourceArn": _identity(clients, one, arn)}
    if resources:
        asked["ResourceArns"] = list(resources)
    for start in range(0, len(actions), _BATCH):
        more: Mapping[str, Any] | None = {}
        while more is not None:
            batch = {**asked, **more, "ActionNames": list(actions[start : start + _BATCH])}
            answer = clients.ask(_IAM, Call(call="SimulatePrincipalPolicy"), one.region, batch, one.credentials)
            for result in answer.members["EvaluationResults"]:
                if result["EvalDecision"] != "allowed":
                    refused.add(str(result["EvalActionName"]))
            more = answer.more
    return refused


def _concrete(resource: str, one: Entered) -> str:
    """A resource that the pattern stands for, as the simulator takes no wildcard for a region."""
    parts = resource.split(":")
    parts[1], parts[3] = one.partition, one.region if parts[3] == "*" else parts[3]
    return ":".join(parts)


def _identity(clients: Clients, one: Entered, arn: str) -> str:
    """The ARN of the user or role behind a session."""
    if ":assumed-role/" not in arn:
        return arn
    role = arn.split("/")[1]
    answer = clients.ask(_IAM, Call(call="GetRole"), one.region, {"RoleName": role}, one.credentials)
    return str(answer.members["Role"]["Arn"])


def tried(
    clients: Clients, one: Entered, services: Sequence[Service], regions: Sequence[str], at_once: int
) -> tuple[dict[Name, Lack], int]:
    """Calls that did not succeed, and how many were made: each in one region, for the first thing that it is about."""

    def trial(service: Service) -> _Trial:
        made = _Trial(clients, one)
        place = one.region
        if service.regions == "each":
            asked = [here for here in (*regions, one.region) if clients.offered(service.service, here, one.partition)]
            if not asked:
                return made
            place = asked[0]
        for call in service.calls:
            around = {"account": one.scope.id, "region": place}
            given = opening(call, around)
            made.make(service, Wanted(call, given, given, place), place)
        return made

    with ThreadPoolExecutor(at_once) as pool:
        trials = list(pool.map(trial, services))
    lacks = {known: lack for each in trials for known, lack in each.lacks.items()}
    return lacks, sum(len(each.made) for each in trials)


class _Trial:
    """Calls made for show: nothing of their answers is kept."""

    def __init__(self, clients: Clients, one: Entered) -> None:
        self.lacks: dict[Name, Lack] = {}
        self.made: set[Name] = set()
        self._clients, self._one = clients, one

    def make(self, service: Service, wanted: Wanted[Call], place: str) -> None:
        """Makes a call, and one of each kind that follows from its answer."""
        call, region = wanted.call, wanted.region or place
        owner, known = service.of(call), name(service, call)
        if known in self.made:
            return
        self.made.add(known)
        try:
            told = self._clients.ask(owner, call, region, wanted.parameters, self._one.credentials).members
        except CallFailed as error:
            if error.code not in call.absent and error.code not in _RUNNING:
                self.lacks[known] = _want(error), _needed(service, call, error)
            return
        if any(told.get(member) != value for member, value in call.until.items()):
            return
        first: dict[int, Wanted[Call]] = {}
        for one in below(call, told, wanted.parameters, {"account": self._one.scope.id, "region": region}):
            first.setdefault(id(one.call), one)
        for one in first.values():
            self.make(service, one, region)


def _want(error: CallFailed) -> Want:
    if error.status is CoverageStatus.DENIED:
        return Want.DENIED
    return Want.UNREACHABLE if error.code in NETWORK else Want.FAILED


def _needed(service: Service, call: Call, error: CallFailed) -> str:
    """What to allow; for what is no denial, what came instead."""
    actions = ", ".join(service.actions(call))
    return actions if error.status is CoverageStatus.DENIED else f"{actions} ({error.code})"
