"""Lists of an estate that are opened, not read: pages, counts by value, single rows, texts, in any order."""

from __future__ import annotations

from .asked import Filters, Page
from .choosing import Sight, Values
from .counting import Facet
from .lists import Listing
from .overview import counted, heatmap, overview
from .searching import Hit
from .worked_out import keep, told

__all__ = [
    "Facet",
    "Filters",
    "Hit",
    "Listing",
    "Page",
    "Sight",
    "Values",
    "counted",
    "heatmap",
    "keep",
    "overview",
    "told",
]
