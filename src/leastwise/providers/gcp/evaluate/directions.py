"""The reference's other two directions: who can, over everybody whom policies name, and what can, over all permissions
that roles hold; each asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from leastwise.engine.formula import Formula
from leastwise.model.decision import State

from ..language.members import CONVENIENCE, Kind, Member
from ..language.names import written
from ..language.policies import Binding
from ..language.roles import without_condition
from .allow import allow, canonical_set, role_holds, role_key, unread
from .boundary import eligible
from .decide import access, decide
from .deny import Denial, deny, rules
from .explain import STATES
from .membership import includes
from .request import Request
from .worlds import solver


@dataclass(frozen=True, slots=True)
class Listed:
    """Who can.

    Args:
        states: state of each that is not denied, by its member string.
        unlisted: whether something that was not read may let in others.
        missing: what that is.
    """

    states: Mapping[str, State]
    unlisted: bool
    missing: tuple[str, ...]


def state(asked: Request) -> State:
    """The state of one decision."""
    return STATES[decide(asked).verdict.outcome]


class _Told:
    """States of many decisions that come to the same formulas; each is solved once."""

    def __init__(self) -> None:
        self._solver, self._known = solver(), dict[Formula, State]()

    def state(self, asked: Request) -> State:
        formula = False if asked.who.deleted else access(allow(asked), deny(asked), eligible(asked))
        if formula not in self._known:
            self._known[formula] = STATES[self._solver.verdict(formula).outcome]
        return self._known[formula]


def who_can(asked: Request) -> Listed:
    """Who can do what is asked; the caller of the question does not matter.

    Groups stand as their members, and as themselves where these were not read; `allUsers`, domains and principal sets
    as they are written. One whom only such a set lets in, which is in the list itself, is not named beside it.
    """
    granting = list(dict.fromkeys(_granted(asked)))
    named = list(dict.fromkeys([*granting, *_excepted(asked)]))
    found: dict[Member, State] = {}
    told = _Told()
    for who in named:
        answer = told.state(replace(asked, who=who))
        if answer is not State.DENIED:
            found[who] = answer
    sets = [one for one in found if not one.single]
    states = {
        who.text: answer
        for who, answer in found.items()
        if who in granting or not any(covers(asked, one, who, one in granting) and found[one] is answer for one in sets)
    }
    missing = unlisted(asked)
    return Listed(dict(sorted(states.items())), bool(missing), missing)


def unlisted(asked: Request) -> tuple[str, ...]:
    """What was not read and may let others in; nothing where a deny rule keeps out everyone, whatever grants."""
    if any(_of_everyone(one) for one in rules(asked)):
        return ()
    return tuple(dict.fromkeys((*unread(asked), *unread_members(asked))))


def _of_everyone(one: Denial) -> bool:
    """Whether a rule applies for certain, to everyone and with no exception."""
    applies = one.placed is True and one.permission is True and one.condition is True
    named = any(each.kind is Kind.EVERYONE for each in one.rule.principals)
    return applies and named and not one.rule.exceptions


def covers(asked: Request, one: Member, who: Member, granted: bool) -> bool:
    """Whether who is in a set for certain, and so need not be named beside it.

    Of two sets that are one the other, that is told which a binding names (`granted`), or comes first.
    """
    if who == one or includes(one, replace(asked, who=who)) is not True:
        return False
    return granted or who.single or one.text < who.text or includes(who, replace(asked, who=one)) is not True


def _granted(asked: Request) -> Iterator[Member]:
    """Everybody in a binding whose role may hold the permission."""
    for name in asked.chain.names:
        place = asked.estate.places.get(name)
        for binding in place.policy.bindings if place is not None and place.policy is not None else ():
            if role_holds(asked, binding.role)[0] is not False:
                for member in binding.members:
                    yield from expanded(asked, member)


def unread_members(asked: Request) -> Iterator[str]:
    """Policies of projects that were not read, whose holders of basic roles a binding may let in."""
    for name in asked.chain.names:
        place = asked.estate.places.get(name)
        for binding in place.policy.bindings if place is not None and place.policy is not None else ():
            if role_holds(asked, binding.role)[0] is not False:
                for member in binding.members:
                    if member.kind in CONVENIENCE:
                        chain = asked.estate.chain(asked.estate.project(member.id))
                        yield from (f"the policy of {one}" for one in chain.unread)


def _excepted(asked: Request) -> Iterator[Member]:
    """Everybody whom a deny rule excepts: a set that is denied may have let them in."""
    for policies in asked.estate.denies.values():
        for policy in policies:
            for rule in policy.rules:
                for member in rule.exceptions:
                    yield from expanded(asked, member)


def expanded(asked: Request, member: Member) -> Iterator[Member]:
    """The identities and sets that a member stands for; nobody for one that was deleted."""
    if member.deleted:
        return
    if member.kind is Kind.GROUP:
        for one, _ in asked.estate.members_of(member.id):
            if one.kind is Kind.GROUP:
                yield one
            else:
                yield from expanded(asked, one)
    elif member.kind in CONVENIENCE:
        chain = asked.estate.chain(asked.estate.project(member.id))
        for name in chain.names:
            place = asked.estate.places.get(name)
            for binding in place.policy.bindings if place is not None and place.policy is not None else ():
                if binding.role == CONVENIENCE[member.kind]:
                    # A convenience value is no member of a project's policy, so this ends.
                    for one in binding.members:
                        if one.kind not in CONVENIENCE:
                            yield from expanded(asked, one)
    else:
        yield member


def what_can(asked: Request) -> dict[str, State]:
    """What the caller is not denied on the resource, by permission as the catalogue writes it, with each state."""
    found, told = {}, _Told()
    for permission in sorted(held_permissions(asked)):
        answer = told.state(replace(asked, permission=permission))
        if answer is not State.DENIED:
            found[written(permission)] = answer
    return dict(sorted(found.items()))


def unknown_roles(asked: Request) -> list[str]:
    """Roles of bindings that may reach the caller of which it is not known what they hold."""
    return sorted({role for role in _roles(asked) if permissions_of(asked, role) is None})


def held_permissions(asked: Request) -> set[str]:
    """The permissions of every role in a binding that may reach the caller, in their canonical spelling."""
    return set().union(*(permissions_of(asked, role) or () for role in dict.fromkeys(_roles(asked))))


def reaching(asked: Request) -> Iterator[Binding]:
    """The bindings on the resource and above it that may reach the caller."""
    for name in asked.chain.names:
        place = asked.estate.places.get(name)
        for binding in place.policy.bindings if place is not None and place.policy is not None else ():
            if any(includes(member, asked) is not False for member in binding.members):
                yield binding


def _roles(asked: Request) -> Iterator[str]:
    for binding in reaching(asked):
        yield without_condition(binding.role) or binding.role


def permissions_of(asked: Request, role: str) -> frozenset[str] | None:
    """The permissions of a role in their canonical spelling, none for one that gives nothing; None if not known."""
    known = asked.estate.roles.get(role_key(asked, role))
    if known is not None and (known.inert or known.permissions is not None):
        return frozenset() if known.inert else known.permissions
    found = asked.estate.catalogue(role) if role.startswith("roles/") else None
    return None if found is None else canonical_set(found)
