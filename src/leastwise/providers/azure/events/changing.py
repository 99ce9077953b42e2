"""Who made, changed or removed a principal, a credential, a grant, a trust.

To whom an assignment gives a role stands in the body of the request, which the record of the beginning has, and at
times in the answer, which that of the end has: `Bodies` keeps the first until the second comes. Ids are told in lower
case (`files.called`).

https://learn.microsoft.com/azure/role-based-access-control/change-history-report
https://learn.microsoft.com/rest/api/authorization/role-assignments/create
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leastwise.providers.azure.language.fields import Fields
from leastwise.providers.azure.language.ids import ROOT, named
from leastwise.providers.azure.language.operations import canonical
from leastwise.providers.fields import FieldError
from leastwise.providers.logs.nested import Object, part, written

from .record import Record
from .resources import GROUPS, Touched, of_id

_VERBS = {"write": "created", "delete": "removed", "action": "changed"}
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Changed:
    """What a call changed; columns of the table `changes`."""

    what: str
    subject: str
    object: str
    verb: str


class Bodies:
    """Bodies of requests of operations that have begun, by their correlation and resource; the newest are kept."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Object] = {}

    def keep(self, record: Record) -> None:
        """Keep the body that a record tells, if it is of a kind that is read."""
        body = written(record.properties.get("requestbody"))
        if body and may_change(record.action or record.operation):
            self._held[_key(record)] = body
            if len(self._held) > _MOST:
                del self._held[next(iter(self._held))]

    def of(self, record: Record) -> Object:
        """What a record itself, or the one of its beginning, tells of what was asked for."""
        for name in ("requestbody", "responseBody"):
            if body := written(record.properties.get(name)):
                return body
        return self._held.pop(_key(record), {})


def _key(record: Record) -> tuple[str, str]:
    return record.correlation, record.resource.lower()


def may_change(operation: str) -> bool:
    """Whether an operation is one of which it is told what it changed."""
    return canonical(operation).rpartition("/")[0] in _KINDS


def changed(record: Record, body: Object, resource: str) -> list[Changed]:
    """What a call that went through made, changed or removed. `resource` is the key of what it touched."""
    kind, _, verb = canonical(record.action or record.operation).rpartition("/")
    look = _KINDS.get(kind)
    if look is None or verb not in _VERBS or not resource:
        return []
    # A write may make something or alter it; only the answer's code tells which.
    made = "changed" if verb == "write" and record.code == "200" else _VERBS[verb]
    return list(look(resource, body, made))


def _assignment(resource: str, body: Object, verb: str) -> Iterator[Changed]:
    """A role assignment, or a request for one: assignments are never altered.

    The list of grants has it as `ROLE WHERE`, where a container is called as its account.
    """
    fields = Fields(body if "properties" in body or "Properties" not in body else {"properties": body["Properties"]})
    try:
        principal, role = fields.text("principalId").lower(), named(fields.text("roleDefinitionId"))
        where = of_id(fields.text("scope") or resource.partition("/providers/microsoft.authorization/")[0] or ROOT)
    except FieldError:
        principal, role, where = "", "", Touched()
    verb = "created" if verb == "changed" else verb
    if not principal:
        yield Changed("grant", resource, "", verb)
        return
    container = where.name in (ROOT, f"/subscriptions/{where.target}", f"{GROUPS}{where.target}")
    yield Changed("grant", principal, f"{role} {where.target if container else where.name}" if role else resource, verb)


def _own(what: str) -> Callable[[str, Object, str], Iterator[Changed]]:
    """Something that is changed itself."""

    def of(resource: str, body: Object, verb: str) -> Iterator[Changed]:
        yield Changed(what, resource, "", verb)

    return of


def _identity(resource: str, body: Object, verb: str) -> Iterator[Changed]:
    """A managed identity, which assignments know by its object id; the answer tells it."""
    told = part(body, "properties").get("principalId")
    yield Changed("principal", told.lower() if isinstance(told, str) and told else resource, resource, verb)


def _federated(resource: str, body: Object, verb: str) -> Iterator[Changed]:
    """Who may sign in as a managed identity."""
    above, _, name = resource.rpartition("/federatedidentitycredentials/")
    yield Changed("trust", above or resource, name, verb)


def _key_of(resource: str, body: Object, verb: str) -> Iterator[Changed]:
    """A key of an account that is made anew."""
    told = body.get("keyName")
    yield Changed("credential", resource, told if isinstance(told, str) else "", "changed")


_AUTHORIZATION = "microsoft.authorization/"
_KINDS: dict[str, Callable[[str, Object, str], Iterator[Changed]]] = {
    f"{_AUTHORIZATION}roleassignments": _assignment,
    f"{_AUTHORIZATION}roleassignmentschedulerequests": _assignment,
    f"{_AUTHORIZATION}roleeligibilityschedulerequests": _assignment,
    f"{_AUTHORIZATION}roledefinitions": _own("grant"),
    f"{_AUTHORIZATION}denyassignments": _own("grant"),
    f"{_AUTHORIZATION}elevateaccess": _own("grant"),
    f"{_AUTHORIZATION}classicadministrators": _own("grant"),
    "microsoft.managedservices/registrationassignments": _own("grant"),
    "microsoft.keyvault/vaults/accesspolicies": _own("grant"),
    "microsoft.managedidentity/userassignedidentities": _identity,
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials": _federated,
    "microsoft.storage/storageaccounts/regeneratekey": _key_of,
}
