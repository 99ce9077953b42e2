"""Every permission that is known in a tenant, by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from pyroaring import BitMap

from ..evaluate.directions import narrow
from ..evaluate.request import EXCHANGE
from ..evaluate.roles import closure
from ..language.actions import Action, is_action, parse_action
from ..language.roles import Role
from .held import Compiled


class Numbers:
    """Actions of the directory, as they are written, and values of app roles; sorted.

    An action that says less of what another one says stands here only where some role names it.
    """

    def __init__(self, held: Compiled) -> None:
        self._held = held
        names = {name.lower(): name for name in self._values()} | {EXCHANGE: EXCHANGE} | dict(held.whole.actions)
        self.names = sorted(names.values(), key=str.lower)
        self.by_lower: Mapping[str, int] = {name.lower(): number for number, name in enumerate(self.names)}
        self.actions: Mapping[int, Action] = {
            number: parse_action(name) for number, name in enumerate(self.names) if is_action(name)
        }
        self._roles: dict[str, tuple[tuple[str, BitMap], ...] | None] = {}

    def _values(self) -> Iterator[str]:
        published = self._held.whole.published
        yield from (*published.app_roles.values(), *published.scopes)
        for shape in self._held.shapes:
            yield from filter(None, (*(shape["app_roles"] or {}).values(), *(shape["scopes"] or ())))

    @cached_property
    def plain(self) -> BitMap:
        """Actions that do not say less of what another one says."""
        return BitMap(number for number, action in self.actions.items() if not narrow(action))

    def role(self, key: str) -> tuple[tuple[str, BitMap], ...] | None:
        """What a role holds, by the condition of its entries; None where something of it is not known."""
        if key not in self._roles:
            roles = closure(self._held.whole, key)
            told = [one for one in roles if isinstance(one, Role)]
            self._roles[key] = None if len(told) < len(roles) else tuple(self.entries(told))
        return self._roles[key]

    def entries(self, roles: Sequence[Role]) -> Iterator[tuple[str, BitMap]]:
        """What roles give, by the condition of their entries."""
        named = {str(one) for role in roles for entry in role.entries for one in entry.actions}
        among = self.plain | BitMap(number for one in named if (number := self.by_lower.get(one)) is not None)
        for role in roles:
            for entry in role.entries:
                yield entry.condition, BitMap(one for one in among if entry.by(self.actions[one]) is not None)
