"""What a source needs to be collected, tried out: credentials, trees, permissions, the directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.base import Check, Diagnosis, Unknown, Want
from leastwise.providers.collecting.examining import examined
from leastwise.providers.collecting.expand import below, opening
from leastwise.providers.collecting.linking import linked
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently
from leastwise.providers.rest.session import Ask

from .asking import Asking
from .declaration import Call, Root, Service, by_name, declared
from .log_policy import ENTRIES
from .log_standing import PRIVATE
from .policy import ENTERING, permissions
from .roots import Tree, trees
from .source import Source, read_source

_BATCH = 100
_RESOURCE_MANAGER = "https://cloudresourcemanager.googleapis.com/v3"
_SCOPES = ("cloud-platform",)


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
    """What may be read of a tree: by testIamPermissions on its root, and by one call to each part of the directory."""
    gaps = [Check(tree.root, "missing", gap.detail) for gap in tree.coverage]
    services = linked(source.declared(), tree.kind, source.per_minute)
    wanted = permissions(source.declared(), tree.kind)
    try:
        held = _held(asking, tree, wanted)
    except RestFailed as error:
        want = Want.UNREACHABLE if error.network else Want.DENIED if _denied(error) else Want.FAILED
        lost = [Unknown(question, want, (), (tree.root,)) for one in services for question in one.affects]
        return [*gaps, Check(f"permissions on {tree.root}", "missing", str(error))], lost
    missing = [one for one in wanted if one not in held]
    told = f"{len(missing)} of {len(wanted)}: {', '.join(missing)}" if missing else f"all {len(wanted)}"
    checks = [*gaps, Check(f"permissions on {tree.root}", "missing" if missing else "ok", told)]
    checks.append(_logs(asking, tree))
    unknown = list(_unanswered(services, set(missing), tree))
    for service, call, failed in _tried(asking, services, tree):
        made, costs = _answered(service, call, failed, tree)
        checks += made
        unknown += costs
    return checks, unknown


def _logs(asking: Asking, tree: Tree) -> Check:
    """Whether `events --lookup` may read the audit logs of the root; buckets and datasets of sinks have rights of their
    own.
    """
    place = f"audit logs of {tree.root}"
    try:
        held = _held(asking, tree, ENTRIES)
    except RestFailed as error:
        return Check(place, "missing", str(error))
    missing = [one for one in ENTRIES if one not in held]
    told = f"{len(missing)} of {len(ENTRIES)}: {', '.join(missing)}" if missing else f"all {len(ENTRIES)}"
    if missing == [PRIVATE]:
        told += "; without it Data Access logs are left out"
    return Check(place, "missing" if missing else "ok", told)


def _answered(service: Service, call: Call, failed: RestFailed | None, tree: Tree) -> tuple[list[Check], list[Unknown]]:
    """What trying a call says: of the directory whether it may be read, of an API of the cloud whether it is there."""
    place = f"{service.name}.{call.call}" if service.workspace else f"API {service.described} at {service.address}"
    if failed is None:
        return [Check(place, "ok", tree.root)], []
    if _denied(failed) and not service.workspace:
        # Permissions are told by name above; a refusal shows that the API answers.
        return [Check(place, "ok", tree.root)], []
    want = Want.DENIED if _denied(failed) else Want.UNREACHABLE if failed.network else Want.FAILED
    if failed.status is CoverageStatus.UNSUPPORTED:
        want = Want.NOT_CONFIGURED
    needs = tuple(call.privilege) or (str(failed),)
    lost = list(_below(call)) if service.workspace else list(by_name()[service.service].walk())
    questions = dict.fromkeys(question for one in lost for question in service.questions(one))
    return [Check(place, "missing", str(failed))], [Unknown(one, want, needs, (tree.root,)) for one in questions]


def _held(asking: Asking, tree: Tree, wanted: Sequence[str]) -> set[str]:
    """Those of the permissions that are held on the root. Raises RestFailed.

    https://cloud.google.com/resource-manager/reference/rest/v3/organizations/testIamPermissions
    """
    held: set[str] = set()
    asked = [one for one in wanted if one not in _untestable(tree.kind)]
    for start in range(0, len(asked), _BATCH):
        body = {"permissions": asked[start : start + _BATCH]}
        ask = Ask("POST", f"{_RESOURCE_MANAGER}/{tree.root}:testIamPermissions", body=body)
        answer = patiently(partial(asking.made, ask, _SCOPES))
        held.update(str(one) for one in answer.get("permissions") or ())
    return held | _untestable(tree.kind)


def _untestable(root: Root) -> set[str]:
    """What a root of that kind refuses to be asked for: that of a project, where it is none."""
    return set() if root == "project" else set(ENTERING)


def _unanswered(services: Iterable[Service], missing: set[str], tree: Tree) -> Iterator[Unknown]:
    seen: set[tuple[str, str]] = set()
    for service in services:
        for call in service.walk():
            lacking = tuple(one for one in call.permission if one in missing)
            for one in _below(call) if lacking else ():
                owner = service.of(one)
                for question in owner.questions(one):
                    if (question, lacking[0]) not in seen:
                        seen.add((question, lacking[0]))
                        yield Unknown(question, Want.DENIED, lacking, (tree.root,))


def _below(call: Call) -> Iterator[Call]:
    """The call and what follows from it by its own file; calls of other services are asked of the same things."""
    yield call
    for one in call.then:
        if one.service in ("", call.service):
            yield from _below(one)


def _tried(
    asking: Asking, services: Sequence[Service], tree: Tree
) -> Iterator[tuple[Service, Call, RestFailed | None]]:
    """One call to each API about the tree's root, each first call to the directory, and how they failed."""
    around = {"root": tree.root}
    wanted: list[tuple[Service, Call, dict[str, Any]]] = []
    for service in services:
        for call in service.calls:
            parameters = opening(call, around)
            wanted.append((service, call, parameters))
            if call.call == f"{tree.kind}s.get":
                try:
                    members = patiently(partial(asking.ask, service, call, "", parameters)).members
                except RestFailed:
                    continue
                wanted += [(service.of(one.call), one.call, one.parameters)
                           for one in below(call, members, parameters, around)]  # fmt: skip
    seen: set[str] = set()
    for service, call, parameters in wanted:
        if service.workspace or service.service not in seen:
            seen.add(service.service)
            try:
                patiently(partial(asking.ask, service, call, "", parameters))
            except RestFailed as error:
                yield service, call, error
            else:
                yield service, call, None


def _denied(error: RestFailed) -> bool:
    return error.status is CoverageStatus.DENIED
