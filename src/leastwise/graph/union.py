"""Several graphs as one: nodes of one id are one node, every gate is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.shadows import Shadows, Ties
from leastwise.rules.escalation import EscalationRule

from .classes import Held
from .gates import Gate, Gates
from .together import Together


def joined(several: Sequence[Gates]) -> Gates:
    """One graph of several: those of the providers of an estate, and what leads from one of them to another.

    Rules are numbered anew, in the order of the graphs. Of shadows that two tell of one thing the first's is kept:
    both are nodes.
    """
    nodes: dict[str, int] = {}
    rules: list[EscalationRule] = []
    gates: list[Gate] = []
    closed: list[Gate] = []
    together: list[Together] = []
    for one in several:
        numbers = np.fromiter((nodes.setdefault(id, len(nodes)) for id in one.nodes), np.int64, len(one.nodes))
        gates += _renumbered(one.gates, numbers, len(rules))
        closed += _closed(one.closed, numbers, len(rules), len(together))
        together += [_moved(each, numbers) for each in one.together]
        rules += one.rules
    missing = tuple(dict.fromkeys(text for one in several for text in one.missing))
    shadows, asked = _shadows([one.shadows for one in several]), _merged([one.asked for one in several])
    return Gates(list(nodes), rules, gates, shadows, missing, asked, tuple(closed), tuple(together))


def _renumbered(gates: Sequence[Gate], numbers: Array, rules: int) -> Iterable[Gate]:
    """Gates with the numbers that their nodes and rules have in the whole."""
    if not rules and np.array_equal(numbers, np.arange(len(numbers))):
        return gates
    return (
        replace(
            one, rule=one.rule + rules, sources=BitMap(numbers[np.array(one.sources, np.int64)].astype(np.uint32)),
            targets=numbers[one.targets], each=None if one.each is None else numbers[one.each],
        )
        for one in gates
    )  # fmt: skip


def _closed(gates: Sequence[Gate], numbers: Array, rules: int, together: int) -> Iterable[Gate]:
    return (replace(one, together=one.together + together) for one in _renumbered(gates, numbers, rules))


def _moved(together: Together, numbers: Array) -> Together:
    """What is done together, by the nodes of the whole."""
    besides = tuple(
        replace(one, held=Held(*(BitMap(numbers[np.array(some, np.int64)].astype(np.uint32))
                                 for some in (one.held.sure, one.held.unsure, one.held.unknown))))
        for one in together.besides
    )  # fmt: skip
    return replace(together, besides=besides)


def _shadows(several: Sequence[Shadows]) -> Shadows:
    told: dict[str, Any] = {}
    for field in fields(Shadows):
        # What was not read stands beside the gates.
        if field.name not in ("ties", "missing", "changes"):
            told[field.name] = _merged([getattr(one, field.name) for one in several])
    return Shadows(**told, ties=_ties([one.ties for one in several]))


def _ties(several: Sequence[Ties]) -> Ties:
    """What steps are explained by: what pairs there are, and what is so, was asked when the gates were made."""
    return Ties(beside=_by_word([one.beside for one in several]), acting=_by_word([one.acting for one in several]))


def _by_word(several: Sequence[Mapping[str, Mapping[str, str]]]) -> Mapping[str, Mapping[str, str]]:
    words = {word: None for one in several for word in one}
    return {word: _merged([one.get(word, {}) for one in several]) for word in words}


def _merged(several: Sequence[Mapping[Any, Any]]) -> Mapping[Any, Any]:
    found: dict[Any, Any] = {}
    for one in several:
        found = {**one, **found}
    return found
