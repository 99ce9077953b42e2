"""What a source needs to be collected, tried out: signing in, each kind of call, every subscription."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.base import Check, Diagnosis, Unknown, Want
from leastwise.providers.collecting.examining import examined
from leastwise.providers.collecting.expand import Wanted, below, opening
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently

from .asking import Asking
from .declaration import Call, Service, asked, by_name, declared
from .log_doctor import examine_logs
from .roots import Tree, around, trees
from .source import SUBSCRIPTIONS, Source, read_source

_EACH = "roleAssignments.list"
"""The call that is tried on every subscription."""
_SUBSCRIPTIONS = 50
_TRIES = 2
_THINGS = 3
"""So many things a call is tried on until one answers: one subscription that refuses says nothing of the others."""


@dataclass(slots=True)
class _Tried:
    """How the calls of a tree ended: by call, and of `_EACH` by subscription."""

    failed: dict[tuple[str, str], RestFailed | None] = field(default_factory=dict)
    calls: dict[tuple[str, str], tuple[Service, Call]] = field(default_factory=dict)
    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: dict[str, RestFailed] = field(default_factory=dict)
    subscriptions: int = 0
    passed_over: int = 0


def examine(keys: Mapping[str, Any]) -> Diagnosis:
    """Every check, in the order in which a collection needs them, and the questions that would stay unknown.

    Raises:
        UsageError: the source's keys are wrong.
    """
    source = read_source(keys)
    return examined(
        source.declared(), declared(), partial(Asking, source), partial(trees, source), partial(_tree, source)
    )


def _tree(source: Source, asking: Asking, tree: Tree) -> tuple[list[Check], list[Unknown]]:
    asking.tenant = tree.tenant
    tried = _Tried()
    words = around(tree.root)
    services = asked(source.declared(), tree.kind, source.per_minute)
    for service in services:
        for call in service.calls:
            parameters = opening(call, words)
            _try(asking, service, Wanted(call, parameters, parameters, ""), words, tried)
    checks: list[Check] = []
    unknown: list[Unknown] = []
    for service in services:
        made, costs = _service(service, tried, tree)
        checks += made
        unknown += costs
    if tree.kind != "directory":
        checks.append(_subscriptions(tried))
        told, lacks = examine_logs(source, asking, tree, _want)
        checks += told
        unknown += lacks
    unknown += [
        Unknown(question, _want(failed), (str(failed),), (f"{SUBSCRIPTIONS}{name}",))
        for name, failed in tried.refused.items() for question in by_name()["authorization"].affects
    ]  # fmt: skip
    return checks, unknown


def _try(asking: Asking, service: Service, wanted: Wanted[Call], words: Mapping[str, str], tried: _Tried) -> None:
    """Makes a call unless it was tried, and what follows from its first answer."""
    call = wanted.call
    owner = service.of(call)
    key = (owner.service, call.call)
    done = key in tried.failed and (tried.failed[key] is None or tried.attempts[key] >= _THINGS)
    if done and call.call != _EACH:
        return
    tried.attempts[key] += 1
    if call.call == _EACH:
        tried.subscriptions += 1
        if tried.subscriptions > _SUBSCRIPTIONS:
            tried.passed_over += 1
            return
    tried.calls[key] = owner, call
    try:
        answer = patiently(partial(asking.ask, owner, call, "", wanted.parameters), _TRIES)
    except RestFailed as error:
        if call.call == _EACH:
            tried.refused[str(wanted.parameters["scope"]).removeprefix(SUBSCRIPTIONS)] = error
            tried.failed.setdefault(key, None)
        elif error.code in call.absent:
            tried.failed[key] = None
        else:
            tried.failed[key] = error
        return
    tried.failed[key] = None
    for one in below(call, answer.members, wanted.parameters, words):
        _try(asking, owner, one, words, tried)


def _service(service: Service, tried: _Tried, tree: Tree) -> tuple[list[Check], list[Unknown]]:
    """One check a service, with what of it does not answer; the questions of those calls."""
    missing: list[str] = []
    unknown: list[Unknown] = []
    made = 0
    for (name, operation), failed in tried.failed.items():
        if name != service.service:
            continue
        made += 1
        if failed is None:
            continue
        owner, call = tried.calls[name, operation]
        missing.append(f"{operation}: {failed}")
        needs = (*call.permission, *call.privilege) if failed.status is CoverageStatus.DENIED else ()
        unknown += [
            Unknown(question, _want(failed), needs or (str(failed),), (tree.root,))
            for one in _below(call) for question in owner.of(one).questions(one)
        ]  # fmt: skip
    if not made:
        return [Check(service.service, "unknown", "nothing there that it could be tried on")], []
    told = "; ".join(missing) if missing else f"{made} kinds of calls answered"
    return [Check(service.service, "missing" if missing else "ok", told)], list(dict.fromkeys(unknown))


def _below(call: Call) -> Iterator[Call]:
    """The call and what follows from it by its own file; calls of other services are asked of the same things."""
    yield call
    for one in call.then:
        if one.service in ("", call.service) and not one.of:
            yield from _below(one)


def _subscriptions(tried: _Tried) -> Check:
    if not tried.subscriptions:
        return Check("subscriptions", "missing", "none is seen")
    asked = tried.subscriptions - tried.passed_over
    more = f" ({tried.passed_over} more not tried)" if tried.passed_over else ""
    if not tried.refused:
        return Check("subscriptions", "ok", f"{asked} answered{more}")
    return Check(
        "subscriptions", "missing", f"{len(tried.refused)} of {asked} refuse{more}: {_few(list(tried.refused))}"
    )


def _few(names: Sequence[str]) -> str:
    more = len(names) - 5
    return ", ".join(names[:5]) + (f" and {more} more" if more > 0 else "")


def _want(failed: RestFailed) -> Want:
    if failed.network:
        return Want.UNREACHABLE
    if failed.status is CoverageStatus.DENIED:
        return Want.DENIED
    if failed.status in (CoverageStatus.UNSUPPORTED, CoverageStatus.UNLICENSED):
        return Want.NOT_CONFIGURED
    return Want.FAILED
