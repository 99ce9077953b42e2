"""From entries of Google Cloud's audit logs to verdicts: what was authorised is used, what is not told never unused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.engine.columns import plain
from leastwise.model.gap import Use, Window
from leastwise.model.usage import unpacked
from leastwise.providers.gcp.events.drawing import Drawing
from leastwise.store.lake.aggregate import sightings_of, usage_of
from leastwise.usage.gap import verdict
from leastwise.usage.uses import Known, Uses

CASES = Path(__file__).parents[2] / "cases/gcp_events/entries.jsonl"
READ = [json.loads(line) for line in CASES.read_text().splitlines()]
WINDOW = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
PERMISSION, RESOURCE = "storage.objects.get", "projects/_/buckets/b/objects/o"


def events(*entries: dict[str, Any]) -> pa.Table:
    drawing = Drawing()
    drawing.read(json.dumps(list(entries)).encode())
    return drawing.drawn()["events"]


def known(*entries: dict[str, Any], principal: str) -> dict[str, Known]:
    return dict(Uses(usage_of(events(*entries)), WINDOW).of(principal))


def entry(code: int | None, granted: bool | None, told: bool, id: str = "i") -> dict[str, Any]:
    """A read of an object that ended with a code, and what `authorizationInfo` says of it, if it is told."""
    checked: dict[str, Any] = {"permission": PERMISSION, "resource": RESOURCE}
    checked |= {} if granted is None else {"granted": granted}
    return {
        "insertId": id, "timestamp": "2026-11-01T10:00:00Z",
        "logName": "projects/web/logs/cloudaudit.googleapis.com%2Fdata_access",
        "resource": {"type": "gcs_bucket", "labels": {"project_id": "web"}},
        "protoPayload": {
            "serviceName": "storage.googleapis.com", "methodName": PERMISSION, "resourceName": RESOURCE,
            "authenticationInfo": {"principalEmail": "ann@corp.example"},
            "authorizationInfo": [checked] if told else [], **({} if code is None else {"status": {"code": code}}),
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    "code, granted, told, wanted",
    [
        (None, True, True, Use.USED),
        (0, True, True, Use.USED),
        (5, True, True, Use.USED),
        (7, True, True, Use.USED),
        (7, False, True, Use.UNUSED),
        (7, None, True, Use.UNUSED),
        (None, None, True, Use.UNOBSERVABLE),
        (5, None, True, Use.UNOBSERVABLE),
        (None, None, False, Use.USED),
        (7, None, False, Use.UNUSED),
        (5, None, False, Use.UNOBSERVABLE),
        (16, None, False, Use.UNOBSERVABLE),
        (13, None, False, Use.UNOBSERVABLE),
    ],
)
def test_verdicts(code: int | None, granted: bool | None, told: bool, wanted: Use) -> None:
    found = known(entry(code, granted, told), principal="user:ann@corp.example")
    assert verdict(found[PERMISSION], "")[0] is wanted
    assert found[PERMISSION].done.denied == (wanted is Use.UNUSED)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.none() | st.integers(0, 16), st.none() | st.booleans(), st.booleans()), min_size=1, max_size=5
    )
)
def test_only_refused_calls_leave_a_permission_unused(calls: list[tuple[int | None, bool | None, bool]]) -> None:
    """A law: whatever calls there are, the permission is unused only if each of them was refused for the lack of it."""
    entries = [entry(*one, id=str(at)) for at, one in enumerate(calls)]
    found = known(*entries, principal="user:ann@corp.example")[PERMISSION]
    refused = [
        (told and granted is False) or (code == 7 and not (told and granted)) for code, granted, told in calls
    ]  # fmt: skip
    assert (verdict(found, "")[0] is Use.UNUSED) == all(refused)


@pytest.mark.parametrize("case", READ, ids=[one["name"] for one in READ])
def test_every_fact_reaches_the_verdict(case: dict[str, Any]) -> None:
    table = events(case["entry"])
    [row] = plain(table).to_pylist()
    facts = unpacked(row["facts"])
    told = {(fact.permission, fact.how, fact.outcome) for fact in facts}
    told |= {(row["permission"], "call", row["outcome"])} if row["permission"] and not facts else set()
    counted = plain(usage_of(table)).to_pylist()
    if not row["principal"]:
        assert counted == [] and not sightings_of(table).num_rows
        return
    assert {(one["permission"], one["how"]) for one in counted} == {(name, how) for name, how, _ in told}
    found = known(case["entry"], principal=row["principal"])
    used = {name for name, how, ended in told if ended in ("allowed", "failed") and how == "call"}
    assert {name for name, one in found.items() if verdict(one, "")[0] is Use.USED} == used
    assert all(one["account"] == row["owner"] and one["source"] == "cloudaudit" for one in counted)


def test_calls_are_counted_once_an_operation() -> None:
    began = entry(None, True, True, "a")
    ended = entry(None, None, False, "b") | {"operation": {"id": "o", "last": True}}
    found = known(began, ended, principal="user:ann@corp.example")[PERMISSION]
    assert found.hows == {"call", "implied"}
    calls = [one for one in plain(usage_of(events(began, ended))).to_pylist() if one["how"] == "call"]
    assert [one["count"] for one in calls] == [1]
    assert found.done.last == datetime(2026, 11, 1, 10, tzinfo=UTC) and WINDOW.slack == timedelta(days=1)
