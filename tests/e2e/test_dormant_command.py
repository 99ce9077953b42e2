"""`leastwise dormant` on the demo company."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run


def asked(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run(["dormant", "--home", str(home), *arguments, "--format", "json"]) == 0
    items: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["items"]
    return items


def test_who_left_is_dormant_and_near_misses_are_silent(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, demo_home)
    names = {one["name"]: one for one in found if one["what"] == "principal"}
    assert (names["m.ostrander"]["days"], names["m.ostrander"]["state"]) == (210, "UNUSED")
    assert {"breakglass-1", "breakglass-2", "returns-v2", "svc-sorter"}.isdisjoint(names)
    assert "AKIARTXV5AHDQDEMO222" in {one["id"] for one in found if one["what"] == "credential"}


def test_a_longer_window_tells_fewer(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short, long = (asked(capsys, demo_home, "--window", days) for days in ("90d", "180d"))
    assert {one["id"] for one in long} < {one["id"] for one in short}
    assert "m.ostrander" in {one["name"] for one in long}


def test_filters(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert {one["what"] for one in asked(capsys, demo_home, "--what", "credential")} == {"credential"}
    assert {one["account"] for one in asked(capsys, demo_home, "--account", "111111111111")} == {"111111111111"}
    assert run(["dormant", "--home", str(demo_home), "--what", "keys"]) == 2
    assert "--what: 'keys' is none of principal, credential, group, bundle" in capsys.readouterr().err
    assert run(["dormant", "--home", str(demo_home)]) == 0
    assert "in 90 days" in capsys.readouterr().out


IDLE = {
    "UserDetailList": [],
    "GroupDetailList": [
        {
            "GroupName": "nobody",
            "Arn": "arn:aws:iam::555555555555:group/nobody",
            "CreateDate": "2020-01-01T00:00:00Z",
            "GroupPolicyList": [],
            "AttachedManagedPolicies": [],
        }
    ],
    "RoleDetailList": [],
    "Policies": [
        {
            "PolicyName": "loose",
            "Arn": "arn:aws:iam::555555555555:policy/loose",
            "DefaultVersionId": "v1",
            "CreateDate": "2020-01-01T00:00:00Z",
            "PolicyVersionList": [
                {
                    "VersionId": "v1",
                    "IsDefaultVersion": True,
                    "Document": {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
                    },
                }
            ],
        }
    ],
}


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        ((), {"group": "UNUSED", "bundle": "UNUSED"}),
        # Roles were not read: one of them may have the policy.
        (("RoleDetailList",), {"group": "UNUSED", "bundle": "UNOBSERVABLE"}),
        # Users were not read: one of them may be in the group.
        (("UserDetailList",), {"group": "UNOBSERVABLE", "bundle": "UNOBSERVABLE"}),
    ],
)
def test_what_was_not_read_makes_nothing_unused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], left_out: tuple[str, ...], expected: dict[str, str]
) -> None:
    folder = tmp_path / "555555555555"
    folder.mkdir()
    body = {name: part for name, part in IDLE.items() if name not in left_out}
    (folder / "account-authorization-details.json").write_text(json.dumps(body))
    home = tmp_path / "home"
    assert run(["import", str(folder), "--home", str(home), "--taken", "2026-11-01T00:00:00Z"]) == 0
    assert {one["what"]: one["state"] for one in asked(capsys, home)} == expected


def test_an_account_of_which_only_buckets_were_read_has_nothing_that_is_surely_unused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "555555555555"
    folder.mkdir()
    (folder / "s3api-list-buckets.json").write_text(json.dumps({"Buckets": [{"Name": "b"}]}))
    home = tmp_path / "home"
    assert run(["import", str(folder), "--home", str(home), "--taken", "2026-11-01T00:00:00Z"]) == 0
    assert [one for one in asked(capsys, home) if one["state"] == "UNUSED"] == []


def test_before_the_first_snapshot_nothing_is_dormant(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, demo_home, "--at", "2020-01-01") == []
