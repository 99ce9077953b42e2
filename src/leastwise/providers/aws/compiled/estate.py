"""The compiled estate, read: principals, documents, statements, resources by number and by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import msgspec
import numpy as np

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.patterns import Pattern
from leastwise.engine.prefixes import Prefixes
from leastwise.engine.sparse import Lookup, Rows, Texts

from ..evaluate.policy import Policy, Statement, Subject, Test, action_pattern, parse_tests
from ..evaluate.principals import Principal

NONE, UNREAD = -1, -2
_BY_ACCOUNT = ("resourceaccount", "dataaccesspoint")


class CompiledEstate:
    """Reads the arrays of `compile_estate`; what is looked at is kept."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self._texts: dict[str, Texts] = {}
        self._rows: dict[str, Rows] = {}
        self._prefixes: dict[str, Prefixes] = {}
        self._statements: dict[int, Statement] = {}
        self._patterns: dict[str, Pattern] = {}
        self._tests: dict[int, tuple[Test, ...]] = {}

    # --- principals

    @cached_property
    def principal_ids(self) -> Texts:
        """Ids of the users and roles."""
        return self.texts("principal.id")

    @cached_property
    def ids(self) -> Sequence[str]:
        """The same as texts, side by side: relations share them."""
        return self.principal_ids.all()

    @property
    def principals(self) -> int:
        """How many users and roles there are."""
        return len(self.principal_ids)

    def principal_number(self, id: str) -> int | None:
        """The number of a user or role."""
        return self.lookup("principal.id").find(self.principal_ids, id)

    def principal(self, number: int) -> Principal:
        """A user or role; a role stands for any of its sessions."""
        id = self.principal_ids[number]
        native = self.word("principal.native", number)
        unique = self.word("principal.unique", number)
        account = self.word("principal.account", number) or ""
        aliases = frozenset({unique} if unique else ())
        role = id if native == "role" else ""
        return Principal(native or "user", id, account, role, aliases=aliases, canonical=self.canonical(account))

    def canonical(self, account: str) -> str:
        """The canonical user of an account, empty where no bucket of it tells.

        https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
        """
        return str(self.arrays.facts["canonical"].get(account, ""))

    def tags(self, number: int) -> dict[str, str]:
        """The tags of a user or role."""
        starts = self.arrays["principal.tag.starts"]
        keys, values = self.texts("principal.tag.key"), self.texts("principal.tag.value")
        return {
            keys[int(self.arrays["principal.tag.keys"][i])]: values[int(self.arrays["principal.tag.values"][i])]
            for i in range(int(starts[number]), int(starts[number + 1]))
        }

    # --- resources

    def thing(self, id: str) -> int | None:
        """The number of a resource."""
        return self.lookup("thing.id").find(self.texts("thing.id"), id)

    def thing_tags(self, number: int) -> dict[str, str]:
        """The tags of a resource, whether or not conditions see them."""
        raw = self.texts("thing.tags").bytes(number)
        return msgspec.json.decode(raw, type=dict[str, str]) if raw else {}

    # --- documents and statements

    def policy(self, document: int, name: str, source: str, among: Array | None = None) -> Policy:
        """A document in force under its name there; with `among` (ascending), only those of its statements."""
        starts = self.arrays["doc_st.starts"]
        first, last = int(starts[document]), int(starts[document + 1])
        numbers = range(first, last)
        if among is not None:
            begin, end = np.searchsorted(among, (first, last))
            numbers = among[begin:end].tolist()
        return Policy(name, tuple(self.statement(number) for number in numbers), source)

    def statement(self, number: int) -> Statement:
        """One statement."""
        known = self._statements.get(number)
        if known is None:
            known = self._statements[number] = self._statement(number)
        return known

    def _statement(self, number: int) -> Statement:
        actions, not_actions = self._listed("action", number)
        resources, not_resources = self._listed("resource", number)
        subjects, not_subjects = self._listed("subject", number)
        return Statement(
            effect="Deny" if self.arrays["st_deny"][number] else "Allow",
            sid=self.word("st_sid", number) or "",
            position=int(self.arrays["st_position"][number]),
            actions=None if actions is None else tuple(map(self._action, actions)),
            not_actions=None if not_actions is None else tuple(map(self._action, not_actions)),
            resources=None if resources is None else tuple(resources),
            not_resources=None if not_resources is None else tuple(not_resources),
            principals=None if subjects is None else tuple(map(subject_of, subjects)),
            not_principals=None if not_subjects is None else tuple(map(subject_of, not_subjects)),
            tests=self.tests(int(self.arrays["st_condition"][number])),
            variables=bool(self.arrays["st_variables"][number]),
        )

    def _listed(self, name: str, number: int) -> tuple[list[str] | None, list[str] | None]:
        sign = int(self.arrays[f"{name}.sign"][number])
        if not sign:
            return None, None
        found = self.texts(f"{name}.texts").many(self.rows(f"st_{name}").row(number))
        return (found, None) if sign > 0 else (None, found)

    def _action(self, text: str) -> Pattern:
        known = self._patterns.get(text)
        if known is None:
            known = self._patterns[text] = action_pattern(text)
        return known

    def tests(self, condition: int) -> tuple[Test, ...]:
        """The tests of an interned condition block."""
        if condition < 0:
            return ()
        known = self._tests.get(condition)
        if known is None:
            block = msgspec.json.decode(self.texts("st_condition.texts").bytes(condition))
            known = self._tests[condition] = tuple(parse_tests(block, 0))
        return known

    @cached_property
    def telling(self) -> Array:
        """Mask of the interned condition blocks that ask for the account of a resource; at the end, none: no block."""
        texts = self.texts("st_condition.texts").all()
        return np.array([*(tells_account(text) for text in texts), False], bool)

    # --- arrays by name

    def texts(self, name: str) -> Texts:
        """Texts by name."""
        known = self._texts.get(name)
        if known is None:
            known = self._texts[name] = Texts(self.arrays[f"{name}.starts"], self.arrays[f"{name}.blob"])
        return known

    def rows(self, name: str) -> Rows:
        """Rows by name."""
        known = self._rows.get(name)
        if known is None:
            known = self._rows[name] = Rows(self.arrays[f"{name}.starts"], self.arrays[f"{name}.values"])
        return known

    def lookup(self, name: str) -> Lookup:
        """A lookup of texts by name."""
        return Lookup(self.arrays[f"{name}.sums"], self.arrays[f"{name}.order"])

    def prefixes(self, name: str) -> Prefixes:
        """The literal beginnings of action or resource patterns."""
        known = self._prefixes.get(name)
        if known is None:
            parts = (self.arrays[f"{name}.{part}"] for part in ("lengths", "sums", "whole"))
            known = self._prefixes[name] = Prefixes(*parts)
        return known

    def word(self, name: str, number: int) -> str | None:
        """The text of an interned column."""
        code = int(self.arrays[name][number])
        return None if code < 0 else self.texts(f"{name}.texts")[code]

    def words(self, name: str, numbers: Array) -> list[str | None]:
        """The texts of an interned column."""
        codes = self.arrays[name][numbers]
        distinct, places = np.unique(codes, return_inverse=True)
        texts = self.texts(f"{name}.texts")
        known = [None if code < 0 else texts[code] for code in distinct.tolist()]
        return [known[place] for place in places.tolist()]

    def concerned(self, action: str) -> Array:
        """The numbers of the statements whose Action or NotAction takes in an action, ascending."""
        wanted = action.lower()
        texts = self.texts("action.texts")
        close = self.prefixes("action").may_match(wanted)
        hit = [int(i) for i in close if self._action(texts[int(i)]).matches(wanted)]
        owners, _ = self.rows("action.st").gather(np.array(hit, np.int64))
        signs = self.arrays["action.sign"]
        mask = np.zeros(len(signs), bool)
        mask[owners] = True
        found: Array = np.flatnonzero(np.where(signs < 0, ~mask, mask & (signs > 0)))
        return found


def tells_account(text: str) -> bool:
    """Whether a key, or a text with keys in it, is about the account of a resource."""
    return any(word in text.lower() for word in _BY_ACCOUNT)


def subject_of(entry: str) -> Subject:
    """An entry of Principal or NotPrincipal, as the estate keeps it."""
    kind, _, value = entry.partition("=")
    return Subject("*" if kind == "AWS" and value == "*" else kind, value)
