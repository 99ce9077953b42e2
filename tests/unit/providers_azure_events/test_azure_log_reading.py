"""Files of Azure's logs: every form of delivery, what is broken, what is nobody's use, each record once."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from azure_events_support import drawn, record

from leastwise.providers.azure.events.drawing import Drawing
from leastwise.providers.azure.events.files import skips
from leastwise.providers.azure.events.reading import read
from leastwise.providers.logs.hourly import in_lower_case as called
from leastwise.providers.logs.hourly import order

EXPORTED = record("an exported record of success, in capitals")
BLOB = record("a blob, with what was checked")


def table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows as a query's answer has them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [{"name": name, "type": "string"} for name in names]
    return {"tables": [{"name": "PrimaryResult", "columns": columns,
                        "rows": [[row.get(name) for name in names] for row in rows]}]}  # fmt: skip


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


FORMS = {
    "lines": text(EXPORTED) + b"\n" + text(BLOB) + b"\n",
    "a byte order mark, blank lines": b"\xef\xbb\xbf\n" + text(EXPORTED) + b"\r\n\r\n" + text(BLOB),
    "records": text({"records": [EXPORTED, BLOB]}),
    "records over several lines": json.dumps({"records": [EXPORTED, BLOB]}, indent=1).encode(),
    "an array": json.dumps([EXPORTED, BLOB], indent=2).encode(),
    "pages": text({"value": [EXPORTED], "nextLink": "x"}) + b"\n" + text({"value": [BLOB]}),
    "messages of a hub": text([{"records": [EXPORTED]}, {"records": [BLOB]}]),
    "captured bodies": text({"SequenceNumber": 1, "Body": json.dumps({"records": [EXPORTED, BLOB]})}),
    "captured bodies in base64": text([{"Body": base64.b64encode(text({"records": [EXPORTED, BLOB]})).decode()}]),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_same(form: str) -> None:
    wanted, _ = drawn(EXPORTED, BLOB)
    found, _ = drawn(FORMS[form])
    assert found == wanted


def test_api_exports_and_workspaces_tell_of_one_event() -> None:
    names = ("an exported record of success, in capitals", "the API may tell evidence too", "a row of AzureActivity")
    rows, _ = drawn(*map(record, names), table([record("a row of AzureActivity")]))
    assert len(rows) == 4 and len({json.dumps(row, default=str) for row in rows}) == 1
    assert {row["id"].partition("@")[0] for row in rows} == {"c776f9f4-36e5-4e0e-809b-c9b3c3fb62a8"}


def test_records_that_differ_are_several_events() -> None:
    other = [
        EXPORTED | {"time": "2026-11-21T10:00:00.1234577Z"}, EXPORTED | {"resultType": "Start"},
        EXPORTED | {"resourceId": "/subscriptions/x"}, EXPORTED | {"operationName": "microsoft.compute/disks/write"},
        EXPORTED | {"correlationId": "other"}, BLOB, BLOB | {"operationName": "PutBlob"},
        BLOB | {"properties": BLOB["properties"] | {"operationCount": 1}},
        EXPORTED | {"correlationId": ""}, EXPORTED | {"correlationId": "", "callerIpAddress": "192.0.2.8"},
    ]  # fmt: skip
    rows, _ = drawn(EXPORTED, *other)
    assert len({row["id"] for row in rows}) == len(rows) == 11


def test_what_is_broken_is_told_with_its_place_and_the_rest_goes_on() -> None:
    lines = [text(EXPORTED), b'{"time": "2026-11-21T10:0', b"nothing", text(BLOB), text({"a": 1}), b"[]"]
    taken = Drawing().read(b"\n".join(lines))
    assert taken.events == 2
    assert [place for place, _ in taken.bad] == ["line 2", "line 3", "line 5"]
    assert taken.bad[2][1] == "is no record of Azure's logs"


def test_a_file_that_was_cut_off_gives_what_it_has() -> None:
    for whole in (json.dumps([EXPORTED, BLOB, EXPORTED], indent=2), "\n".join(map(json.dumps, (EXPORTED, BLOB, BLOB)))):
        taken = Drawing().read(whole[: int(len(whole) * 0.9)].encode())
        assert taken.events == 2 and taken.bad


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"time": None}, "has no time"),
        ({"time": "yesterday"}, "time 'yesterday' is no time"),
        ({"category": None, "properties": {}}, "names no category of logs"),
        ({"operationName": ""}, "names no operation"),
    ],
)
def test_what_a_record_must_have(change: dict[str, Any], why: str) -> None:
    [bad] = read(text(EXPORTED | change)).bad
    assert (bad.place, bad.why) == ("record 0", why)


@pytest.mark.parametrize(
    ("category", "why"),
    [
        *((one, f"{one} of the Activity Log, which is no use of a permission")
          for one in ("Policy", "ServiceHealth", "ResourceHealth", "Alert", "Autoscale", "Security", "Recommendation")),
        ("kube-audit-admin", "kube-audit-admin, a log of a Kubernetes cluster"),
        ("SQLSecurityAuditEvents", "SQLSecurityAuditEvents, of which no table tells the permissions"),
    ],
)  # fmt: skip
def test_what_is_nobodys_use_is_counted_by_kind(category: str, why: str) -> None:
    taken = Drawing().read(text([EXPORTED, EXPORTED | {"category": category}, EXPORTED | {"category": category}]))
    assert (taken.events, taken.bad, taken.skipped) == (1, (), f"2 times {why}")


@pytest.mark.parametrize("category", ["AuditLogs", "NonInteractiveUserSignInLogs", "MicrosoftGraphActivityLogs"])
def test_what_is_the_directorys_is_told_as_its(category: str) -> None:
    inner = {"activityDisplayName": "Add user", "id": "a"}
    office = {"Operation": "UserLoggedIn", "RecordType": 15}
    taken = Drawing().read(text([EXPORTED, EXPORTED | {"category": category}, inner, office]))
    assert (taken.events, taken.bad, taken.skipped, taken.elsewhere) == (1, (), "", {"entra": 3})
    assert skips(f"a/insights-logs-{category.lower()}/tenantId=T/y=2026/m=11/d=22/h=08/m=00/PT1H.json") == ""


def test_empty_lists_are_no_faults() -> None:
    for content in (b"", b"[]", b'{"records": []}', b'{"value": []}', text(table([]))):
        assert Drawing().read(content).bad == ()


def test_names_of_files() -> None:
    place = "/resourceId=/SUBSCRIPTIONS/S/y=2026/m=11/d=22/h=08/m=00/PT1H.json"
    assert [skips(f"a/{one}{place}") for one in ("insights-activity-logs", "insights-logs-storageread")] == ["", ""]
    assert skips("b/export.json") == skips("insights-logs-auditevent" + place) == ""
    assert "kube-audit" in skips(f"a/insights-logs-kube-audit{place}") and skips(f"insights-metrics-pt1m{place}")
    later = place.replace("h=08", "h=09")
    names = ["b.json", f"z/insights-activity-logs{place}", f"a/insights-activity-logs{later}"]
    assert sorted(names, key=order) == [names[1], names[2], names[0]]
    assert called("/Subscriptions/X") == ("/subscriptions/x",) and called("/x") == ()
