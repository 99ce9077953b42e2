"""`events --auto aws`: which trails there are, what reading them means, and what is asked when none can be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.aws import FakeAws, Refused, denied
from fakes.aws_wire import Request
from fakes.history import History
from fakes.store import Store
from fakes.surroundings import fake_aws
from fakes.trails import event, write
from leastwise.app.auto_events import survey, take_found
from leastwise.app.fetching import Wanted
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.errors import InputError

ACCOUNT = "222222222222"
NOW = datetime.now(UTC)
AUTO = Wanted(auto=True)
TRAIL = {
    "Name": "main", "TrailARN": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main", "HomeRegion": "us-east-1",
    "S3BucketName": "printing-trail", "IsMultiRegionTrail": True, "IsOrganizationTrail": False,
}  # fmt: skip
DATA = {"ReadWriteType": "All", "IncludeManagementEvents": True,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}  # fmt: skip
JANITOR = f"arn:aws:iam::{ACCOUNT}:role/janitor"


class Cloud:
    """Trails with their bucket, an event history, and Access Advisor."""

    def __init__(self, store: Store) -> None:
        self.store, self.history = store, History()
        self.trails: list[dict[str, Any]] = [TRAIL]
        self.reports: dict[str, int] = {}

    def answers(self) -> dict[str, Any]:
        return {
            **self.store.answers(), **self.history.answers(),
            "cloudtrail.DescribeTrails": lambda _: {"trailList": self.trails},
            "cloudtrail.GetEventSelectors": lambda _: {"TrailARN": TRAIL["TrailARN"], "EventSelectors": [DATA]},
            "iam.GenerateServiceLastAccessedDetails": lambda request: {"JobId": f"job of {request.parameters['Arn']}"},
            "iam.GetServiceLastAccessedDetails": self.report,
        }  # fmt: skip

    def report(self, request: Request) -> dict[str, Any]:
        """Not ready at first, then in two pages."""
        job = request.parameters["JobId"]
        self.reports[job] = self.reports.get(job, 0) + 1
        about = {"JobCreationDate": NOW, "JobCompletionDate": NOW}
        if self.reports[job] == 1:
            return {"JobStatus": "IN_PROGRESS", **about, "ServicesLastAccessed": []}
        if "gone" in job:
            return {"JobStatus": "FAILED", **about, "Error": {"Code": "NoSuchEntity", "Message": "is not there"}}
        second = "Marker" in request.parameters
        service = {"ServiceName": "x", "ServiceNamespace": "sqs" if second else "s3", "LastAuthenticated": NOW,
                   "LastAuthenticatedEntity": job, "LastAuthenticatedRegion": "us-east-1"}  # fmt: skip
        more = {} if second else {"Marker": "2"}
        return {"JobStatus": "COMPLETED", **about, "ServicesLastAccessed": [service], "IsTruncated": not second, **more}


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    for number in range(40):
        time = NOW - timedelta(2 * number)
        records = [event(number, time.strftime("%Y-%m-%dT%H:%M:%SZ"))]
        write(tmp_path / "logs", records, number, time.strftime("%Y%m%dT%H%MZ"))
    return Cloud(Store(tmp_path / "logs"))


@pytest.fixture
def fake(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAws]:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("leastwise.providers.aws.collect.patient.pause", lambda tries: 0.01)
    monkeypatch.setattr("leastwise.providers.aws.collect.log_history._INTERVAL", 0.0)
    monkeypatch.setattr("leastwise.providers.aws.collect.patient.time.sleep", lambda seconds: None)
    with fake_aws(monkeypatch, cloud.answers(), (ACCOUNT,)) as found:
        yield found


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    """An account of three principals, imported; one of them is gone meanwhile."""
    told = {"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [
        {"Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "RoleName": name, "Path": "/", "RoleId": f"AROA{name}",
         "CreateDate": "2025-01-01T00:00:00Z", "AttachedManagedPolicies": [], "RolePolicyList": [],
         "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}, "InstanceProfileList": []}
        for name in ("janitor", "gone", "press")
    ]}  # fmt: skip
    file = tmp_path / f"{ACCOUNT}.json"
    file.write_text(json.dumps(told))
    assert run(["import", str(file), "--home", str(tmp_path / "home")]) == 0
    return tmp_path / "home"


def test_it_says_what_lies_where_and_costs_what_and_reads_it_with_yes(
    fake: FakeAws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["events", "--auto", "aws", "--yes"]) == 0
    text = capsys.readouterr().out
    assert "s3://printing-trail/AWSLogs/" in text and "management events, data events of AWS::S3::Object" in text
    assert "list prices of us-east-1" in text and "40 of 40 files taken in; 40 new events" in text


def test_without_yes_and_without_a_terminal_nothing_is_read(
    fake: FakeAws, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["events", "--auto", "aws", "--format", "json"]) == 2
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert [one["place"] for one in told["places"]] == ["s3://printing-trail/AWSLogs/"] and "--yes reads it" in err
    assert Workspace(tmp_path / "home").lake.events().num_rows == 0


@pytest.mark.parametrize("answer, read", [("y\n", 40), ("n\n", 0), ("\n", 0)])
def test_it_asks_before_it_reads(
    fake: FakeAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str, read: int
) -> None:
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert run(["events", "--auto", "aws"]) == 0
    assert Workspace(tmp_path / "home").lake.events().num_rows == read


def test_the_answer_as_json_is_one_value(fake: FakeAws, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["events", "--auto", "aws", "--yes", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["read"], told["lookup"], told["asked"]) == (["s3://printing-trail/AWSLogs/"], False, 0)
    assert told["survey"]["places"][0]["files"] == 40 and told["taken"]["events"]["new"] == 40


def test_days_that_are_few_are_counted_and_many_are_estimated(fake: FakeAws, cloud: Cloud, tmp_path: Path) -> None:
    place = Workspace(tmp_path / "home")
    sizes = {key: len(body) for key, body in cloud.store.objects.items()}
    found, wanted = survey(place, AUTO, "aws")
    (one,) = found.places
    assert (wanted.end - wanted.begin).days == 90  # type: ignore[operator]
    assert (one.files, one.bytes, one.exact) == (40, sum(sizes.values()), True)
    first = (NOW - timedelta(1000)).date()
    found, _ = survey(place, Wanted(auto=True, begin=first), "aws")
    (one,) = found.places
    # Forty files in a thousand days, of which 96 are looked at.
    assert not one.exact and 10 <= one.files <= 100
    assert one.requests > 0 and one.transfer > 0


def test_snapshots_tell_of_trails_that_cloudtrail_does_not(
    fake: FakeAws, collected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "saved" / ACCOUNT
    folder.mkdir(parents=True)
    other = {**TRAIL, "S3BucketName": "printing-trail", "S3KeyPrefix": "old", "Name": "old",
             "TrailARN": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/old"}  # fmt: skip
    (folder / "cloudtrail-describe-trails.json").write_text(json.dumps({"trailList": [other]}))
    assert run(["import", str(folder), "--home", str(collected)]) == 0
    found, _ = survey(Workspace(collected), AUTO, "aws")
    told = {one.url: (one.trails, one.records) for one in found.places}
    assert told == {
        "s3://printing-trail/AWSLogs/": (("main",), "management events, data events of AWS::S3::Object"),
        "s3://printing-trail/old/AWSLogs/": (("old",), "selectors not known"),
    }
    fake.faults.append(denied(operation="DescribeTrails"))
    found, _ = survey(Workspace(collected), AUTO, "aws")
    assert [one.url for one in found.places] == ["s3://printing-trail/old/AWSLogs/"]
    assert "trails were not told in 2 of 2 regions" in found.notes[0]


def test_a_trail_that_cannot_be_read_is_told_and_the_others_are_taken(
    fake: FakeAws, cloud: Cloud, tmp_path: Path
) -> None:
    cloud.trails = [TRAIL, {**TRAIL, "TrailARN": TRAIL["TrailARN"] + "2", "S3BucketName": "closed-trail"}]
    fake.faults.append(
        lambda request: denied()(request) if request.parameters.get("Bucket") == "closed-trail" else None
    )
    place = Workspace(tmp_path / "home")
    found, wanted = survey(place, AUTO, "aws")
    done = take_found(place, found, wanted, "aws")
    assert (done.taken.new, done.lookup, done.places) == (40, False, ["s3://printing-trail/AWSLogs/"])
    assert [
        one
        for one in done.notes
        if one.startswith("main2 is not taken in: s3://closed-trail/") and "denied" in one.lower()
    ]


@pytest.mark.parametrize("operation, needed", [("ListObjectsV2", "s3:ListBucket"), ("GetObject", "s3:GetObject")])
def test_without_a_readable_bucket_the_event_history_is_read(
    fake: FakeAws, cloud: Cloud, tmp_path: Path, operation: str, needed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.faults.append(denied(operation=operation))
    cloud.history.add(
        [
            event(
                1, (NOW - timedelta(1)).strftime("%Y-%m-%dT%H:%M:%SZ"), eventCategory="Management", managementEvent=True
            )
        ]
    )
    assert run(["events", "--auto", "aws", "--yes", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["lookup"], told["taken"]["events"]["new"], told["read"]) == (True, 1, [])
    assert "CloudTrail's event history is asked instead" in err and needed in told["survey"]["places"][0]["cause"]
    assert any("data events" in one and "never" in one for one in told["notes"])


def test_without_any_log_access_advisor_is_asked_and_the_snapshot_keeps_the_rest(
    fake: FakeAws, cloud: Cloud, collected: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.trails = []
    fake.faults.append(denied(operation="LookupEvents"))
    assert run(["events", "--auto", "aws", "--yes", "--format", "json", "--home", str(collected)]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["asked"] == 2 and told["taken"]["events"]["new"] == 0
    assert any("attempts, which are no uses" in one for one in told["notes"]) and "Access Advisor is asked" in err
    place = Workspace(collected)
    (entry,) = place.store.estate().entries
    documents = {
        one.resource: one for one in place.store.open(entry.manifest).raw_documents() if "last-accessed" in one.kind
    }
    assert set(documents) == {JANITOR, JANITOR.replace("janitor", "press")}
    body = json.loads(documents[JANITOR].body)
    assert [one["ServiceNamespace"] for one in body["ServicesLastAccessed"]] == ["s3", "sqs"]
    assert body["JobStatus"] == "COMPLETED" and body["IsTruncated"] is False
    assert place.store.open(entry.manifest).table("principals").num_rows >= 3
    gap = [one for one in entry.manifest.coverage if one.call == "GetServiceLastAccessedDetails"]
    assert [(str(one.status), "is not there" in one.detail) for one in gap] == [("failed", True)]


def test_when_nothing_tells_anything_one_line_says_so(fake: FakeAws, cloud: Cloud, collected: Path) -> None:
    fake.faults += [denied(operation=one) for one in (
        "ListObjectsV2", "LookupEvents", "GenerateServiceLastAccessedDetails")]  # fmt: skip
    place = Workspace(collected)
    found, wanted = survey(place, AUTO, "aws")
    with pytest.raises(InputError, match=r"iam:GenerateServiceLastAccessedDetails and .* is needed"):
        take_found(place, found, wanted, "aws")


def test_access_advisor_needs_principals_that_are_known(
    fake: FakeAws, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.trails = []
    fake.faults.append(denied(operation="LookupEvents"))
    assert run(["events", "--auto", "aws", "--yes"]) == 2
    assert "collect the accounts first" in capsys.readouterr().err


def test_a_bucket_that_is_gone_is_told(fake: FakeAws, cloud: Cloud, tmp_path: Path) -> None:
    def gone(request: Request) -> Any:
        raise Refused("NoSuchBucket", "The specified bucket does not exist", 404)

    fake.answers = {**fake.answers, "s3.ListObjectsV2": gone}
    found, _ = survey(Workspace(tmp_path / "home"), AUTO, "aws")
    assert found.places[0].cause == "there is no such bucket"
