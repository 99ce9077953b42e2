"""Whose principals are, and who approves: the claims of code, tags, estate.yaml and logs."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from leastwise.rightsizing.code.places import Place
from leastwise.rightsizing.owning import By, Claim, Whose, same_name, whose

from .code_index import Code
from .estate import OpenEstate
from .estate_file import Match, Owner
from .globs import matches
from .provenance import Provenance

_COLUMNS = ("id", "account", "name", "mail", "owner", "tags")


class Owning:
    """Owners and approvers of the principals of an estate.

    Args:
        estate: with its estate.yaml.
        code: that grants come from; None where it was not given.
    """

    def __init__(self, estate: OpenEstate, code: Code | None) -> None:
        self._estate, self._code = estate, code

    def of(self, principal: str, account: str = "", name: str = "", holders: Sequence[str] = ()) -> Whose:
        """Owner and approver of one principal, each with why; of what several have, by its name and account.

        Where nothing is said of such a thing itself, what is said alike of all who have it counts.
        """
        bare = {"id": principal, "account": account, "name": name, "mail": "", "tags": {}}
        row = self._rows.get(principal, bare)
        mine = self._names(row)
        claims = list(self._claims(row))
        if principal not in self._rows and holders:
            claims += self._alike(holders)
        return whose(claims, lambda name: same_name(name, mine))

    def _alike(self, holders: Sequence[str]) -> Iterator[Claim]:
        """What is claimed of each of several, whoever of them it is."""
        each = [list(self._claims(self._rows[one])) for one in holders if one in self._rows]
        for claim in each[0] if each else ():
            if claim.by is not By.CHANGED and all(any(_same(claim, one) for one in some) for some in each):
                yield replace(claim, where=f"{claim.where}, of all who have it")

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, Any]]:
        """What read models tell of each, before estate.yaml is laid over."""
        found: dict[str, Mapping[str, Any]] = {}
        for manifest in self._estate.estate.manifests:
            table = self._estate.tables.read(manifest, "identities", _COLUMNS)
            found |= {row["id"]: row for row in table.to_pylist(maps_as_pydicts="lossy")}
        return found

    @cached_property
    def _ends(self) -> Counter[str]:
        """How many have the same last part of their id."""
        return Counter(id.rpartition("/")[2] for id in self._rows)

    @cached_property
    def _places(self) -> Mapping[str, Sequence[Place]]:
        """The places of code by the name of whose they are."""
        found: dict[str, list[Place]] = {}
        for one in self._code.index.places if self._code is not None else ():
            found.setdefault(one.owner.text, []).append(one)
        return found

    @cached_property
    def _changes(self) -> Provenance:
        return Provenance(self._estate)

    def _names(self, row: Mapping[str, Any]) -> list[str]:
        """By what names the principal itself goes, and the person whose it is."""
        names = [row["id"], row["id"].rpartition("/")[2], row["name"] or "", row["mail"] or ""]
        names.append((row["mail"] or "").partition("@")[0])
        person = self._estate.people.get(row["id"])
        if person is not None:
            names += [person.name, *(one.account.id for one in person.accounts)]
        return names

    def _claims(self, row: Mapping[str, Any]) -> Iterator[Claim]:
        yield from self._of_code(row)
        if row.get("owner"):
            yield Claim(row["owner"], By.TAG, "the tag owner")
        for number, rule in enumerate(self._estate.file.owners):
            if rule.match.path or rule.match.resource:
                continue
            claim = self._of_rule(number, rule, row)
            if claim is not None:
                yield claim
        changed = self._changes.latest(row["id"])
        if changed is not None:
            who = changed["source_identity"] or changed["origin"] or changed["principal"]
            session = f" (session {changed['session']})" if changed["session"] else ""
            if not same_name(who, self._names(row)):
                yield Claim(who, By.CHANGED, f"changed it last, on {changed['time'].date()}{session}")

    def _of_code(self, row: Mapping[str, Any]) -> Iterator[Claim]:
        """Who owns the file that makes it."""
        if self._code is None:
            return
        shared = row["id"] not in self._rows
        name = (row["name"] if shared else "") or row["id"].rpartition("/")[2]
        # Code does not say which account it is applied to.
        alone = self._ends[name] < 2
        for place in self._places.get(name, ()):
            if place.sign and place.sign not in row["id"]:
                continue
            if not alone and row["id"] not in place.owner_ids:
                continue
            at = f"{place.file}:{place.line}"
            if who := self._code.owner_of(place):
                yield Claim(who, By.CODE, f"CODEOWNERS, for {at}")
            for number, rule in enumerate(self._estate.file.owners):
                if rule.match.path and _inside(place.file, rule.match.path):
                    yield Claim(rule.team, By.CODE, f"estate.yaml, owners[{number}], for {at}")
            return

    def _of_rule(self, number: int, rule: Owner, row: Mapping[str, Any]) -> Claim | None:
        match, where = rule.match, f"estate.yaml, owners[{number}]"
        if match.principal and not matches(row["id"], match.principal):
            return None
        if match.account and not matches(row["account"] or "", match.account):
            return None
        if match.tag:
            value = next((v for k, v in (row["tags"] or {}).items() if k.lower() == match.tag.lower()), None)
            if value is None:
                return None
            return Claim(value if rule.team == "*" else rule.team, By.TAG, f"the tag {match.tag}, by {where}")
        by = By.ACCOUNT if match == Match(account=match.account) else By.ENTRY
        team = (row.get("owner") or "") if rule.team == "*" else rule.team
        return Claim(team, by, f"{where}, for account {match.account}" if by is By.ACCOUNT else where)


def _same(one: Claim, other: Claim) -> bool:
    return (one.who, one.by) == (other.who, other.by)


def _inside(file: str, folder: str) -> bool:
    wanted = posixpath.normpath(folder)
    return file == wanted or file.startswith(f"{wanted}/") or matches(file, folder)
