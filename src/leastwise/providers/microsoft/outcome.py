"""How a call to Resource Manager or Microsoft Graph ended, read from its error.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
https://learn.microsoft.com/graph/errors
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.rest.failure import RestFailed

_OTHER_TENANT = "InvalidAuthenticationTokenTenant"
"""A token of another directory than the subscription's: the token is good for others."""
_DENIED = frozenset(
    ("AuthorizationFailed", "LinkedAuthorizationFailed", "Authorization_RequestDenied", "AccessDenied", "Forbidden",
     "SubscriptionNotFound", "InvalidSubscriptionId", "AuthorizationPermissionMismatch", "AuthorizationFailure",
     "InsufficientAccessError", "InsufficientAccountPermissions", "PermissionScopeNotGranted", _OTHER_TENANT)
)  # fmt: skip
"""A subscription of which nothing may be seen is said not to exist."""
VERSIONS = frozenset(
    ("InvalidApiVersionParameter", "UnsupportedApiVersion", "UnsupportedApiVersionValue", "ApiVersionNotSupported",
     "NoRegisteredProviderFound", "InvalidApiVersion")
)  # fmt: skip
"""Another api-version may be known there."""
_UNSUPPORTED = VERSIONS | {
    "InvalidResourceNamespace", "InvalidResourceType", "ResourceTypeNotSupported", "DisallowedProvider",
    "FeatureNotSupported", "NotImplemented", "UnsupportedOperation",
}  # fmt: skip
_UNLICENSED = frozenset(
    ("AadPremiumLicenseRequired", "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "LicenseRequired",
     "TenantLicenseRequired", "MissingLicense")
)  # fmt: skip
_NOT_HERE = "not applicable to target tenant"
_NO_SEGMENT = "Resource not found for the segment"
"""How Graph says that a cloud does not have what is asked for."""
_LOST = frozenset(("Directory_ExpiredPageToken", "InvalidSkipToken"))
"""The link to a page holds for some time only: https://learn.microsoft.com/graph/paging"""
_OFTEN = frozenset(
    ("TooManyRequests", "RateLimiting", "SubscriptionRequestsThrottled", "ResourceRequestsThrottled",
     "ResourceCollectionRequestsThrottled", "OperationThrottled", "activityLimitReached",
     "Request_ThrottledTemporarily", "ServerBusy")
)  # fmt: skip


def failure(http: int, headers: Mapping[str, str], content: Any) -> RestFailed:
    """The failure that an error answer stands for."""
    code, message = _said(content)
    # The blob service answers in XML, and tells the code in a header as well.
    code = code or headers.get("x-ms-error-code", "") or f"HTTP {http}"
    told = _told(code, http, message)
    expired = ""
    if http == 401 and told is None:
        expired = f"the token is not accepted any more ({code})"
    return RestFailed(code, message, http, headers, told=told, expired=expired, lost=code in _LOST)


def _said(content: Any) -> tuple[str, str]:
    """Code and message, in each of the forms that resource providers write."""
    if not isinstance(content, dict):
        return "", ""
    error = content.get("error") or content.get("odata.error") or content.get("Error") or content
    if isinstance(error, str):
        return error, str(content.get("error_description") or content.get("message") or "")
    if not isinstance(error, dict):
        return "", ""
    message = error.get("message") or error.get("Message") or ""
    if isinstance(message, dict):
        message = message.get("value") or ""
    return _within(str(error.get("code") or error.get("Code") or ""), str(message))


def _within(code: str, message: str) -> tuple[str, str]:
    """Code and message of the error that PIM's interfaces write as JSON into the message of another."""
    if not message.startswith("{"):
        return code, message
    try:
        inner = json.loads(message)
    except ValueError:
        return code, message
    if not isinstance(inner, dict) or not isinstance(inner.get("errorCode"), str):
        return code, message
    return inner["errorCode"], str(inner.get("message") or "")


def _told(code: str, http: int, message: str) -> CoverageStatus | None:
    if code in _UNLICENSED or (http in (400, 401, 403) and _speaks_of_licence(message)):
        return CoverageStatus.UNLICENSED
    if code in _OFTEN or http in (429, 509):
        return CoverageStatus.THROTTLED
    if code in _DENIED:
        return CoverageStatus.DENIED
    if code in _UNSUPPORTED or (http in (400, 404) and message.startswith(_NO_SEGMENT)):
        return CoverageStatus.UNSUPPORTED
    return None


def _speaks_of_licence(message: str) -> bool:
    """Of one of Entra's licences, or of a service (Intune) that the tenant has not."""
    text = message.lower()
    return ("premium" in text and ("license" in text or "licence" in text)) or _NOT_HERE in text
