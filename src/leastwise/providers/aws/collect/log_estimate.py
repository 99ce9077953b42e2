"""How much a bucket holds of some days, from listings of a sample of them, and what reading that costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random

from .log_access import AT_ONCE
from .log_layout import Branch
from .log_objects import Bucket, Listed, find

_LISTS = 96
"""So many listings of a day are made at least, where there are so many; each account and region has one or more."""
_BRANCHES = 400
_COUNTED = 5_000
"""So many objects of a folder without days are counted."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was found: files and bytes, whether they were counted, listings that reading needs, and one object."""

    files: int
    bytes: int
    exact: bool
    lists: int
    one: Listed | None


def estimated(bucket: Bucket, prefix: str, begin: date, end: date) -> Estimate:
    """What lies below a prefix of these days, both included.

    Of every branch (an account and region) some days are listed, evenly spread; of very many branches, some are chosen.

    Raises:
        CallFailed: it cannot be listed.
    """
    every, _ = find(bucket, prefix)
    days = (end - begin).days + 1
    dated = [one for one in every if one.dated]
    chosen = dated if len(dated) <= _BRANCHES else Random(0).sample(dated, _BRANCHES)  # noqa: S311 - no secret
    each = min(days, max(1, _LISTS // max(1, len(chosen))))
    asked = [
        Branch(f"{branch.prefix}{day:%Y/%m/%d}/")
        for number, branch in enumerate(chosen)
        for day in _spread(begin, days, each, number)
    ]
    rest = [one for one in every if not one.dated]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        listed = list(pool.map(lambda one: _counted(bucket.objects(one)), asked))
        others = list(pool.map(lambda one: _counted(islice(bucket.objects(one, begin, end), _COUNTED)), rest))
    scale = (len(dated) * days / len(asked)) if asked else 0.0
    files = round(sum(one[0] for one in listed) * scale) + sum(one[0] for one in others)
    size = round(sum(one[1] for one in listed) * scale) + sum(one[1] for one in others)
    exact = scale in (0.0, 1.0) and all(one[0] < _COUNTED for one in others)
    found = next((one[2] for one in (*listed, *others) if one[2] is not None), None)
    return Estimate(files, size, exact, math.ceil(files / 1000) + len(every), found)


def _spread(begin: date, days: int, count: int, start: int) -> Iterator[date]:
    """Some of the days at even distances; `start` shifts them, so that not every branch is asked for the same ones."""
    for number in range(count):
        yield begin + timedelta((number * days // count + start) % days)


def _counted(objects: Iterator[Listed]) -> tuple[int, int, Listed | None]:
    files = size = 0
    last = None
    for last in objects:
        files, size = files + 1, size + last.size
    return files, size, last
