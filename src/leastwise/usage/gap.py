"""The permissions gap of one principal: what it holds, each permission with one of four verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyroaring import BitMap

from leastwise.engine.holdings import Holdings
from leastwise.model.decision import RANK, State
from leastwise.model.gap import Creep, Done, Gap, Item, Use, Window
from leastwise.model.naming import Naming

from .attempts import Attempts
from .creep import creep_of
from .outline import Outline, Permissions, Quiet
from .ruling import Rule
from .uses import CALL, IMPLIED, Known, Uses
from .watching import Watching

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
        listed: the same permissions of other facts, whose numbers are known already; None where there are none.
    """

    names: Sequence[str]
    sensitivity: Sequence[str]
    uses: Uses
    watching: Watching
    unattributed: Mapping[str, str]
    attempts: Attempts
    listed: Permissions | None = None

    @property
    def window(self) -> Window:
        """What is asked about."""
        return self.uses.window

    @cached_property
    def permissions(self) -> Permissions:
        """Every permission by number."""
        return self.listed or Permissions(self.names, self.sensitivity)

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
    state = min(known.state, given.state, key=RANK.__getitem__)
    return Held(state, tuple(dict.fromkeys((*known.resources, *given.resources))))


class Unseen:
    """Why uses of what one principal holds might not be known.

    Args:
        held: what it holds.
        facts: see `Facts`.
    """

    def __init__(self, held: Holdings, facts: Facts) -> None:
        self._watch, self._hidden = facts.watching.of(held.account), held.hidden
        self._lacking = facts.unattributed.get(held.principal, "")

    def rule(self, number: int) -> Rule:
        """What is said of a permission."""
        return self._watch.rule(number)

    def why(self, number: int, one: Held) -> str:
        """Why a use might not have been recorded; empty when each would have been."""
        return self._watch.rule(number).unseen(one.resources)

    def lacking(self, number: int) -> str:
        """Why what is recorded would not be known of this principal; empty where it would."""
        return self._lacking or next((one.why for one in self._hidden if number in one.permissions), "")

    @property
    def rules(self) -> Sequence[tuple[Rule, BitMap]]:
        """Every rule with its permissions."""
        return self._watch.by_rule

    def lackings(self, numbers: BitMap) -> Iterator[tuple[str, BitMap]]:
        """Permissions by what `lacking` says of them; none for none."""
        rest = numbers
        if not self._lacking:
            for one in self._hidden:
                if mine := rest & one.permissions:
                    yield one.why, mine
                    rest = rest - mine
        if rest:
            yield self._lacking, rest

    def never(self, number: int) -> bool:
        """Whether no log ever shows a permission, whatever is switched on."""
        return self._watch.never(number)


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
    if known.undecided is not None:
        return Use.UNOBSERVABLE, f"the log does not tell whether a call of {known.undecided.date()} was authorised"
    if known.unnamed:
        return Use.UNOBSERVABLE, known.unnamed
    return (Use.UNOBSERVABLE, unseen) if unseen else (Use.UNUSED, "")


def gap_of(held: Holdings, facts: Facts) -> Gap:
    """The gap of one principal."""
    principal, done = held.principal, facts.uses.of(held.principal)
    unseen, window = Unseen(held, facts), facts.window
    items, unknown = [], []
    found, told = merged(held), facts.attempts.tells(principal)
    names, levels = facts.names, facts.sensitivity
    # Most were not used, and of those that are told alike the verdict is the same.
    alike: dict[tuple[Rule, tuple[str, ...], str], tuple[Use, str]] = {}
    for number in sorted(found, key=names.__getitem__):
        one, name = found[number], names[number]
        if one.state is State.UNKNOWN:
            unknown.append(name)
        elif told or name in done:
            make = _item if told else _untold
            items.append(make(number, one, done.get(name, _NOTHING), unseen, facts, principal))
        else:
            key = (unseen.rule(number), one.resources, unseen.lacking(number))
            said = alike.get(key)
            if said is None:
                said = alike[key] = verdict(_NOTHING, key[0].unseen(one.resources) or key[2])
            items.append(Item(name, said[0], one.state, one.resources, levels[number], _NOTHING.done, said[1]))
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


