"""Files of the directory's logs: forms, wrappers, tables in CSV, and what is broken."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
from typing import Any

import pytest
from entra_events_support import READ, TENANT, drawn, record
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.providers.entra.events.drawing import Drawing
from leastwise.providers.entra.events.files import skips
from leastwise.providers.entra.events.reading import read

RESET = record("a user resets a password")
ENVELOPE = record("the same in an envelope, which tells the tenant")
WITHIN = record("a row of Search-UnifiedAuditLog, its record within")
AZURE = {
    "time": "2026-11-21T10:00:00Z", "operationName": "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE",
    "category": "Administrative", "resourceId": "/SUBSCRIPTIONS/361DA5D4-A47A-4C79-AFDD-000000000001",
}  # fmt: skip


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def table(rows: list[dict[str, Any]], first: str = "") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["PSComputerName", "CreationDate", "Operations", "AuditData"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return (first + out.getvalue()).encode("utf-8-sig")


@pytest.mark.parametrize(
    "content",
    [
        text(RESET), text([RESET]), text({"value": [RESET], "@odata.nextLink": "x"}), text({"records": [RESET]}),
        text({"Body": base64.b64encode(text({"records": [RESET]})).decode()}), b"\xef\xbb\xbf" + text(RESET),
        json.dumps(RESET, indent=2).encode(), text(RESET) + b"\n" + text(RESET),
        text({"tables": [{"columns": [{"name": one} for one in RESET], "rows": [list(RESET.values())]}]}),
    ],
)  # fmt: skip
def test_whatever_carries_it_a_record_is_the_same_event(content: bytes) -> None:
    rows, _ = drawn(content)
    assert {one["id"] for one in rows} == {RESET["id"]}
    assert {(one["principal"], one["permission"]) for one in rows} == {
        ("0b000000-0000-4000-8000-000000000001", "microsoft.directory/users/password/update")
    }


def test_forms_of_one_record_are_one_event() -> None:
    row = {name[:1].upper() + name[1:]: value for name, value in RESET.items()}
    row |= {"InitiatedBy": json.dumps(RESET["initiatedBy"]), "TargetResources": json.dumps(RESET["targetResources"]),
            "TimeGenerated": RESET["activityDateTime"], "AADTenantId": TENANT, "Type": "AuditLogs"}  # fmt: skip
    envelope = ENVELOPE | {"properties": RESET}
    rows, changes = drawn([RESET, envelope, row])
    told = [{name: one[name] for name in ("id", "time", "principal", "permission", "outcome", "ip")} for one in rows]
    assert told[0] == told[1] == told[2] and len(changes) == 3
    assert [one["account"] for one in rows] == ["", TENANT, TENANT]


def test_rows_of_powershell_in_csv() -> None:
    whole, _ = drawn(table([WITHIN, WITHIN]))
    typed, _ = drawn(table([WITHIN], "#TYPE Selected.System.Management.Automation.PSCustomObject\r\n"))
    assert [one["name"] for one in whole] == ["delete user"] * 2 and len(typed) == 1
    batch = read(table([WITHIN, {"AuditData": "{broken"}, {"AuditData": ""}, WITHIN]))
    assert len(batch.records) == 2 and [one.place for one in batch.bad] == ["row 2", "row 3"]
    cut = read(table([WITHIN, WITHIN])[:-40])
    assert len(cut.records) == 1 and [one.place for one in cut.bad] == ["row 2"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"activityDateTime": None}, "has no time"),
        ({"activityDateTime": "yesterday"}, "time 'yesterday' is no time"),
        ({"activityDisplayName": " "}, "names no operation"),
    ],
)
def test_what_a_record_must_have(change: dict[str, Any], why: str) -> None:
    batch = read(text([RESET | change, RESET]))
    assert [(one.place, one.why) for one in batch.bad] == [("record 0", why)] and len(batch.records) == 1


def test_what_is_not_the_directorys() -> None:
    taken = Drawing().read(text([RESET, AZURE, ENVELOPE | {"category": "RiskyUsers"}, {"x": 1}]))
    assert (taken.events, taken.elsewhere) == (1, {"azure": 1})
    assert taken.skipped == "1 times RiskyUsers, which is no use of a permission"
    assert taken.bad == (("record 3", "is no record of the directory's logs"),)
    for content in (b"", b"[]", b'{"records": []}', b'{"value": []}'):
        assert Drawing().read(content).bad == ()


def test_names_of_files() -> None:
    place = f"insights-logs-auditlogs/tenantId={TENANT}/y=2026/m=11/d=22/h=08/m=00/PT1H.json"
    assert skips(place) == skips("audit.json") == skips("insights-activity-logs/x.json") == ""
    assert skips("a/insights-metrics-pt1m/x.json")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["id", "user", "app", "displayName", "modifiedProperties", "newValue", "oldValue", "Name", "ID", "Type"]
    ), inner, max_size=3), max_leaves=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(READ), st.data())
def test_a_record_with_a_part_replaced_by_anything_breaks_nothing(case: dict[str, Any], data: st.DataObject) -> None:
    broken = json.loads(json.dumps(case["record"]))
    place = (
        broken.get("properties") if isinstance(broken.get("properties"), dict) and data.draw(st.booleans()) else broken
    )
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(_VALUES)
    drawing = Drawing()
    taken = drawing.read(text([broken, RESET]))
    tables = drawing.drawn()
    assert tables["events"].num_rows == taken.events >= 1


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=64), st.integers(0, 400))
def test_bytes_of_any_kind_are_told_and_not_raised(noise: bytes, at: int) -> None:
    content = text(RESET)
    Drawing().read(noise)
    Drawing().read(content[:at] + noise + content[at:])
    Drawing().read(gzip.compress(content)[:at])


def workspace(row: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerow(row)
    return out.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize("zone", ["", " [UTC]"])
@pytest.mark.parametrize("time", ["2026-11-21T10:00:00.123Z", "11/21/2026, 10:00:00.123 AM"])
def test_a_table_of_a_workspace_is_its_rows(zone: str, time: str) -> None:
    row = {
        "TenantId": "w", f"TimeGenerated{zone}": time, f"ActivityDateTime{zone}": time, "Id": "Directory_9",
        "ActivityDisplayName": "Reset user password", "Category": "UserManagement", "AADTenantId": TENANT,
        "LoggedByService": "Core Directory", "Result": "success", "ResultReason": "", "Type": "AuditLogs",
        "InitiatedBy": json.dumps({"user": {"id": "0b000000-0000-4000-8000-000000000001"}}),
        "TargetResources": json.dumps([{"id": "0b000000-0000-4000-8000-000000000002", "type": "User"}]),
    }  # fmt: skip
    (one,), _ = drawn(workspace(row))
    assert (one["id"], one["permission"]) == ("Directory_9", "microsoft.directory/users/password/update")
    assert one["time"].isoformat()[:16] == "2026-11-21T10:00"
    assert not read(workspace(row)).bad


def test_a_table_of_the_portal_is_told_once() -> None:
    row = {"Date (UTC)": "2026-11-21T10:00:00Z", "Request ID": "x", "User ID": "y", "Application": "z"}
    content = workspace(row) + b'"2026-11-21T10:00:00Z","x","y","z"\r\n' * 9
    assert [(one.place, "download it as JSON" in one.why) for one in read(content).bad] == [("line 1", True)]
