"""What of Google Cloud can be out of use, and of which groups and roles it was read whom they reach.

Pages: [groups.memberships.list](https://docs.cloud.google.com/identity/docs/reference/rest/v1/groups.memberships/list),
[custom roles](https://docs.cloud.google.com/iam/docs/creating-custom-roles),
[keys](https://docs.cloud.google.com/iam/docs/service-account-creds).
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.dormancy import Nouns, Told
from leastwise.model.scope import Coverage, CoverageStatus

_POLICIES = ("searchAllIamPolicies", "IAM_POLICY")
"""Words of the calls that tell the allow policies of a whole tree."""


def told(coverage: Sequence[Coverage]) -> Told:
    """Whom a group or role reaches was read where every call that tells it was made and none of them failed.

    A group that policies name, and that nobody listed, may be of another organization: who is in it is not known.
    """
    members = [one for one in coverage if (one.service, one.call) == ("cloudidentity", "groups.memberships.list")]
    # Saved answers may be those of some groups; our own collector asks for each that is listed, and counts them.
    groups = _ended_well(members) and any(" answers" in one.detail for one in members)
    policies = [one for one in coverage if _of_tree(one) or one.call.endswith("getIamPolicy")]
    whole = _ended_well(policies) and any(map(_of_tree, policies))

    def known(noun: str, id: str, name: str) -> bool:
        if noun == "group":
            return groups and name.lower() != id.removeprefix("group:")
        return noun == "custom_role" and whole

    return known


def _of_tree(one: Coverage) -> bool:
    return one.service == "cloudasset" and any(word in one.call for word in _POLICIES)


def _ended_well(found: Sequence[Coverage]) -> bool:
    return bool(found) and all(one.status is CoverageStatus.OK for one in found)


NOUNS = Nouns(
    principals=frozenset(
        {
            "user", "service_account", "workforce_identity", "workload_identity", "kubernetes_service_account",
            "agent_identity",
        }
    ),
    kept=frozenset({"provider_service", "deleted"}),
    groups=frozenset({"group"}),
    bundles=frozenset({"custom_role"}),
    carriers=frozenset(),
    told=told,
    credentials=frozenset({"service_account_key", "uploaded_key"}),
)  # fmt: skip
