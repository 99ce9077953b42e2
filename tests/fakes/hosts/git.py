"""What a host of code keeps: commits with their files, branches, requests to merge, issues and comments."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Commit:
    """A commit: all its files by path (mode and text), its parents, its message."""

    files: dict[str, tuple[str, str]]
    parents: tuple[str, ...]
    message: str

    @property
    def sha(self) -> str:
        said = json.dumps([sorted(self.files.items()), self.parents, self.message])
        return hashlib.sha1(said.encode()).hexdigest()


def blob(text: str) -> str:
    """The id that git gives to a text."""
    data = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass
class Item:
    """A request to merge, or an issue."""

    kind: str
    number: int
    title: str
    body: str
    branch: str = ""
    into: str = ""
    state: str = "open"
    merged: bool = False
    fork: bool = False
    labels: tuple[str, ...] = ()
    comments: list[str] = field(default_factory=list)


@dataclass
class Git:
    """One repository."""

    files: dict[str, str] = field(default_factory=dict)
    main: str = "main"
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.branches[self.main] = self.add({path: ("100644", text) for path, text in self.files.items()}, (), "begin")

    def add(self, files: dict[str, tuple[str, str]], parents: tuple[str, ...], message: str) -> str:
        """A commit; its id."""
        one = Commit(files, parents, message)
        self.commits[one.sha] = one
        return one.sha

    def commit(self, branch: str, changed: dict[str, str], message: str = "by a person") -> str:
        """Somebody commits to a branch."""
        tip = self.branches[branch]
        files = {**self.commits[tip].files, **{path: ("100644", text) for path, text in changed.items()}}
        self.branches[branch] = self.add(files, (tip,), message)
        return self.branches[branch]

    def text(self, branch: str, path: str) -> str:
        """A file of a branch."""
        return self.commits[self.branches[branch]].files[path][1]

    def at(self, ref: str) -> Commit | None:
        """A commit by its id, or the newest of a branch."""
        return self.commits.get(self.branches.get(ref, ref))

    def open(self, kind: str = "") -> list[Item]:
        """What is open."""
        return [one for one in self.items if one.state == "open" and kind in ("", one.kind)]

    def merge(self, item: Item) -> None:
        """Somebody merges a request."""
        mine = self.commits[self.branches[item.branch]]
        self.branches[item.into] = self.add(mine.files, (self.branches[item.into], mine.sha), "Merge")
        item.state, item.merged = "closed", True
        del self.branches[item.branch]

    def new(self, item: dict[str, Any]) -> Item:
        """A request or an issue, numbered after the others."""
        one = Item(number=len(self.items) + 1, **item)
        self.items.append(one)
        return one
