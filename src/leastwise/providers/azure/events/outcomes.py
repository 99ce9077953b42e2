"""How a call ended: allowed, denied, failed (after it was authorised) or unknown.

Resource Manager authorises before it does anything else, and what names an assignment was authorised by it. A 403 comes
from authorisation, but also from policies, which are looked at later, and from a service of its own accord: without an
error that says which, it was denied where no assignment is named, and is unknown where one is.

https://learn.microsoft.com/azure/role-based-access-control/troubleshooting (AuthorizationFailed)
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
"""

from __future__ import annotations

from typing import Literal

from leastwise.providers.logs.nested import part, text, written

from .record import Record
from .spelling import http

Outcome = Literal["allowed", "denied", "failed", "unknown"]

_DENIED = frozenset((
    "authorizationfailed", "linkedauthorizationfailed", "linkedaccesscheckfailed", "denyassignmentauthorizationfailed",
    "authorizationpermissionmismatch", "insufficientaccountpermissions",
))  # fmt: skip
LINKED = frozenset(("linkedauthorizationfailed", "linkedaccesscheckfailed"))
"""The call's own permission was held; another one, on something that the request names, was not."""
_AFTER = frozenset(("requestdisallowedbypolicy", "requestdisallowedbyazure", "policyviolation", "scopelocked"))
_BEFORE = frozenset((
    "subscriptionnotfound", "invalidauthenticationtoken", "expiredauthenticationtoken", "authenticationfailed",
    "invalidauthenticationtokentenant", "missingapiversionparameter", "invalidapiversionparameter",
))  # fmt: skip
_UNSURE = (408, 429)


def error_of(record: Record) -> str:
    """The error's code as the service wrote it, else its HTTP status; empty when the call did not fail."""
    if record.activity:
        if record.status not in ("failed", "canceled"):
            return ""
        told = written(record.properties.get("statusMessage"))
        inner = part(told, "error") or told
        return text(inner, "code") or (record.code if http(record.code) != 200 else "") or record.status
    code = http(record.code)
    if 0 < code < 400:
        return ""
    return record.status if record.status and record.status.lower() != "success" else record.code


def ended(record: Record) -> Outcome:
    """How a record's call ended; of one that has only begun, whether it is known to have been authorised."""
    return _of_activity(record) if record.activity else _of_resource(record)


def begun(record: Record) -> bool:
    """Whether a record tells that an operation began or goes on, and another will tell its end."""
    return record.activity and record.status in ("started", "accepted")


def authorised(record: Record) -> bool:
    """Whether the record names what authorised it: an assignment, or a role of old."""
    return bool(record.evidence.get("roleAssignmentId") or record.evidence.get("role"))


def _of_activity(record: Record) -> Outcome:
    sure = authorised(record)
    if record.status == "succeeded":
        return "allowed"
    if begun(record):
        return "allowed" if sure else "unknown"
    if record.status != "failed":
        return "unknown"
    error, code = error_of(record).lower(), http(record.code)
    if error in LINKED:
        return "unknown"
    if error in _DENIED:
        return "denied"
    if error in _AFTER:
        return "failed"
    if error in _BEFORE or code in (401, *_UNSURE) or code >= 500:
        return "unknown"
    if code == 403:
        return "unknown" if sure else "denied"
    return "failed" if sure or code in (404, 409, 412) else "unknown"


def _of_resource(record: Record) -> Outcome:
    code, error = http(record.code), record.status.lower()
    told = str(record.properties.get("metricResponseType") or "").lower()
    if 0 < code < 400 or (not code and error in ("success", "succeeded")):
        return "allowed"
    if not code and told == "success":
        return "allowed"
    if error in _DENIED:
        return "denied"
    if code == 403:
        # A firewall answers alike; only some services say whether it was the one.
        by_address = record.properties.get("isAddressAuthorized") is False or error in (
            "authorizationfailure", "authenticationfailed", "ipauthorizationerror",
        )  # fmt: skip
        return "unknown" if by_address else "denied"
    if code in (404, 409, 410, 412, 416) or told == "clientothererror":
        return "failed"
    return "unknown"
