"""One question: who, which operation, on what, and what is known of the request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..language.assignments import principal_key
from ..language.ids import ArmId, arm_id
from ..language.operations import CONTROL, DATA, Plane, canonical
from ..language.parse import parse_attribute
from ..language.tree import Attribute
from .comparing import Given
from .estate import Chain, Estate

WRITES = "microsoft.authorization/roleassignments/write"
DELETES = "microsoft.authorization/roleassignments/delete"
ASSIGNMENT = "Microsoft.Authorization/roleAssignments:"
"""Of an attribute of a role assignment that is written or deleted."""
_BLOBS = "microsoft.storage/storageaccounts/blobservices/containers/blobs"
_PATH = parse_attribute("@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]").key
_WHOLE_ACCOUNT = frozenset({f"{_BLOBS}/filter/action"})
"""Operations of an account, though they are named as ones of what lies in it."""
NOW = parse_attribute("@Environment[UtcNow]")
_ALWAYS = frozenset({NOW.key, "@environment[isprivatelink]"})
_HIERARCHICAL = "@resource[microsoft.storage/storageaccounts:ishnsenabled]"


@dataclass(frozen=True)
class Request:
    """What is asked.

    Args:
        estate: what is known.
        who: object id of the principal.
        operation: as `operations.canonical` writes it.
        plane: which plane it is on, or None where nothing tells it.
        resource: on what.
        context: values of attributes that the question gives, by key; none for one that is absent.
        strict: attributes that nobody gives are absent; else they are not known.
        below: any resource that lies in this place is meant: what it has is not known, whatever the mode.
    """

    estate: Estate
    who: str
    operation: str
    plane: Plane | None
    resource: ArmId
    context: Mapping[str, Given] = field(default_factory=dict)
    strict: bool = False
    below: bool = False

    @cached_property
    def chain(self) -> Chain:
        """The resource and what is above it."""
        return self.estate.chain(self.resource)

    def look(self, attribute: Attribute) -> Given | None:
        """See `conditions.Facts`: what the question gives, then what the resource's id and the estate tell."""
        key = attribute.key
        known = self.context.get(key)
        if known is None:
            known = self.told.get(key)
        absent = self.strict and not (self.below and attribute.source == "Resource")
        return () if known is None and absent else known

    @cached_property
    def told(self) -> Mapping[str, Given]:
        """What the resource's id tells, and what was read of it and of the principal, by attribute."""
        found: dict[str, Given] = {key: (value,) for key, value in named_parts(self.resource)}
        for path in self.resource.paths():
            found = {**self.estate.resources.get(path, {}), **found}
        deleted = self.estate.by_id.get(self.resource.key)
        if deleted is not None:
            parts = {"RoleDefinitionId": deleted.role, "PrincipalId": deleted.principal, "PrincipalType": deleted.type}
            told = {f"@Resource[{ASSIGNMENT}{name}]".lower(): (value,) for name, value in parts.items() if value}
            found = {**told, **found}
        return {**self.estate.principals.get(self.who, {}), **found}

    def always(self, attribute: Attribute) -> bool:
        """See `conditions.Facts`; by the vendor's lists of which attributes which operation has.

        https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes
        """
        return always(self.operation, attribute)


def always(operation: str, attribute: Attribute) -> bool:
    """Whether every request for an operation has an attribute."""
    key, name = attribute.key, attribute.name.lower()
    if key in _ALWAYS:
        return True
    if name.startswith(ASSIGNMENT.lower()):
        return operation == {"Request": WRITES, "Resource": DELETES}.get(attribute.source)
    type, _, part = name.partition(":")
    if attribute.source != "Resource" or not operation.startswith(f"{type}/"):
        return False
    if operation in _WHOLE_ACCOUNT and type != "microsoft.storage/storageaccounts":
        return False
    return part == "name" or key == _HIERARCHICAL


def request(
    estate: Estate,
    who: str,
    operation: str,
    resource: str,
    context: Mapping[str, Given] | None = None,
    *,
    plane: Plane | None = None,
    strict: bool = False,
) -> Request:
    """The request of a question; the plane is the operation's, where none is named. Raises IdError."""
    name, meant = plane_of(estate, operation, plane)
    return Request(estate, principal_key(who), name, meant, arm_id(resource), context or {}, strict)


def plane_of(estate: Estate, operation: str, plane: Plane | None = None) -> tuple[str, Plane | None]:
    """The canonical name of an operation, and its plane: of one on both, control unless `data:` stands before it.

    `control:` before it means the control plane whatever the operation is on.
    """
    name = canonical(operation)
    if name.startswith(DATA):
        return name.removeprefix(DATA), plane or Plane.DATA
    if name.startswith(CONTROL):
        return name.removeprefix(CONTROL), plane or Plane.CONTROL
    planes = estate.planes(name)
    if plane is not None or not planes:
        return name, plane
    return name, Plane.CONTROL if Plane.CONTROL in planes else Plane.DATA


def named_parts(resource: ArmId) -> Iterator[tuple[str, str]]:
    """The names that a resource's id tells, by the attribute that has each; of a blob also its path."""
    original, low = resource.text.split("/")[1:], resource.segments
    try:
        start = len(low) - 1 - low[::-1].index("providers")
    except ValueError:
        return
    type = low[start + 1] if start + 1 < len(low) else ""
    for at in range(start + 2, len(low) - 1, 2):
        type = f"{type}/{low[at]}"
        if type == _BLOBS:
            path = "/".join(original[at + 1 :])
            yield _PATH, path
            yield f"@resource[{type}:name]", path
            return
        yield f"@resource[{type}:name]", original[at + 1]
