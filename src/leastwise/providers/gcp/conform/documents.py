"""The documents of a case, as Google Cloud gives them, to an estate.

What each kind of document is stands in the suite's description; a `cloud_asset` is one asset of Cloud Asset Inventory
in the spelling of an export or of the REST API.
https://cloud.google.com/asset-inventory/docs/reference/rest/v1/TopLevel/exportAssets
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any

from leastwise.model.conformance import CaseError
from leastwise.providers.ask import read_documents

from ..evaluate.estate import Estate, Membership, Organization, Place, TagValue
from ..language.members import Kind, Member, member_of_mail, parse_member
from ..language.policies import (
    AccessBinding,
    AllowPolicy,
    Boundary,
    BoundaryBinding,
    DenyPolicy,
    PolicyError,
    parse_allow_policy,
    parse_boundary,
    parse_deny_policy,
    parse_policy_binding,
    policy_of_access_list,
)
from ..language.resources import COMPUTE, MANAGER, Projects, numbered_beside, project_of, scope
from ..language.roles import Role, parse_role

Body = Mapping[str, Any]
_DATASET = "bigquery.googleapis.com/Dataset"


@dataclass(slots=True)
class _Asset:
    """What the documents of one name say together."""

    type: str = ""
    data: Body = field(default_factory=dict)
    parent: str | None = None
    ancestors: list[str] = field(default_factory=list)
    policy: AllowPolicy | None = None
    listed: AllowPolicy | None = None
    """What a dataset's own description says of its policy."""


@dataclass(slots=True)
class _Read:
    """The documents, read one by one."""

    assets: dict[str, _Asset] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    denies: list[DenyPolicy] = field(default_factory=list)
    ruleless: list[DenyPolicy] = field(default_factory=list)
    """Deny policies as a list of them tells them: without their rules."""
    boundaries: dict[str, Boundary] = field(default_factory=dict)
    bound: list[BoundaryBinding] = field(default_factory=list)
    access: list[AccessBinding] = field(default_factory=list)
    groups: dict[str, list[tuple[Body, str]]] = field(default_factory=dict)


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
    read = _Read()
    read_documents(documents, {kind: partial(one, read) for kind, one in _READERS.items()}, PolicyError, ValueError)
    return _estate(read, catalogue)


# --- reading ----------------------------------------------------------------------------------------------------------


def _cloud_asset(read: _Read, body: Body) -> None:
    name = body.get("name")
    if not isinstance(name, str) or not name.startswith("//"):
        raise ValueError(f"name {name!r} is no full name of a resource")
    asset = read.assets.setdefault(name, _Asset())
    asset.type = _text(body, "assetType", "asset_type") or asset.type
    resource = _object(body, "resource")
    asset.data = {**asset.data, **_object(resource, "data")}
    asset.parent = _text(resource, "parent") or _text(body, "parentFullResourceName") or asset.parent
    ancestors = body.get("ancestors")
    if ancestors is not None:
        if not isinstance(ancestors, list) or not all(isinstance(one, str) for one in ancestors):
            raise ValueError(f"ancestors of {name} is no list of texts")
        asset.ancestors = ancestors
    given = body.get("iamPolicy", body.get("iam_policy"))
    if given is None and asset.type == _DATASET and isinstance(asset.data.get("access"), list):
        asset.listed = parse_allow_policy(policy_of_access_list(asset.data["access"], project_of(name) or ""))
    if given is not None:
        policy = parse_allow_policy(given)
        if asset.policy not in (None, policy):
            raise ValueError(f"{name} has two allow policies")
        asset.policy = policy


def _role(read: _Read, body: Body) -> None:
    role = parse_role(body)
    read.roles[role.name] = role


def _deny_policy(read: _Read, body: Body) -> None:
    policy = parse_deny_policy(body)
    (read.denies if "rules" in body else read.ruleless).append(policy)


def _boundary(read: _Read, body: Body) -> None:
    boundary = parse_boundary(body)
    read.boundaries[boundary.name] = boundary


def _binding(read: _Read, body: Body) -> None:
    binding = parse_policy_binding(body)
    if isinstance(binding, AccessBinding):
        read.access.append(binding)
    else:
        read.bound.append(binding)


