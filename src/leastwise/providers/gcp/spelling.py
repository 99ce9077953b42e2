"""What code calls members, roles and resources of Google Cloud."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from leastwise.providers.base.spelling import Spelling, rows_of

from . import catalog

_CONTAINERS = "//cloudresourcemanager.googleapis.com/"
_PROJECT = re.compile(r"(^|/)projects/([^/]+)")
_BUCKETS = "//storage.googleapis.com/"


class _Called:
    def __init__(self, scopes: Sequence[Any]) -> None:
        projects = [one for one in rows_of(scopes, "scopes").values() if one["kind"] == "project" and one["number"]]
        self.numbers = {str(one["number"]): one["id"] for one in projects}
        self.ids = {one["id"]: str(one["number"]) for one in projects}
        self.titles = {id: one["name"] for id, one in rows_of(scopes, "policies").items()}
        # A service account is named by its number in one place and by its address in another.
        self.members = {
            id: str(one["principal"]).partition(":")[2]
            for id, one in rows_of(scopes, "resources").items()
            if one["principal"] and str(one["principal"]).startswith("serviceAccount:")
        }

    def placed(self, scope: str) -> str:
        """A full name with the ids of projects, and the addresses of service accounts."""
        if address := self.members.get(scope):
            scope = f"{scope.rpartition('/')[0]}/{address}"
        return _PROJECT.sub(lambda one: f"{one[1]}projects/{self.numbers.get(one[2], one[2])}", scope)

    def scope(self, scope: str) -> Sequence[str]:
        placed = self.placed(scope)
        path = placed.removeprefix("//").partition("/")[2]
        numbered = _PROJECT.sub(lambda one: f"{one[1]}projects/{self.ids.get(one[2], one[2])}", path)
        names = [path, numbered]
        if placed.startswith(_CONTAINERS):
            names += [one.rpartition("/")[2] for one in (path, numbered)]
        if placed.startswith(_BUCKETS):
            names.append(f"b/{path}")
        return tuple(dict.fromkeys(names))

    def title(self, role: str) -> str:
        found = catalog.role(role)
        return self.titles.get(role) or (found.title if found is not None else "") or ""


def _terms(condition: Any) -> str:
    """Title and expression: a description says nothing."""
    if not isinstance(condition, Mapping):
        return ""
    told = {name: condition[name] for name in ("title", "expression") if condition.get(name)}
    return json.dumps(told, sort_keys=True) if told else ""


def spelling(scopes: Sequence[Any]) -> Spelling:
    """What code calls what some scopes hold."""
    called = _Called(scopes)
    return Spelling(
        principal=lambda id: (id,), bundle=lambda id: (id,), title=called.title, scope=called.scope,
        placed=called.placed, terms=_terms, named=lambda document: str(document.get("title", "")),
    )  # fmt: skip
