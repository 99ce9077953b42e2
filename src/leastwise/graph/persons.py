"""Persons: accounts of several providers that are one human being's, each with the reason that says so.

See decision 0039: what estate.yaml says, then ids that never change, then mail in domains of ours; never names.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SAID, PROVISIONED, MAIL, ALONE = "estate.yaml", "provisioned", "mail", "alone"
"""Why an account is a person's: estate.yaml says so; a directory gave it its id; its mail; nothing joins it to any."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a human being.

    Args:
        provider: that holds it.
        scope: of the snapshot.
        id: the vendor's.
        name: the vendor's.
        mail: its address, in lower case; empty for none.
        enabled: None where that is not known.
        ours: None where it is not known whether it is of our own directory.
        given: ids that a directory gave it: the account there, or the issuer and id that no account of the estate has.
        directory: it is of a directory, from which others are provisioned.
    """

    provider: str
    scope: str
    id: str
    name: str
    mail: str = ""
    enabled: bool | None = None
    ours: bool | None = None
    given: tuple[str, ...] = ()
    directory: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What estate.yaml says of a person: accounts (by id or mail) that are his, and such that are not."""

    name: str
    accounts: tuple[str, ...]
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Belonging:
    """An account of a person, why it is his, and what that rests on."""

    account: Account
    reason: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class Person:
    """One person.

    Args:
        name: as estate.yaml has it, else that of the home.
        accounts: his, the home first.
        home: the account that the others follow; None where no directory has one.
        left: whether the person has left; None where nothing tells.
        because: why so.
    """

    name: str
    accounts: tuple[Belonging, ...]
    home: Account | None = None
    left: bool | None = None
    because: str = ""


@dataclass(frozen=True)
class Known:
    """What else is known.

    Args:
        said: the people of estate.yaml.
        domains: mail domains of ours.
        whole: issuers' ids (as `Account.given` has them) whose directory was read as a whole: an id of theirs that no
            account has is of somebody who is no more there.
        gone: addresses that a directory which was read as a whole would have, and has not.
    """

    said: Sequence[Said] = ()
    domains: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


@dataclass
class _Cluster:
    members: dict[str, Belonging] = field(default_factory=dict)
    said: Said | None = None


