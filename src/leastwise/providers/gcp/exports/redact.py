"""Secrets never reach the raw documents: what is not on the allow-list becomes a keyed hash before anything is written.

Only descriptions of resources can hold any: metadata of machines, environment variables, connection strings, keys.
Names stay, policies stay. Why: docs/decisions/0010-allow-list-of-values.md.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from leastwise.model.scope import RawDocument
from leastwise.providers.redacting import Keyed

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
        "etag", "entrypoint", "groupbyemail", "iammember", "idpentityid", "image", "issueruri", "keyalgorithm",
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

_SIGN_IN = re.compile(r"(?<=://)[^/?#\s@]+(?=@)")
"""What a URL says of who signs in, and with which password."""

_KEYED = ("key", "name", "fieldpath")


def redact(document: RawDocument, key: bytes) -> bytes:
    """A document's body without values that may be secret; the same bytes when all may stay, or it is no JSON."""
    if not document.kind.startswith(_DESCRIBING) or document.kind.partition(":")[2] in ("IAM_POLICY", "ORG_POLICY"):
        return document.body
    return Redactor(key).document(document.body)


class Redactor(Keyed):
    """Redacts documents with one key."""

    def document(self, data: bytes) -> bytes:
        """One JSON value, or a value a line with comments between them, of which the text is left out."""
        try:
            return self._value(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        except RecursionError:
            return data
        lines = data.split(b"\n")
        try:
            return b"\n".join(b"#" if line.lstrip().startswith(b"#") else self._value(line) for line in lines)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return data

    def _value(self, data: bytes) -> bytes:
        if not data.strip():
            return data
        value = msgspec.json.decode(data)
        clean = self._clean("", value)
        return data if clean == value else msgspec.json.encode(clean)

    def _clean(self, name: str, value: Any) -> Any:
        """The value of the member `name`; the items of a list are values of the same member."""
        if isinstance(value, list):
            return [self._clean(name, one) for one in value]
        if isinstance(value, dict):
            return {key: self._member(key, one) for key, one in value.items()}
        return self._text(name, value) if isinstance(value, str) else value

    def _member(self, name: str, value: Any) -> Any:
        lower = name.lower()
        if lower in _WHOLE:
            return value
        if lower in _MAPS and isinstance(value, dict | list):
            return self._map(value)
        if lower in _SECRET and not isinstance(value, dict | list | bool | None):
            return self._all(value)
        return self._clean(name, value)

    def _map(self, value: Any) -> Any:
        """Pairs as `{"key": …, "value": …}`, or members by name: what a text says under a name of its own is hashed."""
        if isinstance(value, list):
            return [self._map(one) if isinstance(one, dict | list) else self._all(one) for one in value]
        found = {}
        for key, one in value.items():
            lower = key.lower()
            if isinstance(one, dict | list):
                found[key] = self._map(one) if lower in _MAPS or lower.endswith("variables") else self._member(key, one)
            elif lower in _KEYED:
                found[key] = one
            else:
                found[key] = one if isinstance(one, str) and _stays(key, one) and lower != "value" else self._all(one)
        return found

    def _all(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._all(one) for one in value]
        if isinstance(value, dict):
            return {key: self._all(one) for key, one in value.items()}
        if value is None or isinstance(value, bool) or value == "":
            return value
        return self.hashed(value if isinstance(value, str) else str(value))

    def _text(self, name: str, value: str) -> str:
        if not _stays(name, value):
            return self.hashed(value)
        return _SIGN_IN.sub(lambda found: self.hashed(found[0]), value) if "@" in value else value


def _stays(name: str, value: str) -> bool:
    if name.lower() in _KEPT or _NAMES.search(name) is not None:
        return True
    return _HARMLESS.fullmatch(value) is not None
