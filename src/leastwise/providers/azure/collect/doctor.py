"""What a source needs to be collected, tried out: signing in, each kind of call, every subscription."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from leastwise.providers.base import Check, Diagnosis, Unknown
from leastwise.providers.collecting.examining import examined
from leastwise.providers.microsoft.declaration import Call
from leastwise.providers.microsoft.trying import Trial, want
from leastwise.providers.rest.failure import RestFailed

from .asking import Asking
from .declaration import Service, asked, by_name, declared
from .log_doctor import examine_logs
from .roots import Tree, around, trees
from .source import SUBSCRIPTIONS, Source, read_source

_EACH = "roleAssignments.list"
"""The call that is tried on every subscription."""
_SUBSCRIPTIONS = 50


class _Trial(Trial[Service]):
    """How the calls of a tree ended, and `_EACH` by subscription."""

    def __init__(self, asking: Asking, words: Mapping[str, str]) -> None:
        super().__init__(asking.ask, words)
        self.turned_down: dict[str, RestFailed] = {}
        self.subscriptions = 0

    def each(self, call: Call) -> bool:
        """Whether a call is tried on everything, here on so many subscriptions."""
        if call.call != _EACH:
            return False
        self.subscriptions += 1
        return self.subscriptions <= _SUBSCRIPTIONS

    def refused(self, call: Call, parameters: Mapping[str, Any], error: RestFailed) -> RestFailed | None:
        """The failure of a call; that of a subscription is its own."""
        if call.call != _EACH:
            return super().refused(call, parameters, error)
        self.turned_down[str(parameters["scope"]).removeprefix(SUBSCRIPTIONS)] = error
        return None


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
    services = asked(source.declared(), tree.kind, source.per_minute)
    trial = _Trial(asking, around(tree.root))
    trial.run(services)
    checks: list[Check] = []
    unknown: list[Unknown] = []
    for service in services:
        made, costs = trial.found(service, tree.root)
        checks += made
        unknown += costs
    if tree.kind != "directory":
        checks.append(_subscriptions(trial))
        told, lacks = examine_logs(source, asking, tree, want)
        checks += told
        unknown += lacks
    unknown += [
        Unknown(question, want(failed), (str(failed),), (f"{SUBSCRIPTIONS}{name}",))
        for name, failed in trial.turned_down.items() for question in by_name()["authorization"].affects
    ]  # fmt: skip
    return checks, unknown


def _subscriptions(trial: _Trial) -> Check:
    if not trial.subscriptions:
        return Check("subscriptions", "missing", "none is seen")
    passed_over = max(0, trial.subscriptions - _SUBSCRIPTIONS)
    asked = trial.subscriptions - passed_over
    more = f" ({passed_over} more not tried)" if passed_over else ""
    if not trial.turned_down:
        return Check("subscriptions", "ok", f"{asked} answered{more}")
    return Check(
        "subscriptions",
        "missing",
        f"{len(trial.turned_down)} of {asked} refuse{more}: {_few(list(trial.turned_down))}",
    )


def _few(names: Sequence[str]) -> str:
    more = len(names) - 5
    return ", ".join(names[:5]) + (f" and {more} more" if more > 0 else "")
