"""Gates as arrays that can be kept, and read again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array, Arrays
from leastwise.model.decision import State
from leastwise.model.shadows import Shadows
from leastwise.rules.escalation import EscalationRule, Need

from .classes import Held
from .gates import Gate, Gates
from .together import Besides, Steps, Together

FORMAT = 6
"""Raised when what is kept changes, or how gates or shadows are made."""
_STATES = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN)
Facts = Mapping[str, Any]


def kept(gates: Gates, moment: datetime | None) -> Arrays:
    """The gates as arrays, with the moment that they hold at. Rules are kept by id, shadows are not kept."""
    texts: dict[str, int] = {}

    def numbers(several: Iterable[Sequence[str]]) -> Iterator[list[int]]:
        return ([texts.setdefault(text, len(texts)) for text in one] for one in several)

    every = [*gates.gates, *gates.closed]
    arrays: dict[str, Array] = {
        "rule": np.array([one.rule for one in every], np.int32),
        "state": np.array([_STATES.index(one.state) for one in every], np.int8),
        "after": np.array([one.after for one in every], np.int32),
        "together": np.array([one.together for one in every], np.int32),
        "missing": np.array([row[0] for row in numbers([one.missing] for one in every)], np.int32),
        "alone": np.array([one.each is not None for one in every], bool),
    }
    arrays |= _rows("sources", [_packed(one.sources) for one in every], np.uint8)
    arrays |= _rows("targets", [one.targets for one in every], np.int64)
    arrays |= _rows("each", [np.empty(0) if one.each is None else one.each for one in every], np.int64)
    arrays |= _rows("things", numbers(one.things for one in every), np.int32)
    arrays |= _rows("about", numbers(one.about for one in every), np.int32)
    besides = (one.held for each in gates.together for one in each.besides)
    held = [_packed(some) for one in besides for some in (one.sure, one.unsure, one.unknown)]
    arrays |= _rows("besides", held, np.uint8)
    facts = {
        "nodes": list(gates.nodes), "texts": list(texts), "missing": list(gates.missing),
        "rules": [one.id for one in gates.rules], "moment": None if moment is None else moment.isoformat(),
        "open": len(gates.gates), "together": [_told(one) for one in gates.together],
    }  # fmt: skip
    return Arrays(arrays, facts)


def moment_of(arrays: Arrays) -> datetime | None:
    """The moment at which kept gates hold."""
    told = arrays.facts["moment"]
    return None if told is None else datetime.fromisoformat(told)


def opened(arrays: Arrays, rules: Sequence[EscalationRule], shadows: Shadows) -> Gates:
    """Gates that were kept, with their rules (the same ids in the same order) and shadows.

    Raises:
        ValueError: they were made by other rules.
    """
    facts = arrays.facts
    if facts["rules"] != [one.id for one in rules]:
        raise ValueError("the gates were made by other rules")
    texts: Sequence[str] = facts["texts"]

    def told(row: Array) -> list[str]:
        return [texts[number] for number in row.tolist()]

    rows = {name: list(_opened(arrays, name)) for name in ("sources", "targets", "each", "things", "about")}
    singles: Mapping[str, list[int]] = {
        name: arrays[name].tolist() for name in ("rule", "state", "after", "together", "missing", "alone")
    }
    gates = [
        Gate(
            singles["rule"][at], BitMap.deserialize(rows["sources"][at].tobytes()), rows["targets"][at],
            told(rows["things"][at]), _STATES[singles["state"][at]],
            rows["each"][at] if singles["alone"][at] else None, texts[singles["missing"][at]], told(rows["about"][at]),
            singles["after"][at], singles["together"][at],
        )
        for at in range(len(singles["rule"]))
    ]  # fmt: skip
    held = (BitMap.deserialize(one.tobytes()) for one in _opened(arrays, "besides"))
    together = [_together(one, held) for one in facts["together"]]
    whole, missing = facts["open"], tuple(facts["missing"])
    return Gates(facts["nodes"], rules, gates[:whole], shadows, missing, closed=gates[whole:], together=together)


def _packed(nodes: BitMap) -> Array:
    return np.frombuffer(nodes.serialize(), np.uint8)


def _told(one: Together) -> Facts:
    """What is done together, without who can."""
    besides = [{"steps": _steps(each.steps), "text": each.text, "becomes": each.becomes, "own": each.own}
               for each in one.besides]  # fmt: skip
    return {"steps": _steps(one.steps), "above": one.above, "besides": besides}


def _steps(steps: Steps) -> list[list[Facts]]:
    return [[asdict(need) for need in step] for step in steps]


def _together(told: Facts, held: Iterator[BitMap]) -> Together:
    besides = tuple(
        Besides(Held(next(held), next(held), next(held)), _needs(one["steps"]), one["text"], one["becomes"], one["own"])
        for one in told["besides"]
    )
    return Together(_needs(told["steps"]), besides, told["above"])


def _needs(steps: Sequence[Sequence[Facts]]) -> Steps:
    return tuple(tuple(_need(need) for need in step) for step in steps)


def _need(told: Facts) -> Need:
    given = {key: tuple(values) for key, values in told["given"].items()}
    return Need(**{**told, "given": given, "open": tuple(told["open"])})


def _rows(name: str, rows: Iterable[Sequence[int] | Array], kind: type[np.generic]) -> dict[str, Array]:
    several = [np.asarray(one, kind) for one in rows]
    ends = np.cumsum([0, *(len(one) for one in several)], dtype=np.int64)
    return {name: np.concatenate([np.empty(0, kind), *several]), f"{name}.ends": ends}


def _opened(arrays: Arrays, name: str) -> Iterator[Array]:
    ends = arrays[f"{name}.ends"].tolist()
    return (arrays[name][begin:end] for begin, end in pairwise(ends))
