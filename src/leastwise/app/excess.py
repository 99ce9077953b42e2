"""The tables that findings need besides the read models: what is not used, whom groups and bundles reach.

Logs are read once, and only where there are any: without a lake nothing is said of use beyond what the vendor told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import arrow_schema
from leastwise.model.gap import Summary, Window
from leastwise.model.tables import GAPS_VIEW, REACHES_VIEW

from .asking import held_of
from .each import each_of, parted
from .estate import OpenEstate
from .gap import GapOf, summed, window_of
from .gaps import Gaps, tells
from .reaching import Reaching

if TYPE_CHECKING:
    from pyroaring import BitMap

SENSITIVE = ("escalation", "credential exposure", "permissions management")
_MOST_EXACT = 300
"""So many principals of whom an upper bound would be a finding are asked about exactly."""
_SAMPLE = 5
_TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Excess:
    """What one principal did not use.

    Args:
        summary: its gap in numbers.
        counts: how many unused permissions there are of each of SENSITIVE.
        sample: some of them, the most sensitive first.
    """

    summary: Summary
    counts: Mapping[str, int]
    sample: tuple[str, ...]


class Unused:
    """What is not used in an estate, in the window that ends at its clock.

    Args:
        estate: the estate.
        window: as in `90d`; None for the usual one.
    """

    def __init__(self, estate: OpenEstate, window: str | None = None) -> None:
        self._estate = estate
        self._whose: dict[str, GapOf] = {}
        self.window: Window = window_of(window, estate.clock.astimezone(UTC))

    @cached_property
    def logged(self) -> bool:
        """Whether any logs were taken in, and there is what they could be of. No Parquet is read.

        Of a provider that does not answer what everybody holds, or whose logs are not understood, nothing is said.
        """
        return bool(self._logged)

    @cached_property
    def _logged(self) -> frozenset[str]:
        """The providers of the estate of which logs were taken in, and can be held against what everybody holds."""
        workspace = self._estate.workspace
        known, held = workspace.providers(), set(held_of(self._estate.estate))
        spoken = {one.provider for one in workspace.lake.spans()} if held else set()
        return frozenset(name for name in held & spoken if name in known and tells(workspace, name))

    @cached_property
    def by_provider(self) -> Gaps:
        """The gaps of the estate's providers of which there are logs; it is compiled for questions where it was not."""
        workspace = self._estate.workspace
        askings = parted(workspace, each_of(workspace, self._estate.estate, self._estate.file))
        found = [GapOf(workspace, one, self.window) for one in askings if one.provider in self._logged]
        gaps = Gaps.of(workspace, askings, found)
        silent = [name for name in held_of(self._estate.estate) if name not in self._logged]
        return replace(gaps, unasked=tuple(silent))

    def gap(self, principal: str) -> GapOf:
        """The gap of the provider that an id is of. Raises NotFoundError."""
        known = self._whose.get(principal)
        return known if known is not None else self.by_provider.of_principal(principal)

    @cached_property
    def excesses(self) -> list[Excess]:
        """What each user and role did not use; empty without logs."""
        if not self.logged:
            return []
        from leastwise.engine.quiet import without_collector
        from leastwise.usage.everyone import Everyone

        found: list[Excess] = []
        with without_collector():
            for gap in self.by_provider.members:
                counting = _Counting(gap)
                made = Everyone(gap.asking.access.everybody(), gap.facts)
                mine = [counting.excess(summary, unused) for summary, unused in made.with_unused()]
                self._whose.update(dict.fromkeys((one.summary.principal for one in mine), gap))
                found += mine
        doubtful = [one for one in found if not one.summary.exact and _tells(one)]
        if len(doubtful) > _MOST_EXACT:
            return found
        exact = {one.summary.principal: self.exactly(one.summary) for one in doubtful}
        return [exact.get(one.summary.principal, one) for one in found]

    def exactly(self, rough: Summary) -> Excess:
        """The excess of one principal, by what it holds exactly."""
        gap = self.gap(rough.principal)
        exact, facts = gap.counted(rough.principal), gap.facts
        names: dict[str, list[str]] = {word: [] for word in SENSITIVE}
        for number in exact.unused:
            if (word := facts.sensitivity[number]) in names:
                names[word].append(facts.names[number])
        sample = tuple(one for word in SENSITIVE for one in names[word])[:_SAMPLE]
        return Excess(summed(rough, exact), {word: len(found) for word, found in names.items()}, sample)

    def header(self) -> dict[str, Any]:
        """The window of what findings say of use, what of it the logs cover, and of which providers nothing is said
        (`unasked`); `logs` is empty without any.
        """
        if self.logged:
            return self.by_provider.header() | {"unasked": list(self.by_provider.unasked)}
        begin, end = self.window.begin.isoformat(), self.window.end.isoformat()
        return {"window": {"begin": begin, "end": end, "days": self.window.days}, "logs": {}, "unasked": []}

    @cached_property
    def last(self) -> dict[str, datetime]:
        """When logs last saw each principal, up to the window's end."""
        found: dict[str, datetime] = {}
        for gap in self.by_provider.members if self.logged else ():
            found |= last_seen(gap.usage, "principal", self.window.end)
        return found

    @cached_property
    def last_of_credentials(self) -> dict[str, datetime]:
        """When logs last saw each long-lived credential, up to the window's end."""
        if not self.logged:
            return {}
        return last_seen(self._estate.workspace.lake.sightings(), "credential", self.window.end)

    # --- as tables

    def seen(self, table: pa.Table, last: Mapping[str, datetime]) -> pa.Table:
        """A read model whose `last_used` is as new as the logs tell."""
        if not last:
            return table
        at = pc.index_in(table["id"], value_set=pa.array(list(last), pa.string()))
        logged = pa.array(list(last.values()), _TIME).take(at.combine_chunks())
        told = table["last_used"].combine_chunks().cast(_TIME)
        newest = pc.max_element_wise(told.cast(pa.int64()), logged.cast(pa.int64()), skip_nulls=True).cast(_TIME)
        field = table.schema.field("last_used")
        return table.set_column(table.schema.get_field_index("last_used"), field, newest.cast(field.type))

    def gaps(self, identities: pa.Table) -> pa.Table:
        """The table `gaps_view`, with owner and protection as the read model of identities has them."""
        columns = ("provider", "account", "id", "name", "kind", "native", "created", "mfa", "admin", "source")
        laid = ("protected", "owner")
        of = {one.summary.principal: one for one in self.excesses}
        ids = pa.array(list(of), pa.string())
        picked = identities.filter(pc.is_in(identities["id"], value_set=ids)).select([*columns, *laid])
        rows = [row | _numbers(of[row["id"]]) for row in picked.to_pylist()]
        schema = arrow_schema(GAPS_VIEW)
        for name in laid:
            schema = schema.append(picked.schema.field(name))
        return pa.Table.from_pylist(rows, schema=schema)


