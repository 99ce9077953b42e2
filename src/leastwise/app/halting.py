"""Stopping what leaked or what nobody uses: which credentials, which principals, what stops with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.errors import NotFoundError, UsageError
from leastwise.model.plan import Step
from leastwise.providers.base.halting import Halting, Holder

from .aliases import names_of
from .estate import OpenEstate

RECENT = 30
"""Days in which what uses a credential counts as running with it."""
_REGULAR = 3
"""On so many days of these a job has to use it, to be told as one that stops."""
_IDENTITY = ("id", "provider", "account", "name", "native", "protected", "owner")
_CREDENTIAL = ("id", "provider", "account", "kind", "principal", "active")


@dataclass(frozen=True, slots=True)
class Running:
    """What used the credentials lately, told apart by network, program and session.

    Args:
        days: on how many days.
        regular: on so many that it is a job, not a stranger.
    """

    network: str
    program: str
    workload: str
    days: int
    calls: int
    first: datetime
    last: datetime
    regular: bool


@dataclass(frozen=True, slots=True)
class Quarantine:
    """What to do about somebody, or a credential, that is not to be trusted any more.

    Args:
        principals: whose sessions are denied: the holder, and identities that it made or gave credentials.
        keys: credentials that are stopped.
        steps: what to do, in order.
        running: what used them lately.
        notes: what to look at besides.
        protected: estate.yaml names the holder as break-glass.
    """

    subject: str
    provider: str
    principals: tuple[str, ...]
    keys: tuple[str, ...]
    steps: tuple[Step, ...]
    running: tuple[Running, ...]
    notes: tuple[str, ...] = ()
    protected: bool = False


@dataclass
class Quarantining:
    """Quarantines of an estate.

    Args:
        estate: the estate.
        since: from when on what it made is looked at; None: from the beginning of the logs.
    """

    estate: OpenEstate
    since: datetime | None = None
    _seen: set[str] = field(default_factory=set)

    def of(self, text: str) -> Quarantine:
        """What to do about an identity or a credential.

        Raises:
            NotFoundError: the estate has no such thing.
            UsageError: its provider's are not stopped.
        """
        holder, credentials = self._held(text.strip())
        halting = halting_of(self.estate, holder["provider"])
        holders = [holder]
        steps: list[Step] = [*self._steps(halting, holder, credentials)]
        keys = [one["id"] for one in credentials if one["active"] is not False]
        notes: list[str] = []
        for made in self._made(holder["provider"], holder["id"]):
            if made["what"] == "credential":
                step, told = self._credential_made(halting, made)
                steps += step
                keys += [made["object"]] if made["object"] else []
                notes.append(told)
            else:
                notes.append(_told(made))
        session = halting.sessions(_holder(holder, (), ()), self.estate.clock)
        if session is not None:
            steps.append(session)
        return Quarantine(
            text, holder["provider"], tuple(one["id"] for one in holders), tuple(dict.fromkeys(keys)), tuple(steps),
            tuple(self._running(halting, holder, credentials)), tuple(notes), bool(holder["protected"]),
        )  # fmt: skip

    def _held(self, text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The principal that is meant, and those of its credentials that are: one, or all."""
        credentials = self.estate.view("credentials_view", _CREDENTIAL)
        named = _rows(credentials, "id", text, _CREDENTIAL)
        identities = self.estate.view("identities", _IDENTITY)
        if named:
            return _rows(identities, "id", named[0]["principal"], _IDENTITY)[0], named
        found = _rows(identities, "id", text, _IDENTITY) or _rows(identities, "name", text, _IDENTITY)
        if not found:
            raise NotFoundError(f"{text}: no identity and no credential of that id or name in the estate")
        if len({one["id"] for one in found}) > 1:
            listed = ", ".join(sorted(one["id"] for one in found)[:5])
            raise UsageError(f"{text}: is the name of {len(found)} identities: {listed}")
        return found[0], _rows(credentials, "principal", found[0]["id"], _CREDENTIAL)

    def _steps(self, halting: Halting, holder: dict[str, Any], credentials: Sequence[dict[str, Any]]) -> Iterator[Step]:
        for one in credentials:
            step = halting.credential(_holder(holder, credentials, ()), one)
            if step is not None:
                yield step

    def _made(self, provider: str, principal: str) -> list[dict[str, Any]]:
        """What a principal made, by the logs: the oldest first."""
        rows = self.estate.workspace.lake.changes(provider=provider).to_pylist()
        names = {principal, *names_of(self.estate.workspace, self.estate.estate, principal)}
        return [
            row
            for row in rows
            if row["principal"] in names
            and row["verb"] != "removed"
            and (self.since is None or row["time"] >= self.since)
        ]

    def _credential_made(self, halting: Halting, made: dict[str, Any]) -> tuple[list[Step], str]:
        """The step that stops a credential that was made, whosever it is."""
        identities = self.estate.view("identities", _IDENTITY)
        name = made["subject"].rpartition("/")[2]
        found = _rows(identities, "id", made["subject"], _IDENTITY) or [
            one for one in _rows(identities, "name", name, _IDENTITY) if one["account"] == made["account"]
        ]
        told = f"{made['object'] or 'a credential'} of {name} was made by it on {made['time'].date()}"
        if not found or not made["object"]:
            return [], told
        known = _rows(self.estate.view("credentials_view", _CREDENTIAL), "id", made["object"], _CREDENTIAL)
        credential = known[0] if known else {"id": made["object"], "kind": "", "active": None}
        step = halting.credential(_holder(found[0], (), ()), credential)
        return ([step] if step is not None else []), told

    def _running(
        self, halting: Halting, holder: dict[str, Any], credentials: Sequence[dict[str, Any]]
    ) -> Iterator[Running]:
        """What used the credentials, or the principal where it has none, in the last days."""
        end = self.estate.clock
        ids = [one["id"] for one in credentials]
        column = "credential" if ids else "principal"
        names = ids or [holder["id"], *names_of(self.estate.workspace, self.estate.estate, holder["id"])]
        where = pc.field(column).cast("string").isin(names)
        columns = ("time", "ip", "agent", "workload", "outcome")
        table = plain(
            self.estate.workspace.lake.events(begin=end - timedelta(days=RECENT), end=end, where=where, columns=columns)
        )
        found: dict[tuple[str, str, str], list[datetime]] = {}
        for row in table.to_pylist():
            program = halting.application(row["agent"]) or row["agent"].partition("/")[0]
            found.setdefault((row["ip"], program, row["workload"]), []).append(row["time"])
        for (ip, program, workload), times in sorted(found.items()):
            days = len({one.date() for one in times})
            yield Running(ip, program, workload, days, len(times), min(times), max(times), days >= _REGULAR)


