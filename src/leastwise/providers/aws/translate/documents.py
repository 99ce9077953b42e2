"""Policy documents: interned by content, parsed once, and the few facts that lists need of each.

Follows the grammar of the IAM JSON policy language
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). A document that does not follow it
is kept with its bytes and the reason, so that every answer that depends on it can be UNKNOWN.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import unquote

import msgspec

from leastwise.model.tables import DOCUMENTS, STATEMENTS

from .rows import Rows

Texts = str | list[str]
_MOST_ENCODINGS = 3
_NONE: list[str] = []


class Statement(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One statement as the grammar has it; `texts` gives an element's values as a list."""

    Effect: str
    Sid: str | int = ""
    Action: Texts | None = None
    NotAction: Texts | None = None
    Resource: Texts | None = None
    NotResource: Texts | None = None
    Principal: str | dict[str, Texts] | None = None
    NotPrincipal: str | dict[str, Texts] | None = None
    Condition: dict[str, dict[str, Any]] | None = None


class _Document(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    Statement: list[Statement] | Statement
    Version: str = ""
    Id: str = ""


_decode = msgspec.json.Decoder(_Document).decode
_decode_any = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="sorted").encode


class _Unsupported(Exception):
    """The document cannot be evaluated; the text says why."""


def texts(value: Texts | None) -> list[str]:
    """An element that may be one text, several or absent, as a list."""
    return [value] if type(value) is str else value or _NONE  # type: ignore[return-value]


def principals(value: str | dict[str, Texts] | None) -> list[str]:
    """The entries of a Principal element as `TYPE=value`; `*` is `*=*`."""
    if not value:
        return _NONE
    if isinstance(value, str):
        return [f"*={value}"]
    return [f"{kind}={item}" for kind, items in value.items() for item in texts(items)]


class Documents:
    """Interns documents; rows are numbered in the order in which contents are first seen."""

    def __init__(self) -> None:
        self.parsed: list[list[Statement]] = []
        self._hashes: list[str] = []
        self._texts: list[bytes] = []
        self._reasons: list[str | None] = []
        self._by_bytes: dict[bytes, int] = {}
        self._by_hash: dict[str, int] = {}

    def intern(self, raw: bytes | msgspec.Raw) -> int:
        """The row of a document given as JSON bytes: an object, or a text that holds one, URL-encoded or not."""
        key = bytes(raw)
        known = self._by_bytes.get(key)
        if known is None:
            known = self._by_bytes[key] = self._new(key)
        return known

    def intern_text(self, text: str) -> int:
        """As `intern`, for a document already taken out of its JSON string."""
        return self.intern(text.encode("utf-8", "surrogatepass"))

    def _new(self, raw: bytes) -> int:
        reason: str | None = None
        statements: list[Statement] = []
        try:
            text, document = _read(raw)
            found = document.Statement
            statements = found if type(found) is list else [found]  # type: ignore[list-item]
            document.Statement = statements
            canonical = _encode(document)
            _check(statements)
        except _Unsupported as error:
            text = canonical = raw
            reason, statements = str(error), []
        digest = hashlib.sha256(canonical).hexdigest()
        row = self._by_hash.get(digest)
        if row is None:
            row = self._by_hash[digest] = len(self._hashes)
            self._hashes.append(digest)
            self._texts.append(text)
            self._reasons.append(reason)
            self.parsed.append(statements)
        return row

    def document_rows(self) -> Rows:
        """The documents table."""
        facts = [_facts(statements) for statements in self.parsed]
        columns = list(zip(*facts, strict=True)) if facts else [()] * 6
        named = dict(
            zip(
                ("admin", "wildcard_actions", "wildcard_resources", "conditional", "denies", "actions"),
                columns,
                strict=True,
            )
        )
        for name in ("admin", "wildcard_actions", "wildcard_resources", "conditional", "denies"):
            named[name] = tuple(
                None if reason else value for value, reason in zip(named[name], self._reasons, strict=True)
            )
        rows = Rows(DOCUMENTS)
        rows.extend(
            len(self._hashes),
            hash=self._hashes,
            text=self._texts,
            unsupported=self._reasons,
            statements=[len(statements) for statements in self.parsed],
            **named,
        )
        return rows

    def statement_rows(self) -> Rows:
        """The statements table."""
        flat = [one for statements in self.parsed for one in statements]
        rows = Rows(STATEMENTS)
        rows.extend(
            len(flat),
            document=[row for row, statements in enumerate(self.parsed) for _ in statements],
            position=[position for statements in self.parsed for position in range(len(statements))],
            sid=[str(one.Sid) if one.Sid != "" else None for one in flat],
            effect=[one.Effect for one in flat],
            actions=[texts(one.Action) for one in flat],
            not_actions=[texts(one.NotAction) for one in flat],
            resources=[texts(one.Resource) for one in flat],
            not_resources=[texts(one.NotResource) for one in flat],
            principals=[principals(one.Principal) for one in flat],
            not_principals=[principals(one.NotPrincipal) for one in flat],
            condition=[_encode(one.Condition).decode() if one.Condition else None for one in flat],
        )
        return rows


