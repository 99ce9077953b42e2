"""`whois`: what an id is, whose, where, in which state, last used when, by which person; and what could not be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.errors import UsageError
from leastwise.model.decision import State
from leastwise.model.federation import OIDC

from .each import each_of
from .estate import OpenEstate
from .federation import Federated, outsider

COLUMNS = (
    "id", "what", "provider", "account", "account_read", "principal", "name", "kind", "state", "created", "expires",
    "last_used", "last_used_by", "person", "left", "admin", "owner", "opens", "chain", "because", "missing",
)  # fmt: skip
"""Keys of an answer."""
_SESSION = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d*):assumed-role/(?P<role>[^/]+)(?:/.+)?")
_LONGEST_CHAIN = 20
_IDENTITY = (
    "id", "provider", "account", "name", "kind", "native", "mail", "enabled", "created", "last_used",
    "last_used_known", "admin", "owner",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Whois:
    """What was found: one answer for each thing that the id names, or one of what its form tells."""

    items: list[dict[str, Any]]


class Looking:
    """Looks for one id in an estate and in the logs.

    Args:
        estate: where to look.
        text: the id.
    """

    def __init__(self, estate: OpenEstate, text: str) -> None:
        self._estate, self.text = estate, text.strip()
        if not self.text:
            raise UsageError("whois: name an identity, a credential or an address")

    def found(self) -> Whois:
        """Everything that the id names. Raises UsageError for somebody outside of an issuer that is not known."""
        items = [*self._identities(), *self._credentials(), *self._resources(), *self._places()]
        if not items:
            items = [*self._sessions(), *self._outside()]
        if not items:
            items = [self._by_form()]
        return Whois(items)

    # --- what tables tell

    @cached_property
    def _view(self) -> pa.Table:
        return self._estate.view("identities")

    def _identities(self) -> Iterator[dict[str, Any]]:
        for row in self._named(self._wanted()):
            told = "session of a role" if self._session else str(row["native"]).replace("_", " ")
            because = "its session" if self._session else self._why(row)
            yield self._identity(row, told, because)

    @cached_property
    def _session(self) -> re.Match[str] | None:
        return _SESSION.fullmatch(self.text)

    def _wanted(self) -> list[str]:
        """The texts that an identity may have as its id, unique id, name or address."""
        unique = self.text.partition(":")[0] if re.fullmatch(r"[A-Z]{4}[A-Z2-7]{12,}:.+", self.text) else self.text
        return list(dict.fromkeys((self.text, self.text.lower(), unique)))

    def _named(self, wanted: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of identities; those whose id it is before those whose unique id, name or address it is."""
        view = self._view
        if self._session is not None:
            head = f"arn:{self._session['partition']}:iam::{self._session['account']}:role/"
            ids = pc.and_(pc.starts_with(view["id"], head), pc.ends_with(view["id"], f"/{self._session['role']}"))
            return self._rows(view.filter(ids))
        values = pa.array(wanted, pa.string())
        for column in ("id", "mail", "name"):
            texts = pc.utf8_lower(view[column].cast(pa.string()))
            chosen = view.filter(pc.fill_null(pc.is_in(texts, value_set=pc.utf8_lower(values)), False))
            if chosen.num_rows:
                return self._rows(chosen)
        return self._by_unique(wanted)

    def _by_unique(self, wanted: Sequence[str]) -> list[dict[str, Any]]:
        """By the ids that never change, which only facts hold."""
        facts = self._estate.facts("principals", ("id", "unique_id"))
        mine = facts.filter(pc.fill_null(pc.is_in(facts["unique_id"], value_set=pa.array(wanted, pa.string())), False))
        ids = pa.array(mine["id"].to_pylist(), pa.string())
        return self._rows(self._view.filter(pc.is_in(self._view["id"].cast(pa.string()), value_set=ids)))

    def _rows(self, table: pa.Table) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = plain(table.select(_IDENTITY)).to_pylist()
        return found

    def _why(self, row: Mapping[str, Any]) -> str:
        if self.text == row["id"]:
            return "its id"
        if self.text.lower() == (row.get("mail") or "").lower():
            return "its address"
        return "its name" if self.text == row["name"] else "an id that never changes"

    def _identity(self, row: Mapping[str, Any], what: str, because: str, **more: Any) -> dict[str, Any]:
        enabled = row.get("enabled")
        state = "" if enabled is None else "enabled" if enabled else "disabled"
        state = "deleted" if row["kind"] == "deleted" else state
        missing = [] if row.get("last_used") or row.get("last_used_known") else ["when it was last used"]
        return self._answer(
            what=what, provider=row["provider"], account=row["account"], principal=row["id"], name=row["name"],
            kind=row["kind"], state=state, created=row.get("created"), last_used=row.get("last_used"),
            admin=row.get("admin"), owner=row.get("owner"), because=because, missing=missing, **more,
        )  # fmt: skip

    def _credentials(self) -> Iterator[dict[str, Any]]:
        view = self._estate.view("credentials_view")
        texts = view["id"].cast(pa.string())
        mine = pc.or_(pc.equal(pc.utf8_lower(texts), self.text.lower()), pc.ends_with(texts, f"/{self.text}"))
        for row in plain(view.filter(mine)).to_pylist():
            state = {True: "active", False: "inactive"}.get(row["active"], "")
            holder = next(iter(self._of(row["principal"])), None) or {}
            used = row.get("last_used")
            missing = [] if used or row.get("last_used_known") else ["when it was last used"]
            yield self._answer(
                what=str(row["kind"]).replace("_", " "), provider=row["provider"], account=row["account"],
                principal=row["principal"], name=holder.get("name"), kind=holder.get("kind"), state=state,
                created=row.get("created"), expires=row.get("expires"), last_used=used, admin=holder.get("admin"),
                owner=row.get("owner"), because="its id", missing=missing,
            )  # fmt: skip

    def _of(self, principal: str) -> list[dict[str, Any]]:
        return self._rows(self._view.filter(pc.equal(self._view["id"].cast(pa.string()), principal)))

    def _resources(self) -> Iterator[dict[str, Any]]:
        facts = self._estate.facts("resources", ("id", "account", "kind", "name", "created", "principal"))
        for row in plain(facts.filter(pc.equal(facts["id"].cast(pa.string()), self.text))).to_pylist():
            yield self._answer(
                what=row["kind"], provider=row["provider"], account=row["account"], principal=row["principal"],
                name=row["name"], created=row["created"], because="its id",
            )  # fmt: skip

    def _places(self) -> Iterator[dict[str, Any]]:
        """Accounts and what they lie in, by their id, its last part or their number."""
        columns = ("id", "kind", "name", "status", "number", "parent")
        low = self.text.lower()
        found: dict[str, dict[str, Any]] = {}
        for row in plain(self._estate.facts("scopes", columns)).to_pylist():
            ids = (row["id"].lower(), row["id"].rpartition("/")[2].lower(), (row["number"] or "").lower())
            # Of the hierarchy several snapshots tell; the first that has a name says most.
            if low in ids and not found.get(row["id"], {}).get("name"):
                found[row["id"]] = row
        for id, row in found.items():
            yield self._answer(
                what=row["kind"].replace("_", " "), provider=row["provider"], account=id if self._holds(id) else None,
                name=row["name"], state=(row["status"] or "").lower(),
                because="its id" if low == id.lower() else "a part of its id",
            )  # fmt: skip
        told = {row["provider"] for row in found.values()}
        for scope in (one.scope for one in self._estate.estate.entries):
            if scope.id.lower() == low and scope.provider not in told:
                yield self._answer(what=scope.kind, provider=scope.provider, account=scope.id, because="its id")

    def _holds(self, place: str) -> bool:
        """Whether a place is an account, and not only what accounts lie in."""
        return place in self._accounts or any(one.scope.id == place for one in self._estate.estate.entries)

    # --- what logs tell

    def _sessions(self) -> Iterator[dict[str, Any]]:
        """A temporary key, with the chain of calls that began its session."""
        links = {row["key"]: row for row in plain(self._estate.workspace.lake.sessions()).to_pylist()}
        if self.text not in links and not self._last_of_key:
            return
        first = links.get(self.text)
        chain: list[str] = []
        at = first
        while at is not None and len(chain) < _LONGEST_CHAIN:
            chain.append(f"{at['by'] or 'somebody'} became {at['role']} at {at['time']:%Y-%m-%dT%H:%M:%SZ}"
                         f"{' as ' + at['session'] if at['session'] else ''} (event {at['event']})")  # fmt: skip
            at = links.get(at["by_key"])
        seen = self._last_of_key
        principal = first["role"] if first is not None else seen.get("principal", "")
        row = next(iter(self._of(principal)), None)
        missing = [] if first is not None else ["the call that began its session: no log that was taken in has it"]
        more = {
            "last_used": seen.get("time"), "last_used_by": seen.get("ip"), "chain": chain,
            "missing": missing if seen else [*missing, "any use of it"],
        }  # fmt: skip
        told = self._identity(row, "temporary key of a session", "the logs") if row is not None else self._answer(
            what="temporary key of a session", principal=principal, because="the logs",
            account=seen.get("account") or "", provider=(first or seen).get("provider"),
        )  # fmt: skip
        began = None if first is None else _time(first["time"])
        yield told | more | {"last_used": _time(more["last_used"]), "created": began, "state": None}

    @cached_property
    def _last_of_key(self) -> dict[str, Any]:
        """The newest event that was signed with the key; empty where there is none."""
        where = pc.field("credential").cast(pa.string()) == self.text
        columns = ("time", "principal", "account", "ip", "provider")
        rows = plain(self._estate.workspace.lake.events(where=where, columns=columns)).to_pylist()
        return max(rows, key=lambda row: row["time"], default={})

    # --- who is of no provider, and what the form tells

    def _outside(self) -> Iterator[dict[str, Any]]:
        bearer = outsider(self.text)
        if bearer is None:
            return
        askings = each_of(self._estate.workspace, self._estate.estate, self._estate.file)
        opens = sorted({
            f"{entered.target} ({entered.state})"
            for door in Federated(self._estate.workspace, askings).doors
            if door.form == OIDC and bearer.principal.startswith(f"{door.issuer}|")
            for entered in door.tries(bearer.token) if entered.state is not State.DENIED
        })  # fmt: skip
        yield self._answer(
            what="workload outside the estate", principal=bearer.principal, kind="external", opens=opens,
            because="issuer and subject",
            missing=["what it is, and who may change it: its system is not collected"],
        )  # fmt: skip

    def _by_form(self) -> dict[str, Any]:
        """What the form of the id tells; nothing of the estate has it."""
        forms = {
            name: form for name, one in self._estate.workspace.providers().items()
            if one.ids is not None and (form := one.ids(self.text)) is not None
        }  # fmt: skip
        missing = ["who has it: nothing of the estate has this id, and no log that was taken in"]
        if not forms:
            return self._answer(what="not known", missing=missing, because="its form is none that a provider knows")
        provider, form = next(iter(forms.items()))
        account = form.account
        if account and not self._read(account):
            missing.append(f"what is in {account}: it is none of the accounts that were read")
        return self._answer(what=form.what, provider=provider, account=account, because=form.because, missing=missing)

    def _read(self, account: str) -> bool:
        scopes = {entry.scope.id for entry in self._estate.estate.entries if entry.manifest is not None}
        return account in scopes or account in self._accounts

    @cached_property
    def _accounts(self) -> frozenset[str]:
        return frozenset(self._view["account"].cast(pa.string()).unique().to_pylist())

    def _answer(self, **told: Any) -> dict[str, Any]:
        person = self._estate.people.get(told.get("principal") or "")
        account = told.get("account") or ""
        found = dict.fromkeys(COLUMNS) | {"opens": [], "chain": [], "missing": []} | told
        return found | {
            "id": self.text, "account": account or None, "account_read": self._read(account) if account else None,
            "person": person.name if person else None, "left": person.left if person else None,
            "created": _time(told.get("created")), "expires": _time(told.get("expires")),
            "last_used": _time(told.get("last_used")), "state": told.get("state") or None,
        }  # fmt: skip


def _time(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())


def whois(estate: OpenEstate, text: str) -> Whois:
    """What an id is; see `Looking`."""
    return Looking(estate, text).found()
