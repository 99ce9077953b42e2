"""The audit logs in the packed form of the bundle (`leastwise.demo.google_logs` unpacks it), and the truth behind them.

Entries repeat, so the archive holds shapes, which are entries with a place for time and id, and by file a row an entry:
its shape, and the seconds since the row before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from demo_company.google.acts import NOWHERE, Act, entry
from demo_company.ids import SEED
from demo_company.logs.truth import Row

BUCKET = "bw-audit-logs"
_TIME, _ID = "\x02time\x03", "\x02id\x03"


def packed(acts: Iterable[Act]) -> bytes:
    """The archive of everything that a log has."""
    shapes: dict[str, int] = {}
    files: dict[str, list[int]] = {}
    before: dict[str, int] = {}
    for one in acts:
        if one.log == NOWHERE:
            continue
        shape = _shape(one)
        moment = datetime.fromtimestamp(one.when, UTC)
        name = f"{BUCKET}/cloudaudit.googleapis.com/{one.log}/{moment:%Y/%m/%d}/00_00_00_23_59_59_S0.json.gz"
        midnight = int(moment.replace(hour=0, minute=0, second=0).timestamp())
        files.setdefault(name, []).extend(
            (shapes.setdefault(shape, len(shapes)), one.when - before.get(name, midnight))
        )
        before[name] = one.when
    told = {"seed": SEED, "shapes": list(shapes), "files": sorted(files.items())}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def _shape(one: Act) -> str:
    text = json.dumps(entry(one, _TIME, _ID), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    text = text.replace("%", "%%")
    for mark, place in ((_TIME, "%(t)s"), (_ID, "%(i)s")):
        text = text.replace(json.dumps(mark)[1:-1], place)
    return text


def truth(acts: Iterable[Act]) -> dict[tuple[str, str, str, bool], Row]:
    """By principal, permission, bucket of resources and whether it is logged."""
    found: dict[tuple[str, str, str, bool], Row] = {}
    for one in acts:
        key = one.who.principal, one.call.permission, one.call.bucket, one.log != NOWHERE
        row = found.setdefault(key, Row())
        row.first = min(row.first or one.when, one.when)
        row.last = max(row.last, one.when)
        row.calls += 1
        row.denied += one.denied
    return dict(sorted(found.items()))
