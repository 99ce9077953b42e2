"""The demo company: unpack it, import every snapshot date, take its logs in, and sum it up on one screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from leastwise.errors import UsageError
from leastwise.store.files import replace_durably

from .estate import OpenEstate, open_estate
from .estate_file import EstateFile
from .importing import import_paths
from .posture import find
from .wiring import Workspace

MARK, LOGS_MARK = ".leastwise-demo", ".leastwise-demo-logs"
_BUILDING, _READY = "building\n", "ready\n"
_NOBODY = ("group", "provider_service", "external", "deleted", "unknown")
"""Kinds of identities that are nobody of the company's own, and of those of whom nothing tells what they are."""
_FOLDERS = {"entra": "entra", "azure": "azure", "google-cloud": "gcp"}
"""Folders of the data, with a folder a day in each, and whose exports they hold."""
_WRITER = "leastwise.demo.every_log"
"""The module that writes the log files."""
_COUNTED = ("account", "project", "subscription")
"""Kinds of scopes that the summary counts."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the one screen says at the demo's clock.

    `clouds` are the providers: `provider`, `name`, `kind` of what is counted (account, project, subscription) and how
    many `scopes` there are; `scopes` is their sum. `people` are persons: identities with
    one mail address, or linked by estate.yaml, are one; all other counts are of identities or grants.
    """

    company: str
    clock: datetime
    clouds: list[dict[str, Any]]
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


def build(
    workspace: Workspace, reset: bool = False, say: Say = lambda _: None, logs: bool = False
) -> tuple[Workspace, OpenEstate]:
    """The demo's estate, imported on first use or after `reset`; with `logs` its audit logs of 120 days too.

    Logs that are there once stay. Raises UsageError when the home folder holds something that is not the demo.
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
    logs = logs and not (home / LOGS_MARK).exists()
    if not state or logs:
        _fill(workspace, say, not state, logs)
    return workspace, open_estate(workspace)


def _fill(workspace: Workspace, say: Say, snapshots: bool, logs: bool) -> None:
    """Import the snapshots, take in the logs, or both: then the files of logs are written meanwhile."""
    from leastwise.demo import unpack

    home = workspace.home.path
    # Not in the store's own tmp: every writer empties that.
    with tempfile.TemporaryDirectory(dir=home, prefix=".demo-") as folder:
        data = Path(folder)
        unpack(data)
        with _log_files(data) if logs else nullcontext(None) as written:
            if snapshots:
                _import(workspace, data, say)
                replace_durably(home / MARK, _READY.encode(), home)
            if written is not None:
                say("Taking in 120 days of audit logs")
                _take_in(workspace, written)
                replace_durably(home / LOGS_MARK, _READY.encode(), home)


@contextmanager
def _log_files(data: Path) -> Iterator[Callable[[], Path]]:
    """What gives the folder of the log files once they are written, by a process of its own where that pays.

    In it lie those of each provider, under its name.
    """
    from leastwise.demo.every_log import write_every

    target = data / "logs"
    with _second(data, target) as writing:

        def finished() -> Path:
            # One that was killed, or met an error, leaves the work, and the error, to this process.
            if writing is None or writing.wait():
                write_every(data, target)
            return target

        yield finished


@contextmanager
def _second(data: Path, target: Path) -> Iterator[subprocess.Popen[bytes] | None]:
    """A process beside this one that writes the log files; None where there is no core for it, or none can be begun.

    It ends with this context, and does not hear what is typed at the terminal.
    """
    if _cores() == 1 or not sys.executable:
        yield None
        return
    words = [sys.executable, "-m", _WRITER, *map(str, (data, target))]
    paths = os.pathsep.join(one for one in sys.path if one)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own words
            words, env={**os.environ, "PYTHONPATH": paths}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError:
        yield None
        return
    with process:
        try:
            yield process
        finally:
            process.kill()


def _take_in(workspace: Workspace, written: Callable[[], Path]) -> None:
    from .events import take_in

    folder = written()
    for provider in ("aws", *_FOLDERS.values()):
        if (folder / provider).exists() and workspace.provider(provider).logs is not None:
            # So few files are too little for a second reader as a rule, but here somebody waits.
            take_in(workspace, [folder / provider], provider, jobs=min(2, _cores()) if provider == "aws" else 1)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _again(workspace: Workspace) -> Workspace:
    """The same options with nothing opened yet."""
    return Workspace(workspace.home_option, workspace.database_option, workspace.environ, workspace.now)


def _import(workspace: Workspace, data: Path, say: Say) -> None:
    home = workspace.home.path
    replace_durably(home / "estate.yaml", (data / "estate.yaml").read_bytes(), home)
    with workspace.store.writing("demo"):
        days = sorted(one for one in data.iterdir() if one.name[:4].isdigit())
        for day in days:
            say(f"Importing {day.name}")
            taken = datetime.fromisoformat(day.name).replace(tzinfo=UTC)
            found = [day, data / "last-accessed"] if day == days[-1] else [day]
            import_paths(workspace, found, taken, "aws", replace_all=True)
            for folder, provider in _FOLDERS.items():
                import_paths(workspace, [data / folder / day.name], taken, provider, replace_all=True)


def _empty(home: Path) -> None:
    for one in home.iterdir():
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        else:
            one.unlink()


def summarise(workspace: Workspace, estate: OpenEstate) -> Summary:
    """The one-screen summary, as far as posture goes: five actions, each a finding's repair, worst first."""
    identities = estate.view("identities").select(["id", "mail", "kind", "admin"]).to_pylist()
    real = [row for row in identities if row["kind"] not in _NOBODY]
    humans = [row for row in real if row["kind"] == "human"]
    clouds = _clouds(workspace, estate)
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
    return Summary(
        company=estate.file.company,
        clock=estate.clock,
        clouds=clouds,
        scopes=sum(one["scopes"] for one in clouds),
        unreadable=[
            estate.file.accounts[entry.scope.id].name if entry.scope.id in estate.file.accounts else entry.scope.id
            for entry in estate.estate.entries
            if entry.manifest is None
        ],
        people=_persons(humans, estate.file),
        machines=len(real) - len(humans),
        identities=len(real),
        grants=estate.view("grants").num_rows,
        admins=sum(row["admin"] == "yes" for row in real),
        admins_limited=sum(row["admin"] == "limited" for row in real),
        severities=dict(Counter(str(row.finding.severity) for row in found.rows)),
        actions=actions[:5],
    )


