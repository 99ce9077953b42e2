"""Resource patterns with variables, filled in with what is known of those whose policies have them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.groups import combined
from leastwise.engine.patterns import Pattern, Wild, join

from ..evaluate.arn import pattern_of, resource_pattern
from ..evaluate.facts import Facts
from ..evaluate.variables import Open, Unresolved, closed, resolve
from .access import AwsAccess, Circumstances
from .context import of_principal

_VARIABLE = re.compile(r"\$\{\s*([^,}]*?)\s*(?:,[^}]*)?\}")
_OF_RESOURCE = ("aws:resource", "s3:")
"""How keys begin that can differ from resource to resource."""


@dataclass
class Filled:
    """Patterns by what they do to a resource that they touch.

    Args:
        plain: take it in.
        maybe: take it in if a key that is not known, and that nothing else asks for, or several have the fitting value.
        whole: a key that is asked for elsewhere must have a value that differs from resource to resource.
        by_text: what each text with variables was filled in to.
    """

    plain: list[Pattern] = field(default_factory=list)
    maybe: list[Pattern] = field(default_factory=list)
    whole: list[Pattern] = field(default_factory=list)
    by_text: dict[str, set[Pattern]] = field(default_factory=dict)


@dataclass(frozen=True)
class Borne:
    """A pattern with variables, and the documents that have it; `by_all` when guardrails of resources have it too."""

    text: str
    documents: Sequence[int]
    by_all: bool


class Filling:
    """Fills in patterns.

    Args:
        access: the estate.
        action: of the question.
        given: its circumstances.
        asked: condition keys that a test asks for, or another pattern that fits only some of their values, in lower
            case.
        everybody: documents of guardrails, which are in force on everybody.
    """

    def __init__(
        self, access: AwsAccess, action: str, given: Circumstances, asked: Collection[str], everybody: Collection[int]
    ) -> None:
        self._access, self._action, self._given = access, action, given
        self._asked, self._everybody = asked, everybody

    def filled(self, plain: Sequence[str], borne: Sequence[Borne]) -> Filled:
        """All patterns of a question."""
        found = Filled([resource_pattern(text) for text in plain])
        lists = {"plain": found.plain, "maybe": found.maybe, "whole": found.whole}
        seen: set[tuple[str, Pattern]] = set()
        for one in borne:
            keys = keys_of(one.text)
            if one.by_all or any(key.startswith(_OF_RESOURCE) for key in keys):
                found.whole.append(_widest(one.text))
                found.by_text[one.text] = {_widest(one.text)}
                continue
            own = found.by_text.setdefault(one.text, set())
            for kind, pattern in self._of_bearers(one, keys):
                own.add(pattern)
                if (kind, pattern) not in seen:
                    seen.add((kind, pattern))
                    lists[kind].append(pattern)
        return found

    def _of_bearers(self, one: Borne, keys: Sequence[str]) -> Iterator[tuple[str, Pattern]]:
        bearers = self._bearers(one.documents)
        if not len(bearers):
            return
        access = self._access
        bring = np.zeros(access.estate.principals, bool) if self._given.strict else access.bringing
        own = sorted({key for key in keys if of_principal(key)})
        columns = [access.columns.column(("value", key), bearers, bring).astype(np.int64) for key in own]
        # What is known of a kind of principal, or of those of an account, is told by the first of them.
        arrays = access.estate.arrays
        columns += [arrays[f"principal.{name}"][bearers].astype(np.int64) for name in ("native", "account")]
        code = combined([*columns, bring[bearers].astype(np.int64)], len(bearers))
        _, first = np.unique(code, return_index=True)
        for number in bearers[first].tolist():
            yield from self._resolved(one.text, self._facts(number))

    def _bearers(self, documents: Sequence[int]) -> Array:
        arrays = self._access.estate.arrays
        if any(document in self._everybody for document in documents):
            return np.arange(self._access.estate.principals)
        attached, _ = self._access.estate.rows("att_doc").gather(np.array(documents, np.int64))
        bound = np.flatnonzero(np.isin(arrays["principal.boundary"], documents))
        return np.union1d(attached, bound)

    def _facts(self, number: int) -> Facts:
        place = self._access.place(self._action, None)
        principal = self._access.estate.principal(number)
        return self._access.request(principal, number, self._action, place, self._given).facts

    def _resolved(self, text: str, facts: Facts) -> Iterator[tuple[str, Pattern]]:
        parts = resolve(text, facts, wildcards=True)
        if isinstance(parts, Unresolved):
            return
        tokens = closed(parts)
        if tokens is not None:
            yield "plain", pattern_of(tokens)
            return
        openings = [part for part in parts if isinstance(part, Open)]
        widest = pattern_of(join(Wild.ANY if isinstance(part, Open) else part for part in parts))
        # Of several keys it is only asked whether they fit together, whichever the resource.
        yield ("whole" if len(openings) == 1 and openings[0].key in self._asked else "maybe"), widest


def keys_of(text: str) -> list[str]:
    """The condition keys of a pattern's variables, in lower case."""
    return [key.lower() for key in _VARIABLE.findall(text)]


def _widest(text: str) -> Pattern:
    return resource_pattern(_VARIABLE.sub("*", text))
