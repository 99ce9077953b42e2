"""The grammar of the IAM JSON policy language: typed statements, and how documents are wrapped in exports.

Follows https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import msgspec

from leastwise.providers.aws.evaluate.operators import is_operator
from leastwise.providers.aws.evaluate.policy import PRINCIPAL_TYPES
from leastwise.providers.aws.evaluate.variables import VERSIONS

Texts = str | list[str]
Names = str | int | list[str | int]
"""Values of a principal: an account id may stand as a number."""
_MOST_ENCODINGS = 3
_NONE: list[str] = []
_VALUES = (str, int, float)


class Statement(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One statement as the grammar has it; `texts` gives an element's values as a list."""

    Effect: str
    Sid: str | int = ""
    Action: Texts | None = None
    NotAction: Texts | None = None
    Resource: Texts | None = None
    NotResource: Texts | None = None
    Principal: str | dict[str, Names] | None = None
    NotPrincipal: str | dict[str, Names] | None = None
    Condition: dict[str, dict[str, Any]] | None = None


class Document(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A document whose statements are still their raw bytes."""

    Statement: list[msgspec.Raw]
    Version: str = ""
    Id: str = ""


class _Single(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    Statement: msgspec.Raw
    Version: str = ""
    Id: str = ""


class _Typed(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    Statement: list[Statement] | Statement
    Version: str = ""
    Id: str = ""


_BAD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decode_any = msgspec.json.Decoder().decode
decode_split = msgspec.json.Decoder(Document).decode
_decode_single = msgspec.json.Decoder(_Single).decode
_decode_typed = msgspec.json.Decoder(_Typed).decode
decode_statement = msgspec.json.Decoder(Statement).decode
encode = msgspec.json.Encoder(order="sorted").encode
"""Canonical JSON: sorted keys, no spaces."""


class Unsupported(Exception):
    """The document cannot be evaluated; the text says why."""


def texts(value: Texts | None) -> list[str]:
    """An element that may be one text, several or absent, as a list."""
    return [value] if type(value) is str else value or _NONE  # type: ignore[return-value]


def principals(value: str | dict[str, Names] | None) -> list[str]:
    """The entries of a Principal element as `TYPE=value`; `*` is `*=*`."""
    if not value:
        return _NONE
    if isinstance(value, str):
        return [f"*={value}"]
    if len(value) == 1:
        ((kind, items),) = value.items()
        return [f"{kind}={item}" for item in items] if type(items) is list else [f"{kind}={items}"]
    return [
        f"{kind}={item}" for kind, items in value.items() for item in (items if isinstance(items, list) else [items])
    ]


def unwrap(raw: bytes) -> bytes:
    """The document's own bytes, however often it was wrapped in a string or URL-encoded. Raises Unsupported."""
    text = raw
    for _ in range(2 * _MOST_ENCODINGS):
        text = text.strip()
        if text[:1] == b"{":
            return text
        if text[:1] == b"%":
            text = unquote(text.decode("latin-1"), encoding="latin-1").encode("latin-1")
            continue
        try:
            value = _decode_any(text)
        except _BAD as error:
            raise Unsupported(f"not JSON: {error}") from None
        if not isinstance(value, str):
            raise Unsupported(f"a policy document is an object, this is {_noun(value)}")
        text = value.encode("utf-8", "surrogatepass")
    raise Unsupported("encoded too many times")


def split(text: bytes) -> Document:
    """The document with its statements apart; what is in a statement is not looked at. Raises Unsupported."""
    try:
        found = decode_split(text)
    except msgspec.ValidationError:
        found = _single(text)
    except _BAD:
        raise blamed(text) from None
    if found.Version not in VERSIONS:
        raise Unsupported(f"Version {found.Version!r} is none of the policy language")
    return found


def _single(text: bytes) -> Document:
    try:
        found = _decode_single(text)
    except _BAD:
        raise blamed(text) from None
    if bytes(found.Statement)[:1] != b"{":
        raise blamed(text)
    return Document([found.Statement], found.Version, found.Id)


def whole(text: bytes) -> list[Statement]:
    """The statements of a document. Raises Unsupported."""
    try:
        found = _decode_typed(text).Statement
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise Unsupported(f"{place.strip('`') or '$'}: {cause}") from None
    except _BAD as error:
        raise Unsupported(f"not JSON: {error}") from None
    return found if isinstance(found, list) else [found]


def blamed(text: bytes) -> Unsupported:
    """Why a document cannot be read, with the place, as reading it whole says it."""
    try:
        whole(text)
    except Unsupported as error:
        return error
    return Unsupported("not JSON: its parts cannot be read")


def objection(one: Statement) -> str:
    """What the types cannot say: elements that exclude each other, words that the language does not have.

    Empty when all is well.
    """
    if one.Effect not in ("Allow", "Deny"):
        return "Effect must be Allow or Deny"
    if (one.Action is None) == (one.NotAction is None):
        return "exactly one of Action and NotAction is needed"
    if one.Resource is not None and one.NotResource is not None:
        return "Resource and NotResource exclude each other"
    if one.Principal is not None and one.NotPrincipal is not None:
        return "Principal and NotPrincipal exclude each other"
    if isinstance(one.Principal, str) and one.Principal != "*":
        return "a Principal that is a text must be *"
    if one.Resource is None and one.NotResource is None and one.Principal is None and one.NotPrincipal is None:
        return "a policy of identities needs Resource or NotResource, one of resources Principal or NotPrincipal"
    for principal in (one.Principal, one.NotPrincipal):
        for kind in principal if isinstance(principal, dict) else ():
            if kind not in PRINCIPAL_TYPES:
                return f"{kind} is no type of principal"
    return _condition_objection(one.Condition) if one.Condition else ""


def _condition_objection(condition: dict[str, dict[str, Any]]) -> str:
    for operator, keys in condition.items():
        if not is_operator(operator):
            return f"{operator} is no condition operator"
        for key, values in keys.items():
            for value in values if type(values) is list else (values,):
                if not isinstance(value, _VALUES):
                    return f"a value of {key} is neither a text, a number nor a boolean"
    return ""


def _noun(value: object) -> str:
    return {list: "a list", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
