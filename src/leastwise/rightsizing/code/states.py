"""State of Terraform: which address is which thing of the cloud. Only ids and names are taken: state holds secrets,
too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leastwise.errors import InputError
from leastwise.model.coding import Coding


@dataclass(frozen=True, slots=True)
class Known:
    """What state tells of an address: the cloud's ids, and the attributes that name it or its owner."""

    ids: frozenset[str]
    attributes: Mapping[str, str]


def is_state(found: Any) -> bool:
    """Whether JSON is a state file, `terraform show -json`, or a plan as JSON."""
    return isinstance(found, Mapping) and (
        ("terraform_version" in found and ("resources" in found or "values" in found or "planned_values" in found))
        or ("format_version" in found and ("values" in found or "planned_values" in found))
    )


def read_state(file: str, found: Any, codings: Sequence[Coding]) -> dict[str, Known]:
    """What a state tells, by address. Raises InputError where it is not of a known form."""
    taken = {name for coding in codings for name in _attributes(coding)}
    ids = {name for coding in codings for name in coding.identifies}
    try:
        rows = list(_rows(found))
        return {
            address: Known(
                frozenset(str(values[one]) for one in ids if isinstance(values.get(one), str)),
                {one: str(values[one]) for one in taken if isinstance(values.get(one), str)},
            )
            for address, values in rows
        }
    except (KeyError, TypeError, AttributeError, ValueError):
        raise InputError(file, "looks like state of Terraform, and is not of a form that is known") from None


def _attributes(coding: Coding) -> Iterator[str]:
    yield from coding.names.values()
    for carrier in coding.carriers:
        yield from carrier.name[-1:]
        yield from (path[-1] for path in carrier.owner)
    for attacher in coding.attachers:
        yield attacher.bundle[-1]
        yield from (path[-1] for path in (*attacher.to, *attacher.on))


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "resources" in found:
        for one in found["resources"]:
            if one["mode"] == "managed":
                module = f"{one['module']}." if one.get("module") else ""
                for instance in one["instances"]:
                    key = instance.get("index_key")
                    index = "" if key is None else f'["{key}"]' if isinstance(key, str) else f"[{key}]"
                    yield f"{module}{one['type']}.{one['name']}{index}", instance.get("attributes") or {}
        return
    # What is there already comes before what is planned: an id is known after it is made only.
    prior = found.get("prior_state") or {}
    for values in (found.get("values"), found.get("planned_values"), prior.get("values")):
        if values:
            yield from _module(values["root_module"])


def _module(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    waiting = [found]
    while waiting:
        module = waiting.pop()
        for one in module.get("resources", ()):
            if one["mode"] == "managed":
                yield one["address"], one["values"]
        waiting += module.get("child_modules", ())
