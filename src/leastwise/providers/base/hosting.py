"""Hosts of code: where a change of code is proposed to those who own it. Nothing here merges anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from leastwise.model.proposal import Edited, Posted, Proposal, Tip


class CodeHost(Protocol):
    """One repository of a host. Every method raises RestFailed.

    What is made (a commit, a request to merge, an issue, a comment) is made once, though an answer gets lost.
    """

    def __enter__(self) -> Self:
        """Itself."""
        ...

    def __exit__(self, *_: object) -> None:
        """Ends its connections."""
        ...

    def main(self) -> str:
        """The branch that changes are merged into."""
        ...

    def tip(self, branch: str) -> Tip | None:
        """The newest commit of a branch; None where there is no such branch."""
        ...

    def holds(self, commit: str, path: str, text: str) -> bool:
        """Whether a commit has a plain file at a path with exactly that text."""
        ...

    def push(self, branch: str, onto: str, files: Sequence[Edited], message: str) -> None:
        """Makes one commit on top of another, and a branch of it; a branch of that name is set to it."""
        ...

    def opened(self) -> Iterator[Posted]:
        """Every open request to merge from a branch of the repository itself, and every open issue."""
        ...

    def earlier(self, proposal: Proposal) -> Iterator[Posted]:
        """Those of a proposal that are closed or merged: by its branch, or by the label of its issues."""
        ...

    def merged(self) -> Iterator[Posted]:
        """Requests that were merged, the newest first."""
        ...

    def post(self, proposal: Proposal, into: str) -> Posted:
        """Opens a proposal; one that is open already by its branch or the first line of its body is given back."""
        ...

    def edit(self, posted: Posted, title: str, body: str) -> None:
        """Gives it another title and text."""
        ...

    def comment(self, posted: Posted, text: str) -> None:
        """Comments on it, unless the same stands there already."""
        ...

    def close(self, posted: Posted) -> None:
        """Closes it."""
        ...


@dataclass(frozen=True, slots=True)
class Hosting:
    """A host of code, as it is found by its name.

    Args:
        title: for people.
        variables: of the environment in which a token is looked for, in this order.
        address: the web address that counts unless another is given.
        needed: what the token must be allowed, for whom it is refused.
        called: the host's word for a request to merge.
        opened: a repository, by its name, the web address of the host, and a token; UsageError for a name that is none,
            or an address that is no https address.
    """

    title: str
    variables: tuple[str, ...]
    address: str
    needed: str
    called: str
    opened: Callable[[str, str, str], CodeHost]
