"""From an answer to the calls it leads to: the things listed in it, and the parameters to ask for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from .declaration import Call

_INSIDE = re.compile(r"\{([.$][^{}]*)\}")


One = TypeVar("One", bound=Call)


class Wanted(NamedTuple, Generic[One]):
    """A call to make: its parameters, those that it is known by, and the region if the thing says which."""

    call: One
    parameters: dict[str, Any]
    known: dict[str, Any]
    region: str


def opening(call: Call, around: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of a call that follows from no other; `around` says where it is made."""
    return {name: _value(template, None, around) for name, template in call.with_.items()}


def below(
    call: One, members: Mapping[str, Any], parameters: Mapping[str, Any], around: Mapping[str, str]
) -> Iterator[Wanted[One]]:
    """The calls that follow from an answer (its kept members) to a call with these parameters, made `around` here."""
    known = {**parameters, **around}
    if call.again:
        yield from _each(call, things(members, call.again), known)
    for one in call.below:
        yield from _each(one, things(members, one.each), known)


def instead(call: One, parameters: Mapping[str, Any], around: Mapping[str, str]) -> Iterator[Wanted[One]]:
    """The calls that are made in place of a call with these parameters that was denied."""
    for one in call.instead:
        yield from _each(one, iter((None,)), {**parameters, **around})


def _each(call: One, found: Iterator[Any], known: Mapping[str, Any]) -> Iterator[Wanted[One]]:
    chosen: Iterator[Any] = (thing for thing in found if _chosen(thing, call.where))
    for thing in _batches(chosen, call.together) if call.together > 1 else chosen:
        filled = {name: _value(template, thing, known) for name, template in call.with_.items()}
        # A thing without the member (a function without a policy id, say) leaves nothing to ask for.
        if all(value is not None for value in filled.values()):
            region = next(things(thing, call.at), None) if call.at else None
            about = {name: _value(template, thing, known) for name, template in call.about.items()}
            yield Wanted(call, filled, about or filled, region or "")


def things(members: Any, path: str) -> Iterator[Any]:
    """The values at a path of member names; lists on the way are looked through. An empty path is the whole answer."""
    found = [members]
    for name in path.split(".") if path else ():
        found = [one[name] for part in found for one in _flat(part) if isinstance(one, Mapping) and name in one]
    for part in found:
        yield from _flat(part) if path else (part,)


def subject(call: Call, parameters: Mapping[str, Any]) -> str:
    """What an answer is about, as raw documents name it: the parameters that are not constants, joined by \\x1f."""
    names = call.subject
    if names is None:
        names = [name for name, template in (call.about or call.with_).items() if _varies(template, call.AROUND)]
    return "\x1f".join(_told(parameters[name]) for name in names)


def _varies(template: Any, around: tuple[str, ...]) -> bool:
    if not isinstance(template, str):
        return False
    if _INSIDE.search(template):
        return True
    return template[:1] in (".", "$") and template[1:] not in around


def _told(value: Any) -> str:
    """A parameter in words; of things asked for together the first, which no other call has."""
    if isinstance(value, list):
        return f"{value[0]} and {len(value) - 1} more" if len(value) > 1 else str(value[0])
    return str(value)


def _batches(found: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while batch := list(islice(found, size)):
        yield batch


def _flat(part: Any) -> Iterator[Any]:
    if isinstance(part, list):
        for one in part:
            yield from _flat(one)
    else:
        yield part


def _chosen(thing: Any, where: Mapping[str, list[Any]]) -> bool:
    return all(_among(next(things(thing, path), None), values) for path, values in where.items())


def _among(value: Any, values: list[Any]) -> bool:
    return value in values or any(
        isinstance(one, str) and one.endswith("*") and isinstance(value, str) and value.startswith(one[:-1])
        for one in values
    )


def _value(template: Any, thing: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(template, list):
        values = [_value(one, thing, parameters) for one in template]
        return None if None in values else values
    if isinstance(template, dict):
        return {name: _value(one, thing, parameters) for name, one in template.items()}
    if not isinstance(template, str):
        return template
    if parts := _INSIDE.findall(template):
        found = {part: _value(part, thing, parameters) for part in parts}
        return None if None in found.values() else _INSIDE.sub(lambda one: str(found[one[1]]), template)
    if template == ".":
        return thing
    if template.startswith("."):
        return next(things(thing, template[1:]), None)
    if template.startswith("$"):
        return parameters.get(template[1:])
    return template
