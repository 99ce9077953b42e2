"""What documents give and what a plan does to them, in words and plain values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from leastwise.model.plan import Held

from .. import catalog

_SHOWN = 3


def described(documents: Sequence[Held]) -> list[Mapping[str, Any]]:
    """Every Allow statement: policy, sid, actions, resources, whether under a condition."""
    return [
        {
            "policy": held.policy,
            "sid": one.get("Sid", ""),
            "actions": _texts(one.get("Action")) or [f"all but {text}" for text in _texts(one.get("NotAction"))],
            "resources": _texts(one.get("Resource")) or [f"all but {text}" for text in _texts(one.get("NotResource"))],
            "conditional": bool(one.get("Condition")),
        }
        for held in documents
        for one in _allows(held.document)
    ]


def sentence(before: Sequence[Held], kept: Collection[str], places: Collection[str], dropped: int) -> str:
    """`uses s3:GetObject on 3 buckets; drop the wildcard`.

    Args:
        before: the documents as they stand.
        kept: the permissions that stay because calls needed them.
        places: the resources that they were used on.
        dropped: how many permissions go.
    """
    names = sorted(kept)
    told = ", ".join(names) if len(names) <= _SHOWN else f"{len(names)} permissions"
    uses = f"uses {told}{_on(places)}" if names else "uses nothing that is recorded"
    if not dropped:
        return f"{uses}; nothing is to be dropped"
    wild = any("*" in text for held in before for one in _allows(held.document) for text in _texts(one.get("Action")))
    return f"{uses}; drop {'the wildcard' if wild else _number(dropped)}"


def _number(dropped: int) -> str:
    return "1 permission" if dropped == 1 else f"{dropped} permissions"


def _on(places: Collection[str]) -> str:
    counts = Counter(_noun(one) for one in places)
    parts = [f"{number} {_plural(noun) if number > 1 else noun}" for noun, number in sorted(counts.items())]
    return f" on {' and '.join(parts)}" if parts else ""


def _noun(place: str) -> str:
    """What a pattern of resources is called: an object in a bucket stands for its bucket."""
    fields = place.split(":", 5)
    if len(fields) < 6:
        return "resource"
    if fields[2] == "s3":
        return (
            "bucket"
            if (fields[5].endswith("/*") and fields[5].count("/") == 1) or "/" not in fields[5]
            else "object prefix"
        )
    types = catalog.resource_types_of(place, fields[2])
    return types[0].name.replace("-", " ").lower() if types else "resource"


def _plural(noun: str) -> str:
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch")) else f"{noun}s"


def _allows(document: bytes) -> Iterator[Mapping[str, Any]]:
    listed = json.loads(document)["Statement"]
    yield from (one for one in (listed if isinstance(listed, list) else [listed]) if one.get("Effect") == "Allow")


def _texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value] if isinstance(value, list) else []
