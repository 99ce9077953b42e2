"""Secrets never reach the raw documents: what is not on the allow-list becomes a keyed hash before anything is written.

Names stay (which environment variables a function has is worth knowing), and equal values keep equal hashes under one
key, so that a secret shared by two functions, or changed between two snapshots, can still be told. Why, and what stays:
docs/decisions/0010-allow-list-of-values.md.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from leastwise.providers.redacting import Cleaner

_SECRET = frozenset(
    (
        "authtoken", "base32stringseed", "certificatebody", "clientsecret", "code", "command", "entrypoint", "location",
        "masteruserpassword", "parametervalue", "outputvalue", "password", "privatekey", "qrcodepng", "secretaccesskey",
        "secretbinary", "secretstring", "servicepassword", "sessiontoken", "user_data", "userdata",
    )
)  # fmt: skip
"""Members whose texts are hashed whatever they look like, numbers too."""

_MAPS = frozenset(
    (
        "configurationproperties", "connectionproperties", "defaultarguments", "driveropts", "environment",
        "environment_variables", "environmentvariables", "envvars", "headers", "jobparameters", "logoptions",
        "nonoverridablearguments", "options", "parameters", "requestparameters", "stagevariables", "variables",
    )
)  # fmt: skip
"""Maps (or lists of name and value) whose names are the customer's own: every value is hashed."""

_POLICIES = frozenset(
    (
        "accesspolicies", "accesspolicy", "assumerolepolicydocument", "bucketpolicy", "content", "document",
        "filesystempolicy", "inlinepolicy", "keypolicy", "policy", "policydocument", "policyinjson",
        "policytext",
        "repositorypolicytext", "resourcepolicy",
    )
)  # fmt: skip
"""Members that hold a policy, which stays as it is if it has statements."""

_TAGS = frozenset(
    (
        "attributes", "emails", "encryptioncontextequals", "encryptioncontextsubset", "identitypooltags",
        "principaltags", "tags", "taglist", "tagset",
    )
)  # fmt: skip
"""Members that are read whole: tags, attributes of queues, topics and things, mail addresses of people, and the
encryption contexts of grants, which the vendor writes to its log in the clear."""

_KEPT = frozenset(
    (
        "accountaliases", "accountstatus", "alias", "aliases", "ambiguousroleresolution", "apiendpoint",
        "architectures", "assertionencryptionmode", "assignpublicip", "attachmentcount", "audience",
        "authenticationmode", "authmode", "bucket", "capabilities", "certificatefield", "certificatemode", "cidrip",
        "cidripv6", "claim", "clientidlist", "configurationitemversion", "configurationstateid", "description",
        "directinternetaccess", "effect", "endpoint", "endswith", "engine", "equals", "eventpattern", "eventsource",
        "executionroleidentityconfig", "featureset", "field", "functionurl", "grantee", "granteeprincipal",
        "granteeserviceprincipal", "group", "grouplist", "handler", "httpendpoint", "httptokens", "iamrole", "image",
        "imageidentifier", "instancerole", "ipprotocol", "ipv6address", "issuer", "joinedmethod", "key", "keymanager",
        "keyspec", "keyusage", "kubernetesgroups", "latestdeliveryerror", "locationconstraint", "loggroup", "mode",
        "namespace", "namespaces", "networkmode", "networkorigin", "notendswith", "notequals", "notstartswith",
        "objectownership", "operations", "origin", "ou", "outputkey", "ownedby", "owner", "owningservice",
        "parameterkey", "parent", "partition", "path",
        "permission", "platformcapabilities", "policyscope", "principal", "principals", "projectvisibility", "protocol",
        "publicaccesscidrs", "publicip", "publicipaddress", "queueurl", "retiringprincipal", "retiringserviceprincipal",
        "role", "rolealias", "rolealiases", "rootaccess", "rootou", "runtime", "s3keyprefix", "samlmetadatadocument",
        "scheduleexpression",
        "scheduleexpressiontimezone", "securitygroups", "selector", "serialnumber", "service", "serviceaccount",
        "servicenamespace", "serviceprincipal", "serviceurl", "sessionduration", "sid", "singlesignonuseridentifier",
        "singlesignonuservalue", "specifier", "ssealgorithm", "startedby", "startswith", "things", "thumbprintlist",
        "types", "uri", "url", "username", "vpcid",
    )
)  # fmt: skip
"""Members whose texts stay: what translation reads, and words of the vendor's own."""

