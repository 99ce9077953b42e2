"""Policy documents: interned by content, parsed once, and the few facts that lists need of each.

Follows the grammar of the IAM JSON policy language
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). A document that does not follow it
is kept with its bytes and the reason, so that every answer that depends on it can be UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256 as _sha256
from itertools import chain
from typing import Any
from urllib.parse import unquote

import msgspec

from leastwise.model.tables import DOCUMENTS, STATEMENTS

from .rows import Rows

Texts = str | list[str]
_MOST_ENCODINGS = 3
_BATCH = 4096
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
    """Interns documents; rows are numbered in the order in which contents are first seen.

    Parsed statements are turned into columns a batch at a time and then dropped: memory that is used again is much
    cheaper than memory that is new.
    """

    def __init__(self) -> None:
        self._hashes: list[str] = []
        self._texts: list[bytes] = []
        self._reasons: list[str | None] = []
        self._by_bytes: dict[bytes, int] = {}
        self._by_hash: dict[bytes, int] = {}
        self._pending: list[list[Statement]] = []
        self._document_rows, self._statement_rows = Rows(DOCUMENTS), Rows(STATEMENTS)

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

    def parsed(self, row: int) -> list[Statement]:
        """The statements of a document; none if it is unsupported."""
        if self._reasons[row] is not None:
            return []
        first = len(self._hashes) - len(self._pending)
        if row >= first:
            return self._pending[row - first]
        found = _decode(self._texts[row]).Statement
        return found if isinstance(found, list) else [found]

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
        digest = _sha256(canonical).digest()
        row = self._by_hash.get(digest)
        if row is None:
            row = self._by_hash[digest] = len(self._hashes)
            self._hashes.append(digest.hex())
            self._texts.append(text)
            self._reasons.append(reason)
            self._pending.append(statements)
            if len(self._pending) == _BATCH:
                self._flush()
        return row

    def _flush(self) -> None:
        """Write the rows of the documents that are pending."""
        pending, self._pending = self._pending, []
        first = len(self._hashes) - len(pending)
        self._flush_documents(first, pending)
        flat = list(chain.from_iterable(pending))
        self._statement_rows.extend(
            len(flat),
            document=[row for row, statements in enumerate(pending, first) for _ in statements],
            position=[position for statements in pending for position in range(len(statements))],
            sid=[str(one.Sid) if one.Sid != "" else None for one in flat],
            effect=[one.Effect for one in flat],
            actions=_lists(one.Action for one in flat),
            not_actions=_lists(one.NotAction for one in flat),
            resources=_lists(one.Resource for one in flat),
            not_resources=_lists(one.NotResource for one in flat),
            principals=[principals(one.Principal) if one.Principal else _NONE for one in flat],
            not_principals=[principals(one.NotPrincipal) if one.NotPrincipal else _NONE for one in flat],
            condition=[_encode(one.Condition).decode() if one.Condition else None for one in flat],
        )
        self._statement_rows.pack()

    def _flush_documents(self, first: int, pending: list[list[Statement]]) -> None:
        names = ("admin", "wildcard_actions", "wildcard_resources", "conditional", "denies", "actions")
        reasons = self._reasons[first:]
        facts = [_facts(one) if reason is None else _UNKNOWN for one, reason in zip(pending, reasons, strict=True)]
        self._document_rows.extend(
            len(pending),
            hash=self._hashes[first:],
            text=self._texts[first:],
            unsupported=reasons,
            statements=list(map(len, pending)),
            **dict(zip(names, zip(*facts, strict=True), strict=True)),
        )
        self._document_rows.pack()

    def document_rows(self) -> Rows:
        """The documents table."""
        if self._pending:
            self._flush()
        return self._document_rows

    def statement_rows(self) -> Rows:
        """The statements table."""
        if self._pending:
            self._flush()
        return self._statement_rows


def _lists(values: Iterable[Texts | None]) -> list[Sequence[str]]:
    return [(value,) if type(value) is str else value or _NONE for value in values]


_Facts = tuple[bool | None, bool | None, bool | None, bool | None, bool | None, list[str]]
_UNKNOWN: _Facts = (None, None, None, None, None, [])


def _facts(statements: list[Statement]) -> _Facts:
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
