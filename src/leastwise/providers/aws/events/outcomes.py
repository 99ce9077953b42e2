"""Whether a call was allowed: what its error code tells of the permission.

A call without an error used its permissions. A denied call *wanted* them. A call that failed for another reason was let
through to the service's own checks, so that it used them too; save for failures that may come before authorisation, or
of which the order is not documented: those tell nothing. The lists, with the page for each, stand in
`data/events/outcomes.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .tables import Tables, bundled

Outcome = Literal["allowed", "denied", "failed", "unknown"]
"""`failed`: authorised, then failed, or not carried out (a dry run). `allowed` and `failed` count as used, `denied` as
wanted, `unknown` as neither."""

_ENDS = re.compile(r"(?:exception|fault|error)+$")
_BEGINS = re.compile(r"^(?:client|server|sender|receiver)\.")
_REFUSED = re.compile(
    r"is not authorized to perform:? ([A-Za-z0-9-]+:[A-Za-z0-9*]+)(?: on resource:? ['\"]?(\S+?)['\"]?(?=[\s,]|\.?$))?"
)
_WHY = re.compile(r"with an explicit deny in an? ([a-z -]*?policy|permissions boundary|[a-z -]*boundary)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the message of a denied call says was denied.

    `permission` and `resource` are as AWS writes them; the permission is often not the call's own (`iam:PassRole` of
    RunInstances), and then the call's own one was not what was missing. `explicit` names the kind of policy with an
    explicit deny, empty when there is none, or none is told.
    """

    permission: str
    resource: str
    explicit: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What a call tells of one permission. `resource` is what a denial named, empty where it named none."""

    permission: str
    outcome: Outcome
    resource: str = ""


def outcome(error: str | None, tables: Tables | None = None) -> Outcome:
    """What an error code tells of a call. Remember it by the code."""
    if not error:
        return "allowed"
    found = (tables or bundled()).outcomes.get(plain(error))
    if found is None or found == "authorised":
        return "failed"
    return "denied" if found == "denied" else "unknown"


def judged(
    error: str | None, message: str | None, permissions: Sequence[str], tables: Tables | None = None
) -> tuple[Judged, ...]:
    """What a call tells of each permission that it needed, by its error's code and message.

    A message that names what was refused is a denial whatever the code is: several services report a role that must not
    be passed as a parameter that is not valid. What is named was wanted, be it one of `permissions` or another; of the
    others the call then tells nothing, as it may have stopped before they were asked for, or after. Where nothing is
    named, all were wanted.
    """
    told = outcome(error, tables)
    refusal = refused(message) if error else None
    if refusal is None:
        return tuple(Judged(name, told) for name in permissions)
    named = refusal.permission.lower()
    others = tuple(Judged(name, "unknown") for name in permissions if name.lower() != named)
    name = next((one for one in permissions if one.lower() == named), refusal.permission)
    return (Judged(name, "denied", refusal.resource), *others)


def plain(code: str) -> str:
    """An error code in the form in which the table has it: `Client.AccessDeniedException` → `accessdenied`."""
    lower = _BEGINS.sub("", code.rpartition("#")[2].strip().lower()).strip()
    return _ENDS.sub("", lower).strip() or lower


def refused(message: str | None) -> Refusal | None:
    """What a message says was denied, or None when it names no permission.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    found = _REFUSED.search(message or "")
    if found is None:
        return None
    resource = (found[2] or "").strip("'\"")
    explicit = _WHY.search(message or "")
    return Refusal(found[1], resource, explicit[1].strip() if explicit else "")
