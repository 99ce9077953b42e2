"""A project on GitLab, as changes are proposed to it.

- Commits: https://docs.gitlab.com/api/commits/
- Files: https://docs.gitlab.com/api/repository_files/
- Merge requests: https://docs.gitlab.com/api/merge_requests/
- Issues and notes: https://docs.gitlab.com/api/issues/, https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self
from urllib.parse import quote

from leastwise.errors import UsageError
from leastwise.model.proposal import CHANGE, CLOSED, ISSUE, MERGED, OPEN, Edited, Posted, Proposal, Tip
from leastwise.providers.rest.repository import Repository, of

from .outcome import failure

_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)+", re.ASCII)
_STATES = {"opened": OPEN, "locked": OPEN, "merged": MERGED}
LABEL = "leastwise"


class GitLab:
    """See `providers.base.hosting.CodeHost`.

    Args:
        repository: `GROUP/PROJECT`, with as many groups as there are.
        address: of the host; its API lies below `/api/v4`.
        token: of a person, a group or the project.
    """

    def __init__(self, repository: str, address: str, token: str) -> None:
        if not _NAME.fullmatch(repository):
            raise UsageError(f"--to: {repository!r} is not of the form GROUP/PROJECT")
        whole = address.rstrip("/")
        api = whole if whole.endswith("/api/v4") else f"{whole}/api/v4"
        self._calls = Repository(f"{api}/projects/{quote(repository, safe='')}", token, failure)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.close()

    def main(self) -> str:
        """The default branch. Raises RestFailed."""
        return str(self._calls.get("")["default_branch"] or "")

    def tip(self, branch: str) -> Tip | None:
        """The newest commit of a branch. Raises RestFailed."""
        found = self._calls.found(f"/repository/branches/{quote(branch, safe='')}")
        if found is None:
            return None
        commit = found["commit"]
        parents = commit.get("parent_ids") or self._calls.get(f"/repository/commits/{commit['id']}")["parent_ids"]
        return Tip(commit["id"], parents[0] if parents else "", commit["message"])

    def holds(self, commit: str, path: str, text: str) -> bool:
        """Whether a commit has that text at a path, told by its SHA-256. Raises RestFailed."""
        found = self._calls.found(f"/repository/files/{quote(path, safe='')}", {"ref": commit})
        return found is not None and found["content_sha256"] == hashlib.sha256(text.encode()).hexdigest()

    def push(self, branch: str, onto: str, files: Sequence[Edited], message: str) -> None:
        """One commit, and the branch set to it, in one call that may be made twice. Raises RestFailed."""
        actions = [{"action": "update", "file_path": one.path, "content": one.after} for one in files]
        body = {"branch": branch, "commit_message": message, "start_sha": onto, "force": True, "actions": actions}
        self._calls.set("POST", "/repository/commits", body)

    def opened(self) -> Iterator[Posted]:
        """All that is open, but merge requests from forks: these are others'. Raises RestFailed."""
        for kind in _AT:
            yield from self._listed(kind, {"state": "opened"})

    def earlier(self, proposal: Proposal) -> Iterator[Posted]:
        """Those of a branch, or issues with the label, that are not open. Raises RestFailed."""
        query = {"labels": LABEL} if proposal.kind == ISSUE else {"source_branch": proposal.branch}
        found = self._listed(proposal.kind, {"state": "all", **query})
        return (one for one in found if one.state != OPEN)

    def merged(self) -> Iterator[Posted]:
        """Merged merge requests, the newest first. Raises RestFailed."""
        return self._listed(CHANGE, {"state": "merged", "order_by": "updated_at", "sort": "desc"})

    def _listed(self, kind: str, query: Mapping[str, str]) -> Iterator[Posted]:
        for one in self._calls.listed(_AT[kind], query):
            if one.get("source_project_id") == one.get("target_project_id"):
                yield _posted(one, kind)

    def post(self, proposal: Proposal, into: str) -> Posted:
        """The merge request or issue, opened. Raises RestFailed."""
        body: dict[str, Any] = {"title": proposal.title, "description": proposal.body, "labels": LABEL}
        if proposal.kind == CHANGE:
            body |= {"source_branch": proposal.branch, "target_branch": into, "remove_source_branch": True}
        return self._calls.make(
            _AT[proposal.kind], body, lambda: of(proposal, self._listed(proposal.kind, {"state": "opened"})),
            lambda made: _posted(made, proposal.kind),
        )  # fmt: skip

    def edit(self, posted: Posted, title: str, body: str) -> None:
        """Another title and text. Raises RestFailed."""
        self._calls.set("PUT", f"{_AT[posted.kind]}/{posted.number}", {"title": title, "description": body})

    def comment(self, posted: Posted, text: str) -> None:
        """A note, unless it stands there. Raises RestFailed."""
        self._calls.comment(f"{_AT[posted.kind]}/{posted.number}/notes", text)

    def close(self, posted: Posted) -> None:
        """Closed, not merged. Raises RestFailed."""
        self._calls.set("PUT", f"{_AT[posted.kind]}/{posted.number}", {"state_event": "close"})


_AT = {CHANGE: "/merge_requests", ISSUE: "/issues"}


def _posted(one: dict[str, Any], kind: str) -> Posted:
    state = _STATES.get(one["state"], CLOSED)
    body, branch = one.get("description") or "", one.get("source_branch") or ""
    return Posted(kind, int(one["iid"]), one["web_url"], state, one["title"], body, branch)
