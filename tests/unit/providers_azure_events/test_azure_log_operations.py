"""One operation in several records is one use; what is remembered of records tells what each tells alone."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import yaml
from azure_events_support import READ, drawn, record
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.engine.columns import plain
from leastwise.providers.azure import catalog
from leastwise.providers.azure.events.drawing import Drawing
from leastwise.providers.azure.language.operations import canonical
from leastwise.store.lake.aggregate import usage_of

DATA = Path(catalog.__file__).parents[1] / "data/events"
EXPORTED = record("an exported record of success, in capitals")
STARTED = record("the beginning is a use without a record of its own, where an assignment allowed it")
ACCEPTED = record("what was accepted goes on")


def usage(*records: Any) -> dict[str, int]:
    """Authorised calls by how they are known."""
    drawing = Drawing()
    for one in records:
        drawing.read(json.dumps(one).encode())
    found: dict[str, int] = {}
    for row in plain(usage_of(drawing.drawn()["events"])).to_pylist():
        found[row["how"]] = found.get(row["how"], 0) + row["count"]
    return found


def test_beginning_acceptance_and_end_are_one_use() -> None:
    assert usage(STARTED, ACCEPTED, EXPORTED) == {"implied": 2, "call": 1}
    assert usage(STARTED) == {"implied": 1}


def test_a_refusal_is_wanted_and_not_used() -> None:
    drawing = Drawing()
    drawing.read(json.dumps(record("denied, by 403 alone")).encode())
    [row] = plain(usage_of(drawing.drawn()["events"])).to_pylist()
    assert (row["count"], row["denied"], row["last_used"]) == (0, 1, None)


def test_the_grant_is_kept_with_the_use() -> None:
    other = copy.deepcopy(EXPORTED)
    other["identity"]["authorization"]["evidence"]["roleAssignmentId"] = "F" * 32
    other["correlationId"] = "another"
    drawing = Drawing()
    drawing.read(json.dumps([EXPORTED, other]).encode())
    grants = {row["grant_id"]: row["count"] for row in plain(usage_of(drawing.drawn()["events"])).to_pylist()}
    assert grants == {"11bb11bb-cc22-dd33-ee44-55ff55ff55ff": 1, "ffffffff-ffff-ffff-ffff-ffffffffffff": 1}


def test_to_whom_an_assignment_gives_is_told_by_its_beginning() -> None:
    end = record("a role assignment of which nothing tells to whom")
    body = {"Id": "x", "Properties": {"PrincipalId": "FDE5BA15-4355-4223-B811-CCCCCCCCCCCC", "RoleDefinitionId": "r"}}
    begin = end | {"resultType": "Start", "properties": {"requestbody": json.dumps(body)}}
    _, changes = drawn(begin, end)
    [one] = changes
    where = end["resourceId"].lower().split("/")[2]
    assert (one["subject"], one["object"]) == ("fde5ba15-4355-4223-b811-cccccccccccc", f"r {where}")
    _, without = drawn(begin | {"correlationId": "other"}, end)
    assert [one["subject"] for one in without] == [end["resourceId"].lower()]


def test_every_permission_of_the_tables_is_in_the_catalogue() -> None:
    seen = 0
    for name in ("storage", "keyvault"):
        told = yaml.safe_load((DATA / f"{name}.yaml").read_text())
        prefix = told.pop("prefix")
        for rows in told.values():
            for operation, row in rows.items():
                assert len(row) == 1 or set(row) <= {"needs", "implied", "possible"}, operation
                for permission in (one for part in ("needs", "implied", "possible") for one in row.get(part, ())):
                    seen += 1
                    assert catalog.current().written(canonical(prefix + permission)) == prefix + permission, operation
    assert seen > 150


CHANGES: list[dict[str, Any]] = [
    {}, {"resourceId": "/SUBSCRIPTIONS/S2/RESOURCEGROUPS/Other"}, {"correlationId": "c2"}, {"operationName": "GetBlob"},
    {"resultType": "Start"}, {"resultType": "Failure"}, {"statusCode": 403}, {"statusCode": 404},
    {"callerIpAddress": "192.0.2.9:1"}, {"category": "StorageRead"}, {"properties": {}}, {"identity": {}},
    {"properties": {"objectKey": "/acct/other/x", "serviceType": "queue"}}, {"status": {"value": "Failed"}},
    {"operationName": "Microsoft.Web/sites/write"},
]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(READ), st.sampled_from(CHANGES)), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_records_together_tell_what_each_tells_alone(chosen: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    records = [case["record"] | change for case, change in chosen]
    together, _ = drawn(records)
    alone = [row for one in records for row in drawn([one])[0]]
    assert together == alone
