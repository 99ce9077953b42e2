"""What has no column of its own, of each kind of object, as decision 0034 lists it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leastwise.providers.entra.exports.kinds import DEVICES, GROUPS, SERVICE_PRINCIPALS, USERS
from leastwise.providers.entra.language.directory import (
    Object,
    parse_application,
    parse_device,
    parse_group,
    parse_service_principal,
    parse_user,
)
from leastwise.providers.entra.language.memberships import RuleError, parse_membership_rule
from leastwise.providers.entra.language.steering import steered_by
from leastwise.providers.fields import Body, Fields
from leastwise.providers.interned import canonical

SUBTYPES = ("dynamic", "unified", "security", "hidden")
"""Subtypes of groups that are told one by one; a group that is not dynamic has assigned members."""


def word(told: bool | None) -> str:
    """A truth as a word; empty where it is not told."""
    return "" if told is None else "yes" if told else "no"


def _some(details: Mapping[str, str]) -> dict[str, str]:
    return {name: told for name, told in details.items() if told}


def _user(body: Body) -> dict[str, str]:
    return _some({"type": parse_user(body).kind, "synced": word(Fields(body).flag("onPremisesSyncEnabled"))})


def membership(text: str) -> dict[str, str]:
    """A rule of members, the attributes that decide by it and who may change one, or why it does not parse."""
    if not text.strip():
        return {}
    try:
        rule = parse_membership_rule(text)
    except RuleError as error:
        return {"rule": text, "rule_error": str(error)}
    return {"rule": text, "rule_attributes": " ".join(rule.attributes), "steered_by": steered_by(rule)}


def _group(body: Body) -> dict[str, str]:
    one, fields = parse_group(body), Fields(body)
    return _some(
        {
            "type": one.kind,
            "assignable": word(one.assignable),
            **{name: word(one.subtypes.get(name)) for name in SUBTYPES},
            **membership(fields.text("membershipRule")),
            "rule_state": fields.text("membershipRuleProcessingState"),
            "synced": word(fields.flag("onPremisesSyncEnabled")),
        }
    )


def _device(body: Body) -> dict[str, str]:
    return {"type": parse_device(body).kind}


def _service_principal(body: Body) -> dict[str, str]:
    one, fields = parse_service_principal(body), Fields(body)
    return _some(
        {
            "type": one.kind,
            "app_roles": "" if one.app_roles is None else canonical(one.app_roles),
            "scopes": "" if one.scopes is None else canonical(sorted(one.scopes)),
            "assignment_required": "yes" if one.wants_assignment else "",
            "owner": one.owner,
            "disabled_by": fields.text("disabledByMicrosoftStatus"),
        }
    )


def application(body: Body) -> dict[str, str]:
    """Details of an application. Raises FieldError."""
    one: Object = parse_application(body)
    return _some(
        {
            "read": "yes",
            "app": one.app,
            "audience": Fields(body).text("signInAudience"),
            "locked": "some" if one.locked is None else word(one.locked),
        }
    )


DETAILS: Mapping[str, Callable[[Body], dict[str, str]]] = {
    USERS: _user,
    GROUPS: _group,
    DEVICES: _device,
    SERVICE_PRINCIPALS: _service_principal,
}
"""The details of an object by its kind; each raises FieldError."""
