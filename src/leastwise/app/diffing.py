"""Two estates held against each other: snapshots, times, other homes, or folders of exports."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.comparison import Alike, Change

from .asking import Asking, Note, open_access
from .catalog import put_in_force
from .comparing import cube_items
from .wiring import Workspace

Moment = Callable[[str], datetime | None]
"""The time that a text means, None for no time."""


@dataclass(frozen=True)
class Pair:
    """Two estates, the earlier first."""

    before: Asking
    after: Asking

    def changes(self) -> list[Change]:
        """Whose access changed, sorted by id."""
        return list(self.after.access.changes(self.before.access))

    def unseen(self) -> list[str]:
        """What neither estate has read, and is taken to be unchanged."""
        return list(self.after.access.unseen(self.before.access))

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """An answer with what it was asked of: the later estate, and under `before` the earlier."""
        earlier = self.before.answer({})
        return self.after.answer({"before": {"estate": earlier["estate"], "coverage": earlier["coverage"]}, **body})


@contextmanager
def opened_pair(
    workspace: Workspace, before: str, after: str, moment: Moment, note: Note = lambda _: None
) -> Iterator[Pair]:
    """Two estates, each named by a snapshot, a time, another home, or a folder or file of exports.

    Raises:
        UsageError: the two are of different providers, or one cannot be asked.
        NotFoundError: a text names nothing.
        InputError, EstateFileError, StoreError: see `open_access` and `import_paths`.
    """
    with ExitStack() as stack:
        first, second = (_opened(workspace, one, moment, note, stack) for one in (before, after))
        if first.provider != second.provider:
            raise UsageError(f"{before} is of {first.provider}, {after} of {second.provider}")
        # Permissions of both are those of this home's catalogue, whatever another home has.
        put_in_force(workspace)
        yield Pair(first, second)


def _opened(workspace: Workspace, named: str, moment: Moment, note: Note, stack: ExitStack) -> Asking:
    time = moment(named)
    if time is not None:
        return open_access(workspace, time, None, note)
    path = Path(named)
    if not path.exists():
        try:
            return open_access(workspace, None, named, note)
        except NotFoundError as error:
            raise NotFoundError(f"{named}: is no time, no file or folder, and no snapshot: {error}") from None
    if (path / "state.db").exists():
        return open_access(_elsewhere(workspace, path), None, None, note)
    from .importing import import_paths

    note(f"importing {named}")
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leastwise-diff-")))
    other = _elsewhere(workspace, home / "home")
    import_paths(other, [path])
    return open_access(other, None, None, note)


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


def alike_values(alike: Alike) -> dict[str, Any]:
    """A group of principals that are alike, as the JSON interface has it."""
    return {
        "equal": alike.equal,
        "decided": alike.decided,
        "similarity": round(alike.similarity, 4),
        "count": alike.count,
        "patterns": list(alike.permissions),
        "principals": [
            {
                "principal": twin.principal,
                "kind": twin.kind,
                "account": twin.account,
                "shared": round(twin.shared, 4),
                "more": list(twin.more),
            }
            for twin in alike.twins
        ],
    }
