"""Files of Cloud Logging in every form that they come in: the same entry, once; what else is there is told."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.providers.gcp.events.drawing import Drawing
from leastwise.providers.gcp.events.files import order, skips
from leastwise.providers.gcp.events.reading import read
from leastwise.providers.logs.moments import moment

ENTRY: dict[str, Any] = {
    "insertId": "abc",
    "logName": "projects/web/logs/cloudaudit.googleapis.com%2Factivity",
    "timestamp": "2026-11-01T10:00:00.123456789Z",
    "resource": {"type": "project", "labels": {"project_id": "web"}},
    "protoPayload": {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "cloudresourcemanager.googleapis.com",
        "methodName": "SetIamPolicy",
        "resourceName": "projects/web",
        "authenticationInfo": {"principalEmail": "ann@corp.example"},
        "authorizationInfo": [
            {"permission": "resourcemanager.projects.setIamPolicy", "resource": "projects/web", "granted": True}
        ],
        "serviceData": {
            "policyDelta": {
                "bindingDeltas": [{"action": "ADD", "role": "roles/viewer", "member": "user:bob@x.example"}]
            }
        },
        "request": {"a_b": 1},
    },
}
OTHER = {"insertId": "x", "logName": "projects/web/logs/requests", "timestamp": "2026-11-01T10:00:00Z",
         "httpRequest": {"status": 200}}  # fmt: skip


def snake(value: Any) -> Any:
    """The same with the names of protocol buffers."""
    if isinstance(value, list):
        return [snake(one) for one in value]
    if isinstance(value, dict):
        names = {name: "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name) for name in value}
        return {names[name]: snake(one) for name, one in value.items()}
    return value


def bigquery() -> dict[str, Any]:
    """The entry as a row of a BigQuery sink: other names, texts of JSON, columns for everything, times otherwise."""
    row = {key: value for key, value in ENTRY.items() if key != "protoPayload"}
    payload = {
        key: value for key, value in ENTRY["protoPayload"].items() if key not in ("@type", "serviceData", "request")
    }
    info = {"principalSubject": None, "serviceAccountDelegationInfo": [], "serviceAccountKeyName": None}
    payload["authenticationInfo"] = payload["authenticationInfo"] | info
    payload |= {"requestJson": json.dumps({"a_b": 1}), "status": None, "metadataJson": None}
    payload["servicedata_v1_iam"] = snake(ENTRY["protoPayload"]["serviceData"])
    return row | {"timestamp": "2026-11-01 10:00:00.123456 UTC", "protopayload_auditlog": payload, "jsonPayload": None}


def envelope(entry: Any) -> dict[str, Any]:
    return {"message": {"data": base64.b64encode(json.dumps(entry).encode()).decode(), "messageId": "1"}}


LINE = json.dumps(ENTRY)
FORMS: dict[str, str] = {
    "a line": LINE,
    "gcloud's array": json.dumps([ENTRY], indent=2),
    "a page": json.dumps({"entries": [ENTRY], "nextPageToken": "t"}),
    "an envelope of Pub/Sub": json.dumps(envelope(ENTRY)),
    "messages that were pulled": json.dumps({"receivedMessages": [envelope(ENTRY)]}),
    "gcloud's pulled messages": json.dumps([envelope(ENTRY)]),
    "a message with its data as text": json.dumps({"message": {"data": LINE}}),
    "an event of Eventarc": json.dumps(
        {"specversion": "1.0", "type": "google.cloud.audit.log.v1.written", "data": ENTRY}
    ),
    "a row of BigQuery": json.dumps(bigquery()),
    "rows of BigQuery": json.dumps([bigquery()]),
    "names with underscores": json.dumps(snake(ENTRY)),
    "over several lines": json.dumps(ENTRY, indent=2) + "\n\n",
    "with a mark of order": "\ufeff" + LINE,
}


def rows(content: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    drawing = Drawing()
    drawing.read(content)
    tables = drawing.drawn()
    return tables["events"].to_pylist(), tables["changes"].to_pylist()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(form: str) -> None:
    assert rows(FORMS[form].encode()) == rows(LINE.encode())
    assert rows(LINE.encode())[1][0]["object"] == "roles/viewer web"


def test_values_one_after_the_other() -> None:
    written = "\n".join(
        [json.dumps(ENTRY, indent=1), "Query: what was asked", LINE, "{broken", json.dumps(OTHER, indent=1)]
    )
    batch = read(written.encode())
    assert len(batch.records) == 2
    assert dict(batch.others) == {"no audit log: requests": 1}
    lines = written.split("\n")
    assert [one.place for one in batch.bad] == [
        f"line {lines.index(one) + 1}" for one in ("Query: what was asked", "{broken")
    ]


def test_what_is_no_audit_log_is_told_with_its_reason() -> None:
    drawing = Drawing()
    assert drawing.read(json.dumps(OTHER).encode()).skipped == "1 times no audit log: requests"
    found = drawing.read(json.dumps([OTHER, ENTRY, OTHER]).encode())
    assert (found.events, found.bad, found.skipped) == (1, (), "2 times no audit log: requests")


def test_the_place_of_what_cannot_be_read() -> None:
    broken = ENTRY | {"timestamp": "yesterday"}
    without = {key: value for key, value in ENTRY.items() if key != "timestamp"}
    found = Drawing().read(json.dumps([ENTRY, broken, 7, without]).encode())
    assert found.events == 1
    assert found.bad == (
        ("record 1", "timestamp 'yesterday' is no time"),
        ("record 2", "is no log entry"),
        ("record 3", "has no timestamp"),
    )
    assert Drawing().read(b"[]").bad == () and Drawing().read(b'{"entries": []}').bad == ()


def test_an_entry_is_known_by_log_time_and_insert_id() -> None:
    def id_of(**changed: Any) -> str:
        [entry] = read(json.dumps(ENTRY | changed).encode()).records
        return entry.id

    same = id_of()
    assert id_of(receiveTimestamp="2026-11-02T00:00:00Z") == same
    assert len({same, id_of(insertId="abd"), id_of(timestamp="2026-11-01T10:00:01Z"),
                id_of(logName="projects/app/logs/cloudaudit.googleapis.com%2Factivity")}) == 4  # fmt: skip
    assert id_of(insertId="").startswith("hash:") and id_of(insertId="") != id_of(insertId="", severity="x")


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01 00:00:00.123456 UTC", 123_456),
        ("1970-01-01T00:00:00.123456789Z", 123_456),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01 00:00:02", 2_000_000),
        ("1970-13-01T00:00:00Z", None),
        ("", None),
        ("...", None),
    ],
)
def test_times(text: str, wanted: int | None) -> None:
    assert moment(text) == wanted


_WORDS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 20), st.floats(allow_nan=False), st.text(max_size=8),
    st.sampled_from(["projects/p", "a@b.c", "principal://iam.googleapis.com/x", "cloudaudit.googleapis.com", "//x/y",
                     "7", "2026-11-01T10:00:00Z", "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
                     "io.k8s.a.v1.b"]),
)  # fmt: skip
_NAMES = st.sampled_from(
    [*ENTRY, *ENTRY["protoPayload"], "status", "code", "principalEmail", "principalSubject", "permission", "granted",
     "resourceAttributes", "metadata", "serviceAccountDelegationInfo", "firstPartyPrincipal", "labels", "type", "data",
     "identityDelegationChain", "policyDelta", "bindingDeltas", "member", "role", "serviceAccounts", "email", "entries",
     "message", "protopayload_auditlog", "requestJson", "servicedata_v1_iam", "event", "parameter", "operation"]
)  # fmt: skip
_VALUES = st.recursive(_WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
                       max_leaves=25)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(_VALUES, st.sampled_from(["", *ENTRY, *ENTRY["protoPayload"]]))
def test_no_record_raises(value: Any, where: str) -> None:
    """Whatever stands anywhere in an entry: it is an event, another log's entry, or told as bad; never an exception."""
    entry = json.loads(LINE)
    if where in ENTRY:
        entry[where] = value
    elif where:
        entry["protoPayload"][where] = value
    else:
        entry = value
    drawing = Drawing()
    found = drawing.read(json.dumps(entry).encode())
    tables = drawing.drawn()
    assert tables["events"].num_rows == found.events
    if isinstance(entry, dict) and where:
        assert found.events + len(found.bad) + bool(found.skipped) >= 1


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 2))
def test_no_bytes_raise(noise: bytes, at: int) -> None:
    parts = [LINE.encode(), noise.replace(b"{", b"").replace(b"[", b""), LINE.encode().replace(b"abc", b"abd")]
    parts.insert(at, b"")
    assert Drawing().read(b"\n".join(parts)).events == 2


@pytest.mark.parametrize(
    "name, why",
    [
        ("b/cloudaudit.googleapis.com/activity/2026/11/01/08:00:00_08:59:59_S0.json", ""),
        ("b/cloudaudit.googleapis.com/data_access/2026/11/01/08:00:00_08:59:59_A0:1.json.gz", ""),
        ("b/requests/2026/11/01/08:00:00_08:59:59_S0.json", "no audit log"),
        ("b/compute.googleapis.com/vpc_flows/2026/11/01/08_00_00_08_59_59_S0.json", "no audit log"),
        ("b/some.json", ""),
    ],
)
def test_names_of_files(name: str, why: str) -> None:
    assert skips(name) == why


def test_files_are_read_in_the_order_of_their_hours() -> None:
    base = "/x/cloudaudit.googleapis.com"
    names = [
        f"{base}/activity/2026/11/02/00:00:00_00:59:59_S0.json",
        f"{base}/data_access/2026/11/01/08:00:00_08:59:59_S0.json",
        f"{base}/activity/2026/11/01/09:00:00_09:59:59_S0.json",
        "/a.json",
    ]
    assert sorted(names, key=order) == [names[1], names[2], names[0], names[3]]
