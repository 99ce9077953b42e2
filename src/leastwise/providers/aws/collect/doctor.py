"""What a source needs to be collected, tried out: SDK, sign-in, organization, accounts, regions, permissions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore

from leastwise import __version__
from leastwise.errors import UsageError
from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.providers.base import Check, Diagnosis, Unknown, Want

from .clients import NETWORK, CallFailed, Clients
from .declaration import Call, Service, declared
from .entry import Entered, Entrance
from .permitted import asked_of_the_vendor, tried
from .questions import Lack, Name, all_of, left_out, merged, nothing_known, unanswered
from .source import Source, read_source

_STS = Service(service="sts", calls=[])
_EC2 = Service(service="ec2", calls=[])
_IDENTITY, _REGIONS = Call(call="GetCallerIdentity"), Call(call="DescribeRegions")
_WIDE = 5
_Found = tuple[list[Check], list[Unknown]]


def examine(keys: Mapping[str, Any]) -> Diagnosis:
    """Every check, in the order in which a collection needs them, and the questions that would stay unknown.

    Raises:
        UsageError: the source's keys are wrong.
    """
    source = read_source(keys)
    checks = [Check("installed", "ok", f"botocore {botocore.__version__}")]
    entrance = Entrance(source)
    try:
        entered = entrance.enter()
    except UsageError as error:
        checks.append(Check("signed in", "missing", str(error)))
        return Diagnosis(checks, nothing_known(source, Want.NOT_SIGNED_IN, ""))
    clients = Clients(source.in_flight, f"leastwise/{__version__}")
    inside = [one for one in entered if one.credentials is not None]
    checks.append(Check("signed in", "ok", f"{len(inside)} of {len(entered)} accounts entered"))
    unknown: list[Unknown] = []
    for found in (_organization(source, entrance), *(_closed(source, one) for one in entered if one not in inside)):
        checks += found[0]
        unknown += found[1]
    # Accounts beside each other, and services within each: no more calls at once than a collection makes.
    with ThreadPoolExecutor(max(1, source.in_flight // _WIDE)) as pool:
        for found in pool.map(lambda one: _account(source, entrance, clients, one), inside):
            checks += found[0]
            unknown += found[1]
    return Diagnosis(checks, merged(unknown))


def _organization(source: Source, entrance: Entrance) -> _Found:
    """What is known of the organization, and what its gaps cost."""
    checks = [Check("organization", "ok", entrance.organization[0])] if entrance.organization else []
    unknown: list[Unknown] = []
    for gap in (one for one in entrance.gaps if one.status is not CoverageStatus.OK):
        checks.append(Check("organization", "missing", gap.detail))
        if gap.call == "ListAccounts":
            unknown.append(Unknown("who can do what in every other account", *_gap(gap), ("the organization",)))
        else:
            want, of = _gap(gap)
            services = [one for one in source.declared() if one.scope == "organization"]
            unknown += all_of(services, want, "".join(of), "the organization")
    return checks, unknown


def _closed(source: Source, one: Entered) -> _Found:
    """An account that cannot be entered."""
    checks = [Check(f"account {one.scope.id}", "missing", gap.detail) for gap in one.coverage]
    services = [service for service in source.declared() if service.scope == "account"]
    want, of = _gap(one.coverage[0])
    return checks, list(all_of(services, want, "".join(of), one.scope.id))


def _gap(gap: Coverage) -> tuple[Want, tuple[str, ...]]:
    """For want of what a gap is there."""
    if gap.status is CoverageStatus.NOT_TRIED:
        return Want.NOT_CONFIGURED, (gap.detail,)
    permission = f"{gap.service}:{gap.call}"
    return (Want.DENIED if gap.status is CoverageStatus.DENIED else Want.FAILED), (permission,)


def _account(source: Source, entrance: Entrance, clients: Clients, one: Entered) -> _Found:
    """Whether an account answers, in which regions, and to which calls."""
    account = f"account {one.scope.id}"
    try:
        told = clients.ask(_STS, _IDENTITY, one.region, {}, one.credentials).members
    except CallFailed as error:
        services = [service for service in source.declared() if service.scope == "account"]
        want = Want.UNREACHABLE if error.code in NETWORK else Want.NOT_SIGNED_IN
        return [Check(account, "missing", str(error))], list(all_of(services, want, "", one.scope.id))
    checks = [Check(account, "ok", told["Arn"])]
    managing = entrance.organization is not None and entrance.organization[1] == one.scope.id
    services = [service for service in source.declared() if service.scope == "account" or managing]
    lacks, check = _permissions(source, clients, one, told["Arn"], services)
    checks.append(check)
    unknown = [
        found
        for service in services
        for found in unanswered(service, lacks, "the organization" if service.scope == "organization" else one.scope.id)
    ]
    unknown += left_out(source, "account", declared(), one.scope.id)
    if managing:
        unknown += left_out(source, "organization", declared(), "the organization")
    silent = list(_regions(source, clients, one))
    checks += [check for check, _ in silent]
    unknown += [question for _, question in silent]
    return checks, unknown


def _permissions(
    source: Source, clients: Clients, one: Entered, arn: str, services: Sequence[Service]
) -> tuple[dict[Name, Lack], Check]:
    """What cannot be called: by the vendor's simulator where that may be asked, else by trying."""
    name = f"permissions in {one.scope.id}"
    lacks = asked_of_the_vendor(clients, one, arn, services)
    how = "of {} kinds of calls, as the policy simulator says"
    if lacks is None:
        lacks, made = tried(clients, one, services, source.regions, min(_WIDE, source.in_flight))
        how = f"of {{}} kinds of calls; {made} were tried, for the others there was nothing to ask"
    count = sum(1 for service in services for _ in service.walk())
    if not lacks:
        return lacks, Check(name, "ok", f"all {how.format(count)}")
    needed = sorted({needed for _, needed in lacks.values()})
    return lacks, Check(name, "missing", f"{len(lacks)} {how.format(count)}: {', '.join(needed)}")


def _regions(source: Source, clients: Clients, one: Entered) -> Iterator[tuple[Check, Unknown]]:
    """Regions that are enabled (or named), and yet answer nothing."""
    regions, probes = source.regions, [(_STS, _IDENTITY)]
    try:
        told = clients.ask(_EC2, _REGIONS, one.region, {}, one.credentials).members["Regions"]
        regions = regions or sorted(region["RegionName"] for region in told)
        probes.append((_EC2, _REGIONS))
    except CallFailed as error:
        if not regions:
            want = Want.DENIED if error.status is CoverageStatus.DENIED else Want.FAILED
            question = "which regions are enabled, and what there is in regions that were not asked"
            check = Check(f"regions of {one.scope.id}", "missing", str(error))
            yield check, Unknown(question, want, ("regions: ec2:DescribeRegions",), (one.scope.id,))
    for region in regions:
        try:
            for service, call in probes:
                clients.ask(service, call, region, {}, one.credentials)
        except CallFailed as error:
            want = Want.UNREACHABLE if error.code in NETWORK else Want.DENIED
            check = Check(f"region {region} of {one.scope.id}", "missing", str(error))
            question = f"what there is in {region}, and who may use it"
            yield check, Unknown(question, want, (f"region {region}",), (one.scope.id,))
