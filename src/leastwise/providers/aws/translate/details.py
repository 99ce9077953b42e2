"""Users, groups, roles and policies of account authorization details → rows of the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leastwise.engine.columns import coded, repeated, table
from leastwise.errors import InputError
from leastwise.model.tables import ATTACHMENTS

from .documents import Documents
from .entities import (
    GROUPS,
    POLICIES,
    ROLES,
    SECTIONS,
    USERS,
    Attached,
    Batch,
    Boundary,
    Group,
    Inline,
    LastUsed,
    Policy,
    RepeatedError,
    Role,
    Tag,
    User,
    Version,
)
from .role_trusts import RoleTrusts
from .rows import Facts
from .trust import Subject

_Tags = tuple[tuple[str, str], ...]
_LAYERS = ("identity", "boundary", "trust")
_KINDS = ("managed_aws", "managed_customer", "inline", "trust")
_INLINE, _TRUST = 2, 3


def write_entities(
    facts: Facts,
    documents: Documents,
    account: str,
    partition: str,
    dead: Callable[[Subject], bool],
    batches: Sequence[Batch],
) -> None:
    """Add the entities of every file of one account to the tables, policies first; `dead` tells of trusts.

    Raises:
        RepeatedError: an entity stands twice; the tables are then of no use.
    """
    default_version: dict[str, int] = {}
    arns: list[str] = []
    writers = [
        (_Details(facts, documents, account, batch.file, default_version, arns, partition, dead), batch)
        for batch in batches
    ]
    for writer, batch in writers:
        for start, policies in batch.slices(POLICIES):
            writer.policies(start, policies)
    group_arn = {g.GroupName: g.Arn for batch in batches for _, groups in batch.slices(GROUPS) for g in groups}
    for writer, batch in writers:
        writer.principals(batch, group_arn)
    if len(set(arns)) != len(arns):
        raise RepeatedError


class _Numbers(dict[str, int]):
    """Texts, numbered in the order in which they are first asked for."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class _Attachments:
    """Attachments of one section of a file, in the order of the table: managed, inline, boundaries, trusts.

    They are gathered as numbers: each target, source and policy is one text, however many attachments name it.
    """

    def __init__(self, facts: Facts, documents: Documents, account: str, default_version: dict[str, int]) -> None:
        self._facts, self._documents, self._account = facts, documents, account
        self._default_version = default_version
        self._targets: list[str] = []
        self._sources: list[str] = []
        self._policies = _Numbers()
        self._managed_of: list[int] = []
        self._managed: list[int] = []
        self._inline_of: list[int] = []
        self._inline: list[Inline] = []
        self._bounded: list[int] = []
        self._boundaries: list[int] = []
        self._trusting: list[int] = []
        self._trusts: list[int] = []

    def add(
        self,
        targets: list[str],
        source: list[str],
        managed: list[list[Attached]],
        inline: list[list[Inline]],
        boundaries: Sequence[Boundary | None] = (),
        trusts: Sequence[int | None] = (),
    ) -> None:
        """Those of a slice of principals; a managed policy without its document keeps a null document."""
        first, number = len(self._targets), self._policies
        self._targets += targets
        self._sources += source
        self._managed_of += map(len, managed)
        self._managed += [number[one.PolicyArn] for found in managed for one in found]
        self._inline_of += map(len, inline)
        self._inline += [one for found in inline for one in found]
        for row, limit in enumerate(boundaries, first):
            if limit and limit.PermissionsBoundaryArn:
                self._bounded.append(row)
                self._boundaries.append(number[limit.PermissionsBoundaryArn])
        self._trusting += [row for row, document in enumerate(trusts, first) if document is not None]
        self._trusts += [document for document in trusts if document is not None]

    def finish(self) -> None:
        """Intern the inline policies, now that the section's other documents have their rows, and add all rows."""
        number, intern = self._policies, self._documents.intern
        inline = _ints([number[one.PolicyName] for one in self._inline])
        interned = _ints([intern(one.PolicyDocument) for one in self._inline])
        trust = number["trust"] if self._trusts else -1
        default = self._default_version.get
        documents = _ints([default(name, -1) for name in number])
        owned = _ints([":iam::aws:" not in name for name in number])
        managed, limits, trusts = _ints(self._managed), _ints(self._boundaries), _ints(self._trusts)
        rows = np.arange(len(self._targets))
        parts = (
            (np.repeat(rows, _ints(self._managed_of)), managed, documents[managed], owned[managed], 0),
            (np.repeat(rows, _ints(self._inline_of)), inline, interned, np.full(len(inline), _INLINE), 0),
            (_ints(self._bounded), limits, documents[limits], owned[limits], 1),
            (_ints(self._trusting), np.full(len(trusts), trust), trusts, np.full(len(trusts), _TRUST), 2),
        )
        holder, policy, document, kind = (np.concatenate([part[at] for part in parts]) for at in range(4))
        if not len(holder):
            return
        layer = np.repeat([part[4] for part in parts], [len(part[1]) for part in parts])
        columns = {
            "account": repeated(self._account, len(holder)),
            "layer": coded(layer, _LAYERS),
            "kind": coded(kind, _KINDS),
            "target": coded(holder, self._targets),
            "policy": coded(policy, list(number)),
            "document": pa.array(document.astype(np.int32), mask=document < 0),
            "source": coded(holder, self._sources),
        }
        self._facts.attachments.append(table(ATTACHMENTS, columns))


