"""What snapshots say of logs: diagnostic settings, the resources that they may stand on, the accounts of a tree.

https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leastwise.providers.azure.log_names import activity_of
from leastwise.providers.base import ScopeTables, Told
from leastwise.providers.microsoft.settings import Setting, setting_of

from .kinds import Logged, kinds

SETTINGS = "insights:diagnosticsettings"


@dataclass(frozen=True, slots=True)
class State:
    """One tree as a snapshot has it.

    Args:
        accounts: every account in lower case, with its kind.
        below: what lies below each account, itself too.
        settings: of everything, by the key of what they are on.
        resources: ids as they were first read, by account and kind, then by key.
        listed: service, call and account of the calls that told all that there is.
    """

    time: datetime
    top: str
    accounts: Mapping[str, str]
    below: Mapping[str, Sequence[str]]
    settings: Mapping[str, Sequence[Setting]]
    resources: Mapping[tuple[str, str], Mapping[str, str]]
    listed: frozenset[tuple[str, str, str]]

    def activity(self, account: str) -> str:
        """The name of the Activity Log of an account."""
        return activity_of(account, self.accounts.get(account, "subscription"))

    def complete(self, logged: Logged, account: str) -> bool:
        """Whether all resources of a type in an account are known."""
        return (*logged.listed, account) in self.listed

    def taken(self, logged: Logged, key: str) -> list[Setting]:
        """The settings on a resource that let all of its categories through, to a place that can be read."""
        return [
            one for one in self.settings.get(key, ())
            if one.destinations and all(one.takes(category, logged.groups) for category in logged.categories)
        ]  # fmt: skip


def states(told: Sequence[Told]) -> list[list[State]]:
    """The states of each tree, oldest first; the largest tree first."""
    found: dict[str, list[State]] = {}
    for one in told:
        for scope in one.scopes:
            if scope.tables:
                state = _state(scope, scope.time or one.time)
                found.setdefault(state.top, []).append(state)
    ordered = [sorted(some, key=lambda state: state.time) for _, some in sorted(found.items())]
    return sorted(ordered, key=lambda some: -len(some[-1].accounts))


def _state(scope: ScopeTables, time: datetime) -> State:
    rows = list(_rows(scope, "scopes", "id", "kind", "parent"))
    above = {row["id"].lower(): (row["parent"] or "").lower() for row in rows}
    kinds_of = {row["id"].lower(): row["kind"] for row in rows}
    settings: dict[str, list[Setting]] = {}
    resources: dict[tuple[str, str], dict[str, str]] = {}
    wanted = {one.kind for one in kinds().resources}
    for row in _rows(scope, "resources", "id", "kind", "account", "details"):
        if row["kind"] == SETTINGS:
            made = setting_of(dict(row["details"] or ()))
            settings.setdefault(made.on, []).append(made)
        elif row["kind"] in wanted:
            resources.setdefault((row["account"].lower(), row["kind"]), {})[row["id"].lower()] = row["id"]
    calls = [(row["service"], row["call"], (row["account"] or "").lower(), row["status"])
             for row in _rows(scope, "coverage", "service", "call", "account", "status")]  # fmt: skip
    lacking = {(service, call, account) for service, call, account, status in calls if status != "ok"}
    # A call of which an account's part failed is told with the account; one that succeeded may be told for all.
    everywhere = {(service, call) for service, call, account, status in calls if status == "ok" and not account}
    listed = {(service, call, account) for service, call, account, status in calls if status == "ok"}
    listed |= {(*call, account) for call in everywhere for account in kinds_of}
    listed -= lacking | {(service, call, account) for service, call, of in lacking if not of for account in kinds_of}
    return State(time, scope.id.lower(), kinds_of, _below(above), settings, resources, frozenset(listed))


def _below(above: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for account in above:
        at, path = account, list[str]()
        while at and at not in path:
            path.append(at)
            found.setdefault(at, []).append(account)
            at = above.get(at, "")
    return found


def _rows(scope: ScopeTables, table: str, *columns: str) -> Iterator[dict[str, Any]]:
    found = scope.tables.get(table)
    yield from () if found is None else found.select(list(columns)).to_pylist()
