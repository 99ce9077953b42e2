"""A change of code as it is proposed on a host of code: a branch with a request to merge it, or an issue."""

from __future__ import annotations

from dataclasses import dataclass

CHANGE, ISSUE = "change", "issue"
OPEN, CLOSED, MERGED = "open", "closed", "merged"


@dataclass(frozen=True, slots=True)
class Edited:
    """A file of a proposal: its path in the repository, its text as it was, and as it is to be."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed to one owner about one module.

    Args:
        kind: `change` or `issue`.
        key: by which it is found again: the same for one owner, module and kind at any time.
        owner: whose code it is, as CODEOWNERS, a tag or estate.yaml name them; empty where nobody is known.
        module: the folder of the code; empty where none is known.
        plans: ids of the plans that it holds.
        branch: of a change; empty for an issue.
        files: of a change; none for an issue.
    """

    kind: str
    key: str
    owner: str
    module: str
    plans: tuple[str, ...]
    title: str
    body: str
    branch: str = ""
    files: tuple[Edited, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """A change or an issue as it stands on the host.

    Args:
        number: by which the repository calls it.
        state: `open`, `closed` or `merged`.
        branch: the one that a change would merge.
    """

    kind: str
    number: int
    url: str
    state: str
    title: str
    body: str
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Tip:
    """The newest commit of a branch: its id, that of its first parent (empty for none), and its message."""

    sha: str
    parent: str
    message: str
