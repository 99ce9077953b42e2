"""From an answer to the calls it leads to: the things listed in it, and the parameters to ask for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .declaration import Call


class Wanted(NamedTuple):
    """A call to make: its parameters, and the region if the thing says which."""

    call: Call
    parameters: dict[str, Any]
    region: str


def below(call: Call, members: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[Wanted]:
    """The calls that follow from an answer (its kept members) to a call with these parameters."""
    for one in call.then:
        for thing in things(members, one.each):
            if one.where and not _chosen(thing, one.where):
                continue
            filled = {name: _value(template, thing, parameters) for name, template in one.with_.items()}
            # A thing without the member (a function without a policy id, say) leaves nothing to ask for.
            if all(value is not None for value in filled.values()):
                region = next(things(thing, one.at), None) if one.at else None
                yield Wanted(one, filled, region or "")


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
        names = [name for name, template in call.with_.items() if isinstance(template, str) and template[:1] in ".$"]
    return "\x1f".join(str(parameters[name]) for name in names)


def _flat(part: Any) -> Iterator[Any]:
    if isinstance(part, list):
        for one in part:
            yield from _flat(one)
    else:
        yield part


def _chosen(thing: Any, where: Mapping[str, list[Any]]) -> bool:
    return all(next(things(thing, path), None) in values for path, values in where.items())


def _value(template: Any, thing: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(template, list):
        values = [_value(one, thing, parameters) for one in template]
        return None if None in values else values
    if isinstance(template, dict):
        return {name: _value(one, thing, parameters) for name, one in template.items()}
    if not isinstance(template, str):
        return template
    if template == ".":
        return thing
    if template.startswith("."):
        return next(things(thing, template[1:]), None)
    if template.startswith("$"):
        return parameters.get(template[1:])
    return template
