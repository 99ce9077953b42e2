"""Whose credentials fetch logs, how what is asked for them is paged and tried again, and how refusals are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leastwise.errors import InputError
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently
from leastwise.providers.rest.session import Ask

from .asking import Asking
from .roots import trees
from .source import read_source

AT_ONCE = 16
"""So many requests at most are on their way."""
_MANAGER = "https://cloudresourcemanager.googleapis.com/v3"
_READING = ("cloud-platform.read-only",)


class Access:
    """Calls signed by who reads the logs; safe to use from many threads."""

    def __init__(self, sign_in: Mapping[str, Any]) -> None:
        """UsageError when the keys are wrong, or there are no credentials."""
        self.source = read_source({"in_flight": AT_ONCE, **sign_in})
        self._asking = Asking(self.source)

    def close(self) -> None:
        """Ends it: calls that are under way fail."""
        self._asking.close()

    def ask(self, ask: Ask, scopes: tuple[str, ...] = _READING, tries: int = 5) -> dict[str, Any]:
        """An answer, tried again while the vendor throttles or is away. Raises RestFailed."""
        return patiently(lambda: self._asking.made(ask, scopes), tries)

    def listed(self, url: str, query: Mapping[str, Any], member: str) -> Iterator[dict[str, Any]]:
        """The objects of every page of a list. Raises RestFailed."""
        for page in self.pages(url, query):
            yield from (one for one in page.get(member) or () if isinstance(one, dict))

    def pages(self, url: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Every page of a list. Raises RestFailed, also when a page leads to itself."""
        token = ""
        while True:
            page = self.ask(Ask("GET", url, {**query, **({"pageToken": token} if token else {})}))
            yield page
            # BigQuery's lists of rows call it otherwise than all others.
            more = str(page.get("nextPageToken") or page.get("pageToken") or "")
            if not more:
                return
            if more == token:
                raise RestFailed("SamePage", "a page that leads to itself")
            token = more

    def stream(self, ask: Ask, chunk: int) -> Iterator[bytes]:
        """The bytes of an answer, after one try. Raises RestFailed, also in their midst."""
        return self._asking.stream(ask, _READING, chunk)

    def containers(self, notes: list[str]) -> dict[str, str]:
        """The organizations, folders and projects of the source, top down, as logs name them (projects by their id).

        Each with what it lies in, as far as the source reaches. Of what is denied `notes` are told, and the rest goes
        on. UsageError when there is nothing to read.
        """
        found: dict[str, str] = {}
        waiting: list[str] = []
        for tree in trees(self.source, self._asking):
            notes += [f"{gap.affects}: {gap.detail}" for gap in tree.coverage]
            name = _named(tree.scope.id) if tree.kind == "project" else tree.root
            found.setdefault(name, "")
            if tree.kind != "project":
                waiting.append(name)
        for node in waiting:
            for below in (*self._below(node, "folders", notes), *self._below(node, "projects", notes)):
                if below.startswith("folders/") and below not in waiting:
                    waiting.append(below)
                found[below] = found.get(below) or node
        return found

    def _below(self, node: str, kind: str, notes: list[str]) -> list[str]:
        """Folders or projects right below a node."""
        query = {"parent": node, "pageSize": 500 if kind == "projects" else 300}
        try:
            told = list(self.listed(f"{_MANAGER}/{kind}", query, kind))
        except RestFailed as error:
            if error.ending:
                raise InputError(node, str(error)) from None
            notes.append(f"{kind} in {node} are not known, their logs are not taken in: {error}")
            return []
        alive = [one for one in told if one.get("state", "ACTIVE") == "ACTIVE" and one.get("name")]
        return [_named(str(one.get("projectId") or one["name"])) if kind == "projects" else str(one["name"])
                for one in alive]  # fmt: skip


def _named(project: str) -> str:
    return project if project.startswith("projects/") else f"projects/{project}"
