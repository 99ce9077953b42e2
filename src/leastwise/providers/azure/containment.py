"""Whether roles, or assignments of roles, give nothing that others do not.

Each permissions entry is a cube: what it gives less what it leaves out itself, on both planes. Of assignments each is
held against those that reach the same principals at its scope. Deny assignments, and what is assigned besides, are not
looked at: they concern both sides alike.
https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from leastwise.engine.containment import Containment, CounterExample, NotProven, Terms, contains
from leastwise.engine.cubes import Cube, Cubes
from leastwise.engine.formula import Atom, Formula, Literal, all_of, any_of, negate
from leastwise.engine.patterns import EVERYTHING, PERMISSION, Inside, Pattern, Region, Wild, exactly, join
from leastwise.engine.solve import Gap, Outcome, OverBudgetError, with_gaps
from leastwise.providers.conditions import ConditionError

from .evaluate.conditions import condition, judge
from .evaluate.estate import Estate
from .evaluate.explain import written_operation
from .evaluate.request import Request
from .evaluate.worlds import solver
from .language.ids import ROOT, ArmId, arm_id
from .language.operations import Patterns, Plane, canonical
from .language.parse import parse_condition
from .language.roles import Entry
from .language.tree import ActionMatches, And, Node, Not, Or

_MOST_FORMS = 64
"""Patterns as the engine has them that one of a role is written as, at most."""
_UNKNOWN = "unknown:"
"""Begins what stands for the operations of a role that nobody tells."""
_ANYBODY = "00000000-0000-4000-8000-00000000ffff"
_ROOT = arm_id(ROOT)


@dataclass(frozen=True, slots=True)
class Giving:
    """Operations that are given.

    Args:
        name: how it is named in proofs.
        entry: the operations; None where they are not known.
        role: the key of the role.
        conditions: all of which must be true.
        under: what must hold besides.
    """

    name: str
    entry: Entry | None
    role: str = ""
    conditions: tuple[str, ...] = ()
    under: Formula = True


@dataclass(frozen=True, slots=True)
class Unread:
    """The atom of a condition that does not parse: true or not, and the same wherever it is written so."""

    text: str

    @property
    def variable(self) -> str:
        """One of its own."""
        return f"condition {self.text}"


class TooManyFormsError(Exception):
    """A pattern has more wildcards between slashes than are looked at."""


def givings_contain(
    estate: Estate, inner: Sequence[Giving], outer: Sequence[Giving], who: str = _ANYBODY, scope: ArmId = _ROOT
) -> Containment:
    """Whether everything that is given by `inner` is given by `outer`, to somebody at a scope and below it.

    A counter-example is an operation that the reference gives by the one side and not by the other, where what `holds`
    tells of conditions is so.
    """
    return _Comparison(estate, inner, outer, who, scope).run()


class _Comparison:
    """One comparison of two sides."""

    def __init__(
        self, estate: Estate, inner: Sequence[Giving], outer: Sequence[Giving], who: str, scope: ArmId
    ) -> None:
        self._estate, self._inner, self._outer = estate, inner, outer
        self._any = Request(estate, who, "", None, scope, below=True)
        self._every = Request(estate, _ANYBODY, "", None, _ROOT)
        self._spelled: dict[str, str] = {}

    def run(self) -> Containment:
        """The answer."""
        planes = tuple(Pattern((f"{one}:", Wild.ONE, Wild.ANY, "/", Wild.ANY), False, "/") for one in Plane)
        unknown = Pattern((_UNKNOWN, Wild.ANY), False, "/")
        terms = Terms(solver(), Region((*planes, unknown)), names=self._names, confirm=self._confirmed)
        try:
            inner = tuple(cube for one in self._inner for cube in self._cubes(one, perhaps=False))
            outer = tuple(cube for one in self._outer for cube in self._cubes(one, perhaps=True))
        except TooManyFormsError as error:
            return NotProven(f"{error}: has more wildcards between slashes than are looked at")
        return contains(Cubes(inner), Cubes(outer), terms)

    # --- as the engine has it

    def _cubes(self, one: Giving, *, perhaps: bool) -> Iterator[Cube]:
        """What is given; what nobody tells of an outer role it perhaps gives."""
        condition = all_of((one.under, *map(self._condition, one.conditions)))
        if one.entry is not None:
            given, left_out = zip(*(one.entry.of(plane) for plane in Plane), strict=True)
            yield Cube(Region(_region(given), _region(left_out)), EVERYTHING, condition, one.name)
            return
        alone = exactly(f"{_UNKNOWN}{one.role}", separator="/")
        yield Cube(Region((alone,)), EVERYTHING, condition, one.name)
        if perhaps:
            gap = Literal(Gap(f"the operations of role {one.role}"))
            yield Cube(Region(EVERYTHING.include, (alone,)), EVERYTHING, all_of((condition, gap)), one.name)

    def _condition(self, text: str) -> Formula:
        if not text.strip():
            return True
        try:
            return self._asked(parse_condition(text))
        except ConditionError:
            return Literal(Unread(text.strip()))

    def _asked(self, node: Node) -> Formula:
        """When a condition is true of an operation that is not known, of anybody anywhere."""
        if isinstance(node, And | Or):
            return (all_of if isinstance(node, And) else any_of)(map(self._asked, node.parts))
        if isinstance(node, Not):
            return negate(self._asked(node.part))
        if isinstance(node, ActionMatches):
            patterns = (_forms(node.pattern, plane) for plane in Plane)
            return any_of(Literal(Inside(one, PERMISSION)) for those in patterns for one in those)
        return judge(node, self._every)

    def _names(self, pattern: Pattern) -> Iterator[str]:
        """The operations of the catalogue that a pattern takes in."""
        for plane in Plane:
            for name in self._estate.every(plane):
                placed = f"{plane}:{canonical(name)}"
                if pattern.matches(placed):
                    self._spelled[placed] = name
                    yield placed

    # --- the reference

    def _confirmed(self, found: CounterExample) -> CounterExample | NotProven:
        """The counter-example, if the reference gives the operation by the one side and may not by the other."""
        side, _, name = found.permission.partition(":")
        if f"{side}:" == _UNKNOWN:
            return NotProven(
                f"it rests on the operations of role {name}", frozenset({f"the operations of role {name}"})
            )
        plane = Plane(side)
        asked = replace(self._any, operation=name, plane=plane)
        given, held = (self._gives(those, asked, plane) for those in (self._inner, self._outer))
        sure = all_of((with_gaps(given, False), negate(with_gaps(held, True))))
        placed = written_operation(self._estate, name, plane)
        written = placed.removesuffix(name) + self._spelled.get(found.permission, name)
        try:
            verdict = solver().verdict(sure)
        except OverBudgetError:
            return NotProven(f"{written}: more combinations of conditions than are tried")
        if verdict.outcome is Outcome.NEVER or not verdict.exact:
            return NotProven(f"{written}: conditions decide, and it is not known that they can be so")
        holds: dict[Atom, bool] = {atom: true for atom, true in found.holds.items() if not isinstance(atom, Unread)}
        return CounterExample(written, str(self._any.resource), holds)

    def _gives(self, those: Iterable[Giving], asked: Request, plane: Plane) -> Formula:
        def one(giving: Giving) -> Formula:
            judged = (condition(text, asked, giving.name) for text in giving.conditions)
            if giving.entry is None:
                return all_of((giving.under, *judged, Literal(Gap(f"the operations of role {giving.role}"))))
            return giving.entry.has(asked.operation, plane) and all_of((giving.under, *judged))

        return any_of(map(one, those))


def _region(sides: Sequence[Patterns]) -> tuple[Pattern, ...]:
    """The patterns of both planes, each with its plane before it."""
    both = zip(Plane, sides, strict=True)
    return tuple(dict.fromkeys(one for plane, those in both for text in those.texts for one in _forms(text, plane)))


def _forms(text: str, plane: Plane) -> tuple[Pattern, ...]:
    """A pattern of operations: `a/*/b` takes in `a/b` too (`operations.matches`), which the engine writes as two.

    Raises TooManyFormsError.
    """
    forms = {canonical(text): None}
    for one in (queue := list(forms)):
        at = one.find("/*/")
        while at >= 0:
            shorter = one[:at] + one[at + 2 :]
            if shorter not in forms:
                forms[shorter] = None
                queue.append(shorter)
            if len(forms) > _MOST_FORMS:
                raise TooManyFormsError(text)
            at = one.find("/*/", at + 1)
    return tuple(_pattern(one, plane) for one in forms)


def _pattern(text: str, plane: Plane) -> Pattern:
    first, *rest = text.split("*")
    tokens = (token for piece in rest for token in (Wild.ANY, piece))
    return Pattern(join((f"{plane}:{first}", *tokens)), False, "/")
