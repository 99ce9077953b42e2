"""A repository on GitHub, as changes are proposed to it.

- Branches and commits: https://docs.github.com/en/rest/git
- Pull requests: https://docs.github.com/en/rest/pulls/pulls
- Issues and comments: https://docs.github.com/en/rest/issues
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self
from urllib.parse import quote, urlsplit

from leastwise.errors import UsageError
from leastwise.model.proposal import CHANGE, CLOSED, ISSUE, MERGED, OPEN, Edited, Posted, Proposal, Tip
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.repository import Repository, of

from .outcome import failure

_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_PUBLIC = ("github.com", "www.github.com")
_API = "2022-11-28"
_FILES = ("100644", "100755")
"""Modes of plain files."""
LABEL = "leastwise"


class GitHub:
    """See `providers.base.hosting.CodeHost`.

    Args:
        repository: `OWNER/NAME`.
        address: of the host; another than github.com is an Enterprise Server, whose API lies below `/api/v3`.
        token: of a person or an app.
    """

    def __init__(self, repository: str, address: str, token: str) -> None:
        if not _NAME.fullmatch(repository):
            raise UsageError(f"--to: {repository!r} is not of the form OWNER/REPOSITORY")
        self._owner = repository.partition("/")[0]
        root = f"{_api(address)}/repos/{repository}"
        headers = {"accept": "application/vnd.github+json", "x-github-api-version": _API}
        self._calls = Repository(root, token, failure, headers)
        self._trees: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.close()

    def main(self) -> str:
        """The default branch. Raises RestFailed."""
        return str(self._calls.get("")["default_branch"])

    def tip(self, branch: str) -> Tip | None:
        """The newest commit of a branch. Raises RestFailed."""
        found = self._calls.found(f"/git/ref/heads/{quote(branch)}")
        if found is None:
            return None
        commit = self._calls.get(f"/git/commits/{found['object']['sha']}")
        parents = commit["parents"]
        return Tip(commit["sha"], parents[0]["sha"] if parents else "", commit["message"])

    def holds(self, commit: str, path: str, text: str) -> bool:
        """Whether a commit has that text at a path, told by the id that git gives to it. Raises RestFailed."""
        found = self._entry(commit, path)
        data = text.encode()
        return found is not None and found["sha"] == hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324 - git's

    def push(self, branch: str, onto: str, files: Sequence[Edited], message: str) -> None:
        """One commit, and the branch set to it. Raises RestFailed."""
        entries = [
            {"path": one.path, "mode": self._mode(onto, one.path), "type": "blob", "content": one.after}
            for one in files
        ]
        base = self._calls.get(f"/git/commits/{onto}")["tree"]["sha"]
        tree = self._calls.set("POST", "/git/trees", {"base_tree": base, "tree": entries})["sha"]
        # A commit that no branch leads to is nothing: these calls may be made twice.
        commit = self._calls.set("POST", "/git/commits", {"message": message, "tree": tree, "parents": [onto]})["sha"]
        there = f"/git/refs/heads/{quote(branch)}"
        if self._calls.found(f"/git/ref/heads/{quote(branch)}") is None:
            self._calls.make(
                "/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit},
                lambda: self._calls.found(f"/git/ref/heads/{quote(branch)}"), lambda made: made,
            )  # fmt: skip
        self._calls.set("PATCH", there, {"sha": commit, "force": True})

    def opened(self) -> Iterator[Posted]:
        """All that is open, but pull requests from forks: these are others'. Raises RestFailed."""
        yield from self._pulls()
        yield from self._issues()

    def earlier(self, proposal: Proposal) -> Iterator[Posted]:
        """Those of a branch, or closed issues with the label. Raises RestFailed."""
        if proposal.kind == ISSUE:
            return self._issues({"state": "closed", "labels": LABEL})
        return self._pulls({"state": "closed", "head": f"{self._owner}:{proposal.branch}"})

    def merged(self) -> Iterator[Posted]:
        """Merged pull requests, the newest first. Raises RestFailed."""
        found = self._pulls({"state": "closed", "sort": "updated", "direction": "desc"})
        return (one for one in found if one.state == MERGED)

    def _pulls(self, query: Mapping[str, str] | None = None) -> Iterator[Posted]:
        for one in self._calls.listed("/pulls", query or {"state": "open"}):
            # Of a fork that is gone nothing is told.
            if (one["head"].get("repo") or {}).get("id") == one["base"]["repo"]["id"]:
                yield _posted(one, CHANGE)

    def _issues(self, query: Mapping[str, str] | None = None) -> Iterator[Posted]:
        for one in self._calls.listed("/issues", query or {"state": "open"}):
            if "pull_request" not in one:
                yield _posted(one, ISSUE)

    def post(self, proposal: Proposal, into: str) -> Posted:
        """The pull request or issue, opened. Raises RestFailed."""
        body: dict[str, Any] = {"title": proposal.title, "body": proposal.body}
        if proposal.kind == ISSUE:
            # Who may not set labels has them left out, without an error.
            return self._calls.make(
                "/issues",
                {**body, "labels": [LABEL]},
                lambda: of(proposal, self._issues()),
                lambda made: _posted(made, ISSUE),
            )
        body |= {"head": proposal.branch, "base": into}
        return self._calls.make("/pulls", body, lambda: of(proposal, self._pulls()), lambda made: _posted(made, CHANGE))

    def edit(self, posted: Posted, title: str, body: str) -> None:
        """Another title and text. Raises RestFailed."""
        self._calls.set("PATCH", _at(posted), {"title": title, "body": body})

    def comment(self, posted: Posted, text: str) -> None:
        """A comment, unless it stands there. Raises RestFailed."""
        self._calls.comment(f"/issues/{posted.number}/comments", text)

    def close(self, posted: Posted) -> None:
        """Closed, not merged. Raises RestFailed."""
        self._calls.set("PATCH", _at(posted), {"state": "closed"})

    def _mode(self, commit: str, path: str) -> str:
        found = self._entry(commit, path)
        return str(found["mode"]) if found else _FILES[0]

    def _entry(self, commit: str, path: str) -> dict[str, Any] | None:
        """The plain file at a path; None where there is none (a link, a folder, a submodule, nothing)."""
        tree = str(self._tree(commit, "commits")["tree"]["sha"])
        *folders, name = path.split("/")
        for folder in folders:
            found = self._in(tree, folder)
            if found is None or found["type"] != "tree":
                return None
            tree = str(found["sha"])
        found = self._in(tree, name)
        return found if found is not None and found["mode"] in _FILES else None

    def _in(self, tree: str, name: str) -> dict[str, Any] | None:
        known = self._tree(tree, "trees")
        found = next((one for one in known["tree"] if one["path"] == name), None)
        if found is None and known.get("truncated"):
            raise RestFailed("Truncated", f"the folder that should hold {name} is too large to be listed")
        return found

    def _tree(self, sha: str, what: str) -> dict[str, Any]:
        """A tree or a commit, which never change."""
        if sha not in self._trees:
            self._trees[sha] = self._calls.get(f"/git/{what}/{sha}")
        return self._trees[sha]


def _api(address: str) -> str:
    """Where the API of a host lies."""
    parts = urlsplit(address)
    if parts.hostname in _PUBLIC:
        return "https://api.github.com"
    if (parts.hostname or "").endswith(".ghe.com"):
        return f"{parts.scheme}://api.{(parts.hostname or '').removeprefix('api.')}"
    whole = address.rstrip("/")
    return whole if whole.endswith("/api/v3") else f"{whole}/api/v3"


def _at(posted: Posted) -> str:
    return f"/{'pulls' if posted.kind == CHANGE else 'issues'}/{posted.number}"


def _posted(one: dict[str, Any], kind: str) -> Posted:
    state = OPEN if one["state"] == "open" else MERGED if one.get("merged_at") else CLOSED
    branch = str((one.get("head") or {}).get("ref") or "")
    return Posted(kind, int(one["number"]), one["html_url"], state, one["title"], one.get("body") or "", branch)
