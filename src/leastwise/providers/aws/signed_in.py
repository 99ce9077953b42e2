"""Who lands on which role by Identity Center: people to whom permission sets are assigned, themselves or by a group.

https://docs.aws.amazon.com/singlesignon/latest/userguide/assignusers.html
https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leastwise.model.decision import State
from leastwise.providers.base import ScopeTables
from leastwise.providers.tabled import rows_of

from .assigned import reserved_roles, set_names

USER = "identity_center_user"
_ASSIGNED, _IN_GROUP = "leastwise:identity-center:assigned", "leastwise:identity-center:in-group"
"""Whom stands for by whom assignments, or members of groups, were not read: all of these lead to the same roles."""
_TOLD = {
    _ASSIGNED: "whoever has assignments of Identity Center that were not read",
    _IN_GROUP: "whoever is in groups of Identity Center whose members were not read",
}
_SETS = "account assignments"


@dataclass(frozen=True)
class SignedIn:
    """People of Identity Center in accounts.

    Args:
        leads: who becomes whom, and how surely.
        others: what of that stands for something, by id.
        missing: the roles that somebody has and the estate does not.
    """

    leads: Mapping[tuple[str, str], State] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def signed_in(scopes: Sequence[ScopeTables]) -> SignedIn:
    """What the tables tell of assignments; somebody who is disabled cannot sign in."""
    people = {
        id for id, native, enabled in rows_of(scopes, "principals", "id", "native", "enabled")
        if native == USER and enabled is not False
    }  # fmt: skip
    if not people:
        return SignedIn()
    names, roles = set_names(scopes), reserved_roles(scopes)
    members: dict[str, list[str]] = defaultdict(list)
    for member, group, kind in rows_of(scopes, "memberships", "member", "group", "kind"):
        if kind == "identity_center_group":
            members[group].append(member)
    leads: dict[tuple[str, str], State] = {}
    unlisted: set[str] = set()
    lost: dict[str, set[str]] = defaultdict(set)
    columns = ("bundle", "principal", "principal_kind", "account")
    for bundle, principal, kind, account in rows_of(scopes, "assignments", *columns):
        name = names.get(bundle, bundle.rpartition("/")[2])
        role = roles.get(name, {}).get(account)
        if role is None:
            lost[account].add(name)
            continue
        several = members.get(principal, ()) if kind == "group" else (principal,)
        leads |= {(one, role): State.ALLOWED for one in several if one in people}
        if kind == "group" and principal not in members:
            unlisted.add(role)
    perhaps = dict(_perhaps(scopes, people))
    ends = {_ASSIGNED: [role for one in roles.values() for role in one.values()], _IN_GROUP: sorted(unlisted)}
    used = {end for end in perhaps.values() if ends[end]}
    leads |= {(id, end): State.UNKNOWN for id, end in perhaps.items() if end in used}
    leads |= {(end, role): State.UNKNOWN for end in sorted(used) for role in ends[end]}
    missing = (f"what {_several(sets)} may do in {account}" for account, sets in sorted(lost.items()))
    return SignedIn(leads, {end: _TOLD[end] for end in used}, tuple(missing))


def _perhaps(scopes: Sequence[ScopeTables], people: set[str]) -> Iterator[tuple[str, str]]:
    """People of whom not everything was read, and what stands for it: assignments before members of groups."""
    told = rows_of(scopes, "attachments", "kind", "target", "policy")
    unread = sorted((target, policy != _SETS) for kind, target, policy in told if kind == "unread" and target in people)
    for target, of_groups in reversed(unread):
        yield target, _IN_GROUP if of_groups else _ASSIGNED


def _several(sets: set[str]) -> str:
    first, *others = sorted(sets)
    return f"permission set {first}{f' and {len(others)} others' if others else ''}, whose role was not read,"
