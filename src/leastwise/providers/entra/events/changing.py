"""Who made, changed or removed a principal, a credential, a grant, a membership, a trust.

Records name the objects that they are about, and what became of their properties: a role by `Role.TemplateId`, a group
by `Group.ObjectID`, the application that was given something by `ServicePrincipal.ObjectID`.

https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .activities import plain
from .record import AUDIT, UNIFIED, Record, Target

Look = Callable[[Record, str], Iterator["Changed"]]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a call changed; columns of the table `changes`."""

    what: str
    subject: str
    object: str
    verb: str


def changed(record: Record) -> list[Changed]:
    """What a record that went through tells to have been made, changed or removed."""
    if record.outcome != "allowed" or record.log not in (AUDIT, UNIFIED):
        return []
    known = _KINDS.get(plain(record.operation))
    return [] if known is None else [one for one in known[0](record, known[1]) if one.subject]


def _properties(record: Record) -> dict[str, str]:
    """What properties became, or were where they became nothing, by their names in lower case."""
    found: dict[str, str] = {}
    for target in record.targets:
        for name, old, new in target.changed:
            found.setdefault(plain(name), new or old)
    return found


def _of(record: Record, *types: str) -> Target:
    """The first object of a type, or the first of all where none says what it is."""
    named = next((one for one in record.targets if one.type in types), None)
    return named or next((one for one in record.targets if not one.type), Target())


def _first(record: Record) -> Target:
    return record.targets[0] if record.targets else Target()


def _itself(what: str) -> Look:
    """The first object itself."""

    def look(record: Record, verb: str) -> Iterator[Changed]:
        yield Changed(what, _called(_first(record)), "", verb)

    return look


def _called(one: Target) -> str:
    return one.id or one.name.lower()


def _role(record: Record, verb: str) -> Iterator[Changed]:
    """A role of the directory that somebody is given: where in the tenant, records do not tell alike."""
    told = _properties(record)
    role = told.get("role.templateid") or told.get("templateid") or record.details.get("templateid", "")
    role = role or told.get("role.objectid") or _of(record, "role").id
    holder = _of(record, "user", "serviceprincipal", "group")
    yield Changed("grant", _called(holder), f"{role.lower()} {record.tenant}".strip(), verb)


def _app_role(record: Record, verb: str) -> Iterator[Changed]:
    """An app role that an application, a user or a group is given: `VALUE RESOURCE`."""
    told = _properties(record)
    value = told.get("approle.value") or told.get("approle.id", "")
    holder = told.get("serviceprincipal.objectid") or told.get("user.objectid") or told.get("group.objectid", "")
    yield Changed("grant", holder.lower(), f"{value} {_called(_first(record))}".strip(), verb)


def _consent(record: Record, verb: str) -> Iterator[Changed]:
    """Scopes that an application is granted: `SCOPES RESOURCE`."""
    told = _properties(record)
    scopes = " ".join(told.get("delegatedpermissiongrant.scope", "").split())
    client = told.get("serviceprincipal.objectid", "").lower()
    yield Changed("grant", client, f"{scopes} {_called(_first(record))}".strip(), verb)


def _member(record: Record, verb: str) -> Iterator[Changed]:
    group = _properties(record).get("group.objectid") or _of(record, "group").id
    member = next((one for one in record.targets if one.id != group), Target())
    yield Changed("membership", _called(member), group.lower(), verb)


def _owner(record: Record, verb: str) -> Iterator[Changed]:
    """Ownership, which allows what owners may: the owner is named first, what is owned by a property or after it."""
    told = _properties(record)
    names = ("application.objectid", "serviceprincipal.objectid", "group.objectid", "policy.objectid")
    owned = next((told[one] for one in names if told.get(one)), "")
    owned = owned or next((one.id for one in record.targets[1:] if one.id), "")
    yield Changed("grant", _called(_first(record)), f"owner {owned.lower()}".strip(), verb)


def _updated(record: Record, verb: str) -> Iterator[Changed]:
    """An application that was changed: its keys, whom it trusts, or itself."""
    names = {plain(name) for name in _properties(record)}
    id = _called(_first(record))
    if "federatedidentitycredentials" in names:
        yield Changed("trust", id, "", verb)
    if "keydescription" in names:
        yield Changed("credential", id, "", verb)
    if not names & {"federatedidentitycredentials", "keydescription"}:
        yield Changed("principal", id, "", verb)


def _table() -> dict[str, tuple[Look, str]]:
    made, altered, gone = "created", "changed", "removed"
    own, key, grant = _itself("principal"), _itself("credential"), _itself("grant")
    listed: list[tuple[Look, str, tuple[str, ...]]] = [
        (own, made, ("Add user", "Create user", "Add group", "Add application", "Add service principal",
                     "Invite external user", "Add device")),
        (own, altered, ("Update user", "Update group", "Enable account", "Disable account", "Restore user",
                        "Restore group", "Restore application", "Restore service principal")),
        (own, gone, ("Delete user", "Hard delete user", "Delete group", "Hard delete group", "Delete application",
                     "Hard delete application", "Remove service principal", "Hard delete service principal",
                     "Delete device")),
        (_updated, altered, ("Update application", "Update service principal")),
        (key, made, ("Add service principal credentials", "Admin registered security info",
                     "User registered security info")),
        (key, altered, ("Update application - Certificates and secrets management", "Reset user password",
                        "Update service principal - Certificates and secrets management", "Reset password",
                        "Reset password (by admin)", "Change user password", "Change password (self-service)",
                        "Reset password (self-service)", "Admin updated security info")),
        (key, gone, ("Remove service principal credentials", "Admin deleted security info",
                     "User deleted security info", "Disable Strong Authentication")),
        (_role, made, ("Add member to role", "Add eligible member to role", "Add scoped member to role",
                       "Add role assignment to role definition", "Add EligibleRoleAssignment to RoleDefinition",
                       "Add member to role completed (PIM activation)")),
        (_role, gone, ("Remove member from role", "Remove eligible member from role", "Remove scoped member from role",
                       "Remove role assignment from role definition",
                       "Remove EligibleRoleAssignment from RoleDefinition")),
        (_app_role, made, ("Add app role assignment to service principal", "Add app role assignment grant to user",
                           "Add app role assignment to group")),
        (_app_role, gone, ("Remove app role assignment from service principal", "Remove app role assignment from user",
                           "Remove app role assignment from group")),
        (_consent, made, ("Add delegated permission grant",)),
        (_consent, gone, ("Remove delegated permission grant",)),
        (grant, made, ("Consent to application", "Add role definition")),
        (grant, altered, ("Update role definition", "Update authorization policy", "Update permission grant policy")),
        (grant, gone, ("Delete role definition",)),
        (_member, made, ("Add member to group", "Add member to administrative unit")),
        (_member, gone, ("Remove member from group", "Remove member from administrative unit")),
        (_owner, made, ("Add owner to application", "Add owner to service principal", "Add owner to group")),
        (_owner, gone, ("Remove owner from application", "Remove owner from service principal",
                        "Remove owner from group")),
        (_itself("trust"), altered, ("Set federation settings on domain", "Set domain authentication")),
    ]  # fmt: skip
    return {plain(name): (look, verb) for look, verb, names in listed for name in names}


_KINDS = _table()
