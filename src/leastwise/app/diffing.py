"""Two estates held against each other: snapshots, times, other homes, or folders of exports."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.comparison import Alike, Change

from .asking import Asking, Note
from .catalog import put_in_force
from .comparing import cube_items
from .each import open_each
from .wiring import Workspace

Moment = Callable[[str], datetime | None]
"""The time that a text means, None for no time."""


@dataclass(frozen=True)
class Pair:
    """Two estates, the earlier first, as the providers answer of them that are in both.

    Args:
        sides: for each of these providers, the earlier estate and the later.
        alone: providers, or scopes that answer by themselves, that only one of both has; whose access changed by that
            is not told.
    """

    sides: tuple[tuple[Asking, Asking], ...]
    alone: tuple[str, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """What is to be noted of both, each once."""
        return list(dict.fromkeys(text for side in self.sides for one in side for text in one.warnings))

    def changes(self) -> list[tuple[Asking, Change]]:
        """Whose access changed, sorted by id; each with the later estate."""
        found = [(after, one) for before, after in self.sides for one in after.access.changes(before.access)]
        return sorted(found, key=lambda pair: pair[1].principal)

    def unseen(self) -> list[str]:
        """What neither estate has read, and is taken to be unchanged, and what is not held against anything."""
        told = [line for before, after in self.sides for line in after.access.unseen(before.access)]
        return [*told, *(f"{one}: only one of both estates has it; left out" for one in self.alone)]

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """An answer with what it was asked of: the later estate, and under `before` the earlier."""
        before, after = self.sides[0]
        earlier = before.answer({})
        return after.answer({"before": {"estate": earlier["estate"], "coverage": earlier["coverage"]}, **body})


@contextmanager
def opened_pair(
    workspace: Workspace,
    before: str,
    after: str,
    moment: Moment,
    note: Note = lambda _: None,
    *,
    elsewhere: bool = True,
) -> Iterator[Pair]:
    """Two estates, each named by a snapshot, a time, another home, or a folder or file of exports.

    Without `elsewhere` only by a snapshot or a time: nothing of the disk is looked at.

    Raises:
        UsageError: no provider is in both, or one estate cannot be asked.
        NotFoundError: a text names nothing.
        InputError, EstateFileError, StoreError: see `open_each` and `import_paths`.
    """
    with ExitStack() as stack:
        first, second = (_opened(workspace, one, moment, note, stack, elsewhere) for one in (before, after))
        # Permissions of both are those of this home's catalogue, whatever another home has.
        put_in_force(workspace)
        if not first.keys() & second.keys():
            raise UsageError(f"{before} is of {', '.join(first)}, {after} of {', '.join(second)}")
        sides = tuple((asking, second[name]) for name, asking in first.items() if name in second)
        yield Pair(sides, tuple(sorted(first.keys() ^ second.keys())))


def _opened(
    workspace: Workspace, named: str, moment: Moment, note: Note, stack: ExitStack, elsewhere: bool
) -> dict[str, Asking]:
    """The estate that a text names, by who answers."""
    return {one.key: one for one in _each(workspace, named, moment, note, stack, elsewhere)}


def _each(
    workspace: Workspace, named: str, moment: Moment, note: Note, stack: ExitStack, elsewhere: bool
) -> list[Asking]:
    time = moment(named)
    if time is not None:
        return open_each(workspace, time, None, note, apart=True)
    if not elsewhere:
        return open_each(workspace, None, named, note, apart=True)
    path = Path(named)
    if not path.exists():
        try:
            return open_each(workspace, None, named, note, apart=True)
        except NotFoundError as error:
            raise NotFoundError(f"{named}: is no time, no file or folder, and no snapshot: {error}") from None
    if (path / "state.db").exists():
        return open_each(_elsewhere(workspace, path), None, None, note, apart=True)
    from .importing import import_paths

    note(f"importing {named}")
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leastwise-diff-")))
    other = _elsewhere(workspace, home / "home")
    import_paths(other, [path])
    return open_each(other, None, None, note, apart=True)


def _elsewhere(workspace: Workspace, home: Path) -> Workspace:
    """The same settings with another home: its own database, and this home's estate.yaml."""
    environ = {key: value for key, value in workspace.environ.items() if key != "LEASTWISE_DATABASE_URL"}
    if workspace.estate_path.exists():
        environ["LEASTWISE_ESTATE"] = str(workspace.estate_path)
    return Workspace(home, None, environ, workspace.now)


def change_values(asking: Asking, change: Change) -> dict[str, Any]:
    """A change as the JSON interface has it."""
    return {
        "principal": change.principal,
        "name": change.name,
        "kind": change.kind,
        "account": change.account,
        "inside": change.inside,
        "presence": change.presence,
        "gained": cube_items(asking, change.gained),
        "lost": cube_items(asking, change.lost),
    }


def similar(
    asking: Asking, threshold: float, kinds: Collection[str], account: str
) -> tuple[list[tuple[Asking, Alike]], list[str]]:
    """Groups of principals that are alike, of every provider of an estate, the largest first; and what is missing."""
    found: list[tuple[Asking, Alike]] = []
    missing: list[str] = []
    for one in asking.every:
        told = one.access.alike(threshold, kinds=kinds, account=account)
        found += ((one, group) for group in told.groups)
        missing += told.missing
    return sorted(found, key=lambda pair: -len(pair[1].twins)), missing


def alike_values(asking: Asking, alike: Alike) -> dict[str, Any]:
    """A group of principals that are alike, as the JSON interface has it."""
    return {
        "provider": asking.provider,
        "equal": alike.equal,
        "decided": alike.decided,
        "similarity": round(alike.similarity, 4),
        "count": alike.count,
        "patterns": list(alike.permissions),
        "on": list(alike.on),
        "principals": [
            {
                "principal": twin.principal,
                "kind": twin.kind,
                "account": twin.account,
                "shared": round(twin.shared, 4),
                "more": list(twin.more),
                "more_on": list(twin.more_on),
            }
            for twin in alike.twins
        ],
    }