def outline_of(held: Holdings, facts: Facts) -> Outline:
    """What `gap_of` comes to, without an item for each permission of which nothing is recorded."""
    principal, unseen = held.principal, Unseen(held, facts)
    done, told = facts.uses.of(principal), facts.attempts.tells(principal)
    make = _item if told else _untold
    recorded = facts.permissions.numbered(iter(done))
    items: list[Item] = []
    quiet: list[Quiet] = []
    for one, numbers in _alike(held):
        if one.state is State.UNKNOWN:
            continue
        mine = numbers if told else numbers & recorded
        items += [make(each, one, done.get(facts.names[each], _NOTHING), unseen, facts, principal) for each in mine]
        if not told:
            quiet += _quiet(one, numbers - recorded, unseen, facts)
    denied = tuple(sorted(name for name, one in done.items() if one.done.denied and not one.hows))
    items.sort(key=lambda item: item.permission)
    return Outline(principal, held.account, facts.window, tuple(items), tuple(quiet), facts.permissions, denied)


def _quiet(one: Held, numbers: BitMap, unseen: Unseen, facts: Facts) -> Iterator[Quiet]:
    """Permissions that are held alike and of which nothing is recorded, by what is told of them."""
    for rule, ruled in unseen.rules:
        for lacking, part in unseen.lackings(numbers & ruled):
            state, missing = verdict(_NOTHING, rule.unseen(one.resources) or lacking)
            for level, members in facts.permissions.levels.items():
                if some := part & members:
                    yield Quiet(some, facts.permissions, state, one.state, one.resources, level, missing)


def _alike(held: Holdings) -> Iterator[tuple[Held, BitMap]]:
    """What `merged` says of each permission, once for all that the same parts hold."""
    classes: list[tuple[Held, BitMap]] = []
    for part in held.parts:
        given, rest = Held(part.state, part.resources), BitMap(part.permissions)
        split: list[tuple[Held, BitMap]] = []
        for known, numbers in classes:
            both = numbers & rest
            if both:
                split.append((_together(known, given), both))
                rest -= both
                numbers = numbers - both
            if numbers:
                split.append((known, numbers))
        classes = [*split, (given, rest)] if rest else split
    yield from classes


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
    principal, unseen = held.principal, Unseen(held, facts)
    done = facts.uses.of(principal)
    found, names = merged(held), facts.names
    make = _item if facts.attempts.tells(principal) else _untold
    alike: dict[tuple[Rule, tuple[str, ...], str, str], Item] = {}
    items, unused = [], []
    for number in sorted(found, key=names.__getitem__):
        one, name = found[number], names[number]
        if one.state is State.UNKNOWN:
            continue
        if make is _item or name in done:
            item = make(number, one, done.get(name, _NOTHING), unseen, facts, principal)
        else:
            key = (unseen.rule(number), one.resources, facts.sensitivity[number], unseen.lacking(number))
            known = alike.get(key)
            if known is None:
                known = alike[key] = _untold(number, one, _NOTHING, unseen, facts, principal)
            item = known
        items.append(item)
        if item.state is Use.UNUSED:
            unused.append(number)
    return Counted(Counter(item.state for item in items), creep_of(items, facts.naming), tuple(unused))


def _item(number: int, one: Held, known: Known, why: Unseen, facts: Facts, principal: str) -> Item:
    name, told = facts.names[number], facts.attempts
    unseen, lacking = why.why(number, one), why.lacking(number)
    because = ""
    # What is no call of an API the vendor does not see either.
    if unseen and not known.doubtful and not lacking and not why.never(number):
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


def _untold(number: int, one: Held, known: Known, why: Unseen, facts: Facts, principal: str) -> Item:
    """An item of a principal of which the vendor tells nothing."""
    state, missing = verdict(known, why.why(number, one) or why.lacking(number))
    name, level = facts.names[number], facts.sensitivity[number]
    return Item(name, state, one.state, one.resources, level, known.done, missing)