def _group(read: _Read, body: Body) -> None:
    group = _object(body, "group")
    mail = _text(_object(group, "groupKey") or _object(group, "group_key"), "id")
    if not mail:
        raise ValueError("group: groupKey.id is missing")
    memberships = body.get("memberships")
    if memberships is None:
        return  # a group of which only itself was read
    if not isinstance(memberships, list) or not all(isinstance(one, Mapping) for one in memberships):
        raise ValueError(f"memberships of {mail} must be a list of objects")
    found = read.groups.setdefault(mail.lower(), [])
    for one in memberships:
        key = one.get("preferredMemberKey", one.get("memberKey"))
        id = key.get("id") if isinstance(key, Mapping) else None
        if not isinstance(id, str) or not id:
            raise ValueError(f"memberships of {mail}: preferredMemberKey.id is missing")
        found.append((one, id))


_READERS: Mapping[str, Callable[[_Read, Body], None]] = {
    "cloud_asset": _cloud_asset,
    "role": _role,
    "deny_policy": _deny_policy,
    "principal_access_boundary": _boundary,
    "policy_binding": _binding,
    "group_membership": _group,
}


def _text(body: Body, *keys: str) -> str:
    found = next((body[key] for key in keys if body.get(key) is not None), "")
    if not isinstance(found, str | int) or isinstance(found, bool):
        raise ValueError(f"{keys[0]} must be a text")
    return str(found)


def _object(body: Body, key: str) -> Body:
    found = body.get(key)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise ValueError(f"{key} must be an object")
    return found


# --- putting together -------------------------------------------------------------------------------------------------


def _estate(read: _Read, catalogue: Callable[[str], frozenset[str] | None]) -> Estate:
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


def _of_type(assets: Mapping[str, _Asset], *types: str) -> list[tuple[str, _Asset]]:
    return [(name, one) for name, one in assets.items() if one.type.rpartition("/")[2] in types]


def _numbers(assets: Mapping[str, _Asset]) -> dict[str, str]:
    """Numbers of projects by id, as the projects' own documents tell them."""
    found = {}
    for name, one in assets.items():
        if not name.startswith(f"{MANAGER}projects/"):
            continue
        words = [name.removeprefix(f"{MANAGER}projects/"), _text(one.data, "name").removeprefix("projects/")]
        words += [each.removeprefix("projects/") for each in one.ancestors[:1] if each.startswith("projects/")]
        number = _text(one.data, "projectNumber") or next((each for each in words if each.isdigit()), "")
        id = _text(one.data, "projectId") or next((each for each in words[:1] if not each.isdigit()), "")
        if id and number:
            found[id] = number
    return found


def _places(assets: Mapping[str, _Asset], projects: Projects) -> tuple[dict[str, Place], dict[str, str]]:
    places: dict[str, Place] = {}
    edges: dict[str, str] = {}
    for raw, one in assets.items():
        name = projects.canonical(raw)
        line = [projects.canonical(scope(each)) for each in one.ancestors]
        edges |= dict(pairwise(line))
        parent = one.parent or next((each for each in line if each != name), None) or _own_parent(one)
        parent = projects.canonical(parent) if parent else None
        scheme = _text(one.data, "loadBalancingScheme")
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
    places: Mapping[str, Place], tags: Collection[str], assets: Mapping[str, _Asset], projects: Projects
) -> dict[str, Place]:
    """The places; marked are those that do not tell their number, where tags are bound to a number of nobody told."""
    fronts = numbered_beside(tags, places)
    told = {projects.canonical(name) for name, one in assets.items() if _text(one.data, "id").isdigit()}
    return {
        name: replace(one, unnumbered=True) if name.rpartition("/")[0] in fronts and name not in told else one
        for name, one in places.items()
    }


def _lists(one: _Asset) -> bool:
    """Whether objects of a bucket may have access control lists: it says so, or has a list for new ones.

    https://cloud.google.com/storage/docs/uniform-bucket-level-access
    """
    uniform = _object(_object(one.data, "iamConfiguration"), "uniformBucketLevelAccess").get("enabled")
    told = uniform is False or bool(one.data.get("defaultObjectAcl"))
    return one.type.rpartition("/")[2] == "Bucket" and uniform is not True and told


def _own_parent(one: _Asset) -> str | None:
    """What the object of a project or folder says of its parent, in two forms, and a bucket of its project."""
    given = one.data.get("parent")
    kind = one.type.rpartition("/")[2]
    if kind == "Bucket":
        number = _text(one.data, "projectNumber")
        return scope(f"projects/{number}") if number else None
    if kind not in ("Project", "Folder", "Organization"):
        return None
    if isinstance(given, Mapping):
        return scope(f"{_text(given, 'type')}s/{_text(given, 'id')}") if given else None
    return scope(given) if isinstance(given, str) and given else None


