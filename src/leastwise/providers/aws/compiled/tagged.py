"""Which permissions can change when tags of a resource do: those of statements that read these tags.

Tags of users and roles are those of a resource too, for whoever acts on them:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from leastwise.engine.arrays import Array

from ..evaluate.policy import Statement
from .actions import actions
from .estate import CompiledEstate

_READS = re.compile(r"[^:{\s]+:resourcetag/([^}\s,]*)", re.IGNORECASE)


class TagReaders:
    """The statements of an estate that read tags of resources."""

    def __init__(self, estate: CompiledEstate) -> None:
        self._estate = estate
        self._masks: dict[str, Array] = {}
        for statement in statements_with(estate, "resourcetag/"):
            for tag in set(_tags(statement)):
                known = self._masks.get(tag)
                mask = actions().mask(statement)
                self._masks[tag] = mask if known is None else known | mask

    def of(self, before: Mapping[str, str] | None, now: Mapping[str, str] | None) -> Array:
        """Mask of the actions that are decided by tags of which one set has another value than the other.

        Where one is not known, every tag may differ.
        """
        found = np.zeros(len(actions().names), bool)
        if before is None or now is None:
            changed = set(self._masks) if before is not now else set()
        else:
            changed = {key.lower() for key, _ in before.items() ^ now.items()}
        for tag in changed & self._masks.keys():
            found |= self._masks[tag]
        return found


def statements_with(estate: CompiledEstate, text: str) -> Iterator[Statement]:
    """The statements of an estate of which the condition, or a resource, holds a text (in lower case)."""
    conditions = _codes(estate, "st_condition.texts", text)
    numbers = np.flatnonzero(np.isin(estate.arrays["st_condition"], conditions))
    resources = _codes(estate, "resource.texts", text)
    rows = estate.rows("st_resource")
    owners = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
    naming = owners[np.isin(rows.values, resources)]
    for number in np.union1d(numbers, naming).tolist():
        yield estate.statement(int(number))


def _codes(estate: CompiledEstate, name: str, wanted: str) -> list[int]:
    """The numbers of the texts that hold another."""
    return [code for code, text in enumerate(estate.texts(name).all()) if wanted in text.lower()]


def _tags(statement: Statement) -> Iterator[str]:
    """The tags that a statement reads, in lower case."""
    texts = [test.key for test in statement.tests]
    texts += [value for test in statement.tests for value in test.values]
    texts += [*(statement.resources or ()), *(statement.not_resources or ())]
    for text in texts:
        yield from (one.lower() for one in _READS.findall(text))
