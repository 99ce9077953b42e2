"""Users, groups, roles and policies of account authorization details → rows of the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.errors import InputError
from leastwise.providers.rows import Facts

from .documents import Documents
from .entities import (
    GROUPS,
    POLICIES,
    ROLES,
    SECTIONS,
    USERS,
    Batch,
    Group,
    LastUsed,
    Pairs,
    Policy,
    RepeatedError,
    Role,
    User,
    Version,
)
from .gathered import Attachments, Memberships, Named
from .role_trusts import RoleTrusts
from .trust import Subject

JOINED = ("console", "mfa", "mfa_hardware", "enabled", "last_used", "last_used_known", "created", "mail", "keys_known")
"""Columns of a principal that other documents may tell."""

KEPT = frozenset({*JOINED, "kind", "native"})
_SETTLED = 1 << 12
"""Rows of principals that become columns at once."""


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
    arns: list[pa.Array] = []
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
    every = pa.chunked_array(arns, pa.string())
    if pc.count_distinct(every).as_py() < len(every):
        raise RepeatedError


class _Details:
    """Writes the sections of one response, a column at a time: this is the path of a hundred thousand principals."""

    def __init__(
        self,
        facts: Facts,
        documents: Documents,
        account: str,
        file: str,
        default_version: dict[str, int],
        arns: list[pa.Array],
        partition: str,
        dead: Callable[[Subject], bool],
    ) -> None:
        self.file, self.account, self.partition = file, account, partition
        self.facts, self.documents = facts, documents
        self.default_version, self.arns = default_version, arns
        self._trusts = RoleTrusts(documents, account, dead)

    def principals(self, batch: Batch, group_arn: dict[str, str]) -> None:
        """Add users, groups and roles, with their attachments."""
        attachments, members = self._attachments(), Memberships()
        for start, users in batch.slices(USERS):
            self._users(start, users, batch.tags([u.Tags for u in users]), members, attachments)
            self.facts.principals.settle(KEPT, _SETTLED)
        attachments.finish()
        prefix = f"arn:{self.partition}:iam::{self.account}:group/"
        members.finish(self.facts, lambda name: group_arn.get(name, prefix + name))
        members.lost(self.facts, self.account, group_arn)
        attachments = self._attachments()
        for start, groups in batch.slices(GROUPS):
            self._groups(start, groups, attachments)
        attachments.finish()
        attachments = self._attachments()
        for start, roles in batch.slices(ROLES):
            self._roles(start, roles, batch.tags([r.Tags for r in roles]), attachments)
            self.facts.principals.settle(KEPT, _SETTLED)
        attachments.finish()
        self._trusts.finish(self.facts)

    def _attachments(self) -> Attachments:
        return Attachments(self.facts, self.documents, self.account, self.default_version)

    def _noted(self, arns: list[str]) -> pa.Array:
        self.arns.append(pa.array(arns, pa.string()))
        return self.arns[-1]

    def _begin(self, section: int, start: int, arns: list[str]) -> tuple[list[str], list[str], Named]:
        """(account, source) of each entity of a slice, and its ARN and source as Arrow.

        Its ARN says the account, a joined export may hold several.
        """
        marker, name = f":iam::{self.account}:", SECTIONS[section]
        accounts = [self.account] * len(arns)
        for index in [index for index, arn in enumerate(arns) if marker not in arn]:
            parts = arns[index].split(":", 5)
            if len(parts) < 6 or parts[2] != "iam":
                raise InputError(self.file, f"{arns[index]!r} is no IAM ARN", f"$.{name}[{start + index}].Arn")
            accounts[index] = parts[4] or self.account
        place = f"{self.file}#/{name}/"
        source = [f"{place}{index}" for index in range(start, start + len(arns))]
        return accounts, source, Named(self._noted(arns), pa.array(source, pa.string()))

    def policies(self, start: int, policies: list[Policy]) -> None:
        """Add managed policies, a row a version."""
        self._noted([policy.Arn for policy in policies])
        rows = iter(
            self.documents.intern_all([one.Document for policy in policies for one in policy.PolicyVersionList])
        )
        found: list[tuple[Policy, Version, int, bool, bool, int]] = []
        for index, policy in enumerate(policies, start):
            owned = ":iam::aws:" not in policy.Arn
            for version, row in zip(policy.PolicyVersionList, rows, strict=False):
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

    def _users(
        self, start: int, users: list[User], tags: list[Pairs], members: Memberships, attachments: Attachments
    ) -> None:
        count, arns = len(users), [u.Arn for u in users]
        accounts, source, named = self._begin(USERS, start, arns)
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
            tags=tags,
            source=source,
        )
        members.add(named, [u.GroupList for u in users])
        managed, inline = [u.AttachedManagedPolicies for u in users], [u.UserPolicyList for u in users]
        attachments.add(named, managed, inline, boundaries)

    def _groups(self, start: int, groups: list[Group], attachments: Attachments) -> None:
        count, arns = len(groups), [g.Arn for g in groups]
        accounts, source, named = self._begin(GROUPS, start, arns)
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
        attachments.add(named, managed, inline)

    def _roles(self, start: int, roles: list[Role], tags: list[Pairs], attachments: Attachments) -> None:
        count, arns = len(roles), [r.Arn for r in roles]
        accounts, source, named = self._begin(ROLES, start, arns)
        trusts, paths = self._trust([r.AssumeRolePolicyDocument for r in roles]), [r.Path for r in roles]
        boundaries, used = [r.PermissionsBoundary for r in roles], [r.RoleLastUsed for r in roles]
        self.facts.principals.extend(
            count,
            id=arns,
            account=accounts,
            kind=self._trusts.kinds(paths, trusts),
            name=[r.RoleName for r in roles],
            path=paths,
            unique_id=[r.RoleId for r in roles],
            native=["role"] * count,
            created=[r.CreateDate for r in roles],
            last_used=[u.LastUsedDate if u else None for u in used],
            last_used_known=[isinstance(u, LastUsed) for u in used],
            last_used_region=[u.Region if u else None for u in used],
            boundary=[b.PermissionsBoundaryArn if b else None for b in boundaries],
            trust=trusts,
            tags=tags,
            source=source,
        )
        managed, inline = [r.AttachedManagedPolicies for r in roles], [r.RolePolicyList for r in roles]
        attachments.add(named, managed, inline, boundaries, trusts)
        self._trusts.add(named.ids, trusts)
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

    def _trust(self, given: list[msgspec.Raw]) -> list[int | None]:
        """The rows of trust policies; None for a role that has none."""
        rows = self.documents.intern_all([one for one in given if len(one)])
        for row in dict.fromkeys(rows):
            self._trusts.subjects(row)  # while its statements are still at hand
        if len(rows) == len(given):
            return cast(list[int | None], rows)
        found = iter(rows)
        return [next(found) if len(one) else None for one in given]
