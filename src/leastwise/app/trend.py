"""The creep index of several together, and how it went from snapshot to snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import Circumstances
from leastwise.model.gap import Summary
from leastwise.model.snapshot import Estate, SnapshotState
from leastwise.usage.creep import together

from .asking import Asking, Note, scope_tables
from .each import each_of, parted
from .estate_file import EstateFile, read_estate_file
from .gap import GapOf, window_of
from .gaps import Gaps, Told
from .header import clock_of
from .wiring import Workspace

BYS = ("account", "organization", "group")


def by_whom(gaps: Gaps, told: Sequence[Told], what: str) -> list[dict[str, Any]]:
    """The creep index of each account, organization or group, the highest first.

    It is the index of the mean weight of those in it that are users or roles, of which the policies were read, and of
    whose account the logs cover the window; `counted` says how many these are. Null where there is none.
    """
    found = []
    lacking = gaps.lacking(told)
    for gap in gaps.members:
        mine = [one.summary for one in told if one.key == gap.asking.key]
        found += list(_by_whom(gap, mine, lacking, what))
    return sorted(found, key=lambda one: (one["index"] is None, -(one["index"] or 0.0), one["id"]))


def _by_whom(gap: GapOf, summaries: Sequence[Summary], lacking: Collection[str], what: str) -> Iterator[dict[str, Any]]:
    weights = {one.principal: one for one in summaries if not one.unread and one.account not in lacking}
    for id, name, account, members in _sets(gap, summaries, what):
        known = [weights[one].creep for one in members if one in weights]
        index = together(known) if known else None
        yield {
            "by": what, "id": id, "provider": gap.asking.provider, "name": name, "account": account,
            "members": len(members), "counted": len(known), "index": index,
        }  # fmt: skip


def upon(gaps: Gaps, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The creep index of resources, the highest first; null where the logs do not cover the window.

    Raises:
        NotFoundError: the estate has no such resource.
        UsageError: its id does not say of which service it is.
    """
    reads = {"resources": ("id", "name", "account")}
    known: dict[str, tuple[GapOf, dict[str, Any]]] = {}
    for gap in gaps.members:
        for one in scope_tables(gap.workspace, gap.asking.estate, gap.asking.provider, reads):
            rows = one.tables["resources"].to_pylist() if one.tables else ()
            known |= {row["id"]: (gap, row) for row in rows if row["id"] in ids}
    found = []
    for id in dict.fromkeys(ids):
        if id not in known:
            raise NotFoundError(f"resource {id}: not found")
        found.append(_upon(id, *known[id]))
    return sorted(found, key=lambda one: (one["index"] is None, -(one["index"] or 0.0), one["id"]))


def _upon(id: str, gap: GapOf, row: Mapping[str, Any]) -> dict[str, Any]:
    """The creep index of one resource. Raises UsageError."""
    from leastwise.usage.upon import Resource

    if not gap.facts.naming.service(id):
        raise UsageError(f"resource {id}: its id does not say of which service it is")
    told = {"by": "resource", "id": id, "provider": gap.asking.provider, "name": row["name"], "account": row["account"]}
    if gap.facts.watching.logs.lacking(row["account"], gap.window):
        return told | {"members": 0, "counted": 0, "permissions": None, "index": None, "parts": None}
    access = gap.asking.access
    one = Resource(id, row["account"], gap.facts, access.above(id)).of(access.everybody())
    told |= {"members": one.principals, "counted": one.principals, "permissions": one.permissions}
    return told | {"index": one.creep.index, "parts": dict(one.creep.parts)}


def _sets(gap: GapOf, summaries: Iterable[Summary], what: str) -> Iterator[tuple[str, str, str, Collection[str]]]:
    """Id, name, account and members of each."""
    reads = {
        "scopes": ("id", "kind", "tenant"),
        "memberships": ("member", "group"),
        "principals": ("id", "kind", "name", "account"),
    }
    scopes = scope_tables(gap.workspace, gap.asking.estate, gap.asking.provider, reads)
    rows = {name: [row for one in scopes if one.tables for row in one.tables[name].to_pylist()] for name in reads}
    if what == "group":
        members: dict[str, set[str]] = {}
        for row in rows["memberships"]:
            members.setdefault(row["group"], set()).add(row["member"])
        for row in rows["principals"]:
            if row["kind"] == "group":
                yield row["id"], row["name"], row["account"], members.get(row["id"], set())
        return
    tenants = {row["id"]: row["tenant"] for row in rows["scopes"] if row["tenant"]}
    sets: dict[str, set[str]] = {}
    for one in summaries:
        key = one.account if what == "account" else tenants.get(one.account, "")
        if key:
            sets.setdefault(key, set()).add(one.principal)
    for id, inside in sets.items():
        yield id, id, id if what == "account" else "", inside


