"""Rules of single services that stand above policies, each with its page."""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.engine.formula import Formula, Literal
from leastwise.engine.solve import Gap

from .arn import parse_arn
from .policies import Policies
from .statements import Request, Target

_FREE = frozenset({"sts:getcalleridentity"})
"""Needs no permission, and no policy can deny it.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""
_ASSUMING = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:assumeroot",
        "sts:tagsession",
        "sts:setsourceidentity",
        "sts:setcontext",
    }
)
_READING = ("iam:get", "iam:list", "iam:generate", "iam:simulate")
_RESERVED_ROLE = "role/aws-reserved/"
_LINKED_ROLE = "role/aws-service-role/"
_LINKED_ALLOWED = frozenset({"iam:createservicelinkedrole", "iam:deleteservicelinkedrole", "iam:updateroledescription"})
_POLICY_WRITES = frozenset(
    {
        "iam:createpolicy",
        "iam:createpolicyversion",
        "iam:deletepolicy",
        "iam:deletepolicyversion",
        "iam:setdefaultpolicyversion",
        "iam:tagpolicy",
        "iam:untagpolicy",
    }
)
_ALIAS_WRITES = frozenset({"kms:createalias", "kms:deletealias", "kms:updatealias"})


BARRED = "S3 blocks public access: the bucket's public policy reaches only AWS services and its own account"
"""Why `barred` denies."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A verdict that no policy changes, and why."""

    allowed: bool
    reason: str


def fixed(name: str, target: Target) -> Fixed | None:
    """The verdict of a rule above policies on an action and what it acts on, or None when policies decide."""
    action = name.lower()
    if action in _FREE:
        return Fixed(True, "sts:GetCallerIdentity needs no permission, and no policy denies it")
    arn = parse_arn(target.text)
    if arn is None:
        return None
    if arn.service == "iam" and action.startswith("iam:") and not action.startswith(_READING):
        return _iam(action, arn.account, arn.resource)
    if action in _ALIAS_WRITES and arn.service == "kms" and arn.resource.startswith("alias/aws/"):
        return Fixed(False, "aliases that begin with alias/aws/ belong to AWS")
    return None


def _iam(action: str, account: str, resource: str) -> Fixed | None:
    """Roles and policies that AWS keeps for itself.

    https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
    """
    if resource.startswith(_RESERVED_ROLE):
        return Fixed(False, "roles that IAM Identity Center created can only be changed through it")
    if account == "aws" and action in _POLICY_WRITES:
        return Fixed(False, "policies that AWS manages cannot be changed")
    return None


def assumes(action: str) -> bool:
    """Whether an action is about becoming a role, which is for its trust policy to let."""
    return action.lower() in _ASSUMING


def decided_by_resource(request: Request) -> bool:
    """Whether nothing is allowed that the resource's own policy does not take part in: KMS keys and role trust.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """
    action = request.action.lower()
    arn = parse_arn(request.target.text)
    if arn is None:
        return False
    return assumes(action) or (action.startswith("kms:") and arn.resource.startswith("key/"))


def barred(request: Request, policies: Policies) -> Formula:
    """Whether a rule denies though no statement does; a gap where its setting was not read.

    RestrictPublicBuckets leaves a bucket with a public policy to AWS services and to its own account.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    if policies.blocks_public is False or not policies.public:
        return False
    who = request.principal
    if who.kind == "service" or (who.kind != "anonymous" and who.account == request.account):
        return False
    return True if policies.blocks_public else Literal(Gap("public access block of the bucket or its account"), False)
