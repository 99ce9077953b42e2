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

from .estate import OpenEstate, open_estate
from .importing import import_paths
from .posture import find
from .wiring import Workspace

MARK = ".leastwise-demo"
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


def build(workspace: Workspace, reset: bool = False, say: Say = lambda _: None) -> OpenEstate:
    """The demo's estate, imported on first use or after `reset`.

    Raises UsageError when the home folder holds something that is not the demo.
    """
    home = workspace.home.path
    mark = home / MARK
    if reset and mark.exists():
        say("Starting again")
        _empty(home)
        workspace = Workspace(workspace.home_option, workspace.database_option, workspace.environ, workspace.now)
    if not mark.exists():
        if workspace.store.list():
            raise UsageError(f"{home} holds snapshots that are not the demo's; give the demo a --home of its own")
        _import(workspace, say)
        mark.write_text("made by leastwise demo\n")
    return open_estate(workspace)


def _import(workspace: Workspace, say: Say) -> None:
    from leastwise.demo import unpack

    with tempfile.TemporaryDirectory(dir=workspace.home.tmp) as folder:
        data = Path(folder)
        unpack(data)
        shutil.copyfile(data / "estate.yaml", workspace.home.path / "estate.yaml")
        for day in sorted(one for one in data.iterdir() if one.name[:4].isdigit()):
            say(f"Importing {day.name}")
            taken = datetime.fromisoformat(day.name).replace(tzinfo=UTC)
            import_paths(workspace, [day], taken, "aws", replace_all=True)


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
