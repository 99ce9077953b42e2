"""The persons of an estate: accounts of several providers joined, as facts and estate.yaml tell it (decision 0039)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.errors import NotFoundError, UsageError
from leastwise.graph.persons import Account, Belonging, Joining, Known, Person, Said, by_account, joined
from leastwise.model.federation import BETWEEN, issuer_key

from .estate_file import EstateFile

if TYPE_CHECKING:
    from .estate import OpenEstate

HUMAN = "human"
_GIVEN = "external_id:"
"""What the detail begins with that holds an id from a directory; its issuer follows."""
_COLUMNS = ("id", "kind", "native", "name", "mail", "enabled", "directory", "details")


def persons_of(estate: OpenEstate) -> list[Person]:
    """Every person of an estate, also those with one account."""
    humans = _humans(estate)
    directories = _Directories(estate)
    accounts = {one.id: one for one in _accounts(humans, directories)}
    domains = frozenset(estate.file.zone_of_trust.domains) | directories.domains(accounts.values())
    known = Known(said_of(estate.file), domains, directories.whole, directories.gone(estate.file, accounts.values()))
    return Joining(accounts.values(), known).persons()


def people_of(estate: OpenEstate) -> Mapping[str, Person]:
    """The person of each account that is joined to another, or of which estate.yaml tells."""
    if not estate.file.people and not _joinable(estate):
        return {}
    return by_account(joined(persons_of(estate)))


def said_of(file: EstateFile) -> list[Said]:
    """The people of estate.yaml."""
    return [Said(one.name, tuple(one.principals), tuple(one.apart)) for one in file.people]


def _humans(estate: OpenEstate) -> pa.Table:
    table = estate.facts("principals", _COLUMNS)
    return table.filter(pc.equal(table["kind"], HUMAN))


def _joinable(estate: OpenEstate) -> bool:
    """Whether accounts of two providers could be one person's: without a loop over them."""
    table = estate.facts("principals", ("kind", "mail"))
    humans = table.filter(pc.and_(pc.equal(table["kind"], HUMAN), pc.is_valid(table["mail"])))
    return len(pc.unique(humans["provider"])) > 1


def _accounts(humans: pa.Table, directories: _Directories) -> Iterator[Account]:
    """The accounts; of one that two providers tell of that which is more than a name comes last."""
    rows = humans.to_pylist(maps_as_pydicts="lossy")
    for row in sorted(rows, key=lambda one: one["native"] != "directory_object"):
        given = tuple(
            directories.account(issuer_key(key.removeprefix(_GIVEN)), value)
            for key, value in (row["details"] or {}).items() if key.startswith(_GIVEN)
        )  # fmt: skip
        yield Account(
            row["provider"], row["scope"], row["id"], row["name"], (row["mail"] or "").lower(), row["enabled"],
            {"own": True, "foreign": False}.get(row["directory"]), given, directories.is_one(row["provider"]),
        )  # fmt: skip


class _Directories:
    """The directories of an estate, which give others their people."""

    def __init__(self, estate: OpenEstate) -> None:
        providers = estate.workspace.providers()
        self._names = {name for one in providers.values() for name in one.directories}
        self._scopes = {
            row["id"]: row for row in estate.facts("scopes", ("id", "domains", "people_known")).to_pylist()
            if row["provider"] in self._names or row["domains"]
        }  # fmt: skip
        self._issuers: dict[str, str] = {}
        for scope in (one.scope for one in estate.estate.manifests if one.scope.provider in self._names):
            federating = providers[scope.provider].federating
            if federating is not None:
                self._issuers |= {issuer_key(one): scope.id for one in federating.issuers(scope.id)}
        held = estate.facts("principals", ("id",))
        mine = pc.is_in(held["provider"], value_set=pa.array(sorted(self._names), pa.string()))
        self._held = set(held.filter(mine)["id"].to_pylist())

    def is_one(self, provider: str) -> bool:
        """Whether a provider is the directory of others."""
        return provider in self._names

    def account(self, issuer: str, id: str) -> str:
        """The account that an id of an issuer is of; issuer and id where no account of the estate has it."""
        return id if issuer in self._issuers and id in self._held else f"{issuer}{BETWEEN}{id}"

    @property
    def whole(self) -> frozenset[str]:
        """The issuers whose people were all read."""
        return frozenset(issuer for issuer, scope in self._issuers.items() if self._whole(scope))

    def _whole(self, scope: str) -> bool:
        return bool(self._scopes.get(scope, {}).get("people_known"))

    def domains(self, accounts: Any) -> frozenset[str]:
        """The mail domains of these directories: those that they tell, and those of the names of their own people."""
        told = {domain for row in self._scopes.values() for domain in row["domains"] or ()}
        return frozenset(told) | {_domain(one.name) for one in accounts if one.directory and one.ours} - {""}

    def gone(self, file: EstateFile, accounts: Any) -> frozenset[str]:
        """Addresses in estate.yaml that a directory would have which was read as a whole, and that it has not."""
        whole = [one for one in accounts if one.directory and self._whole(one.scope)]
        domains = {_domain(one.name) for one in whole if one.ours} - {""}
        there = {text.lower() for one in whole for text in (one.mail, one.name)}
        said = {text.lower() for one in file.people for text in one.principals}
        return frozenset(text for text in said if _domain(text) in domains and text not in there)


def _domain(text: str) -> str:
    """What follows the @ of an address; empty for what is none, and for guests, whose name holds another's address."""
    head, at, domain = text.lower().rpartition("@")
    return domain if at and "#ext#" not in head and ":" not in head else ""


# --- as values --------------------------------------------------------------------------------------------------------


def person_rows(persons: Sequence[Person], wanted: str | None = None) -> list[dict[str, Any]]:
    """Accounts with their persons, one a row; of one person by name, address or id of an account."""
    chosen = [one for one in persons if wanted is None or _means(one, wanted)]
    return [_row(person, one) for person in chosen for one in person.accounts]


def _row(person: Person, one: Belonging) -> dict[str, Any]:
    return {
        "person": person.name, "left": person.left, "left_because": person.because,
        "provider": one.account.provider, "account": one.account.scope, "id": one.account.id,
        "name": one.account.name, "mail": one.account.mail or None, "enabled": one.account.enabled,
        "home": one.account is person.home, "reason": one.reason, "rests_on": one.rests_on,
    }  # fmt: skip


def _means(person: Person, wanted: str) -> bool:
    text = wanted.lower()
    told = {person.name.lower()}
    for one in person.accounts:
        told |= {one.account.id.lower(), one.account.name.lower(), one.account.mail}
    return text in told


def accounts_of(persons: Sequence[Person], wanted: str) -> list[str]:
    """The ids of the accounts of the person of a name, address or account.

    Raises:
        NotFoundError, UsageError: nobody, or several persons, are meant.
    """
    found = [one for one in persons if _means(one, wanted)]
    if not found:
        raise NotFoundError(f"{wanted}: no person of the estate has this name, address or account")
    if len(found) > 1:
        told = ", ".join(one.accounts[0].account.id for one in found[:3])
        raise UsageError(f"{wanted}: several persons are called so, as {told}: name one by an account")
    return [one.account.id for one in found[0].accounts]
