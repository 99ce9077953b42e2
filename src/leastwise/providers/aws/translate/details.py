"""`get-account-authorization-details`: users, groups, roles and policies of one account.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html. Policy documents stay raw
until they are interned, so that each distinct one is parsed once.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any, cast

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument

from .documents import Documents
from .rows import Facts
from .trust import Subject, subjects

Time = str | float | None


class Tag(msgspec.Struct, gc=False):
    """A tag."""

    Key: str
    Value: str = ""


class Attached(msgspec.Struct, gc=False):
    """A managed policy named by an entity."""

    PolicyArn: str
    PolicyName: str = ""


class Inline(msgspec.Struct, gc=False):
    """An inline policy."""

    PolicyName: str
    PolicyDocument: msgspec.Raw


class Boundary(msgspec.Struct, gc=False):
    """A permissions boundary."""

    PermissionsBoundaryArn: str | None = None


class LastUsed(msgspec.Struct, gc=False):
    """When a role was last used, in the vendor's window of 400 days."""

    LastUsedDate: Time = None
    Region: str | None = None


class Profile(msgspec.Struct, gc=False):
    """An instance profile of a role."""

    Arn: str


class User(msgspec.Struct):
    """A user."""

    Arn: str
    UserName: str
    UserId: str | None = None
    Path: str = "/"
    CreateDate: Time = None
    UserPolicyList: list[Inline] = []
    GroupList: list[str] = []
    AttachedManagedPolicies: list[Attached] = []
    PermissionsBoundary: Boundary | None = None
    Tags: list[Tag] = []


class Group(msgspec.Struct):
    """A group."""

    Arn: str
    GroupName: str
    GroupId: str | None = None
    Path: str = "/"
    CreateDate: Time = None
    GroupPolicyList: list[Inline] = []
    AttachedManagedPolicies: list[Attached] = []


class Role(msgspec.Struct):
    """A role."""

    Arn: str
    RoleName: str
    AssumeRolePolicyDocument: msgspec.Raw = msgspec.Raw()
    RoleId: str | None = None
    Path: str = "/"
    CreateDate: Time = None
    RolePolicyList: list[Inline] = []
    AttachedManagedPolicies: list[Attached] = []
    PermissionsBoundary: Boundary | None = None
    Tags: list[Tag] = []
    RoleLastUsed: LastUsed | msgspec.UnsetType | None = msgspec.UNSET
    InstanceProfileList: list[Profile] = []


class Version(msgspec.Struct, gc=False):
    """A version of a managed policy."""

    VersionId: str
    Document: msgspec.Raw
    IsDefaultVersion: bool = False
    CreateDate: Time = None


class Policy(msgspec.Struct):
    """A managed policy with its versions."""

    Arn: str
    PolicyName: str
    DefaultVersionId: str | None = None
    CreateDate: Time = None
    UpdateDate: Time = None
    PolicyVersionList: list[Version] = []


class Details(msgspec.Struct):
    """The whole response; a missing section stays unset, and is a collection gap."""

    UserDetailList: list[User] | msgspec.UnsetType = msgspec.UNSET
    GroupDetailList: list[Group] | msgspec.UnsetType = msgspec.UNSET
    RoleDetailList: list[Role] | msgspec.UnsetType = msgspec.UNSET
    Policies: list[Policy] | msgspec.UnsetType = msgspec.UNSET
    IsTruncated: bool = False


SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_decoder = msgspec.json.Decoder(Details)