def _aliases(name: str, one: _Asset) -> list[str]:
    """Other names of a service account (by mail address and unique id) and of what Compute Engine numbers.

    Tags are bound to a virtual machine by its number:
    https://cloud.google.com/resource-manager/docs/tags/tags-creating-and-managing#attaching
    """
    if "/serviceAccounts/" in name and one.type.rpartition("/")[2] == "ServiceAccount":
        others = [_text(one.data, "email"), _text(one.data, "uniqueId")]
    elif name.startswith(COMPUTE):
        others = [each for each in (_text(one.data, "id"),) if each.isdigit()]
    else:
        return []
    front = name.rpartition("/")[0]
    return [f"{front}/{each}" for each in others if each and f"{front}/{each}" != name]


def _roles(read: _Read, projects: Projects) -> dict[str, Role]:
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


def _organizations(assets: Mapping[str, _Asset]) -> dict[str, Organization]:
    found = {}
    for name, one in assets.items():
        if name.startswith(f"{MANAGER}organizations/"):
            owner = _text(_object(one.data, "owner"), "directoryCustomerId")
            customer = _text(one.data, "directoryCustomerId") or owner
            found[name] = Organization(_text(one.data, "displayName").lower(), customer)
    return found


def _tags(assets: Mapping[str, _Asset], projects: Projects) -> dict[str, list[str]]:
    """Tag values (by id, else by namespaced name) by the full name of what they are attached to."""
    found: dict[str, list[str]] = {}
    spelled: dict[str, list[str]] = {}
    for raw, one in assets.items():
        named = [name := projects.canonical(raw), *_aliases(name, one)]
        spelled |= dict.fromkeys(named, named) if len(named) > 1 else {}
    for _, one in _of_type(assets, "TagBinding"):
        parent = _text(one.data, "parent")
        value = _text(one.data, "tagValue") or _text(one.data, "tagValueNamespacedName")
        if not parent or not value:
            raise ValueError("a TagBinding has no parent, or no tagValue")
        name = projects.canonical(parent)
        for each in spelled.get(name, [name]):
            found.setdefault(each, []).append(value)
    return found


def _tag_values(assets: Mapping[str, _Asset]) -> dict[str, TagValue]:
    """Tag values by id and by namespaced name; what a binding itself tells of its value counts as well."""
    keys = {_text(one.data, "name"): _namespaced(one) for _, one in _of_type(assets, "TagKey")}
    found: dict[str, TagValue] = {}
    for _, one in _of_type(assets, "TagValue"):
        id, key, full = (_text(one.data, word) for word in ("name", "parent", "namespacedName"))
        short = _text(one.data, "shortName") or full.rpartition("/")[2]
        value = TagValue(id, short, key, keys.get(key) or full.rpartition("/")[0])
        found |= {each: value for each in (id, full) if each}
    for _, one in _of_type(assets, "TagBinding"):
        id, full = _text(one.data, "tagValue"), _text(one.data, "tagValueNamespacedName")
        if full:
            key, _, short = full.rpartition("/")
            known = next((name for name, spelled in keys.items() if spelled == key), "")
            value = found.get(id) or found.get(full) or TagValue(id, short, known, key)
            for each in (id, full):
                if each:
                    found.setdefault(each, value)
    return found


def _namespaced(key: _Asset) -> str:
    """The namespaced name of a tag key; of one that does not tell it, its parent's with its own."""
    owner, short = _text(key.data, "parent").partition("/")[2], _text(key.data, "shortName")
    return _text(key.data, "namespacedName") or (f"{owner}/{short}" if owner and short else "")


def _accounts(assets: Mapping[str, _Asset], projects: Projects) -> dict[str, str]:
    found = {}
    for name, one in _of_type(assets, "ServiceAccount"):
        last = name.rpartition("/")[2]
        mail = _text(one.data, "email") or (last if "@" in last else "")
        project = project_of(name) or _text(one.data, "projectId")
        if mail and project and project != "-":
            found[mail.lower()] = projects.canonical(scope(f"projects/{project}"))
    return found


def _pools(assets: Mapping[str, _Asset]) -> dict[str, str]:
    """Organizations of workforce pools, by the pool's name."""
    found = {}
    for name, one in _of_type(assets, "WorkforcePool"):
        owner = _text(one.data, "parent") or next((each for each in one.ancestors if "organizations/" in each), "")
        pool = _text(one.data, "name") or name.removeprefix("//iam.googleapis.com/")
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
            until = _text(_object(role, "expiryDetail"), "expireTime") or until
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