def last_seen(table: pa.Table, key: str, end: datetime) -> dict[str, datetime]:
    """When rows with `first` and `last` last saw each key, up to a time; what comes after has not happened yet.

    Of a row that goes on after it, only the first time is surely before.
    """
    until = pa.scalar(end, _TIME)
    table = table.select([key, "first", "last"]).filter(pc.less_equal(table["first"], until))
    over = pc.greater(table["last"], until)
    table = table.append_column("seen", pc.if_else(over, table["first"].cast(_TIME), table["last"].cast(_TIME)))
    newest = table.group_by(key).aggregate([("seen", "max")])
    return dict(zip(newest[key].to_pylist(), newest["seen_max"].to_pylist(), strict=True))


def _tells(one: Excess) -> bool:
    """Whether a rule may speak of it."""
    if one.summary.kind == "service_linked" or one.summary.unread:
        return False
    share = one.summary.unused_share
    return (share is not None and share >= 0.5) or any(one.counts.values())


def _numbers(one: Excess) -> dict[str, Any]:
    """The columns of `gaps_view` that tell of use; null where that is not known."""
    summary = one.summary
    if summary.unread:
        names = ("granted", "used", "unused", "unobservable", "unused_percent", "creep", *_COLUMNS)
        return dict.fromkeys(names) | {"sensitive": [], "exact": False}
    share = summary.unused_share
    # Where nothing would have been recorded, no number is known of what is not used.
    known = share is not None or not summary.granted
    return {
        "granted": summary.granted,
        "used": summary.used + summary.implied,
        "unused": summary.unused,
        "unobservable": summary.unobservable,
        "unused_percent": None if share is None else int(100 * share),
        **{column: one.counts[name] if known else None for column, name in zip(_COLUMNS, SENSITIVE, strict=True)},
        "sensitive": list(one.sample),
        "creep": round(summary.creep.index),
        "exact": summary.exact,
    }


