"""The permissions gap: what is held, by the estate, against what was done, by the lake, as far as logs show it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.aliases import Aliases
from leastwise.model.decision import Circumstances
from leastwise.model.gap import Gap, GrantUse, Item, Summary, Use, Window
from leastwise.model.tables import LAST_ACCESSED

from .aliases import aliases_of
from .asking import Asking, scope_tables
from .header import clock_of
from .watched import watched
from .wiring import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from leastwise.engine.holdings import GivenBy
    from leastwise.usage.attempts import Attempts
    from leastwise.usage.gap import Counted, Facts

DAYS = 90
"""Days of the window, where none is asked for."""
_MOST_LACKING = 5
"""So many accounts without logs are told one by one."""
_WINDOW = re.compile(r"([1-9]\d{0,3})d")


def window_of(text: str | None, clock: datetime) -> Window:
    """The window of `90d` that ends at a time. Raises UsageError."""
    days = DAYS
    if text is not None:
        found = _WINDOW.fullmatch(text)
        if found is None:
            raise UsageError(f"--window: {text!r} is no number of days, as in 90d")
        days = int(found[1])
    try:
        return Window(clock - timedelta(days=days), clock)
    except OverflowError:
        raise UsageError(f"--window: {days} days before {clock.date()} there is no date") from None


@dataclass
class GapOf:
    """The gap of an estate in a window.

    Args:
        workspace: where the lake lies.
        asking: the estate.
        window: what is asked about.
        shared: another gap of the same home, whose rows of usage are taken; None to read them.
    """

    workspace: Workspace
    asking: Asking
    window: Window
    shared: GapOf | None = None

    @classmethod
    def opened(cls, workspace: Workspace, asking: Asking, window: str | None) -> GapOf:
        """The gap of an estate; the window ends at the estate's time. Raises UsageError."""
        return cls(workspace, asking, window_of(window, clock_of(asking.estate, asking.file).astimezone(UTC)))

    @cached_property
    def facts(self) -> Facts:
        """What verdicts rest on. Raises UsageError for a provider that does not tell what its logs show."""
        from leastwise.usage.gap import Facts
        from leastwise.usage.uses import Uses

        provider = self.workspace.provider(self.asking.provider)
        if provider.observing is None:
            raise UsageError(f"{provider.title}: what its logs show is not known")
        names = self.asking.access.permissions()
        words = provider.observing.sensitivity()
        usage, _ = self._held
        watching = watched(
            self.workspace, provider, self.asking.estate, names, usage, self.window, self.asking.file.logs
        )
        sensitivity = [words.get(name, "write") for name in names]
        uses = Uses(usage, self.window, self._aliases)
        return Facts(names, sensitivity, uses, watching, unattributed={}, attempts=self._attempts)

    @cached_property
    def _attempts(self) -> Attempts:
        """What the vendor itself says of the last use."""
        import pyarrow as pa

        from leastwise.usage.attempts import COLUMNS, Attempts

        name = LAST_ACCESSED.name
        scopes = scope_tables(self.workspace, self.asking.estate, self.asking.provider, {name: COLUMNS})
        found = [one.tables[name] for one in scopes if name in one.tables]
        return Attempts(pa.concat_tables(found), self.window) if found else Attempts.none(self.window)

    @property
    def usage(self) -> pa.Table:
        """The rows of usage of the estate's provider, of any time, under the ids of whoever has the names in them."""
        from leastwise.usage.aliases import named

        return named(self._held[0], self._aliases).table

    @cached_property
    def _aliases(self) -> Aliases | None:
        """Whom the logs mean by names that are no ids."""
        return aliases_of(self.workspace, self.asking.estate, self.asking.provider)

    @cached_property
    def _held(self) -> tuple[pa.Table, dict[str, tuple[datetime, datetime]]]:
        """The rows of usage, and from when to when the logs of each account are held."""
        if self.shared is not None:
            return self.shared._held
        lake = self.workspace.lake
        spans: dict[str, tuple[datetime, datetime]] = {}
        for one in lake.spans():
            if one.provider == self.asking.provider:
                begin, end = spans.get(one.account, (one.first, one.last))
                spans[one.account] = (min(begin, one.first), max(end, one.last))
        return lake.usage(provider=self.asking.provider), spans

    @property
    def logged(self) -> Mapping[str, tuple[datetime, datetime]]:
        """By account from when to when its logs are held."""
        return self._held[1]

    def of(self, principal: str, given: Circumstances) -> Gap:
        """The gap of one principal. Raises UsageError, NotFoundError."""
        from leastwise.usage.gap import gap_of

        held = self.asking.access.held(principal, given)
        return gap_of(held, self.facts_of(principal, held.principal))

    def counted(self, principal: str) -> Counted:
        """The gap of one principal in numbers. Raises UsageError, NotFoundError."""
        from leastwise.usage.gap import counted

        held = self.asking.access.held(principal, Circumstances())
        return counted(held, self.facts_of(principal, held.principal))

    def facts_of(self, named: str, principal: str = "") -> Facts:
        """The facts, and what of them is told of others who act as one principal, whose id may be given too."""
        roles = self.asking.access.acts_as(named)
        if not roles:
            return self.facts
        why = f"the log tells what {', '.join(roles)} did, and it is not told here which of those who act as it"
        return replace(self.facts, unattributed={principal or named: why}, listed=self.facts.permissions)

    def rough(self) -> list[Summary]:
        """A summary for every principal, by what their own policies come to."""
        from leastwise.engine.quiet import without_collector
        from leastwise.usage.everyone import Everyone

        with without_collector():
            found = list(Everyone(self.asking.access.everybody(), self.facts).summaries())
        called = self._called
        return [replace(one, name=called.get(one.principal, one.name)) for one in found] if called else found

    @cached_property
    def _called(self) -> dict[str, str]:
        """What principals are called by their ids, where these are none that people know.

        That is so where people stand in a directory: its ids are the vendor's, and say nothing.
        """
        provider = self.workspace.provider(self.asking.provider)
        serving = {name for one in self.workspace.providers().values() for name in one.directories}
        if not provider.directories and provider.name not in serving:
            return {}
        columns = {"principals": ("id", "name")}
        scopes = scope_tables(self.workspace, self.asking.estate, provider.name, columns, provider.directories)
        rows = (row for one in scopes if one.tables for row in one.tables["principals"].to_pylist())
        return {row["id"]: row["name"] for row in rows if row["name"]}

    def exactly(self, rough: Summary) -> Summary:
        """A summary by what its principal holds exactly."""
        if rough.unread:
            return rough
        return summed(rough, self.counted(rough.principal))

    def unlogged(self) -> Iterator[str]:
        """What limits every answer: accounts of which no logs are held, or not of the whole window."""
        logs = self.facts.watching.logs
        return (why for account in self._logging if (why := logs.lacking(account, self.window)))

    @property
    def _logging(self) -> list[str]:
        """The accounts of the estate that have logs: scopes that are accounts, else those that lie in its scopes."""
        mine = [one.scope for one in self.asking.estate.entries if one.scope.provider == self.asking.provider]
        accounts = sorted({scope.id for scope in mine if scope.kind == "account"})
        return accounts or self.facts.watching.accounts

    @property
    def title(self) -> str:
        """The provider's name as people write it."""
        return self.workspace.provider(self.asking.provider).title

    # --- as plain values

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """An answer with what it was asked of."""
        return self.asking.answer(body)

    def usage_values(self, principal: str) -> dict[str, Any]:
        """What a principal did in the window, as the JSON interface has it. Raises UsageError, NotFoundError."""
        held = self.asking.access.held(principal, Circumstances())
        rows = self.facts.uses.rows(held.principal)
        who = {"principal": held.principal, "provider": self.asking.provider, "account": held.account}
        unnamed = self.facts.uses.unnamed(held.principal)
        return {**who, **self.header(), "items": rows, "next": None, "missing": [unnamed] if unnamed else []}

    def header(self) -> dict[str, Any]:
        """The window, and what of it the logs cover, by account."""
        accounts = {
            account: {"begin": begin.isoformat(), "end": end.isoformat()}
            for account, (begin, end) in sorted(self._held[1].items())
        }
        return {
            "window": {
                "begin": self.window.begin.isoformat(),
                "end": self.window.end.isoformat(),
                "days": self.window.days,
            },
            "logs": accounts,
        }

    def gap_values(self, gap: Gap) -> dict[str, Any]:
        """The gap of one principal as the JSON interface has it."""
        given, grants = self._grants(gap)
        names = {name: number for number, name in enumerate(self.facts.names)}
        items = []
        for item in gap.items:
            number = names[item.permission]
            told = [f"{one.policy} {one.statement}".strip() for one in given if number in one.permissions]
            items.append(item_values(item) | {"grants": told})
        return {
            "principal": gap.principal,
            "provider": self.asking.provider,
            "account": gap.account,
            **self.header(),
            "counts": {
                "granted": len(gap.items),
                **{str(state).lower(): gap.count(state) for state in Use},
                "unknown": len(gap.unknown),
            },
            "creep": creep_values(gap),
            "items": items,
            "next": None,
            "grants": [grant_values(one) for one in grants],
            "unknown": list(self.asking.access.folded(gap.unknown)),
            "drift": list(gap.drift),
            "wanted": list(gap.wanted),
            "missing": list(gap.missing),
        }

    def grants(self, gap: Gap) -> list[GrantUse]:
        """What is used of each grant of the principal."""
        return self._grants(gap)[1]

    def _grants(self, gap: Gap) -> tuple[Sequence[GivenBy], list[GrantUse]]:
        """What each statement of the principal's own policies gives, and what is used of it."""
        from leastwise.usage.granting import needs

        given = self.asking.access.given(gap.principal)
        names = {name: number for number, name in enumerate(self.facts.names)}
        never = self.facts.watching.of(gap.account).never
        return given, needs(gap.items, names, given, self._above, never, gap.missing)

    def _above(self, resource: str) -> Collection[str]:
        try:
            return self.asking.access.above(resource)
        except (UsageError, NotFoundError):
            # A log writes what no question can name, and what is gone.
            return ()


