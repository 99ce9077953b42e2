"""What is known of issuers of tokens: how they write subjects, which claims follow, which hostile subjects to try."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from leastwise.errors import RuleFileError

from .fields import Fields
from .files import parsed, walk

SCHEMA = 1
KEEP = "keep"
"""The form of a try whose subject is written as that which is tried."""
_REQUIRED = ("schema", "id", "title", "issuers", "shared", "short", "forms", "parts", "claims", "tries")
_NAMED = re.compile(r"\{(\w+)\}")
_WILD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Try:
    """One subject that a trust should not let in, or of which one wants to know.

    Args:
        id: which posture rules know it by.
        title: whose token it is.
        needs: parts that a trust must name for it to be tried.
        parts: what differs from the subject that the trust names; may hold `{part}`.
        form: of its subject; `keep`: as that of the trust.
        without: parts and claims that it has not.
        audience: whom the token is for, where that is told.
    """

    id: str
    title: str
    needs: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    form: str = KEEP
    without: tuple[str, ...] = ()
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A subject that a trust names, taken apart: its form, the parts that it names, and with defaults all of them."""

    form: str
    named: Mapping[str, str]
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Issuer:
    """One system that issues tokens.

    Args:
        issuers: its addresses without scheme (globs).
        shared: everybody can have an account there.
        short: how people name a workload.
        forms: how subjects are written, the most telling first; the last one where nothing else is told.
        shapes: what each part can be, as an expression.
        defaults: a value for each part.
        always: parts that every token tells in its claims, whatever its subject does.
        claims: the claims that follow from the parts.
        tries: see `Try`.
    """

    id: str
    title: str
    issuers: tuple[str, ...]
    shared: bool
    short: str
    forms: tuple[str, ...]
    shapes: Mapping[str, str]
    defaults: Mapping[str, str]
    always: frozenset[str]
    claims: Mapping[str, str]
    tries: tuple[Try, ...]

    def takes(self, issuer: str) -> bool:
        """Whether an issuer is of this kind."""
        return any(fnmatchcase(issuer, one) for one in self.issuers)

    def taken_apart(self, subject: str) -> Named:
        """A subject, or a pattern of subjects with `*`, as far as it tells its parts."""
        for form in self.forms:
            found = re.fullmatch(self._expression(form), subject)
            if found is not None:
                return self._named(form, found.groupdict())
        best: tuple[str, dict[str, str]] = (self.forms[-1], {})
        for form in self.forms:
            told = self._begun(form, _WILD.split(subject, maxsplit=1)[0])
            if len(told) >= len(best[1]):
                best = (form, told)
        return self._named(*best)

    def of_claims(self, claims: Mapping[str, str]) -> Named:
        """What values of claims tell of the parts of a subject; written in the form that has most of them."""
        told: dict[str, str] = {}
        for name, value in claims.items():
            if name == "sub":
                told |= self.taken_apart(value).named
            elif name in self.claims:
                found = re.fullmatch(self._expression(self.claims[name]), value)
                told |= found.groupdict() if found is not None else {}
        fitting = [one for one in self.forms if set(_NAMED.findall(one)) <= {*told, *self.always}]
        return self._named(fitting[-1] if fitting else self.forms[-1], told)

    def of_short(self, text: str) -> Named | None:
        """What people call a workload by, taken apart; None where it is no such name."""
        found = re.fullmatch(self._expression(self.short), text)
        return None if found is None else self._named(self.forms[-1], found.groupdict())

    def subject(self, form: str, parts: Mapping[str, str]) -> str:
        """A subject of a form."""
        return _NAMED.sub(lambda one: parts.get(one[1]) or self.defaults.get(one[1], ""), form)

    def claims_of(self, parts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """The claims of which all parts are told."""
        return {
            name: (self.subject(form, parts),)
            for name, form in self.claims.items() if all(one in parts for one in _NAMED.findall(form))
        }  # fmt: skip

    def _named(self, form: str, told: Mapping[str, str | None]) -> Named:
        plain = {name: value for name, value in told.items() if value and value.strip("*?")}
        wanted = {*_NAMED.findall(form), *self.always, *plain}
        filled = {name: _WILD.sub("x", plain[name]) if name in plain else self.defaults[name] for name in wanted}
        return Named(form, plain, filled)

    def _expression(self, form: str) -> str:
        seen: set[str] = set()
        parts = []
        for text, name in _pieces(form):
            again = f"(?P={name})" if name in seen else f"(?P<{name}>{self.shapes.get(name)})"
            parts.append(again if name else re.escape(text))
            seen.add(name)
        return "".join(parts)

    def _begun(self, form: str, text: str) -> dict[str, str]:
        """The parts that the beginning of a subject tells."""
        found: dict[str, str] = {}
        for literal, name in _pieces(form):
            if not text:
                break
            if not name:
                if not (text.startswith(literal) or literal.startswith(text)):
                    return {}
                text = text[len(literal) :]
                continue
            match = re.match(self.shapes[name], text)
            if match is None:
                return {}
            found[name], text = match[0], text[match.end() :]
        return found


def _pieces(form: str) -> Iterator[tuple[str, str]]:
    """Texts and names of parts of a form, in order; one of the two is empty."""
    at = 0
    for one in _NAMED.finditer(form):
        if one.start() > at:
            yield form[at : one.start()], ""
        yield "", one[1]
        at = one.end()
    if at < len(form):
        yield form[at:], ""


@cache
def load_issuers() -> tuple[Issuer, ...]:
    """Every issuer that is known, by id; read once. Raises RuleFileError."""
    root = files("leastwise.rules").joinpath("data", "issuers")
    return tuple(issuer(file.read_bytes(), place, ships=True) for place, file in walk(root, "issuers"))


def issuer(body: bytes, file: str, ships: bool = False) -> Issuer:
    """One issuer from the bytes of its file. Raises RuleFileError naming the file, the key and the cause."""
    fields = Fields(file, "", parsed(body, file, ships), _REQUIRED, ("references",))
    if fields.number("schema") != SCHEMA:
        raise fields.error("schema", f"is not {SCHEMA}, the schema that this version reads")
    if fields.text("id") != PurePosixPath(file).stem:
        raise RuleFileError(file, "is not the name of the file", "id")
    told = fields.value("parts")
    if not isinstance(told, dict):
        raise fields.error("parts", "is not a mapping of names to what they can be")
    parts = {name: Fields(file, f"parts.{name}", one, ("form", "default"), ("always",)) for name, one in told.items()}
    shared = fields.value("shared")
    if not isinstance(shared, bool):
        raise fields.error("shared", "is neither true nor false")
    tries = fields.value("tries")
    if not isinstance(tries, list):
        raise fields.error("tries", "is not a list")
    found = Issuer(
        fields.text("id"), fields.text("title"), fields.texts("issuers"), shared, fields.text("short"),
        fields.texts("forms"), {name: one.text("form") for name, one in parts.items()},
        {name: one.text("default") for name, one in parts.items()},
        frozenset(name for name, one in parts.items() if one.value("always", False) is True), _texts(fields, "claims"),
        tuple(_try(file, f"tries[{at}]", one) for at, one in enumerate(tries)),
    )  # fmt: skip
    for name in _NAMED.findall(" ".join((found.short, *found.forms, *found.claims.values()))):
        if name not in parts:
            raise fields.error("parts", f"lacks {name}, which a form or claim names")
    return found


def _try(file: str, place: str, body: Any) -> Try:
    one = Fields(file, place, body, ("id", "title"), ("needs", "parts", "form", "without", "audience"))
    return Try(
        one.text("id"), one.text("title"), one.texts("needs"), _texts(one, "parts"), one.text("form", default=KEEP),
        one.texts("without"), one.text("audience", default=""),
    )  # fmt: skip


def _texts(fields: Fields, key: str) -> dict[str, str]:
    value = fields.value(key, {})
    if not isinstance(value, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
        raise fields.error(key, "is not a mapping of names to texts")
    return dict(value)
