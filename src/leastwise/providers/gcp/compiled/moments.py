"""The moments at which conditions on the time of the request change, and memberships end.

https://cloud.google.com/iam/docs/conditions-attribute-reference#date-time
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Atom, assign, literals
from leastwise.providers.conditions import ConditionError

from ..evaluate import values
from ..evaluate.conditions import Known, Look, Test, Truth, Unknown, holds, judge, lacking
from ..evaluate.worlds import functions_of, turns
from ..language.cel import Constant, Stamp, parse_condition
from .estate import Compiled

_TIME = "request.time"
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta.resolution
_QUARTER = 900
_STEPS = {"getMilliseconds": 0.001, "getSeconds": 1.0, "getMinutes": 60.0}
"""How often what a function says may change, in seconds; of all others at a quarter of an hour, as zones are apart."""


def moments(held: Compiled, granting: Array | None, begin: datetime, end: datetime) -> tuple[datetime, ...]:
    """The moments between two, ascending, at which an answer may change.

    Args:
        held: the estate.
        granting: the bindings that count; None for all.
        begin: left out itself.
        end: left out, too.
    """
    told = _conditions(held, granting)
    found = {moment for condition in told for moment in _of_condition(condition, begin, end)}
    # Groups are few of which memberships end: it is not looked at whom they let in.
    ends = np.unique(held.arrays["group.until"]).tolist()
    found.update(_ZERO + timedelta(microseconds=until) for until in ends if until)
    return tuple(sorted(moment for moment in found if begin < moment < end))


def _conditions(held: Compiled, granting: Array | None) -> Iterator[Truth]:
    """Conditions of bindings that read the time; deny rules and boundaries see none."""
    codes = held.arrays["binding.condition"]
    texts = held.texts("binding.condition.texts")
    for code in np.unique(codes if granting is None else codes[granting]).tolist():
        expression = json.loads(texts[code]).get("expression") if code >= 0 else None
        if isinstance(expression, str) and "time" in expression:
            try:
                yield judge(parse_condition(expression), _Anything())
            except ConditionError:
                continue


def _of_condition(told: Truth, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The moments at which what a condition says may change."""
    atoms = dict.fromkeys(one.atom for one in (*literals(told.true), *literals(told.false)))
    tests = [one for one in atoms if isinstance(one, Test) and _TIME in (one.variable, *one.others)]
    alone = [one for one in tests if not one.others]
    for moment in {moment for test in tests for moment in (*_compared(test), *_by_clock(test, begin, end))}:
        if not begin < moment < end:
            continue
        before, after = _values(alone, moment - _TICK), _values(alone, moment)
        parts = (told.true, told.false)
        if len(alone) < len(tests) or any(assign(one, before) != assign(one, after) for one in parts):
            yield moment


def _compared(test: Test) -> Iterator[datetime]:
    """What a test compares with, and a moment later; time goes in steps of a microsecond."""
    for nanos in turns([test.node]) or ():
        micros = -(-nanos // 1000)
        if abs(micros) < timedelta.max // _TICK // 2:
            yield _ZERO + timedelta(microseconds=micros)


def _by_clock(test: Test, begin: datetime, end: datetime) -> Iterable[datetime]:
    functions = {function for function, _ in functions_of([test.node])}
    if not functions:
        return ()
    step = timedelta(seconds=min(_STEPS.get(function, _QUARTER) for function in functions))
    first = begin - (begin - _ZERO) % step
    return (first + number * step for number in range(1, (end - first) // step + 1))


def _values(tests: Iterable[Test], moment: datetime) -> dict[Atom, bool]:
    return {test: _holds(test, moment) for test in tests}


def _holds(test: Test, moment: datetime) -> bool:
    nanos = (moment - _ZERO) // _TICK * (values.SECOND // 10**6)
    return holds(test, {_TIME: Known(Stamp(nanos))})


class _Anything:
    """Facts of any request at all: nothing is known."""

    def look(self, path: str) -> Look | None:
        """See `conditions.Facts`."""
        return Unknown(path)

    def api(self, name: str) -> Look:
        """See `conditions.Facts`."""
        return Unknown(name)

    def asked(self, owner: str, function: str, args: tuple[Constant, ...]) -> Truth | None:
        """See `conditions.Facts`."""
        return lacking(f"{owner}.{function}")
