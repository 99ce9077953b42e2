"""What is left of identity policies when only some permissions are wanted, statement by statement.

A statement gives its actions on its resources under its conditions, and several stand beside each other: what one of
them gives without a condition needs no other.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html. So a
smaller document is made of the statements that there are, each with fewer actions and resources; what denies stays.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import count
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.engine.containment import Containment
from leastwise.engine.holdings import Part
from leastwise.engine.patterns import Pattern, lies_in, meets
from leastwise.model.decision import State
from leastwise.model.plan import Held
from leastwise.providers.base.shrinking import Cut, Wanted

from .. import catalog
from ..compiled.actions import actions
from ..compiled.folding import folded
from ..compiled.held import given_by
from ..containment import documents_contain
from ..evaluate.arn import resource_pattern
from ..evaluate.policy import Policy, PolicyError, Statement, Test, action_pattern, parse_policy
from ..evaluate.variables import has_variables

_ALL = "*"


@dataclass(eq=False)
class _Actions:
    """Which permissions a statement gives; it is worked out once for however many hold its document."""

    statement: Statement
    _holding: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def taken(self) -> BitMap:
        """The numbers of the actions of the catalogue that it takes in."""
        return BitMap(np.flatnonzero(actions().mask(self.statement)).astype(np.uint32))

    @cached_property
    def given(self) -> int:
        """How many permissions of the catalogue it gives."""
        return len(BitMap.union(BitMap(), *(one.permissions for one in given_by([Policy("", (self.statement,))], ""))))

    @cached_property
    def _wild(self) -> Mapping[str, list[Pattern]]:
        """The patterns of its actions that take in several, by their service; those of any under an empty one."""
        found: dict[str, list[Pattern]] = {}
        for one in self.statement.actions or ():
            if one.literal is None:
                service, colon, _ = one.prefix.lower().partition(":")
                found.setdefault(service if colon else "", []).append(one)
        return found

    def holds(self, text: str) -> bool:
        """Whether a pattern with wildcards lies in one of its own."""
        known = self._holding.get(text)
        if known is None:
            pattern, service = action_pattern(text), text.lower().partition(":")[0]
            near = (*self._wild.get(service, ()), *self._wild.get("", ()))
            known = self._holding[text] = any(lies_in(pattern, one) for one in near)
        return known


@dataclass(eq=False)
class _Giving:
    """An Allow statement, and what of it is kept: by permission the patterns of resources; None: all that it has."""

    actions: _Actions
    body: Mapping[str, Any]
    kept: dict[str, dict[str, None] | None] = field(default_factory=dict)

    @property
    def statement(self) -> Statement:
        return self.actions.statement

    @property
    def conditional(self) -> bool:
        return bool(self.statement.tests)

    @cached_property
    def tests(self) -> frozenset[Test]:
        """Its conditions."""
        return frozenset(self.statement.tests)

    def names(self, text: str) -> bool:
        """Whether a text is one of its resources, as it is written."""
        return text in (self.statement.resources or ())

    def gives(self, resource: str, *, doubt: bool) -> bool:
        """Whether it gives its actions on a resource, conditions aside; where variables decide, as `doubt` says."""
        texts = self.statement.resources if self.statement.resources is not None else self.statement.not_resources or ()
        on = self.statement.resources is not None
        for one in texts:
            if self._varies(one):
                if doubt is on and _open(one).matches(resource):
                    return doubt
            elif resource_pattern(one).matches(resource):
                return on
        return not on

    def everywhere(self) -> bool:
        """Whether it surely gives its actions on all resources."""
        return not self.conditional and any(one == _ALL for one in self.statement.resources or ())

    def surely(self, resource: Pattern) -> bool:
        """Whether it surely gives its actions on all that a pattern takes in."""
        return not self.conditional and self.covers(resource)

    def covers(self, resource: Pattern) -> bool:
        """Whether its resources surely take in all of a pattern."""
        if self.statement.resources is None:
            return all(meets(resource, _open(one)) is False for one in self.statement.not_resources or ())
        return any(
            not self._varies(one) and lies_in(resource, resource_pattern(one)) for one in self.statement.resources
        )

    def may(self, resource: Pattern) -> bool:
        """Whether it may give its actions on something that a pattern takes in."""
        if self.statement.resources is None:
            return not any(
                not self._varies(one) and lies_in(resource, resource_pattern(one))
                for one in self.statement.not_resources or ()
            )
        return any(meets(resource, _open(one)) is not False for one in self.statement.resources)

    def keep(self, permission: str, text: str | None) -> None:
        """Keep a permission on what of a resource it gives; None: on all that it gives it on."""
        if text is None or self.kept.get(permission, {}) is None:
            self.kept[permission] = None
            return
        found = self._pieces(text)
        held = self.kept.setdefault(permission, {})
        if found is None or held is None:
            self.kept[permission] = None
        else:
            held.update(dict.fromkeys(found))

    def _pieces(self, text: str) -> list[str] | None:
        """What of its resources lies in a pattern, or all that may; None where that is not said by patterns."""
        resource = resource_pattern(text)
        if self.statement.resources is None:
            apart = all(meets(resource, _open(one)) is False for one in self.statement.not_resources or ())
            return [text] if apart else None
        for one in self.statement.resources:
            if not self._varies(one) and lies_in(resource, resource_pattern(one)):
                return [text]
        return [one for one in self.statement.resources if meets(resource, _open(one)) is not False]

    def _varies(self, text: str) -> bool:
        return self.statement.variables and has_variables(text)


@lru_cache(maxsize=8192)
def _open(text: str) -> Pattern:
    """The pattern of a resource whose variables may be anything."""
    while has_variables(text):
        before, _, rest = text.partition("${")
        text = f"{before}*{rest.partition('}')[2]}"
    return resource_pattern(text)


@dataclass
class _Document:
    """A document that is being cut."""

    policy: Policy
    body: Mapping[str, Any]
    giving: dict[int, _Giving]


def cut(documents: Sequence[Held], wanted: Sequence[Wanted], *, short: bool = False) -> list[Cut]:
    """What is left of documents that somebody holds together, see `providers.base.shrinking`.

    Raises:
        ValueError: a document cannot be read; it names the policy.
    """
    read = [_document(one) for one in documents]
    every = [giving for one in read for giving in one.giving.values()]
    for one in wanted:
        _allot(one, every)
    return [_left(one, short=short) for one in read]


def _document(held: Held) -> _Document:
    policy, body, given = _named(held.policy, held.document)
    bodies = _statements(body)
    return _Document(policy, body, {one: _Giving(about, bodies[one]) for one, about in given.items()})


@lru_cache(maxsize=2048)
def _named(name: str, document: bytes) -> tuple[Policy, Mapping[str, Any], Mapping[int, _Actions]]:
    """A document by the name of its policy, and what its Allow statements give by their places. Raises ValueError."""
    try:
        body, statements, given = _read(document)
    except (PolicyError, ValueError, RecursionError) as error:
        raise ValueError(f"{name}: {error}") from None
    return Policy(name, statements), body, given


@lru_cache(maxsize=2048)
def _read(document: bytes) -> tuple[Mapping[str, Any], tuple[Statement, ...], Mapping[int, _Actions]]:
    """A document as it is written, its statements, and what of them gives, by place: the same for all who hold it."""
    body = json.loads(document)
    statements = parse_policy(body).statements
    return body, statements, {one.position: _Actions(one) for one in statements if one.effect == "Allow"}


def _statements(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = body["Statement"]
    return found if isinstance(found, list) else [found]


def _about(permission: str, every: Sequence[_Giving]) -> list[_Giving]:
    """The statements whose actions take in a permission."""
    number = actions().number(permission)
    if number is None:
        return [one for one in every if one.statement.concerns(permission)]
    return [one for one in every if number in one.actions.taken]


def _allot(wanted: Wanted, every: Sequence[_Giving]) -> None:
    """Keep what is wanted in the first statement that surely gives it, else in each that may."""
    mine = _about(wanted.permission, every)
    resources: Iterable[str | None] = wanted.resources or (None,)
    known = catalog.action(wanted.permission)
    if known is not None and known.wildcard_only:
        # What has no resource of its own is given by a statement about everything only.
        mine = [one for one in mine if one.statement.resources is None or _ALL in one.statement.resources]
        resources = (_ALL,)
    for text in resources:
        if text is None or text == _ALL:
            sure = next((one for one in mine if one.everywhere()), None)
            chosen = [sure] if sure is not None else mine
        else:
            resource = resource_pattern(text)
            sure = next((one for one in mine if one.surely(resource)), None)
            chosen = [sure] if sure is not None else [one for one in mine if one.may(resource)]
        for one in chosen:
            one.keep(wanted.permission, text)


def denies(document: bytes) -> bool:
    """Whether a document denies something. Raises ValueError."""
    return any(one.effect == "Deny" for one in _document(Held("", document)).policy.statements)


def contains(inner: Sequence[Held], outer: Sequence[Held]) -> Containment:
    """Whether everything that documents allow together is allowed by others. Raises ValueError."""
    first, second = ([_document(one).policy for one in side] for side in (inner, outer))
    return documents_contain(first, second)


def unchanged(before: Sequence[Held], after: Sequence[Held]) -> Callable[[str, str], bool]:
    """Whether documents surely give a permission on a resource as much as others did, see `providers.base.shrinking`.

    They do where one of them gives it without a condition, or where what each statement gave that may have given it is
    given by one without a condition or with the same.
    """
    old, new = ([one for held in side for one in _document(held).giving.values()] for side in (before, after))

    @cache
    def concerned(permission: str) -> tuple[list[_Giving], list[_Giving]]:
        return _about(permission, old), _about(permission, new)

    def same(permission: str, resource: str) -> bool:
        mine, now = concerned(permission)
        if "*" not in resource and "?" not in resource:
            met = {one.tests for one in now if one.gives(resource, doubt=False)}
            if frozenset() in met:
                return True
            may = [one for one in mine if one.gives(resource, doubt=True)]
            # A variable may stand for it: then the resource has to be there as it is written.
            return all(one.tests in met or _within(one, resource_pattern(resource), now) for one in may)
        asked = resource_pattern(resource)
        if any(one.surely(asked) for one in now):
            return True
        return all(_within(one, asked, now) for one in mine if one.may(asked))

    return same


def _within(old: _Giving, asked: Pattern, now: Sequence[_Giving]) -> bool:
    """Whether what a statement gives of a pattern is given by others that have no condition, or the same."""
    fit = [one for one in now if not one.tests or one.tests == old.tests]
    if old.statement.resources is None:
        return any(one.statement.not_resources == old.statement.not_resources for one in fit)
    for text in old.statement.resources:
        if meets(asked, _open(text)) is False:
            continue
        if not any(one.covers(asked) or one.names(text) or one.covers(_open(text)) for one in fit):
            return False
    return True


def _left(document: _Document, *, short: bool) -> Cut:
    made: list[Mapping[str, Any]] = []
    names = _names(document.body)
    same = True
    for position, body in enumerate(_statements(document.body)):
        giving = document.giving.get(position)
        parts = [body] if giving is None else list(_parts(giving, names, short=short))
        same = same and parts == [body]
        made += parts
    if same:
        return Cut(json.dumps(document.body).encode(), bool(document.giving), same=True)
    gives = any(one.get("Effect") == "Allow" for one in made)
    text = json.dumps({**document.body, "Statement": made}).encode() if made else None
    return Cut(text, gives, same=False)


def _parts(giving: _Giving, names: Iterator[str], *, short: bool) -> Iterator[Mapping[str, Any]]:
    """The statements that keep what is kept of one: as it stands if that is all, else one for each set of resources."""
    if not giving.kept:
        return
    if all(one is None for one in giving.kept.values()) and giving.actions.given <= len(giving.kept):
        yield giving.body
        return
    groups: dict[tuple[str, ...] | None, list[str]] = {}
    for permission in sorted(giving.kept):
        pieces = giving.kept[permission]
        groups.setdefault(None if pieces is None else _fewest(pieces), []).append(permission)
    for number, (on, permissions) in enumerate(groups.items()):
        told = _as_written(giving.body, permissions)
        if short:
            told = _patterns(giving.actions, told)
        yield _smaller(giving, told, on, first=number == 0, names=names)


def _smaller(
    giving: _Giving, actions: Sequence[str], on: tuple[str, ...] | None, *, first: bool, names: Iterator[str]
) -> Mapping[str, Any]:
    """A statement with fewer actions, on fewer resources, in the order and form of the one that it comes from."""
    found: dict[str, Any] = {}
    for key, value in giving.body.items():
        match key:
            case "Sid":
                found[key] = value if first or not value else next(names)
            case "Action" | "NotAction":
                found["Action"] = _written(actions, value)
            case "Resource" | "NotResource" if on is not None:
                found["Resource"] = _written(_in_order(on, value), value)
            case _:
                found[key] = value
    return found


def _as_written(body: Mapping[str, Any], permissions: Sequence[str]) -> list[str]:
    """Actions, those first that the statement names, as it writes them."""
    told = body.get("Action", [])
    listed = {one.lower(): one for one in ([told] if isinstance(told, str) else told)}
    mine = {one.lower(): one for one in permissions}
    named = [text for key, text in listed.items() if key in mine]
    return named + [one for key, one in mine.items() if key not in listed]


def _patterns(given: _Actions, told: Sequence[str]) -> list[str]:
    """Actions, with patterns for those that they stand for exactly, where these lie in the statement's own.

    What the vendor adds later may fall under such a pattern, as it does under that of the statement.
    """
    exact = [one for one in told if "*" not in one and "?" not in one]
    found = [one for one in told if "*" in one or "?" in one]
    places = sorted((one.lower(), place) for place, one in enumerate(exact))
    for text in folded(exact):
        if "*" not in text or given.holds(text):
            found.append(text)
        else:
            found += [exact[place] for place in _beginning(places, text)]
    return list(dict.fromkeys(found))


def _beginning(places: Sequence[tuple[str, int]], text: str) -> list[int]:
    """The places of the actions that a pattern takes in, which says how these begin."""
    begin = text.removesuffix("*").lower()
    first = bisect_left(places, (begin, 0))
    last = bisect_left(places, (f"{begin}\U0010ffff", 0))
    return sorted(place for _, place in places[first:last])


def _in_order(on: Iterable[str], value: object) -> list[str]:
    told = [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []
    held = set(on)
    return [one for one in told if one in held] + sorted(held - set(told))


def _written(texts: Sequence[str], before: object) -> str | list[str]:
    return texts[0] if len(texts) == 1 and isinstance(before, str) else list(texts)


def _fewest(texts: Iterable[str]) -> tuple[str, ...]:
    """Patterns without those that lie in others of them, sorted."""
    found = sorted(texts)
    patterns = {one: resource_pattern(one) for one in found}
    return tuple(
        one for one in found if not any(other != one and lies_in(patterns[one], patterns[other]) for other in found)
    )


def _names(body: Mapping[str, Any]) -> Iterator[str]:
    """Sids that no statement has."""
    taken = {one.get("Sid") for one in _statements(body)}
    return (name for number in count(2) if (name := f"Kept{number}") not in taken)


@lru_cache(maxsize=4096)
def parts(document: bytes) -> tuple[Part, ...]:
    """What each statement of a document gives; see `providers.base.shrinking`. Raises ValueError."""
    policy = _document(Held("", document)).policy
    conditions = {one.sid or str(one.position + 1): bool(one.tests) for one in policy.statements}
    return tuple(
        Part(one.permissions, one.resources, State.CONDITIONAL if conditions[one.statement] else State.ALLOWED)
        for one in given_by([policy], "")
    )