def _ints(values: list[int]) -> npt.NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


class _Details:
    """Writes the sections of one response, a column at a time: this is the path of a hundred thousand principals."""

    def __init__(
        self,
        facts: Facts,
        documents: Documents,
        account: str,
        file: str,
        default_version: dict[str, int],
        arns: list[str],
        partition: str,
        dead: Callable[[Subject], bool],
    ) -> None:
        self.file, self.account, self.partition = file, account, partition
        self.facts, self.documents = facts, documents
        self.default_version, self.arns = default_version, arns
        self._trusts = RoleTrusts(documents, account, dead)
        self._tag_sets: dict[_Tags, _Tags] = {}

    def principals(self, batch: Batch, group_arn: dict[str, str]) -> None:
        """Add users, groups and roles, with their attachments."""
        attachments = self._attachments()
        for start, users in batch.slices(USERS):
            self._users(start, users, group_arn, attachments)
        attachments.finish()
        attachments = self._attachments()
        for start, groups in batch.slices(GROUPS):
            self._groups(start, groups, attachments)
        attachments.finish()
        attachments = self._attachments()
        for start, roles in batch.slices(ROLES):
            self._roles(start, roles, attachments)
        attachments.finish()
        self._trusts.finish(self.facts)

    def _attachments(self) -> _Attachments:
        return _Attachments(self.facts, self.documents, self.account, self.default_version)

    def _begin(self, section: int, start: int, arns: list[str]) -> tuple[list[str], list[str]]:
        """(account, source) of each entity of a slice; its ARN says the account, a joined export may hold several."""
        self.arns += arns
        marker, default = f":iam::{self.account}:", self.account
        name = SECTIONS[section]
        accounts = []
        for index, arn in enumerate(arns, start):
            if marker in arn:
                accounts.append(default)
                continue
            parts = arn.split(":", 5)
            if len(parts) < 6 or parts[2] != "iam":
                raise InputError(self.file, f"{arn!r} is no IAM ARN", f"$.{name}[{index}].Arn")
            accounts.append(parts[4] or default)
        place = f"{self.file}#/{name}/"
        return accounts, [f"{place}{index}" for index in range(start, start + len(arns))]

    def _tags(self, found: list[list[Tag]]) -> list[_Tags]:
        """Tags as pairs; what is said of many entities is kept once."""
        known = self._tag_sets.setdefault
        pairs = (tuple([(tag.Key, tag.Value) for tag in tags]) for tags in found)
        return [known(one, one) for one in pairs]

    def policies(self, start: int, policies: list[Policy]) -> None:
        """Add managed policies, a row a version."""
        intern = self.documents.intern
        self.arns += [policy.Arn for policy in policies]
        found: list[tuple[Policy, Version, int, bool, bool, int]] = []
        for index, policy in enumerate(policies, start):
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

    def _users(self, start: int, users: list[User], group_arn: dict[str, str], attachments: _Attachments) -> None:
        count, arns = len(users), [u.Arn for u in users]
        accounts, source = self._begin(USERS, start, arns)
        boundaries = [u.PermissionsBoundary for u in users]
        self.facts.principals.extend(
            count,
            id=arns,
            account=accounts,
            kind=["human"] * count,
            name=[u.UserName for u in users],
            path=[u.Path for u in users],
            unique_id=[u.UserId for u in users],
            native=["user"] * count,
            created=[u.CreateDate for u in users],
            boundary=[b.PermissionsBoundaryArn if b else None for b in boundaries],
            tags=self._tags([u.Tags for u in users]),
            source=source,
        )
        prefix = f"arn:{self.partition}:iam::{self.account}:group/"
        pairs = [(arn, g, s) for arn, u, s in zip(arns, users, source, strict=True) for g in u.GroupList]
        self.facts.memberships.extend(
            len(pairs),
            member=[p[0] for p in pairs],
            group=[group_arn.get(p[1], prefix + p[1]) for p in pairs],
            kind=["iam_group"] * len(pairs),
            source=[p[2] for p in pairs],
        )
        managed, inline = [u.AttachedManagedPolicies for u in users], [u.UserPolicyList for u in users]
        attachments.add(arns, source, managed, inline, boundaries)

    def _groups(self, start: int, groups: list[Group], attachments: _Attachments) -> None:
        count, arns = len(groups), [g.Arn for g in groups]
        accounts, source = self._begin(GROUPS, start, arns)
        self.facts.principals.extend(
            count,
            id=arns,
            account=accounts,
            kind=["group"] * count,
            name=[g.GroupName for g in groups],
            path=[g.Path for g in groups],
            unique_id=[g.GroupId for g in groups],
            native=["group"] * count,
            created=[g.CreateDate for g in groups],
            source=source,
        )
        managed, inline = [g.AttachedManagedPolicies for g in groups], [g.GroupPolicyList for g in groups]
        attachments.add(arns, source, managed, inline)

    def _roles(self, start: int, roles: list[Role], attachments: _Attachments) -> None:
        count, arns = len(roles), [r.Arn for r in roles]
        accounts, source = self._begin(ROLES, start, arns)
        trusts = [self._trust(r) for r in roles]
        boundaries, used = [r.PermissionsBoundary for r in roles], [r.RoleLastUsed for r in roles]
        self.facts.principals.extend(
            count,
            id=arns,
            account=accounts,
            kind=[self._trusts.kind(r.Path, row) for r, row in zip(roles, trusts, strict=True)],
            name=[r.RoleName for r in roles],
            path=[r.Path for r in roles],
            unique_id=[r.RoleId for r in roles],
            native=["role"] * count,
            created=[r.CreateDate for r in roles],
            last_used=[u.LastUsedDate if u else None for u in used],
            last_used_known=[isinstance(u, LastUsed) for u in used],
            last_used_region=[u.Region if u else None for u in used],
            boundary=[b.PermissionsBoundaryArn if b else None for b in boundaries],
            trust=trusts,
            tags=self._tags([r.Tags for r in roles]),
            source=source,
        )
        managed, inline = [r.AttachedManagedPolicies for r in roles], [r.RolePolicyList for r in roles]
        attachments.add(arns, source, managed, inline, boundaries, trusts)
        self._trusts.add(arns, trusts)
        profiles = [
            (p.Arn, arn, s) for arn, r, s in zip(arns, roles, source, strict=True) for p in r.InstanceProfileList
        ]
        self.facts.runs_as.extend(
            len(profiles),
            subject=[one[0] for one in profiles],
            object=[one[1] for one in profiles],
            kind=["instance_profile"] * len(profiles),
            account=[self.account] * len(profiles),
            source=[one[2] for one in profiles],
        )

    def _trust(self, role: Role) -> int | None:
        if not len(role.AssumeRolePolicyDocument):
            return None
        row = self.documents.intern(role.AssumeRolePolicyDocument)
        self._trusts.subjects(row)  # while its statements are still at hand
        return row
