"""What an organization lets its management account, and those to whom it delegates, do in all other accounts.

Stack sets with service-managed permissions are deployed by roles that CloudFormation makes itself in each account, and
that may do everything there. Root sessions begin in either account and are a member's root user. A permission set can
be assigned in every account.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-activate-trusted-access.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.model.scope import CoverageStatus
from leastwise.providers.base import ScopeTables
from leastwise.providers.tabled import rows_of

STACKS, ROOTS, CENTER = "cloudformation:organization", "sts:organization", "sso:organization"
"""Kinds of such a way, as rules name them."""
_SERVICES = {
    STACKS: "member.org.stacksets.cloudformation.amazonaws.com",
    ROOTS: "iam.amazonaws.com",
    CENTER: "sso.amazonaws.com",
}
"""The service of which an account has to be the delegated administrator."""
WHO: Mapping[str, str] = {
    STACKS: "whoever deploys stack sets of the organization",
    ROOTS: "whoever begins root sessions of the organization",
    CENTER: "whoever writes and assigns permission sets of the organization",
}
REQUIRES: Mapping[str, str] = {
    STACKS: "trusted access for stack sets",
    ROOTS: "centralized root access, and the mail of the member's root user",
    CENTER: "Identity Center, and somebody to be assigned as whom the attacker can sign in",
}
"""What it takes besides that no table tells."""


@dataclass(frozen=True)
class Organized:
    """One organization.

    Args:
        id: of it; empty where none is known.
        managers: by kind the accounts from which it can be done.
        members: the accounts in which it can be done.
    """

    id: str = ""
    managers: Mapping[str, Collection[str]] = field(default_factory=dict)
    members: Collection[str] = ()

    def kinds(self, account: str) -> Sequence[str]:
        """The ways that begin in an account."""
        return [kind for kind, accounts in self.managers.items() if account in accounts]


def organized(scopes: Sequence[ScopeTables]) -> Mapping[str, Organized]:
    """The organization of each account, as far as the tables tell who manages it."""
    rows = [row for row in rows_of(scopes, "scopes", "id", "kind", "tenant", "management") if row[1] == "account"]
    accounts: dict[str, set[str]] = defaultdict(set)
    for id, _, tenant, _ in rows:
        accounts[tenant or ""].add(id)
    delegated: dict[str, set[str]] = defaultdict(set)
    for account, service, kind in rows_of(scopes, "runs_as", "account", "object", "kind"):
        if kind == "administers":
            delegated[service].add(account)
    kinds = [kind for kind in _SERVICES if kind != CENTER or _centred(scopes)]
    found: dict[str, Organized] = {}
    for tenant, manager in sorted({(tenant, id) for id, _, tenant, management in rows if management and tenant}):
        members = accounts[tenant] - {manager}
        managers = {kind: {manager} | (delegated[_SERVICES[kind]] & members) for kind in kinds}
        found |= dict.fromkeys(accounts[tenant], Organized(tenant, managers, members))
    return found


def _centred(scopes: Sequence[ScopeTables]) -> bool:
    """Whether there is or may be an Identity Center: none was found where all were listed."""
    kinds = pa.array(["sso:instance", "sso:permissionSet"], pa.string())
    tables = [plain(one.tables["resources"].select(["kind"])) for one in scopes if "resources" in one.tables]
    if any(pc.any(pc.is_in(one["kind"], value_set=kinds)).as_py() for one in tables):
        return True
    asked = {status for service, call, status in rows_of(scopes, "coverage", "service", "call", "status")
             if (service, call) == ("sso-admin", "ListInstances")}  # fmt: skip
    return asked != {CoverageStatus.OK}
