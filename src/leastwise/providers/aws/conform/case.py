"""Reading a case of suite `aws.evaluate`: its request, its policies, and what is known of its condition keys.

Cases come from outside: whatever is not as it must be is named, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from leastwise.model.conformance import CaseError

from ..evaluate.arn import request_pattern, spans
from ..evaluate.facts import Facts, Look, Values
from ..evaluate.policies import Level, Policies
from ..evaluate.policy import Policy, PolicyError, parse_policy
from ..evaluate.principals import Principal, parse_principal
from ..evaluate.statements import Request, Target
from .constraints import constrained
from .public import is_public

MODES = ("strict", "discovery", "pattern")
EXPECTED = ("Allowed", "ImplicitlyDenied", "ExplicitlyDenied", "Denied")
_POLICIES = ("identity_policies", "permission_boundaries", "session_policies", "vpce_policies")


class UnsupportedCaseError(Exception):
    """The case is well formed and says something that cannot be expressed here; the message says what."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it is asked."""

    mode: str
    expected: str
    request: Request
    policies: Policies


def read_case(body: Mapping[str, Any]) -> Case:
    """A decoded line as a case.

    Raises:
        CaseError: something is missing, of a wrong type, or a policy cannot be read.
        UnsupportedCaseError: it cannot be expressed.
    """
    mode, expected = _choice(body, "mode", MODES), _choice(body, "expected", EXPECTED)
    asked = body.get("request")
    if not isinstance(asked, Mapping):
        raise CaseError("request: must be an object")
    request = _request(asked, body, mode)
    return Case(mode, expected, request, _policies(body, request))


def _choice(body: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
    found = body.get(key)
    if found not in choices:
        raise CaseError(f"{key}: {found!r} is none of {', '.join(choices)}")
    return str(found)


def _text(body: Mapping[str, Any], key: str, *, place: str = "", default: str | None = None) -> str:
    found = body.get(key, default)
    if not isinstance(found, str):
        raise CaseError(f"{place}{key}: {'is missing' if found is None else 'must be a text'}")
    return found


def _flag(body: Mapping[str, Any], key: str, *, place: str = "") -> bool:
    found = body.get(key)
    if found is not None and not isinstance(found, bool):
        raise CaseError(f"{place}{key}: must be true or false")
    return bool(found)


# --- the request ------------------------------------------------------------------------------------------------------


def _request(asked: Mapping[str, Any], body: Mapping[str, Any], mode: str) -> Request:
    action = _text(asked, "action", place="request.")
    if ":" not in action:
        raise CaseError(f"request.action: {action!r} is no action, as in s3:GetObject")
    context = _context(asked.get("context"))
    if mode == "discovery":
        facts = Facts(constrained(context, body.get("discovery_constraints")))
    else:
        facts = Facts(context, strict=True)
    who = _principal(asked, mode)
    if who.kind == "root" and body.get("identity_policies"):
        # A root user has no policies of its own: somebody of the account is meant who has them.
        who = replace(who, kind="user")
    return Request(
        who, action, _target(asked),
        _text(asked, "resource_account", place="request.", default=""), facts,
    )  # fmt: skip


def _principal(asked: Mapping[str, Any], mode: str) -> Principal:
    named = asked.get("principal")
    if isinstance(named, Mapping):
        if named.get("type") != "Anonymous":
            raise UnsupportedCaseError(f"principals of type {named.get('type')!r} are not known")
        return Principal("anonymous", "")
    text = _text(asked, "principal", place="request.")
    found = parse_principal(text)
    if found is None:
        raise UnsupportedCaseError(f"{text!r} is no principal that is known")
    if mode == "discovery" and found.kind == "session":
        # Discovery asks for some request of the role: whoever assumes it chooses the session's name.
        found = parse_principal(found.role) or found
    account = asked.get("principal_account")
    if account is None:
        return found
    return replace(found, account=_text(asked, "principal_account", place="request."))


def _target(asked: Mapping[str, Any]) -> Target:
    """The resource; a pattern when it has wildcards, unless the case says that the action knows no resources."""
    text = _text(asked, "resource", place="request.")
    everything = _flag(asked, "wildcard_only_action", place="request.")
    return Target(text, None if everything or not spans(text) else request_pattern(text))


def _context(given: object) -> dict[str, Values | Look]:
    if not isinstance(given, Mapping):
        raise CaseError("request.context: must be an object")
    found: dict[str, Values | Look] = {}
    for key, value in given.items():
        if key.lower() in found:
            raise CaseError(f"request.context: {key!r} is given twice")
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | int | float | bool) for one in values):
            raise CaseError(f"request.context.{key}: must be a text or a list of texts")
        found[key.lower()] = tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
    return found


# --- the policies -----------------------------------------------------------------------------------------------------


def _policies(body: Mapping[str, Any], request: Request) -> Policies:
    identity, boundaries, session, endpoint = (_listed(body, key) for key in _POLICIES)
    master = body.get("org_management_account")
    if master is not None:
        master = _text(body, "org_management_account")
    resource = body.get("resource_policy")
    blocks = _flag(body, "s3_block_public_access")
    return Policies(
        identity=identity or (),
        boundaries=boundaries,
        session=session,
        # Guardrails leave the organization's management account alone:
        # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
        # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
        scps=None if master and request.principal.account == master else _levels(body, "scps"),
        rcps=None if master and request.account == master else _levels(body, "rcps"),
        endpoint=endpoint,
        resource=None if resource is None else _policy(resource, "resource_policy"),
        blocks_public=blocks,
        public=blocks and resource is not None and is_public(resource),
    )


def _policy(body: object, place: str) -> Policy:
    try:
        return parse_policy(body, place)
    except PolicyError as error:
        raise CaseError(f"{place}: {error}") from None


def _listed(body: Mapping[str, Any], key: str) -> list[Policy] | None:
    found = body.get(key)
    return None if found is None else list(_each(found, key))


def _each(found: object, place: str) -> Iterator[Policy]:
    if not isinstance(found, list):
        raise CaseError(f"{place}: must be a list of policies")
    for position, one in enumerate(found):
        yield _policy(one, f"{place}/{position}")


def _levels(body: Mapping[str, Any], key: str) -> list[Level] | None:
    found = body.get(key)
    if found is None:
        return None
    if not isinstance(found, list):
        raise CaseError(f"{key}: must be a list of levels")
    levels: list[Level] = []
    for position, level in enumerate(found):
        if not isinstance(level, Mapping):
            raise CaseError(f"{key}/{position}: must be an object with policies")
        levels.append(list(_each(level.get("policies"), f"{key}/{position}/policies")))
    return levels
