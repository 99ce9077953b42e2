"""Answers narrowed to what somebody may see: what is outside is counted, and never named."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.errors import NotFoundError

from ..duties import Sight
from ..estate import OpenEstate

_STEP = re.compile("[/:]")
"""What an id goes on with after that of what it lies in."""
_NAMES = {"identities": ("id", "name", "mail"), "resources_view": ("id",), "credentials_view": ("id",)}
"""Read models of things that questions name, and the columns of their names."""


@dataclass(frozen=True)
class Seeing:
    """An estate as somebody sees it."""

    estate: OpenEstate
    sight: Sight

    @property
    def everything(self) -> bool:
        """Whether nothing is hidden."""
        return self.sight.everything

    def sees(self, provider: str | None, account: str | None) -> bool:
        """Whether an account is in sight; of no told provider: whether that of one of that id is."""
        if self.everything:
            return True
        holders = {provider} if provider else self._holders.get(account or "", set())
        return any(self.sight.sees(one, account or "") for one in holders)

    @cached_property
    def _holders(self) -> dict[str, set[str]]:
        """The providers that have an account of each id."""
        found: dict[str, set[str]] = {}
        for entry in self.estate.estate.entries:
            found.setdefault(entry.scope.id, set()).add(entry.scope.provider)
        for view in ("identities", "resources_view"):
            table = self.estate.view(view, ("provider", "account")).select(["provider", "account"])
            for row in table.group_by(["provider", "account"]).aggregate([]).to_pylist():
                found.setdefault(row["account"] or "", set()).add(row["provider"])
        return found

    @cached_property
    def accounts(self) -> frozenset[tuple[str, str]] | None:
        """The accounts in sight, by provider and id; None for all."""
        if self.everything:
            return None
        pairs = ((provider, account) for account, holders in self._holders.items() for provider in holders)
        return frozenset((provider, account) for provider, account in pairs if self.sight.sees(provider, account))

    def split(self, items: Iterable[Mapping[str, Any]]) -> tuple[list[Any], int]:
        """The rows (each with `account`, perhaps with `provider`) that are in sight, and how many are not."""
        rows = list(items)
        kept = rows if self.everything else [one for one in rows if self.sees(one.get("provider"), one.get("account"))]
        return kept, len(rows) - len(kept)

    def hidden(self, ids: Collection[str]) -> set[str]:
        """Those of some ids that the estate knows, and only in accounts out of sight."""
        if self.everything or not ids:
            return set()
        seen, hidden = set[str](), set[str]()
        for id, mine in self._found(ids, lambda names: names[:1]):
            (seen if mine else hidden).add(id)
        return hidden - seen

    def require(self, *texts: str | None, known: bool = False) -> None:
        """Let nothing pass that is, by its id or name, or lies in what is, out of sight; with `known`, nor what nobody
        in sight is called.

        Raises:
            NotFoundError: the same whether it is hidden or is not there.
        """
        wanted = {one for one in texts if one}
        if self.everything or not wanted:
            return
        found: dict[str, bool] = {}
        within = {text: [text[: one.start()] for one in _STEP.finditer(text)] for text in wanted}
        for text, mine in self._found(wanted.union(*within.values()), lambda names: names):
            found[text] = found.get(text, False) or mine
        accounts = {entry.scope.id: entry.scope.provider for entry in self.estate.estate.entries}
        for text in sorted(wanted):
            strange = text in accounts and not self.sight.sees(accounts[text], text)
            if text not in found:
                # The last is the nearest that it may lie in: a thing in a container that alone is in the estate.
                strange |= not next((found[one] for one in reversed(within[text]) if one in found), True)
            if strange or not found.get(text, not known):
                raise NotFoundError(f"{text}: is not in the estate, or out of sight")

    def _found(
        self, texts: Collection[str], columns: Callable[[tuple[str, ...]], tuple[str, ...]]
    ) -> Iterator[tuple[str, bool]]:
        """Those of some texts that are names of something, and whether that is in sight."""
        wanted = pa.array(sorted(set(texts)), pa.string())
        for view, names in _NAMES.items():
            table = self.estate.view(view, (*names, "provider", "account"))
            for name in columns(names):
                here = table.filter(pc.fill_null(pc.is_in(table[name].cast(pa.string()), value_set=wanted), False))
                for row in here.select(list(dict.fromkeys((name, "provider", "account")))).to_pylist():
                    yield row[name], self.sight.sees(row["provider"], row["account"] or "")

    def envelope(self, answer: Mapping[str, Any], outside: int = 0) -> dict[str, Any]:
        """An answer without the scopes that are out of sight in what it says of the estate; `outside` counts items."""
        if self.everything:
            return dict(answer)
        told = dict(answer)
        keys = {entry.scope.key for entry in self._entries}
        snapshots = {entry.manifest.id for entry in self._entries if entry.manifest}
        if isinstance(answer.get("estate"), Mapping):
            estate = answer["estate"]
            times = [entry.manifest.time for entry in self._entries if entry.manifest]
            told["estate"] = estate | {
                "oldest": min(times).isoformat() if times else None,
                "snapshots": [one for one in estate["snapshots"] if one in snapshots],
                "stale": [one for one in estate["stale"] if one in keys],
            }
        if isinstance(answer.get("coverage"), Mapping):
            coverage = answer["coverage"]
            named = {one: coverage[one] for one in ("unreadable", "missing") if one in coverage}
            told["coverage"] = {
                **coverage,
                **{name: [one for one in scopes if one in keys] for name, scopes in named.items()},
                "scopes": len(self._entries),
                "gaps": sum(entry.scope.key in keys for entry, _ in self._gaps),
            }
        if isinstance(answer.get("logs"), Mapping):
            told["logs"] = {one: span for one, span in answer["logs"].items() if self.sees(None, one)}
        return told | {"outside": outside}

    @cached_property
    def _entries(self) -> list[Any]:
        entries = self.estate.estate.entries
        return [one for one in entries if self.sight.sees(one.scope.provider, one.scope.id)]

    @cached_property
    def _gaps(self) -> list[Any]:
        return self.estate.gaps()
