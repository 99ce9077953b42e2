"""Which of several statements a request needs: of the caller's policies, of the resource's, or of both.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html: across accounts
both must allow it. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html: a role is assumed
only by whom its trust policy lets in; in one account the caller's own policies need not say so where the trust names
him.
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.decision import Reason

from .evaluate.arn import parse_arn

_ASSUMES = frozenset({"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"})


def sides(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    """Statements of which one each is needed; all together where it is not told of which account the resource is."""
    theirs = [one for one in reasons if one.layer == "resource"]
    own = [one for one in reasons if one.layer != "resource"]
    caller, held = parse_arn(principal), parse_arn(resource)
    if caller is not None and held is not None and caller.account and held.account and theirs:
        if caller.account != held.account:
            return (theirs, own) if own else (theirs,)
        if permission.lower() in _ASSUMES:
            return (theirs,)
    elif permission.lower() in _ASSUMES and theirs:
        return (theirs,)
    return (reasons,)
