"""Assertions against an estate: which hold, which do not, and the counter-examples."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import Circumstances, Decision, Holder, Holders, Link, Residual, State, WhoCan

from .asking import Asking, residual_values
from .assertions import Assertion, Selector
from .each import Turning
from .selecting import Selecting
from .wiring import Workspace

_SHOWN = 20
"""Counter-examples of one assertion that are told; the others are counted."""


class Result(StrEnum):
    """How an assertion ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    """Something that was not read would decide."""


@dataclass(frozen=True, slots=True)
class CounterExample:
    """Somebody who can what the assertion excludes, or cannot what it demands."""

    principal: str
    permission: str
    resource: str | None
    state: State
    residual: Residual | None = ()
    missing: tuple[str, ...] = ()
    chain: tuple[Link, ...] = ()
    because: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the JSON interface has it."""
        return {
            "principal": self.principal, "permission": self.permission, "resource": self.resource,
            "state": str(self.state), "residual": residual_values(self.residual), "missing": list(self.missing),
            "chain": [{"kind": one.kind, "id": one.id, "name": one.name} for one in self.chain],
            "because": list(self.because),
        }  # fmt: skip


@dataclass(slots=True)
class Checked:
    """An assertion with its result; `found` are counter-examples, at most so many as are told, of `count`."""

    assertion: Assertion
    found: list[CounterExample] = field(default_factory=list)
    count: int = 0
    open: list[CounterExample] = field(default_factory=list)
    missing: dict[str, None] = field(default_factory=dict)

    @property
    def result(self) -> Result:
        """Failed when there is a counter-example, undecided when there may be one and that is not allowed."""
        if self.count:
            return Result.FAILED
        undecided = (self.open or self.missing) and not self.assertion.allow_unknown
        return Result.UNDECIDED if undecided else Result.PASSED

    def add(self, one: CounterExample) -> None:
        """A counter-example, or for one that is UNKNOWN that there may be one."""
        if one.state is State.UNKNOWN:
            self.missing |= dict.fromkeys(one.missing)
            if len(self.open) < _SHOWN:
                self.open.append(one)
            return
        self.count += 1
        if len(self.found) < _SHOWN:
            self.found.append(one)

    def add_all(self, part: Holders, names: Collection[str], permission: str, resource: str | None) -> None:
        """As `add`, for holders that are alike but for those of some ids."""
        told = (holder for holder in part if holder.principal not in names)
        shown = [_of_holder(holder, permission, resource) for holder in islice(told, _SHOWN)]
        for one in shown:
            self.add(one)
        if part[0].state is not State.UNKNOWN:
            self.count += len(part) - len(names) - len(shown)

    def to_json(self) -> dict[str, Any]:
        """As the JSON interface has it."""
        told = self.found if self.count else self.open if self.result is Result.UNDECIDED else []
        return {
            "name": self.assertion.name, "form": self.assertion.form, "line": self.assertion.line,
            "state": str(self.result), "reason": self.assertion.reason, "counter_examples": [o.to_json() for o in told],
            "count": self.count, "missing": list(self.missing),
        }  # fmt: skip


class Checking:
    """One estate, asked what assertions need; equal questions are asked once."""

    def __init__(self, workspace: Workspace, asking: Asking) -> None:
        self._asking = asking
        self._selecting = Selecting(workspace, asking)
        self._who: dict[tuple[Any, ...], WhoCan] = {}
        self._decided: dict[tuple[Any, ...], Decision] = {}
        self._real: set[str] = set()
        entries = asking.estate.entries
        self._unread = {
            entry.scope.id: entry.scope.key
            for entry in entries
            if entry.manifest is None and entry.scope.provider == asking.provider
        }

    @property
    def used(self) -> set[str]:
        """The parts of estate.yaml that selectors used."""
        return self._selecting.used

    def check(self, assertion: Assertion) -> Checked:
        """The result of an assertion. Raises InputError where it cannot be asked, with its line."""
        checked = Checked(assertion)
        try:
            for permission, resource in self._pairs(assertion):
                self._one(checked, permission, resource)
        except (UsageError, NotFoundError) as error:
            raise assertion.item.error(str(error), _blamed(assertion, str(error))) from None
        return checked

    def _pairs(self, assertion: Assertion) -> list[tuple[str, str | None]]:
        """Each permission with each resource that it can be asked of. Raises UsageError where one has no other."""
        every = [(permission, resource) for permission in assertion.permissions for resource in assertion.resources]
        refused = {pair: why for pair in every if (why := self._asking.access.objection(*pair))}
        kept = [pair for pair in every if pair not in refused]
        for (permission, resource), why in refused.items():
            if permission not in {one for one, _ in kept} or resource not in {other for _, other in kept}:
                raise UsageError(why)
        return kept

    def _one(self, checked: Checked, permission: str, resource: str | None) -> None:
        assertion = checked.assertion
        if assertion.form in ("can", "cannot"):
            for selector in assertion.whom:
                self._decide(checked, selector, permission, resource)
            return
        who = self._who_can(assertion, permission, resource)
        if assertion.form == "only":
            found = self._strangers(assertion, who.holders, permission, resource)
        else:
            for selector in assertion.whom:
                if selector.named:
                    self._decide(checked, selector, permission, resource)
            found = self._meant(assertion, who.holders, resource)
        for part, names in found:
            checked.add_all(part, names, permission, resource)
        if assertion.form == "only" or any(not one.named for one in assertion.whom):
            checked.missing |= dict.fromkeys((*who.missing, *self._gaps(permission, resource)))

    def _decide(self, checked: Checked, selector: Selector, permission: str, resource: str | None) -> None:
        assertion = checked.assertion
        decision = self._can(assertion, selector.principal, permission, resource)
        wanted = {State.ALLOWED} if assertion.form == "can" else {State.DENIED}
        if assertion.allow_conditional:
            wanted.add(State.CONDITIONAL)
        if decision.state not in wanted:
            because = tuple(reason.text for reason in decision.deciding[:3])
            told = (decision.state, decision.residual, decision.missing, decision.chain, because)
            checked.add(CounterExample(selector.principal, permission, resource, *told))

    def _strangers(
        self, assertion: Assertion, holders: Holders, permission: str, resource: str | None
    ) -> Iterator[tuple[Holders, Collection[str]]]:
        """Holders that an `only` does not name, in parts, each but for some ids.

        Raises UsageError for a name that nobody or several have.
        """
        whom = self._selecting.whom(assertion.whom, resource)
        met: set[str] = set()
        ids: dict[str, set[str]] = {}
        for part in holders.alike():
            one = part[0]
            met.update(link.id for link in one.chain if link.id in whom.names)
            if whom.by_id:
                known = [holder for holder in part if whom.covers(holder)]
                for holder in known:
                    if holder.principal not in whom.names and holder.name in whom.names:
                        ids.setdefault(holder.name, set()).add(holder.principal)
                names = [holder.principal for holder in known]
            else:
                if whom.covers_alike(one):
                    met.update(whom.named_in(part))
                    continue
                names = whom.named_in(part)
            met.update(names)
            if len(names) < len(part) and not _tolerated(assertion, one):
                yield part, frozenset(names)
        for name, several in ids.items():
            if len(several) > 1:
                raise UsageError(f"{name}: is the name of {len(several)} principals: {', '.join(sorted(several))}")
        for name in sorted(whom.names - met - self._real):
            # Who is named must exist, and be the only one of the name: a slip of the pen would go unnoticed.
            self._can(assertion, name, permission, resource)
        self._real |= whom.names

    def _meant(
        self, assertion: Assertion, holders: Holders, resource: str | None
    ) -> Iterator[tuple[Holders, Collection[str]]]:
        """Holders that a `nobody` means, in parts, each but for some ids; those that it names are asked themselves."""
        others = [one for one in assertion.whom if not one.named]
        whom, besides = (self._selecting.whom(one, resource) for one in (others, assertion.besides))
        for part in holders.alike() if others else ():
            if _tolerated(assertion, part[0]):
                continue
            if not whom.by_id and not whom.touches(part[0]):
                continue
            if whom.by_id or besides.by_id:
                names = [one.principal for one in part if not whom.touches(one) or besides.covers(one)]
            elif besides.covers_alike(part[0]):
                continue
            else:
                names = besides.named_in(part)
            if len(names) < len(part):
                yield part, frozenset(names)

    def _gaps(self, permission: str, resource: str | None) -> Iterator[str]:
        """Scopes that could not be read and whose principals might be among those that can.

        Of a resource of an account that was read, somebody elsewhere can only what its policy grants, which is known.
        """
        if not self._unread:
            return
        owner = self._asking.access.owner(permission, resource)
        if owner is None:
            yield from (f"{key} could not be read" for key in self._unread.values())
        elif owner in self._unread:
            yield f"{self._unread[owner]} could not be read"

    def _given(self, assertion: Assertion) -> Circumstances:
        return self._asking.given(Circumstances(dict(assertion.context), assertion.strict))

    def _who_can(self, assertion: Assertion, permission: str, resource: str | None) -> WhoCan:
        key = (permission, resource, *_key(assertion), assertion.transitive)
        if key not in self._who:
            given, transitive = self._given(assertion), assertion.transitive
            self._who[key] = self._asking.access.who_can(permission, resource, given, transitive=transitive)
        return self._who[key]

    def _can(self, assertion: Assertion, principal: str, permission: str, resource: str | None) -> Decision:
        key = (principal, permission, resource, *_key(assertion))
        if key not in self._decided:
            given = self._given(assertion)
            self._decided[key] = self._asking.access.can(principal, permission, resource, given)
        return self._decided[key]


def check_all(
    workspace: Workspace, asking: Asking, assertions: Sequence[Assertion], turning: Turning | None = None
) -> tuple[list[Checked], set[str]]:
    """Every assertion with its result, and the parts of estate.yaml that were used.

    Each is put to the provider whose words it is in; `asking` answers what could be anybody's. `turning` tells then
    which others it could have been meant for.

    Raises:
        InputError: one cannot be asked; it names file, line and cause.
    """
    turning = turning or Turning(workspace, asking)
    # Of one provider there may be several estates, each of a part of it.
    made = {id(asking): Checking(workspace, asking)}
    found = []
    for one in assertions:
        whose = asked_of(turning, one)
        if id(whose) not in made:
            made[id(whose)] = Checking(workspace, whose)
        found.append(made[id(whose)].check(one))
    return found, {part for one in made.values() for part in one.used}


def asked_of(turning: Turning, assertion: Assertion) -> Asking:
    """The estate as the provider answers of it whose words an assertion is in.

    Raises:
        InputError: it is in the words of several.
    """
    about = [*assertion.resources, *(one.principal for one in (*assertion.whom, *assertion.besides) if one.named)]
    try:
        found = {id(one): one for one in (turning.to((each, *about)) for each in assertion.permissions)}
    except UsageError as error:
        raise assertion.item.error(str(error)) from None
    if len(found) > 1:
        raise assertion.item.error(
            f"its permissions are of several providers: {', '.join(sorted(one.provider for one in found.values()))}"
        )
    return next(iter(found.values()))


def _key(assertion: Assertion) -> tuple[Any, ...]:
    return (tuple(sorted(assertion.context.items())), assertion.strict)


def _tolerated(assertion: Assertion, holder: Holder) -> bool:
    return holder.state is State.CONDITIONAL and assertion.allow_conditional


def _of_holder(holder: Holder, permission: str, resource: str | None) -> CounterExample:
    told = (holder.state, holder.residual, holder.missing, holder.chain)
    return CounterExample(holder.principal, permission, resource, *told)


def _blamed(assertion: Assertion, cause: str) -> str:
    """The key of an assertion that an error is about, told by what it begins with."""
    for key, values in (
        ("permission", assertion.permissions),
        ("resource", tuple(one for one in assertion.resources if one)),
        (assertion.form, tuple(one.principal for one in assertion.whom)),
        ("context", tuple(assertion.context)),
    ):
        if any(value and cause.startswith((f"{value}:", f"--context {value}")) for value in values):
            return key
    return ""
