"""Whether a log would have shown a use: rows of `observability` and what is kept of those logs, asked by permission.

Of several rows about a permission those of account `*` come first, then those with its name, those of its families
(`Naming`), those of `*`. A provider says whose log shows a call: that of the caller's account, or that of the account
which holds the resource (`Places`); then every account counts in which a resource may lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from functools import cached_property

import pyarrow as pa
from pyroaring import BitMap

from leastwise.model.gap import Window
from leastwise.model.naming import Naming, Places

from .keeping import EVERYWHERE, Logs
from .ruling import AccountRule, EstateRule, Row, Rule, Shown, joined

_COLUMNS = ("account", "region", "permission", "resource", "observed", "reason", "log", "begin", "end")


class Watch:
    """What the logs of one account show, or of all accounts.

    Args:
        names: every permission of the provider, by number.
        rows: by account those of the account; where `places` is not given, of one account.
        common: those of all accounts.
        window: what is asked about.
        naming: how the provider writes permissions and patterns.
        places: in which accounts the resources of a pattern may lie, where the resource's account has the record.
    """

    def __init__(
        self,
        names: Sequence[str],
        rows: Mapping[str, Iterable[Shown]],
        common: Iterable[Shown],
        window: Window,
        naming: Naming,
        places: Places | None = None,
    ) -> None:
        self._names, self._window, self._naming, self._places = names, window, naming, places
        self._accounts = tuple(rows)
        texts: dict[str, dict[str, list[Shown]]] = {}
        for account, some in rows.items():
            for row in some:
                texts.setdefault(row.permission, {}).setdefault(account, []).append(row)
        first: dict[str, list[Shown]] = {}
        for row in common:
            first.setdefault(row.permission, []).append(row)
        self._rows, self._first = texts, first
        self._rules: dict[int, Rule] = {}
        self._by_pattern: dict[str, Rule] = {}
        self._alike: dict[tuple[Shown, ...], AccountRule] = {}

    def rule(self, number: int) -> Rule:
        """What the rows about a permission say; permissions of which they say the same have the same rule."""
        known = self._rules.get(number)
        if known is None:
            known = self._rules[number] = self._rule(self._names[number])
        return known

    def _rule(self, name: str) -> Rule:
        if name in self._first:
            return self._same(self._first[name])
        pattern = next((one for one in (name, *self._naming.families(name), EVERYWHERE) if one in self._rows), "")
        known = self._by_pattern.get(pattern)
        if known is None:
            held = self._rows.get(pattern, {})
            rules = {account: self._same(held.get(account, ())) for account in self._accounts}
            known = next(iter(rules.values())) if self._places is None else EstateRule(rules, self._places)
            self._by_pattern[pattern] = known
        return known

    def _same(self, rows: Iterable[Shown]) -> AccountRule:
        key = tuple(row._replace(permission="") for row in rows)
        known = self._alike.get(key)
        if known is None:
            known = self._alike[key] = AccountRule(key, self._window, self._naming)
        return known

    def never(self, number: int) -> bool:
        """Whether no log ever shows a permission, whatever is switched on."""
        return self._names[number] in self._first

    @cached_property
    def nevers(self) -> BitMap:
        """Every such permission."""
        return BitMap(number for number, name in enumerate(self._names) if name in self._first)

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
        logs: what is kept of the logs.
        window: what is asked about.
        naming: how the provider writes permissions and patterns.
        places: as in `Watch`.
    """

    def __init__(
        self,
        names: Sequence[str],
        table: pa.Table,
        logs: Logs,
        window: Window,
        naming: Naming,
        places: Places | None = None,
    ) -> None:
        self._names, self.logs, self._window, self.naming, self._places = names, logs, window, naming, places
        rows: dict[str, list[Row]] = {}
        for one in table.select(list(_COLUMNS)).to_pylist():
            begin = one["begin"]
            begin = None if begin is None or begin <= window.begin else begin.astimezone(UTC)
            end = min(one["end"], window.end).astimezone(UTC)
            told = (one[name] for name in ("region", "permission", "resource", "observed", "reason", "log"))
            rows.setdefault(one["account"], []).append(Row._make((*told, begin, end)))
        self._common = [shown for row in rows.pop(EVERYWHERE, []) for shown in joined(row, "", logs, window)]
        self._rows = rows
        self._known: dict[tuple[Shown, ...], Watch] = {}
        self._of: dict[str, Watch] = {}

    def of(self, account: str) -> Watch:
        """The watch over the calls of an account; accounts of which the rows are the same have the same."""
        if self._places is not None:
            return self._everywhere
        known = self._of.get(account)
        if known is None:
            key = tuple(self._joined(account))
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = Watch(self._names, {"": key}, self._common, self._window, self.naming)
            self._of[account] = known
        return known

    @property
    def accounts(self) -> list[str]:
        """The accounts of which it was read what their logs record, sorted."""
        return sorted(self._rows)

    @cached_property
    def _everywhere(self) -> Watch:
        rows = {account: list(self._joined(account)) for account in self._rows}
        return Watch(self._names, rows, self._common, self._window, self.naming, self._places)

    def _joined(self, account: str) -> Iterable[Shown]:
        rows = self._rows.get(account)
        if not rows:
            yield Shown("*", "*", "*", (), f"what the logs of account {account} record was not read", yes=False)
        same: dict[Row, list[Shown]] = {}
        for row in rows or ():
            # What does not depend on permission and resource is worked out once: an account has thousands of rows.
            key = row._replace(permission="", resource="")
            if key not in same:
                same[key] = joined(row, account, self.logs, self._window)
            for one in same[key]:
                yield one._replace(permission=row.permission, resource=row.resource)