_COLUMNS = ("escalation", "exposure", "management")


class _Counting:
    """Counts the sensitive ones of sets of permissions; principals that used nothing share their set."""

    def __init__(self, gap: GapOf) -> None:
        from pyroaring import BitMap

        facts = gap.facts
        self._names = facts.names
        self._of = {
            word: BitMap(number for number, one in enumerate(facts.sensitivity) if one == word) for word in SENSITIVE
        }
        self._last: BitMap | None = None
        self._told: tuple[Mapping[str, int], tuple[str, ...]] = {}, ()

    def excess(self, summary: Summary, unused: BitMap) -> Excess:
        """The excess of a principal by its set of unused permissions."""
        if unused is not self._last:
            found = {word: unused & members for word, members in self._of.items()}
            numbers = (number for word in SENSITIVE for number in found[word])
            sample = tuple(self._names[number] for number, _ in zip(numbers, range(_SAMPLE), strict=False))
            self._told, self._last = ({word: len(one) for word, one in found.items()}, sample), unused
        return Excess(summary, *self._told)


def reaches(estate: OpenEstate) -> pa.Table:
    """The table `reaches_view`: every group and every bundle of a customer, and how many it reaches."""
    schema = arrow_schema(REACHES_VIEW)
    return pa.Table.from_pylist(list(_reaches(estate)), schema=schema)


def _reaches(estate: OpenEstate) -> Iterator[dict[str, Any]]:
    reaching = Reaching(estate)
    yield from _holders(estate, reaching)
    for what, table, noun, members in (
        ("group", reaching.principals, "native", reaching.members),
        ("bundle", reaching.bundles, "kind", reaching.attached),
    ):
        for row in _named(reaching, table, what, noun):
            count = members[row["id"]]
            # Those that were found are members whether or not all were read; that there are none must have been read.
            known = bool(count) or reaching.told(row["scope"], row[noun], row["id"], row["name"])
            yield {
                "provider": row["provider"], "account": row["account"] or row["scope"], "id": row["id"],
                "name": row["name"], "what": what, "kind": row[noun], "created": row["created"],
                "reached": count if known else None,
            }  # fmt: skip


_HELD = ("provider", "account", "policy", "kind", "principal", "via", "layer", "privileged")


def _holders(estate: OpenEstate, reaching: Reaching) -> Iterator[dict[str, Any]]:
    """The bundles that the vendor calls privileged, each with how many hold it now, groups by their members."""
    held = estate.view("grants", _HELD)
    held = held.filter(pc.and_(pc.equal(held["layer"], "allow"), pc.fill_null(held["privileged"], False)))
    found: dict[tuple[str, ...], tuple[set[str], set[str]]] = {}
    for row in held.to_pylist():
        key = tuple(row[name] for name in ("provider", "account", "policy", "kind"))
        holders, through = found.setdefault(key, (set(), set()))
        holders.add(row["principal"])
        through.add(row["via"])
    for (provider, account, policy, kind), (holders, through) in found.items():
        name = reaching.names.get(policy, policy)
        known = reaching.told(account, kind, policy, name)
        yield {
            "provider": provider, "account": account, "id": policy, "name": name, "what": "holders", "kind": kind,
            "created": None, "reached": len(holders - through) if known else None,
        }  # fmt: skip


def _named(reaching: Reaching, table: pa.Table, what: str, noun: str) -> Sequence[dict[str, Any]]:
    """The rows of groups, or of bundles, by the words of their providers."""
    words = {word for nouns in reaching.nouns.values() for word in (nouns.groups if what == "group" else nouns.bundles)}
    rows: list[dict[str, Any]] = table.filter(
        pc.is_in(table[noun], value_set=pa.array(sorted(words), pa.string()))
    ).to_pylist()
    return rows
