"""The documents of a case, as Google Cloud gives them, to an estate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from leastwise.model.conformance import CaseError

from ..evaluate.estate import Estate, Membership, Organization, Place, TagValue
from ..language.members import Kind, Member, member_of_mail, parse_member
from ..language.policies import DenyPolicy
from ..language.resources import COMPUTE, MANAGER, Projects, numbered_beside, project_of, scope
from ..language.roles import Role, parse_role
from .reading import Asset, Body, Read, object_of, read_all, text_of


def estate_of(
    documents: Sequence[Mapping[str, Any]], catalogue: Callable[[str], frozenset[str] | None]
) -> Estate:  # fmt: skip
    """The estate that documents make.

    Args:
        documents: {`kind`, `body`} each.
        catalogue: permissions of a predefined role that no document tells, or None.

    Raises:
        CaseError: naming the document and what is wrong with it.
    """
    return _estate(read_all(documents), catalogue)


def _estate(read: Read, catalogue: Callable[[str], frozenset[str] | None]) -> Estate:
    try:
        projects = Projects(_numbers(read.assets))
        places, edges = _places(read.assets, projects)
        tags = _tags(read.assets, projects)
        denies: dict[str, list[DenyPolicy]] = {}
        for policy in read.denies:
            denies.setdefault(projects.canonical(policy.attached), []).append(policy)
        unread: dict[str, list[str]] = {}
        for policy in read.ruleless:
            unread.setdefault(projects.canonical(policy.attached), []).append(f"the rules of {policy.name}")
        return Estate(
            places=_unnumbered(places, tags, read.assets, projects),
            edges=edges,
            projects=projects,
            roles=_roles(read, projects),
            catalogue=catalogue,
            denies=denies,
            boundaries=read.boundaries,
            bound=read.bound,
            access=[replace(one, target=projects.canonical(one.target)) for one in read.access],
            groups=_groups(read.groups),
            organizations=_organizations(read.assets),
            tags=tags,
            tag_values=_tag_values(read.assets),
            accounts=_accounts(read.assets, projects),
            pools=_pools(read.assets),
            unread=unread,
        )
    except ValueError as error:
        raise CaseError(f"documents: {error}") from None


def _of_type(assets: Mapping[str, Asset], *types: str) -> list[tuple[str, Asset]]:
    return [(name, one) for name, one in assets.items() if one.type.rpartition("/")[2] in types]


def _numbers(assets: Mapping[str, Asset]) -> dict[str, str]:
    """Numbers of projects by id, as the projects' own documents tell them."""
    found = {}
    for name, one in assets.items():
        if not name.startswith(f"{MANAGER}projects/"):
            continue
        words = [name.removeprefix(f"{MANAGER}projects/"), text_of(one.data, "name").removeprefix("projects/")]
        words += [each.removeprefix("projects/") for each in one.ancestors[:1] if each.startswith("projects/")]
        number = text_of(one.data, "projectNumber") or next((each for each in words if each.isdigit()), "")
        id = text_of(one.data, "projectId") or next((each for each in words[:1] if not each.isdigit()), "")
        if id and number:
            found[id] = number
    return found


def _places(assets: Mapping[str, Asset], projects: Projects) -> tuple[dict[str, Place], dict[str, str]]:
    places: dict[str, Place] = {}
    edges: dict[str, str] = {}
    for raw, one in assets.items():
        name = projects.canonical(raw)
        line = [projects.canonical(scope(each)) for each in one.ancestors]
        edges |= dict(pairwise(line))
        parent = one.parent or next((each for each in line if each != name), None) or _own_parent(one)
        parent = projects.canonical(parent) if parent else None
        scheme = text_of(one.data, "loadBalancingScheme")
        known = places.get(name)
        if known is not None and one.policy is not None and known.policy not in (None, one.policy):
            raise ValueError(f"{name} has two allow policies")
        policy = one.policy or one.listed or (known.policy if known is not None else None)
        place = Place(name, parent or (known.parent if known is not None else None), policy, scheme, _lists(one))
        places[name] = place
        for alias in _aliases(name, one):
            places.setdefault(alias, replace(place, name=alias))
    return places, edges


