"""What a source needs to be collected, tried out: credentials, trees, permissions, the directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from leastwise.errors import UsageError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.base import Check, Diagnosis, Unknown, Want
from leastwise.providers.collecting.expand import below, opening
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently
from leastwise.providers.rest.session import Ask

from .asking import Asking
from .declaration import Call, Root, Service, declared, linked
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
    try:
        asking = Asking(source)
    except UsageError as error:
        return Diagnosis([Check("signed in", "missing", str(error))], _all(source, Want.NOT_SIGNED_IN))
    with asking:
        try:
            found = trees(source, asking)
        except UsageError as error:
            check = Check("signed in", "missing", f"{asking.signer.who()}: {error}")
            return Diagnosis([check], _all(source, Want.NOT_SIGNED_IN))
        checks = [Check("signed in", "ok", asking.signer.who())]
        unknown = [
            Unknown(one.affects, Want.NOT_CONFIGURED, (one.detail,), ("every tree",)) for one in source.left_out()
        ]
        for tree in found:
            checks += [Check(tree.root, "missing", gap.detail) for gap in tree.coverage]
            told, lacks = _tree(source, asking, tree)
            checks += told
            unknown += lacks
        return Diagnosis(checks, unknown)


def _all(source: Source, want: Want) -> list[Unknown]:
    return [
        Unknown(question, want, (), ("every tree",)) for service in source.declared() for question in service.affects
    ]


def _tree(source: Source, asking: Asking, tree: Tree) -> tuple[list[Check], list[Unknown]]:
    """What may be read of a tree: by testIamPermissions on its root, and by one call to each part of the directory."""
    services = linked(source.declared(), tree.kind, source.per_minute)
    wanted = permissions(source.declared(), tree.kind)
    try:
        held = _held(asking, tree, wanted)
    except RestFailed as error:
        want = Want.UNREACHABLE if error.network else Want.DENIED if _denied(error) else Want.FAILED
        lost = [Unknown(question, want, (), (tree.root,)) for one in services for question in one.affects]
        return [Check(f"permissions on {tree.root}", "missing", str(error))], lost
    missing = [one for one in wanted if one not in held]
    told = f"{len(missing)} of {len(wanted)}: {', '.join(missing)}" if missing else f"all {len(wanted)}"
    checks = [Check(f"permissions on {tree.root}", "missing" if missing else "ok", told)]
    unknown = list(_unanswered(services, set(missing), tree))
    for service, call, failed in _directory(asking, services, tree):
        place = f"{service.name}.{call.call}"
        if failed is None:
            checks.append(Check(place, "ok", tree.root))
            continue
        checks.append(Check(place, "missing", str(failed)))
        want = Want.DENIED if _denied(failed) else Want.UNREACHABLE if failed.network else Want.FAILED
        needs = tuple(call.privilege) or (place,)
        unknown += [Unknown(question, want, needs, (tree.root,)) for one in _below(call) for question in
                    service.questions(one)]  # fmt: skip
    return checks, unknown


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


def _directory(
    asking: Asking, services: Sequence[Service], tree: Tree
) -> Iterator[tuple[Service, Call, RestFailed | None]]:
    """Each first call to the directory, made once for the tree's organization, and how it failed."""
    tops = [call for one in services for call in one.calls if call.call == "organizations.get"]
    for top in tops:
        parameters = opening(top, {"root": tree.root})
        service = next(one for one in declared() if one.service == top.service)
        try:
            members = patiently(partial(asking.ask, service, top, "", parameters)).members
        except RestFailed:
            return
        for wanted in below(top, members, parameters, {"root": tree.root}):
            owner = service.of(wanted.call)
            if not owner.workspace:
                continue
            try:
                patiently(partial(asking.ask, owner, wanted.call, "", wanted.parameters))
            except RestFailed as error:
                yield owner, wanted.call, error
            else:
                yield owner, wanted.call, None


def _denied(error: RestFailed) -> bool:
    return error.status is CoverageStatus.DENIED
