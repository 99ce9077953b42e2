"""Who made a grant, a credential or a trust, and who changed it last, as far as the logs show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from .estate import OpenEstate
from .wiring import Workspace

Change = Mapping[str, Any]
_PASSED = ("session", "origin", "source_identity", "event")


class Provenance:
    """The changes of the lake up to an estate's time, by what was changed."""

    def __init__(self, estate: OpenEstate) -> None:
        workspace = estate.workspace
        self._workspace, self._clock = workspace, estate.clock
        self._by: dict[str, list[Change]] = {}
        for row in workspace.lake.changes().to_pylist():
            if row["time"] <= estate.clock:
                self._by.setdefault(row["subject"], []).append(row)
                if row["object"] and row["what"] == "credential":
                    self._by.setdefault(row["object"], []).append(row)
        self._spans: dict[str, tuple[datetime, datetime]] = {}
        for one in workspace.lake.spans():
            first, last = self._spans.get(one.account, (one.first, one.last))
            self._spans[one.account] = min(first, one.first), max(last, one.last)

    def of(self, what: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """`created` and `changed` (each null where not known) of a row of a list, and why `created` is not known."""
        found = {"grants": self._grant, "credentials": self._credential, "trusts": self._trust}[what](row)
        made = [one for one in found if one["verb"] != "changed"]
        gone = max((one["time"] for one in made if one["verb"] == "removed"), default=None)
        standing = [one for one in found if one["verb"] != "removed" and (gone is None or one["time"] > gone)]
        created = next((one for one in standing if one["verb"] == "created"), None)
        later = [one for one in standing if one is not created]
        return {
            "created": None if created is None else told(created),
            "changed": told(later[-1]) if later else None,
            "missing": "" if created is not None else self._why(row),
        }

    def latest(self, id: str, names: Collection[str] = ()) -> Change | None:
        """The last change of a principal, its trust or its grants, by its id or other names; None: not known."""
        found = [
            one for name in (id, *names) for one in self._by.get(name, ())
            if one["what"] != "membership" and one["verb"] != "removed"
        ]  # fmt: skip
        return max(found, key=lambda one: (one["time"], one["event"]), default=None)

    def _names(self, provider: str, id: str) -> Iterator[str]:
        yield id
        yield from called(self._workspace, provider, id)

    def _about(self, provider: str, id: str, whats: Collection[str]) -> Iterator[Change]:
        for name in self._names(provider, id):
            yield from (one for one in self._by.get(name, ()) if one["what"] in whats)

    def _grant(self, row: Mapping[str, Any]) -> list[Change]:
        provider, policy, via = row["provider"], row["policy"], row["via"]
        if row["layer"] == "trust":
            return self._trust(row)
        if row["layer"] == "resource":
            return _sorted(self._about(provider, row["principal"], ("grant",)))
        objects = {*self._names(provider, policy), via, f"{via} {row['account']}"} - {""}
        if row.get("resource"):  # a bundle that is given on a resource is another grant on each of them
            objects |= {f"{policy} {one}" for one in self._names(provider, row["resource"])}
        given = [
            one
            for holder in filter(None, (row["principal"], via))
            for one in self._about(provider, holder, ("grant",))
            if one["object"] in objects
        ]
        # A policy of its own that was written anew changed every grant of it; it was made for none of them.
        written = [one for one in self._about(provider, policy, ("grant",)) if one["object"] == ""]
        return _sorted([*given, *(one for one in written if one["verb"] == "changed")])

    def _credential(self, row: Mapping[str, Any]) -> list[Change]:
        names = {*self._names(row["provider"], row["id"])}
        if row["id"] in self._by:
            return _sorted(one for one in self._by[row["id"]] if one["what"] == "credential")
        found = self._about(row["provider"], row["principal"] or "", ("credential",))
        return _sorted(one for one in found if one["object"] in names)

    def _trust(self, row: Mapping[str, Any]) -> list[Change]:
        """A trust is made with its principal."""
        made = [
            one for one in self._about(row["provider"], row["principal"], ("principal",)) if one["verb"] != "changed"
        ]
        return _sorted([*made, *self._about(row["provider"], row["principal"], ("trust",))])

    def _why(self, row: Mapping[str, Any]) -> str:
        span, account = self._spans.get(row["account"] or ""), row["account"]
        if span is None:
            return f"no log of account {account} was taken in"
        first, last = span
        made = row.get("created")
        if made and str(made) < first.isoformat():
            return f"it was made on {str(made)[:10]}, the logs that were taken in begin on {first.date()}"
        return f"no event about it in the logs that were taken in, from {first.date()} to {last.date()}"


def _sorted(found: Iterable[Change]) -> list[Change]:
    distinct = {(one["event"], one["subject"], one["object"], one["verb"]): one for one in found}
    return sorted(distinct.values(), key=lambda one: (one["time"], one["event"]))


def told(one: Change) -> dict[str, Any]:
    """A change as answers have it: when, by whom, in which session, and the event that shows it."""
    acts_as = one["principal"] if one["session"] else ""
    passed = {name: one[name] for name in _PASSED}
    return {"at": one["time"].isoformat(), "by": one["principal"], "role": acts_as, **passed}


def called(workspace: Workspace, provider: str, id: str) -> Sequence[str]:
    """The other names by which logs call what has an id."""
    logs = workspace.provider(provider).logs
    return () if logs is None else logs.called(id)


def with_provenance(estate: OpenEstate, what: str, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a list of `grants`, `credentials` or `trusts`, each with `provenance`.

    Raises:
        IntegrityError, StoreError: the lake cannot be read.
    """
    found = Provenance(estate)
    return [{**row, "provenance": found.of(what, row)} for row in items]
