"""Which actions are about a resource, and which about what it holds."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.providers.aws.compiled.faces import Faces
from leastwise.providers.aws.evaluate.policy import Statement, parse_policy

A = "111111111111"
REGION = f"eu-west-1:{A}"


def statements(*bodies: dict[str, Any]) -> list[Statement]:
    return list(parse_policy({"Version": "2012-10-17", "Statement": list(bodies)}).statements)


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource, **more}


FACES = [
    ("arn:aws:s3:::b", "s3:ListBucket", ["arn:aws:s3:::b"]),
    ("arn:aws:s3:::b", "s3:GetObject", ["arn:aws:s3:::b/*"]),
    ("arn:aws:s3:::b", "s3:ListAllMyBuckets", []),
    ("arn:aws:s3:::b", "s3:GetAccessPointPolicy", []),
    (f"arn:aws:s3:{REGION}:accesspoint/p", "s3:ListBucket", [f"arn:aws:s3:{REGION}:accesspoint/p"]),
    (f"arn:aws:s3:{REGION}:accesspoint/p", "s3:GetObject", [f"arn:aws:s3:{REGION}:accesspoint/p/object/*"]),
    (f"arn:aws:dynamodb:{REGION}:table/t", "dynamodb:GetItem", [f"arn:aws:dynamodb:{REGION}:table/t"]),
    (f"arn:aws:dynamodb:{REGION}:table/t", "dynamodb:GetRecords", [f"arn:aws:dynamodb:{REGION}:table/t/*"]),
    (f"arn:aws:logs:{REGION}:log-group:/a/b", "logs:PutLogEvents", [f"arn:aws:logs:{REGION}:log-group:/a/b:*"]),
    (f"arn:aws:execute-api:{REGION}:abc", "execute-api:Invoke", [f"arn:aws:execute-api:{REGION}:abc/*"]),
    (f"arn:aws:lambda:{REGION}:function:f", "lambda:InvokeFunction", [f"arn:aws:lambda:{REGION}:function:f"]),
    (f"arn:aws:lambda:{REGION}:function:f", "lambda:GetLayerVersion", []),
    (f"arn:aws:kms:{REGION}:key/k", "kms:Decrypt", [f"arn:aws:kms:{REGION}:key/k"]),
    (f"arn:aws:kms:{REGION}:key/k", "kms:CreateKey", []),
    (f"arn:aws:iam::{A}:role/r", "sts:AssumeRole", [f"arn:aws:iam::{A}:role/r"]),
    (f"arn:aws:iam::{A}:role/r", "sts:AssumeRoot", []),
    (f"arn:aws:sqs:{REGION}:q", "sns:Publish", []),
]


@pytest.mark.parametrize(("arn", "action", "faces"), FACES)
def test_the_face_that_an_action_is_about(arn: str, action: str, faces: list[str]) -> None:
    assert [(one.actions, one.face) for one in Faces().groups(arn, statements(allow(action)))] == [
        ((action,), face) for face in faces
    ]


def test_what_a_statement_covers_alone_is_asked_besides() -> None:
    domain = f"arn:aws:es:{REGION}:domain/d"
    found = {one.face for one in Faces().groups(domain, statements(allow("es:ESHttpGet", f"{domain}/*")))}
    assert found == {domain, f"{domain}/*"}
    both = {one.face for one in Faces().groups(domain, statements(allow("es:ESHttpGet", [domain, f"{domain}*"])))}
    assert both == {domain}


def test_actions_that_the_same_statements_concern_are_one_group() -> None:
    deny = allow("sqs:Delete*") | {"Effect": "Deny"}
    found = list(Faces().groups(f"arn:aws:sqs:{REGION}:q", statements(allow("sqs:*"), deny)))
    assert len(found) == 2
    denied = next(one for one in found if "sqs:DeleteQueue" in one.actions)
    assert all(name.startswith("sqs:Delete") for name in denied.actions)


def test_keys_that_only_some_actions_carry_tell_them_apart() -> None:
    asked = statements(allow("sns:*", Condition={"StringEquals": {"sns:Protocol": "https"}}))
    found = list(Faces().groups(f"arn:aws:sns:{REGION}:t", asked))
    carrying = next(one for one in found if "sns:Subscribe" in one.actions)
    assert "sns:Publish" not in carrying.actions and len(found) == 2


def test_nothing_is_grouped_where_nothing_allows() -> None:
    assert list(Faces().groups("arn:aws:s3:::b", statements(allow("s3:*") | {"Effect": "Deny"}))) == []


def test_resources_of_one_kind_share_their_groups() -> None:
    faces = Faces()
    first = list(faces.groups("arn:aws:s3:::a", statements(allow("s3:*"))))
    second = list(faces.groups("arn:aws:s3:::b", statements(allow("s3:*"))))
    assert [one.actions for one in first] == [one.actions for one in second]
    assert {one.face for one in second} == {"arn:aws:s3:::b", "arn:aws:s3:::b/*"}


def test_a_resource_that_the_catalogue_does_not_know_is_asked_by_what_is_written() -> None:
    arn = f"arn:aws:newservice:{REGION}:thing/x"
    assert [(one.actions, one.face) for one in Faces().groups(arn, statements(allow("newservice:DoIt", arn)))] == [
        (("newservice:DoIt",), arn)
    ]