def shortened(whys: Iterable[str]) -> list[str]:
    """Some reasons, each once, and how many more there are."""
    found = list(dict.fromkeys(whys))
    rest = len(found) - _MOST_LACKING
    return found if rest <= 0 else [*found[:_MOST_LACKING], f"and {rest} more like these"]


def summed(rough: Summary, exact: Counted) -> Summary:
    """A summary with the exact numbers of its principal's gap."""
    counts = exact.counts
    return replace(
        rough,
        granted=sum(counts.values()),
        used=counts.get(Use.USED, 0),
        implied=counts.get(Use.IMPLIED, 0),
        unused=counts.get(Use.UNUSED, 0),
        unobservable=counts.get(Use.UNOBSERVABLE, 0),
        creep=exact.creep,
        exact=True,
    )


def grant_values(one: GrantUse) -> dict[str, Any]:
    """One grant with what is used of it, as the JSON interface has it."""
    return {
        "layer": one.layer,
        "policy": one.policy,
        "statement": one.statement,
        "source": one.source,
        "resources": list(one.resources),
        "need": str(one.need),
        "permissions": sum(one.counts.values()) + one.elsewhere,
        **{str(state).lower(): one.counts[state] for state in Use},
        "elsewhere": one.elsewhere,
        "used_permissions": list(one.used),
        "only_by_this": list(one.only),
        "touched": list(one.touched),
        "last_used": None if one.last is None else one.last.isoformat(),
        "missing": one.missing,
    }