def decode(document: RawDocument) -> Details:
    """The typed response. Raises InputError naming the file and the place."""
    try:
        return _decoder.decode(document.body)
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise InputError(document.name, cause, place.strip("`")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(document.name, f"not valid JSON: {error}") from None


Entities = tuple[list[User], list[Group], list[Role], list[Policy]]


def entities(details: Details) -> Entities:
    """The four sections; a missing one is empty (its absence is a coverage record, made when the file is read)."""
    return (
        details.UserDetailList or [],
        details.GroupDetailList or [],
        details.RoleDetailList or [],
        details.Policies or [],
    )


def write_entities(facts: Facts, documents: Documents, account: str, batches: list[tuple[str, Entities]]) -> None:
    """Add the entities of every file of one account to the tables, policies first.

    An entity that stands twice with the same content is written once. Raises InputError naming the file, and both
    files when two contents differ.
    """
    default_version: dict[str, int] = {}
    batches = _without_repeats(batches)
    writers = [(_Details(facts, documents, account, file, default_version), found) for file, found in batches]
    for writer, (_, _, _, policies) in writers:
        writer.policies(policies)
    group_arn = {group.GroupName: group.Arn for _, found in batches for group in found[1]}
    for writer, (users, groups, roles, _) in writers:
        writer.principals(users, groups, roles, group_arn)


def _without_repeats(batches: list[tuple[str, Entities]]) -> list[tuple[str, Entities]]:
    every = [one.Arn for _, found in batches for section in found for one in section]
    if len(set(every)) == len(every):
        return batches
    seen: dict[str, tuple[str, object]] = {}
    result = []
    for file, found in batches:
        kept: list[list[Any]] = []
        for section, name in zip(found, SECTIONS, strict=True):
            fresh: list[Any] = []
            for index, one in enumerate(cast(list[Any], section)):
                other = seen.setdefault(one.Arn, (file, one))
                if other[1] is one:
                    fresh.append(one)
                elif _content(other[1]) != _content(one):
                    raise InputError(
                        file, f"{one.Arn} is also in {other[0]} with different content", f"$.{name}[{index}]"
                    )
            kept.append(fresh)
        result.append((file, cast(Entities, tuple(kept))))
    return result


def _content(entity: object) -> object:
    """What is compared: everything but the counters that change from page to page."""
    return msgspec.json.decode(msgspec.json.encode(entity))


class _Details:
    """Writes the sections of one response, a column at a time: this is the path of a hundred thousand principals."""

    def __init__(
        self, facts: Facts, documents: Documents, account: str, file: str, default_version: dict[str, int]
    ) -> None:
        self.file, self.account = file, account
        self.facts, self.documents = facts, documents
        self.default_version = default_version
        self._subjects: dict[int, list[Subject]] = {}
        self._kinds: dict[int | None, str] = {}

    def principals(self, users: list[User], groups: list[Group], roles: list[Role], group_arn: dict[str, str]) -> None:
        """Add users, groups and roles, with their attachments."""
        self._users(users, group_arn)
        self._groups(groups)
        self._roles(roles)

    def _accounts(self, arns: list[str], section: str) -> list[str]:
        """The account of each entity, as its ARN says: a joined export may hold several."""
        marker, default = f":iam::{self.account}:", self.account
        accounts = []
        for index, arn in enumerate(arns):
            if marker in arn:
                accounts.append(default)
                continue
            parts = arn.split(":", 5)
            if len(parts) < 6 or parts[2] != "iam":
                raise InputError(self.file, f"{arn!r} is no IAM ARN", f"$.{section}[{index}].Arn")
            accounts.append(parts[4] or default)
        return accounts

    def _source(self, section: str, count: int) -> list[str]:
        return [f"{self.file}#/{section}/{index}" for index in range(count)]

    def policies(self, policies: list[Policy]) -> None:
        """Add managed policies, a row a version."""
        intern = self.documents.intern
        found: list[tuple[Policy, Version, int, bool, bool, int]] = []
        for index, policy in enumerate(policies):
            owned = ":iam::aws:" not in policy.Arn
            for version in policy.PolicyVersionList:
                row = intern(version.Document)
                default = version.IsDefaultVersion or version.VersionId == policy.DefaultVersionId
                if default:
                    self.default_version[policy.Arn] = row
                found.append((policy, version, row, default, owned, index))
        self.facts.policies.extend(
            len(found),
            id=[f[0].Arn for f in found],
            account=[self.account if f[4] else None for f in found],
            name=[f[0].PolicyName for f in found],
            kind=["managed_customer" if f[4] else "managed_aws" for f in found],
            version=[f[1].VersionId for f in found],
            default=[f[3] for f in found],
            document=[f[2] for f in found],
            created=[f[1].CreateDate or f[0].CreateDate for f in found],
            updated=[f[0].UpdateDate for f in found],
            source=[f"{self.file}#/Policies/{f[5]}" for f in found],
        )

    def _users(self, users: list[User], group_arn: dict[str, str]) -> None:
        count, source = len(users), self._source("UserDetailList", len(users))
        self.facts.principals.extend(
            count,
            id=[u.Arn for u in users],
            account=self._accounts([u.Arn for u in users], "UserDetailList"),
            kind=["human"] * count,
            name=[u.UserName for u in users],
            path=[u.Path for u in users],
            unique_id=[u.UserId for u in users],
            native=["user"] * count,
            created=[u.CreateDate for u in users],
            boundary=[u.PermissionsBoundary.PermissionsBoundaryArn if u.PermissionsBoundary else None for u in users],
            tags=[[(t.Key, t.Value) for t in u.Tags] for u in users],
            source=source,
        )
        prefix = f"arn:aws:iam::{self.account}:group/"
        pairs = [(u.Arn, g, s) for u, s in zip(users, source, strict=True) for g in u.GroupList]
        self.facts.memberships.extend(
            len(pairs),
            member=[p[0] for p in pairs],
            group=[group_arn.get(p[1], prefix + p[1]) for p in pairs],
            kind=["iam_group"] * len(pairs),
            source=[p[2] for p in pairs],
        )
        self._attach(
            [u.Arn for u in users],
            [u.AttachedManagedPolicies for u in users],
            [u.UserPolicyList for u in users],
            source,
        )
        self._boundaries([(u.Arn, u.PermissionsBoundary, s) for u, s in zip(users, source, strict=True)])

    def _groups(self, groups: list[Group]) -> None:
        count, source = len(groups), self._source("GroupDetailList", len(groups))
        self.facts.principals.extend(
            count,
            id=[g.Arn for g in groups],
            account=self._accounts([g.Arn for g in groups], "GroupDetailList"),
            kind=["group"] * count,
            name=[g.GroupName for g in groups],
            path=[g.Path for g in groups],
            unique_id=[g.GroupId for g in groups],
            native=["group"] * count,
            created=[g.CreateDate for g in groups],
            source=source,
        )
        self._attach(
            [g.Arn for g in groups],
            [g.AttachedManagedPolicies for g in groups],
            [g.GroupPolicyList for g in groups],
            source,
        )

    def _roles(self, roles: list[Role]) -> None:
        count, source = len(roles), self._source("RoleDetailList", len(roles))
        intern = self.documents.intern
        trusts: list[int | None] = []
        for role in roles:
            row = intern(role.AssumeRolePolicyDocument) if len(role.AssumeRolePolicyDocument) else None
            trusts.append(row)
            if row is not None:
                self._trust_subjects(row)  # while the document is still at hand
        used = [r.RoleLastUsed for r in roles]
        self.facts.principals.extend(
            count,
            id=[r.Arn for r in roles],
            account=self._accounts([r.Arn for r in roles], "RoleDetailList"),
            kind=[self._role_kind(r.Path, row) for r, row in zip(roles, trusts, strict=True)],
            name=[r.RoleName for r in roles],
            path=[r.Path for r in roles],
            unique_id=[r.RoleId for r in roles],
            native=["role"] * count,
            created=[r.CreateDate for r in roles],
            last_used=[u.LastUsedDate if u else None for u in used],
            last_used_known=[u is not msgspec.UNSET for u in used],
            last_used_region=[u.Region if u else None for u in used],
            boundary=[r.PermissionsBoundary.PermissionsBoundaryArn if r.PermissionsBoundary else None for r in roles],
            trust=trusts,
            tags=[[(t.Key, t.Value) for t in r.Tags] for r in roles],
            source=source,
        )
        self._attach(
            [r.Arn for r in roles],
            [r.AttachedManagedPolicies for r in roles],
            [r.RolePolicyList for r in roles],
            source,
        )
        self._boundaries([(r.Arn, r.PermissionsBoundary, s) for r, s in zip(roles, source, strict=True)])
        trusting = [(r.Arn, row, s) for r, row, s in zip(roles, trusts, source, strict=True) if row is not None]
        add_trusts(self.facts, self.account, trusting, self._trust_subjects)
        profiles = [
            (profile.Arn, role.Arn, place)
            for role, place in zip(roles, source, strict=True)
            for profile in role.InstanceProfileList
        ]
        self.facts.runs_as.extend(
            len(profiles),
            subject=[one[0] for one in profiles],
            object=[one[1] for one in profiles],
            kind=["instance_profile"] * len(profiles),
            account=[self.account] * len(profiles),
            source=[one[2] for one in profiles],
        )

    def _trust_subjects(self, row: int) -> list[Subject]:
        found = self._subjects.get(row)
        if found is None:
            found = self._subjects[row] = subjects(self.documents.parsed(row))
        return found

    def _role_kind(self, path: str, trust: int | None) -> str:
        if path.startswith("/aws-"):
            return role_kind(path, self.account, self._trust_subjects(trust) if trust is not None else [])
        kind = self._kinds.get(trust)
        if kind is None:
            found = self._trust_subjects(trust) if trust is not None else []
            kind = self._kinds[trust] = role_kind("/", self.account, found)
        return kind

    def _attach(
        self, targets: list[str], managed: list[list[Attached]], inline: list[list[Inline]], source: list[str]
    ) -> None:
        """Managed and inline policies of principals; a managed policy without its document keeps a null document."""
        default, intern = self.default_version.get, self.documents.intern
        given = [(t, a.PolicyArn, s) for t, ps, s in zip(targets, managed, source, strict=True) for a in ps]
        own = [
            (t, p.PolicyName, intern(p.PolicyDocument), s)
            for t, ps, s in zip(targets, inline, source, strict=True)
            for p in ps
        ]
        count = len(given) + len(own)
        self.facts.attachments.extend(
            count,
            account=[self.account] * count,
            layer=["identity"] * count,
            kind=["managed_aws" if ":iam::aws:" in g[1] else "managed_customer" for g in given] + ["inline"] * len(own),
            target=[row[0] for row in chain(given, own)],
            policy=[row[1] for row in chain(given, own)],
            document=[default(g[1]) for g in given] + [o[2] for o in own],
            source=[row[-1] for row in chain(given, own)],
        )

    def _boundaries(self, rows: list[tuple[str, Boundary | None, str]]) -> None:
        found = [(t, b.PermissionsBoundaryArn, s) for t, b, s in rows if b and b.PermissionsBoundaryArn]
        self.facts.attachments.extend(
            len(found),
            account=[self.account] * len(found),
            layer=["boundary"] * len(found),
            kind=["managed_aws" if ":iam::aws:" in arn else "managed_customer" for _, arn, _ in found],
            target=[one[0] for one in found],
            policy=[one[1] for one in found],
            document=[self.default_version.get(arn) for _, arn, _ in found],
            source=[one[2] for one in found],
        )


def add_trusts(
    facts: Facts, account: str, trusting: list[tuple[str, int, str]], subjects_of: Callable[[int], list[Subject]]
) -> None:
    """The trust attachments of roles given as (ARN, document row, source), and one trusts row a subject."""
    count = len(trusting)
    facts.attachments.extend(
        count,
        account=[account] * count,
        layer=["trust"] * count,
        kind=["trust"] * count,
        target=[row[0] for row in trusting],
        policy=["trust"] * count,
        document=[row[1] for row in trusting],
        source=[row[2] for row in trusting],
    )
    pairs = [(arn, row, one) for arn, row, _ in trusting for one in subjects_of(row)]
    found = [pair[2] for pair in pairs]
    facts.trusts.extend(
        len(pairs),
        principal=[pair[0] for pair in pairs],
        account=[account] * len(pairs),
        effect=[one.effect for one in found],
        subject_kind=[one.kind for one in found],
        subject=[one.subject for one in found],
        subject_account=[one.account for one in found],
        patterns=[one.patterns for one in found],
        audiences=[one.audiences for one in found],
        actions=[one.actions for one in found],
        external_id=[one.external_id for one in found],
        limited=[one.limited for one in found],
        conditional=[one.conditional for one in found],
        document=[pair[1] for pair in pairs],
        position=[one.position for one in found],
    )


def role_kind(path: str, account: str, found: list[Subject]) -> str:
    """The kind of a role, from its path and from whom it trusts: the widest reach wins."""
    if path.startswith("/aws-service-role/"):
        return "service_linked"
    if path.startswith("/aws-reserved/sso.amazonaws.com/"):
        return "identity_center_role"
    allowed = [one for one in found if one.effect == "Allow"]
    if any(one.kind == "anyone" or (one.account not in (None, account)) for one in allowed):
        return "cross_account"
    if any(one.kind == "saml" or (one.kind == "oidc" and "oidc.eks." not in one.subject) for one in allowed):
        return "federated"
    return "workload"