def _told(made: dict[str, Any]) -> str:
    """What it made that is neither a key nor can be stopped by itself."""
    day = made["time"].date()
    if made["what"] == "principal":
        return f"{made['subject']} was made by it on {day}: stop it too, if nobody knows it"
    return f"{made['what']} {made['object'] or made['subject']} was {made['verb']} by it on {day}"


def halting_of(estate: OpenEstate, name: str) -> Halting:
    """How a provider stops somebody. Raises UsageError."""
    provider = estate.workspace.provider(name)
    if provider.halting is None:
        raise UsageError(f"{provider.title}: how principals are stopped there is not known yet")
    return provider.halting()


def holder_in(estate: OpenEstate, row: dict[str, Any]) -> Holder:
    """A principal with its credentials and groups."""
    credentials = _rows(estate.view("credentials_view", _CREDENTIAL), "principal", row["id"], _CREDENTIAL)
    members = estate.facts("memberships", ("member", "group"))
    groups = [one["group"] for one in _rows(members, "member", row["id"], ("member", "group"))]
    return _holder(row, credentials, groups)


def _holder(row: dict[str, Any], credentials: Sequence[dict[str, Any]], groups: Sequence[str]) -> Holder:
    return Holder(row["id"], row["name"], row["native"], row["account"], credentials, groups)


def _rows(table: pa.Table, column: str, value: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    mine = table.filter(pc.equal(table[column].cast(pa.string()), value)).select(list(columns))
    found: list[dict[str, Any]] = plain(mine).to_pylist()
    return found


def quarantine_values(one: Quarantine) -> dict[str, Any]:
    """A quarantine as the JSON interface has it; `stops` is how many regular jobs stop."""
    return {
        "subject": one.subject,
        "provider": one.provider,
        "principals": list(one.principals),
        "keys": list(one.keys),
        "steps": [step_values(step) for step in one.steps],
        "stops": sum(job.regular for job in one.running),
        "running": [
            {
                "network": job.network, "program": job.program, "workload": job.workload, "days": job.days,
                "calls": job.calls, "first": job.first.isoformat(), "last": job.last.isoformat(),
                "regular": job.regular,
            }
            for job in one.running
        ],
        "notes": list(one.notes),
        "protected": one.protected,
    }  # fmt: skip


def step_values(one: Step) -> dict[str, Any]:
    """A step as the JSON interface has it."""
    return {
        "does": one.does, "on": one.on, "why": one.why, "command": one.command, "inverse": one.inverse,
        "after_days": one.after,
    }  # fmt: skip
