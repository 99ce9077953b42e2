"""What is known of a resource tree: resources with their policies, groups, tags, roles; and what lies above what."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..language.members import CONSUMERS, Kind, Member
from ..language.policies import AccessBinding, AllowPolicy, Boundary, BoundaryBinding, DenyPolicy
from ..language.resources import (
    MANAGER,
    Projects,
    above,
    folders_of,
    inside_of,
    path_of,
    project_of,
    scope,
    scope_of,
)
from ..language.roles import Role

_AGENT = re.compile(r"service-(?:org-|folder-)?\d+", re.ASCII)


def is_named_agent(account: str) -> bool:
    """Whether an address alone says that it is a service agent's, by the forms that most agents have.

    Whoever makes a service account may call it `service-…`; an agent has a number there.
    https://cloud.google.com/iam/docs/service-agents
    """
    name, _, domain = account.partition("@")
    known = domain == "cloudservices.gserviceaccount.com" or domain.startswith("gcp-sa-")
    return known or _AGENT.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Place:
    """A resource that was read.

    Args:
        name: its full name, canonical.
        parent: what it names as its parent, canonical; None where it names none.
        policy: its allow policy, or None for none.
        scheme: load balancing scheme of a forwarding rule; empty where there is none.
        lists: whether what lies in it may have access control lists of its own, which are not part of IAM.
        astray: whether its project was not told: what is named as its parent is only known to be above that.
        unnumbered: whether tags are bound to numbers beside it, and its own is not known: some may be its tags.
    """

    name: str
    parent: str | None = None
    policy: AllowPolicy | None = None
    scheme: str = ""
    lists: bool = False
    astray: bool = False
    unnumbered: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """A member of a group; `until` is when that ends (RFC 3339), or empty."""

    member: Member
    until: str = ""


@dataclass(frozen=True, slots=True)
class Organization:
    """What an organization says of its people: primary domain and customer id; empty where it does not.

    `others` are further domains of theirs, `whole` says whether there are none but these.
    """

    domain: str = ""
    customer: str = ""
    others: frozenset[str] = frozenset()
    whole: bool = False

    @property
    def domains(self) -> frozenset[str]:
        """Every domain of theirs that is known."""
        return self.others | {self.domain} if self.domain else self.others

    def has(self, domain: str) -> bool | None:
        """Whether people of a domain are theirs; None where that is not known: it may be a secondary one."""
        if domain in self.domains:
            return True
        return False if domain in CONSUMERS or self.whole else None


@dataclass(frozen=True, slots=True)
class TagValue:
    """A value of a tag key; parts that were not read are empty."""

    id: str
    short: str
    key: str
    namespaced_key: str


@dataclass(frozen=True)
class Estate:
    """The facts.

    Args:
        places: resources by full name.
        edges: parents that other resources named (`ancestors` of Cloud Asset), by full name.
        projects: ids and numbers of projects.
        roles: roles that were read, by name.
        catalogue: permissions (as the vendor writes them) of a predefined role, or None.
        denies: deny policies by the full name of what they are attached to.
        boundaries: principal access boundary policies by name.
        bound: their bindings.
        groups: members by mail address; a group that is not in it was not read.
        partly: groups of which only some members were read, by mail address.
        organizations: by full name.
        tags: ids of tag values attached, by full name of the resource.
        tag_values: values by id and by namespaced name.
        accounts: full name of the project of a service account, by mail address.
        pools: full name of the organization of a workforce pool, by the pool's name.
        access: bindings of access policies, which are not evaluated.
        unread: what may deny and was not read, by the full name of what it would be attached to.
    """

    places: Mapping[str, Place] = field(default_factory=dict)
    edges: Mapping[str, str] = field(default_factory=dict)
    projects: Projects = field(default_factory=Projects)
    roles: Mapping[str, Role] = field(default_factory=dict)
    catalogue: Callable[[str], frozenset[str] | None] = lambda _: None
    denies: Mapping[str, Sequence[DenyPolicy]] = field(default_factory=dict)
    boundaries: Mapping[str, Boundary] = field(default_factory=dict)
    bound: Sequence[BoundaryBinding] = ()
    groups: Mapping[str, Sequence[Membership]] = field(default_factory=dict)
    partly: Collection[str] = ()
    organizations: Mapping[str, Organization] = field(default_factory=dict)
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tag_values: Mapping[str, TagValue] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)
    access: Sequence[AccessBinding] = ()
    unread: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def chain(self, name: str) -> Chain:
        """A resource and all above it."""
        found: list[str] = []
        unread: list[str] = []
        astray = ""
        at: str | None = self.projects.canonical(name)
        while at is not None and at not in found:
            found.append(at)
            if at not in self.places and inside_of(at) is None:
                unread.append(at)
            if self.astray(at):
                astray = at
                unread.append(f"the project of {at}")
            nearer = self._folders(at)
            found += [one for one in nearer if one not in found]
            at = self.parent(at)
        return Chain(tuple(found), tuple(unread), not self._whole(found[-1]), self.projects, astray)

    def astray(self, name: str) -> bool:
        """Whether the project of a resource was not told; see `Place`."""
        place = self.places.get(name)
        return place is not None and place.astray

    def _folders(self, name: str) -> list[str]:
        """The managed folders that an object lies in, where they were read."""
        return folders_of(name, self.managed) if self.managed else []

    @cached_property
    def managed(self) -> Sequence[str]:
        """The managed folders that were read."""
        return [one for one in self.places if "/managedFolders/" in one]

    def parent(self, name: str) -> str | None:
        """What a resource lies in; None where nothing is known to be above it."""
        place = self.places.get(name)
        named = place.parent if place is not None else None
        for one in above(name):
            # What lies between a resource and what it names as its parent, by its own name, was read as well.
            if one in self.places and one != named:
                return one
        if named is not None:
            return named
        within = inside_of(name)
        if within is not None:
            return self.projects.canonical(within)
        if name in self.edges:
            return self.edges[name]
        if scope_of(name) is not None:
            return None
        project = project_of(name)
        if project is not None:
            return self.projects.canonical(scope(f"projects/{project}"))
        path = path_of(name).split("/")
        return scope("/".join(path[:2])) if path[0] in ("folders", "organizations") and len(path) > 2 else None

    def _whole(self, name: str) -> bool:
        """Whether nothing can be above the last of a chain: an organization, or what was read and names nothing."""
        return name in self.places or name.startswith(f"{MANAGER}organizations/")

    def home(self, account: str) -> str | None:
        """The full name of the project of a service account or agent, or None where that is not known.

        https://cloud.google.com/iam/docs/service-account-types
        """
        if account in self.accounts:
            return self.accounts[account]
        name, _, domain = account.partition("@")
        first, _, rest = domain.partition(".")
        if rest == "iam.gserviceaccount.com" and (self.keeps(account) or not is_named_agent(account)):
            return self._project(first)
        if rest.endswith(".iam.gserviceaccount.com") and not rest.startswith("gserviceaccount"):
            # A project of a domain: `project.domain.com.iam.gserviceaccount.com` is `domain.com:project`.
            return self._project(f"{rest.removesuffix('.iam.gserviceaccount.com')}:{first}")
        if domain == "appspot.gserviceaccount.com":
            return self._project(name)
        number = name.removeprefix("service-").removesuffix("-compute")
        return self._project(number) if number.isdigit() else None

    def keeps(self, account: str) -> bool:
        """Whether an address is of a project that was read, where only users have service accounts made."""
        project, _, rest = account.partition("@")[2].partition(".")
        return rest == "iam.gserviceaccount.com" and project in self.projects.numbers

    def _project(self, project: str) -> str:
        return self.projects.canonical(scope(f"projects/{project}"))

    def project(self, project: str) -> str:
        """The canonical full name of the project of an id or number."""
        return self._project(project)

    def members_of(self, group: str) -> Iterator[tuple[Member, bool]]:
        """Everybody in a group, also through others, each once; and groups whose members were not read, with True."""
        seen: set[str] = set()
        told: set[Member] = set()
        queue = [group]
        while queue:
            at = queue.pop(0)
            if at in seen:
                continue
            seen.add(at)
            if at not in self.groups or at in self.partly:
                yield Member(Kind.GROUP, at, text=f"group:{at}"), True
            for one in self.groups.get(at, ()):
                if one.member.kind is Kind.GROUP and not one.member.deleted:
                    queue.append(one.member.id)
                elif one.member not in told:
                    told.add(one.member)
                    yield one.member, False


@dataclass(frozen=True, slots=True)
class Chain:
    """A resource and what is above it.

    Args:
        names: full names, from the resource up.
        unread: those of them that were not read, though they can have a policy.
        open: whether there may be more above, which is not known.
        projects: ids and numbers of projects.
        astray: the one of them whose project is not known, or empty.
    """

    names: tuple[str, ...]
    unread: tuple[str, ...]
    open: bool
    projects: Projects
    astray: str = ""

    def holds(self, name: str) -> bool | None:
        """Whether a project, folder or organization is in it; None where that is not known."""
        if name in self.names:
            return True
        scoped = scope_of(name)
        if self.astray and scoped is not None and not scoped.startswith("organizations/"):
            return None
        above_it = scoped is not None and not scoped.startswith("projects/")
        # A project has none below another, so only a chain that reached none can still come to one.
        reached = [one for one in map(scope_of, self.names) if one is not None and not one.startswith("organizations/")]
        if scoped is not None and scoped.startswith("projects/") and any(self._maybe(scoped, one) for one in reached):
            return None
        return None if self.open and (above_it or not reached) else False

    def _maybe(self, wanted: str, one: str) -> bool:
        """Whether a number and an id may be those of one project, of which neither tells the other."""
        two = (wanted.removeprefix("projects/"), one.removeprefix("projects/"))
        number, id = sorted(two, key=lambda each: not each.isdigit())
        known = number in self.projects.ids or id in self.projects.numbers
        return one.startswith("projects/") and number.isdigit() and not id.isdigit() and not known
