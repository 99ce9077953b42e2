r"""Requests of one form: what they have in common as one expression, which gives what they differ in.

A skeleton is made of one call's text. Names and signs stay as they are; a value that does not matter (`relevance`) may
be any; one that matters is taken out, cut after its last `/` or `:`: what stands before counts as it is, the name after
that stands for any. Of a key of S3, and of an object's ARN, the first segment counts and the rest is any text. A value
that cannot be cut counts as a whole.

    {"bucketName":"logs","Host":"…","key":"a/b/c.gz"}  →  \{"bucketName":"()(logs)","Host":"…","key":"(a/)(b/c.gz)"\}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat
from operator import add, eq
from typing import Any, NamedTuple

from .relevance import Relevance

BETWEEN = "\x1e"
"""Between the parts of a text (request, list of resources, answer). No JSON has this sign as it is."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\x1e]|[^\s{}\[\],:"\x1e]+', re.DOTALL)
_CUT = re.compile(r'((?:[^"\\]*[/:])?)([A-Za-z0-9_.-]{1,100})')
_CUT_WIDE = re.compile(r"((?:[^\"\\]*[/:])?)([A-Za-z0-9_.$\[\]@=+,#~!;&'()<>|^-]{1,100})")
"""Of names that are held against nothing but the rules' forms and whether they are plain (`plans.PLAIN`)."""
_KEY = re.compile(r'([^"\\/\s]*/)([^"\\\s]*)')
_OBJECT = re.compile(r'(arn:aws[a-z-]*:s3:::)([A-Za-z0-9_.-]{1,100})(/[^"\\/\s]*/)([^"\\\s]*)')
_WHOLE = re.compile(r'([^"\\]*)')
_SCALAR = re.compile(r'([^\s{}\[\],:"\x1e]+)')
_ANY = r'(?!arn:|\\)[^"\\]*(?:\\.[^"\\]*)*'
_ANY_INNER = r'[^"\\]*(?:\\.[^"\\]*)*'
_ANY_SCALAR = r'[^\s{}\[\],:"\x1e]+'
_SEPARATORS = re.compile(r"[/:]")
_MOST, _KNOWN = 30, 1 << 12
"""So many pieces are taken out at most; of so many texts that count as they are the words are kept."""


class Leaf(NamedTuple):
    """A value in a text: which part of it (0 request, 1 list, 2 answer), its path, where it stands, if it is a text."""

    part: int
    path: tuple[str, ...]
    begin: int
    end: int
    quoted: bool


LETTERS = {
    _CUT.pattern: "c", _CUT_WIDE.pattern: "w", _KEY.pattern: "k", _OBJECT.pattern: "o", _WHOLE.pattern: "v",
    _SCALAR.pattern: "s", _ANY: "a", _ANY_INNER: "i", _ANY_SCALAR: "n",
}  # fmt: skip
"""The expressions that skeletons are made of, each with a letter."""


Cut = tuple[tuple[str, ...], tuple[str, ...], Any]
"""What was taken out of a text: what counts as it is; what stands for any; what of the latter counts nevertheless."""


_Held = tuple[re.Pattern[str], int, int]
"""An expression that a value is held against, and the groups of its two pieces."""


