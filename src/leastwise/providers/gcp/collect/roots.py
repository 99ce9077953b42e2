"""Which trees a source is: those it names, else every organization that the credentials see, else their projects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from leastwise.errors import UsageError
from leastwise.model.scope import Coverage, CoverageStatus, Scope
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently

from .asking import Asking
from .declaration import Call, Root, Service
from .source import Source

_KINDS: dict[str, Root] = {"organizations": "organization", "folders": "folder", "projects": "project"}
_SERVICE = Service(service="cloudresourcemanager", scopes=["cloud-platform.read-only"], calls=[])
_ORGANIZATIONS = Call(call="organizations.search", path="v3/organizations:search")
_PROJECTS = Call(call="projects.search", path="v3/projects:search", with_={"pageSize": 500})
_PROJECT = Call(call="projects.get", path="v3/{+name}")


@dataclass(frozen=True, slots=True)
class Tree:
    """A scope, the vendor's name of its root, and what finding it could not tell."""

    scope: Scope
    root: str
    coverage: tuple[Coverage, ...] = ()

    @property
    def kind(self) -> Root:
        """What its root is."""
        return _KINDS[self.root.partition("/")[0]]


def trees(source: Source, asking: Asking, only: str | None = None) -> list[Tree]:
    """The trees of a source, or only the one of this name (none when it has no such tree).

    Raises:
        UsageError: what there is cannot be found out, or there is nothing.
    """
    named = source.roots
    try:
        found = [_named(asking, root) for root in named] if named else _seen(asking)
    except RestFailed as error:
        raise UsageError(f"source gcp: which organizations and projects there are: {error}") from None
    if only is not None:
        found = [one for one in found if only in (one.scope.id, one.root, one.root.partition("/")[2])]
    if not found and only is None:
        raise UsageError("source gcp: the credentials see no organization and no project; name one")
    return found


def _named(asking: Asking, root: str) -> Tree:
    """A tree that the source names; a project is known by its id where that can be read."""
    kind = _KINDS[root.partition("/")[0]]
    if kind != "project":
        return Tree(Scope("gcp", kind, root), root)
    try:
        told = patiently(lambda: asking.ask(_SERVICE, _PROJECT, "", {"name": root})).members
    except RestFailed as error:
        if error.ending or error.network:
            raise
        # The run will say of every call why it fails; what the project is called is known from the source.
        id = root.partition("/")[2]
        return Tree(Scope("gcp", kind, root if id.isdigit() else id), root)
    return _project(told)


def _seen(asking: Asking) -> list[Tree]:
    """Organizations, and projects that stand in none."""
    found = [
        Tree(Scope("gcp", "organization", str(one["name"])), str(one["name"]))
        for one in _listed(asking, _ORGANIZATIONS, "organizations")
        if one.get("state", "ACTIVE") == "ACTIVE"
    ]
    try:
        alone = [
            _project(one)
            for one in _listed(asking, _PROJECTS, "projects")
            if one.get("state", "ACTIVE") == "ACTIVE" and (not found or not one.get("parent"))
        ]
    except RestFailed as error:
        if not found:
            raise
        gap = Coverage(
            "cloudresourcemanager", "projects.search", error.status if error.status is not CoverageStatus.OK
            else CoverageStatus.FAILED, str(error), "projects that stand in no organization",
        )  # fmt: skip
        return [Tree(found[0].scope, found[0].root, (gap,)), *found[1:]]
    return found + alone


def _project(told: dict[str, Any]) -> Tree:
    name = str(told["name"])
    return Tree(Scope("gcp", "project", str(told.get("projectId") or name)), name)


def _listed(asking: Asking, call: Call, member: str) -> Iterator[dict[str, Any]]:
    more: dict[str, Any] | None = {}
    while more is not None:
        page = dict(more)
        answer = patiently(partial(asking.ask, _SERVICE, call, "", {**call.with_, **page}))
        yield from (one for one in answer.members.get(member, ()) if isinstance(one, dict) and "name" in one)
        more = None if answer.more == page else answer.more
