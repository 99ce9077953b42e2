"""Questions as texts: which permission, which object, whose, in which circumstances. Each is refused in one line."""

from __future__ import annotations

import difflib
import re
from datetime import datetime

from leastwise.errors import AmbiguousError, NotFoundError, UsageError
from leastwise.model.decision import Circumstances

from ..evaluate.estate import Estate
from ..evaluate.federation import BETWEEN
from ..evaluate.request import EXCHANGE, AskError, Kind, Request, request
from ..language.assignments import moment
from ..language.directory import APPLICATION, SERVICE, UNIT
from ..language.ids import TENANT, object_id, resource_id
from .held import Compiled

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST = 4096
_ON_BEHALF, _AUDIENCE, _NOW = "onbehalfof", "audience", "now"
_KEYS = {_ON_BEHALF: "onBehalfOf", _AUDIENCE: "audience", _NOW: "now"}


def asked_of(held: Compiled, estate: Estate, who: str, permission: str, resource: str, given: Circumstances) -> Request:
    """The question as `evaluate` has it. Raises UsageError, NotFoundError.

    Args:
        held: the tenant.
        estate: over which it is asked.
        who: as `subject_of` has it.
        permission: as it was given.
        resource: as `resource_of` has it.
        given: the circumstances.
    """
    _refuse_empty("permission", permission)
    user, audience, now = context_of(held, given)
    try:
        asked = request(estate, who, permission, resource, now=now, user=user, audience=audience, strict=given.strict)
        kind = asked.kind
    except AskError as error:
        raise UsageError(str(error)) from None
    if len(permission) > _LONGEST or (kind is not Kind.REQUEST and any(one.isspace() for one in permission.strip())):
        raise UsageError(
            f"{permission[:80]}: is no permission: an action (microsoft.directory/users/delete), "
            f"a value (User.Read.All), a request (PATCH /users/{{id}}) or {EXCHANGE}"
        )
    if "*" in permission:
        raise UsageError(f"{permission}: is no single permission; the directory's actions have no wildcards")
    if kind is Kind.EXCHANGE and user:
        raise UsageError("--context onBehalfOf: nobody signs in as an application on behalf of a user")
    return asked


def resource_of(held: Compiled, text: str | None) -> str | None:
    """An object by its id, only name or app id; `/` for the tenant, None for any. Raises UsageError, NotFoundError."""
    if text is None or text == "*":
        return None
    _refuse_empty("resource", text)
    if len(text) > _LONGEST:
        raise UsageError(f"resource: is longer than {_LONGEST} characters")
    wanted = resource_id(text)
    if wanted == TENANT or wanted == held.facts["tenant"]:
        return TENANT
    return _known(held, text, wanted, "object")


def subject_of(held: Compiled, text: str) -> str:
    """Whom a text means: an object id, the only principal of that name or app id, or `issuer|subject` as written.

    Raises UsageError, NotFoundError.
    """
    _refuse_empty("principal", text)
    if BETWEEN in text:
        return text.strip()
    return _known(held, text, object_id(text), "principal")


def _known(held: Compiled, text: str, wanted: str, what: str) -> str:
    if held.member_number(wanted) is not None:
        return wanted
    if wanted in held.apps:
        return _of_app(held, text, wanted, what)
    low = text.strip().lower()
    names = held.words("name")
    codes = [code for code, name in enumerate(names) if name.lower() == low]
    numbers = [one for code in codes for one in (held.arrays["member.name"] == code).nonzero()[0].tolist()]
    if what == "principal":
        # An application has the name of its service principal, and is nobody who could do anything.
        things = held.of_kind(APPLICATION, UNIT)
        numbers = [one for one in numbers if not things[one]] or numbers
    ids = [held.members[one] for one in numbers]
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise AmbiguousError(f"{text}: is the name of {len(ids)} objects: {', '.join(sorted(ids)[:5])}")
    if _GUID.fullmatch(wanted):
        return wanted  # nothing names it, and a group that was not read may have it in it
    near = difflib.get_close_matches(low, names, n=3, cutoff=0.8)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise NotFoundError(f"{text}: no {what} of that name in the tenant, and no object id{hint}")


def _of_app(held: Compiled, text: str, app: str, what: str) -> str:
    """Whom an app id means: as a principal the service principal; as an object there may be an application as well."""
    services = held.of_kind(SERVICE)
    numbers = [one for one in held.apps[app] if what != "principal" or services[one]]
    if len(numbers) == 1:
        return str(held.members[numbers[0]])
    if not numbers:
        raise NotFoundError(f"{text}: is the id of an application that has no service principal in the tenant")
    told = (f"{'service principal' if services[one] else 'application'} {held.members[one]}" for one in numbers)
    raise NotFoundError(f"{text}: is the app id of {' and '.join(told)}: name one of them")


def context_of(held: Compiled, given: Circumstances) -> tuple[str, str | None, datetime | None]:
    """On whose behalf, for whom a token from outside is, and when. Raises UsageError for what no request has."""
    if given.session is not None:
        raise UsageError("Entra ID has no session policies")
    if given.through is not None:
        raise UsageError("Entra ID has no endpoints that policies are attached to")
    found: dict[str, str] = {}
    for name, values in given.context.items():
        key = name.lower()
        if key not in _KEYS:
            raise UsageError(f"--context: {name}: is none of {', '.join(_KEYS.values())}")
        if len(values) != 1 or not values[0].strip():
            raise UsageError(f"--context: {name}: one value is expected")
        found[key] = values[0]
    user = subject_of(held, found[_ON_BEHALF]) if _ON_BEHALF in found else ""
    try:
        now = moment(found[_NOW]) if _NOW in found else given.moment
    except ValueError as error:
        raise UsageError(f"--context: now: {error}") from None
    return user, found.get(_AUDIENCE), now


def _refuse_empty(what: str, text: str) -> None:
    if not text.strip():
        raise UsageError(f"{what}: is empty (an unset variable?)")
