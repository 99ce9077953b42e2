"""What tells resources apart to an action, besides what lies on them: patterns elsewhere, and facts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from leastwise.engine.arrays import Array, Arrays

from ..evaluate.arn import parse_arn, resource_pattern
from ..evaluate.facts import Look
from ..evaluate.policy import Test
from ..evaluate.services import fixed, looked_at
from ..evaluate.statements import Target
from .access import AwsAccess, Circumstances
from .context import TAGS
from .estate import tells_account
from .filled import Borne, Filled, Filling, keys_of
from .giving import by_grants
from .kin import Limits
from .matching import MAYBE, outcomes
from .people import People
from .targets import Targets
from .touching import stand

_TAG = re.compile(r"resourcetag/([^\"',}]*)")
"""A tag of the resource, as a condition names its key, or a variable in a value."""
_RULED = ("iam:", "kms:")
"""How actions begin for which rules stand above policies that look at the name of the resource."""
_LEADING = ("s3:accesspoint", "kms:alias")
"""Kinds of resources that lead to others, whose policies take part."""


class Elsewhere:
    """The statements that concern an action and do not lie on the resource: of identities, boundaries, guardrails.

    Args:
        access: the estate.
        action: of the question.
        given: its circumstances.
    """

    def __init__(self, access: AwsAccess, action: str, given: Circumstances) -> None:
        self._access, self._estate, self._action, self._given = access, access.estate, action, given
        self._concerned = access.concerned(action)
        documents = self._estate.arrays["st_doc"][self._concerned]
        arrays = self._estate.arrays
        attached = {kind: [int(d) for level in one.values() for d, *_ in level] for kind, one in _guardrails(arrays)}
        endpoints = [int(one[0]) for one in arrays.facts["endpoints"].values()]
        self._everybody = frozenset(attached.get("scp", ()))
        self._of_resources = frozenset((*attached.get("rcp", ()), *endpoints))
        others = [*self._everybody, *self._of_resources, *np.unique(arrays["principal.boundary"]).tolist()]
        limiting = np.isin(documents, others)
        self._limiting = self._concerned[limiting]
        self.statements = self._concerned[access.held[documents] | limiting]
        self._session = [s for policy in given.session or () for s in policy.statements if s.concerns(action)]

    @cached_property
    def patterns(self) -> Filled:
        """Values of Resource and NotResource, those with variables filled in."""
        values, owner = self._estate.rows("st_resource").gather(self.statements)
        distinct, inverse = np.unique(values, return_inverse=True)
        texts = self._estate.texts("resource.texts").many(distinct)
        own = [text for s in self._session for text in (*(s.resources or ()), *(s.not_resources or ()))]
        plain = [text for text in (*texts, *own) if "${" not in text]
        documents = self._estate.arrays["st_doc"][self.statements]
        borne = [Borne(text, (), True) for text in own if "${" in text]
        giving: dict[str, bool] = {}
        for place, text in enumerate(texts):
            if "${" in text:
                bearing = np.unique(documents[owner[inverse == place]]).tolist()
                borne.append(Borne(text, bearing, bool(self._of_resources & set(bearing))))
                giving[text] = self._only_give(self.statements[owner[inverse == place]])
        # What the question leaves open is no test: whatever value fits, nothing else depends on it.
        left = {key.lower() for key, value in self._given.context.items() if value is Look.UNKNOWN}
        asked = (self._asked - (left - self._tested)) | _meeting(giving)
        filling = Filling(self._access, self._action, self._given, asked, self._everybody)
        return filling.filled(plain, borne)

    def _only_give(self, statements: Array) -> bool:
        """Whether some statements only give access to what their patterns take in, and none limits it."""
        arrays = self._estate.arrays
        taking = arrays["st_deny"][statements] | (arrays["resource.sign"][statements] < 0)
        return not bool((taking | np.isin(statements, self._limiting)).any())

    @cached_property
    def tests(self) -> dict[str, list[tuple[Test, bool]]]:
        """The tests by condition key, in lower case, each with whether variables are in force."""
        arrays, found = self._estate.arrays, dict[str, list[tuple[Test, bool]]]()
        rows = np.stack([arrays["st_condition"][self.statements], arrays["st_variables"][self.statements]])
        for condition, variables in np.unique(rows, axis=1).T.tolist():
            for test in self._estate.tests(condition):
                found.setdefault(test.key.lower(), []).append((test, bool(variables)))
        for statement in self._session:
            for test in statement.tests:
                found.setdefault(test.key.lower(), []).append((test, statement.variables))
        return found

    @cached_property
    def _asked(self) -> frozenset[str]:
        """The condition keys that anything asks for, in lower case, and those that the question gives."""
        return self._tested | {key.lower() for key in self._given.context}

    @cached_property
    def _tested(self) -> frozenset[str]:
        """The condition keys that any test asks for, in lower case."""
        conditions = np.unique(self._estate.arrays["st_condition"][self._concerned])
        tests = [test for condition in conditions.tolist() for test in self._estate.tests(condition)]
        tests += [test for statement in self._session for test in statement.tests]
        return frozenset(test.key.lower() for test in tests)

    def stands(self, statement: int, target: str) -> tuple[int, ...]:
        """How the resource patterns of a statement stand to a target; equal for targets of which it says the same."""
        numbers = self._estate.rows("st_resource").row(statement)
        found: list[int] = []
        for text in self._estate.texts("resource.texts").many(numbers):
            filled = self.patterns.by_text.get(text)
            several = [resource_pattern(text)] if filled is None else sorted(filled, key=str)
            found += [stand(pattern, target) for pattern in several]
        return tuple(found)

    def bearers(self, statements: Array) -> Array | None:
        """The principals on whom some of the statements are in force; None for everybody."""
        documents = np.unique(self._estate.arrays["st_doc"][statements])
        if (self._everybody | self._of_resources).intersection(documents.tolist()):
            return None
        attached, _ = self._estate.rows("att_doc").gather(documents)
        return np.union1d(attached, np.flatnonzero(np.isin(self._estate.arrays["principal.boundary"], documents)))

    def within(self, people: People) -> Array:
        """The statements that are in force on some principals, and those that limit anybody."""
        held = people.concerned(self._concerned)
        return np.union1d(held, self._limiting) if len(self._limiting) else held

    def limits(self, target: Target) -> Limits | None:
        """Whether the resource patterns of what stands above everybody take a target in, and those of each boundary.

        None where that depends on the principal.
        """
        if not len(self._limiting):
            return b"", {}
        documents = self._estate.arrays["st_doc"][self._limiting]
        found = outcomes(self._estate, self._limiting, target)
        # Where the account of the resource is asked for, it depends on that.
        found[self._estate.telling[self._estate.arrays["st_condition"][self._limiting]]] = MAYBE
        wide = np.isin(documents, [*self._everybody, *self._of_resources])
        if (found[wide] == MAYBE).any():
            return None
        held = {int(one): found[documents == one] for one in np.unique(documents).tolist()}
        maybe = {one for one, said in held.items() if (said == MAYBE).any()}
        return found[wide].tobytes(), {one: None if one in maybe else said.tobytes() for one, said in held.items()}

    @cached_property
    def names_accounts(self) -> bool:
        """Whether the question itself asks for the account of the resource."""
        keys = [*self._given.context, *(repr(statement) for statement in self._session)]
        return any(map(tells_account, keys))

    @property
    def local(self) -> bool:
        """Whether a session policy of the question says something of single resources."""
        return any(s.not_resources is not None or s.resources != ("*",) for s in self._session)

    @property
    def given(self) -> frozenset[str]:
        """The keys that the question gives, in lower case."""
        return frozenset(key.lower() for key in self._given.context)

    @cached_property
    def tags(self) -> frozenset[str]:
        """The tags of the resource, in lower case, that are asked for, here or by what lies on resources."""
        conditions = np.unique(self._estate.arrays["st_condition"][self._concerned])
        texts = self._estate.texts("st_condition.texts").many(conditions[conditions >= 0])
        return frozenset(tag for text in (*texts, *self._asked) for tag in _TAG.findall(text.lower()))


def _guardrails(arrays: Arrays) -> list[tuple[str, dict[str, list[list[Any]]]]]:
    return list(arrays.facts["guardrails"].items())


class Facts:
    """What is known of targets that a decision can depend on, as columns of numbers, one for each target."""

    def __init__(self, access: AwsAccess, targets: Targets) -> None:
        self._access, self._targets = access, targets

    def columns(self, action: str, tags: Collection[str]) -> tuple[list[Array], list[Array]]:
        """The columns for an action; tags only where they are asked for.

        The first tell whose a resource is, and the second the same of accounts that are alike.
        """
        whose, rest = self._own
        found = [*rest]
        if tags:
            found += self._tagged(frozenset(tags))
        if action.lower().startswith("kms:"):
            found.append(_coded([self._grants(action, text) for text in self._targets.texts]))
        if action.lower().startswith(_RULED):
            samples, codes = self._looked_at
            found.append(_coded([fixed(action, Target(text)) for text in samples])[codes])
        return [*whose, *found], [*self._alike, *found]

    @cached_property
    def _looked_at(self) -> tuple[list[str], Array]:
        """Targets of which one each stands for those that rules above policies see alike; and which for each."""
        known: dict[tuple[object, ...], int] = {}
        codes = [known.setdefault(looked_at(text), len(known)) for text in self._targets.texts]
        first = np.unique(codes, return_index=True)[1].tolist()
        return [self._targets.texts[place] for place in first], np.array(codes, np.int64)

    def _grants(self, action: str, text: str) -> bool:
        """Whether grants on a key may not have been read."""
        arn = parse_arn(text)
        coverage = self._access.estate.arrays.facts["coverage"].get(arn.account if arn else "", [])
        return any(by_grants(coverage, text, action))

    @cached_property
    def _alike(self) -> list[Array]:
        """Whose resources are, where accounts that are alike are one."""
        codes, accounts = self.accounts
        fields: list[object] = [0] * len(codes)
        for place in np.flatnonzero(self._targets.people < 0).tolist():
            form, account = self._targets.texts[place].split(":", 5)[1:5], accounts[codes[place]]
            fields[place] = (form[:3], form[3] == account or form[3], self._managed(place))
        alike = np.array([*map(self._access.likeness, accounts)], np.int64)
        return [alike[codes], _coded(fields)]

    @cached_property
    def accounts(self) -> tuple[Array, list[str]]:
        """The account of each target, by number, and their names."""
        targets, estate = self._targets, self._access.estate
        known = {name: code for code, name in enumerate(estate.texts("principal.account.texts").all())}
        codes = np.zeros(len(targets), np.int64)
        people = targets.people >= 0
        codes[people] = estate.arrays["principal.account"][targets.people[people]]
        for place in np.flatnonzero(~people).tolist():
            thing = int(targets.things[place])
            account = estate.word("thing.account", thing) if thing >= 0 else targets.texts[place].split(":", 5)[4]
            codes[place] = known.setdefault(account or "", len(known))
        if (codes < 0).any():
            codes[codes < 0] = known.setdefault("", len(known))
        return codes, list(known)

    def _managed(self, place: int) -> bool:
        managed: Collection[str] = self._access.estate.arrays.facts["managed"]
        return self._targets.texts[place] in managed

    @cached_property
    def _own(self) -> tuple[list[Array], list[Array]]:
        arrays, targets = self._access.estate.arrays, self._targets
        things, people = targets.things, targets.people
        is_thing, is_person = things >= 0, people >= 0
        found = []
        for name in ("account", "block", "block_unread", "restrictable", "asked", "kind", "tagged", "lists"):
            column = np.full(len(targets), -3, np.int64)
            column[is_thing] = arrays[f"thing.{name}"][things[is_thing]]
            if name == "account":
                # Accounts of users and roles are numbered on their own.
                column[is_person] = -4 - arrays["principal.account"][people[is_person]]
            found.append(column)
        # Of users and roles the account tells all that their names do.
        fields: list[object] = [None if person >= 0 else 0 for person in people.tolist()]
        for place in np.flatnonzero(~is_person).tolist():
            text = targets.texts[place]
            fields[place] = (text.split(":", 5)[1:5], self._managed(place))
        account, *rest = found
        return [account, _coded(fields)], rest

    def _tagged(self, wanted: frozenset[str]) -> Iterator[Array]:
        """The values of some tags (keys in lower case)."""
        estate, targets = self._access.estate, self._targets
        people = np.flatnonzero(targets.people >= 0)
        bring = np.zeros(estate.principals, bool)
        for tag in sorted(wanted):
            column = np.full(len(targets), -1, np.int64)
            column[people] = self._access.columns.column(("value", f"{TAGS}{tag}"), targets.people[people], bring)
            yield column
        things = np.flatnonzero(targets.things >= 0)
        own = [estate.thing_tags(number) for number in targets.things[things].tolist()]
        told = np.full(len(targets), -1, np.int64)
        told[things] = _coded(
            [sorted((key.lower(), value) for key, value in tags.items() if key.lower() in wanted) for tags in own]
        )
        yield told


def _meeting(giving: Mapping[str, bool]) -> set[str]:
    """The keys that stand in several patterns, of which not all only give: whether one value fits two of these differs
    from resource to resource.
    """
    found: dict[str, list[bool]] = defaultdict(list)
    for text, gives in giving.items():
        for key in set(keys_of(text)):
            found[key].append(gives)
    return {key for key, several in found.items() if len(several) > 1 and not all(several)}


def special(access: AwsAccess, targets: Targets) -> Array:
    """Mask of the targets that lead to other resources: each is decided by itself."""
    words = access.estate.texts("thing.kind.texts").all()
    leading = [code for code, word in enumerate(words) if word in _LEADING]
    mask = np.zeros(len(targets), bool)
    things = targets.things >= 0
    mask[things] = np.isin(access.estate.arrays["thing.kind"][targets.things[things]], leading)
    return mask


def _coded(values: Sequence[object]) -> Array:
    """A number for each value; equal for equal ones."""
    known: dict[str, int] = {}
    return np.fromiter((known.setdefault(repr(value), len(known)) for value in values), np.int64, len(values))
