"""Passwords, MFA and keys, as calls and the credential report tell of them together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_support import details, imported, rows, user

from leastwise.store.readmodels import build

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
DAY = "2025-01-01T00:00:00+00:00"
COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "mfa_active",
    "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
)  # fmt: skip
USED = "2026-11-01T00:00:00+00:00"


def report(*lines: dict[str, str]) -> str:
    usual = dict.fromkeys(COLUMNS, "N/A") | {
        "user": "ann",
        "arn": ANN,
        "user_creation_time": DAY,
        "mfa_active": "false",
    }
    usual |= {"password_enabled": "false", "access_key_1_active": "false", "access_key_2_active": "false"}
    return "\n".join([",".join(COLUMNS), *(",".join((usual | line)[name] for name in COLUMNS) for line in lines)])


def read(tmp_path: Path, line: dict[str, str] | None = None, **files: Any) -> Any:
    folder = tmp_path / ACCOUNT
    folder.mkdir()
    (folder / "details.json").write_text(json.dumps(details(user())))
    if line is not None:
        (folder / "report.csv").write_text(report(line))
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    tables = imported(folder)[ACCOUNT]
    assert len(rows(tables, "principals", native="root")) == 1
    return tables


def ann(tables: Any) -> dict[str, Any]:
    (row,) = rows(tables, "principals", id=ANN)
    return row


def root(tables: Any) -> dict[str, Any]:
    (row,) = rows(tables, "principals", id=ROOT)
    assert (row["kind"], row["name"]) == ("root", "root")
    return row


def key(id: str, created: str = DAY, status: str = "Active") -> dict[str, Any]:
    return {"UserName": "ann", "AccessKeyId": id, "Status": status, "CreateDate": created}


def device(serial: str) -> dict[str, Any]:
    return {"UserName": "ann", "SerialNumber": serial, "EnableDate": DAY}


VIRTUAL = f"arn:aws:iam::{ACCOUNT}:mfa/ann"
ROOT_DEVICE = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root", "User": {"Arn": ROOT}, "EnableDate": DAY}


def test_a_virtual_device_of_root_does_not_make_root_a_person(tmp_path: Path) -> None:
    tables = read(tmp_path, **{"iam-list-virtual-mfa-devices": {"VirtualMFADevices": [ROOT_DEVICE]}})
    assert (root(tables)["mfa"], root(tables)["mfa_hardware"]) == (True, None)


@pytest.mark.parametrize(("mfa", "devices", "hardware"), [
    (0, [], False), (1, [ROOT_DEVICE], None), (1, [], True), (1, [{"SerialNumber": "arn:x"}], None),
])  # fmt: skip
def test_the_account_summary_tells_of_root(mfa: int, devices: list[Any], hardware: bool | None, tmp_path: Path) -> None:
    summary = {"SummaryMap": {"AccountMFAEnabled": mfa, "AccountAccessKeysPresent": 0, "AccountPasswordPresent": 1}}
    files = {"iam-get-account-summary": summary, "iam-list-virtual-mfa-devices": {"VirtualMFADevices": devices}}
    row = root(read(tmp_path, **files))
    assert (row["mfa"], row["mfa_hardware"], row["console"], row["keys_known"]) == (bool(mfa), hardware, True, True)


def test_keys_of_root_by_summary(tmp_path: Path) -> None:
    tables = read(tmp_path, **{"iam-get-account-summary": {"SummaryMap": {"AccountAccessKeysPresent": 1}}})
    (found,) = rows(tables, "credentials")
    assert (found["principal"], found["kind"], found["active"]) == (ROOT, "access_key", None)


@pytest.mark.parametrize(("told", "console"), [("not_supported", True), ("FALSE", False), ("true", True)])
def test_a_report_may_say_that_root_has_no_password(told: str, console: bool, tmp_path: Path) -> None:
    tables = read(tmp_path, {"user": "<root_account>", "arn": ROOT, "password_enabled": told})
    assert root(tables)["console"] is console
    assert len(rows(tables, "credentials", kind="password")) == console


def test_a_login_profile_and_a_report_tell_of_one_password(tmp_path: Path) -> None:
    line = {"password_enabled": "true", "password_last_changed": DAY, "password_last_used": USED}
    tables = read(
        tmp_path, line, **{"iam-get-login-profile--ann": {"LoginProfile": {"UserName": "ann", "CreateDate": DAY}}}
    )
    (found,) = rows(tables, "credentials", kind="password")
    assert (found["id"], found["last_used_known"], found["last_used"] is not None) == (f"{ANN}#password", True, True)


def test_what_is_absent_is_known(tmp_path: Path) -> None:
    tables = read(tmp_path, {"password_enabled": "true", "mfa_active": "true", "access_key_1_active": "true",
                             "access_key_1_last_rotated": DAY}, **{
        "iam-get-login-profile--ann.error": {"Error": {"Code": "NoSuchEntity"}},
        "iam-list-mfa-devices--ann": {"MFADevices": []}, "iam-list-access-keys--ann": {"AccessKeyMetadata": []},
        "iam-list-mfa-devices--gone": {"MFADevices": []},
        "iam-get-login-profile--gone.error": {"Error": {"Code": "NoSuchEntity"}},
    })  # fmt: skip
    row = ann(tables)
    assert (row["console"], row["mfa"], row["mfa_hardware"], row["keys_known"]) == (False, False, False, True)
    assert not rows(tables, "credentials")
    assert len(rows(tables, "principals", native="user")) == 1


def test_keys_that_were_not_listed_are_not_known_to_be_none(tmp_path: Path) -> None:
    row = ann(read(tmp_path, **{"iam-get-login-profile--ann.error": {"Error": {"Code": "NoSuchEntity"}}}))
    assert (row["console"], row["keys_known"]) == (False, False)


@pytest.mark.parametrize(("serials", "hardware"), [
    ([VIRTUAL], False), ([VIRTUAL, f"arn:aws:iam::{ACCOUNT}:u2f/user/ann/k"], True), (["GAHT12345678"], True),
])  # fmt: skip
def test_hardware_is_known_where_devices_were_listed(serials: list[str], hardware: bool, tmp_path: Path) -> None:
    virtual = {"VirtualMFADevices": [{"SerialNumber": VIRTUAL, "User": {"Arn": ANN}}]}
    files = {
        "iam-list-mfa-devices--ann": {"MFADevices": [device(s) for s in serials]},
        "iam-list-virtual-mfa-devices": virtual,
    }
    tables = read(tmp_path, **files)
    assert (ann(tables)["mfa"], ann(tables)["mfa_hardware"]) == (True, hardware)
    assert len(rows(tables, "credentials", kind="mfa")) == len({*serials, VIRTUAL})


def test_listed_keys_decide_and_the_report_completes(tmp_path: Path) -> None:
    line = {
        "access_key_1_active": "true", "access_key_1_last_rotated": DAY, "access_key_1_last_used_date": USED,
        "access_key_2_active": "true", "access_key_2_last_rotated": "2025-03-01T00:00:05+00:00",
        "access_key_2_last_used_date": "2026-10-01T00:00:00+00:00",
    }  # fmt: skip
    listed = [key("AKIA1", status="Inactive"), key("AKIA2", "2025-03-01T00:00:00+00:00")]
    tables = read(tmp_path, line, **{"iam-list-access-keys--ann": {"AccessKeyMetadata": listed}})
    found = {r["id"]: (r["active"], str(r["last_used"])[:10]) for r in rows(tables, "credentials")}
    assert found == {"AKIA1": (False, "2026-11-01"), "AKIA2": (True, "2026-10-01")}


def test_a_key_made_after_the_report_is_another_one(tmp_path: Path) -> None:
    line = {"access_key_1_active": "true", "access_key_1_last_rotated": DAY, "access_key_1_last_used_date": USED}
    listed = {"AccessKeyMetadata": [key("AKIA9", "2026-11-02T00:00:00+00:00")]}
    (found,) = rows(read(tmp_path, line, **{"iam-list-access-keys--ann": listed}), "credentials")
    assert (found["id"], found["last_used"], found["last_used_known"]) == ("AKIA9", None, False)


def test_list_users_tells_when_a_password_was_used(tmp_path: Path) -> None:
    used = {"Users": [{"UserName": "ann", "Arn": ANN, "PasswordLastUsed": USED}, {"UserName": "x", "Arn": ANN + "x"}]}
    row = ann(read(tmp_path, **{"iam-list-users": used}))
    assert (str(row["last_used"])[:10], row["last_used_known"]) == ("2026-11-01", False)


def test_with_its_keys_the_last_use_of_a_user_is_known(tmp_path: Path) -> None:
    used = {"Users": [{"UserName": "ann", "Arn": ANN}]}
    files = {"iam-list-users": used, "iam-list-access-keys--ann": {"AccessKeyMetadata": []}}
    assert ann(read(tmp_path, **files))["last_used_known"]


def test_nothing_is_denied_to_a_user_of_whom_only_the_sign_in_was_read(tmp_path: Path) -> None:
    folder = tmp_path / ACCOUNT
    folder.mkdir()
    (folder / "report.csv").write_text(report({}))
    views = imported(folder)[ACCOUNT]
    identities = build("aws", ACCOUNT, views)["identities"]
    (row,) = rows({"identities": identities}, "identities", id=ANN)
    assert (row["admin"], row["wildcard"], row["grants"]) == ("unknown", None, 0)
