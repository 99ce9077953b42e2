"""What the usage lake holds: spans by account and log, files, names that were not resolved, what was set aside."""

from __future__ import annotations

from typing import Any

from .wiring import Workspace


def status(workspace: Workspace) -> dict[str, Any]:
    """`items` (one an account and log), `files`, `unresolved`, `set_aside` and `compiled` (whether compiled code reads
    logs, by provider, of those that have such code), as the JSON of `events --status`.

    Raises:
        IntegrityError, StoreError: the lake cannot be read.
    """
    lake = workspace.lake
    bad = lake.sources(bad=True)
    return {
        "items": [
            {
                "provider": one.provider, "account": one.account, "log": one.log, "events": one.events,
                "first": one.first.isoformat(), "last": one.last.isoformat(),
            }
            for one in lake.spans()
        ],
        "files": {"taken": len(lake.sources()) - len([one for one in bad if one.state == "failed"]),
                  "set_aside": len(bad)},
        "unresolved": [
            {"provider": one.provider, "source": one.source, "name": one.name, "events": one.events}
            for one in lake.unresolved()
        ],
        "set_aside": [
            {"file": one.name, "place": place, "why": why, "state": one.state, "records": one.bad}
            for one in bad
            for place, why in one.detail
        ],
        "compiled": {
            name: one.logs.compiled()
            for name, one in workspace.providers().items()
            if one.logs is not None and one.logs.compiled is not None
        },
    }  # fmt: skip
