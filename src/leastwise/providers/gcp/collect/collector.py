"""Collects a source: finds its trees, makes the declared calls, and hands out each tree when it is finished."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from leastwise.model.scope import Collected, Coverage
from leastwise.providers.base import CollectRun
from leastwise.providers.collecting.declaration import Call as AnyCall
from leastwise.providers.collecting.expand import things
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.collecting.linking import linked
from leastwise.providers.collecting.rounds import handed_out, target_of
from leastwise.providers.collecting.run import Finished, Run, Target
from leastwise.providers.redacting import Keyed

from .asking import Asking
from .declaration import ROOTS, Call, Service
from .roots import Tree, trees
from .source import Source, read_source

_WINDOW = 4
_CONTAINER = re.compile(r"(?<![\w-])(?:projects|folders|organizations)/[^/%]+")
_PROBE = (
    Service(service="cloudresourcemanager", scopes=["cloud-platform.read-only"], calls=[]),
    Call(call="projects.search", path="v3/projects:search"),
)


def collect(keys: Mapping[str, Any], run: CollectRun) -> Iterator[Collected]:
    """Every tree of a source, as soon as it is collected.

    Raises:
        UsageError: the source's keys are wrong, there are no credentials, or nothing to read is found.
        OSError: the journals cannot be written.
    """
    source = read_source(keys)
    with Asking(source) as asking:
        found = trees(source, asking, run.only)
        targets = [one for tree in found if (one := _target(source, tree, run)) is not None]
        gaps = {tree.scope.key: tree.coverage for tree in found}
        runner = Run(asking.ask, Keyed(run.key).hashed, source.in_flight, _WINDOW, lambda target: _probed(asking))

        def told(finished: Finished) -> Collected:
            collected = _with_ids(finished.collected)
            return replace(collected, coverage=(*collected.coverage, *gaps[collected.scope.key]))

        def given(_: Finished, collected: Collected) -> Collected:
            return replace(collected, coverage=(*collected.coverage, *source.left_out()))

        yield from handed_out(runner, targets, [one.scope for one in found], run, told, given)


def plan_hash(source: Source) -> str:
    """What tells a plan of collection from another: a journal of another one is not gone on with."""
    services = source.declared()
    return hashlib.sha256(msgspec.json.encode([linked(services, root) for root in ROOTS])).hexdigest()


def _target(source: Source, tree: Tree, run: CollectRun) -> Target | None:
    """The tree to collect, or None when it was finished by the run that is gone on with."""
    services = linked(source.declared(), tree.kind, source.per_minute)
    return target_of(tree.scope, services, plan_hash(source), run, {"root": tree.root}, partial(_part, tree))


def _part(tree: Tree, call: AnyCall, parameters: Mapping[str, Any]) -> str:
    """The organization, folder or project that a call is about; empty for the root itself."""
    for name in call.with_:
        value = parameters.get(name)
        found = _CONTAINER.search(value) if isinstance(value, str) else None
        if found:
            return "" if found[0] in (tree.root, f"projects/{tree.scope.id}") else found[0]
    return ""


def _with_ids(collected: Collected) -> Collected:
    """Gaps of projects by their ids, as rows name accounts, where these were read."""
    ids: dict[str, str] = {}
    for document in collected.documents:
        if document.kind in ("cloudresourcemanager.projects.list", "cloudresourcemanager.projects.get"):
            told = msgspec.json.decode(document.body)
            listed = things(told, "projects") if document.kind.endswith("list") else iter((told,))
            ids.update((str(one["name"]), str(one["projectId"])) for one in listed if one.get("projectId"))
    coverage = tuple(
        replace(one, account=ids.get(one.account, one.account.removeprefix("projects/") if _is_id(one.account)
                                     else one.account))
        for one in collected.coverage
    )  # fmt: skip
    return replace(collected, coverage=_merged(coverage))


def _is_id(account: str) -> bool:
    """Whether it is `projects/ID`, and not `projects/NUMBER`."""
    return account.startswith("projects/") and not account.removeprefix("projects/").isdigit()


def _merged(coverage: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """Each once: a project asked by its id and by its number is one."""
    return tuple(dict.fromkeys(coverage))


def _probed(asking: Asking) -> Answer:
    return asking.ask(*_PROBE, "", {"pageSize": 1})
