"""Whom logs mean where they tell no id: an address, an application's id, a caller that may be either.

A directory tells addresses of people and applications of programs. Who is told without an address of their own, as
guests are, may have any. An application's id stays as it is; addresses do not, so that one that nobody has may be the
former one of anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.model.aliases import Meant
from leastwise.providers.base import ScopeTables
from leastwise.providers.guids import guid

_PEOPLE = frozenset({"human", "external", "unknown"})
_PROGRAMS = frozenset({"workload", "agent", "provider_service", "external", "unknown"})
_UNREAD, _OTHERS = "whose object id was not read", "which others whose names were not read may have too"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How logs and directories of a vendor write names.

    Args:
        application: what stands before an application's id in usage.
        caller: what stands before an id of which it is not told what it is of.
        personal: what stands before the address of a personal account in logs.
        guest: what the name that a directory gives to a guest has in it.
        everyone: what grants call everybody.
    """

    application: str
    caller: str
    personal: str
    guest: str
    everyone: str


class _Index:
    """Everybody whom some rows tell of, by name.

    - `people`: all who may be meant by an address; `programs`: by an application that nobody is known to have.
    - `strangers`: those of the people of whom no address of their own is known.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], spelling: Spelling) -> None:
        self.kinds: dict[str, str] = {}
        self.addresses: dict[str, set[str]] = {}
        self.applications: dict[str, set[str]] = {}
        self.names: dict[str, set[str]] = {}
        addressed, applied = set[str](), set[str]()
        for row in rows:
            id = row["id"].lower()
            if id == spelling.everyone or row["kind"] == "group":
                continue
            if self.kinds.get(id, "unknown") == "unknown":
                self.kinds[id] = row["kind"]
            for address in _addresses(row):
                self.addresses.setdefault(address, set()).add(id)
                self.names.setdefault(id, set()).add(address)
                if spelling.guest not in address:
                    addressed.add(id)
            if row["kind"] in _PROGRAMS and (application := guid(row["unique_id"] or "")):
                applied.add(id)
                self.applications.setdefault(application, set()).add(id)
                self.names.setdefault(id, set()).update(
                    (f"{spelling.application}{application}", f"{spelling.caller}{application}")
                )
        self.people = frozenset(id for id, kind in self.kinds.items() if kind in _PEOPLE)
        self.strangers = self.people - addressed
        self.programs = frozenset(id for id, kind in self.kinds.items() if kind in _PROGRAMS) - applied


class NamedAliases:
    """The names of everybody whom some scopes tell of; see `model.aliases.Aliases`."""

    def __init__(self, scopes: Sequence[ScopeTables], spelling: Spelling) -> None:
        self._spelling = spelling
        self._tables = [scope.tables["principals"] for scope in scopes if "principals" in scope.tables]
        self._same: dict[frozenset[str], frozenset[str]] = {}

    @cached_property
    def _known(self) -> _Index:
        # Made when a log has such a name: of most estates it has none.
        return _Index((row for table in self._tables for row in plain(table).to_pylist()), self._spelling)

    @cached_property
    def _by_mail(self) -> frozenset[str]:
        """Administrators of old, who are named by their address alone."""
        found = (
            pc.filter(ids := table["id"].cast(pa.string()), pc.match_substring(ids, "@")) for table in self._tables
        )
        return frozenset(id.lower() for some in found for id in some.to_pylist())

    def of(self, name: str) -> Meant | None:
        """Whom a log means by a name; see the port."""
        if name.startswith(self._spelling.application):
            return self._application(name.removeprefix(self._spelling.application))
        if name.startswith(self._spelling.caller):
            id = name.removeprefix(self._spelling.caller)
            return self._id(id) or Meant(id) if id in self._known.kinds else self._application(id)
        return self._address(name) if "@" in name else self._id(name)

    def names(self, id: str) -> list[str]:
        """The other names by which logs surely mean a principal; see the port."""
        if not guid(id) and "@" not in id:
            return []
        own = [f"{self._spelling.caller}{id}"] if id in self._known.kinds and guid(id) else []
        found = (one for one in self._known.names.get(id, ()) if (meant := self.of(one)) is not None and meant.id == id)
        return sorted([*own, *(one for one in found if one != id)])

    def _id(self, id: str) -> Meant | None:
        """An object id: it may be that of an administrator of old."""
        if not self._by_mail or "@" in id:
            return None
        own = self._known.names.get(id, set()) & self._by_mail
        if id in self._known.kinds and id not in self._known.strangers:
            return Meant(id, self._shared(own), "who has the same address") if own else None
        return Meant(id, self._by_mail, "whose address was not read")

    def _address(self, name: str) -> Meant:
        having = self._known.addresses.get(name.removeprefix(self._spelling.personal), set())
        if name in self._by_mail:
            others = (having - {name}) or self._known.people - {name}
            return Meant(name, self._shared(others), _UNREAD) if others else Meant(name)
        if len(having) == 1:
            (id,) = having
            return Meant(id, self._shared(self._known.strangers - having), _OTHERS)
        if having:
            return Meant("", self._shared(self._known.strangers | having), f"which {len(having)} principals have")
        return Meant("", self._known.people, _UNREAD)

    def _application(self, id: str) -> Meant:
        having = self._known.applications.get(id, set())
        if len(having) == 1:
            (one,) = having
            return Meant(one, self._known.programs, _OTHERS)
        if having:
            return Meant("", self._shared(self._known.programs | having), f"which {len(having)} principals have")
        return Meant("", self._known.programs, _UNREAD)

    def _shared(self, ids: set[str] | frozenset[str]) -> frozenset[str]:
        """One and the same collection for the same ids."""
        found = frozenset(ids)
        return self._same.setdefault(found, found)


def _addresses(row: Mapping[str, Any]) -> set[str]:
    """The addresses of a person, without what is no address."""
    if row["kind"] not in _PEOPLE:
        return set()
    return {one.lower() for one in (row["name"], row["mail"], row["id"]) if one and "@" in one}