def _unnumbered(
    places: Mapping[str, Place], tags: Collection[str], assets: Mapping[str, Asset], projects: Projects
) -> dict[str, Place]:
    """The places; marked are those that do not tell their number, where tags are bound to a number of nobody told."""
    fronts = numbered_beside(tags, places)
    told = {projects.canonical(name) for name, one in assets.items() if text_of(one.data, "id").isdigit()}
    return {
        name: replace(one, unnumbered=True) if name.rpartition("/")[0] in fronts and name not in told else one
        for name, one in places.items()
    }


def _lists(one: Asset) -> bool:
    """Whether objects of a bucket may have access control lists: it says so, or has a list for new ones.

    https://cloud.google.com/storage/docs/uniform-bucket-level-access
    """
    uniform = object_of(object_of(one.data, "iamConfiguration"), "uniformBucketLevelAccess").get("enabled")
    told = uniform is False or bool(one.data.get("defaultObjectAcl"))
    return one.type.rpartition("/")[2] == "Bucket" and uniform is not True and told


def _own_parent(one: Asset) -> str | None:
    """What the object of a project or folder says of its parent, in two forms, and a bucket of its project."""
    given = one.data.get("parent")
    kind = one.type.rpartition("/")[2]
    if kind == "Bucket":
        number = text_of(one.data, "projectNumber")
        return scope(f"projects/{number}") if number else None
    if kind not in ("Project", "Folder", "Organization"):
        return None
    if isinstance(given, Mapping):
        return scope(f"{text_of(given, 'type')}s/{text_of(given, 'id')}") if given else None
    return scope(given) if isinstance(given, str) and given else None


def _aliases(name: str, one: Asset) -> list[str]:
    """Other names of a service account (by mail address and unique id) and of what Compute Engine numbers.

    Tags are bound to a virtual machine by its number:
    https://cloud.google.com/resource-manager/docs/tags/tags-creating-and-managing#attaching
    """
    if "/serviceAccounts/" in name and one.type.rpartition("/")[2] == "ServiceAccount":
        others = [text_of(one.data, "email"), text_of(one.data, "uniqueId")]
    elif name.startswith(COMPUTE):
        others = [each for each in (text_of(one.data, "id"),) if each.isdigit()]
    else:
        return []
    front = name.rpartition("/")[0]
    return [f"{front}/{each}" for each in others if each and f"{front}/{each}" != name]


def _roles(read: Read, projects: Projects) -> dict[str, Role]:
    """Roles by name, also those that are assets; a project's with its id where that is known."""
    found = {**read.roles}
    for _, one in _of_type(read.assets, "Role"):
        if one.data:
            role = parse_role(one.data)
            found.setdefault(role.name, role)
    named = {}
    for name, role in found.items():
        owner, _, rest = name.partition("/roles/")
        project = owner.removeprefix("projects/")
        named[f"projects/{projects.id(project) or project}/roles/{rest}" if project != owner else name] = role
    return named


def _organizations(assets: Mapping[str, Asset]) -> dict[str, Organization]:
    found = {}
    for name, one in assets.items():
        if name.startswith(f"{MANAGER}organizations/"):
            owner = text_of(object_of(one.data, "owner"), "directoryCustomerId")
            customer = text_of(one.data, "directoryCustomerId") or owner
            found[name] = Organization(text_of(one.data, "displayName").lower(), customer)
    return found


def _tags(assets: Mapping[str, Asset], projects: Projects) -> dict[str, list[str]]:
    """Tag values (by id, else by namespaced name) by the full name of what they are attached to."""
    found: dict[str, list[str]] = {}
    spelled: dict[str, list[str]] = {}
    for raw, one in assets.items():
        named = [name := projects.canonical(raw), *_aliases(name, one)]
        spelled |= dict.fromkeys(named, named) if len(named) > 1 else {}
    for _, one in _of_type(assets, "TagBinding"):
        parent = text_of(one.data, "parent")
        value = text_of(one.data, "tagValue") or text_of(one.data, "tagValueNamespacedName")
        if not parent or not value:
            raise ValueError("a TagBinding has no parent, or no tagValue")
        name = projects.canonical(parent)
        for each in spelled.get(name, [name]):
            found.setdefault(each, []).append(value)
    return found


