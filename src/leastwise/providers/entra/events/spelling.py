"""Which log a record is of, out of the forms in which it is delivered.

Diagnostic settings wrap what Graph tells in an envelope with `category` and `properties`; rows of a workspace have the
same in columns; the unified audit log has a form of its own, also within rows of what PowerShell exports.

https://learn.microsoft.com/entra/identity/monitoring-health/concept-activity-log-schemas
https://learn.microsoft.com/azure/azure-monitor/reference/tables/auditlogs
https://learn.microsoft.com/azure/azure-monitor/reference/tables/microsoftgraphactivitylogs
https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema
"""

from __future__ import annotations

import re
from collections.abc import Set

from leastwise.providers.logs.nested import Object, part
from leastwise.providers.logs.tabular import word
from leastwise.providers.logs.wrapped import ElsewhereError, NotUsageError

from . import audits, calls, signins, unified
from .forms import lowered
from .record import GRAPH, NON_INTERACTIVE, OF_IDENTITIES, OF_SERVICES, SIGN_IN, Record

CLOUD = "azure"
"""The provider that reads the other logs of Azure Monitor."""
_TABLE = re.compile(r"^(?:aad)?(?=.*(?:signinlogs)$)")
_SIGN_INS = {one.lower(): one for one in (SIGN_IN, NON_INTERACTIVE, OF_SERVICES, OF_IDENTITIES)}
_EVENT_TYPES = {
    "interactiveuser": SIGN_IN, "noninteractiveuser": NON_INTERACTIVE, "serviceprincipal": OF_SERVICES,
    "managedidentity": OF_IDENTITIES,
}  # fmt: skip
_GRAPH = GRAPH.lower()
_AUDITS = frozenset(("auditlogs", "customsecurityattributeauditlogs"))
_OTHERS = re.compile(
    r"provisioninglogs|risky\w+|\w*riskevents|adfssigninlogs|networkaccess\w*|remotenetwork\w*|enrichedoffice365\w*|"
    r"b2crequestlogs|\w*healthlogs|azureadgraphactivitylogs|aadgraphactivitylogs", re.I,
)  # fmt: skip
_OF_AZURE = frozenset((
    "administrative", "servicehealth", "resourcehealth", "alert", "autoscale", "recommendation", "storageread",
    "storagewrite", "storagedelete", "auditevent",
))  # fmt: skip


def record_of(value: Object) -> Record | None:
    """The record that an object is; None when it carries others at most.

    Raises:
        NotUsageError: it is of a log that tells no use of a permission.
        ElsewhereError: it is of another provider's logs.
        UnreadableRecordError: it lacks what every record has.
    """
    keys = {str(one).lower() for one in value}
    if "operation" in keys and keys & {"recordtype", "workload", "officeworkload"}:
        return unified.record(lowered(value))
    if {"requestmethod", "requesturi"} <= keys:
        return calls.record(lowered(value), {})
    if "activitydisplayname" in keys or "activitydatetime" in keys:
        return audits.record(lowered(value), {})
    if _is_sign_in(keys):
        row = lowered(value)
        return signins.record(row, {}, _log_of(row))
    if "properties" in keys and keys & {"category", "operationname"}:
        return _enveloped(lowered(value), keys)
    if "operationname" in keys and keys & {"category", "authorization"}:
        _elsewhere(lowered(value))
    return None


def _is_sign_in(keys: Set[str]) -> bool:
    """Whether an object has what sign-ins have in the form of Graph or of a workspace."""
    if "properties" in keys or not keys & {"appid", "serviceprincipalid"}:
        return False
    return bool(keys & {"createddatetime", "timegenerated"}) and bool(
        keys & {"conditionalaccessstatus", "resourcedisplayname", "userprincipalname"}
    )


def _enveloped(value: Object, keys: Set[str]) -> Record | None:
    inner, category = part(value, "properties"), word(value, "category").lower()
    place = word(value, "resourceid").lower()
    if category in _SIGN_INS:
        return signins.record(inner, value, _SIGN_INS[category])
    if category == _GRAPH or {"requestmethod", "requesturi"} <= inner.keys():
        return calls.record(inner, value)
    if category in _OF_AZURE or (place.startswith("/subscriptions/") and category not in _AUDITS):
        raise ElsewhereError(CLOUD)
    if _OTHERS.fullmatch(category):
        raise NotUsageError(f"{word(value, 'category')}, which is no use of a permission")
    if category in _AUDITS or "activitydisplayname" in inner or "/microsoft.aadiam" in place:
        return audits.record(inner, value)
    _elsewhere(value)
    return None


def _elsewhere(value: Object) -> None:
    """Say of a record that is none of these that it is Azure's, or no use. Raises ElsewhereError, NotUsageError."""
    category, place = word(value, "category").lower(), word(value, "resourceid") or word(value, "resourceuri")
    if category in _OF_AZURE or place.lower().startswith("/") or "authorization" in value:
        raise ElsewhereError(CLOUD)
    if category:
        raise NotUsageError(f"{word(value, 'category')}, of which no table tells the permissions")


def _log_of(row: Object) -> str:
    """The log of a sign-in that has no envelope."""
    for name in (word(row, "type"), word(row, "category")):
        found = _SIGN_INS.get(_TABLE.sub("", name.lower()))
        if found:
            return found
    types = row.get("signineventtypes")
    for one in types if isinstance(types, list) else ():
        if str(one).lower() in _EVENT_TYPES:
            return _EVENT_TYPES[str(one).lower()]
    if word(row, "serviceprincipalid") and not word(row, "userid"):
        managed = word(row, "managedidentitytype").lower()
        return OF_IDENTITIES if managed not in ("", "none") else OF_SERVICES
    return NON_INTERACTIVE if row.get("isinteractive") is False else SIGN_IN
