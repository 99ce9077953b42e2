"""Which resources tell principals apart: their policies, or guardrails above them, read facts of whoever asks.

Everything that a principal's own side says of a request it says everywhere; what a resource's side says by tags, ARNs
or organizations of whoever asks has to be looked at on that resource.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows, rows_of

from ..evaluate.policy import Statement
from ..evaluate.principals import parse_principal
from .access import AwsAccess
from .actions import actions
from .context import MFA, TAGS, of_principal
from .estate import NONE, subject_of
from .granting import Granting
from .leads import held
from .traits import Trait, traits_of, variables

Places = Mapping[str, Array]
"""Resources, or what they hold, each with a mask of the actions that matter there."""


class Telling:
    """Finds the resources of an estate that tell principals apart; what is looked at is kept.

    A resource is told by its number, a role by the complement of its own, as `Granting` does.
    """

    def __init__(self, access: AwsAccess, granting: Granting) -> None:
        self._access, self.granting = access, granting
        self._estate, self._arrays = access.estate, access.estate.arrays
        self._asks: dict[int, list[tuple[Statement, set[Trait]]]] = {}

    # --- by what is asked

    def reading(self, keys: Collection[str], account: str, names: Collection[str] = ()) -> dict[int, Array]:
        """The resources whose own side reads one of some keys of a principal, each with the mask of the actions.

        Args:
            keys: in lower case; `aws:principaltag/` stands for every tag, `aws:multifactorauth` for what tells of MFA.
            account: of the principal. Resources of other accounts are left out if nothing there can let it in.
            names: entries of Principal that count as if their statements read a key.
        """
        statements = np.union1d(self._readers(keys), self.naming(names))
        found = self.bearing(statements.tolist(), (account,))
        for thing, mask in self._guarded(keys, account):
            found[thing] = found[thing] | mask if thing in found else mask
        return found

    def bearing(self, statements: Iterable[int], accounts: Iterable[str]) -> dict[int, Array]:
        """The resources on which some statements lie, each with the mask of their actions.

        Left out are resources of accounts other than some if nothing there can let one of these in.
        """
        found: dict[int, Array] = {}
        masks: dict[int, Array] = {}
        for number in statements:
            document, mask = int(self._arrays["st_doc"][number]), actions().mask(self._estate.statement(number))
            masks[document] = masks[document] | mask if document in masks else mask
        documents = np.array(sorted(masks), np.int64)
        things, places = self.lying.gather(documents)
        near = np.zeros(len(things), bool)
        for account in accounts:
            near |= self.near(things, account)
        for thing, place in zip(things[near].tolist(), places[near].tolist(), strict=True):
            mask = masks[int(documents[place])]
            found[thing] = found[thing] | mask if thing in found else mask
        return found

    def traits(self, things: Iterable[int], among: Array | None) -> set[Trait]:
        """What the own side of some resources asks of principals, for the actions of a mask (None: for all)."""
        found: set[Trait] = set()
        accounts = set()
        for thing in {one for each in things for one in (each, *self._behind(each))}:
            accounts.add(self.account(thing))
            for document in self._documents(thing):
                known = self._asks.get(document)
                if known is None:
                    known = self._asks[document] = list(_asking(self._estate.policy(document, "", "").statements))
                for statement, traits in known:
                    if among is None or (actions().mask(statement) & among).any():
                        found |= traits
        for account in accounts:
            for statement, traits in self.limits.get(account, ()):
                if among is None or (actions().mask(statement) & among).any():
                    found |= traits
        return found

    # --- where

    def account(self, thing: int) -> str:
        """The account of a resource; empty where it is not known."""
        column, number = ("principal", ~thing) if thing < 0 else ("thing", thing)
        return self._estate.word(f"{column}.account", number) or ""

    def on(self, thing: int, mask: Array) -> Places:
        """What is acted on where a resource decides: itself, what it holds, and the same through its access points."""
        if thing < 0:
            own = mask & actions().becoming
            return {self._estate.principal_ids[~thing]: own} if own.any() else {}
        return self.by_name(self._estate.texts("thing.id")[thing], mask)

    def by_name(self, arn: str, mask: Array) -> Places:
        """The same for a resource's ARN, whether the estate has it or not."""
        found = {}
        for one in (arn, *self.points.get(arn, ())):
            own, inside = actions().taking(one)
            for place, takes in ((one, own), (held(one), inside)):
                if (mask & takes).any():
                    found[place] = mask & takes
        return found

    @cached_property
    def points(self) -> Mapping[str, Sequence[str]]:
        """The access points that lead to each bucket."""
        found: dict[str, list[str]] = {}
        for point, bucket in self._arrays.facts["points"].items():
            found.setdefault(str(bucket), []).append(point)
        return found

    # --- documents

    @property
    def lying(self) -> Rows:
        """The resources (and roles) on which each document lies."""
        return self.granting.lying

    def _documents(self, thing: int) -> list[int]:
        arrays = self._arrays
        if thing < 0:
            found = [int(arrays["principal.trust"][~thing])]
        else:
            starts = arrays["laid.starts"]
            found = arrays["laid.doc"][int(starts[thing]) : int(starts[thing + 1])].tolist()
        return [one for one in found if one >= 0 and not arrays["doc_bad"][one]]

    def _behind(self, thing: int) -> Iterator[int]:
        """The bucket behind an access point."""
        points = self._arrays.facts["points"]
        if thing < 0 or not points:
            return
        bucket = points.get(self._estate.texts("thing.id")[thing])
        number = None if bucket is None else self._estate.thing(str(bucket))
        if number is not None:
            yield number

    # --- statements that read

    def _readers(self, keys: Collection[str]) -> Array:
        """The numbers of the statements on resources and roles that read one of some keys."""
        wanted = [code for code, read in enumerate(self.read[0]) if meets(read, keys)]
        return self.stating(wanted, [code for code, read in self.read[1].items() if meets(read, keys)])

    def asking(self) -> Array:
        """The numbers of the statements on resources and roles that read any key of a principal."""
        wanted = [code for code, read in enumerate(self.read[0]) if read]
        return self.stating(wanted, [code for code, read in self.read[1].items() if read])

    def stating(self, conditions: Sequence[int], texts: Sequence[int]) -> Array:
        """The numbers of the statements on resources and roles with one of some conditions or texts of Resource."""
        hit = np.isin(self._arrays["st_condition"], conditions)
        if texts:
            rows = self._estate.rows("st_resource")
            owners = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
            hit[owners[np.isin(rows.values, texts)]] = True
        return np.flatnonzero(hit & self.on_resources)

    @cached_property
    def read(self) -> tuple[list[frozenset[str]], dict[int, frozenset[str]]]:
        """The keys of a principal that each condition reads, and those that texts of Resource do, by their numbers."""
        count = len(self._estate.texts("st_condition.texts"))
        conditions = []
        for code in range(count):
            tests = self._estate.tests(code)
            read = (key for test in tests for key in (test.key, *(k for v in test.values for k in variables(v))))
            conditions.append(_of_principal(read))
        texts = enumerate(self._estate.texts("resource.texts").all())
        return conditions, {code: _of_principal(variables(text)) for code, text in texts if "${" in text}

    def naming(self, names: Collection[str]) -> Array:
        """The numbers of the statements on resources and roles that name somebody by one of some entries."""
        found = self.having([code for name in names for code in self.entries.get(name, ())])
        return found[self.on_resources[found]]

    @cached_property
    def entries(self) -> dict[str, list[int]]:
        """The numbers of the entries of Principal of each value."""
        found: dict[str, list[int]] = {}
        for code, text in enumerate(self._estate.texts("subject.texts").all()):
            found.setdefault(text.partition("=")[2], []).append(code)
        return found

    @cached_property
    def wide(self) -> dict[str, list[int]]:
        """By account, the numbers of the entries that name it, or sessions of its roles."""
        found: dict[str, list[int]] = {}
        for value, codes in self.entries.items():
            parsed = parse_principal(value) if ":role/" not in value and ":user/" not in value else None
            if parsed is not None and parsed.kind in ("root", "session"):
                found.setdefault(parsed.account, []).extend(codes)
        return found

    def having(self, codes: Sequence[int]) -> Array:
        """The numbers of the statements that have one of some entries in Principal or NotPrincipal."""
        if not len(codes):
            return np.empty(0, np.int64)
        rows = self._estate.rows("st_subject")
        owners = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
        return np.unique(owners[np.isin(rows.values, codes)])

    @cached_property
    def on_resources(self) -> Array:
        """Mask of the statements that lie on resources or roles."""
        mask: Array = (np.diff(self.lying.starts) > 0)[self._arrays["st_doc"]]
        return mask

    # --- who is near

    def near(self, things: Array, account: str) -> Array:
        """Mask of those of some resources that are of an account, or can let it in."""
        mask = np.isin(things, self.admitting(account))
        for kind, numbers in (("thing", things), ("principal", ~things)):
            rows = np.flatnonzero(numbers >= 0)
            codes = self._arrays[f"{kind}.account"][numbers[rows]]
            mask[rows] |= (codes == self._codes[kind].get(account, NONE)) | (codes == NONE)
        return mask

    @cached_property
    def _codes(self) -> dict[str, dict[str, int]]:
        """The numbers of the accounts of resources, and of those of users and roles."""
        kinds = ("thing", "principal")
        texts = {kind: self._estate.texts(f"{kind}.account.texts").all() for kind in kinds}
        return {kind: {text: code for code, text in enumerate(those)} for kind, those in texts.items()}

    def admitting(self, account: str) -> Array:
        """The resources of which a policy has an Allow that names somebody of an account, or everyone."""
        some, every = self._admitted
        found = some.get(account)
        return every if found is None else np.union1d(found, every)

    @cached_property
    def _admitted(self) -> tuple[dict[str, Array], Array]:
        """By account, the resources that name somebody of it in some Allow; and those that may let in anybody."""
        arrays, rows = self._arrays, self._estate.rows("st_subject")
        allows = ~np.asarray(arrays["st_deny"]) & self.on_resources
        accounts = sorted({*self.whose})
        codes = {account: code for code, account in enumerate(accounts)}
        owners = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
        pairs = np.flatnonzero((allows & (np.asarray(arrays["subject.sign"]) > 0))[owners])
        whose = np.array([codes[one] for one in self.whose], np.int64)[rows.values[pairs]]
        things, places = self._with(owners[pairs])
        found = rows_of(whose[places], things, len(accounts))
        some = {account: np.unique(found.row(code)) for account, code in codes.items()}
        others, _ = self._with(np.flatnonzero(allows & (np.asarray(arrays["subject.sign"]) < 0)))
        return some, np.union1d(some.get("*", others[:0]), others)

    def _with(self, statements: Array) -> tuple[Array, Array]:
        return self.lying.gather(self._arrays["st_doc"][statements].astype(np.int64))

    @cached_property
    def whose(self) -> list[str]:
        """Whose account each entry of Principal names; `*` where it may be anybody's."""
        found = []
        for text in self._estate.texts("subject.texts").all():
            subject = subject_of(text)
            parsed = parse_principal(subject.value) if subject.type == "AWS" else None
            service = subject.type in ("Service", "Federated")
            found.append("" if service else parsed.account or "*" if parsed is not None else "*")
        return found

    # --- guardrails of resources

    @cached_property
    def limits(self) -> dict[str, list[tuple[Statement, set[Trait]]]]:
        """By account, the statements of its resource control policies that ask something of principals."""
        found = {}
        accounts = {one for kind in ("thing", "principal") for one in self._estate.texts(f"{kind}.account.texts").all()}
        for account in sorted(accounts):
            levels = self._access.guardrails.levels("rcp", account)[0] or ()
            asked = list(_asking(s for level in levels for policy in level for s in policy.statements))
            if asked:
                found[account] = asked
        return found

    def _guarded(self, keys: Collection[str], account: str) -> Iterator[tuple[int, Array]]:
        """Resources of other accounts that can let an account in, under guardrails that read one of some keys."""
        masks: dict[str, Array] = {}
        for other, asked in self.limits.items():
            read = [actions().mask(one) for one, traits in asked if other != account and meets(keys_of(traits), keys)]
            if read:
                masks[other] = np.logical_or.reduce(read)
        if masks:
            yield from self.letting(account, masks)

    def abroad(self, account: str, among: Array) -> Iterator[tuple[int, Array]]:
        """Resources of other accounts that can let an account in, with the actions that its own guardrails deny there.

        Resource control policies act on resources of their account alone: what they deny at home may be done abroad.
        """
        levels = self._access.guardrails.levels("rcp", account)[0] or ()
        limit = np.zeros(len(among), bool)
        for statement in (s for level in levels for policy in level for s in policy.statements):
            limit |= actions().mask(statement) if statement.effect == "Deny" else False
        limit &= among
        if limit.any():
            others = {
                one for kind in ("thing", "principal") for one in self._estate.texts(f"{kind}.account.texts").all()
            }
            yield from self.letting(account, dict.fromkeys(others - {account}, limit))

    def letting(self, account: str, limits: Mapping[str, Array]) -> Iterator[tuple[int, Array]]:
        """Resources that can let an account in, each with the actions that its policies allow, of a mask by account."""
        for thing in self.admitting(account).tolist():
            limit = limits.get(self.account(thing))
            for allowed in self.granting.allowing(thing).values() if limit is not None else ():
                if (allowed & limit).any():
                    yield thing, allowed & limit


def united(found: Iterable[Places]) -> dict[str, Array]:
    """Masks by resource, those of one together."""
    together: dict[str, Array] = {}
    for one in found:
        for resource, mask in one.items():
            together[resource] = mask | together[resource] if resource in together else mask
    return together


def keys_of(traits: Iterable[Trait]) -> frozenset[str]:
    """The keys that some traits read, in lower case."""
    return frozenset(str(getattr(what, "key", what)).lower() for _, what in traits)


def meets(read: Collection[str], changed: Collection[str]) -> bool:
    """Whether one of some keys that are read is among those that changed, or is one of a kind that did."""
    return any(
        key in changed or (key.startswith(TAGS) and TAGS in changed) or (key.startswith(MFA) and MFA in changed)
        for key in read
    )


def _of_principal(keys: Iterable[str]) -> frozenset[str]:
    lower = (key.lower() for key in keys)
    return frozenset(key for key in lower if of_principal(key) or key.startswith(MFA))


def _asking(statements: Iterable[Statement]) -> Iterator[tuple[Statement, set[Trait]]]:
    for statement in statements:
        traits = traits_of([statement])
        if traits:
            yield statement, traits
