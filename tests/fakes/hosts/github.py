"""GitHub on loopback, below `/api/v3` as an Enterprise Server: https://docs.github.com/en/rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .git import Item, blob
from .serving import FakeHost, Refused, Request

_SHA = "([0-9a-f]{40})"


@dataclass
class FakeGitHub(FakeHost):
    """See `FakeHost`."""

    ROUTES: ClassVar[list[tuple[str, str, str]]] = [
        ("GET", "", "about"),
        ("GET", "/git/ref/heads/(.+)", "ref"),
        ("GET", f"/git/commits/{_SHA}", "commit"),
        ("GET", f"/git/trees/{_SHA}", "tree"),
        ("POST", "/git/trees", "make_tree"),
        ("POST", "/git/commits", "make_commit"),
        ("POST", "/git/refs", "make_ref"),
        ("PATCH", "/git/refs/heads/(.+)", "set_ref"),
        ("GET", "/(pulls|issues)", "listed"),
        ("POST", "/(pulls|issues)", "post"),
        ("PATCH", r"/(pulls|issues)/(\d+)", "edit"),
        ("GET", r"/issues/(\d+)/comments", "comments"),
        ("POST", r"/issues/(\d+)/comments", "comment"),
    ]

    def __post_init__(self) -> None:
        self._trees: dict[str, dict[str, tuple[str, str]]] = {}

    def root(self) -> str:
        return f"/api/v3/repos/{self.repository}"

    def unauthorised(self) -> Refused:
        return Refused(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})

    def forbidden(self) -> Refused:
        message = "Resource not accessible by personal access token"
        return Refused(403, {"message": message}, {"X-Accepted-GitHub-Permissions": "contents=write"})

    def missing(self) -> Refused:
        return Refused(404, {"message": "Not Found", "status": "404"})

    def about(self, asked: Request) -> tuple[int, Any]:
        return 200, {"id": 7, "full_name": self.repository, "default_branch": self.git.main}

    def ref(self, asked: Request, name: str) -> tuple[int, Any]:
        if name not in self.git.branches:
            raise self.missing()
        return 200, {"ref": f"refs/heads/{name}", "object": {"type": "commit", "sha": self.git.branches[name]}}

    def commit(self, asked: Request, sha: str) -> tuple[int, Any]:
        found = self.git.commits.get(sha)
        if found is None:
            raise self.missing()
        tree = self._kept(found.files)
        parents = [{"sha": one} for one in found.parents]
        return 200, {"sha": sha, "tree": {"sha": tree}, "parents": parents, "message": found.message.rstrip("\n")}

    def _kept(self, files: dict[str, tuple[str, str]]) -> str:
        sha = blob(repr(sorted(files.items())))
        self._trees[sha] = files
        return sha

    def tree(self, asked: Request, sha: str) -> tuple[int, Any]:
        if sha not in self._trees:
            raise self.missing()
        files, entries = self._trees[sha], {}
        for path, (mode, text) in files.items():
            name, _, below = path.partition("/")
            if below:
                inside = {key.partition("/")[2]: one for key, one in files.items() if key.startswith(f"{name}/")}
                entries[name] = {"path": name, "mode": "040000", "type": "tree", "sha": self._kept(inside)}
            else:
                entries[name] = {"path": name, "mode": mode, "type": "blob", "sha": blob(text)}
        return 200, {"sha": sha, "tree": list(entries.values()), "truncated": False}

    def make_tree(self, asked: Request) -> tuple[int, Any]:
        files = dict(self._trees[asked.body["base_tree"]])
        for one in asked.body["tree"]:
            files[one["path"]] = (one["mode"], one["content"])
        return 201, {"sha": self._kept(files)}

    def make_commit(self, asked: Request) -> tuple[int, Any]:
        body = asked.body
        sha = self.git.add(dict(self._trees[body["tree"]]), tuple(body["parents"]), body["message"])
        return 201, {"sha": sha}

    def make_ref(self, asked: Request) -> tuple[int, Any]:
        name = asked.body["ref"].removeprefix("refs/heads/")
        if name in self.git.branches:
            raise Refused(422, {"message": "Reference already exists"})
        self.git.branches[name] = asked.body["sha"]
        return 201, {"ref": asked.body["ref"], "object": {"sha": asked.body["sha"]}}

    def set_ref(self, asked: Request, name: str) -> tuple[int, Any]:
        if name not in self.git.branches:
            raise Refused(422, {"message": "Reference does not exist"})
        assert asked.body["force"] is True
        self.git.branches[name] = asked.body["sha"]
        return 200, {"ref": f"refs/heads/{name}", "object": {"sha": asked.body["sha"]}}

    def listed(self, asked: Request, what: str) -> tuple[int, Any]:
        query = asked.query
        found = [one for one in self.git.items if query["state"] in (one.state, "all")]
        if what == "pulls":
            found = [one for one in found if one.kind == "change"]
            if "head" in query:
                found = [one for one in found if query["head"] == f"acme:{one.branch}" and not one.fork]
        elif not self.issues:
            found = [one for one in found if one.kind == "change"]
        if "labels" in query:
            found = [one for one in found if query["labels"] in one.labels]
        return 200, [self._told(one, what) for one in sorted(found, key=lambda one: -one.number)]

    def post(self, asked: Request, what: str) -> tuple[int, Any]:
        body = asked.body
        if what == "issues":
            if not self.issues:
                raise Refused(410, {"message": "Issues has been disabled in this repository."})
            one = self.git.new({"kind": "issue", "title": body["title"], "body": body["body"],
                                "labels": tuple(body.get("labels", ()))})  # fmt: skip
            return 201, self._told(one, what)
        if body["head"] not in self.git.branches or body["base"] not in self.git.branches:
            errors = [{"resource": "PullRequest", "field": "head", "code": "invalid"}]
            raise Refused(422, {"message": "Validation Failed", "errors": errors})
        if any(one.branch == body["head"] for one in self.git.open("change") if not one.fork):
            errors = [{"resource": "PullRequest", "code": "custom",
                       "message": f"A pull request already exists for acme:{body['head']}."}]  # fmt: skip
            raise Refused(422, {"message": "Validation Failed", "errors": errors})
        one = self.git.new({"kind": "change", "title": body["title"], "body": body["body"], "branch": body["head"],
                            "into": body["base"]})  # fmt: skip
        return 201, self._told(one, what)

    def edit(self, asked: Request, what: str, number: str) -> tuple[int, Any]:
        one = self._item(number)
        one.title, one.body = asked.body.get("title", one.title), asked.body.get("body", one.body)
        one.state = asked.body.get("state", one.state)
        return 200, self._told(one, what)

    def comments(self, asked: Request, number: str) -> tuple[int, Any]:
        return 200, [{"id": index, "body": text} for index, text in enumerate(self._item(number).comments)]

    def comment(self, asked: Request, number: str) -> tuple[int, Any]:
        self._item(number).comments.append(asked.body["body"])
        return 201, {"id": 1, "body": asked.body["body"]}

    def _item(self, number: str) -> Item:
        found = next((one for one in self.git.items if one.number == int(number)), None)
        if found is None:
            raise self.missing()
        return found

    def _told(self, one: Item, what: str) -> dict[str, Any]:
        page = "pull" if one.kind == "change" else "issues"
        told: dict[str, Any] = {
            "number": one.number, "state": one.state, "title": one.title, "body": one.body,
            "html_url": f"{self.url}/{self.repository}/{page}/{one.number}",
        }  # fmt: skip
        if what == "pulls":
            told["head"] = {"ref": one.branch, "repo": {"id": 8 if one.fork else 7}}
            told["base"] = {"ref": one.into, "repo": {"id": 7}}
            told["merged_at"] = "2026-11-01T00:00:00Z" if one.merged else None
        elif one.kind == "change":
            told["pull_request"] = {"merged_at": None}
        return told
