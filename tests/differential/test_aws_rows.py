"""Compiled code reads CloudTrail's files as Python alone does: the same rows, the same faults, of whatever bytes."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import random
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fakes.trails import ACCOUNT, session
from leastwise.engine.columns import plain
from leastwise.providers.aws.events.drawing import Drawing
from leastwise.providers.aws.events.rows import native

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT.parent / "shared/logs/aws"
sys.path.insert(0, str(ROOT / "tools"))
from compile_native import PLACE, compiled, digest  # noqa: E402


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The compiled code of these sources: what is installed, if it is that, else made here."""
    found, sources = native(), ROOT / PLACE / "native"
    if found is not None and digest(sources) == found.SOURCE:
        return found
    target = tmp_path_factory.mktemp("native") / "_native.abi3.so"
    if why := compiled(sources, target):
        pytest.skip(f"nothing can be compiled here: {why}")
    loader = importlib.machinery.ExtensionFileLoader("_native", str(target))
    spec = importlib.util.spec_from_file_location("_native", target, loader=loader)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    loader.exec_module(made)
    return made


def drawn(drawing: Drawing, files: list[bytes]) -> list[Any]:
    """What reading files said, and the rows that came of them, in their order."""
    told: list[Any] = [drawing.read(one) for one in files]
    return [*told, *(rows(table) for table in drawing.drawn().values())]


def rows(table: pa.Table) -> list[dict[str, Any]]:
    return plain(table).to_pylist()


def alike(code: Any, *files: bytes) -> list[Any]:
    found = drawn(Drawing(code), list(files))
    assert found == drawn(Drawing(), list(files))
    return found


def trail(records: list[Any]) -> bytes:
    return json.dumps({"Records": records}, separators=(",", ":"), ensure_ascii=False).encode()


def event(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.09",
        "userIdentity": session("app", f"s-{number}", f"ASIA{number}"),
        "eventTime": "2026-01-31T07:15:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"10.0.0.{number % 250}",
        "userAgent": "aws-cli/2.15",
        "requestParameters": {"bucketName": f"data-{number:04x}", "key": f"in/{number:08x}"},
        "responseElements": None,
        "requestID": "r",
        "eventID": f"{number:08x}-0000-4000-8000-000000000000",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data",
    } | fields


