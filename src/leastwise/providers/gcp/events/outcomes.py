"""How a call ended for one permission: allowed, denied, failed (after it was authorised) or unknown.

`granted` that is true says that the permission was checked and is held: it is used, whatever stopped the call later, an
organization policy, a service perimeter, a name that is taken, or another permission that is lacking. One that is false
was wanted and not used; JSON of protocol buffers leaves out what is false, so that a missing one is read by how the
call ended. Without `authorizationInfo` only success and refusal tell anything: what is checked first is not documented.

https://docs.cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog (AuthorizationInfo)
https://docs.cloud.google.com/apis/design/errors (codes)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Outcome = Literal["allowed", "denied", "failed", "unknown"]

_NAMES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip
_REFUSED = frozenset(("PERMISSION_DENIED", "403"))


def error_of(status: Mapping[str, Any]) -> str:
    """The name of the status' code, the number of one that has no name; empty when the call succeeded."""
    code = status.get("code")
    if isinstance(code, str):
        number = int(code) if code.isascii() and code.isdigit() and len(code) < 6 else None
        if number is None:
            return "" if code.upper() in ("", "OK") else code
        code = number
    if isinstance(code, bool) or not isinstance(code, int | float) or not code or not float(code).is_integer():
        return ""
    return _NAMES[int(code)] if 0 < code < len(_NAMES) else str(int(code))


def checked(granted: object, error: str) -> Outcome:
    """How it ended for a permission that `authorizationInfo` names."""
    if granted is True or (isinstance(granted, str) and granted.lower() == "true"):
        return "failed" if error else "allowed"
    if error in _REFUSED or granted is False or (isinstance(granted, str) and granted.lower() == "false"):
        return "denied"
    return "unknown"


def unchecked(error: str) -> Outcome:
    """How it ended for a permission that the method is known to need, and of which the entry says nothing."""
    if not error:
        return "allowed"
    return "denied" if error in _REFUSED else "unknown"
