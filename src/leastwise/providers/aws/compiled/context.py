"""What the estate knows of a request's context: facts of the principal, of the resource, and of neither.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .. import catalog
from ..evaluate.arn import parse_arn
from ..evaluate.facts import Facts, Look, Values
from ..evaluate.principals import SESSION_NAME, Principal
from .estate import CompiledEstate
from .leads import point
from .places import Guardrails, Place

TAGS = "aws:principaltag/"
MFA = "aws:multifactorauth"
"""What the keys that tell of MFA begin with."""
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
) -> dict[str, Values | Look]:
    """The keys of the principal.

    Args:
        estate: where its tags stand.
        guardrails: where its organization stands.
        principal: who asks.
        number: its number among the users and roles, or None for another.
        tag_sessions: sessions of the role can bring tags of their own, which then stand before the role's.
    """
    if principal.kind == "anonymous":
        return dict.fromkeys((*_PRINCIPAL, SESSION_NAME), Look.ABSENT) | {
            "aws:principaltype": ("Anonymous",),
            "aws:principalisawsservice": ("false",),
        }
    if principal.kind == "service":
        return dict.fromkeys(_PRINCIPAL, Look.ABSENT) | {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (principal.id,),
            "aws:principalservicenameslist": (principal.id, *sorted(principal.aliases)),
        }
    found: dict[str, Values | Look] = dict.fromkeys(_UNLESS_SERVICE, Look.ABSENT)
    found["aws:principalisawsservice"] = ("false",)
    found |= _identity(principal) | _place(guardrails, principal.account)
    unique = sorted(principal.aliases)
    if principal.kind == "user" and unique:
        found["aws:userid"] = (unique[0],)
    elif principal.kind == "session" and unique:
        found["aws:userid"] = (f"{unique[0]}:{principal.session}",)
    elif principal.kind in ("role", "session"):
        found["aws:userid"] = Look.PRESENT
    if number is not None:
        found |= {f"{TAGS}{key.lower()}": (value,) for key, value in estate.tags(number).items()}
        if tag_sessions:
            found = {key: Look.UNKNOWN if key.startswith(TAGS) else value for key, value in found.items()}
    return found


def _identity(principal: Principal) -> dict[str, Values | Look]:
    types = {"user": "User", "root": "Account", "federated_user": "FederatedUser"}
    found: dict[str, Values | Look] = {
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
    if principal.kind == "root":
        found["aws:userid"] = (principal.account,)
    return found


def _place(guardrails: Guardrails, account: str) -> dict[str, Values | Look]:
    organization, path = guardrails.organization(account), guardrails.path(account)
    found: dict[str, Values | Look] = {}
    if organization is not None:
        found["aws:principalorgid"] = (organization,)
    if path is not None:
        found["aws:principalorgpaths"] = (path,)
    return found


def resource_facts(guardrails: Guardrails, place: Place, action: str) -> dict[str, Values | Look]:
    """The keys of the resource, and of where it is called."""
    found: dict[str, Values | Look] = {}
    if place.account:
        found["aws:resourceaccount"] = (place.account,)
        if action.lower().startswith("s3"):
            found["s3:resourceaccount"] = (place.account,)
        organization, path = guardrails.organization(place.account), guardrails.path(place.account)
        if organization is not None:
            found["aws:resourceorgid"] = (organization,)
        if path is not None:
            found["aws:resourceorgpaths"] = (path,)
    if action.lower().startswith("s3:"):
        found |= _point(place)
    if place.tags is not None:
        found |= {f"aws:resourcetag/{key.lower()}": (value,) for key, value in place.tags.items()}
    arn = parse_arn(place.target.text)
    if arn is not None and arn.region and "*" not in arn.region:
        found["aws:requestedregion"] = (arn.region,)
    return found


def _point(place: Place) -> dict[str, Values | Look]:
    """The keys that only requests through an access point carry.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
    """
    if place.behind is None:
        return dict.fromkeys(("s3:dataaccesspointarn", "s3:dataaccesspointaccount"), Look.ABSENT)
    through = point(place.target.text)
    return {"s3:dataaccesspointarn": (through[0],), "s3:dataaccesspointaccount": (place.account,)} if through else {}


def complete(place: Place, *, tags: bool) -> tuple[str, ...]:
    """Prefixes of keys that are known wholly."""
    return (*((TAGS,) if tags else ()), *(("aws:resourcetag/",) if place.tags is not None else ()))


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
    parts: list[Mapping[str, Values | Look]],
    complete: tuple[str, ...],
    *,
    strict: bool,
    choices: Mapping[str, tuple[Values | None, ...]],
) -> Facts:
    """The facts of a request; later parts go before earlier ones."""
    known: dict[str, Values | Look] = {}
    for part in parts:
        known |= part
    kept = {key: value for key, value in known.items() if value is not Look.UNKNOWN or not strict}
    return Facts(kept, complete, strict, never(action), choices)
