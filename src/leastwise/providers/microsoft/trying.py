"""Declared calls tried out, each kind once, and what those that do not answer leave unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from leastwise.model.scope import CoverageStatus
from leastwise.providers.base import Check, Unknown, Want
from leastwise.providers.collecting.expand import Wanted, below, opening
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently

from . import declaration
from .declaration import Call, Service

_TRIES = 2
_THINGS = 3
"""So many things a call is tried on until one answers: one thing that refuses says nothing of the others."""

Place = TypeVar("Place", bound=Service)
Ask = Callable[[Any, Any, str, Mapping[str, Any]], Answer]
"""Makes a call of a service; raises RestFailed."""


class Trial(Generic[Place]):
    """Calls that are tried; `words` are what templates can name."""

    def __init__(self, ask: Ask, words: Mapping[str, str]) -> None:
        self._ask, self._words = ask, words
        self._failed: dict[tuple[str, str], RestFailed | None] = {}
        self._calls: dict[tuple[str, str], tuple[Place, Any]] = {}
        self._attempts: Counter[tuple[str, str]] = Counter()

    def run(self, services: Sequence[Place]) -> None:
        """Tries every call of the services, and what follows from the first answers."""
        for service in services:
            for call in service.opening:
                parameters = opening(call, self._words)
                self._try(service, Wanted(call, parameters, parameters, ""))

    def each(self, call: Call) -> bool:
        """Whether a call is tried on everything, not only until it is known how it ends."""
        return False

    def refused(self, call: Call, parameters: Mapping[str, Any], error: RestFailed) -> RestFailed | None:
        """The failure of a call, or None where that says nothing of the call."""
        return None if error.code in call.absent else error

    def _try(self, service: Place, wanted: Wanted[Any]) -> None:
        call = wanted.call
        owner = service.of(call)
        key = (owner.service, call.call)
        done = key in self._failed and (self._failed[key] is None or self._attempts[key] >= _THINGS)
        if not self.each(call) and done:
            return
        self._attempts[key] += 1
        self._calls[key] = owner, call
        try:
            answer = patiently(partial(self._ask, owner, call, "", wanted.parameters), _TRIES)
        except RestFailed as error:
            self._failed[key] = self.refused(call, wanted.parameters, error)
            return
        self._failed[key] = None
        for one in below(call, answer.members, wanted.parameters, self._words):
            self._try(owner, one)

    def found(self, service: Place, where: str) -> tuple[list[Check], list[Unknown]]:
        """One check for a service, with what of it does not answer; the questions of those calls."""
        missing: list[str] = []
        unknown: list[Unknown] = []
        made = 0
        for key, failed in self._failed.items():
            if key[0] != service.service:
                continue
            made += 1
            if failed is None:
                continue
            owner, call = self._calls[key]
            missing.append(f"{call.call}: {failed}")
            needs = needed(call) if failed.status is CoverageStatus.DENIED else ()
            unknown += [
                Unknown(question, want(failed), needs or (str(failed),), (where,))
                for one in _below(call) for question in owner.of(one).questions(one)
            ]  # fmt: skip
        if not made:
            return [Check(service.service, "unknown", "nothing there that it could be tried on")], []
        told = "; ".join(missing) if missing else f"{made} kinds of calls answered"
        return [Check(service.service, "missing" if missing else "ok", told)], list(dict.fromkeys(unknown))


def needed(call: Call) -> tuple[str, ...]:
    """The permissions that a call needs, of whichever system."""
    return (*getattr(call, "permission", ()), *declaration.needed(call))


def want(failed: RestFailed) -> Want:
    """For want of what a call does not answer."""
    if failed.network:
        return Want.UNREACHABLE
    if failed.status is CoverageStatus.DENIED:
        return Want.DENIED
    if failed.status in (CoverageStatus.UNSUPPORTED, CoverageStatus.UNLICENSED):
        return Want.NOT_CONFIGURED
    return Want.FAILED


def _below(call: Call) -> Iterator[Call]:
    """The call and what follows from it by its own file; calls of other services are asked of the same things."""
    yield call
    for one in call.then:
        if one.service in ("", call.service) and not one.of:
            yield from _below(one)
