"""The actions of the catalogue as numbers: which of them statements concern, and what else tells them apart."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import cache, cached_property, lru_cache

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.patterns import Pattern

from .. import catalog
from ..evaluate.arn import parse_arn
from ..evaluate.policies import Unread
from ..evaluate.policy import Statement
from ..evaluate.services import assumes, begins_root_session, fixed, signed, stays_home
from ..evaluate.statements import Target
from .access import RETIRING, AwsAccess, Circumstances
from .context import never
from .giving import may_lack
from .leads import alias

_RULED = frozenset({"iam", "kms", "lambda", "s3", "sts"})
"""Services that have rules of their own above policies."""
_MOST_MASKS = 2048
"""Of so many statements it is kept which actions they concern: about 45 MB."""
_VARIABLE = re.compile(r"\$\{[^}]*\}")
"""What the catalogue leaves open in an ARN."""


class Actions:
    """Every action of the catalogue in order, and which of them patterns take in."""

    def __init__(self) -> None:
        listed = [(catalog.service(prefix), prefix) for prefix in catalog.prefixes()]
        self.names = [f"{prefix}:{name}" for known, prefix in listed if known for name in known.action_names]
        found = [known.action(name) for known, _ in listed if known for name in known.action_names]
        self.wildcard_only = np.fromiter((one is None or one.wildcard_only for one in found), bool, len(found))
        self._lower = [name.lower() for name in self.names]
        self._numbers = {name: number for number, name in enumerate(self._lower)}
        self._masks: dict[str, Array] = {}
        self._kept = lru_cache(maxsize=_MOST_MASKS)(self._mask)
        numbers = {prefix: number for number, (_, prefix) in enumerate(listed)}
        self.services = np.fromiter((numbers[name.partition(":")[0]] for name in self.names), np.int64)
        special = [
            number + 2 if prefix in _RULED else int(catalog.rcp_supported(prefix)) for prefix, number in numbers.items()
        ]
        self._kind = np.array(special, np.int64)[self.services]
        self._prefixes = numbers
        self._begins = np.searchsorted(self.services, np.arange(len(listed) + 1)).tolist()
        self._kept_carried = lru_cache(maxsize=_MOST_MASKS)(self._carried)

    def rows(self, prefix: str) -> range:
        """The numbers of a service's actions."""
        number = self._prefixes.get(prefix)
        return range(0) if number is None else range(self._begins[number], self._begins[number + 1])

    def number(self, name: str) -> int | None:
        """The number of an action, in letters of any case; None where the catalogue does not know it."""
        return self._numbers.get(name.lower())

    def mask(self, statement: Statement) -> Array:
        """Which actions a statement concerns."""
        return self._kept(statement)

    def _mask(self, statement: Statement) -> Array:
        patterns = statement.actions if statement.actions is not None else statement.not_actions or ()
        some = np.zeros(len(self.names), bool)
        exact = (one.literal.lower() for one in patterns if one.literal is not None)
        some[[row for name in exact if (row := self._numbers.get(name)) is not None]] = True
        for pattern in patterns:
            if pattern.literal is not None:
                continue
            known = self._masks.get(str(pattern))
            if known is None:
                known = self._masks[str(pattern)] = self._found(pattern)
            some |= known
        return some if statement.actions is not None else ~some if statement.not_actions is not None else some

    def _found(self, pattern: Pattern) -> Array:
        """What a pattern with wildcards takes in; names lie sorted by service, so its prefix bounds where to look."""
        mask = np.zeros(len(self.names), bool)
        service, colon, _ = pattern.prefix.lower().partition(":")
        number = self._prefixes.get(service, -1) if colon else None
        rows = range(len(self.names)) if number is None else self.rows(service)
        begin = pattern.prefix.lower() if pattern.beginning else None
        taken = pattern.matches if begin is None else lambda name: name.startswith(begin)
        mask[[row for row in rows if taken(self._lower[row])]] = True
        return mask

    @cached_property
    def becoming(self) -> Array:
        """Mask of the actions that are about becoming a role."""
        return np.fromiter((assumes(name) for name in self.names), bool, len(self.names))

    def taking(self, arn: str) -> tuple[Array, Array]:
        """Masks of the actions of a resource's service that are about a resource of its kind, or about what lies in it.

        Where the catalogue does not know the kind, all but those about no resource are about it.
        """
        service = arn.split(":")[2] if arn.count(":") > 1 else ""
        own, held = np.zeros(len(self.names), bool), np.zeros(len(self.names), bool)
        types = catalog.resource_types_of(arn, service, wide=True)
        names, inner = [one.name for one in types], _held(catalog.current(), service, types)
        for row in self.rows(service):
            known = catalog.action(self.names[row])
            if known is None or known.wildcard_only:
                continue
            if not names or any(known.use_of(one) for one in names):
                own[row] = True
            else:
                held[row] = any(known.use_of(one) for one in inner)
        return own, held

    def kinds(self, keys: set[str], rules: Rules) -> Array:
        """A number for each action: what else tells them apart.

        Rules of their service, guardrails that act on it, which of some condition keys they never carry, and `rules`.
        """
        found, free = self._kind.copy(), len(self._prefixes) + 2
        for prefix in sorted({key.partition(":")[0] for key in keys}):
            rows = self.rows(prefix)
            if rows:
                own = tuple(sorted(key for key in keys if key.startswith(f"{prefix}:")))
                found[rows.start : rows.stop] = free + self._kept_carried(prefix, own)
                free += len(rows)
        told: dict[tuple[int, Hashable], int] = {}
        for row in (row for prefix in rules.services for row in self.rows(prefix)):
            rule = (int(found[row]), rules.of(self.names[row]))
            found[row] = free + told.setdefault(rule, len(told))
        return found

    def _carried(self, prefix: str, keys: tuple[str, ...]) -> Array:
        """A number for each action of a service: which of some keys of the service it never carries."""
        seen: dict[frozenset[str], int] = {}
        absent = (frozenset(filter(never(self.names[row]), keys)) for row in self.rows(prefix))
        return np.fromiter((seen.setdefault(one, len(seen)) for one in absent), np.int64)


