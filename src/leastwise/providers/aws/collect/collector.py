"""Collects a source: enters its accounts, makes the declared calls, and hands out each scope when it is finished."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import msgspec

from leastwise import __version__
from leastwise.errors import UsageError
from leastwise.model.scope import Collected, Coverage, CoverageStatus, Scope
from leastwise.providers.aws.exports.redact import Redactor
from leastwise.providers.base import CollectRun, journal_name
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.collecting.journal import Header, Journal
from leastwise.providers.collecting.rounds import again, step_of
from leastwise.providers.collecting.run import Target

from .clients import CallFailed, Clients
from .declaration import Call, Service, declared
from .entry import Entered, Entrance
from .patient import outcome, patiently, regions_of
from .principal import account_of, refreshed
from .run import Run
from .source import Source, read_source

_WINDOW = 4


def collect(keys: Mapping[str, Any], run: CollectRun) -> Iterator[Collected]:
    """Every scope of a source, as soon as it is collected; one that cannot be entered is not readable.

    Raises:
        UsageError: the source's keys are wrong, or there is nothing to start from.
        OSError: the journals cannot be written.
    """
    source = read_source(keys)
    clients = Clients(source.in_flight, f"leastwise/{__version__}")
    if run.only is not None and run.only.startswith("arn:"):
        yield from _one_principal(source, clients, run, run.only)
        return
    clients.warm(("ec2", *(one.service for one in source.declared())), (*source.regions, "us-east-1")[0])
    entrance = Entrance(source, only=run.only)
    entered = entrance.enter()
    unfinished = False
    for one in entered:
        if one.credentials is None:
            unfinished |= again(one.coverage)
            yield Collected(one.scope, run.now(), (), one.coverage, readable=False)
    targets = _targets(source, entrance, [one for one in entered if one.credentials is not None], clients, run)
    runner = Run(clients.ask, Redactor(run.key).hashed, source.in_flight, _WINDOW)
    gaps = {target.scope.key: found for target, found in targets}
    for finished in runner.collect([target for target, _ in targets], lambda tally: run.progress(step_of(tally))):
        collected = finished.collected
        collected = replace(collected, coverage=(*collected.coverage, *gaps[collected.scope.key]))
        if finished.interrupted:
            collected = run.interrupted(collected, finished.interrupted)
        yield replace(collected, coverage=(*collected.coverage, *source.left_out(collected.scope.kind)))
        unfinished |= bool(finished.interrupted) or again(collected.coverage)
        if all(one.status is CoverageStatus.OK for one in collected.coverage):
            finished.target.journal.finish()
        else:
            finished.target.journal.close()
    for target, _ in targets if not unfinished else ():
        target.journal.remove()


def _one_principal(source: Source, clients: Clients, run: CollectRun, arn: str) -> Iterator[Collected]:
    """The account of one user, role or group with that one as it is now.

    Raises:
        UsageError: no account of the source holds it, nothing is known of the account yet, or a call did not succeed.
    """
    account = account_of(arn)
    for one in Entrance(source, only=account).enter():
        if one.credentials is None:
            raise UsageError(f"--only: {account} cannot be entered: {one.coverage[0].detail}")
        earlier = run.earlier(one.scope)
        if earlier is None:
            raise UsageError(f"--only: nothing is known of {account} yet; collect all of it first")
        iam = next(service for service in declared() if service.service == "iam").chosen(source.choices)

        def ask(service: Service, call: Call, parameters: Mapping[str, Any], one: Entered = one) -> Answer:
            def once() -> Answer:
                return patiently(lambda: clients.ask(service, call, one.region, parameters, one.credentials))

            return outcome(call, once)

        try:
            yield refreshed(arn, earlier, iam, ask, Redactor(run.key).hashed, run.now(), one.region)
        except CallFailed as error:
            raise UsageError(f"--only: {arn}: {error}") from None


def _targets(
    source: Source, entrance: Entrance, entered: Sequence[Entered], clients: Clients, run: CollectRun
) -> list[tuple[Target, tuple[Coverage, ...]]]:
    services = source.declared()
    plan = hashlib.sha256(msgspec.json.encode([services, source.regions])).hexdigest()
    found: list[tuple[Target | None, tuple[Coverage, ...]]] = []
    with ThreadPoolExecutor(source.in_flight) as pool:
        asked = list(pool.map(lambda one: regions_of(source, one, clients), entered))
    for one, (regions, gaps) in zip(entered, asked, strict=True):
        own = [service for service in services if service.scope == "account"]
        found.append((_target(one, one.scope, own, regions, clients, plan, run), gaps))
        if entrance.organization and entrance.organization[1] == one.scope.id:
            scope = Scope("aws", "organization", entrance.organization[0])
            whole = [service for service in services if service.scope == "organization"]
            found.append((_target(one, scope, whole, regions, clients, plan, run), tuple(entrance.gaps)))
            entrance.gaps.clear()
    if entrance.gaps and found:
        found[0] = (found[0][0], (*found[0][1], *entrance.gaps))
    return [(target, gaps) for target, gaps in found if target is not None]


def _target(
    one: Entered, scope: Scope, services: Sequence[Service], regions: Sequence[str], clients: Clients, plan: str,
    run: CollectRun,
) -> Target | None:  # fmt: skip
    """The scope, or None when it was finished by the run that is gone on with."""
    journal = Journal(run.folder / journal_name(scope))
    header = Header((scope.provider, scope.kind, scope.id), run.now().isoformat(), plan)
    if not run.resume:
        journal.remove()
    elif (begun := journal.begun(header)) and begun.finished:
        return None
    return Target(
        scope=scope, credentials=one.credentials, services=services, regions=regions, home_region=one.region,
        header=header, journal=journal, resume=run.resume, around={"account": scope.id},
        offered=lambda service, region: clients.offered(service, region, one.partition),
    )  # fmt: skip