def _clouds(workspace: Workspace, estate: OpenEstate) -> list[dict[str, Any]]:
    """How many accounts, projects or subscriptions there are by provider, those that could not be read among them."""
    told = {(entry.scope.provider, entry.scope.kind, entry.scope.id) for entry in estate.estate.entries}
    rows = estate.facts("scopes", ["kind", "id"]).select(["provider", "kind", "id"]).to_pylist()
    told |= {(row["provider"], row["kind"], row["id"]) for row in rows}
    counts = Counter((provider, kind) for provider, kind, _ in told if kind in _COUNTED)
    return [
        {"provider": provider, "name": workspace.provider(provider).title, "kind": kind, "scopes": count}
        for (provider, kind), count in sorted(counts.items())
    ]


def _persons(humans: list[dict[str, Any]], file: EstateFile) -> int:
    """How many persons stand behind identities."""
    person_of = {principal: person.name for person in file.people for principal in person.principals}
    return len({person_of.get(row["id"]) or person_of.get(row["mail"]) or row["mail"] or row["id"] for row in humans})


def summary_json(one: Summary) -> dict[str, Any]:
    """The summary as plain values."""
    return {
        "company": one.company, "clock": one.clock.isoformat(), "clouds": one.clouds, "scopes": one.scopes,
        "unreadable": one.unreadable, "identities": one.identities, "people": one.people, "machines": one.machines,
        "grants": one.grants, "admins": one.admins, "admins_limited": one.admins_limited,
        "findings": one.severities, "actions": one.actions,
    }  # fmt: skip
