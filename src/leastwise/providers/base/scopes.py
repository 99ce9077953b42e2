"""The tables of a scope, as the floors above hand them to a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ScopeTables:
    """One scope of an estate: its fact tables by name, none when it could not be read.

    `time` is that of its snapshot, which may be long before the estate's; None where only the estate's matters.
    `provider` is whose scope it is, which may be a directory of the provider that is asked; empty where there are none.
    """

    kind: str
    id: str
    tables: Mapping[str, pa.Table]
    readable: bool = True
    time: datetime | None = None
    provider: str = ""