@lru_cache(maxsize=1024)
def _held(facts: catalog.Catalog, service: str, types: tuple[catalog.ResourceType, ...]) -> list[str]:
    """The types of a service whose resources lie in one of some types: their ARNs begin with its ARN and a slash."""
    found = facts.service(service)
    whole = tuple(f"{_VARIABLE.sub('*', arn)}/" for one in types for arn in one.arns)
    others = () if found is None or not whole else found.resource_types.values()
    return [one.name for one in others if any(_VARIABLE.sub("*", arn).startswith(whole) for arn in one.arns)]


class Rules:
    """What tells single actions apart on one resource, besides statements."""

    def __init__(self, access: AwsAccess, resource: str | None, given: Circumstances) -> None:
        self._access, self._resource, self._given = access, resource or "*", given
        self._target = Target(self._resource)
        self._endpoints: dict[str, Hashable] = {}
        known = access.estate.arrays.facts["endpoints"].values()
        arn = parse_arn(self._resource)
        self._service = arn.service if arn is not None else ""
        self._beginning = f"{self._service}:" if self._service in ("s3", "kms", "lambda") else ""
        self._lacked: dict[str, tuple[Unread, ...]] = {}
        own = {"iam", "kms", "sts", *({self._service} & {"s3", "lambda"})}
        self.services = sorted({*own, *(one[-1].rsplit(".", 1)[-1] for one in known)})

    def of(self, action: str) -> Hashable:
        """A value that is equal for actions to which the same rules apply."""
        return ruled(action, self._resource), self._through(action), self._lacking(action)

    def _lacking(self, action: str) -> tuple[Unread, ...]:
        """What was not read on the resource's side and may give this action."""
        if not self._beginning or not action.startswith(self._beginning) or not may_lack(action):
            return ()
        known = self._lacked.get(action)
        if known is None:
            known = self._lacked[action] = self._access.place(action, self._resource).lacking
        return known

    def lacking(self, table: Actions) -> dict[int, tuple[Unread, ...]]:
        """The numbers of the actions that something may give that was not read, and what."""
        rows = table.rows(self._service) if self._beginning else ()
        found = ((number, self._lacking(table.names[number])) for number in rows)
        return {number: unread for number, unread in found if unread}

    def _through(self, action: str) -> Hashable:
        """Which endpoint the request comes through: it can differ by service."""
        service = action.partition(":")[0]
        known = self._endpoints.get(service)
        if known is None:
            policies, gaps = self._access.endpoint_for(self._given, action)
            known = self._endpoints[service] = (tuple(policy.source for policy in policies or ()), gaps)
        return known

    def free(self, table: Actions) -> list[int]:
        """The numbers of the actions that are allowed whatever policies say."""
        found = [(number, fixed(table.names[number], self._target)) for number in table.rows("sts")]
        return [number for number, rule in found if rule is not None and rule.allowed]


@lru_cache(maxsize=_MOST_MASKS)
def ruled(action: str, resource: str) -> Hashable:
    """The rules of its service that an action is under, on a resource."""
    own = [assumes(action), begins_root_session(action), action.lower() == RETIRING, alias(action, resource)]
    own += [stays_home(action), signed(action.lower())]
    return fixed(action, Target(resource)), tuple(own)


@cache
def actions() -> Actions:
    """The actions of the catalogue in force."""
    return Actions()
