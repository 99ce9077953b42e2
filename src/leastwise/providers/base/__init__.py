"""What a provider offers to the floors above. A provider's package exposes one value, `PROVIDER`."""

from __future__ import annotations

from .answering import Answering
from .catalog import Catalog, CatalogPart
from .changing import Changing, Layer
from .collecting import Check, Collector, CollectRun, Diagnosis, PlannedCall, Step, Unknown, Want, journal_name
from .escalating import Escalating, Scenario, Sides, one_side
from .federating import Federating, IdForm
from .logs import Altered, Drawing, Folder, Logs, Observing, ReadLog, Told
from .provider import Conform, Progress, Provider, ReadExports
from .scopes import ScopeTables

__all__ = [
    "Altered",
    "Answering",
    "Catalog",
    "CatalogPart",
    "Changing",
    "Check",
    "CollectRun",
    "Collector",
    "Conform",
    "Diagnosis",
    "Drawing",
    "Escalating",
    "Federating",
    "Folder",
    "IdForm",
    "Layer",
    "Logs",
    "Observing",
    "PlannedCall",
    "Progress",
    "Provider",
    "ReadExports",
    "ReadLog",
    "Scenario",
    "ScopeTables",
    "Sides",
    "Step",
    "Told",
    "Unknown",
    "Want",
    "journal_name",
    "one_side",
]
