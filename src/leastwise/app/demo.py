"""The demo company: unpack it, import every snapshot date, and sum it up on one screen."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from leastwise.errors import UsageError
from leastwise.store.files import replace_durably

from .estate import OpenEstate, open_estate
from .importing import import_paths
from .posture import find
from .wiring import Workspace

MARK, LOGS_MARK = ".leastwise-demo", ".leastwise-demo-logs"
_BUILDING, _READY = "building\n", "ready\n"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the one screen says; counts are of identities of the estate at the demo's clock."""

    company: str
    clock: datetime
    scopes: int
    unreadable: list[str]
    people: int
    machines: int
    identities: int
    grants: int
    admins: int
    admins_limited: int
    severities: dict[str, int]
    actions: list[dict[str, str]]


def demo_workspace(home: Path | None, database: str | None) -> Workspace:
    """The demo's own workspace: `--home`, else `$LEASTWISE_HOME`, else `leastwise-demo` beside the default home.

    A demo never mixes with the estate of a user who has not asked for that folder by name.
    """
    plain = Workspace(home, database)
    if home is not None or plain.environ.get("LEASTWISE_HOME"):
        return plain
    from platformdirs import user_data_path

    return Workspace(user_data_path("leastwise-demo", appauthor=False), database)


def build(workspace: Workspace, reset: bool = False, say: Say = lambda _: None) -> tuple[Workspace, OpenEstate]:
    """The demo's estate, imported on first use or after `reset`.

    Raises UsageError when the home folder holds something that is not the demo.
    """
    home = workspace.home.path
    mark = home / MARK
    state = mark.read_text() if mark.exists() else ""
    if state and (reset or state != _READY):
        say("Starting again")
        _empty(home)
        workspace, state = _again(workspace), ""
    if not state:
        if workspace.store.list():
            raise UsageError(f"{home} holds snapshots that are not the demo's; give the demo a --home of its own")
        replace_durably(mark, _BUILDING.encode(), home)
        _import(workspace, say)
        replace_durably(mark, _READY.encode(), home)
    return workspace, open_estate(workspace)


def add_logs(workspace: Workspace, say: Say = lambda _: None) -> None:
    """Take the company's audit logs of 120 days into the lake of a demo that is built, unless they are there."""
    from leastwise.demo import unpack
    from leastwise.demo.logs import PACKED, write_logs

    from .events import take_in

    home = workspace.home.path
    mark = home / LOGS_MARK
    if mark.exists():
        return
    say("Taking in 120 days of audit logs")
    with tempfile.TemporaryDirectory(dir=home, prefix=".demo-") as folder:
        data = Path(folder)
        unpack(data)
        write_logs(data / PACKED, data / "logs")
        take_in(workspace, [data / "logs"], "aws")
    replace_durably(mark, _READY.encode(), home)


def _again(workspace: Workspace) -> Workspace:
    """The same options with nothing opened yet."""
    return Workspace(workspace.home_option, workspace.database_option, workspace.environ, workspace.now)


def _import(workspace: Workspace, say: Say) -> None:
    from leastwise.demo import unpack

    home = workspace.home.path
    # Not in the store's own tmp: every writer empties that.
    with tempfile.TemporaryDirectory(dir=home, prefix=".demo-") as folder:
        data = Path(folder)
        unpack(data)
        replace_durably(home / "estate.yaml", (data / "estate.yaml").read_bytes(), home)
        with workspace.store.writing("demo"):
            days = sorted(one for one in data.iterdir() if one.name[:4].isdigit())
            for day in days:
                say(f"Importing {day.name}")
                taken = datetime.fromisoformat(day.name).replace(tzinfo=UTC)
                found = [day, data / "last-accessed"] if day == days[-1] else [day]
                import_paths(workspace, found, taken, "aws", replace_all=True)


def _empty(home: Path) -> None:
    for one in home.iterdir():
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        else:
            one.unlink()


def summarise(workspace: Workspace, estate: OpenEstate) -> Summary:
    """The one-screen summary, as far as posture goes: five actions, each a finding's repair, worst first."""
    identities = estate.view("identities").select(["kind", "native", "admin"]).to_pylist()
    real = [row for row in identities if row["kind"] not in ("group", "provider_service", "external")]
    found = find(workspace)
    seen: set[str] = set()
    actions = []
    for row in found.rows:
        if row.finding.rule not in seen:
            seen.add(row.finding.rule)
            one = row.finding
            actions.append(
                {"severity": str(one.severity), "do": one.remediation, "why": one.message, "owner": one.owner}
            )
    people = sum(row["kind"] == "human" for row in real)
    return Summary(
        company=estate.file.company,
        clock=estate.clock,
        scopes=sum(entry.scope.kind == "account" for entry in estate.estate.entries),
        unreadable=[
            estate.file.accounts[entry.scope.id].name if entry.scope.id in estate.file.accounts else entry.scope.id
            for entry in estate.estate.entries
            if entry.manifest is None
        ],
        people=people,
        machines=len(real) - people,
        identities=len(real),
        grants=estate.view("grants").num_rows,
        admins=sum(row["admin"] == "yes" for row in real),
        admins_limited=sum(row["admin"] == "limited" for row in real),
        severities=dict(Counter(str(row.finding.severity) for row in found.rows)),
        actions=actions[:5],
    )


def summary_json(one: Summary) -> dict[str, Any]:
    """The summary as plain values."""
    return {
        "company": one.company, "clock": one.clock.isoformat(), "scopes": one.scopes, "unreadable": one.unreadable,
        "identities": one.identities, "people": one.people, "machines": one.machines, "grants": one.grants,
        "admins": one.admins, "admins_limited": one.admins_limited, "findings": one.severities, "actions": one.actions,
    }  # fmt: skip
