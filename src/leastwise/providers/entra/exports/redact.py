"""Secrets never reach the raw documents: what is not on the allow-list becomes a keyed hash before anything is written.

Why: docs/decisions/0010-allow-list-of-values.md.
"""

from __future__ import annotations

import re

from leastwise.model.scope import RawDocument
from leastwise.providers.redacting import Allowed, Redactor

_ALLOWED = Allowed(
    whole=frozenset(
        (
            "approles", "audiences", "assignedlicenses", "authenticationmethodconfigurations",
            "automaticuserconsentsettings", "b2bcollaborationinbound", "b2bcollaborationoutbound",
            "b2bdirectconnectinbound", "b2bdirectconnectoutbound", "inboundtrust", "claimsmatchingexpression",
            "conditions",
            "countriesandregions", "customsecurityattributes", "effectiverules", "excludes", "grantcontrols",
            "grouptypes", "includes", "inheritspermissionsfrom", "ipranges", "methodsregistered",
            "oauth2permissionscopes", "permissiongrantpoliciesassigned", "permissions", "resourcescopes",
            "rolepermissions", "rules", "sessioncontrols", "verifieddomains",
        )
    ),
    secret=frozenset(("key", "hint", "password", "passwordprofile", "secrettext", "value", "thumbprint")),
    maps=frozenset(),
    kept=frozenset(
        (
            "@odata.context", "@odata.type", "action", "allowinvitesfrom", "appid", "appownerorganizationid",
            "category", "categorygroup", "department", "description", "disabledbymicrosoftstatus", "displayname",
            "duration", "groupid", "id", "issuer", "jobtitle", "justification", "mail", "mailnickname",
            "membershiprule", "name", "reviewresult", "scope", "securityidentifier", "serviceprincipalnames",
            "serviceprincipaltype", "signinaudience", "state", "status", "subject", "tags", "ticketnumber",
            "ticketsystem", "type", "usage", "userprincipalname", "usertype", "visibility",
        )
    ),
    names=re.compile(r"(?:[a-z]DateTime|[a-z]Ids?|[a-z]Names?|[a-z]Types?|[a-z]State|Url)$"),
    harmless=re.compile(r"\d{4}-\d\d-\d\d(?:T[0-9:.]+Z)?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"),
)  # fmt: skip


def redact(document: RawDocument, key: bytes) -> bytes:
    """A document's body without values that may be secret; the same bytes when all may stay, or it is no JSON."""
    return Redactor(key, _ALLOWED).document(document.body)
