"""The parts of an imported tree that nothing in the import tells of."""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.scope import Collected, Coverage, CoverageStatus

from .shapes import ASSETS, GET_IAM_POLICY

_ALLOW = ("cloudasset", "searchAllIamPolicies", "who is granted what by allow policies")
_PARTS: tuple[tuple[tuple[str, ...], tuple[str, str, str]], ...] = (
    ((f"{ASSETS}:*IAM_POLICY", "cloudasset.searchAllIamPolicies", GET_IAM_POLICY), _ALLOW),
    ((f"{ASSETS}:*RESOURCE", "cloudasset.searchAllResources"),
     ("cloudasset", "assets.list/RESOURCE", "which resources there are, and what they run as")),
    (("iam.policies.listPolicies",), ("iam", "policies.listPolicies", "what deny policies take away")),
    (("iam.principalAccessBoundaryPolicies.list",),
     ("iam", "principalAccessBoundaryPolicies.list", "what principal access boundaries take away")),
    (("iam.policyBindings.list",), ("iam", "policyBindings.list", "whom principal access boundaries bind")),
    (("iam.serviceAccounts.keys.list", f"{ASSETS}:*RESOURCE"),
     ("iam", "serviceAccounts.keys.list", "keys of service accounts")),
    (("cloudidentity.groups.memberships.list",),
     ("cloudidentity", "groups.memberships.list", "who is in groups, and so what members are granted by them")),
    ((f"{ASSETS}:*ORG_POLICY", "orgpolicy.policies.list"),
     ("orgpolicy", "policies.list", "which organization policies are in force")),
    (("iam.workloadIdentityPools.providers.list", f"{ASSETS}:*RESOURCE"),
     ("iam", "workloadIdentityPools.providers.list", "who from outside may become an identity of a pool")),
)  # fmt: skip


def gaps(collected: Collected) -> Sequence[Coverage]:
    """A `not_tried` record for each part of the tree that none of the documents, carried over ones too, tells of."""
    kinds = {document.kind for document in collected.documents}
    told = {(one.service, one.call) for one in collected.coverage}
    return [
        Coverage(service, call, CoverageStatus.NOT_TRIED, "not in what was imported", affects)
        for sources, (service, call, affects) in _PARTS
        if (service, call) not in told and not any(_tells(source, kinds) for source in sources)
    ]


def _tells(source: str, kinds: set[str]) -> bool:
    """Whether one of the kinds is this one; `:*WORD` stands for the assets whose content has the word."""
    kind, separator, word = source.partition(":*")
    if not separator:
        return source in kinds
    return any(one.startswith(f"{kind}:") and word in one.partition(":")[2].split("+") for one in kinds)
