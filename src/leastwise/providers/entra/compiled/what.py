"""What somebody can do: every permission on one object, or on one of each class of objects that may differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from leastwise.engine.formula import Formula
from leastwise.model.decision import Cube, State

from ..evaluate.decide import access
from ..evaluate.directions import permissions, unknown_roles
from ..evaluate.request import Request
from .effective import Effective, Only
from .numbers import Numbers
from .relating import Relating


class What:
    """Answers what somebody can do, in one tenant."""

    def __init__(self, relating: Relating) -> None:
        self._relating, self._who, self._held = relating, relating.who, relating.held

    def on(self, asked: Request) -> tuple[Cube, ...]:
        """Everything that whoever asks may do on an object."""
        gathered: defaultdict[Formula, list[str]] = defaultdict(list)
        for name, formula in self.formulas(asked).items():
            gathered[formula].append(name)
        return (*self._cubes(gathered, asked.resource), *self.lacking(asked))

    def anywhere(self, asked: Request) -> tuple[Cube, ...]:
        """Everything that whoever asks may do: in the tenant, and on objects of which that is not so, or more is.

        On behalf of a user, what can be done in the tenant.
        """
        return self.on(asked) if asked.user else self.effective(asked).cubes()

    def effective(self, asked: Request, only: Only | None = None) -> Effective:
        """The same as a value, whole or in part."""
        return Effective(self._relating, self.numbers, asked, only)

    @cached_property
    def numbers(self) -> Numbers:
        """Permissions by number."""
        return Numbers(self._held)

    def formulas(self, asked: Request) -> Mapping[str, Formula]:
        """When whoever asks has each permission that is not denied on an object, by name, sorted."""
        seen = self._who.marking.seen(asked)
        found = {name: access(replace(seen, permission=name)) for name in sorted(permissions(seen))}
        return {name: formula for name, formula in found.items() if self._who.state(formula) is not State.DENIED}

    def _cubes(self, gathered: Mapping[Formula, list[str]], *resources: str) -> Iterator[Cube]:
        for formula, names in gathered.items():
            told = self._who.told(formula)
            yield Cube(tuple(names), resources, (), told.state, told.residual, told.missing)

    def lacking(self, asked: Request) -> tuple[Cube, ...]:
        """What may be given by roles that were not read."""
        missing = unknown_roles(self._who.marking.seen(asked))
        return (Cube((), (asked.resource,), (), State.UNKNOWN, (), tuple(missing)),) if missing else ()
