"""What the estate knows of a request's context: facts of the principal, of the resource, and of neither.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from leastwise.engine.patterns import Pattern, Wild

from .. import catalog
from ..evaluate.arn import parse_arn, spans
from ..evaluate.facts import Facts, Look, Values, Within
from ..evaluate.issuing import ISSUED
from ..evaluate.principals import ANY_SERVICE, SESSION_NAME, Principal
from .estate import CompiledEstate
from .leads import point
from .places import Guardrails, Place

TAGS = "aws:principaltag/"
MFA = "aws:multifactorauth"
"""What the keys that tell of MFA begin with."""
Known = Values | Look | Within
"""What is known of one key."""
_PRINCIPAL = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:userid",
    "aws:username",
    "kms:calleraccount",
)
_ANONYMOUS: dict[str, Known] = {
    "aws:principaltype": ("Anonymous",),
    "aws:principalaccount": ("anonymous",),
    "aws:userid": ("anonymous",),
}
"""What a request without credentials carries: no ARN, and no word whether it comes from a service."""
_UNSIGNED = tuple(key for key in _PRINCIPAL if key not in ("aws:principaltype", "aws:userid"))
_FIELD = (Wild.ONE_WITHIN, Wild.ANY_WITHIN)
_ONLY_REGIONS = {
    ("aws", "iam"): "us-east-1", ("aws", "organizations"): "us-east-1", ("aws", "account"): "us-east-1",
    ("aws", "cloudfront"): "us-east-1", ("aws", "route53"): "us-east-1", ("aws", "globalaccelerator"): "us-west-2",
    ("aws-cn", "iam"): "cn-north-1", ("aws-cn", "organizations"): "cn-northwest-1",
    ("aws-us-gov", "iam"): "us-gov-west-1", ("aws-us-gov", "organizations"): "us-gov-west-1",
}  # fmt: skip
"""The only region of which a global service takes requests, by partition.

https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
"""
_UNLESS_SERVICE = (
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
)
"""Keys that a request carries only when an AWS service makes it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn
"""


def of_principal(key: str) -> bool:
    """Whether a key says something of the principal alone."""
    name = key.lower()
    return name in _PRINCIPAL or name.startswith(TAGS) or name == SESSION_NAME


def principal_facts(
    estate: CompiledEstate, guardrails: Guardrails, principal: Principal, number: int | None, *, tag_sessions: bool
) -> dict[str, Known]:
    """The keys of the principal.

    Args:
        estate: where its tags stand.
        guardrails: where its organization stands.
        principal: who asks.
        number: its number among the users and roles, or None for another.
        tag_sessions: sessions of the role can bring tags of their own, which then stand before the role's.
    """
    found: dict[str, Known] = dict.fromkeys((*_PRINCIPAL, SESSION_NAME), Look.ABSENT)
    if principal.kind == "anonymous":
        return found | _ANONYMOUS
    if principal.kind == "service":
        found["aws:principalisawsservice"] = ("true",)
        if principal.id == ANY_SERVICE:
            return found | dict.fromkeys(("aws:principalservicename", "aws:principalservicenameslist"), Look.PRESENT)
        found["aws:principalservicename"] = (principal.id,)
        found["aws:principalservicenameslist"] = (principal.id, *sorted(principal.aliases))
        return found
    found = dict.fromkeys(_UNLESS_SERVICE, Look.ABSENT)
    found["aws:principalisawsservice"] = ("false",)
    if principal.kind == "federated":
        # Requests to become a role by an assertion or a token are not signed.
        return found | dict.fromkeys((*_UNSIGNED, SESSION_NAME), Look.ABSENT)
    if principal.kind == "account":
        return found | _somebody(principal.account) | _place(guardrails, principal.account)
    found |= _identity(principal) | _place(guardrails, principal.account)
    found["aws:userid"] = _user_id(principal)
    if number is not None:
        found |= {f"{TAGS}{key.lower()}": (value,) for key, value in estate.tags(number).items()}
        if tag_sessions:
            found = {key: Look.UNKNOWN if key.startswith(TAGS) else value for key, value in found.items()}
    return found


def _identity(principal: Principal) -> dict[str, Known]:
    types = {"user": "User", "root": "Account", "federated_user": "FederatedUser"}
    found: dict[str, Known] = {
        "aws:principalarn": (principal.role or principal.id,),
        "aws:principalaccount": (principal.account,),
        "kms:calleraccount": (principal.account,),
        "aws:principaltype": (types.get(principal.kind, "AssumedRole"),),
    }
    found["aws:username"] = (principal.id.rsplit("/", 1)[-1],) if principal.kind == "user" else Look.ABSENT
    if principal.session is not None:
        found[SESSION_NAME] = (principal.session,)
    else:
        # A role stands for any of its sessions; each has some name, also where keys that are not given are absent.
        found[SESSION_NAME] = Look.PRESENT if principal.kind == "role" else Look.ABSENT
    if principal.kind in ("role", "federated_user"):
        # Nobody acts as these but with temporary credentials; users and root users can have either kind.
        found[ISSUED] = Look.PRESENT
    return found


def _user_id(principal: Principal) -> Known:
    """The value of aws:userid, as the table of the page has it for each kind of principal.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    unique = min(principal.aliases, default="")
    if principal.kind == "root":
        return (principal.account,)
    if principal.kind == "federated_user":
        return (f"{principal.account}:{principal.id.partition('/')[2]}",)
    if not unique:
        return Look.PRESENT
    if principal.kind == "user":
        return (unique,)
    if principal.session is not None:
        return (f"{unique}:{principal.session}",)
    return Within(Pattern((f"{unique}:", Wild.ONE, Wild.ANY)))


