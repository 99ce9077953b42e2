"""What lies on each of many resources, without what is the resource's own: whom by name it lets in, and its literals.

Thousands of trust policies differ only in the users they name or the external id they ask for. They are one shape; how
a shape decides for somebody whom nothing names, and for somebody whom its first statement names, is found once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from leastwise.engine.patterns import after, glob

from ..evaluate.arn import resource_pattern
from ..evaluate.policy import Test
from ..evaluate.services import assumes
from ..evaluate.variables import has_variables
from .access import AwsAccess
from .alike import Lying, parted
from .estate import tells_account
from .lines import Line, Lines
from .owned import Owned
from .targets import Targets

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_PLAIN = frozenset({"stringequals", "stringnotequals"})
_TEXTUAL = _PLAIN | {"stringequalsignorecase", "stringnotequalsignorecase", "stringlike", "stringnotlike"}
_KNOWN = ("aws:", "kms:", "s3:")
"""How keys begin of which the estate may know the values."""


@dataclass(frozen=True)
class Kept:
    """What was read for questions about one action, whatever else they say.

    Args:
        lines: the statements of documents that lie on a resource together.
        owned: what they come to on a target (empty where they name none), by the keys of which any word would do.
        tokens: entries of Principal, see `Shapes`.
        let_in: the accounts that a resource may let in, see `WhoCan`.
    """

    lines: dict[tuple[int, ...], list[Line]] = field(default_factory=dict)
    owned: dict[tuple[tuple[int, ...], str, frozenset[str]], Owned] = field(default_factory=dict)
    tokens: dict[int, tuple[str, int | None, bool]] = field(default_factory=dict)
    let_in: dict[str, frozenset[str] | None] = field(default_factory=dict)


class Shapes:
    """Reads what lies on resources; documents that are the same are read once.

    Args:
        access: the estate.
        action: of the question.
        elsewhere: tests by key, in lower case, of anything besides the resources' own policies; each with whether
            variables are in force.
        given: keys, in lower case, that the question gives.
        kept: what was read for other questions about the action; it grows.
    """

    def __init__(
        self,
        access: AwsAccess,
        action: str,
        elsewhere: Mapping[str, Sequence[tuple[Test, bool]]],
        given: Collection[str],
        kept: Kept,
    ) -> None:
        self._access, self._action, self._elsewhere, self._given = access, action, elsewhere, given
        self._lines, self._kept = Lines(access.estate, access.concerned(action)), kept
        self._read: dict[tuple[int, ...], tuple[list[Line], Owned | None]] = {}
        self._subjects, self._resources = (access.estate.texts(f"{name}.texts") for name in ("subject", "resource"))

    def lying(self, targets: Targets) -> Lying:
        """What lies on all targets."""
        numbers = np.full(len(targets), -1, np.int64)
        kinds: list[Owned] = []
        people = np.flatnonzero(targets.people >= 0) if assumes(self._action) else np.empty(0, np.int64)
        trusts = self._access.estate.arrays["principal.trust"][targets.people[people]]
        for places in parted(people, trusts) if len(people) else ():
            numbers[places] = len(kinds)
            document = int(self._access.estate.arrays["principal.trust"][targets.people[places[0]]])
            kinds.append(self._of((document,), ""))
        starts = self._access.estate.arrays["laid.starts"]
        for place in np.flatnonzero(targets.things >= 0).tolist():
            thing = int(targets.things[place])
            if starts[thing + 1] > starts[thing]:
                numbers[place] = len(kinds)
                kinds.append(self._of(tuple(self._documents(thing)), targets.texts[place]))
        return Lying(numbers, kinds)

    def _of(self, documents: tuple[int, ...], text: str) -> Owned:
        """What some documents come to on a target; those that do not name resources come to the same on each."""
        known = self._read.get(documents)
        if known is None:
            lines = self._kept.lines.get(documents)
            if lines is None:
                lines = [one for document in documents for one in self._of_document(document)]
                self._kept.lines[documents] = lines
            local = any(one.place for one in lines)
            known = self._read[documents] = (lines, None if local else self._owned(lines, "", documents))
        lines, owned = known
        return self._owned(lines, text, documents) if owned is None else owned

    def _documents(self, thing: int) -> Iterator[int]:
        arrays = self._access.estate.arrays
        for row in range(int(arrays["laid.starts"][thing]), int(arrays["laid.starts"][thing + 1])):
            document = int(arrays["laid.doc"][row])
            # A grant decides otherwise than a policy: the same document is not the same there.
            yield ~document - 2 if arrays["laid.grant"][row] and document >= 0 else document

    def _of_document(self, document: int) -> Iterator[Line]:
        number = -document - 3 if document < -2 else document
        if number < 0 or self._access.estate.arrays["doc_bad"][number]:
            return
        yield from self._lines.of(number)

    def _owned(self, lines: list[Line], text: str, documents: tuple[int, ...]) -> Owned:
        free = self._free(lines)
        key = documents, text, free
        known = self._kept.owned.get(key)
        if known is None:
            known = self._kept.owned[key] = self._made(lines, text, documents, free)
        return known

    def _made(self, lines: list[Line], text: str, documents: tuple[int, ...], free: frozenset[str]) -> Owned:
        literals: dict[tuple[str, str], int] = {}
        named: dict[int, int] = {}
        told: list[Hashable] = [tuple(document < -2 for document in documents), self._unread(documents)]
        open_ = telling = False
        for bit, line in enumerate(lines):
            tokens = set()
            for subject in line.subjects:
                token, number, anybody = self._token(subject)
                tokens.add(token)
                open_ = open_ or anybody
                telling = telling or token.startswith("CanonicalUser=")
                if number is not None:
                    named[number] = named.get(number, 0) | 1 << bit
            resources = [self._resource(value, line, text) for value in line.resources]
            tests = [self._test(test, free, literals) for test in line.tests]
            shape = (line.deny, line.naming, line.place, line.variables)
            told.append((shape, tuple(sorted(tokens)), tuple(sorted(resources)), *tests))
            open_ = open_ or line.naming < 0
            asked = (text for test in line.tests for text in (test.key, *test.values))
            telling = telling or any(map(tells_account, (*asked, *(self._resources[one] for one in line.resources))))
        values = tuple(value for _, value in literals)
        return Owned(tuple(told), tuple(sorted(named.items())), values, open_, telling)

    def _unread(self, documents: tuple[int, ...]) -> int:
        """How many documents were not read, or are not supported."""
        bad = self._access.estate.arrays["doc_bad"]
        numbers = [-document - 3 if document < -2 else document for document in documents]
        return sum(number < 0 or bool(bad[number]) for number in numbers)

    def _token(self, subject: int) -> tuple[str, int | None, bool]:
        """A word for an entry of Principal that is the same for all users and roles of the estate, which of them it is,
        and whether it may be anybody else.
        """
        known = self._kept.tokens.get(subject)
        if known is None:
            word = self._subjects[subject]
            kind, _, value = word.partition("=")
            number = self._access.number_of(value) if kind == "AWS" else None
            anybody = number is None and kind in ("*", "AWS")
            if number is not None:
                role = self._access.estate.word("principal.native", number)
                # A session is named by its name as well.
                session = value.split("/", 2)[2:] if ":assumed-role/" in value else []
                word = f"\0{role}{'/'.join(session)}"
            known = self._kept.tokens[subject] = (word, number, anybody)
        return known

    def _resource(self, number: int, line: Line, text: str) -> str:
        """Whether a value of Resource takes a target in: + or -, or the target itself where it is not that simple."""
        value = self._resources[number]
        if value == "*":
            return "+"
        if line.variables and has_variables(value):
            return text
        pattern = resource_pattern(value)
        if not text.endswith("/*"):
            return "+" if pattern.matches(text) else "-"
        begin = text[:-1]
        if not after(pattern, begin):
            return "-"
        # What a pattern says of the inside is the same for every resource that it begins with.
        return f"~{value.removeprefix(begin)}" if value.startswith(begin) else text

    def _free(self, lines: list[Line]) -> frozenset[str]:
        """The keys that are compared with plain words here, and with other words elsewhere: any word would do."""
        words: dict[str, set[str] | None] = {}
        for line in lines:
            for test in line.tests:
                known = words.setdefault(test.key.lower(), set())
                if known is not None and _is_plain(test, variables=line.variables):
                    known.update(test.values)
                else:
                    words[test.key.lower()] = None
        return frozenset(key for key, values in words.items() if values is not None and self._is_free(key, values))

    def _is_free(self, key: str, words: Collection[str]) -> bool:
        if key.startswith(_KNOWN) or key in self._given:
            return False
        return all(_apart(test, words, variables=variables) for test, variables in self._elsewhere.get(key, ()))

    @staticmethod
    def _test(test: Test, free: frozenset[str], literals: dict[tuple[str, str], int]) -> Hashable:
        key = test.key.lower()
        if key not in free:
            return test
        return test.operator, key, tuple(literals.setdefault((key, value), len(literals)) for value in test.values)


def _is_plain(test: Test, *, variables: bool) -> bool:
    return test.operator.lower() in _PLAIN and not (variables and any(has_variables(value) for value in test.values))


def _apart(test: Test, words: Collection[str], *, variables: bool) -> bool:
    """Whether a test of the same key surely fits none of some words: then it does not tell them from other words."""
    name = test.operator.lower().removesuffix("ifexists")
    if name == "null":
        return True
    if name not in _TEXTUAL:
        return False
    # Comparing without case, and anything in the place of variables, finds more, never fewer.
    texts = [_VARIABLE.sub("*", value) if variables else value for value in test.values]
    patterns = [glob(text, fold=True) for text in texts]
    return not any(pattern.matches(word) for pattern in patterns for word in words)
