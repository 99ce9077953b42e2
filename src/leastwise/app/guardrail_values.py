"""Guardrails as plain values."""

from __future__ import annotations

import json
from typing import Any

from .guarding import Guardrail


def guardrail_values(one: Guardrail) -> dict[str, Any]:
    """A guardrail as the JSON interface has it."""
    replay = one.replay
    return {
        "target": one.target,
        "kind": one.kind,
        "ready": not one.blocked,
        "blocked": one.blocked,
        "doubt": one.doubt,
        "document": json.loads(one.document),
        "length": one.length[0],
        "most": one.length[1],
        "unit": one.unit,
        "denied": [{"permissions": list(each.permissions), "but": list(each.but)} for each in one.denied],
        "unseen": dict(one.unseen),
        "left": list(one.left),
        "replay": {
            "begin": one.begin.isoformat(), "end": one.end.isoformat(), "calls": replay.calls,
            "asked": replay.asked, "would_break": len(replay.broken), "undecided": len(replay.undecided),
            "holds_back": _pair(replay.effect), "does_not_hold_back": _pair(replay.toothless),
        },
        "changes": [one.change.values()],
        "inverse": [each.values() for each in one.change.inverse],
    }  # fmt: skip


def _pair(found: tuple[str, str] | None) -> dict[str, str] | None:
    return None if found is None else {"principal": found[0], "permission": found[1]}
