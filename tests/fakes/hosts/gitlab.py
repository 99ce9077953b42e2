"""GitLab on loopback: https://docs.gitlab.com/api/."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from .git import Item, blob
from .serving import FakeHost, Refused, Request

_KINDS = {"merge_requests": "change", "issues": "issue"}
_STATES = {"open": "opened", "closed": "closed"}


@dataclass
class FakeGitLab(FakeHost):
    """See `FakeHost`."""

    ROUTES: ClassVar[list[tuple[str, str, str]]] = [
        ("GET", "", "about"),
        ("GET", "/repository/branches/([^/]+)", "branch"),
        ("GET", "/repository/commits/([^/]+)", "commit"),
        ("GET", "/repository/files/([^/]+)", "file"),
        ("POST", "/repository/commits", "make_commit"),
        ("GET", "/(merge_requests|issues)", "listed"),
        ("POST", "/(merge_requests|issues)", "post"),
        ("PUT", r"/(merge_requests|issues)/(\d+)", "edit"),
        ("GET", r"/(merge_requests|issues)/(\d+)/notes", "notes"),
        ("POST", r"/(merge_requests|issues)/(\d+)/notes", "note"),
    ]

    def root(self) -> str:
        return f"/api/v4/projects/{quote(self.repository, safe='')}"

    def unauthorised(self) -> Refused:
        said = "Token is expired. You can either do re-authorization or token refresh."
        return Refused(401, {"error": "invalid_token", "error_description": said})

    def forbidden(self) -> Refused:
        said = "The request requires higher privileges than provided by the access token."
        return Refused(403, {"error": "insufficient_scope", "error_description": said, "scope": "api"})

    def missing(self) -> Refused:
        return Refused(404, {"message": "404 Project Not Found"})

    def about(self, asked: Request) -> tuple[int, Any]:
        return 200, {"id": 7, "path_with_namespace": self.repository, "default_branch": self.git.main}

    def branch(self, asked: Request, name: str) -> tuple[int, Any]:
        if name not in self.git.branches:
            raise Refused(404, {"message": "404 Branch Not Found"})
        return 200, {"name": name, "commit": {**self._commit(self.git.branches[name]), "parent_ids": []}}

    def commit(self, asked: Request, sha: str) -> tuple[int, Any]:
        return 200, self._commit(sha)

    def _commit(self, sha: str) -> dict[str, Any]:
        found = self.git.at(sha)
        if found is None:
            raise Refused(404, {"message": "404 Commit Not Found"})
        return {"id": found.sha, "parent_ids": list(found.parents), "message": found.message}

    def file(self, asked: Request, path: str) -> tuple[int, Any]:
        found = self.git.at(asked.query["ref"])
        if found is None or path not in found.files:
            raise Refused(404, {"message": "404 File Not Found"})
        text = found.files[path][1]
        digest = hashlib.sha256(text.encode()).hexdigest()
        return 200, {"file_path": path, "content_sha256": digest, "blob_id": blob(text), "ref": asked.query["ref"]}

    def make_commit(self, asked: Request) -> tuple[int, Any]:
        body = asked.body
        if body["branch"] in self.git.branches and not body.get("force"):
            raise Refused(400, {"message": f"A branch called '{body['branch']}' already exists."})
        base = self.git.commits[body["start_sha"]]
        files = dict(base.files)
        for one in body["actions"]:
            if one["action"] == "update" and one["file_path"] not in files:
                raise Refused(400, {"message": "A file with this name doesn't exist"})
            files[one["file_path"]] = ("100644", one["content"])
        sha = self.git.add(files, (base.sha,), body["commit_message"])
        self.git.branches[body["branch"]] = sha
        return 201, self._commit(sha)

    def listed(self, asked: Request, what: str) -> tuple[int, Any]:
        query = asked.query
        found = [one for one in self.git.items if one.kind == _KINDS[what]]
        if query["state"] != "all":
            found = [one for one in found if self._state(one) == query["state"]]
        if "source_branch" in query:
            found = [one for one in found if one.branch == query["source_branch"]]
        if "labels" in query:
            found = [one for one in found if query["labels"] in one.labels]
        return 200, [self._told(one) for one in sorted(found, key=lambda one: -one.number)]

    def post(self, asked: Request, what: str) -> tuple[int, Any]:
        body = asked.body
        labels = tuple(body.get("labels", "").split(","))
        said = {"kind": _KINDS[what], "title": body["title"], "body": body["description"], "labels": labels}
        if what == "issues":
            if not self.issues:
                raise Refused(403, {"message": "403 Forbidden"})
            return 201, self._told(self.git.new(said))
        if body["source_branch"] not in self.git.branches or body["target_branch"] not in self.git.branches:
            raise Refused(400, {"message": {"source_branch": ["does not exist"]}})
        there = [one for one in self.git.open("change") if one.branch == body["source_branch"] and not one.fork]
        if there:
            message = f"Another open merge request already exists for this source branch: !{there[0].number}"
            raise Refused(409, {"message": [message]})
        return 201, self._told(self.git.new({**said, "branch": body["source_branch"], "into": body["target_branch"]}))

    def edit(self, asked: Request, what: str, number: str) -> tuple[int, Any]:
        one = self._item(what, number)
        one.title, one.body = asked.body.get("title", one.title), asked.body.get("description", one.body)
        if asked.body.get("state_event") == "close":
            one.state = "closed"
        return 200, self._told(one)

    def notes(self, asked: Request, what: str, number: str) -> tuple[int, Any]:
        return 200, [{"id": index, "body": text} for index, text in enumerate(self._item(what, number).comments)]

    def note(self, asked: Request, what: str, number: str) -> tuple[int, Any]:
        self._item(what, number).comments.append(asked.body["body"])
        return 201, {"id": 1, "body": asked.body["body"]}

    def _item(self, what: str, number: str) -> Item:
        wanted = (_KINDS[what], int(number))
        found = next((one for one in self.git.items if (one.kind, one.number) == wanted), None)
        if found is None:
            raise self.missing()
        return found

    def _state(self, one: Item) -> str:
        return "merged" if one.merged else _STATES[one.state]

    def _told(self, one: Item) -> dict[str, Any]:
        told = {
            "iid": one.number, "state": self._state(one), "title": one.title, "description": one.body,
            "web_url": f"{self.url}/{self.repository}/-/{one.kind}/{one.number}",
        }  # fmt: skip
        if one.kind == "change":
            told |= {"source_branch": one.branch, "source_project_id": 8 if one.fork else 7, "target_project_id": 7}
        return told
