"""Condition keys of a question: refused when AWS has none of that name, or no such value, since both are slips.

A key that is misspelt would be open, or with --strict absent, and the answer one to another question. What a policy of
the estate names is a key whatever the catalogue says: https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from leastwise.errors import UsageError

from .. import catalog
from ..catalog.facts import ConditionKey
from ..evaluate import scalars
from ..evaluate.policy import Policy
from .estate import CompiledEstate


def check_keys(context: Mapping[str, object], estate: CompiledEstate, session: Iterable[Policy] = ()) -> None:
    """Refuse keys that neither AWS nor a policy of the estate or session knows, and values of another type.

    A key with a dot before its colon is one of an identity provider, whose names are free.

    Raises:
        UsageError: naming the key, and what may have been meant.
    """
    for key, values in context.items():
        prefix, colon, _ = key.partition(":")
        if not colon or not prefix:
            raise UsageError(f"{key}: is no condition key, as in aws:SourceIp")
        known = catalog.condition_key(key)
        if known is not None:
            for value in values if isinstance(values, tuple) else ():
                _check_value(key, known, str(value))
        elif "." not in prefix and key.lower() not in _named(estate, session):
            raise UsageError(f"--context {key}: AWS has no such condition key{_near(key)}")


def _check_value(key: str, known: ConditionKey, value: str) -> None:
    meaning = _TYPES.get(known.type)
    if value and meaning is not None and not meaning[1](value) and (known.type != "ARN" or not known.service):
        raise UsageError(f"--context {key}={value}: the value is no {meaning[0]}")


def _read(how: Callable[[str], Any]) -> Callable[[str], bool]:
    return lambda text: how(text) is not None


_TYPES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "Bool": ("boolean, as in true", _read(scalars.flag)),
    "Numeric": ("number", _read(scalars.number)),
    "Date": ("date or time, as in 2026-11-01T08:00:00Z", _read(scalars.moment)),
    "IPAddress": ("address, as in 203.0.113.7", _read(scalars.address)),
    "ARN": ("ARN", lambda text: text.startswith("arn:") and text.count(":") > 4),
}
"""Type of a key → what its values are called, and whether a text is one.

ARNs are asked for of global keys only: what the services call one is not always whole.
"""


def _named(estate: CompiledEstate, session: Iterable[Policy]) -> set[str]:
    """Lower-case keys of all conditions of the estate's policies, and of some others."""
    blocks = range(len(estate.texts("st_condition.texts").all()))
    found = {test.key.lower() for number in blocks for test in estate.tests(number)}
    return found | {test.key.lower() for policy in session for one in policy.statements for test in one.tests}


def _near(key: str) -> str:
    """Keys that a misspelt one may mean: of its service, else the global ones."""
    service = catalog.service(key.partition(":")[0].lower())
    known = service.condition_keys.values() if service is not None else catalog.global_condition_keys().values()
    names = {one.name.lower(): one.name for one in known}
    near = get_close_matches(key.lower(), names, n=3, cutoff=0.75)
    return f"; did you mean {', '.join(names[one] for one in near)}?" if near else ""
