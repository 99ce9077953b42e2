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
_FOR_USERS = "sts:getsessiontoken"
"""Users and root users get session tokens without a permission; sessions of roles cannot ask for them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
"""
_ROOT_SESSION = "sts:assumeroot"
_ASSUMING = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
        "sts:setcontext",
    }
)
"""By which a role is assumed: not by root users, who are denied.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""
_TAKING_A_TOKEN = frozenset({"sts:assumerolewithsaml", "sts:assumerolewithwebidentity"})
"""Become a role by what an identity provider signed: these requests are not signed with keys of AWS."""
_BESIDE = frozenset({"sts:tagsession", "sts:setsourceidentity", "sts:setcontext"})
"""Belong to requests to become a role, of whatever kind."""
UNSIGNED = "AWS takes only signed requests for this"
_READING = ("iam:get", "iam:list", "iam:generate", "iam:simulate")
_RESERVED_ROLE = "role/aws-reserved/"
_SERVICE_ROLE = "role/aws-service-role/"
_OF_SERVICES = frozenset(
    {
        "iam:attachrolepolicy",
        "iam:deleterole",
        "iam:deleterolepermissionsboundary",
        "iam:deleterolepolicy",
        "iam:detachrolepolicy",
        "iam:putrolepermissionsboundary",
        "iam:putrolepolicy",
        "iam:updateassumerolepolicy",
    }
)
"""What nobody does with a role that is linked to a service."""
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
_OWN_ALIAS = "alias/aws/"
_ALIAS_WRITES = frozenset({"kms:createalias", "kms:deletealias", "kms:updatealias"})


BARRED = "S3 blocks public access: the bucket's public policy reaches only AWS services and its own account"
"""Why `barred` denies."""
ABROAD = "principals of other accounts cannot use a key for this operation, whatever policies say"
GRANTED = frozenset(
    f"kms:{name}"
    for name in (
        "creategrant", "decapsulate", "decrypt", "derivesharedsecret", "describekey", "encapsulate", "encrypt",
        "generatedatakey", "generatedatakeypair", "generatedatakeypairwithoutplaintext",
        "generatedatakeywithoutplaintext", "generatemac", "getpublickey", "reencryptfrom", "reencryptto", "retiregrant",
        "sign", "verify", "verifymac",
    )
)  # fmt: skip
"""Operations on a key that a grant can give, to principals of other accounts too.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
"""
_ACROSS_ACCOUNTS = GRANTED | {"kms:getkeyrotationstatus", "kms:listgrants", "kms:revokegrant"}
"""Operations on a key that principals of other accounts can be allowed: "Cross-account use" of each operation's page.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
"""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A verdict that no policy changes, and why."""

    allowed: bool
    reason: str


def fixed(name: str, target: Target, kind: str = "user") -> Fixed | None:
    """The verdict of a rule above policies on an action and what it acts on, or None when policies decide.

    Args:
        name: of the action.
        target: what it acts on.
        kind: of the principal.
    """
    action = name.lower()
    if kind in ("anonymous", "federated") and signed(action):
        return Fixed(False, UNSIGNED)
    if action in _FREE:
        return Fixed(True, "sts:GetCallerIdentity needs no permission, and no policy denies it")
    if action == _FOR_USERS and kind in ("user", "root", "account"):
        return Fixed(True, "sts:GetSessionToken needs no permission, and no policy controls it")
    if action == _FOR_USERS:
        return Fixed(False, "only users and root users can get session tokens")
    if action == _ROOT_SESSION and kind == "root":
        return Fixed(False, "root users cannot begin root sessions")
    if action in _ASSUMING and kind == "root":
        return Fixed(False, "root users cannot become a role")
    arn = parse_arn(target.text)
    if arn is None:
        return None
    if arn.service == "iam" and action.startswith("iam:") and not action.startswith(_READING):
        return _iam(action, arn.account, arn.resource)
    if action in _ALIAS_WRITES and arn.service == "kms" and arn.resource.startswith(_OWN_ALIAS):
        return Fixed(False, "aliases that begin with alias/aws/ belong to AWS")
    return None


def looked_at(text: str) -> tuple[object, ...]:
    """What `fixed` sees of the name of what an action acts on: where it is equal, so is the verdict."""
    arn = parse_arn(text)
    if arn is None:
        return ()
    begins = next((one for one in (_RESERVED_ROLE, _SERVICE_ROLE, _OWN_ALIAS) if arn.resource.startswith(one)), "")
    return arn.service, arn.account == "aws", begins


def signed(action: str) -> bool:
    """Whether an action takes no requests without credentials, whomever policies let in: those of STS, but to become a
    role by a token or an assertion, and those of KMS.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
    https://docs.aws.amazon.com/kms/latest/developerguide/control-access.html
    """
    return action.startswith(("sts:", "kms:")) and action not in _TAKING_A_TOKEN | _BESIDE


def _iam(action: str, account: str, resource: str) -> Fixed | None:
    """Roles and policies that AWS keeps for itself.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
    https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
    """
    if resource.startswith(_RESERVED_ROLE):
        return Fixed(False, "roles that IAM Identity Center created can only be changed through it")
    if resource.startswith(_SERVICE_ROLE) and action in _OF_SERVICES:
        return Fixed(False, "only the service that a role is linked to changes what the role may do and who assumes it")
    if account == "aws" and action in _POLICY_WRITES:
        return Fixed(False, "policies that AWS manages cannot be changed")
    return None


def begins_root_session(action: str) -> bool:
    """Whether an action begins a root session on a member account."""
    return action.lower() == _ROOT_SESSION


def root_session(request: Request) -> Formula | None:
    """What a root session on a member account needs besides the permission; None for another action.

    No policy of the member account takes part. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
    """
    if not begins_root_session(request.action):
        return None
    account = request.principal.account
    return Literal(Gap(f"whether the organization has root sessions and leaves them to account {account}: not read"))


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


@dataclass(frozen=True, slots=True)
class Barred:
    """A rule that denies though no statement does: the formula under which it does, and why."""

    formula: Formula = False
    reason: str = ""


def barred(request: Request, policies: Policies) -> Barred:
    """What denies though no statement does; a gap where the setting that decides it was not read."""
    if _abroad(request):
        return Barred(True, ABROAD)
    return Barred(_restricted(request, policies), BARRED)


def _abroad(request: Request) -> bool:
    """Whether the operation is none that principals of other accounts can use a key for, whatever policies give.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
    """
    who = request.principal
    if not stays_home(request.action) or who.kind in ("service", "anonymous", "federated"):
        return False
    arn = parse_arn(request.target.text)
    named = arn is not None and arn.resource.startswith(("key/", "alias/"))
    return named and request.account not in ("", who.account)


def stays_home(action: str) -> bool:
    """Whether an action on a key is for principals of its own account alone."""
    return action.lower().startswith("kms:") and action.lower() not in _ACROSS_ACCOUNTS


def _restricted(request: Request, policies: Policies) -> Formula:
    """RestrictPublicBuckets leaves a bucket with a public policy to AWS services and to its own account.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    if policies.blocks_public is False or not policies.public:
        return False
    who = request.principal
    if who.kind == "service" or (who.kind != "anonymous" and who.account == request.account):
        return False
    return True if policies.blocks_public else Literal(Gap("public access block of the bucket or its account"), False)