def item_values(item: Item) -> dict[str, Any]:
    """One permission with its verdict, as the JSON interface has it."""
    done = item.done
    return {
        "permission": item.permission,
        "state": str(item.state),
        "access": str(item.access),
        "resources": list(item.resources),
        "sensitivity": item.sensitivity,
        "count": done.count,
        "denied": done.denied,
        "first_used": None if done.first is None else done.first.isoformat(),
        "last_used": None if done.last is None else done.last.isoformat(),
        "touched": list(done.touched),
        "workloads": list(done.workloads),
        "missing": item.missing,
        "service_used": None if item.service_used is None else item.service_used.isoformat(),
        "action_used": None if item.action_used is None else item.action_used.isoformat(),
        "because": item.because,
    }


def creep_values(one: Gap | Summary) -> dict[str, Any]:
    """A creep index with its parts."""
    return {"index": one.creep.index, "at_most": one.creep.at_most, "parts": dict(one.creep.parts)}


def summary_values(one: Summary, provider: str) -> dict[str, Any]:
    """The gap of one principal in numbers, as the JSON interface has it; null where its policies were not read."""
    counts = {name: getattr(one, name) for name in ("granted", "used", "implied", "unused", "unobservable")}
    share = one.unused_share
    return {
        "principal": one.principal,
        "provider": provider,
        "name": one.name,
        "kind": one.kind,
        "native": one.native,
        "account": one.account,
        **(dict.fromkeys(counts) if one.unread else counts),
        "unused_share": None if share is None else round(share, 4),
        "last_used": None if one.last_used is None else one.last_used.isoformat(),
        "creep": None if one.unread else creep_values(one),
        "exact": one.exact,
    }


def listed(
    found: Iterable[Summary], accounts: Sequence[str], kinds: Sequence[str], share: float | None
) -> list[Summary]:
    """Those of some accounts and kinds of whose permissions at least a share is unused, the worst first."""
    from leastwise.usage.everyone import chosen

    return chosen(found, accounts, kinds, share)


def accounts_of(found: Sequence[Summary], lacking: Collection[str], *, whole: bool = False) -> Iterator[dict[str, Any]]:
    """The creep index of each account, or of all as one: that of the mean weight of its principals.

    Of accounts that are `lacking` logs it is not known, and they do not count among all.
    """
    from leastwise.usage.creep import together

    by: dict[str, list[Summary]] = {}
    for one in found:
        if not one.unread and not (whole and one.account in lacking):
            by.setdefault("" if whole else one.account, []).append(one)
    for account, members in sorted(by.items()):
        index = None if account in lacking else together([one.creep for one in members])
        yield {"account": account, "principals": len(members), "creep": index}


def folded_rows(gap: Gap, folded: Any) -> list[dict[str, Any]]:
    """Lines of a table: permissions with the same verdict for the same reason, as patterns."""
    order = list(Use)
    groups: dict[tuple[Use, str], list[Item]] = {}
    for item in gap.items:
        # One by one where there is something to tell of it.
        alone = item.permission if item.done.last is not None else ""
        groups.setdefault((item.state, item.missing or alone), []).append(item)
    rows = []
    for (state, why), items in groups.items():
        last = max((item.done.last for item in items if item.done.last is not None), default=None)
        rows.append(
            {
                "state": str(state),
                "patterns": list(folded([item.permission for item in items])),
                "number": len(items),
                "calls": sum(item.done.count for item in items),
                "last_used": None if last is None else last.isoformat(),
                "why": why if state is Use.UNOBSERVABLE else "",
            }
        )
    return sorted(rows, key=lambda row: (order.index(Use(row["state"])), -row["calls"], row["patterns"]))
