"""Whether a log would have shown a use: rows of `observability` and the logs that are held, asked by permission.

Of several rows about a permission those of account `*` come first, then those with its name, those of its service
(`s3:*`), those of `*`. A `yes` row counts for resources that lie in its pattern (the text, or a beginning and `*`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa
from pyroaring import BitMap

from leastwise.model.gap import Window

_EVERYWHERE = "*"
_COLUMNS = ("account", "region", "permission", "resource", "observed", "reason", "begin")
_SLACK = timedelta(days=1)
"""What is missing of a day at either end of a log is not held against it: quiet hours, and delivery."""


class Row(NamedTuple):
    """One row, without its account."""

    region: str
    permission: str
    resource: str
    observed: str
    reason: str
    begin: datetime | None


@dataclass(frozen=True, slots=True)
class Logs:
    """From when to when the logs of each account are held."""

    spans: Mapping[str, tuple[datetime, datetime]]

    def lacking(self, account: str, window: Window) -> str:
        """Why the logs that are held do not cover a window; empty when they do."""
        span = self.spans.get(account)
        if span is None:
            return f"no logs of account {account} have been read"
        begin, end = span
        if begin > window.begin + _SLACK:
            return f"the logs of account {account} begin on {begin.date()}, the window on {window.begin.date()}"
        if end < window.end - _SLACK:
            return f"the logs of account {account} end on {end.date()}, the window on {window.end.date()}"
        return ""


class Rule:
    """What the rows about one permission say."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._seen = [row for row in rows if row.observed == "yes"]
        rest = [row.reason for row in rows if row.observed != "yes"]
        self._reason = rest[0] if rest else ""

    def decided(self, window: Window) -> bool | None:
        """Whether a use would have been recorded, whatever the resource; None where the resource decides."""
        if not self._seen:
            return False
        whole = (row for row in self._seen if row.region == row.resource == _EVERYWHERE)
        return True if any(row.begin is None or row.begin <= window.begin for row in whole) else None

    def unseen(self, resources: Sequence[str], window: Window) -> str:
        """Why a use on one of some resources might not have been recorded; empty when each would have been."""
        late = ""
        for resource in resources or (_EVERYWHERE,):
            shown = [row for row in self._seen if _shows(row, resource)]
            if any(row.begin is None or row.begin <= window.begin for row in shown):
                continue
            if shown:
                first = min(row.begin for row in shown if row.begin is not None)
                late = (
                    late
                    or f"{shown[0].reason} records it since {first.date()}, the window begins on {window.begin.date()}"
                )
                continue
            return self._told(resource)
        return late

    def _told(self, resource: str) -> str:
        if not self._reason:
            return "no log is known that records it"
        name = named(resource)
        return self._reason.replace("{resource}", name or ("some resources" if self._seen else "all resources"))


def named(resource: str) -> str:
    """The name of the one thing that a pattern is about or lies in; empty when it can be several."""
    last = resource.split(":", 5)[-1]
    first, slash, rest = last.partition("/")
    in_bucket = resource.split(":")[2:3] == ["s3"]
    name = rest.partition("/")[0] if slash and not in_bucket else first
    name = name.rpartition(":")[2]
    return "" if "*" in name or "?" in name else name


def _shows(row: Row, resource: str) -> bool:
    if row.region != _EVERYWHERE:
        fields = resource.split(":")
        if len(fields) < 4 or fields[3] != row.region:
            return False
    if row.resource == _EVERYWHERE or row.resource == resource:
        return True
    if not row.resource.endswith("*"):
        return False
    begin = resource[: min((resource.find(sign) for sign in "*?" if sign in resource), default=len(resource))]
    return begin.startswith(row.resource[:-1])


class Watch:
    """What the log of one account shows.

    Args:
        names: every permission of the provider, by number.
        rows: those of the account and those of all accounts (`common`).
    """

    def __init__(self, names: Sequence[str], rows: Iterable[Row], common: Iterable[Row]) -> None:
        self._names = names
        texts: dict[str, list[Row]] = {}
        for row in rows:
            texts.setdefault(row.permission, []).append(row)
        first: dict[str, list[Row]] = {}
        for row in common:
            first.setdefault(row.permission, []).append(row)
        self._rows, self._first = texts, first
        self._rules: dict[int, Rule] = {}
        self._alike: dict[tuple[Row, ...], Rule] = {}

    def rule(self, number: int) -> Rule:
        """What the rows about a permission say; permissions of which they say the same have the same rule."""
        known = self._rules.get(number)
        if known is None:
            rows = tuple(row._replace(permission="") for row in self._about(self._names[number]))
            known = self._rules[number] = self._alike.setdefault(rows, Rule(rows))
        return known

    def _about(self, name: str) -> Sequence[Row]:
        if name in self._first:
            return self._first[name]
        whole = f"{name.partition(':')[0]}:*"
        key = next((one for one in (name, whole, _EVERYWHERE) if one in self._rows), "")
        return self._rows.get(key, ())

    @cached_property
    def by_rule(self) -> list[tuple[Rule, BitMap]]:
        """Every rule with its permissions."""
        found: dict[int, tuple[Rule, BitMap]] = {}
        for number in range(len(self._names)):
            rule = self.rule(number)
            found.setdefault(id(rule), (rule, BitMap()))[1].add(number)
        return list(found.values())


class Watching:
    """The logs of every account.

    Args:
        names: every permission of the provider, by number.
        table: rows of `observability`.
        logs: the logs that are held.
    """

    def __init__(self, names: Sequence[str], table: pa.Table, logs: Logs) -> None:
        self._names, self.logs = names, logs
        rows: dict[str, list[Row]] = {}
        for one in table.select(list(_COLUMNS)).to_pylist():
            begin = one["begin"]
            begin = None if begin is None or begin.timestamp() <= 0 else begin.astimezone(UTC)
            row = Row(one["region"], one["permission"], one["resource"], one["observed"], one["reason"], begin)
            rows.setdefault(one["account"], []).append(row)
        self._common = rows.pop(_EVERYWHERE, [])
        self._rows = rows
        self._known: dict[tuple[Row, ...], Watch] = {}
        self._of: dict[str, Watch] = {}

    def of(self, account: str) -> Watch:
        """The watch over an account; accounts of which the rows are the same have the same."""
        known = self._of.get(account)
        if known is None:
            unread = [Row("*", "*", "*", "no", f"the trails of account {account} were not read", None)]
            key = tuple(self._rows.get(account) or unread)
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = Watch(self._names, key, self._common)
            self._of[account] = known
        return known
