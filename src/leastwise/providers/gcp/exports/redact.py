"""Secrets never reach the raw documents: what is not on the allow-list becomes a keyed hash before anything is written.

Only descriptions of resources can hold any: metadata of machines, environment variables, connection strings, keys.
Names stay, policies stay. Why: docs/decisions/0010-allow-list-of-values.md.
"""

from __future__ import annotations

import re

from leastwise.model.scope import RawDocument
from leastwise.providers.redacting import Allowed, Redactor

from ..language.machines import BLOCKING, LOGIN
from .shapes import ASSETS

_DESCRIBING = (ASSETS, "cloudasset.searchAllResources", "iam.workloadIdentityPools", "iam.workforcePools",
               "iam.serviceAccounts.keys")  # fmt: skip
"""Kinds (their beginnings) whose documents describe resources; all others hold identities, policies and containers."""

_WHOLE = frozenset(
    (
        "ancestors", "attributemapping", "bindings", "condition", "iampolicy", "iam_policy", "includedpermissions",
        "labels",
        "oauthscopes", "orgpolicy", "org_policy", "permissions", "policy", "resourcelabels", "roleref", "rules",
        "scopes",
        "subjects", "tags", "userlabels",
    )
)  # fmt: skip
"""Members that are read whole: policies, roles, labels, network tags, bindings of Kubernetes."""

_SECRET = frozenset(
    (
        "args", "certificate", "clientcertificate", "clientkey", "clientsecret", "clustercacertificate", "command",
        "data", "inlinesecret", "password", "privatekey", "privatekeydata", "publickeydata", "rawkey", "rootpassword",
        "rsaencryptedkey", "sharedsecret", "sourcearchiveurl", "sourceuploadurl", "startupscript", "stringdata",
        "token",
        "value",
    )
)  # fmt: skip
"""Members whose texts are hashed whatever they look like, numbers too."""

_MAPS = frozenset(
    (
        "annotations", "buildenvironmentvariables", "config", "databaseflags", "env", "environmentvariables",
        "envvariables",
        "items", "jobproperties", "metadata", "pairs", "properties", "secretenvironmentvariables", "softwareconfig",
        "substitutions",
    )
)  # fmt: skip
"""Maps (or lists of name and value) whose names may be the customer's own: their values are looked at by `_map`."""

_KEPT = frozenset(
    (
        "accesslevel", "allowedaudiences", "attributecondition", "audience", "availabilitytype", "awssecurity",
        "bucket",
        "clientid", "constraint", "databaseversion", "description", "displayname", "domain", "email", "entity",
        "etag", "entrypoint", "groupbyemail", "iammember", "idpmetadataxml", "image", "issueruri", "keyalgorithm",
        "keyorigin",
        "keytype", "kind", "location", "lifecyclestate", "member", "namespace", "network", "owner", "parent", "path",
        "principal", "publicaccessprevention", "region", "role", "runtime", "serviceaccount", "serviceaccountemail",
        "sharedcredentials", "specialgroup", "stage", "state", "status", "subject", "subjecttype", "subnetwork",
        "tagvalue", "title",
        "usebyemail", "userbyemail", "view", "workloadpool", "workflow", "zone",
    )
)  # fmt: skip
"""Members whose texts stay: what translation reads, and words of the vendor's own."""

_NAMES = re.compile(
    r"(?:^|[a-z0-9_])(?:[Ii]ds?|[Nn]ames?|[Nn]umbers?|[Tt]ypes?|[Ss]tates?|[Ss]tatus|[Rr]egions?|[Zz]ones?|[Vv]ersions?|"
    r"[Tt]imes?|[Tt]imestamps?|[Ll]ocations?|[Ll]inks?|[Ee]mails?|[Aa]ccounts?|[Kk]ind|[Mm]odes?)$"
)
"""Members that name things: their texts stay."""

_HARMLESS = re.compile(
    r"(?:https://(?:www|[a-z0-9-]+)\.googleapis\.com/[^?#\s]*|//[a-z0-9.-]+\.googleapis\.com/[^?#\s]*)|"
    r"(?:projects|folders|organizations|locations|billingAccounts|accessPolicies)/[A-Za-z0-9/_.@:\-]+|"
    r"\d{4}-\d\d-\d\d(?:[T ][0-9:.]+(?:Z|[+-]\d\d:?\d\d)?)?|[A-Z][A-Z0-9_]{1,40}|\d{1,20}|true|false|"
    r"[a-z0-9.-]+@[a-z0-9.-]+\.gserviceaccount\.com|(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?|"
    r"(?:storage|bigquery|pubsub|logging)\.googleapis\.com/[A-Za-z0-9/_.:\-]+|"
    r"(?:[\s()]|AND\b|OR\b|NOT\b|(?:log_id|LOG_ID)\(\"[\w./%\-]+\"\)|"
    r"logName\s?(?:[:=]|=~|!=)\s?\"?[\w./%\-]+\"?)+|",
)
"""Texts that stay wherever they are: names of resources, times, the vendor's constants, numbers, service accounts,
where sinks write, and filters of names of logs alone."""

_SWITCHES = frozenset((*LOGIN, *BLOCKING))
"""Metadata of machines that says how one enters them."""

_ALLOWED = Allowed(_WHOLE, _SECRET, _MAPS, _KEPT, _NAMES, _HARMLESS, ("key", "name", "fieldpath"), _SWITCHES)


def redact(document: RawDocument, key: bytes) -> bytes:
    """A document's body without values that may be secret; the same bytes when all may stay, or it is no JSON."""
    if not document.kind.startswith(_DESCRIBING) or document.kind.partition(":")[2] in ("IAM_POLICY", "ORG_POLICY"):
        return document.body
    return Redactor(key, _ALLOWED).document(document.body)
