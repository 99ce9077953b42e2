"""The fakes of logs are honest: Google's own client is told by them what ours is."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload
from test_google_fakes import everything, theirs

from fakes.google.logs import LogWorld, Table, entry
from fakes.google.reading import fake_of, sign_in, unhurried
from fakes.google.server import QUOTA, FakeGoogle, on
from fakes.into import Into
from leastwise.providers.checksum import Crc32c
from leastwise.providers.fetching import Piece, Wanted
from leastwise.providers.gcp.collect.fetcher import FETCHER
from leastwise.providers.gcp.collect.outcome import failure

NOW = datetime.now(UTC)
TIME = (NOW - timedelta(2)).strftime("%Y-%m-%dT%H:%M:%S.000001Z")
ALPHA, BUCKET, TABLE = "projects/bw-alpha", "bw-logs", "cloudaudit_googleapis_com_activity"
ACTIVITY = '(log_id("cloudaudit.googleapis.com/activity"))'
KEY = f"cloudaudit.googleapis.com/activity/{NOW:%Y/%m/%d}/10:00:00_10:59:59_S0.json"


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    unhurried(monkeypatch, tmp_path)
    entries = [entry(number, TIME) for number in range(5)]
    world = LogWorld(entries={ALPHA: entries}, tables={"bw-audit.logs": {TABLE: Table(entries)}}, page=2)
    world.put(BUCKET, KEY, b'{"a": 1}\n')
    with fake_of(world) as fake:
        yield fake


def ours(google: FakeGoogle, url: str) -> list[tuple[Piece, bytes]]:
    """The pieces that our own client reads."""
    opened, found = FETCHER.source(Wanted(url, sign_in=sign_in(google))), []
    for piece in opened.pieces(threading.Event()):
        sink = Into()
        opened.fetch(piece, sink)
        found.append((piece, sink.data))
    opened.close()
    return found


def test_entries_come_in_pages_to_both(google: FakeGoogle) -> None:
    api = theirs(google, "logging.v2").entries()
    begin = (NOW - timedelta(90)).strftime("%Y-%m-%dT00:00:00Z")
    body = {"resourceNames": [ALPHA], "orderBy": "timestamp asc", "pageSize": 1000,
            "filter": f'{ACTIVITY} AND timestamp>="{begin}" AND timestamp<"2100-01-01T00:00:00Z"'}  # fmt: skip
    found, request = [], api.list(body=body)
    while request is not None:
        answer = request.execute(num_retries=0)
        assert len(answer.get("entries", [])) <= 2
        found += answer.get("entries", [])
        request = api.list_next(request, answer)
    told = [json.loads(line) for _, data in ours(google, f"logging://{ALPHA}") for line in data.splitlines()]
    assert [one["insertId"] for one in found] == [one["insertId"] for one in told] == ["e0", "e1", "e2", "e3", "e4"]
    assert google.strange == []


def test_the_quota_is_told_alike(google: FakeGoogle) -> None:
    google.faults = [on(QUOTA, "logging.entries.list")]
    with pytest.raises(HttpError) as caught:
        theirs(google, "logging.v2").entries().list(body={"resourceNames": [ALPHA]}).execute(num_retries=0)
    told = failure(caught.value.status_code, {}, json.loads(caught.value.content))
    assert caught.value.status_code == 429 and not told.spent and told.status == "throttled"


def test_a_token_of_another_question_is_refused(google: FakeGoogle) -> None:
    api = theirs(google, "logging.v2").entries()
    body = {
        "resourceNames": [ALPHA],
        "orderBy": "timestamp asc",
        "filter": 'log_id("cloudaudit.googleapis.com/activity")',
        "pageSize": 2,
    }
    token = api.list(body=body).execute()["nextPageToken"]
    with pytest.raises(HttpError, match="not of this request"):
        api.list(body={**body, "filter": "", "pageToken": token}).execute()


def test_sinks_and_buckets_have_their_shapes(google: FakeGoogle) -> None:
    api = theirs(google, "logging.v2")
    assert everything(api.sinks(), api.sinks().list(parent=ALPHA), "sinks")[0]["name"] == "_Default"
    name = "projects/x/locations/global/buckets/_Default"
    assert api.projects().locations().buckets().get(name=name).execute()["retentionDays"] == 30
    assert google.strange == []


def test_objects_are_listed_and_downloaded_alike(google: FakeGoogle) -> None:
    api = theirs(google, "storage.v1").objects()
    [listed] = everything(api, api.list(bucket=BUCKET), "items")
    held = io.BytesIO()
    download = MediaIoBaseDownload(held, api.get_media(bucket=BUCKET, object=KEY), chunksize=1 << 20)
    done = False
    while not done:
        _, done = download.next_chunk()
    [(piece, data)] = ours(google, f"gs://{BUCKET}")
    assert data == held.getvalue() and piece.name == f"gs://{BUCKET}/{listed['name']}"
    checksum = Crc32c()
    checksum.update(data)
    assert listed["crc32c"] == base64.b64encode(checksum.value.to_bytes(4, "big")).decode()
    with pytest.raises(HttpError) as caught:
        api.get(bucket=BUCKET, object=KEY, ifGenerationMatch="7").execute()
    assert caught.value.status_code == 412 and google.strange == []


def test_rows_are_listed_alike(google: FakeGoogle) -> None:
    api = theirs(google, "bigquery.v2")
    named: dict[str, Any] = {"projectId": "bw-audit", "datasetId": "logs"}
    [table] = everything(api.tables(), api.tables().list(**named), "tables")
    assert table["tableReference"]["tableId"] == TABLE
    rows: list[Any] = []
    request = api.tabledata().list(**named, tableId=TABLE, selectedFields="logName,insertId")
    while request is not None:
        answer = request.execute()
        rows += [[cell["v"] for cell in row["f"]] for row in answer["rows"]]
        request = api.tabledata().list_next(request, answer)
    told = [json.loads(line) for _, data in ours(google, "bq://bw-audit.logs") for line in data.splitlines()]
    assert rows == [[one["logName"], one["insertId"]] for one in told] and len(rows) == 5
    assert google.strange == []
