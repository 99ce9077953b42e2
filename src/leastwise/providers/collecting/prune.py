"""What of an answer is kept: only members on the allow-list, and of members marked `hash` only the names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .declaration import Keep

Hash = Callable[[str], str]


def prune(value: Any, keep: Keep, hashed: Hash) -> Any:
    """The value without what `keep` does not name; lists are looked through. `hashed` hashes one text."""
    if isinstance(value, list):
        return [prune(one, keep, hashed) for one in value]
    if not isinstance(value, dict):
        return None
    result = {}
    for name, below in keep.items():
        # `*` stands for members whose names are the customer's own, such as those of a map.
        for member in value if name == "*" else (name,):
            found = value.get(member)
            if found is not None:
                result[member] = _kept(found, below, hashed)
    return result


def _kept(found: Any, below: Any, hashed: Hash) -> Any:
    if below is None:
        return found
    if below == "hash":
        return _hash(found, hashed)
    return prune(found, below, hashed)


def _hash(found: Any, hashed: Hash) -> Any:
    """Names stay, values do not: a variable may be called `name` or `key`. Of pairs, mark only the value."""
    if isinstance(found, list):
        return [_hash(one, hashed) for one in found]
    if isinstance(found, dict):
        return {key: _hash(one, hashed) for key, one in found.items()}
    if isinstance(found, bool):
        return found
    return hashed(found if isinstance(found, str) else str(found))
