"""Bad input gets one clear line that names the file, or is kept and marked; nothing is lost and nothing hangs."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aws_support import details, imported, rows, user
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import InputError
from leastwise.providers.aws.exports import calls
from leastwise.providers.aws.exports.files import members
from leastwise.providers.aws.translate.dispatch import RESPONSES

ACCOUNT = "111122223333"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
GOOD = json.dumps(details(user())).encode()
HEADER = b"user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active"
ROW = b"\na,arn:aws:iam::111122223333:user/a,2026-01-01T00:00:00Z,true,false,"

REFUSED: dict[str, tuple[str, bytes, str]] = {
    "truncated": ("x.json", GOOD[:-9], "not valid JSON"),
    "not json": ("x.json", b"hello", "not valid JSON"),
    "wrong kind": ("x.json", b'{"hello": 1}', "not an AWS export"),
    "empty": ("x.json", b"", "empty"),
    "only spaces": ("x.json", b" \n", "empty"),
    "invalid utf-8": ("x.json", GOOD.replace(b"ann", b"a\xffn"), "not valid JSON|UTF-8|utf-8"),
    "cut utf-16": ("x.json", b"\xff\xfe{\x00\x00\xd8", "UTF-16"),
    "cut gzip": ("x.json.gz", gzip.compress(GOOD)[:-12], "cannot be read"),
    "nested": ("x.json", b'{"UserDetailList": ' + b"[" * 100_000, "not valid JSON"),
    "section of a wrong type": ("x.json", json.dumps(details(user()) | {"Policies": 7}).encode(), r"\$.Policies"),
    "no time": ("x.json", json.dumps(details(user(CreateDate="soon"))).encode(), "'soon' is not a time"),
    "huge time": ("x.json", json.dumps(details(user(CreateDate=1e300))).encode(), "not a time"),
    "two contents": ("x.json", json.dumps(details(user(), user(Path="/a/"))).encode(), "different content"),
    "report without columns": ("x.csv", HEADER[:-20] + ROW, "no column access_key_1_active"),
    "report with a short row": ("x.csv", HEADER + ROW[:-7], "line 2: the row has not as many fields"),
    "report with a long row": ("x.csv", HEADER + ROW + b"false,1", "line 2: the row has not as many fields"),
    "report without rows": ("x.csv", HEADER, "names no account"),
    "report with a bad time": ("x.csv", HEADER + ROW.replace(b"2026", b"year") + b"true", "is not a time"),
    "response that is a list": ("lambda-list-functions.json", b"[]", "must be an object|whose account"),
    "config without account": ("x.json", b'[{"resourceType": "AWS::S3::Bucket"}]', "no awsAccountId"),
    "config with a bad line": ("x.jsonl", b'{"configurationItemCaptureTime": 1}\n{"a"', "line 2"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_one_line_that_names_the_file(case: str, tmp_path: Path) -> None:
    name, data, cause = REFUSED[case]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=cause) as caught:
        imported(tmp_path / name)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_empty_folder_missing_file_directory_pipe_and_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "x.json").symlink_to(tmp_path / "gone.json")
    (tmp_path / "dir.json").mkdir()
    for name, cause in (
        ("empty", "holds no exported file"), ("none.json", "no such file"), ("pipe.json", "not a regular file"),
        ("links", "cannot be read"), ("dir.json", "holds no exported file"), ("a" * 300, "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=cause):
            imported(tmp_path / name)


ENCODINGS = {
    "utf-8 with mark": b"\xef\xbb\xbf" + GOOD,
    "utf-16": GOOD.decode().encode("utf-16"),
    "gzip": gzip.compress(GOOD),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_that_tools_write_are_read(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(ENCODINGS[encoding])
    assert rows(imported(tmp_path / "x.json")[ACCOUNT], "principals", native="user")


def inline(document: Any) -> bytes:
    return json.dumps(details(user(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": document}]))).encode()


TEXT = json.dumps(POLICY)
ENCODED = {
    "object": POLICY,
    "text": TEXT,
    "url": quote(TEXT),
    "url twice": quote(quote(TEXT)),
    "json twice": json.dumps(TEXT),
}


@pytest.mark.parametrize("form", ENCODED)
def test_encoded_policy_documents_are_parsed(form: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(inline(ENCODED[form]))
    (document,) = rows(imported(tmp_path / "x.json")[ACCOUNT], "documents")
    assert (document["unsupported"], document["admin"]) == (None, True)
    assert json.loads(document["text"]) == POLICY


@pytest.mark.parametrize("document", ["{nonsense", "%7Bnonsense", 7, None, [], {"Statement": 3}, {"a": "b"}])
def test_an_invalid_policy_is_kept_and_marked(document: Any, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(inline(document))
    tables = imported(tmp_path / "x.json")[ACCOUNT]
    (row,) = rows(tables, "documents")
    assert row["unsupported"] and row["admin"] is None and row["text"]
    assert rows(tables, "attachments")[0]["document"] == 0


def test_invalid_utf8_within_a_policy_marks_only_the_policy(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(inline(POLICY).replace(b'"Allow"', b'"All\xffow"'))
    (row,) = rows(imported(tmp_path / "x.json")[ACCOUNT], "documents")
    assert row["unsupported"] and b"\xff" in row["text"] and row["admin"] is None


def test_missing_sections_and_truncation_are_gaps(tmp_path: Path) -> None:
    raw = {"UserDetailList": [user()], "IsTruncated": True}
    (tmp_path / "x.json").write_text(json.dumps(raw))
    gaps = {(r["call"], r["status"]) for r in rows(imported(tmp_path / "x.json")[ACCOUNT], "coverage")}
    assert ("GetAccountAuthorizationDetails/RoleDetailList", "not_tried") in gaps
    assert ("GetAccountAuthorizationDetails", "failed") in gaps


def test_the_same_entity_twice_is_one_and_two_contents_across_files_name_both(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(details(user(), user())))
    (tmp_path / "b.json").write_bytes(GOOD)
    assert len(rows(imported(tmp_path)[ACCOUNT], "principals", native="user")) == 1
    (tmp_path / "b.json").write_text(json.dumps(details(user(Path="/other/"))))
    with pytest.raises(InputError, match=r"b\.json.*also in a\.json with different content"):
        imported(tmp_path)


def test_numbers_are_times(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(details(user(CreateDate=1700000000))))
    (row,) = rows(imported(tmp_path / "x.json")[ACCOUNT], "principals", native="user")
    assert row["created"].isoformat() == "2023-11-14T22:13:20+00:00"


@pytest.mark.slow
def test_large_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(GOOD + b" " * (200 << 20))
    assert rows(imported(tmp_path / "x.json")[ACCOUNT], "principals", native="user")
    (tmp_path / "junk.json").write_bytes(b"\0" * (200 << 20))
    with pytest.raises(InputError, match=r"junk\.json"):
        imported(tmp_path / "junk.json")


def folder(tmp_path: Path, **files: Any) -> dict[str, Any]:
    target = tmp_path / ACCOUNT
    target.mkdir()
    for name, value in files.items():
        (target / f"{name}.json").write_text(json.dumps(value))
    return imported(target)[ACCOUNT]


def failed(code: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "m"}}


def test_saved_errors_are_facts_or_gaps(tmp_path: Path) -> None:
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    tables = folder(tmp_path, **{
        "s3api-get-bucket-policy--b.error": failed("NoSuchBucketPolicy"),
        "s3api-get-bucket-policy--c.error": failed("AccessDenied"),
        "lambda-list-functions": {"Functions": [{"FunctionArn": function, "FunctionName": "f"}]},
        "lambda-get-policy--f.error": failed("ResourceNotFoundException"),
        "iam-list-mfa-devices--ann%2Fx.error": failed("Throttling"),
        "iot-list-jobs": {"jobs": []},
        "sts-get-caller-identity": {"Account": ACCOUNT},
        "iot-list-things": {"things": [], "nextToken": "x"},
    })  # fmt: skip
    known = {r["id"]: (r["policy_known"], r["policy"]) for r in rows(tables, "resources")}
    assert known == {"arn:aws:s3:::b": (True, None), function: (True, None)}
    status = {(r["call"], r["status"]) for r in rows(tables, "coverage")}
    assert {("GetBucketPolicy", "denied"), ("ListMfaDevices", "throttled"), ("ListJobs", "unsupported"),
            ("ListThings", "failed"), ("GetCallerIdentity", "ok")} <= status  # fmt: skip


def test_schedules_are_resources_that_act_through_their_role(tmp_path: Path) -> None:
    arn, role = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/nightly", f"arn:aws:iam::{ACCOUNT}:role/r"
    tables = folder(tmp_path, **{
        "events-list-rules": {"Rules": [{"Name": "nightly", "Arn": arn, "ScheduleExpression": "rate(1 day)"}]},
        "events-list-targets-by-rule--nightly": {"Targets": [{"Id": "1", "Arn": "arn:f", "RoleArn": role}]},
    })  # fmt: skip
    (rule,) = rows(tables, "resources")
    assert (rule["kind"], rule["details"]) == ("events:rule", [("ScheduleExpression", "rate(1 day)")])
    assert {(r["object"], r["kind"]) for r in rows(tables, "runs_as")} == {("arn:f", "invokes"), (role, "executes_as")}


def item(status: str, time: str, **configuration: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:role/r"
    return {
        "accountId": ACCOUNT, "arn": arn, "resourceType": "AWS::IAM::Role", "configurationItemStatus": status,
        "configurationItemCaptureTime": time,
        "configuration": json.dumps({"roleName": "r", "arn": arn, "path": "/", **configuration}),
    }  # fmt: skip


HISTORY = [item("OK", "2026-01-01T00:00:00Z", path="/old/"), item("OK", "2026-02-01T00:00:00Z", path="/new/")]
FORMS = {
    "history": json.dumps({"configurationItems": HISTORY}),
    "batch": json.dumps({"baseConfigurationItems": HISTORY}),
    "query": json.dumps({"Results": [json.dumps(one) for one in HISTORY], "QueryInfo": {}}),
    "lines": "\n".join(json.dumps(one) for one in HISTORY),
    "list": json.dumps(HISTORY),
}


@pytest.mark.parametrize("form", FORMS)
def test_config_items_in_every_form_give_the_newest_state(form: str, tmp_path: Path) -> None:
    (tmp_path / "items.json").write_text(FORMS[form])
    (role,) = rows(imported(tmp_path / "items.json")[ACCOUNT], "principals", native="role")
    assert role["path"] == "/new/"


def test_every_call_declared_as_read_has_a_translation() -> None:
    ours = {f"{s}.{o}" for s, names in calls.READ.items() for o in names}
    elsewhere = {c for c in ours if c.startswith(("organizations.", "sso-admin.", "identitystore."))}
    assert ours - elsewhere == {name for name in RESPONSES if "!" not in name} - elsewhere


def _sections(path: Path) -> dict[str, str]:
    """Section of the details → how its coverage stands."""
    tables = imported(path)["111122223333"]
    return {one["call"].partition("/")[2]: one["status"] for one in rows(tables, "coverage") if "/" in one["call"]}


@pytest.mark.parametrize("section", ["GroupDetailList", "RoleDetailList", "Policies"])
@pytest.mark.parametrize("space", ["", " ", "\n  "])
def test_a_section_that_is_null_is_not_there(section: str, space: str, tmp_path: Path) -> None:
    whole = details(user())
    whole[section] = None
    (tmp_path / "x.json").write_text(json.dumps(whole, separators=(f"{space},{space}", f"{space}:{space}")))
    found = _sections(tmp_path / "x.json")
    assert found.pop(section) == "not_tried"
    assert set(found.values()) == {"ok"}


def test_a_section_named_only_inside_another_is_not_there(tmp_path: Path) -> None:
    whole = details(user(Tags=[{"Key": "RoleDetailList", "Value": "RoleDetailList"}]))
    del whole["RoleDetailList"]
    (tmp_path / "x.json").write_text(json.dumps(whole))
    assert _sections(tmp_path / "x.json")["RoleDetailList"] == "not_tried"


def test_truncation_is_told_by_the_export_and_not_by_what_it_holds(tmp_path: Path) -> None:
    held = {"Version": "2012-10-17", "IsTruncated": True, "Statement": []}
    one = user(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": held}])
    for more, gaps in ({}, 0), ({"IsTruncated": True}, 1), ({"IsTruncated": False}, 0):
        (tmp_path / "x.json").write_text(json.dumps(details(one) | more))
        tables = imported(tmp_path / "x.json")["111122223333"]
        assert len(rows(tables, "coverage", status="failed")) == gaps


_TWICE = {
    "empty after full": ('"UserDetailList":[]', "UserDetailList"),
    "empty section again": ('"RoleDetailList":[]', "RoleDetailList"),
    "null": ('"UserDetailList" : null', "UserDetailList"),
    "another member": ('"Marker":"a","Marker":"b"', "Marker"),
    "escaped": ('"User\\u0044etailList":[]', "UserDetailList"),
}  # fmt: skip


@pytest.mark.parametrize("case", _TWICE)
@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("accounts", [1, 2])
def test_a_member_that_stands_twice_is_refused(case: str, indent: int | None, accounts: int, tmp_path: Path) -> None:
    more, name = _TWICE[case]
    users = [user(), user(account="444455556666")][:accounts]
    text = json.dumps(details(*users), indent=indent).rstrip()[:-1]
    (tmp_path / "x.json").write_text(f"{text}, {more}}}")
    with pytest.raises(InputError, match=rf'x\.json: "{name}" stands twice'):
        imported(tmp_path / "x.json")


def test_a_member_of_a_saved_response_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "111122223333" / "lambda-list-functions.json"
    path.parent.mkdir()
    path.write_text('{"Functions": [{"FunctionName": "a"}], "Functions": []}')
    with pytest.raises(InputError, match='"Functions" stands twice'):
        imported(path)


@pytest.mark.parametrize("before", ["", "\n\n"])
def test_bytes_that_are_no_utf8_have_their_place_in_the_file(before: str, tmp_path: Path) -> None:
    data = before.encode() + GOOD.replace(b'"ann"', b'"a\xffn"', 1)
    for name in ("x.json", f"{ACCOUNT}/iam-list-users.json"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data if name == "x.json" else before.encode() + b'{"Users": [{"UserName": "a\xffn"}]}')
        place = path.read_bytes().index(b"\xff")
        with pytest.raises(InputError, match=rf"no UTF-8 at byte {place} \(line {1 + len(before)}\)"):
            imported(path)


@given(
    st.dictionaries(st.text(max_size=4), st.recursive(st.none() | st.integers() | st.text(max_size=9),
                    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=3), one, max_size=3))),
    st.sampled_from([None, 0, 2]), st.booleans(), st.sampled_from([("," , ":"), (" ,\t", " :\r\n")]),
)  # fmt: skip
def test_members_are_those_of_the_object(
    value: dict[str, Any], indent: int | None, plain: bool, separators: tuple[str, str]
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=not plain, separators=separators)
    found = members("x.json", text.encode())
    assert {name: json.loads(bytes(one)) for name, one in found.items()} == value


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "[]", '"a"', '{"a":1,"b":2}', '"},\\"a\\":1"'])),
             min_size=1, max_size=5)
)  # fmt: skip
def test_members_refuse_every_repeat_and_nothing_else(pairs: list[tuple[str, str]]) -> None:
    text = ("{" + ",".join(f'"{name}":{one}' for name, one in pairs) + "}").encode()
    names = [name for name, _ in pairs]
    if len(set(names)) == len(names):
        assert list(members("x.json", text)) == names
    else:
        with pytest.raises(InputError, match="stands twice"):
            members("x.json", text)
