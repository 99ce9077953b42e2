"""Questions as texts: which operation, which resource, whose, in which circumstances. Each is refused in one line."""

from __future__ import annotations

import difflib
from datetime import UTC

from leastwise.errors import AmbiguousError, NotFoundError, UsageError
from leastwise.model.decision import Circumstances
from leastwise.providers.conditions import ConditionError

from ..evaluate.comparing import Given
from ..evaluate.conditions import SUB
from ..evaluate.request import NOW, plane_of
from ..language.assignments import principal_key
from ..language.ids import ArmId, IdError, arm_id, guid
from ..language.operations import CONTROL, DATA, Plane, canonical
from ..language.parse import parse_attribute, parse_stamp
from .estate import Compiled
from .numbers import Numbers

_LONGEST = 4096


def permission_of(held: Compiled, numbers: Numbers, text: str) -> tuple[str, Plane | None]:
    """An operation as it is compared, and its plane. Raises UsageError for one that can be none.

    One that neither the catalogue nor a role tells of may be newer than these, for roles name operations by patterns;
    one that is nearly as one of these is a slip.
    """
    _refuse_empty("permission", text)
    name, plane = plane_of(held.estate, text)
    if "*" in name or "/" not in name or any(one.isspace() for one in name) or not all(name.split("/")):
        raise UsageError(f"{text}: is no operation, as in Microsoft.Compute/virtualMachines/read")
    if held.estate.planes(name):
        if plane is not None and canonical(text).startswith(DATA) and plane not in held.estate.planes(name):
            raise UsageError(f"{text}: is an operation of the control plane: ask without {DATA}")
        return name, plane
    explicit = canonical(text).startswith((DATA, CONTROL))
    verb, space = name.rpartition("/")[2], name.partition("/")[0]
    known = {
        one: written
        for one, written in zip(numbers.canonical, numbers.names, strict=True)
        if one.startswith(f"{space}/") and one.endswith(f"/{verb}")
    }
    near = [known[one] for one in difflib.get_close_matches(name, known, n=3, cutoff=0.9)]
    if "." in space and (explicit or (verb in _VERBS and not near)):
        return name, plane
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise UsageError(f"{text}: Azure has no such operation{hint}")


_VERBS = ("read", "write", "delete", "action")
"""The last segment of an operation.

https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
"""


def resource_of(text: str | None) -> ArmId | None:
    """A resource, None for any. Raises UsageError for what is no id."""
    if text is None or text == "*":
        return None
    _refuse_empty("resource", text)
    if len(text) > _LONGEST:
        raise UsageError(f"resource: is longer than {_LONGEST} characters")
    try:
        found = arm_id(text)
    except IdError as error:
        raise UsageError(str(error)) from None
    if any(mark in text for mark in "*?") or found.segments == ("subscriptions",):
        raise UsageError(f"{text}: is no id of one resource, as in /subscriptions/ID/resourceGroups/NAME")
    return found


def subject_of(held: Compiled, text: str) -> str:
    """Whom a text means: an object id, or the only principal of that name. Raises UsageError, NotFoundError."""
    _refuse_empty("principal", text)
    wanted = principal_key(text)
    if held.member_number(wanted) is not None:
        return wanted
    low = text.strip().lower()
    codes = [code for code, name in enumerate(held.words("name")) if name.lower() == low]
    ids = [id for code in codes for id in held.members.many((held.arrays["member.name"] == code).nonzero()[0])]
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise AmbiguousError(f"{text}: is the name of {len(ids)} principals: {', '.join(sorted(ids)[:5])}")
    if guid(text) is not None:
        return wanted  # nobody names it, and a group that was not read may have it in it
    near = difflib.get_close_matches(low, held.words("name"), n=3, cutoff=0.8)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise NotFoundError(f"{text}: nobody of that name in the estate, and no object id{hint}")


def context_of(given: Circumstances) -> dict[str, Given]:
    """The attributes that a question gives, by key. Raises UsageError for what no request has."""
    if given.session is not None:
        raise UsageError("Azure has no session policies")
    if given.through is not None:
        raise UsageError("Azure has no endpoints that policies are attached to")
    found: dict[str, Given] = {_key(name): values for name, values in given.context.items()}
    if given.moment is not None:
        found.setdefault(NOW.key, (f"{given.moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",))
    if any(parse_stamp(str(one)) is None for one in found.get(NOW.key, ())):
        raise UsageError(f"--context: {NOW}: {found[NOW.key][0]!r} is no moment, as in 2026-01-31T12:00:00Z")
    return found


def _key(name: str) -> str:
    if name.lower() == "suboperation":
        return SUB.key
    try:
        return parse_attribute(name).key
    except ConditionError:
        raise UsageError(
            f"--context: {name}: is no attribute as conditions write it, as in "
            "@Resource[Microsoft.Storage/storageAccounts:name], nor SubOperation"
        ) from None


def _refuse_empty(what: str, text: str) -> None:
    if not text.strip():
        raise UsageError(f"{what}: is empty (an unset variable?)")
