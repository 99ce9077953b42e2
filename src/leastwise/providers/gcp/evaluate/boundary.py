"""Principal access boundaries: which resources a principal may reach at all, and which permissions they can block.

Boundaries unite: what one of those that a principal is subject to lists, it may reach. Under none it may reach
everything; a permission that none of them can block at its enforcement version is not touched.
https://cloud.google.com/iam/docs/principal-access-boundary-policies
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pkgutil import get_data
from typing import Any

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap
from leastwise.providers.conditions import ConditionError

from ..language.cel import parse_condition
from ..language.members import CONSUMERS, Kind
from ..language.names import PermissionPattern, permission_pattern
from ..language.policies import Boundary, BoundaryBinding
from ..language.resources import path_of, scope, scope_of
from .conditions import judge
from .membership import below, of_customer, same_pool
from .request import PrincipalFacts, Request

_FEDERATED = frozenset({Kind.SUBJECT, Kind.POOL, Kind.POOL_GROUP, Kind.POOL_ATTRIBUTE, Kind.NAMESPACE, Kind.AGENT})


@dataclass(frozen=True, slots=True)
class Bounded:
    """What one binding of a boundary makes of a request.

    Args:
        binding: the binding.
        boundary: what it binds; None where that was not read.
        applies: whether the caller is subject to it.
        lists: whether it makes the caller eligible for the resource.
        blocks: whether it can block the permission.
    """

    binding: BoundaryBinding
    boundary: Boundary | None
    applies: Formula
    lists: Formula
    blocks: Formula


@dataclass(frozen=True, slots=True)
class Eligible:
    """What all boundaries make of a request."""

    bounds: tuple[Bounded, ...]

    @property
    def formula(self) -> Formula:
        """When nothing blocks the caller."""
        blocking = any_of(all_of((one.applies, one.blocks)) for one in self.bounds)
        listed = any_of(all_of((one.applies, one.lists)) for one in self.bounds)
        return any_of((negate(blocking), listed))


def eligible(asked: Request) -> Eligible:
    """What the boundaries that bind the caller make of a request."""
    found = []
    for one in bounds(asked):
        applies = all_of((in_set(asked, one.binding.target), conditional(asked, one.binding)))
        if applies is not False:
            found.append(replace(one, applies=applies))
    return Eligible(tuple(found))


def bounds(asked: Request) -> Iterator[Bounded]:
    """What each binding of a boundary makes of a request of somebody who is subject to it."""
    for binding in asked.estate.bound:
        boundary = asked.estate.boundaries.get(binding.policy)
        if boundary is None:
            unread = f"the policy {binding.policy}"
            lists, blocks = (Literal(Gap(unread, denies=denies)) for denies in (False, True))
            yield Bounded(binding, None, True, lists, blocks)
            continue
        listed = any_of(_within(asked, one) for one in boundary.resources)
        version = boundary.version if boundary.version is not None else enforcement().default
        yield Bounded(binding, boundary, True, listed, can_block(version, asked.permission))


def _within(asked: Request, listed: str) -> Formula:
    """Whether the resource is, or lies in, one that a boundary lists."""
    wanted = asked.estate.projects.canonical(listed)
    if scope_of(wanted) is None:
        return False
    found = asked.chain.holds(wanted)
    return Literal(Gap(f"whether {asked.resource} lies in {wanted}")) if found is None else found


def conditional(asked: Request, binding: BoundaryBinding) -> Formula:
    """Whether a binding's condition lets it apply; it fails closed where it cannot be evaluated.

    https://cloud.google.com/iam/docs/principal-access-boundary-policies#fail-open
    """
    if binding.condition is None:
        return True
    try:
        return negate(judge(parse_condition(binding.condition), PrincipalFacts(asked.who)).false)
    except ConditionError as error:
        return Literal(Gap(f"the condition of {binding.name}, which {error}"))


def in_set(asked: Request, target: str) -> Formula:
    """Whether the caller is in the principal set of a binding.

    https://cloud.google.com/iam/docs/principal-access-boundary-policies#principal-sets
    """
    who, path = asked.who, path_of(target)
    if who.deleted or who.kind in (Kind.EVERYONE, Kind.AUTHENTICATED):
        return False
    if target.startswith("//iam.googleapis.com/"):
        _, found, customer = path.partition("locations/global/workspace/")
        if found:
            person = who.kind in (Kind.USER, Kind.DOMAIN)
            return of_customer(asked.estate, customer, _domain(asked)) if person else _any_group(asked)
        if who.kind is Kind.KUBERNETES:
            return path.rpartition("/")[2].lower() == who.pool
        return who.kind in _FEDERATED and same_pool(asked.estate, path, who.pool)
    if scope_of(target) is None:
        host = target.removeprefix("//").partition("/")[0]
        return who.kind is Kind.AGENT and who.pool == host and _in_container(path, who.id)
    home = home_of(asked)
    if home is not None:
        return below(asked.estate, home, target)
    if not target.startswith("//cloudresourcemanager.googleapis.com/organizations/"):
        return Literal(Gap(f"the project of {who.text}")) if who.kind is Kind.SERVICE_ACCOUNT else False
    return _of_organization(asked, target)


def _in_container(path: str, agent: str) -> bool:
    container = path.removeprefix("attribute.container/")
    return f"/{agent}/".find(f"/{container}/") >= 0


def _domain(asked: Request) -> str:
    return asked.who.id if asked.who.kind is Kind.DOMAIN else asked.who.domain


def _any_group(asked: Request) -> Formula:
    """A group stands for whoever is in it, who may be of a domain or not."""
    return Literal(Gap(f"the members of {asked.who.text}")) if asked.who.kind is Kind.GROUP else False


def home_of(asked: Request) -> str | None:
    """The project of a service account, of a workload pool or of an agent."""
    who = asked.who
    if who.kind is Kind.SERVICE_ACCOUNT:
        return asked.estate.home(who.id)
    if who.kind in (Kind.SERVICE_ACCOUNTS, Kind.SERVICE_AGENTS):
        return scope(who.id)
    if who.kind is Kind.KUBERNETES:
        return asked.estate.project(who.pool.removesuffix(".svc.id.goog"))
    if who.kind in _FEDERATED and who.pool.startswith("projects/"):
        return asked.estate.project(who.pool.split("/")[1])
    if who.kind is Kind.AGENT:
        _, found, rest = who.id.partition("/projects/")
        return asked.estate.project(rest.partition("/")[0]) if found else None
    return None


def _of_organization(asked: Request, target: str) -> Formula:
    """Whether a caller without a project is of an organization: by its domain, or by its workforce pool."""
    who = asked.who
    if who.kind in (Kind.USER, Kind.DOMAIN):
        known = asked.estate.organizations.get(target)
        found = None if known is None else known.has(_domain(asked))
        if found is not None:
            return found
        elsewhere = any(_domain(asked) in one.domains for one in asked.estate.organizations.values())
        return False if elsewhere or _domain(asked) in CONSUMERS else Literal(Gap(f"the domains of {target}"))
    if who.kind is Kind.CUSTOMER:
        known = asked.estate.organizations.get(target)
        return (
            Literal(Gap(f"the customer of {target}"))
            if known is None or not known.customer
            else known.customer == who.id
        )
    if who.kind in _FEDERATED:
        owner = asked.estate.pools.get(who.pool)
        return Literal(Gap(f"the organization of {who.pool}")) if owner is None else owner == target
    if who.kind is Kind.SERVICE_ACCOUNT:
        return Literal(Gap(f"the project of {who.text}"))
    return _any_group(asked)


# --- enforcement versions ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Enforcement:
    """What boundaries can block, by the version that first can; `default` is that of a policy that names none."""

    default: int
    versions: Mapping[int, tuple[tuple[PermissionPattern, ...], tuple[PermissionPattern, ...]]]


@cache
def enforcement() -> Enforcement:
    """The bundled lists. https://cloud.google.com/iam/docs/pab-blocked-permissions"""
    import yaml

    body: Mapping[str, Any] = yaml.safe_load(get_data("leastwise.providers.gcp", "data/boundaries.yaml") or b"")
    lists = {number: (_patterns(one["can"]), _patterns(one["but"])) for number, one in body["versions"].items()}
    return Enforcement(body["default"], lists)


def _patterns(texts: str) -> tuple[PermissionPattern, ...]:
    found = [permission_pattern(text, bare=True) for text in texts.split()]
    assert None not in found, "a pattern of data/boundaries.yaml is none"
    return tuple(one for one in found if one is not None)


@lru_cache(maxsize=1 << 15)
def can_block(version: int, permission: str) -> Formula:
    """Whether a boundary of an enforcement version can block a permission; not known of versions to come."""
    known = enforcement()
    for number, (can, but) in known.versions.items():
        excepted = any(one.takes(permission) for one in but)
        if number <= version and not excepted and any(one.takes(permission) for one in can):
            return True
    newest = max(known.versions)
    return Literal(Gap(f"what enforcement version {version} blocks")) if version > newest else False
