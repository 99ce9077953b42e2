"""Permissions that a call needs besides its own, which CloudTrail does not log as calls of the same principal.

- `iam:PassRole` is checked whenever a role is handed to a service, and is never logged. Which role, and for which
  service, stands in the request of the call that handed it over. No list of such calls is whole: where a call that
  writes has a role among its parameters and is in no list, the role may have been passed.
- Tagging while creating needs the tagging permission: only where the request has tags.
- Other dependent actions may have been needed, depending on what the record does not tell.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leastwise.providers.aws.catalog import current

from .permissions import Resolved
from .record import Record, tree
from .tables import Tables, bundled

PASS_ROLE = "iam:PassRole"  # noqa: S105

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\x21-\x7e]{1,576}")
_PROFILE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:instance-profile/[\x21-\x7e]{1,640}")
_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,128}")
_BY_NAME = frozenset(("taskrolearn", "executionrolearn", "servicerole", "autoscalingrole"))
"""Parameters that take a role's name as well as its ARN; `roleName` is one where a role is put into a profile."""
_PROFILES = frozenset(("iaminstanceprofile", "jobflowrole", "instanceprofilearn", "instanceprofilename"))
_ABOUT_ROLES = ("sts:", "iam:")
_TAGS = re.compile(r"(?i)^(?:tag|tags|tagset|tagspecificationset|tagspecifications?|taglist|resourcetags|.+tags)$")
_TAGGING = re.compile(r":(?:Tag[A-Z]|AddTags|CreateTags|CreateOrUpdateTags|Tag$)")


@dataclass(frozen=True, slots=True)
class Implied:
    """A permission that the call needed besides.

    `sure`: the request shows it; else it may have been needed, and is not to be called unused. `resource` is the ARN of
    the passed role, empty when the request has no ARN; then `named` says what it has: `role/NAME`, or
    `instance-profile/…` (the profile's role was passed). `service` is what `iam:PassedToService` was.
    """

    permission: str
    sure: bool
    resource: str = ""
    named: str = ""
    service: str = ""


def implied(record: Record, resolved: Resolved, tables: Tables | None = None) -> tuple[Implied, ...]:
    """What a call needed besides; only calls that succeeded (`outcomes`) prove it.

    Nothing but the request's bytes is looked at: remember it by source, name and these.
    """
    tables = tables or bundled()
    passing = passes(resolved, tables)
    may = not passing and _hands(bytes(record.request)) and writes(resolved)
    if not passing and not may and not resolved.dependent:
        return ()
    request = tree(record.request)
    found: list[Implied] = []
    if passing or may:
        found.extend(_roles(resolved, request, passing, tables))
        if not found and not request and PASS_ROLE in resolved.dependent:
            found.append(Implied(PASS_ROLE, sure=False))
    tagged = any(_TAGS.match(name) and value for name, value in request.items())
    own = {name.partition(":")[0] for name in resolved.permissions}
    for name in resolved.dependent:
        if name == PASS_ROLE or name in resolved.permissions:
            continue
        tagging = _TAGGING.search(name) is not None and name.partition(":")[0] in own
        if not tagging or tagged or not request:
            found.append(Implied(name, sure=tagging and tagged))
    return tuple(dict.fromkeys(found))


def passes(resolved: Resolved, tables: Tables | None = None) -> bool:
    """Whether a call of this kind can hand a role to a service."""
    further = (tables or bundled()).passing.further
    return PASS_ROLE in resolved.dependent or any(name in further for name in resolved.permissions)


def _hands(request: bytes) -> bool:
    """Whether a role's ARN stands anywhere in a request; most have none, and need not be decoded."""
    return b":role/" in request or b":role\\/" in request


def writes(resolved: Resolved) -> bool:
    """Whether a call changes something, other than by becoming a role or by managing roles themselves."""
    actions = [current().action(name) for name in resolved.permissions]
    return any(
        one is not None and one.level in ("Write", "Permissions management") and not one.name.startswith(_ABOUT_ROLES)
        for one in actions
    )


def _roles(resolved: Resolved, request: dict[str, Any], sure: bool, tables: Tables) -> Iterator[Implied]:
    """The roles among the parameters, in their order."""
    call = resolved.permissions[0] if resolved.permissions else ""
    waiting: list[tuple[str, Any]] = [("", request)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            inner = [(key, one) for key, one in value.items()]
            if name.lower() in _PROFILES:
                inner = [(name, one) for key, one in inner if key.lower() in ("arn", "name")]
            waiting.extend(reversed(inner))
        elif isinstance(value, list):
            waiting.extend((name, one) for one in reversed(value))
        elif isinstance(value, str) and (told := _role(call, name.lower(), value)) is not None:
            resource, named = told
            if sure or resource:
                yield Implied(PASS_ROLE, sure, resource, named, _service(call, name, tables))


def _role(call: str, parameter: str, value: str) -> tuple[str, str] | None:
    """A role's ARN, or what else the parameter says of the role; None when it is no role."""
    if parameter in _PROFILES:
        if call.startswith("iam:"):
            return None
        if _PROFILE.fullmatch(value):
            return "", "instance-profile/" + value.partition(":instance-profile/")[2]
        return ("", f"instance-profile/{value}") if _NAME.fullmatch(value) else None
    if ("role" in parameter or parameter == "credentials") and _ROLE.fullmatch(value):
        return value, ""
    by_name = parameter in _BY_NAME or (parameter == "rolename" and call == "iam:AddRoleToInstanceProfile")
    return ("", f"role/{value}") if by_name and _NAME.fullmatch(value) else None


def _service(call: str, parameter: str, tables: Tables) -> str:
    """The service that a role is passed to: what the table says, else the call's own.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#available-keys-for-iam
    """
    prefix = call.partition(":")[0]
    lower = parameter.lower()
    for one in tables.passing.services:
        if one.call in (call, f"{prefix}:*") and one.parameter.lower() in ("", lower):
            return one.service
    return f"{prefix}.amazonaws.com" if prefix else ""
