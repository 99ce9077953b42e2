"""What calls tell, the quick way that remembers and the slow way that does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from leastwise.providers.aws.events.facts import Told, told
from leastwise.providers.aws.events.permissions import resolve
from leastwise.providers.aws.events.record import Record
from leastwise.providers.aws.events.requests import Calls, asked
from leastwise.providers.aws.events.tellings import Tellings


def slow(one: Record, caller: str) -> Told:
    return told(one, resolve(one.source, one.name, one.type), caller)


class Quick:
    """Tellings as they are used, each record's answer as `facts.told` would give it."""

    def __init__(self) -> None:
        self.tellings = Tellings()
        self.calls: dict[Any, int] = {}

    def __call__(self, one: Record, caller: str) -> Told:
        return self.all([one], [caller])[0]

    def all(self, records: Sequence[Record], callers: Sequence[str]) -> list[Told]:
        """As `Drawing` asks: the calls of one kind together."""
        kinds = defaultdict[tuple[str, str, str | None], list[int]](list)
        for at, one in enumerate(records):
            kinds[one.source, one.name, one.type].append(at)
        found: dict[int, Told] = {}
        for kind, some in kinds.items():
            number = self.calls.setdefault(kind, len(self.calls))
            calls = Calls(
                [records[at] for at in some],
                asked([records[at].request for at in some], [records[at].resources for at in some]),
                [(records[at].region, records[at].account) for at in some],
                [self.tellings.ending(records[at]) for at in some],
                [callers[at] for at in some],
            )
            told = self.tellings.tell(calls, number, resolve(*kind))
            assert sorted(told.which) == [*range(len(some))]
            for at, *telling in zip(told.which, told.kinds, *told.texts, strict=True):
                permission, target, outcome = list(self.tellings.kinds)[telling[0]]
                found[some[at]] = Told(permission, telling[1], telling[2], target, outcome, telling[3])
        return [found[at] for at in range(len(records))]