class Joining:
    """Joins the accounts of an estate.

    Args:
        accounts: those of human beings; of one id the one that says most.
        known: see there.
    """

    def __init__(self, accounts: Iterable[Account], known: Known) -> None:
        self._accounts = {one.id: one for one in accounts}
        self._known = known
        self._of: dict[str, _Cluster] = {}
        self._by_mail: dict[str, list[Account]] = defaultdict(list)
        for one in self._accounts.values():
            if one.mail:
                self._by_mail[one.mail].append(one)

    def persons(self) -> list[Person]:
        """Everybody, also those with one account; by name."""
        told = [(said, _Cluster(said=said)) for said in self._known.said]
        for by_id in (True, False):
            for said, cluster in told:
                self._join_said(said, cluster, by_id=by_id)
        for one in self._accounts.values():
            self._of.setdefault(one.id, _Cluster({one.id: Belonging(one, ALONE, "")}))
        for one in self._accounts.values():
            for given in one.given:
                if given in self._accounts:
                    self._join(one, self._accounts[given], PROVISIONED, f"{one.id} was given the id {given}")
        for mail in sorted(self._by_mail):
            self._join_mail(mail)
        clusters = {id(one): one for one in self._of.values()}
        found = [self._person(one) for one in clusters.values()]
        return sorted(found, key=lambda one: (one.name, one.accounts[0].account.id))

    def _join_said(self, said: Said, cluster: _Cluster, *, by_id: bool) -> None:
        """What estate.yaml says by ids goes before what it says by addresses."""
        for text in said.accounts:
            if by_id:
                named = [self._accounts[text]] if text in self._accounts else []
            else:
                named = self._by_mail.get(text.lower(), [])
            for one in named:
                if one.id not in self._of:
                    cluster.members[one.id] = Belonging(one, SAID, text)
                    self._of[one.id] = cluster

    def _join_mail(self, mail: str) -> None:
        """Accounts of one address, where the address is one of ours and each provider has it once."""
        several = [one for one in self._by_mail[mail] if one.ours is not False]
        if len(several) < 2 or mail.rpartition("@")[2] not in self._known.domains:
            return
        times = Counter(one.provider for one in several)
        several = [one for one in several if times[one.provider] == 1]
        for place, one in enumerate(several):
            # Whom estate.yaml keeps from the first may still be the others'.
            for other in several[:place]:
                if self._join(one, other, MAIL, mail):
                    break

    def _join(self, one: Account, other: Account, reason: str, rests_on: str) -> bool:
        """Make two persons one; whether they are then."""
        mine, his = self._of[one.id], self._of[other.id]
        if mine is his or not _may(mine, his):
            return mine is his
        for id, belonging in mine.members.items():
            his.members[id] = Belonging(belonging.account, reason, rests_on) if belonging.reason == ALONE else belonging
            self._of[id] = his
        his.said = his.said or mine.said
        first = his.members[other.id]
        if first.reason == ALONE:
            his.members[other.id] = Belonging(first.account, reason, rests_on)
        return True

    # --- who a person is

    def _person(self, cluster: _Cluster) -> Person:
        accounts = [one.account for one in cluster.members.values()]
        home = _home(accounts)
        left, because = self._left(accounts, home, cluster.said)
        order = sorted(cluster.members.values(), key=lambda one: (one.account is not home, one.account.id))
        name = cluster.said.name if cluster.said else (home or accounts[0]).name
        return Person(name, tuple(order), home, left, because)

    def _left(self, accounts: Sequence[Account], home: Account | None, said: Said | None) -> tuple[bool | None, str]:
        """Whether a person has left, and why that is known."""
        for one in accounts:
            for id in one.given:
                issuer = id.rpartition("|")[0]
                if id not in self._accounts and issuer in self._known.whole:
                    return True, f"{id} is no more in its directory"
        if home is not None and home.enabled is not None:
            return home.enabled is False, f"{home.id} is {'enabled' if home.enabled else 'disabled'}"
        if said is not None:
            gone = next((one for one in said.accounts if one.lower() in self._known.gone), "")
            if gone and not self._by_mail.get(gone.lower()):
                return True, f"{gone} is no more in its directory"
            disabled = next((one for one in accounts if one.enabled is False), None)
            if disabled is not None:
                return True, f"{disabled.id} is disabled"
            return (False if any(one.enabled for one in accounts) else None), ""
        return None, ""


def _may(one: _Cluster, other: _Cluster) -> bool:
    """Whether nothing that estate.yaml says stands between two."""
    if one.said is not None and other.said is not None:
        return False
    for said, members in ((one.said, other.members), (other.said, one.members)):
        apart = {text.lower() for text in said.apart} if said is not None else set()
        if any({belonging.account.id.lower(), belonging.account.mail} & apart for belonging in members.values()):
            return False
    return True


def _home(accounts: Sequence[Account]) -> Account | None:
    given = {id for one in accounts for id in one.given}
    for found in ([one for one in accounts if one.id in given], [one for one in accounts if one.directory]):
        if found:
            return min(found, key=lambda one: one.id)
    return None


def by_account(persons: Iterable[Person]) -> Mapping[str, Person]:
    """The person of each account."""
    return {belonging.account.id: one for one in persons for belonging in one.accounts}


def joined(persons: Iterable[Person]) -> Iterator[Person]:
    """Those with several accounts, of whom estate.yaml says something, or who are known to have left."""
    return (one for one in persons if len(one.accounts) > 1 or one.accounts[0].reason == SAID or one.left)
