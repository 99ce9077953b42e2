"""Role assignments, those that are eligible, and deny assignments.

https://learn.microsoft.com/rest/api/authorization/role-assignments
https://learn.microsoft.com/rest/api/authorization/role-assignment-schedule-instances
"""

from __future__ import annotations

from leastwise.providers.azure.language.activation import parse_activation, requirements
from leastwise.providers.azure.language.assignments import (
    EVERYONE,
    Assignment,
    DenyAssignment,
    parse_assignment,
    parse_deny_assignment,
)
from leastwise.providers.azure.language.ids import IdError, guid
from leastwise.providers.fields import FieldError
from leastwise.providers.interned import Statement, canonical
from leastwise.providers.members import Object

from .context import Context
from .entries import condition_of, denying, statements_of
from .given import Given
from .reading import text, time

ASSIGNED, ACTIVATED, ELIGIBLE = "role_assignment", "activated_assignment", "eligible_assignment"


def role_assignment(context: Context, value: Object, source: str) -> None:
    """A role assignment that is in force."""
    one = _parsed(context, value, "roleAssignments", source)
    if one is not None:
        take(context, one, ASSIGNED, value, source)


def schedule_instance(context: Context, value: Object, source: str) -> None:
    """What an assignment schedule has made: an assignment that the list of role assignments tells as well.

    It says what that does not: whether it was activated, and when it ends.
    """
    one = _parsed(context, value, "roleAssignmentScheduleInstances", source)
    if one is not None:
        take(context, one, ACTIVATED if one.activated else ASSIGNED, value, source)


def eligible(context: Context, value: Object, source: str) -> None:
    """A role that somebody may activate."""
    one = _parsed(context, value, "roleEligibilityScheduleInstances", source)
    if one is not None:
        take(context, one, ELIGIBLE, value, source)


def _parsed(context: Context, value: Object, kind: str, source: str) -> Assignment | None:
    try:
        return parse_assignment(value, kind)
    except (FieldError, IdError) as error:
        context.skip(f"an assignment of which {error}", source)
        return None


def take(context: Context, one: Assignment, kind: str, value: Object, source: str) -> None:
    """Keep an assignment, once: Azure lets nobody have one role twice at one scope, but several interfaces tell it."""
    context.tree.see(one.scope)
    name = text(value, "principalName") or text(value, "displayName")
    # The command line calls an app, and a managed identity, by its app id.
    app = name if guid(name) else ""
    context.principals.name(
        one.principal, one.type, source, unique_id=app,
        name="" if app else name or text(value, "expandedProperties", "principal", "displayName")
        or text(value, "signInName"),
        mail=text(value, "expandedProperties", "principal", "email") or text(value, "signInName"),
    )  # fmt: skip
    named = text(value, "roleDefinitionName") or text(value, "expandedProperties", "roleDefinition", "displayName")
    if named or one.role not in context.named_roles:
        context.named_roles[one.role] = (named or context.named_roles.get(one.role, ("", ""))[0], source)
    layer = "eligible" if kind == ELIGIBLE else "allow"
    key = (layer, one.role, one.principal, one.scope.key, one.condition)
    known = context.given.setdefault(key, Given(one, kind, source))
    if kind == ACTIVATED:
        known.kind = kind
    known.until = known.until or time(value, "endDateTime")
    if one.until and time(value, "endDateTime") is None:
        context.skip("the end of an assignment, which is no time", source)
        known.unread_end = one.until
    if known.assignment.id.lower().find("/roleassignments/") < 0:
        known.id = known.id or text(value, "originRoleAssignmentId")
    known.version = known.version or text(value, "conditionVersion")


def activation(context: Context, value: Object, source: str) -> None:
    """How eligible assignments of a role at a scope are activated."""
    try:
        context.activations.append(parse_activation(value))
    except (FieldError, IdError) as error:
        context.skip(f"rules for the activation of a role of which {error}", source)


def activation_rules(context: Context, value: Object, source: str) -> None:
    """A role management policy, which assignments of policies name."""
    try:
        context.activation_rules.setdefault(text(value, "id").lower(), requirements(value))
    except FieldError as error:
        context.skip(f"rules for the activation of a role of which {error}", source)


def finish_given(context: Context) -> None:
    """A row for each assignment."""
    requires: dict[tuple[str, str], str | None] = {}
    for told in context.activations:
        rules = told.requires if told.requires is not None else context.activation_rules.get(told.policy)
        requires.setdefault((told.scope.key, told.role), rules)
    for (layer, *_), given in context.given.items():
        if layer == "eligible":
            given.requires = requires.get((given.assignment.scope.key, given.assignment.role))
        _row(context, layer, given)


def _row(context: Context, layer: str, given: Given) -> None:
    one = given.assignment
    condition = condition_of(one.condition, given.version)
    told = {
        "roleDefinitionId": one.role, "principalId": one.principal, "principalType": one.type,
        "condition": one.condition or None, "conditionVersion": given.version or None,
    }  # fmt: skip
    if given.unread_end and given.until is None:
        told["endDateTime"] = given.unread_end
    document = context.documents.intern(told, [Statement("Allow", [one.role], [one.principal], condition)])
    policy = given.id or one.id or f"{one.role} {one.principal}"
    context.attach(layer, given.kind, one.scope, policy, document, given.source, given.until, given.requires)


def deny_assignment(context: Context, value: Object, source: str) -> None:
    """A deny assignment, with all of its entries."""
    try:
        one = parse_deny_assignment(value)
    except (FieldError, IdError) as error:
        context.skip(f"a deny assignment of which {error}", source)
        return
    # Two documents of one id that say different things are both taken at their word.
    key = (one.id.lower(), one.scope.key, canonical(_told(one)))
    if key in context.denials:
        return
    context.denials.add(key)
    context.tree.see(one.scope)
    names: dict[bool, list[str]] = {True: [], False: []}
    for excluded, listed in ((False, one.principals), (True, one.excluded)):
        for who in listed:
            names[excluded].append(context.principals.name(who.id, "" if who.id == EVERYONE else who.type, source))
    entries = statements_of(one.entries, "Deny")
    document = context.documents.intern(
        _told(one), [_rule(entry, names[False], names[True], one.condition) for entry in entries],
        flags=denying(one.entries, one.effect == "enforced" and not one.condition),
    )  # fmt: skip
    context.attach("deny", "deny_assignment", one.scope, one.id, document, source)


def _rule(entry: Statement, principals: list[str], excluded: list[str], condition: str) -> Statement:
    own = entry.condition or condition_of(condition)
    return Statement("Deny", entry.actions, principals, own, entry.not_actions, excluded)


def _told(one: DenyAssignment) -> dict[str, object]:
    return {
        "denyAssignmentName": one.title, "doNotApplyToChildScopes": one.only_here, "isSystemProtected": one.protected,
        "denyAssignmentEffect": one.effect, "condition": one.condition or None,
        "principals": [{"id": who.id, "type": who.type} for who in one.principals],
        "excludePrincipals": [{"id": who.id, "type": who.type} for who in one.excluded],
        "permissions": [
            {
                "actions": list(entry.actions.texts), "notActions": list(entry.not_actions.texts),
                "dataActions": list(entry.data_actions.texts), "notDataActions": list(entry.not_data_actions.texts),
                "condition": entry.condition or None,
            }
            for entry in one.entries
        ],
    }  # fmt: skip