_NAMES = re.compile(r"(?:^|[a-z0-9_-])(?:Id|Ids|ID|IDs|Arn|Arns|ARN|Name|Names|Type|Types|Status|State|Region|Zone|"
                    r"Version|Date|Time|Email)$|"
                    r"^(?:id|ids|arn|arns|name|names|type|status|state|region|version|email)$")  # fmt: skip
"""Members that name things: their texts stay."""

_HARMLESS = re.compile(
    r"arn:aws[a-z-]*:[^\s]*|\d{4}-\d\d-\d\d(?:[T ][0-9:.]+(?:Z|[+-]\d\d:?\d\d)?)?|AWS::\w+(?:::\w+)*|"
    r"(?:eni|i|sg|subnet|vpc|vpce)-[0-9a-f]{8,17}|\d{12}|o-[a-z0-9]{10,32}|r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{6,32}|true|false|",
    re.IGNORECASE,
)
"""Texts that stay wherever they are: ARNs, times, types, ids of accounts and their containers, truth values."""

_POLICY_FILE = re.compile(r"(?:^|/)(?:[a-z-]*polic(?:y|ies)|tags|groups)\.json$")


def is_policy_file(path: str) -> bool:
    """Whether a file of an iam-collect download is a policy, a list of policies or of tags: these stay as they are."""
    return bool(_POLICY_FILE.search(path))


def _has_statements(value: Any) -> bool:
    try:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    except RecursionError:
        return False
    return "Statement" in text


def _named_policies(name: str, value: Any) -> bool:
    """Policies by name, as those of mail identities."""
    return name == "policies" and isinstance(value, dict) and all(map(_has_statements, value.values()))


class Redactor(Cleaner):
    """Redacts documents with one key.

    `key` is any number of bytes, kept in the home folder and never in a snapshot.
    """

    def document(self, data: bytes) -> bytes:
        """A JSON document without values that may be secret; the same bytes when all may stay, or it is no JSON."""
        try:
            value = msgspec.json.decode(data)
            clean = self._clean("", value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return data
        return data if clean == value else msgspec.json.encode(clean)

    def _member(self, name: str, value: Any) -> Any:
        lower = name.lower()
        if lower in _MAPS and isinstance(value, dict | list):
            return self._map(value)
        if lower in _SECRET and not isinstance(value, dict | bool | None):
            return self._all(value)
        if lower in _TAGS or (lower in _POLICIES and _has_statements(value)) or _named_policies(lower, value):
            return value
        return self._clean(name, value)

    def _map(self, value: Any) -> Any:
        """Variables as NAME: value, or as a list of objects with a name and a value."""
        if isinstance(value, list):
            return [self._map(one) if isinstance(one, dict | list) else self._all(one) for one in value]
        names = [key for key in value if key.lower() in ("name", "key", "parameterkey", "type")]
        if {key.lower() for key in names} - {"type"}:
            return {key: one if key in names else self._all(one) for key, one in value.items()}
        nested = {key: one for key, one in value.items() if key.lower() in _MAPS and isinstance(one, dict | list)}
        return {key: self._map(nested[key]) if key in nested else self._all(one) for key, one in value.items()}

    def _text(self, name: str, value: str) -> str:
        if value[:1] in ("{", "["):
            return self._json(name, value)
        if name.lower() in _KEPT or _NAMES.search(name) or _HARMLESS.fullmatch(value):
            return self._without_sign_in(value)
        return self.hashed(value)

    def _json(self, name: str, value: str) -> str:
        """JSON inside a text, as AWS Config and Step Functions write it: its structure stays."""
        try:
            inside = msgspec.json.decode(value.encode("utf-8", "surrogatepass"))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return value if name.lower() in _KEPT else self.hashed(value)
        if name.lower() in _KEPT:
            return value
        clean = self._clean(name, inside)
        return value if clean == inside else msgspec.json.encode(clean).decode()