def _facts(statements: list[Statement]) -> tuple[bool, bool, bool, bool, bool, list[str]]:
    """(admin, wildcard actions, wildcard resources, conditional, denies, action patterns) of a document."""
    admin = wild_actions = wild_resources = denies = False
    allows, conditional = 0, True
    patterns: dict[str, None] = {}
    for one in statements:
        if one.Effect == "Deny":
            denies = True
            continue
        allows += 1
        if not one.Condition:
            conditional = False
        resources = texts(one.Resource)
        everything = "*" in resources
        if everything or one.NotResource is not None:
            wild_resources = True
        if one.NotAction is not None:
            wild_actions = True
            patterns.update(dict.fromkeys(["!" + action for action in texts(one.NotAction)]))
            continue
        for action in texts(one.Action):
            patterns[action] = None
            if action[-1:] == "*" and (action == "*" or action[-2:] == ":*"):
                wild_actions = True
                if everything and not one.Condition and action in ("*", "*:*"):
                    admin = True
    return admin, wild_actions, wild_resources, conditional and allows > 0, denies, list(patterns)


def _check(statements: list[Statement]) -> None:
    """What the types cannot say: which elements exclude each other."""
    for position, one in enumerate(statements):
        if one.Effect not in ("Allow", "Deny"):
            raise _Unsupported(f"statement {position}: Effect must be Allow or Deny")
        if (one.Action is None) == (one.NotAction is None):
            raise _Unsupported(f"statement {position}: exactly one of Action and NotAction is needed")
        if one.Resource is not None and one.NotResource is not None:
            raise _Unsupported(f"statement {position}: Resource and NotResource exclude each other")
        if one.Principal is not None and one.NotPrincipal is not None:
            raise _Unsupported(f"statement {position}: Principal and NotPrincipal exclude each other")
        if isinstance(one.Principal, str) and one.Principal != "*":
            raise _Unsupported(f"statement {position}: a Principal that is a text must be *")


def _read(raw: bytes) -> tuple[bytes, _Document]:
    """The document's own bytes and its parsed form, however often it was wrapped in a string or URL-encoded."""
    if raw[:1] == b"{":
        return raw, _typed(raw)
    text = raw
    for _ in range(2 * _MOST_ENCODINGS):
        text = text.strip()
        if text[:1] == b"{":
            return text, _typed(text)
        if text[:1] == b"%":
            text = unquote(text.decode("latin-1"), encoding="latin-1").encode("latin-1")
            continue
        try:
            value = _decode_any(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _Unsupported(f"not JSON: {error}") from None
        if not isinstance(value, str):
            raise _Unsupported(f"a policy document is an object, this is {_noun(value)}")
        text = value.encode("utf-8", "surrogatepass")
    raise _Unsupported("encoded too many times")


def _typed(text: bytes) -> _Document:
    try:
        return _decode(text)
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise _Unsupported(f"{place.strip('`') or '$'}: {cause}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _Unsupported(f"not JSON: {error}") from None


def _noun(value: object) -> str:
    return {list: "a list", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
