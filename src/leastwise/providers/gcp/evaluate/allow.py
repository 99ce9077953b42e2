"""What allow policies grant: those of the resource and of all above it, together.

https://cloud.google.com/iam/docs/allow-policies
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap
from leastwise.providers.conditions import ConditionError

from ..language.cel import parse_condition
from ..language.members import CONVENIENCE, Member
from ..language.names import canonical
from ..language.policies import Binding
from ..language.resources import bucket_of
from ..language.roles import without_condition
from .conditions import Truth, judge, lacking
from .membership import includes
from .request import AllowFacts, Request


@dataclass(frozen=True, slots=True)
class Grant:
    """What one binding makes of a request.

    Args:
        place: full name of the resource that has the policy.
        binding: the binding.
        role: whether the role holds the permission.
        members: whether the caller is a member, by member.
        condition: when the binding's condition is true, and false.
        inert: why the role gives nothing, or empty.
    """

    place: str
    binding: Binding
    role: Formula
    members: tuple[tuple[Member, Formula], ...]
    condition: Truth
    inert: str = ""

    @property
    def member(self) -> Formula:
        """Whether the caller is one of the members."""
        return any_of(found for _, found in self.members)

    @property
    def formula(self) -> Formula:
        """When the binding grants."""
        return all_of((self.role, self.member, self.condition.true))


@dataclass(frozen=True, slots=True)
class Allow:
    """What all bindings grant, and what was not read of them."""

    grants: tuple[Grant, ...]
    unread: tuple[str, ...]

    @property
    def formula(self) -> Formula:
        """When one of them grants."""
        gaps = (Literal(Gap(one)) for one in self.unread)
        return any_of((*(grant.formula for grant in self.grants), *gaps))


def allow(asked: Request) -> Allow:
    """What the allow policies of the resource and of all above it make of a request."""
    return Allow(tuple(_grants(asked)), unread(asked))


def unread(asked: Request) -> tuple[str, ...]:
    """What may grant and was not read."""
    chain = asked.chain
    found = [f"the policy of {name}" for name in chain.unread]
    if chain.open:
        found.append(f"what is above {chain.names[-1]}")
    return (*found, *access_policies(asked), *_lists(asked))


_WITH_ACCESS_POLICIES = frozenset({"eventarc.googleapis.com"})
"""Services whose resources access policies grant and deny. https://cloud.google.com/iam/docs/access-policies"""
_OF_LISTS = frozenset(
    f"storage.googleapis.com/objects.{verb}" for verb in ("get", "update", "getIamPolicy", "setIamPolicy")
)
"""What an object's access control list can give. https://cloud.google.com/storage/docs/access-control/lists"""


def access_policies(asked: Request) -> list[str]:
    """The access policies that may decide, which are not evaluated."""
    if asked.service not in _WITH_ACCESS_POLICIES:
        return []
    found = [one for one in asked.estate.access if asked.chain.holds(one.target) is not False]
    return [f"what the access policy {one.policy} says" for one in found]


def _lists(asked: Request) -> list[str]:
    """The access control list of an object, where its bucket lets objects have one."""
    bucket = asked.estate.places.get(bucket_of(asked.resource) or "")
    told = bucket is not None and bucket.lists and "/objects/" in asked.resource and asked.permission in _OF_LISTS
    return [f"the access control list of {asked.resource}"] if told else []


def _grants(asked: Request) -> Iterator[Grant]:
    for name in asked.chain.names:
        place = asked.estate.places.get(name)
        if place is None or place.policy is None:
            continue
        for binding in place.policy.bindings:
            role, inert = role_holds(asked, binding.role)
            members = tuple((one, includes(one, asked)) for one in binding.members)
            reached = role is not False and any(found is not False for _, found in members)
            condition = condition_of(asked, binding, place.policy.version) if reached else Truth(True, False)
            yield Grant(name, binding, role, members, condition, inert)


def role_holds(asked: Request, name: str) -> tuple[Formula, str]:
    """Whether a role holds the permission, and why it gives nothing, where that is so.

    A role whose permissions were not told may hold any.
    """
    bare = without_condition(name) or name
    known = asked.estate.roles.get(role_key(asked, bare))
    if known is not None and known.inert:
        return False, known.inert
    permissions = known.permissions if known is not None else None
    if permissions is None and bare.startswith("roles/"):
        found = asked.estate.catalogue(bare)
        permissions = None if found is None else canonical_set(found)
    if permissions is None:
        return Literal(Gap(f"the permissions of {bare}")), ""
    return asked.permission in permissions, ""


@lru_cache(maxsize=4096)
def canonical_set(permissions: frozenset[str]) -> frozenset[str]:
    """Permissions in their canonical spelling."""
    return frozenset(map(canonical, permissions))


def role_key(asked: Request, role: str) -> str:
    """A role's name with the id of its project where that is known."""
    owner, _, rest = role.partition("/roles/")
    project = owner.removeprefix("projects/")
    return f"projects/{asked.estate.projects.id(project) or project}/roles/{rest}" if project != owner else role


def condition_of(asked: Request, binding: Binding, version: int) -> Truth:
    """When a binding's condition is true; not known where it was left out, or does not parse.

    https://cloud.google.com/iam/docs/policies#specifying-version-get
    """
    if binding.condition is None:
        if without_condition(binding.role) is None:
            return Truth(True, False)
        return lacking(f"the condition of {binding.role} (its policy was read as version {version or 1}, not 3)")
    try:
        return judge(parse_condition(binding.condition), AllowFacts(asked))
    except ConditionError as error:
        return lacking(f"the condition {binding.title or binding.condition!r} of {binding.role}, which {error}")


def convenience(grant: Grant) -> list[Member]:
    """The convenience values among the members of a binding."""
    return [one for one, _ in grant.members if one.kind in CONVENIENCE]
