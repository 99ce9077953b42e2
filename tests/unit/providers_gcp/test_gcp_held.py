"""What the lake holds of Google Cloud's logs, by the names that fetching gives and the lake tells: spans, days, sinks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gcp_support import ORG, RM, asset, organization, project, translated

from leastwise.providers.base import Folder, ScopeTables, Told
from leastwise.providers.gcp.log_names import recent_name, span_name
from leastwise.providers.gcp.observing import kept
from leastwise.providers.gcp.observing.sinks import taken

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CONTAINERS = (ORG, "folders/2", "projects/web")
BOTH = ("activity", "data_access")
SINK = {"name": "all", "destination": "storage.googleapis.com/logs-b", "includeChildren": True}


def estate(folder: Path, *sinks: dict[str, Any]) -> list[Told]:
    """An organization with a folder and a project in it, and its sinks."""
    found = translated(folder, organization(), *_below(), *(
        asset(f"//logging.googleapis.com/{ORG}/sinks/{one['name']}", "logging.googleapis.com/LogSink", [ORG],
              resource={"data": SINK | one}) for one in sinks
    ))  # fmt: skip
    return [Told(NOW, [ScopeTables(found[0], NOW, found[1])])] if isinstance(found, tuple) else found


def _below() -> list[dict[str, Any]]:
    folder = asset(f"{RM}folders/2", "cloudresourcemanager.googleapis.com/Folder", ["folders/2", ORG],
                   resource={"data": {"name": "folders/2", "parent": ORG}})  # fmt: skip
    return [folder, project()]