CALLS: list[tuple[str, str, Any]] = [
    ("s3", "GetObject", {"bucketName": "b-{}", "key": "logs/{}/part-{}.gz", "Host": "b.s3.amazonaws.com"}),
    ("s3", "PutObject", {"bucketName": "data", "key": "{}", "x-amz-acl": "private"}),
    ("s3", "HeadBucket", {"bucketName": "{}--x-s3"}),
    ("lambda", "Invoke", {"functionName": "arn:aws:lambda:eu-west-1:222222222222:function:app-{}"}),
    ("lambda", "Invoke", {"functionName": "app-{}"}),
    ("lambda", "CreateFunction20150331", {"functionName": "f-{}", "role": "arn:aws:iam::222222222222:role/r-{}"}),
    ("kms", "Decrypt", {"keyId": "{}", "encryptionContext": {"aws:s3:arn": "arn:aws:s3:::{}"}}),
    ("kms", "Decrypt", {"keyId": "alias/{}"}),
    ("rds", "DescribeDBInstances", {"dBInstanceIdentifier": "db-{}"}),
    ("ec2", "TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-{}"}, {"instanceId": "i-{}"}]}}),
    ("ec2", "RunInstances", {"iamInstanceProfile": {"name": "p-{}"}, "minCount": 1}),
    ("ec2", "DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
    ("sqs", "SendMessage", {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/222222222222/q-{}"}),
    ("ssm", "GetParameter", {"name": "/pay/prod/{}", "withDecryption": True}),
    ("logs", "CreateLogStream", {"logGroupName": "/aws/lambda/app-{}", "logStreamName": "2026/01/01/[$LATEST]{}"}),
    ("iam", "CreateRole", {"roleName": "app-{}", "assumeRolePolicyDocument": "{{\"a\": \"{}\"}}"}),
    ("sts", "GetCallerIdentity", None),
    ("nosuch", "DoIt", {"arn": "arn:aws:s3:::{}"}),
]  # fmt: skip
REFUSED = "User: arn:aws:iam::222222222222:user/ada is not authorized to perform: {} on resource: arn:aws:s3:::b/{}"


def filled(shape: Any, chance: random.Random) -> Any:
    if isinstance(shape, dict):
        return {name: filled(one, chance) for name, one in shape.items()}
    if isinstance(shape, list):
        return [filled(one, chance) for one in shape]
    if not isinstance(shape, str):
        return shape
    while "{}" in shape:
        name = chance.choice(
            [f"{chance.getrandbits(32):08x}", f"n{chance.randrange(9)}", "function", "eu-west-1", "a:b"]
        )
        shape = shape.replace("{}", "é" if chance.random() < 0.01 else name, 1)
    return shape


def busy(seed: int, size: int) -> list[dict[str, Any]]:
    """Records of callers of several kinds, calls of several forms, and what goes wrong with them."""
    chance, found = random.Random(seed), []
    callers = [
        {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
        {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "accountId": ACCOUNT, "userName": "ada",
         "principalId": "AIDA1", "accessKeyId": "AKIA1"},
        {"type": "AWSAccount", "accountId": "999999999999", "principalId": "AROA9:x"},
    ]  # fmt: skip
    for number in range(size):
        source, name, shape = chance.choice(CALLS)
        one = event(seed * size + number, eventSource=f"{source}.amazonaws.com", eventName=name)
        one["requestParameters"] = filled(shape, chance)
        one["awsRegion"] = chance.choice(["eu-west-1", "us-east-1"])
        if chance.random() < 0.3:
            one["userIdentity"] = chance.choice(callers)
        if chance.random() < 0.2:
            one["errorCode"] = chance.choice(["AccessDenied", "ThrottlingException", "NoSuchKey"])
            one["errorMessage"] = REFUSED.format(chance.choice([f"{source}:{name}", "iam:PassRole"]), number)
        if chance.random() < 0.1:
            one["resources"] = [
                {"ARN": f"arn:aws:s3:::b-{number}", "accountId": "333333333333", "type": "AWS::S3::Bucket"}
            ]
        if name == "CreateRole":
            one["responseElements"] = {"role": {"arn": f"arn:aws:iam::{ACCOUNT}:role/app-{number}"}}
        if chance.random() < 0.02:
            del one[chance.choice(["recipientAccountId", "eventType", "userAgent", "sourceIPAddress", "userIdentity"])]
        found.append(one)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_the_same_whatever_is_learnt_between(code: Any, seed: int) -> None:
    one, other = Drawing(code), Drawing()
    for batch in range(4):
        files = [trail(busy(seed * 10 + batch * 3 + file, 300)) for file in range(3)]
        assert drawn(one, files) == drawn(other, files)


def test_nearly_all_calls_are_told_by_compiled_code(code: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = Drawing(code)
    drawn(drawing, [trail(busy(seed, 500)) for seed in range(4)])
    told: list[int] = []
    monkeypatch.setattr(drawing, "_untold", lambda rows, left, codes: told.extend(left) or other(rows, left, codes))
    other = type(drawing)._untold.__get__(drawing)
    records = [event(number, requestParameters={"bucketName": f"b-{number:06x}", "key": f"logs/x/part-{number:06x}.gz",
               "Host": "b.s3.amazonaws.com"}) for number in range(1000)]  # fmt: skip
    drawing.read(trail(records))
    drawn(drawing, [])
    told.clear()
    drawing.read(trail([one | {"eventID": f"1{one['eventID'][1:]}"} for one in records]))
    drawn(drawing, [])
    assert len(told) < 20


@cache
def shared() -> list[Any]:
    return [json.loads(line)["raw"] for path in sorted(LOGS.glob("*.jsonl")) for line in path.read_bytes().splitlines()]


@pytest.mark.skipif(not LOGS.is_dir(), reason="needs ../shared/logs")
def test_records_of_others_are_read_alike(code: Any) -> None:
    records = shared()
    alike(
        code,
        trail(records),
        *(trail([one]) for one in records[::30]),
        *(json.dumps(one).encode() for one in records[::90]),
    )


@pytest.mark.skipif(not LOGS.is_dir(), reason="needs ../shared/logs")
def test_most_records_of_others_are_taken_by_compiled_code(code: Any) -> None:
    records = [one for one in shared() if isinstance(one, dict) and "eventID" in one and "eventTime" in one]
    taken = sum(code.Rows(1).take(trail([one])) == 1 for one in records)
    assert len(records) > 100
    assert taken > 0.9 * len(records)


REQUEST, ANSWER = b'"requestParameters":', b'"responseElements":null'
ODD: dict[str, bytes] = {
    "twice the same name": trail([event()]).replace(b'"eventName":', b'"eventName":"PutObject","eventName":'),
    "twice who": trail([event()]).replace(b'"userIdentity":', b'"userIdentity":null,"userIdentity":'),
    "a name with escapes": trail([event()]).replace(b'"eventName":', b'"event\\u004eame":'),
    "an id with escapes": trail([event()]).replace(b"-4000-", b"-40\\u00300-"),
    "no id": trail([{key: one for key, one in event().items() if key != "eventID"}]),
    "an empty id": trail([event(eventID="")]),
    "half a character": trail([event()]).replace(b"aws-cli", b"\\ud800"),
    "half a character in a name": trail([event()]).replace(b"data-0000", b"\\ud83d"),
    "half a character in a session": trail([event()]).replace(b"s-0", b"\\ud83d"),
    "a session whose bytes are no text": trail([event()]).replace(b"s-0", b"s-\xff"),
    "a whole character in two halves": trail([event()]).replace(b"aws-cli", b"\\ud83d\\ude00"),
    "bytes that are no text": trail([event()]).replace(b"aws-cli", b"\xff\xfe"),
    "bytes that are no text where nobody looks": trail([event(requestID="x")]).replace(b'"x"', b'"\xc0\xaf"'),
    "a surrogate in bytes": trail([event()]).replace(b"aws-cli", b"\xed\xa0\x80"),
    "a control sign": trail([event()]).replace(b"aws-cli", b"a\nb"),
    "a number beyond all": trail([event(requestParameters={"n": 1})]).replace(b'"n":1', b'"n":1e999'),
    "a number of many digits": trail([event()]).replace(REQUEST, b'"n":' + b"9" * 400 + b"," + REQUEST),
    "a number that is none": trail([event()]).replace(REQUEST, b'"n":01,' + REQUEST),
    "a deep list": trail([event()]).replace(ANSWER, ANSWER[:-4] + b"[" * 3000 + b"]" * 3000),
    "a deep list that does not end": trail([event()]).replace(ANSWER, ANSWER[:-4] + b"[" * 90000),
    "an account that is a number": trail([event(recipientAccountId=12345678901)]),
    "an account that is a fraction": trail([event(recipientAccountId=1.5)]),
    "a flag that is a text": trail([event(readOnly="true", managementEvent="false")]),
    "a name that is a number": trail([event(eventName=1)]),
    "nothing where a text is due": trail([event(eventSource=None)]),
    "no time": trail([event(), event(1, eventTime="yesterday"), event(2, eventTime="2026-02-30T00:00:00Z")]),
    "a time of the year nought": trail([event(eventTime="0000-01-01T00:00:00Z")]),
    "a time with a zone": trail([event(eventTime="2026-01-31T07:15:00+01:00")]),
    "leap days": trail([event(eventTime="2024-02-29T23:59:59Z"), event(1, eventTime="1900-02-29T00:00:00Z")]),
    "no records": b'{"Records":[]}',
    "blanks": b' { "Records" : [ ] } ',
    "a record that is none": b'{"Records":[1]}',
    "two lists": b'{"Records":[],"Records":[]}',
    "something behind": trail([event()]) + b"x",
    "a mark at the beginning": b"\xef\xbb\xbf" + trail([event()]),
    "written in lines": json.dumps({"Records": [event(), event(1)]}, indent=1).encode(),
    "texts beyond ASCII": trail([event(userAgent="curl/é", requestParameters={"bucketName": "b", "key": "ü/ö"})]),
    "a session without a name": trail([event(userIdentity=session("app", "", "ASIA1"))]),
    "a session that is no text": trail([event(userIdentity=session("app", "x", "ASIA1") | {"accessKeyId": None})]),
    "a session in scope": trail(
        [event(userIdentity=session("app", "x", "ASIA1") | {"inScopeOf": {"credentialsIssuedTo": "a"}})]
    ),
    "an address that is a service": trail([event(sourceIPAddress="ec2.amazonaws.com"), event(1, sourceIPAddress=None)]),
    "an error without a code": trail([event(errorCode="", errorMessage="x"), event(1, errorCode=None)]),
    "a long request": trail([event(requestParameters={"bucketName": "b", "key": "k/" + "x" * 9000})] * 3),
    "one id twice": trail([event(), event()]),
    "digest": b'{"digestS3Bucket":"b","digestStartTime":"x"}',
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd_is_read_alike(code: Any, odd: str) -> None:
    fine = trail([event(number) for number in range(10, 20)])
    alike(code, ODD[odd])
    alike(code, fine, ODD[odd], fine, ODD[odd])


SEED = trail(busy(1, 3))
PUT = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\0", b"\xff", b"\xc3\xa9", b"0", b"e9", b"-", b".", b" ",
       b"null", b'"eventID":"x",', b"\\ud800", b"\\u0000"]  # fmt: skip


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_alike(code: Any, data: st.DataObject) -> None:
    content = bytearray(SEED)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        put = data.draw(st.sampled_from(PUT) | st.binary(max_size=3))
        content[at : at + data.draw(st.integers(0, 2))] = put
    cut = data.draw(st.none() | st.integers(0, len(content)))
    alike(code, bytes(content)[:cut])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(event())), json_values, st.booleans())
@example("userIdentity", {"type": "AssumedRole", "sessionContext": {}}, False)
@settings(max_examples=200, deadline=None)
def test_any_value_in_any_field_is_read_alike(code: Any, name: str, value: Any, ascii: bool) -> None:
    alike(
        code,
        json.dumps({"Records": [event(0, **{name: value}), event(1)]}, ensure_ascii=ascii).encode("utf-8", "replace"),
    )


def test_methods_refuse_what_makes_no_sense(code: Any) -> None:
    rows, text = code.Rows(1), ((b"",), ())
    assert rows.take(trail([event()])) == 1
    for wrong in (
        lambda: rows.resolve(9, 0, 0), lambda: rows.resolve(0, 5, 0), lambda: rows.record(1), lambda: rows.record(-1),
        lambda: rows.column(6), lambda: rows.column(-4), lambda: rows.seat(7, 0, "", ""), lambda: rows.texts(),
        lambda: rows.given([(3, 0, "", "", "")]), lambda: rows.form(0, 0, 0, 0, 0, (), 0, text, text, text),
        lambda: rows.skeleton(0, (("x", b""),), (), (), (), (), False, False), lambda: rows.forget(),
        lambda: rows.undo(2),
        lambda: rows.skeleton(0, (("l", b""),), (0,), (0,), (), (), False, False), lambda: rows.take("text"),
        lambda: rows.flat(0, 0, ((b"",), (0,)), text, text), lambda: code.Rows(),
    ):  # fmt: skip
        with pytest.raises((IndexError, ValueError, TypeError)):
            wrong()
    assert rows.column(0) == b"\xff\xff\xff\xff"
    rows.clear()
    assert len(rows) == 0


def test_what_cannot_be_compiled_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, sources = tmp_path / "_native.abi3.so", ROOT / PLACE / "native"
    monkeypatch.delenv("LEASTWISE_PURE", raising=False)
    monkeypatch.setenv("CC", "no-such-compiler")
    assert compiled(sources, target) == "no-such-compiler: No such file or directory"
    monkeypatch.setenv("CC", "false")
    assert compiled(sources, target) == "false: ended with 1"
    monkeypatch.setenv("CC", "true")
    assert compiled(sources, target).startswith("what was compiled: ")
    monkeypatch.setenv("LEASTWISE_PURE", "1")
    assert compiled(sources, target) == "LEASTWISE_PURE is set"
    assert list(tmp_path.iterdir()) == []
