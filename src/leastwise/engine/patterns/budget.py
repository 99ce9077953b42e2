"""What looking at patterns together may cost, declared beforehand: states, one of very many places as several."""

from __future__ import annotations


class TooManyStatesError(Exception):
    """The patterns have more states together than the budget allows."""


class Budget:
    """How many states may still be looked at; one of very many patterns counts as several."""

    def __init__(self, states: int) -> None:
        self.left = states

    def spend(self, states: int = 1) -> None:
        """So many more states. Raises TooManyStatesError when none is left."""
        self.left -= states
        if self.left < 0:
            raise TooManyStatesError