def _somebody(account: str) -> dict[str, Known]:
    """The keys of somebody of an account (any, where it is empty) of whom no more is known."""
    if not account:
        return dict.fromkeys(("aws:principalarn", "aws:principalaccount", "kms:calleraccount"), Look.PRESENT)
    return {
        "aws:principalarn": Within(Pattern(("arn:", *_FIELD, ":", *_FIELD, f"::{account}:", Wild.ONE, Wild.ANY))),
        "aws:principalaccount": (account,),
        "kms:calleraccount": (account,),
    }


def _place(guardrails: Guardrails, account: str) -> dict[str, Known]:
    organization, path = guardrails.organization(account), guardrails.path(account)
    found: dict[str, Known] = {}
    if guardrails.alone(account):
        return dict.fromkeys(("aws:principalorgid", "aws:principalorgpaths"), Look.ABSENT)
    if organization is not None:
        found["aws:principalorgid"] = (organization,)
    if path is not None:
        found["aws:principalorgpaths"] = (path,)
    return found


def resource_facts(guardrails: Guardrails, place: Place, action: str, partition: str) -> dict[str, Known]:
    """The keys of the resource, and of where it is called.

    `partition` is the requester's, which counts where the resource tells none; empty where it is not known.
    """
    found: dict[str, Known] = {}
    if place.account:
        found |= of_account(guardrails, place.account)
        if action.lower().startswith("s3"):
            found["s3:resourceaccount"] = (place.account,)
    if action.lower().startswith("s3:"):
        found |= _point(place)
    if place.tags is not None:
        prefixes = resource_tags(action)
        found |= {f"{prefix}{key.lower()}": (value,) for prefix in prefixes for key, value in place.tags.items()}
    arn = parse_arn(place.target.text)
    named = arn is not None and not spans(arn.partition)
    only = _ONLY_REGIONS.get((arn.partition if arn and named else partition, action.partition(":")[0].lower()))
    if arn is not None and arn.region and not spans(arn.region):
        found["aws:requestedregion"] = (arn.region,)
    elif only is not None:
        found["aws:requestedregion"] = (only,)
    return found


def of_account(guardrails: Guardrails, account: str) -> dict[str, Known]:
    """The keys that every resource of an account has the same."""
    found: dict[str, Known] = {"aws:resourceaccount": (account,)}
    organization, path = guardrails.organization(account), guardrails.path(account)
    if organization is not None:
        found["aws:resourceorgid"] = (organization,)
    if path is not None:
        found["aws:resourceorgpaths"] = (path,)
    if guardrails.alone(account):
        found |= dict.fromkeys(("aws:resourceorgid", "aws:resourceorgpaths"), Look.ABSENT)
    return found


def _point(place: Place) -> dict[str, Known]:
    """The keys that only requests through an access point carry.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
    """
    if place.behind is None:
        return dict.fromkeys(("s3:dataaccesspointarn", "s3:dataaccesspointaccount"), Look.ABSENT)
    through = point(place.target.text)
    return {"s3:dataaccesspointarn": (through[0],), "s3:dataaccesspointaccount": (place.account,)} if through else {}


def complete(place: Place, action: str, *, tags: bool) -> tuple[str, ...]:
    """Prefixes of keys that are known wholly."""
    return (*((TAGS,) if tags else ()), *(resource_tags(action) if place.tags is not None else ()))


@lru_cache(maxsize=1024)
def resource_tags(action: str) -> tuple[str, ...]:
    """What the keys of the resource's tags begin with: some services have a name of their own beside the common one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#available-keys-for-iam
    """
    own = f"{action.partition(':')[0].lower()}:resourcetag/"
    return ("aws:resourcetag/", own) if catalog.condition_key(f"{own}tag") is not None else ("aws:resourcetag/",)


def never(action: str) -> Callable[[str], bool]:
    """Whether requests of an action never carry a key: one of its own service that its page does not list.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    known = catalog.action(action)
    if known is None:
        return lambda _: False
    prefix, carried = action.partition(":")[0].lower() + ":", known.condition_keys

    def absent(key: str) -> bool:
        if not key.startswith(prefix) or key in carried:
            return False
        described = catalog.condition_key(key)
        return described is not None and described.form not in carried

    return absent


def choices_of(estate: CompiledEstate, number: int | None) -> dict[str, tuple[Values | None, ...]]:
    """What little some keys of a principal can be: nobody without an MFA device has signed in with one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
    """
    if number is None or estate.arrays["principal.mfa"][number] != 0:
        return {}
    return {f"{MFA}present": (None, ("false",)), f"{MFA}age": (None,)}


def facts_of(
    action: str,
    parts: list[Mapping[str, Known]],
    complete: tuple[str, ...],
    *,
    strict: bool,
    choices: Mapping[str, tuple[Values | None, ...]],
) -> Facts:
    """The facts of a request; later parts go before earlier ones."""
    known: dict[str, Known] = {}
    for part in parts:
        known |= part
    kept = {key: value for key, value in known.items() if value is not Look.UNKNOWN or not strict}
    return Facts(kept, complete, strict, never(action), choices)
