"""Things that calls name without saying where: the same name may stand in several regions."""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")


def region_of(arn: str) -> str:
    """The region in an ARN; empty when it has none, or is no ARN."""
    parts = arn.split(":", 5)
    return parts[3] if len(parts) == 6 and parts[0] == "arn" else ""


class Names(Generic[Value]):
    """Values by region and name. A region that is not known is the empty text."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, Value]] = {}

    def put(self, region: str, name: str, value: Value) -> None:
        """Add a value; the last one of a region and name stays."""
        self._values.setdefault(name, {})[region] = value

    def get(self, region: str, name: str) -> Value | None:
        """The value in the region; where a region is not known, the only value there is of the name."""
        found = self._values.get(name, {})
        if region in found:
            return found[region]
        if region:
            return found.get("")
        return next(iter(found.values())) if len(found) == 1 else None