class Skeleton:
    """An expression that texts of one form match. `answer`: whether the answer is part of the text.

    `pieces` are texts that are as they are and, between them, expressions; `holes` the numbers of the groups that stand
    for any text, `held` what values are held against, `literals` what no name may be called like, `first` which holes
    were equal in the first text. `forms` is for whoever remembers what texts told.
    """

    def __init__(
        self, pieces: Sequence[str], holes: tuple[int, ...], held: list[_Held], literals: frozenset[str], answer: bool
    ) -> None:
        pattern = "".join(re.escape(one) if at % 2 == 0 else one for at, one in enumerate(pieces))
        self.pieces = pieces
        self.pattern = re.compile(pattern, re.DOTALL)
        self.match = self.pattern.fullmatch
        self.answer, self.holes = answer, holes
        self.forms: dict[Any, Any] = {}
        self.held, self.literals = held, literals
        self._exact = tuple(at for at in range(self.pattern.groups) if at not in holes)
        self.first: tuple[int, ...] | None = None
        self._words = _Words()

    def cut(self, groups: tuple[str, ...]) -> Cut:
        """What a text's groups tell, apart from the text that any other may take the place of."""
        exact, holes, labels = self.cuts([(one,) for one in groups], 1)
        return exact[0], tuple(one for (one,) in holes), next(iter(labels))

    def itself(self, groups: tuple[str, ...]) -> frozenset[str]:
        """The names of a text that stand for nothing but themselves: their label has them."""
        return self.literals | self._words[tuple(groups[at] for at in self._exact)]

    def cuts(
        self, groups: Sequence[Sequence[str]], texts: int
    ) -> tuple[list[tuple[str, ...]], list[Sequence[str]], Iterable[Any]]:
        """The cuts of several texts, whose groups are given as columns: what counts as it is, for each text; columns
        of what stands for any; what of the latter counts nevertheless, for each text.
        """
        exact: list[tuple[str, ...]] = [()] * texts
        if self._exact:
            exact = list(zip(*(groups[at] for at in self._exact), strict=True))
        holes = [groups[at] for at in self.holes]
        if self.first is None:
            first = [one[0] for one in holes]
            self.first = tuple(map(first.index, first))
        if self._plain(exact, holes):
            return exact, holes, self._forms(groups, repeat(()), texts)
        return exact, holes, self._labels(groups, exact, list(zip(*holes, strict=True)) or [()] * texts)

    def _plain(self, exact: Sequence[tuple[str, ...]], holes: Sequence[Sequence[str]]) -> bool:
        """Whether nothing of the names counts: none is called like a literal or stands in a value that counts as it is,
        and the same are equal that were in the first text.
        """
        first = self.first or ()
        words = self.literals.union(*map(self._words.__getitem__, set(exact)))
        if not all(map(words.isdisjoint, holes)):
            return False
        if len(holes) < 2:
            return True
        if not all(holes[at] == holes[before] for at, before in enumerate(first) if at != before):
            return False
        apart = [holes[at] for at in sorted(set(first))]
        if len(apart) == 2:
            return True not in map(eq, *apart)
        return set(map(len, map(set, zip(*apart, strict=True)))) <= {len(apart)}

    def _forms(self, groups: Sequence[Sequence[str]], labels: Iterable[Any], texts: int) -> Iterable[Any]:
        """The labels, and with them which forms values do not have."""
        for number, (one, head, tail) in enumerate(self.held):
            values = map(add, groups[head], groups[tail]) if any(groups[head]) else groups[tail]
            matches = list(map(one.fullmatch, values))
            if None in matches:
                held = list(islice(labels, texts))
                for at in [at for at, found in enumerate(matches) if found is None]:
                    held[at] = (held[at], number)
                labels = held
        return labels

    def _labels(
        self, groups: Sequence[Sequence[str]], exact: Sequence[tuple[str, ...]], holes: Sequence[tuple[str, ...]]
    ) -> list[Any]:
        labels: list[Any] = [()] * len(exact)
        literals, first = self.literals, self.first
        for at, free in enumerate(map(literals.isdisjoint, holes)):
            if not free:
                labels[at] = tuple([one if one in literals else "" for one in holes[at]])
        labels = list(self._forms(groups, labels, len(exact)))
        for at, names in enumerate(holes):
            if (equal := tuple(map(names.index, names))) != first:
                labels[at] = (labels[at], equal)
        # A name that stands in another value as well may make two resources one, or two of a bucket.
        known = list(map(self._words.__getitem__, exact))
        for at, free in enumerate(map(frozenset.isdisjoint, known, holes)):
            if not free:
                labels[at] = (labels[at], tuple([one if one in known[at] else "" for one in holes[at]]), "known")
        return labels


class _Words(dict[tuple[str, ...], frozenset[str]]):
    """The words of texts that count as they are."""

    def __missing__(self, exact: tuple[str, ...]) -> frozenset[str]:
        if len(self) >= _KNOWN:
            self.clear()
        found = self[exact] = frozenset(_SEPARATORS.split(":".join(exact))) - {""}
        return found


