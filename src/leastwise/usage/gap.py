"""The permissions gap of one principal: what it holds, each permission with one of four verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from leastwise.engine.holdings import Holdings
from leastwise.model.decision import State
from leastwise.model.gap import Creep, Done, Gap, Item, Use, Window
from leastwise.model.naming import Naming

from .attempts import Attempts
from .creep import creep_of
from .uses import CALL, IMPLIED, Known, Uses
from .watching import Watch, Watching

_RANK = {State.ALLOWED: 2, State.CONDITIONAL: 1, State.UNKNOWN: 0}
_NOTHING = Known(Done(), frozenset())


@dataclass(frozen=True, slots=True)
class Held:
    """One permission over all parts that hold it."""

    state: State
    resources: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What a gap is worked out from, besides what is held.

    Args:
        names: every permission of the provider, by number.
        sensitivity: of each permission, by number.
        uses: what was done.
        watching: what would have been seen.
        unattributed: why what the log shows is not this principal's alone, by principal; empty for most.
        attempts: what the vendor itself says of the last use.
    """

    names: Sequence[str]
    sensitivity: Sequence[str]
    uses: Uses
    watching: Watching
    unattributed: Mapping[str, str]
    attempts: Attempts

    @property
    def window(self) -> Window:
        """What is asked about."""
        return self.uses.window

    @property
    def naming(self) -> Naming:
        """How the provider writes permissions and patterns."""
        return self.watching.naming


def merged(held: Holdings) -> dict[int, Held]:
    """Each permission with its best state and the resources of all parts that hold it in a state that is known."""
    found: dict[int, Held] = {}
    seen = BitMap()
    for part in held.parts:
        given = Held(part.state, part.resources)
        found.update(dict.fromkeys(part.permissions - seen, given))
        both: dict[Held, Held] = {}
        for number in part.permissions & seen:
            known = found[number]
            if known not in both:
                both[known] = _together(known, given)
            found[number] = both[known]
        seen |= part.permissions
    return found


def _together(known: Held, given: Held) -> Held:
    if given.state is State.UNKNOWN:
        return known
    if known.state is State.UNKNOWN:
        return given
    state = max(known.state, given.state, key=_RANK.__getitem__)
    return Held(state, tuple(dict.fromkeys((*known.resources, *given.resources))))


def verdict(known: Known, unseen: str) -> tuple[Use, str]:
    """The verdict on a permission, and why it is UNOBSERVABLE.

    Args:
        known: what the logs tell of it.
        unseen: why a use might not have been recorded; empty when each would have been.
    """
    if CALL in known.hows:
        return Use.USED, ""
    if IMPLIED in known.hows:
        return Use.IMPLIED, ""
    if known.possible is not None:
        day = known.possible.date()
        return Use.UNOBSERVABLE, f"a call of {day} needed this or another permission; the log does not tell which"
    return (Use.UNOBSERVABLE, unseen) if unseen else (Use.UNUSED, "")


def gap_of(held: Holdings, facts: Facts) -> Gap:
    """The gap of one principal."""
    principal, done = held.principal, facts.uses.of(held.principal)
    watch, window = facts.watching.of(held.account), facts.window
    lacking = facts.unattributed.get(principal, "")
    items, unknown = [], []
    found, told = merged(held), facts.attempts.tells(principal)
    for number in sorted(found, key=lambda one: facts.names[one]):
        one, name = found[number], facts.names[number]
        if one.state is State.UNKNOWN:
            unknown.append(name)
            continue
        known = done.get(name, _NOTHING)
        make = _item if told else _untold
        items.append(make(number, one, known, lacking, watch, facts, principal))
    granted = {facts.names[number] for number in found}
    return Gap(
        principal,
        held.account,
        window,
        tuple(items),
        creep_of(items, facts.naming),
        tuple(unknown),
        tuple(sorted(name for name, one in done.items() if CALL in one.hows and name not in granted)),
        tuple(sorted(name for name, one in done.items() if one.done.denied and not one.hows)),
        held.missing,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """The gap of one principal in numbers.

    Args:
        counts: how many permissions have each verdict.
        unused: numbers of those that are UNUSED, by name.
    """

    counts: Mapping[Use, int]
    creep: Creep
    unused: tuple[int, ...]


def counted(held: Holdings, facts: Facts) -> Counted:
    """What `gap_of` comes to, without an item for each permission: most were not used and are told alike."""
    principal, watch = held.principal, facts.watching.of(held.account)
    done, lacking = facts.uses.of(principal), facts.unattributed.get(principal, "")
    found, names = merged(held), facts.names
    make = _item if facts.attempts.tells(principal) else _untold
    alike: dict[tuple[int, tuple[str, ...], str], Item] = {}
    items, unused = [], []
    for number in sorted(found, key=names.__getitem__):
        one, name = found[number], names[number]
        if one.state is State.UNKNOWN:
            continue
        if make is _item or name in done:
            item = make(number, one, done.get(name, _NOTHING), lacking, watch, facts, principal)
        else:
            key = (id(watch.rule(number)), one.resources, facts.sensitivity[number])
            known = alike.get(key)
            if known is None:
                known = alike[key] = _untold(number, one, _NOTHING, lacking, watch, facts, principal)
            item = known
        items.append(item)
        if item.state is Use.UNUSED:
            unused.append(number)
    return Counted(Counter(item.state for item in items), creep_of(items, facts.naming), tuple(unused))


def _item(number: int, one: Held, known: Known, lacking: str, watch: Watch, facts: Facts, principal: str) -> Item:
    name, told = facts.names[number], facts.attempts
    unseen = watch.rule(number).unseen(one.resources)
    because = ""
    # What is no call of an API the vendor does not see either.
    if unseen and known.possible is None and not lacking and not watch.never(number):
        because = told.untouched(principal, name)
    state, missing = verdict(known, "" if because else unseen or lacking or told.tried(principal, name))
    return Item(
        name,
        state,
        one.state,
        one.resources,
        facts.sensitivity[number],
        known.done,
        missing,
        told.service(principal, name),
        told.action(principal, name),
        because if state is Use.UNUSED else "",
    )


def _untold(number: int, one: Held, known: Known, lacking: str, watch: Watch, facts: Facts, principal: str) -> Item:
    """An item of a principal of which the vendor tells nothing."""
    state, missing = verdict(known, watch.rule(number).unseen(one.resources) or lacking)
    name, level = facts.names[number], facts.sensitivity[number]
    return Item(name, state, one.state, one.resources, level, known.done, missing)
