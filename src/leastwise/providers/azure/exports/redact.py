"""Secrets never reach the raw documents: what is not on the allow-list becomes a keyed hash before anything is written.

Only descriptions of resources and parameters can hold any; assignments, roles and containers stay as they are.
Why: docs/decisions/0010-allow-list-of-values.md.
"""

from __future__ import annotations

import re

from leastwise.model.scope import RawDocument
from leastwise.providers.redacting import Allowed, Redactor

_DESCRIBING = (
    "resources.", "resourceGraph.", "insights.", "authorization.policyAssignments", "managedIdentity.",
)  # fmt: skip
"""Kinds (their beginnings) whose documents describe resources."""

_WHOLE = frozenset(
    (
        "accesspolicies", "admingroupobjectids", "administrators", "assignablescopes",
        "claimsmatchingexpression", "dataactions",
        "identity",
        "identityprofile", "managementgroupancestorschain", "notdataactions", "sku", "tags", "userassignedidentities",
        "zones",
    )
)  # fmt: skip
_SECRET = frozenset(
    (
        "accesskey", "accountkey", "adminpassword", "administratorloginpassword", "certificate", "clientsecret",
        "commandtoexecute", "connectionstring", "customdata", "data", "fileuris", "key", "keydata", "keyvalue",
        "password", "primarykey", "protectedsettings", "sas", "sastoken", "script", "secondarykey", "secret",
        "serviceuri", "sharedkey", "token", "uri", "userdata", "value", "webhookuri",
    )
)  # fmt: skip
_MAPS = frozenset(
    (
        "annotations", "appsettings", "connectionstrings", "defaultvalue", "definition", "env", "environmentvariables",
        "metadata", "parameters", "publicsettings", "secrets", "settings", "siteconfig", "variables",
    )
)  # fmt: skip
_KEPT = frozenset(
    (
        "audiences",
        "category",
        "categorygroup",
        "condition",
        "description",
        "displayname",
        "effect",
        "enforcementmode",
        "id",
        "issuer",
        "login",
        "sid",
        "kind",
        "level",
        "location",
        "managedby",
        "name",
        "namespace",
        "nextlink",
        "policydefinitionid",
        "principalid",
        "principaltype",
        "publicnetworkaccess",
        "region",
        "resourcegroup",
        "scope",
        "source",
        "subject",
        "subscriptionid",
        "tenantid",
        "tier",
        "type",
        "workspaceid",
        "clientid",
        "objectid",
    )
)
_NAMES = re.compile(
    r"(?:[a-z0-9_](?:Ids?|Names?|Types?|States?|Status|Times?|Version|Locations?|Kinds?|Modes?|At|On)|Access|Enabled)$"
)
"""Members that name things: their texts stay."""
_HARMLESS = re.compile(
    r"/(?:subscriptions|providers)/[A-Za-z0-9/_.@()\-]+|\d{4}-\d\d-\d\d(?:[T ][0-9:.]+(?:Z|[+-]\d\d:?\d\d)?)?|"
    r"true|false|True|False|Enabled|Disabled|Succeeded|Allow|Deny|None|"
)
"""Texts that stay wherever they are: ids of resources, times, words of the vendor's own."""
_ALLOWED = Allowed(_WHOLE, _SECRET, _MAPS, _KEPT, _NAMES, _HARMLESS)


def redact(document: RawDocument, key: bytes) -> bytes:
    """A document's body without values that may be secret; the same bytes when all may stay, or it is no JSON."""
    if not document.kind.startswith(_DESCRIBING):
        return document.body
    return Redactor(key, _ALLOWED).document(document.body)