def skeleton_of(text: str, relevance: Relevance, answer: bool) -> Skeleton | None:
    """The skeleton of a call's text; None when something that matters in it cannot be cut out of the text as it is."""
    pieces, last, groups = list[str](), 0, 0
    holes, held = list[int](), list[_Held]()
    for leaf in leaves(text):
        pieces.append(text[last : leaf.begin])
        last = leaf.end
        value = text[leaf.begin : leaf.end]
        made = _piece(leaf, value, relevance)
        if made is None:
            return None
        expression, open_at = made
        pieces.append(expression)
        count = re.compile(expression).groups
        holes += [groups + at for at in open_at]
        if count == 2 and open_at == (1,) and leaf.part == 0:
            held += [(one, groups, groups + 1) for one in relevance.forms.get(leaf.path, ())]
        groups += count
        if groups > _MOST:
            return None
    pieces.append(text[last:])
    return Skeleton(pieces, tuple(holes), held, relevance.literals, answer)


def _piece(leaf: Leaf, value: str, relevance: Relevance) -> tuple[str, tuple[int, ...]] | None:
    """The expression for a value, and which of its groups stand for any text."""
    if (leaf.quoted and not leaf.path and leaf.part != 1) or any("\\" in one for one in leaf.path):
        return None  # a text of JSON, or a name written with escapes
    name = leaf.path[0] if leaf.path else ""
    if not _matters(leaf, value, relevance):
        if not leaf.quoted:
            return _ANY_SCALAR, ()
        return (_ANY if _outer(leaf) else _ANY_INNER), ()
    if not leaf.quoted:
        return _SCALAR.pattern, ()
    if "\\" in value:
        return None
    if relevance.open and not _as_is(leaf, name, relevance):
        tried: list[tuple[re.Pattern[str], tuple[int, ...]]] = [(_CUT if relevance.every else _CUT_WIDE, (1,))]
        if relevance.objects:
            tried = [(_OBJECT, (1, 3)), *tried]
            if leaf.part == 0 and leaf.path == ("key",):
                tried = [(_KEY, (1,)), *tried]
        for expression, open_at in tried:
            if expression.fullmatch(value):
                return expression.pattern, open_at
    return _WHOLE.pattern, ()


def _matters(leaf: Leaf, value: str, relevance: Relevance) -> bool:
    if leaf.part == 1:
        return leaf.path[-1:] in (("ARN",), ("arn",), ("accountId",))
    if leaf.part == 2:
        return leaf.path[-1:] != () and leaf.path[-1].lower().endswith("arn")
    name = leaf.path[0] if leaf.path else ""
    return relevance.matters(name) or (leaf.quoted and _outer(leaf) and value.startswith(("arn:", "\\")))


def _outer(leaf: Leaf) -> bool:
    """Whether a value is a parameter itself, or in a list that is one."""
    return leaf.part != 0 or len(leaf.path) < 2


def _as_is(leaf: Leaf, name: str, relevance: Relevance) -> bool:
    """Whether a value counts as a whole."""
    return leaf.path[-1:] == ("accountId",) if leaf.part else name in relevance.exact


def leaves(text: str) -> Iterator[Leaf]:
    """The values of a text's parts, in their order; objects and lists are walked. The text is JSON."""
    part, stack, keys, naming = 0, list[str](), list[str](), False
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign == BETWEEN:
            part += 1
        elif sign == "{":
            stack.append(sign)
            keys.append("")
            naming = True
        elif sign == "[":
            stack.append(sign)
            naming = False
        elif sign in ("}", "]"):
            if stack.pop() == "{":
                keys.pop()
            naming = False
        elif sign == ",":
            naming = stack[-1] == "{"
        elif sign == ":":
            naming = False
        elif naming:
            keys[-1] = sign[1:-1]
        elif sign[0] == '"':
            yield Leaf(part, tuple(keys), token.start() + 1, token.end() - 1, True)
        else:
            yield Leaf(part, tuple(keys), token.start(), token.end(), False)
