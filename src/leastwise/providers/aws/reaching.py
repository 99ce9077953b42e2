"""Of which groups and policies it was read whom they reach, off the coverage of a scope.

Pages: [GetAccountAuthorizationDetails](https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html),
[ListAccountsForProvisionedPermissionSet](https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountsForProvisionedPermissionSet.html),
[ListGroupMemberships](https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListGroupMemberships.html).
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.dormancy import Nouns, Told
from leastwise.model.scope import Coverage, CoverageStatus

_DETAILS = "GetAccountAuthorizationDetails"
_DOWNLOAD = "iam-collect download"
_USERS, _GROUPS, _ROLES = (
    f"{_DETAILS}/{section}" for section in ("UserDetailList", "GroupDetailList", "RoleDetailList")
)


def told(coverage: Sequence[Coverage]) -> Told:
    """Whom a group or policy reaches was read where every call that tells it was made and none of them failed.

    Users name their groups; users, groups and roles the policies and the boundary that they have. A group of Identity
    Center is asked for its members by itself; a permission set for the accounts it is provisioned to, and there for
    whom it is assigned to.
    """
    calls = _Calls(coverage)
    entities = {name: calls.made("iam", name) for name in (_USERS, _GROUPS, _ROLES)}
    placed = calls.details("sso-admin", "ListAccountsForProvisionedPermissionSet")
    # Saved answers may be some of them; our own collector asks for every set, and in every account that has it.
    sets = (
        calls.made("sso-admin", "ListPermissionSets")
        and calls.made("sso-admin", "ListAccountsForProvisionedPermissionSet")
        and any(map(counted, placed))
        and not calls.failed("sso-admin", "ListAccountAssignments")
    )
    groups = calls.made("identitystore", "ListGroups") and calls.made("identitystore", "ListGroupMemberships")
    asked = calls.details("identitystore", "ListGroupMemberships")

    def known(noun: str, id: str, name: str) -> bool:
        match noun:
            case "group":
                return entities[_USERS]
            case "managed_customer":
                return all(entities.values())
            case "permission_set":
                return sets
            case "identity_center_group":
                return groups and (bool(asked & {name, id.rpartition("/")[2]}) or any(map(counted, asked)))
        return False

    return known


def counted(detail: str) -> bool:
    """Whether a record stands for many answers: our own collector asks for each group that is listed."""
    return " answers, " in detail


class _Calls:
    """How the calls of a scope ended. A record of a call as a whole stands for its sections, `*` for all calls."""

    def __init__(self, coverage: Sequence[Coverage]) -> None:
        self._coverage = coverage

    def _about(self, service: str, call: str) -> list[Coverage]:
        whole = {call, call.partition("/")[0], "*"} | ({_DOWNLOAD} if service == "iam" else set())
        return [one for one in self._coverage if one.service == service and one.call in whole]

    def made(self, service: str, call: str) -> bool:
        """Whether it was made, and never failed."""
        found = self._about(service, call)
        return bool(found) and all(one.status is CoverageStatus.OK for one in found)

    def failed(self, service: str, call: str) -> bool:
        """Whether it failed, or was left out."""
        return any(one.status is not CoverageStatus.OK for one in self._about(service, call))

    def details(self, service: str, call: str) -> set[str]:
        """What the records of a call say they are about."""
        return {one.detail for one in self._about(service, call)}


NOUNS = Nouns(
    principals=frozenset({"user", "role"}),
    kept=frozenset({"service_linked", "identity_center_role"}),
    groups=frozenset({"group", "identity_center_group"}),
    bundles=frozenset({"managed_customer", "permission_set"}),
    carriers=frozenset({"permission_set"}),
    told=told,
    credentials=frozenset({"access_key", "password"}),
    proof="external id",
)
