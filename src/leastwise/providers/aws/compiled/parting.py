"""Which resources tell two subjects apart, and what the own sides of both say only of resources of no known account.

A resource does where a statement on it names the one and not the other, or reads something that is another of each: a
tag, an ARN, where the account stands, MFA. Between accounts every resource does that can let in one of them: of its own
account somebody's own policies are enough, of another they are not.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import all_of

from ..evaluate.facts import Facts
from ..evaluate.operators import condition
from ..evaluate.policy import Statement, Test
from ..evaluate.principals import Principal, named
from ..evaluate.statements import Target
from ..evaluate.variables import has_variables
from .access import AwsAccess, Circumstances
from .actions import actions
from .context import MFA, of_principal
from .effective import Standing
from .estate import subject_of
from .telling import Places, Telling, united
from .traits import variables
from .undecided import Undecided

_ANY = "s3:GetObject"
"""An action; no key of the principal depends on which."""
_ANYWHERE = Target("*")


class Parting:
    """The resources that tell apart whom two subjects act as; each is looked at by itself.

    Args:
        access: the estate.
        telling: what its resources ask of principals.
        standings: whom either of the two acts as.
        given: circumstances, which go before what the estate knows.
    """

    def __init__(
        self, access: AwsAccess, telling: Telling, standings: Sequence[Standing], given: Circumstances
    ) -> None:
        self._access, self._telling, self._estate = access, telling, access.estate
        place = access.place(_ANY, None)
        self._known: list[tuple[Principal, Facts]] = []
        self._bounded: set[bool] = set()
        for one in {standing.principal.id: standing for standing in standings}.values():
            facts = access.request(one.principal, one.number, _ANY, place, given).facts
            told = {key: value for key, value in facts.known.items() if _own(key)}
            told |= {key.lower(): value for key, value in given.context.items()}
            # What else a request carries is another thing of each resource.
            self._known.append((one.principal, Facts(told, facts.complete, choices=facts.choices)))
            self._bounded.add(one.number is not None and self._estate.arrays["principal.boundary"][one.number] != -1)
        self.accounts = frozenset(principal.account for principal, _ in self._known)

    def places(self) -> Places:
        """Every such resource, or what it holds, each with the mask of the actions that matter there."""
        if len(self._known) < 2:
            return {}
        found = self._telling.bearing(self._statements().tolist(), self.accounts)
        told = [self._telling.on(thing, mask) for thing, mask in (*found.items(), *self._abroad())]
        if len(self.accounts) > 1:
            granting = self._telling.granting
            things = {one for account in self.accounts for one in self._telling.admitting(account).tolist()}
            told += [granting.allowing(thing) for thing in sorted(things)]
        return united(told)

    # --- statements

    def _statements(self) -> Array:
        """The numbers of the statements on resources and roles that say another thing of each."""
        arrays, telling = self._estate.arrays, self._telling
        conditions = np.unique(arrays["st_condition"][telling.on_resources])
        asking = [code for code in conditions.tolist() if code >= 0 and telling.read[0][code]]
        differing = [code for code in asking if self._differ(self._estate.tests(code))]
        texts = [code for code, keys in telling.read[1].items() if self._moved(keys)]
        naming = self._naming()
        return np.union1d(telling.stating(differing, texts), naming[telling.on_resources[naming]])

    @property
    def _facts(self) -> Iterator[Facts]:
        return (facts for _, facts in self._known)

    @staticmethod
    def _apart(told: Sequence[Hashable]) -> bool:
        return len(set(told)) > 1

    def _differ(self, tests: Sequence[Test]) -> bool:
        """Whether a condition says another thing of one than of the others, whatever else the request carries."""
        asked = [test for test in tests if _asks(test)]
        kinds = (True, False) if any(has_variables(value) for test in asked for value in test.values) else (True,)
        return bool(asked) and any(self._apart([_said(asked, facts, kind) for facts in self._facts]) for kind in kinds)

    def _moved(self, keys: frozenset[str]) -> bool:
        """Whether some keys stand for another thing of each."""
        told = [tuple((key, facts.look(key), facts.choices.get(key)) for key in sorted(keys)) for facts in self._facts]
        return bool(keys) and self._apart(told)

    def _naming(self) -> Array:
        """The numbers of the statements of which Principal or NotPrincipal names one otherwise than the others."""
        codes = self._codes()
        if not codes:
            return np.empty(0, np.int64)
        texts, rows = self._estate.texts("subject.texts"), self._estate.rows("st_subject")
        hit = np.flatnonzero(np.isin(rows.values, codes))
        owners = np.searchsorted(rows.starts, hit, side="right") - 1
        entries: dict[int, list[int]] = {}
        for owner, code in zip(owners.tolist(), rows.values[hit].tolist(), strict=True):
            entries.setdefault(owner, []).append(code)
        decided: dict[tuple[int, ...], bool] = {}
        found = []
        for owner, those in entries.items():
            key = tuple(sorted(those))
            if key not in decided:
                subjects = [subject_of(texts[code]) for code in key]
                told = [tuple(sorted(named(subjects, *one).items(), key=lambda way: way[0])) for one in self._known]
                decided[key] = self._apart(told)
            # Deny with NotPrincipal denies who has a permissions boundary whatever it lists.
            spared = len(self._bounded) > 1 and self._estate.statement(owner).not_principals is not None
            if decided[key] or spared:
                found.append(owner)
        return np.array(found, np.int64)

    def _codes(self) -> list[int]:
        """The numbers of the entries of Principal that may name one of them by more than being everyone's."""
        entries, found = self._telling.entries, set[int]()
        if len(self._bounded) > 1:
            found.update(entries.get("*", ()))
        for principal, _ in self._known:
            for value in (principal.id, principal.role, principal.canonical, *principal.aliases):
                found.update(entries.get(value, ()) if value else ())
            found.update(self._telling.wide.get(principal.account, ()) if principal.account else ())
            if principal.kind == "session":
                # Of a role that is not in the estate the path is not known.
                name = f"/{principal.role.rsplit('/', 1)[-1]}"
                found.update(code for value, codes in entries.items() if value.endswith(name) for code in codes)
        return sorted(found)

    # --- guardrails of other accounts

    def _abroad(self) -> Iterator[tuple[int, Array]]:
        """Resources abroad under guardrails that say another thing of each, or beyond those that hold at home."""
        everything = np.ones(len(actions().names), bool)
        linked = self._apart([principal.service_linked for principal, _ in self._known])
        masks: dict[str, Array] = {}
        for account, asked in self._telling.limits.items():
            apart = [actions().mask(one) for one, _ in asked if linked or self._differ(one.tests) or self._moves(one)]
            if apart:
                masks[account] = np.logical_or.reduce(apart)
        for account in sorted(self.accounts):
            yield from self._telling.abroad(account, everything)
            others = {one: mask for one, mask in masks.items() if one != account}
            if others:
                yield from self._telling.letting(account, others)

    def _moves(self, statement: Statement) -> bool:
        """Whether variables in the resources of a statement stand for another thing of each."""
        listed = (*(statement.resources or ()), *(statement.not_resources or ()))
        keys = frozenset(key for value in listed if has_variables(value) for key in variables(value) if _own(key))
        return self._moved(keys)


def _own(key: str) -> bool:
    return of_principal(key) or key.lower().startswith(MFA)


def _asks(test: Test) -> bool:
    return _own(test.key) or any(_own(key) for value in test.values for key in variables(value))


def _said(tests: Sequence[Test], facts: Facts, kind: bool) -> Hashable:
    """What some tests come to for one principal: equal where they decide alike."""
    formula = all_of(condition(test, facts, variables=kind) for test in tests)
    asked = Undecided.of(formula, facts, _ANYWHERE)
    return asked.formula, asked.known
