"""Calls outside the lanes of a collection, tried again while the vendor throttles; which regions to ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.collecting.lanes import pause

from .clients import NETWORK, CallFailed, Clients
from .declaration import Call, Service
from .entry import Entered
from .source import Source

_TRIES, _POLLS, _BETWEEN = 5, 120, 1.0
_REGIONS = (Service(service="ec2", calls=[]), Call(call="DescribeRegions"))
Given = TypeVar("Given")


def patiently(ask: Callable[[], Given], network: bool = False) -> Given:
    """What a call gives, tried again while it is throttled or fails at the vendor's (or, with `network`, on the way).

    Raises:
        CallFailed: it was refused, or failed to the last.
    """
    for tries in range(1, _TRIES):
        try:
            return ask()
        except CallFailed as error:
            passing = error.status is CoverageStatus.THROTTLED or error.http >= 500
            if not passing and not (network and error.code in NETWORK):
                raise
        time.sleep(pause(tries))
    return ask()


def outcome(call: Call, ask: Callable[[], Answer]) -> Answer:
    """What a call gives once the job that it asks for is done.

    Raises:
        CallFailed: it was refused, or the job failed or never ended.
    """
    for _ in range(_POLLS):
        answer = ask()
        for member, value in call.fails.items():
            if answer.members.get(member) == value:
                raise CallFailed(
                    str(value), str(answer.members.get("Error", {}).get("Message", f"{member} is {value}"))
                )
        if all(answer.members.get(member) == value for member, value in call.until.items()):
            return answer
        time.sleep(_BETWEEN)
    raise CallFailed("Timeout", f"the outcome of {call.call} never came")


def regions_of(source: Source, one: Entered, clients: Clients) -> tuple[tuple[str, ...], tuple[Coverage, ...]]:
    """The regions to ask: those named, else those that are enabled in the account, else all of the partition."""
    if source.regions:
        return tuple(source.regions), ()
    service, call = _REGIONS
    try:
        told = patiently(lambda: clients.ask(service, call, one.region, {}, one.credentials)).members["Regions"]
    except CallFailed as error:
        every = clients.regions(one.partition)
        detail = f"{error}; {len(every)} regions were asked without knowing which are enabled"
        return every, (Coverage("ec2", "DescribeRegions", error.status, detail, "regions that were not asked"),)
    return tuple(sorted(region["RegionName"] for region in told)), ()
