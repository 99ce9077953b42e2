"""What principals hold, in the form in which usage is taken from it: of one exactly, of all by their own policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.holdings import Alike, GivenBy, Part
from leastwise.model.decision import Cube, State

from ..evaluate.policy import Policy, Statement
from ..evaluate.services import fixed
from ..evaluate.statements import Target
from ..evaluate.variables import has_variables
from .actions import actions
from .granted import Granted
from .side import Side


def parts_of(cubes: Sequence[Cube]) -> tuple[Part, ...]:
    """Cubes as parts, without the permissions that everybody has whatever policies say."""
    numbers, free = _numbers(), free_permissions()
    made = (Part(BitMap(numbers[one] for one in cube.permissions) - free, cube.resources, cube.state) for cube in cubes)
    return tuple(part for part in made if part.permissions)


def missing_of(cubes: Sequence[Cube]) -> tuple[str, ...]:
    """What was not read and would decide about some of them."""
    return tuple(dict.fromkeys(text for cube in cubes for text in cube.missing))


def given_by(policies: Sequence[Policy], layer: str) -> Iterator[GivenBy]:
    """What each statement of some policies gives, whatever limits it."""
    for policy in policies:
        for statement in policy.statements:
            if statement.effect == "Allow":
                name = statement.sid or str(statement.position + 1)
                part = _part(statement)
                yield GivenBy(layer, policy.name, name, policy.source, part.permissions, part.resources)


def _part(statement: Statement) -> Part:
    """What an Allow gives; what has no resource is covered by a statement about everything only."""
    found = BitMap(np.flatnonzero(actions().mask(statement)).astype(np.uint32)) - free_permissions()
    resources = statement.resources if statement.resources is not None else ("*",)
    if not any(set(one) == {"*"} for one in resources):
        found -= _everywhere()
    return Part(found, tuple(resources), State.CONDITIONAL if statement.tests else State.ALLOWED)


@cache
def free_permissions() -> BitMap:
    """The numbers of the permissions that users or roles have whatever policies say."""
    table, anything = actions(), Target("*")
    told = ((number, fixed(table.names[number], anything, kind)) for number in table.rows("sts") for kind in _KINDS)
    return BitMap(number for number, rule in told if rule is not None and rule.allowed)


_KINDS = ("user", "role")


@cache
def _numbers() -> dict[str, int]:
    return {name: number for number, name in enumerate(actions().names)}


@cache
def _everywhere() -> BitMap:
    """The permissions that are about no resource."""
    return BitMap(np.flatnonzero(actions().wildcard_only).astype(np.uint32))


@cache
def _consenting() -> BitMap:
    """The permissions that what they are about decides too: of a key its policy, of a role its trust policy."""
    table = actions()
    return BitMap(table.rows("kms")) - _everywhere() | BitMap(np.flatnonzero(table.becoming).astype(np.uint32))


class Bundles(dict[int, tuple[Part, ...]]):
    """What each document gives, worked out when it is first asked for; a document is told once however many hold it."""

    def __init__(self, side: Side, granted: Granted) -> None:
        self._estate, self._granted = side.estate, granted
        self._given: dict[tuple[bytes, bool], BitMap] = {}
        self._texts = self._estate.texts("resource.texts").all()
        arrays, rows = self._estate.arrays, self._estate.rows("st_resource")
        # Lists: single numbers are read, which arrays are slow at.
        self._first: list[int] = arrays["doc_st.starts"].tolist()
        self._deny: list[bool] = arrays["st_deny"].tolist()
        self._about: list[bool] = (np.asarray(arrays["resource.sign"]) > 0).tolist()
        self._tested: list[bool] = (np.asarray(arrays["st_condition"]) >= 0).tolist()
        self._variables: list[bool] = arrays["st_variables"].tolist()
        self._begins: list[int] = rows.starts.tolist()
        self._codes: list[int] = np.asarray(rows.values).tolist()
        self.plain: dict[int, bool] = {}
        """Of the documents that were asked for: whether nothing but the resource decides, and no denial is in part."""

    def __missing__(self, document: int) -> tuple[Part, ...]:
        found, plain = [], True
        for number in range(self._first[document], self._first[document + 1]):
            if self._deny[number]:
                plain = plain and _plain(self._estate.statement(number))
                continue
            part = self._part(number)
            moving = self._variables[number] and any("${" in one for one in part.resources)
            plain = plain and self._about[number] and not (moving or self._tested[number])
            plain = plain and not part.permissions.intersect(_consenting())
            if part.permissions:
                found.append(part)
        self.plain[document] = plain
        made = self[document] = tuple(found)
        return made

    def _part(self, number: int) -> Part:
        """What an Allow gives; what has no resource is covered by a statement about everything only."""
        codes = self._codes[self._begins[number] : self._begins[number + 1]] if self._about[number] else []
        resources = tuple(self._texts[code] for code in codes) or ("*",)
        everything = any(one.strip("*") == "" for one in resources)
        listed = self._granted.listed(number)
        key = (listed.serialize(), everything)
        found = self._given.get(key)
        if found is None:
            found = self._given[key] = listed - _free_of(everything=everything)
        return Part(found, resources, State.CONDITIONAL if self._tested[number] else State.ALLOWED)


@cache
def _free_of(*, everything: bool) -> BitMap:
    """The permissions that an Allow does not give: those of everybody, and unless it is about everything, some more."""
    return free_permissions() if everything else free_permissions() | _everywhere()


class Holders:
    """Every user and role, in groups of those with the same policies in one account."""

    def __init__(self, side: Side) -> None:
        self._side, self._estate = side, side.estate
        self._granted = Granted(side.access)
        self.bundles = Bundles(side, self._granted)
        self._ids = self._estate.principal_ids.all()
        self._limits: dict[tuple[object, ...], BitMap | None] = {}
        self._opened: dict[str, BitMap] = {}

    def groups(self) -> Iterator[Alike]:
        """Every user and role, once."""
        arrays = self._estate.arrays
        if not self._estate.principals:
            return
        bad, boundary = np.append(arrays["doc_bad"], False), np.asarray(arrays["principal.boundary"])
        unread = (np.asarray(arrays["principal.unread"]) | (boundary < -1) | bad[np.maximum(boundary, -1)]).tolist()
        named = set(self._side.granting.named)
        starts, held = arrays["att.starts"].tolist(), np.asarray(arrays["att.doc"]).tolist()
        kinds = [np.asarray(arrays[f"principal.{one}"]).tolist() for one in ("account", "kind", "native")]
        found: dict[tuple[tuple[int, ...], int, tuple[int, ...], bool, int], list[int]] = {}
        for number, limit in enumerate(boundary.tolist()):
            documents: tuple[int, ...] = tuple(sorted({int(one) for one in held[starts[number] : starts[number + 1]]}))
            alone = number if number in named else -1
            key = (documents, limit, tuple(one[number] for one in kinds), unread[number], alone)
            found.setdefault(key, []).append(number)
        for key, members in found.items():
            yield self._group(key[0], members, unread=key[3], named=key[4] >= 0)

    def _group(self, documents: tuple[int, ...], members: list[int], *, unread: bool, named: bool) -> Alike:
        first, estate = members[0], self._estate
        ids = tuple(sorted(self._ids[number] for number in members))
        kind, native, account = (estate.word(f"principal.{one}", first) or "" for one in ("kind", "native", "account"))
        if unread:
            return Alike(ids, kind, native, account, (), None, exact=False, unread=True)
        for document in documents:
            self.bundles[document]
        boundary = int(estate.arrays["principal.boundary"][first])
        limit = self._limit(documents, boundary, account, first)
        plain = not named and account in self._plainly and all(map(self.bundles.plain.__getitem__, documents))
        exact = plain and (boundary < 0 or all(map(_plain, estate.policy(boundary, "", "").statements)))
        exact = exact and not self._besides(documents, limit, account)
        return Alike(ids, kind, native, account, documents, limit, exact=exact, unread=False)

    def _besides(self, documents: tuple[int, ...], limit: BitMap | None, account: str) -> BitMap:
        """What resources may let everyone of an account do that some documents do not give."""
        found = self._open(account) if limit is None else self._open(account) & limit
        for document in documents if found else ():
            found = found - BitMap.union(BitMap(), *(part.permissions for part in self.bundles[document]))
        return found

    def _open(self, account: str) -> BitMap:
        if account not in self._opened:
            granting = self._side.granting
            masks = [mask for thing in granting.open_in(account) for mask in granting.allowing(thing).values()]
            whole = (BitMap(np.flatnonzero(mask).astype(np.uint32)) for mask in masks)
            self._opened[account] = BitMap.union(BitMap(), *whole) - free_permissions()
        return self._opened[account]

    def _limit(self, documents: tuple[int, ...], boundary: int, account: str, number: int) -> BitMap | None:
        """What denials everywhere and always, the boundary and guardrails leave of all permissions; None for all."""
        denying = tuple(one for one in documents if self._granted.said(one)[1])
        key = (denying, boundary, account)
        if key not in self._limits:
            limits = self._granted.limits(number)
            found = BitMap(range(len(actions().names))) if limits or denying else None
            if found is not None:
                for allow, deny in limits:
                    found = (found & allow) - deny
                for document in denying:
                    found -= self._granted.said(document)[1]
                found.run_optimize()  # nearly everything: a few runs
            self._limits[key] = found
        return self._limits[key]

    @cached_property
    def _plainly(self) -> frozenset[str]:
        """The accounts above which guardrails say the same of every resource, always, and all were read."""
        found = set()
        for account in self._estate.texts("principal.account.texts").all():
            told = [self._side.access.guardrails.levels(kind, account) for kind in ("scp", "rcp")]
            levels = [level for found_, _ in told for level in found_ or ()]
            statements = [s for level in levels for policy in level for s in policy.statements]
            if not any(gaps for _, gaps in told) and all(map(_plain, statements)):
                found.add(account)
        return frozenset(found)


def _plain(statement: Statement) -> bool:
    """Whether an Allow has no condition, and a Deny says the same of every resource, always.

    A Deny for root users alone is none for users and roles.
    """
    if statement.effect == "Allow":
        return not statement.tests and not (statement.variables and any(map(has_variables, statement.resources or ())))
    everyone = all(one.type == "*" for one in statement.principals or ()) and statement.not_principals is None
    return everyone and "*" in (statement.resources or ()) and (not statement.tests or _for_root(statement))


def _for_root(statement: Statement) -> bool:
    return any(
        test.key.lower() == "aws:principalarn"
        and test.operator in ("StringLike", "ArnLike", "StringEquals", "ArnEquals")
        and all(value.endswith(":root") for value in test.values)
        for test in statement.tests
    )
