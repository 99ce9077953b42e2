"""When bindings grant on what lies in a place: their conditions, by condition and not by binding.

Of any resource that lies in a place, a condition sees neither name nor tags; what it says depends on the permission
only where it asks for what some services alone tell.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cached_property

from pyroaring import BitMap

from leastwise.engine.formula import Formula

from ..evaluate.allow import condition_of
from ..evaluate.request import Request
from ..language.policies import Binding
from .estate import Compiled
from .numbers import Named, Numbers

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_NAMES = re.compile(r"\b[A-Za-z_][\w.]*")
_ALIKE = re.compile(
    r"request\.time\b.*|resource\.(?:name|type|service|matchTag|matchTagId|hasTagKey|hasTagKeyId)\b.*"
    r"|timestamp|duration|date|true|false|in|r|u|size|int|string|double|bool"
)
"""What a condition can ask that all permissions answer alike."""
_WITHOUT = -1


class Conditioned:
    """Conditions of the bindings of one estate, for one question's circumstances.

    Args:
        asked: the question.
    """

    def __init__(self, held: Compiled, numbers: Numbers, asked: Request) -> None:
        self._held, self._numbers, self._asked = held, numbers, asked
        self._made: dict[tuple[int, str], Formula] = {}
        self._parted: dict[tuple[int, str], Named] = {}

    def of(self, binding: int) -> Formula | None:
        """When a binding's condition is met; None where that depends on the permission."""
        key = self._key(binding)
        if key[0] == _WITHOUT and "_withcond_" not in key[1]:
            return True
        if key not in self._made:
            if not self._alike(key[0]):
                return None
            # No condition that all permissions answer alike reads the service of this one.
            self._made[key] = self._judged(binding, "/")
        return self._made[key]

    def parted(self, binding: int, permissions: BitMap) -> Named:
        """When a binding's condition is met, for sets of permissions that it tells apart."""
        key = self._key(binding)
        if key not in self._parted:
            found: dict[Formula, BitMap] = {}
            for number in permissions:
                formula = self._judged(binding, self._numbers.canonical[number])
                found.setdefault(formula, BitMap()).add(number)
            self._parted[key] = tuple((members, formula) for formula, members in found.items())
        return self._parted[key]

    def _key(self, binding: int) -> tuple[int, str]:
        arrays = self._held.arrays
        role = self._held.role_names[int(arrays["binding.role"][binding])]
        return int(arrays["binding.condition"][binding]), role

    def _judged(self, number: int, permission: str) -> Formula:
        arrays = self._held.arrays
        policy = self._held.policy(int(arrays["binding.document"][number]))
        assert policy is not None
        binding: Binding = policy.bindings[int(arrays["binding.position"][number])]
        place = int(self._held.rows("document.places").row(int(arrays["binding.document"][number]))[0])
        asked = replace(self._asked, permission=permission, resource=self._held.places[place], below=True)
        return condition_of(asked, binding, policy.version).true

    def _alike(self, condition: int) -> bool:
        if condition == _WITHOUT:
            return True
        return alike(self._texts[condition])

    @cached_property
    def _texts(self) -> list[str]:
        return [_expression(one) for one in self._held.texts("binding.condition.texts").all()]


def alike(expression: str) -> bool:
    """Whether all permissions answer a condition alike."""
    bare = _QUOTED.sub("''", expression)
    return all(_ALIKE.fullmatch(name) for name in _NAMES.findall(bare))


def _expression(told: str) -> str:
    found = json.loads(told)
    return str(found.get("expression", "")) if isinstance(found, dict) else ""