class Trend:
    """The creep index at the time of each estate, from stored snapshots and aggregates.

    Args:
        workspace: where they lie.
        window: as in `90d`; None for the usual one. It ends at the time of each estate.
        note: called with what takes more than a moment.
    """

    def __init__(self, workspace: Workspace, window: str | None, note: Note = lambda _: None) -> None:
        self._workspace, self._window, self._note = workspace, window, note
        self._file = read_estate_file(workspace.estate_path) or EstateFile(version=1)

    def times(self, until: datetime | None, limit: int) -> list[datetime]:
        """When the last snapshot of each day was taken, the newest `limit` days, oldest first."""
        last: dict[str, datetime] = {}
        for one in self._workspace.index.list():
            if one.state is SnapshotState.COMPLETE and (until is None or one.time <= until):
                day = one.time.astimezone(UTC).date().isoformat()
                last[day] = max(one.time, last.get(day, one.time))
        return sorted(last.values())[-limit:]

    def points(self, times: Sequence[datetime], principal: str | None = None) -> list[dict[str, Any]]:
        """The index at each time: of all whose account's logs cover the window there, or of one principal.

        Of a principal that several providers know there is a point of each, by their names. A point is comparable with
        the last one of the same provider where it is about the same accounts. Raises UsageError.
        """
        by: dict[str, list[dict[str, Any]]] = {}
        first: dict[str, GapOf] = {}
        unknown: list[tuple[Gaps, str]] = []
        for time in times:
            gaps = self._gaps(self._workspace.index.estate(time), first)
            if principal is None:
                by.setdefault("", []).append(_of_all(gaps))
                continue
            points, why = _of_each(gaps, principal)
            for key, one in points.items():
                # Before somebody knew of it, nothing of it is known.
                before = [_unknown(earlier, told) for earlier, told in unknown]
                by.setdefault(key, before).append(one)
            for key in by.keys() - points.keys():
                by[key].append(_unknown(gaps, why))
            unknown.append((gaps, why))
        if not by:
            by[""] = [_unknown(gaps, why) for gaps, why in unknown]
        found = []
        for key, points_of in sorted(by.items()):
            for one in points_of:
                one["comparable"], one["because"] = _comparable(one, points_of[-1])
                found.append(one if principal is None else {"provider": key.partition(":")[0], **one})
        return found

    def _gaps(self, estate: Estate, first: dict[str, GapOf]) -> Gaps:
        """The gaps at a time; rows of usage are read once for all times (`first`, by who answers)."""
        askings: list[Asking] = parted(self._workspace, each_of(self._workspace, estate, self._file, note=self._note))
        window = window_of(self._window, clock_of(estate, self._file).astimezone(UTC))
        found = [GapOf(self._workspace, one, window, first.get(one.key)) for one in askings]
        gaps = Gaps.of(self._workspace, askings, found)
        for one in gaps.members:
            first.setdefault(one.asking.key, one)
        return gaps


def _point(
    gap: Gaps | GapOf, index: float | None, accounts: Sequence[str], lacking: Sequence[str], count: int
) -> dict[str, Any]:
    return {
        "time": gap.window.end.isoformat(), "index": index, "principals": count, "accounts": list(accounts),
        "lacking": list(lacking),
    }  # fmt: skip


def _of_all(gaps: Gaps) -> dict[str, Any]:
    """One time. Accounts of which the logs do not cover the window are left out: nothing of theirs is unused."""
    held = [one for one in gaps.rough() if not one.summary.unread]
    lacking = gaps.lacking(held)
    counted = [one.summary for one in held if one.summary.account not in lacking]
    index = together([one.creep for one in counted]) if counted else None
    return _point(gaps, index, sorted({one.account for one in counted}), list(lacking.values()), len(counted))


def _unknown(gaps: Gaps, why: str) -> dict[str, Any]:
    """A time at which nobody knew of somebody."""
    return _point(gaps, None, (), (why,), 0)


def _of_each(gaps: Gaps, principal: str) -> tuple[dict[str, dict[str, Any]], str]:
    """What each that knows of somebody says at a time, by `Asking.key`, and why the others do not.

    Raises UsageError where all refuse.
    """
    found: dict[str, dict[str, Any]] = {}
    whys: list[str] = []
    try:
        known = gaps.about(principal)
    except NotFoundError as error:
        return found, str(error)
    for gap, told in known.asked(lambda one: _of_one(one, principal)):
        if isinstance(told, str):
            whys.append(told)
        else:
            found[gap.asking.key] = told
    return found, "; ".join(whys) or f"principal {principal}: not found"


def _of_one(gap: GapOf, principal: str) -> dict[str, Any] | str:
    """One time, of one who knows of somebody; or why it does not."""
    try:
        found = gap.of(principal, Circumstances())
    except NotFoundError as error:
        return str(error)
    why = gap.facts.watching.logs.lacking(found.account, gap.window)
    index = None if why or found.unknown else found.creep.index
    lacking = [why] if why else list(found.missing) if found.unknown else []
    return _point(gap, index, (found.account,), lacking, int(index is not None))


def _comparable(one: Mapping[str, Any], last: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether a point says the same thing as the last one, and if not, why."""
    if one["index"] is None:
        return False, "; ".join(one["lacking"]) or "nothing is known of it"
    if last["index"] is None:
        return False, "of the last one nothing is known"
    mine, theirs = set(one["accounts"]), set(last["accounts"])
    if mine == theirs:
        return True, ""
    more, fewer = sorted(mine - theirs), sorted(theirs - mine)
    told = [f"without {', '.join(fewer)}"] if fewer else []
    return False, "; ".join([*told, *([f"with {', '.join(more)}"] if more else [])])
