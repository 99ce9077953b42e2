"""Secrets never reach the raw documents: values that can carry them become a keyed hash before anything is written.

Names stay (which environment variables a function has is worth knowing), and equal values keep equal hashes under one
key, so that a secret shared by two functions, or changed between two snapshots, can still be told.
"""

from __future__ import annotations

import hmac
import re
from typing import Any

import msgspec

_MARK = "redacted:"
_SECRET = frozenset(
    (
        "userdata",
        "user_data",
        "secretaccesskey",
        "sessiontoken",
        "secretstring",
        "secretbinary",
        "password",
        "masteruserpassword",
        "authtoken",
        "privatekey",
        "certificatebody",
        "clientsecret",
        "servicepassword",
        "base32stringseed",
        "qrcodepng",
    )
)
_VARIABLES = frozenset(("environment", "environmentvariables", "environment_variables", "variables", "envvars"))
_VALUES = frozenset(("value", "parametervalue", "resolvedvalue"))
_SUSPECT = re.compile(rb"(?i)(?:" + "|".join(sorted(_SECRET | _VARIABLES | {"parametervalue"})).encode() + rb')\\*"')


class Redactor:
    """Redacts documents with one key.

    `key` is any number of bytes, kept in the home folder and never in a snapshot.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def document(self, data: bytes) -> bytes:
        """A JSON document without secret values; the same bytes when it holds none, or is no JSON."""
        if not _SUSPECT.search(data):
            return data
        try:
            value = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return data
        clean = self._clean(value)
        return data if clean == value else msgspec.json.encode(clean)

    def _clean(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._clean(one) for one in value]
        if isinstance(value, str) and value[:1] in ("{", "[") and _SUSPECT.search(value.encode("utf-8", "replace")):
            return self._text(value)
        if not isinstance(value, dict):
            return value
        return {key: self._field(str(key).lower(), one) for key, one in value.items()}

    def _field(self, name: str, value: Any) -> Any:
        if name in _SECRET and isinstance(value, str | int | float) and value != "":
            return self._hash(str(value))
        if name in _VARIABLES and isinstance(value, dict | list):
            return self._variables(value)
        if name == "parametervalue" and isinstance(value, str):
            return self._hash(value)
        return self._clean(value)

    def _variables(self, value: Any) -> Any:
        """Variables as NAME: value, or as a list of objects with a value; anything nested is looked through."""
        if isinstance(value, list):
            return [self._variables(one) for one in value]
        if not isinstance(value, dict):
            return value
        pairs = {str(key).lower() for key in value}
        named = bool(pairs & _VALUES) and "name" in pairs
        return {
            key: self._variables(one)
            if isinstance(one, dict | list)
            else self._hash(str(one))
            if one is not None and (not named or str(key).lower() in _VALUES)
            else one
            for key, one in value.items()
        }

    def _text(self, value: str) -> str:
        """JSON inside a text, as AWS Config writes it."""
        try:
            inside = msgspec.json.decode(value.encode())
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return value
        clean = self._clean(inside)
        return value if clean == inside else msgspec.json.encode(clean).decode()

    def _hash(self, value: str) -> str:
        if value.startswith(_MARK):
            return value
        return _MARK + hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:24]