def _tag_values(assets: Mapping[str, Asset]) -> dict[str, TagValue]:
    """Tag values by id and by namespaced name; what a binding itself tells of its value counts as well."""
    keys = {text_of(one.data, "name"): _namespaced(one) for _, one in _of_type(assets, "TagKey")}
    found: dict[str, TagValue] = {}
    for _, one in _of_type(assets, "TagValue"):
        id, key, full = (text_of(one.data, word) for word in ("name", "parent", "namespacedName"))
        short = text_of(one.data, "shortName") or full.rpartition("/")[2]
        value = TagValue(id, short, key, keys.get(key) or full.rpartition("/")[0])
        found |= {each: value for each in (id, full) if each}
    for _, one in _of_type(assets, "TagBinding"):
        id, full = text_of(one.data, "tagValue"), text_of(one.data, "tagValueNamespacedName")
        if full:
            key, _, short = full.rpartition("/")
            known = next((name for name, spelled in keys.items() if spelled == key), "")
            value = found.get(id) or found.get(full) or TagValue(id, short, known, key)
            for each in (id, full):
                if each:
                    found.setdefault(each, value)
    return found


def _namespaced(key: Asset) -> str:
    """The namespaced name of a tag key; of one that does not tell it, its parent's with its own."""
    owner, short = text_of(key.data, "parent").partition("/")[2], text_of(key.data, "shortName")
    return text_of(key.data, "namespacedName") or (f"{owner}/{short}" if owner and short else "")


def _accounts(assets: Mapping[str, Asset], projects: Projects) -> dict[str, str]:
    found = {}
    for name, one in _of_type(assets, "ServiceAccount"):
        last = name.rpartition("/")[2]
        mail = text_of(one.data, "email") or (last if "@" in last else "")
        project = project_of(name) or text_of(one.data, "projectId")
        if mail and project and project != "-":
            found[mail.lower()] = projects.canonical(scope(f"projects/{project}"))
    return found


def _pools(assets: Mapping[str, Asset]) -> dict[str, str]:
    """Organizations of workforce pools, by the pool's name."""
    found = {}
    for name, one in _of_type(assets, "WorkforcePool"):
        owner = text_of(one.data, "parent") or next((each for each in one.ancestors if "organizations/" in each), "")
        pool = text_of(one.data, "name") or name.removeprefix("//iam.googleapis.com/")
        if owner:
            found[pool] = scope(owner)
    return found


def _groups(read: Mapping[str, list[tuple[Body, str]]]) -> dict[str, list[Membership]]:
    return {mail: [_membership(body, id, read) for body, id in members] for mail, members in read.items()}


def _membership(body: Body, id: str, groups: Mapping[str, object]) -> Membership:
    """A member of a group; of one without a type its address says what it is."""
    until = ""
    for role in body.get("roles") or ():
        if isinstance(role, Mapping) and role.get("name", "MEMBER") == "MEMBER":
            until = text_of(object_of(role, "expiryDetail"), "expireTime") or until
    kind = body.get("type")
    if kind == "GROUP" or (kind in (None, "TYPE_UNSPECIFIED") and id.lower() in groups):
        member = parse_member(f"group:{id}")
    elif "@" not in id and id.startswith("C"):
        member = Member(Kind.CUSTOMER, id, text=f"principalSet://goog/cloudIdentityCustomerId/{id}")
    elif id.startswith("principal"):
        member = parse_member(id)  # identities of pools have no mail address
    elif kind == "SERVICE_ACCOUNT":
        member = parse_member(f"serviceAccount:{id}")
    else:
        member = member_of_mail(id)
    return Membership(member, until)
