"""How wide a statement is: whether it gives everything, nearly everything, a whole service, or the rewriting of IAM.

Patterns follow https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html (a `*` that
ends a segment of an ARN expands beyond its colons) and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html (NotAction and NotResource
match all that they do not name). Case does not matter in actions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from .grammar import Statement, texts

WILD, ADMIN, ADMIN_CONDITIONAL, NEARLY, REST, IAM, REWRITES, DENIES_ADMIN = (1 << bit for bit in range(8, 16))
"""What a statement gives or takes away, as bits (see the columns of `documents`)."""

_MAKERS = ("iam", "sts", "organizations")
"""Services whose actions make an administrator."""

_REWRITERS = tuple(
    f"iam:{name}"
    for name in (
        "putuserpolicy", "putrolepolicy", "putgrouppolicy", "attachuserpolicy", "attachrolepolicy",
        "attachgrouppolicy", "createpolicyversion", "setdefaultpolicyversion", "addusertogroup",
    )
)  # fmt: skip
"""Actions with which the holder gives itself any permission."""

_TELLING = "isoISO*?"
"""With what a pattern begins that can match an action of `_MAKERS`."""

_ANY = "zz-any-action"
_MAKER_PREFIXES = tuple(f"{service}:" for service in _MAKERS)
_WILDCARDS = re.compile(r"[*?]")
_STARS = re.compile(r"\?{0,2}\*+\?{0,2}\**")
_ALL_ACTIONS = re.compile(r"\*+:\*+")
_SERVICE = re.compile(r"([^*?:]+)(?::\*+|\*+)")
_EVERY_RESOURCE = re.compile(_STARS.pattern + r"|(?:arn|\*+):(?:\*+|(?:aws[a-z-]*\*?|\*+)(?::\*+){1,4})")
_SERVICE_RESOURCES = re.compile(r"(?:arn|\*+):(?:aws[a-z-]*\*?|\*+):([^*?:]+):(?:\*+|\*?:\*+|\*?:(?:\d{12}|\*?):\*+)")


class _Action(NamedTuple):
    """What an action pattern covers: everything; a whole service; all of IAM, or some of the rewriting of it."""

    everything: bool
    service: str
    iam: bool
    rewrites: bool
    makers: bool


_NOTHING = _Action(False, "", False, False, False)


def _action(pattern: str) -> _Action:
    # Most patterns name one action of a service that makes no administrators.
    return _read(pattern) if pattern[-1:] == "*" or pattern[:1] in _TELLING else _NOTHING


@lru_cache(maxsize=1 << 12)
def _read(pattern: str) -> _Action:
    low = pattern.lower()
    everything = bool(_STARS.fullmatch(low) or _ALL_ACTIONS.fullmatch(low))
    if everything:
        return _Action(True, "", True, True, True)
    found = _SERVICE.fullmatch(low) if low[-1:] == "*" else None
    service = found[1] if found else ""
    named = low[:1] not in "*?" and ":" in low and not _WILDCARDS.search(low.partition(":")[0])
    if low[:1] not in _TELLING or (named and not low.startswith(_MAKER_PREFIXES)):
        return _Action(False, service, False, False, False) if service else _NOTHING
    matches = _glob(low)
    return _Action(
        False,
        service,
        bool(matches(f"iam:{_ANY}")),
        any(matches(one) for one in _REWRITERS),
        _touches_makers(low),
    )


@lru_cache(maxsize=1 << 13)
def _actions(patterns: tuple[str, ...]) -> tuple[bool, bool, bool, frozenset[str]]:
    """Of several patterns: whether one covers everything, all of IAM, some rewriting of it; the services covered."""
    found = [_action(pattern) for pattern in patterns]
    return (
        any(one.everything for one in found), any(one.iam for one in found), any(one.rewrites for one in found),
        frozenset(one.service for one in found if one.service),
    )  # fmt: skip


@lru_cache(maxsize=1 << 12)
def _glob(pattern: str) -> Callable[[str], bool]:
    """Whether a text matches the pattern; most patterns are a word, or the beginning of one."""
    if not _WILDCARDS.search(pattern):
        return pattern.__eq__
    if _WILDCARDS.search(pattern[:-1]) is None and pattern[-1] == "*":
        start = pattern[:-1]
        return lambda text: text.startswith(start)
    form = re.compile("".join({"*": ".*", "?": "."}.get(one) or re.escape(one) for one in pattern), re.DOTALL)
    return lambda text: form.fullmatch(text) is not None


def _touches_makers(low: str) -> bool:
    """Whether a pattern can match an action that makes an administrator; leaving the organization is none."""
    head, colon, tail = low.partition(":")
    if not colon:
        return any(_glob(low)(f"{service}:{_ANY}") for service in _MAKERS)
    touched = [service for service in _MAKERS if _glob(head)(service)]
    return bool(touched) and not (touched == ["organizations"] and tail.startswith("leave"))


def every_resource(pattern: str) -> bool:
    """Whether a resource pattern matches every ARN."""
    return "*" in pattern and _EVERY_RESOURCE.fullmatch(pattern) is not None


def _service_resources(pattern: str) -> str:
    """The service of which a resource pattern matches every ARN; empty when there is none."""
    found = _SERVICE_RESOURCES.fullmatch(pattern) if pattern[-1:] == "*" else None
    return found[1] if found else ""


def _all_of_iam(patterns: list[str]) -> bool:
    return any(every_resource(one) or _service_resources(one) == "iam" for one in patterns)


def _may_name_makers(pattern: str) -> bool:
    """Whether a resource pattern can match a thing of IAM, STS or Organizations."""
    parts = pattern.split(":", 3)
    if len(parts) < 3:
        return "*" in pattern
    return any(_glob(parts[2])(service) for service in _MAKERS) or "*" in parts[0] + parts[1]


_NONE, _REST, _NEAR, _FULL = range(4)


def narrow(patterns: tuple[str, ...]) -> bool:
    """Whether an Allow of these action patterns has none of the bits of `allowed`, whatever else it says."""
    everything, _, rewrites, services = _actions(patterns)
    return not (services or rewrites or everything)


def allowed(one: Statement) -> int:
    """The bits of an Allow."""
    patterns = tuple(texts(one.Action))
    if one.NotAction is None and narrow(patterns):
        return 0
    everything, iam, rewrites, services = _actions(patterns)
    resources = texts(one.Resource)
    acts, things = _acts(one, everything), _things(one, resources)
    bits = WILD if _wild(acts, things, services, resources) else 0
    if acts and things:
        least = min(acts, things)
        if one.Condition:
            bits |= ADMIN_CONDITIONAL if least >= _NEAR else 0
        else:
            bits |= {_FULL: ADMIN, _NEAR: NEARLY, _REST: REST}[least]
    if not one.Condition and _reaches_iam(one, resources):
        if one.NotAction is not None:
            bits |= IAM if not any(_action(pattern).makers for pattern in texts(one.NotAction)) else 0
            bits |= REWRITES if acts >= _NEAR else 0
        else:
            bits |= IAM if iam else 0
            bits |= REWRITES if rewrites else 0
    return bits


def _reaches_iam(one: Statement, resources: list[str]) -> bool:
    if one.NotResource is not None:
        return not _all_of_iam(texts(one.NotResource))
    return _all_of_iam(resources)


def _acts(one: Statement, everything: bool) -> int:
    """How much of all actions: everything, all but something harmless, all but IAM, or none of these."""
    if one.NotAction is None:
        return _FULL if everything else _NONE
    exempt = texts(one.NotAction)
    if not exempt:
        return _FULL
    if any(_action(pattern).everything for pattern in exempt):
        return _NONE
    spared = [name for name in _REWRITERS if not any(_glob(pattern.lower())(name) for pattern in exempt)]
    return _NEAR if spared else _REST


def _things(one: Statement, resources: list[str]) -> int:
    """How much of all resources, as `_acts` does for actions."""
    if one.NotResource is None:
        return _FULL if any(every_resource(pattern) for pattern in resources) else _NONE
    exempt = texts(one.NotResource)
    if not exempt:
        return _FULL
    if any(every_resource(pattern) for pattern in exempt):
        return _NONE
    return _REST if _all_of_iam(exempt) else _NEAR


def _wild(acts: int, things: int, services: frozenset[str], resources: list[str]) -> bool:
    """Whether a whole service is allowed on every resource of it."""
    every = acts != _NONE
    if not every and not services:
        return False
    if things != _NONE:
        return True
    named = {_service_resources(pattern) for pattern in resources} - {""}
    return bool(named if every else named & services)


def denied(one: Statement) -> int:
    """The bits of a Deny: whether it can take something away from an administrator."""
    if one.NotAction is not None:
        exempt = [_glob(pattern.lower()) for pattern in texts(one.NotAction)]
        hit = not all(any(matches(f"{service}:{_ANY}") for matches in exempt) for service in _MAKERS)
    else:
        hit = any(_action(pattern).makers for pattern in texts(one.Action))
    if not hit:
        return 0
    if one.NotResource is not None:
        reached = not any(every_resource(pattern) for pattern in texts(one.NotResource))
    else:
        reached = one.Resource is None or any(_may_name_makers(pattern) for pattern in texts(one.Resource))
    return DENIES_ADMIN if reached else 0
