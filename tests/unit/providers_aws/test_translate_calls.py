"""Collected answers → facts: workloads and roles, resource policies, reach from the internet, the account."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_support import Tables, rows, tables_of

from fakes.aws_answers import ACCOUNT, DETAILS, FACTS, IAM, ORGANIZATION, POLICIES, REGION, WORKLOADS, Answer, arn, role
from fakes.shared import ROOT
from leastwise.errors import LeastwiseError
from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.aws.collect.declaration import declared
from leastwise.providers.aws.exports.calls import ACCEPTED, READ
from leastwise.providers.aws.exports.redact import Redactor
from leastwise.providers.aws.translate import translate
from leastwise.providers.aws.translate.registered import RESPONSES
from leastwise.providers.collecting.prune import prune

ALL = [*WORKLOADS, *POLICIES, *FACTS, *ORGANIZATION]


def document(scope: Scope, answer: Answer, region: str = REGION) -> RawDocument:
    service = answer.kind.partition(".")[0]
    name = "/".join((scope.id, region, answer.kind, " ".join(answer.about)))
    return RawDocument(
        scope, service, answer.kind, name, json.dumps(answer.body).encode(), "\x1f".join(answer.about), None, region
    )


def collected(answers: Sequence[Answer], scope: Scope | None = None) -> Collected:
    scope = scope or Scope("aws", "account", ACCOUNT)
    documents = tuple(document(scope, answer) for answer in answers)
    return Collected(scope, datetime(2026, 4, 1, tzinfo=UTC), documents)


def told(answers: Sequence[Answer], scope: Scope | None = None) -> Tables:
    return tables_of(collected(answers, scope))


@pytest.fixture(scope="module")
def workloads() -> Tables:
    return told(WORKLOADS)


@pytest.fixture(scope="module")
def policies() -> Tables:
    return told(POLICIES)


@pytest.fixture(scope="module")
def facts() -> Tables:
    return told(FACTS)


def links(tables: Tables, subject: str) -> set[tuple[str, str]]:
    return {(row["kind"], row["object"]) for row in rows(tables, "runs_as", subject=subject)}


def resource(tables: Tables, id: str) -> dict[str, Any]:
    (row,) = rows(tables, "resources", id=id)
    return row | {"details": dict(row["details"]), "tags": dict(row["tags"])}


SERVICE_ROLE = f"{IAM}role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
RUNS = {
    arn("ec2", "instance/i-0123456789abcdef0"): {
        ("instance_profile", f"{IAM}instance-profile/web-profile"), ("executes_as", role("web"))},
    arn("ec2", "instance/i-0private"): {
        ("instance_profile", f"{IAM}instance-profile/web-profile"), ("executes_as", role("web"))},
    arn("ec2", "instance/i-0partner"): set(),
    arn("ecs", "task-definition/api:7"): {("executes_as", role("api")), ("service_role", role("api-start"))},
    arn("ecs", "service/main/api"): {
        ("executes_as", role("api")), ("service_role", role("api-start")), ("service_role", SERVICE_ROLE)},
    arn("ecs", "task/main/0001"): {("executes_as", role("api")), ("service_role", role("api-start"))},
    arn("ecs", "task/main/0002"): {("executes_as", role("admin")), ("service_role", role("api-start"))},
    arn("apprunner", "service/shop/abc"): {("executes_as", role("shop")), ("service_role", role("shop-pull"))},
    arn("batch", "job-definition/nightly:3"): {("executes_as", role("nightly")), ("service_role", role("batch-start"))},
    arn("batch", "job-definition/many:1"): {
        ("executes_as", role("node-a")), ("executes_as", role("node-b")), ("service_role", role("s"))},
    arn("batch", "compute-environment/spot"): {
        ("service_role", role("batch")), ("service_role", role("fleet")), ("executes_as", role("web")),
        ("instance_profile", f"{IAM}instance-profile/web-profile")},
    arn("codebuild", "project/build"): {
        ("executes_as", role("build")), ("service_role", role("build-public")), ("service_role", role("build-batch"))},
    arn("cloudformation", "stack/net/0f1e"): {("executes_as", role("deploy"))},
    arn("glue", "job/etl"): {("executes_as", f"{IAM}role/service-role/glue-etl")},
    arn("glue", "job/other"): {("executes_as", role("glue-other"))},
    arn("glue", "crawler/crawl"): {("executes_as", f"{IAM}role/service-role/unread")},
    arn("states", "stateMachine:flow"): {("executes_as", role("flow"))},
    arn("scheduler", "schedule/default/nightly"): {
        ("executes_as", role("sched")), ("invokes", arn("ecs", "cluster/main")),
        ("invokes", arn("ecs", "task-definition/api:7"))},
    arn("ssm", "activation/8a7b6c5d-1111"): {("executes_as", f"{IAM}role/service-role/glue-etl")},
    arn("eks", "cluster/k"): {("service_role", role("eks")), ("executes_as", role("nodes"))},
    arn("eks", "podidentityassociation/k/a-1"): {
        ("executes_as", role("cart")), ("executes_as", "arn:aws:iam::444455556666:role/data")},
    arn("sagemaker", "notebook-instance/lab"): {("executes_as", role("lab"))},
    arn("sagemaker", "domain/d-1"): {("executes_as", role("studio"))},
    arn("sagemaker", "user-profile/d-1/ann"): {("executes_as", role("studio"))},
    arn("sagemaker", "endpoint/score"): {("executes_as", role("model"))},
    arn("sagemaker", "model/m"): {("executes_as", role("model"))},
    arn("sagemaker", "training-job/t"): {("executes_as", role("train"))},
    arn("cognito-identity", "identitypool/eu-west-1:0f1e2d3c-1111-2222-3333-444455556666"): {
        ("gives", role("member")), ("gives", role("guest")), ("gives", role("app-admin"))},
    arn("rolesanywhere", "profile/p-1"): {("gives", role("robot")), ("gives", role("robot-2"))},
    role("web"): {("enters", arn("eks", "cluster/k"))},
}  # fmt: skip


@pytest.mark.parametrize("subject", RUNS)
def test_what_a_workload_runs_as(workloads: Tables, subject: str) -> None:
    assert links(workloads, subject) == RUNS[subject]
    executes = [object for kind, object in RUNS[subject] if kind == "executes_as"]
    if executes and subject != role("web"):
        assert resource(workloads, subject)["principal"] in executes


INTERNET = {
    arn("ec2", "instance/i-0123456789abcdef0"): ("yes", "198.51.100.7, 2600:1f18::7", "tcp/443, tcp/8000-8100"),
    arn("ec2", "instance/i-0private"): ("no", None, None),
    arn("ec2", "instance/i-0partner"): ("limited", "198.51.100.8", None),
    arn("ec2", "instance/i-0unread"): ("unknown", "198.51.100.9", None),
    arn("ecs", "task/main/0001"): ("yes", "198.51.100.20", "tcp/443"),
    arn("apprunner", "service/shop/abc"): ("yes", None, None),
    arn("eks", "cluster/k"): ("yes", None, None),
}


@pytest.mark.parametrize("id", INTERNET)
def test_what_the_internet_reaches(workloads: Tables, id: str) -> None:
    details = resource(workloads, id)["details"]
    assert (details["internet_direct"], details.get("public_addresses"), details.get("open_ports")) == INTERNET[id]


def test_what_could_not_be_joined_is_a_gap() -> None:
    wanted = (
        "ecs.describe-services",
        "sagemaker.describe-user-profile",
        "sagemaker.describe-endpoint",
        "ec2.describe-instances",
    )
    gaps = {
        row["call"] for row in rows(told([one for one in WORKLOADS if one.kind in wanted]), "coverage", status="failed")
    }
    assert gaps == {
        "ecs DescribeTaskDefinition",
        "sagemaker DescribeDomain",
        "sagemaker DescribeEndpointConfig",
        "iam GetAccountAuthorizationDetails",
    }
    assert not rows(told(WORKLOADS), "coverage")


def test_rows_of_workloads(workloads: Tables) -> None:
    instance = resource(workloads, arn("ec2", "instance/i-0123456789abcdef0"))
    assert (instance["kind"], instance["name"], instance["region"]) == ("ec2:instance", "web-1", REGION)
    assert instance["created"].isoformat() == "2026-03-01T10:00:00+00:00"
    assert instance["tags"] == {"Name": "web-1"} and instance["details"]["metadata_tokens"] == "optional"
    definition = resource(workloads, arn("ecs", "task-definition/api:7"))["details"]
    assert json.loads(definition["secrets"]) == {"DB": arn("secretsmanager", "secret:db-a1b2c3")}
    assert resource(workloads, arn("codebuild", "project/build"))["details"]["variables"] == '["TOKEN"]'
    entry = resource(workloads, arn("eks", f"access-entry/k/role/{ACCOUNT}/web/0a0b"))
    assert entry["details"]["groups"] == '["viewers"]' and "ClusterAdmin" in entry["details"]["access_policies"]
    cluster = resource(workloads, arn("eks", "cluster/k"))
    assert cluster["details"]["oidc_issuer"].endswith("/id/ABC") and cluster["details"]["logs"] == '["audit"]'
    anchor = resource(workloads, arn("rolesanywhere", "trust-anchor/ta-1"))["details"]
    assert anchor["private_ca"] == arn("acm-pca", "certificate-authority/1")


def test_guests_of_an_identity_pool_are_anyone(workloads: Tables) -> None:
    found = rows(workloads, "trusts", principal=role("guest"))
    assert {row["subject_kind"] for row in found} >= {"anyone"} and len(found) == 2
    pool = resource(workloads, arn("cognito-identity", "identitypool/eu-west-1:0f1e2d3c-1111-2222-3333-444455556666"))
    assert pool["details"]["guests"] == "true" and pool["details"]["guest_role"] == role("guest")
    assert json.loads(pool["details"]["session_tags"]) == {
        "cognito-idp.eu-west-1.amazonaws.com/p": {"department": "custom:department"}
    }


@pytest.mark.parametrize(("key", "value"), [("aud", "eu-west-1:another"), ("amr", "authenticated")])
def test_a_role_that_does_not_trust_guests_of_the_pool_is_not_given_to_them(key: str, value: str) -> None:
    text = json.dumps(DETAILS.body)
    old = "eu-west-1:0f1e2d3c-1111-2222-3333-444455556666" if key == "aud" else "unauthenticated"
    details = DETAILS._replace(body=json.loads(text.replace(old, value)))
    tables = told([details if one is DETAILS else one for one in WORKLOADS])
    assert [row["subject_kind"] for row in rows(tables, "trusts", principal=role("guest"))] == ["oidc"]


@pytest.mark.parametrize("guests", [False, None])
def test_a_pool_that_keeps_guests_out_or_was_not_described_opens_nothing(guests: bool | None) -> None:
    answers = []
    for answer in WORKLOADS:
        if answer.kind == "cognito-identity.describe-identity-pool":
            if guests is None:
                continue
            answer = answer._replace(body=answer.body | {"AllowUnauthenticatedIdentities": guests})
        answers.append(answer)
    tables = told(answers)
    assert not [row for row in rows(tables, "trusts", principal=role("guest")) if row["subject_kind"] == "anyone"]
    given = rows(tables, "runs_as", object=role("guest"), kind="gives")
    assert len(given) == (0 if guests is False else 1)  # not described: perhaps


def test_an_endpoint_policy_is_a_filter(workloads: Tables) -> None:
    (attached,) = rows(workloads, "attachments", target=arn("ec2", "vpc-endpoint/vpce-1"))
    assert attached["layer"] == "endpoint"
    assert not [row for row in rows(workloads, "attachments", layer="resource") if "vpce" in row["target"]]


OWNED = {
    arn("lambda", "layer:base:1"): 1, arn("lambda", "layer:base:2"): 0, arn("s3", "accesspoint/ap"): 1,
    arn("s3", "accesspoint/bare"): 0, arn("execute-api", "a1"): 1, arn("execute-api", "a2"): 0,
    arn("execute-api", "h1"): 0, arn("ecr", "repository/app/api"): 1, arn("ecr", "repository/bare"): 0,
    arn("ecr", "repository/*"): 1, arn("glue", "catalog"): 2, arn("elasticfilesystem", "file-system/fs-1"): 1,
    arn("elasticfilesystem", "file-system/fs-2"): 0, arn("es", "domain/s"): 1, arn("es", "domain/v"): 0,
    arn("backup", "backup-vault:v"): 1, arn("backup", "backup-vault:bare"): 0, arn("dynamodb", "table/t"): 0,
    arn("events", "event-bus/default"): 0, arn("events", "event-bus/orders"): 1, arn("logs", "log-group:*"): 2,
    arn("logs", "log-group:/app"): 1, arn("logs", "destination:hub"): 1, arn("ses", "identity/x.example"): 2,
    arn("lambda", "function:api"): 1,
}  # fmt: skip
"""How many policies each thing has, all of which were asked for."""


@pytest.mark.parametrize("id", OWNED)
def test_resource_policies(policies: Tables, id: str) -> None:
    row = resource(policies, id)
    assert row["policy_known"] and (row["policy"] is not None) == bool(OWNED[id])
    found = rows(policies, "attachments", target=id)
    assert len(found) == OWNED[id] and {one["layer"] for one in found} <= {"resource"}
    documents = policies["documents"].to_pylist()
    assert not [one for one in found if documents[one["document"]]["unsupported"]]


def test_what_was_not_asked_stays_unknown(policies: Tables, facts: Tables) -> None:
    for id in (
        arn("secretsmanager", "secret:db-a1b2c3"),
        arn("kms", "key/1111-2222"),
        f"{arn('lambda', 'function:api')}:live",
    ):
        assert not resource(policies, id)["policy_known"]
    assert not resource(facts, arn("cloudtrail", "eventdatastore/1"))["policy_known"]


def test_grants_of_a_key_are_documents_beside_its_policy(policies: Tables) -> None:
    key = arn("kms", "key/1111-2222")
    row, documents = resource(policies, key), policies["documents"].to_pylist()
    assert row["details"]["aliases"] == "alias/orders" and row["details"]["manager"] == "CUSTOMER"
    assert row["tags"] == {"team": "core"} and row["policy"] is None
    one, two = rows(policies, "attachments", target=key)
    assert (one["kind"], one["layer"], one["policy"], two["policy"]) == ("kms_grant", "resource", "g-1", "g-2")
    assert json.loads(documents[one["document"]]["text"])["Statement"] == [
        {
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/reader"}, "Resource": "*",
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Condition": {
                "StringEquals": {"kms:EncryptionContext:order": "7"},
                "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["order"]},
            },
        },
        {"Effect": "Allow", "Principal": {"AWS": role("web")}, "Action": "kms:RetireGrant", "Resource": "*"},
    ]  # fmt: skip
    (statement,) = json.loads(documents[two["document"]]["text"])["Statement"]
    assert statement["Principal"] == {"Service": "rds.eu-west-1.amazonaws.com"}


def test_what_opens_apis_urls_and_domains(policies: Tables) -> None:
    expected = {
        arn("execute-api", "a1"): "yes", arn("execute-api", "a2"): "no", arn("execute-api", "h1"): "yes",
        arn("es", "domain/s"): "yes", arn("es", "domain/v"): "no", arn("lambda", "function:api"): "yes",
        arn("s3", "accesspoint/ap"): "no",
    }  # fmt: skip
    assert {id: resource(policies, id)["details"]["internet_direct"] for id in expected} == expected
    point = resource(policies, arn("s3", "accesspoint/ap"))
    assert (point["kind"], point["public_block"], point["details"]["bucket"]) == ("s3:accesspoint", "all", "b")
    assert resource(policies, arn("lambda", "function:api"))["details"]["layers"] == json.dumps(
        [arn("lambda", "layer:base:1")]
    )


@pytest.mark.parametrize(("policy", "reached"), [
    (None, "unknown"), ("{}", "no"),
    ('{"Statement": {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "lambda:*"}}', "yes"),
])  # fmt: skip
def test_a_url_is_open_when_its_policy_says_so(policy: str | None, reached: str) -> None:
    answers = [answer for answer in POLICIES if answer.kind.startswith("lambda.")]
    kept = [one for one in answers if one.kind != "lambda.get-policy"]
    if policy:
        kept.append(Answer("lambda.get-policy", {"Policy": policy}, (arn("lambda", "function:api"),)))
    assert resource(told(kept), arn("lambda", "function:api"))["details"]["internet_direct"] == reached


def test_rules_of_a_bus_start_their_targets(policies: Tables) -> None:
    assert links(policies, arn("events", "rule/orders/r")) == {
        ("executes_as", role("rule")), ("invokes", arn("ecs", "cluster/main")),
        ("invokes", arn("ecs", "task-definition/api:7")),
    }  # fmt: skip
    assert links(policies, f"{arn('lambda', 'function:api')}:live") == {("invokes", arn("lambda", "function:api"))}
    for id in (arn("es", "domain/s"), arn("logs", "destination:hub"), f"arn:aws:apigateway:{REGION}::/account"):
        assert {kind for kind, _ in links(policies, id)} == {"service_role"}


def test_the_account_and_its_audit_log(facts: Tables) -> None:
    account = resource(facts, f"{IAM}account")
    assert (account["kind"], account["name"]) == ("iam:account", "acme-prod")
    assert account["details"] == {
        "password_policy": "own", "password_length": "14", "password_symbols": "true", "password_expires": "false",
        "password_history": "24", "alias": "acme-prod",
    }  # fmt: skip
    (certificate,) = rows(facts, "credentials", kind="server_certificate")
    assert (certificate["id"], certificate["principal"]) == ("ASCA1", f"{IAM}server-certificate/old")
    assert certificate["expires"].year == 2025
    trail = resource(facts, arn("cloudtrail", "trail/main"))["details"]
    assert (
        trail["logging"] == "false"
        and trail["delivery_error"] == "AccessDenied"
        and trail["IsMultiRegionTrail"] == "True"
    )
    store = resource(facts, arn("cloudtrail", "eventdatastore/1"))
    assert json.loads(store["details"]["selectors"])["AdvancedEventSelectors"][0]["Name"] == "all"
    assert store["details"]["retention_days"] == "90"
    assert links(facts, arn("cloudtrail", "eventdatastore/1")) == {("service_role", role("lake"))}
    assert links(facts, arn("bedrock", "agent/A1")) == {
        ("executes_as", role("agent")), ("invokes", arn("lambda", "function:api"))}  # fmt: skip


def test_an_account_without_password_policy_has_the_default_one() -> None:
    tables = told([Answer("iam.get-account-password-policy!NoSuchEntity", {})])
    account = resource(tables, f"{IAM}account")
    assert account["details"] == {"password_policy": "default"} and account["name"] == ACCOUNT


def test_policies_of_thing_groups_reach_things_below(facts: Tables) -> None:
    fleet, north = arn("iot", "thinggroup/fleet"), arn("iot", "thinggroup/north")
    assert {(row["member"], row["group"]) for row in rows(facts, "memberships", kind="thing_group")} == {
        (arn("iot", "thing/t2"), north), (arn("iot", "thing/t2"), fleet)}  # fmt: skip
    attached = {(row["target"], row["policy"]) for row in rows(facts, "attachments", layer="device")}
    assert attached == {(arn("iot", "thing/t1"), arn("iot", "policy/pub")), (fleet, arn("iot", "policy/pub"))}
    loose = arn("iot", "cert/ffff")
    held = {row["principal"]: row for row in rows(facts, "credentials", kind="certificate")}
    assert held[arn("iot", "thing/t1")]["active"] is False and held[loose]["active"] is True and len(held) == 2
    assert rows(facts, "principals", id=loose)[0]["native"] == "certificate"
    (group,) = rows(facts, "principals", id=north)
    assert (group["kind"], group["native"], group["unique_id"]) == ("group", "thing_group", "u-1")


def test_the_organization() -> None:
    tables = told(ORGANIZATION, Scope("aws", "organization", "o-abcdefghij"))
    root = resource(tables, f"arn:aws:organizations::{ACCOUNT}:organization/o-abcdefghij")
    assert root["policy"] is not None and root["details"]["features"] == "ALL"
    assert root["details"]["policy_types"] == '["SERVICE_CONTROL_POLICY"]'
    (delegated,) = rows(tables, "runs_as", kind="administers")
    assert (delegated["subject"], delegated["object"]) == ("arn:aws:iam::444455556666:root", "guardduty.amazonaws.com")
    assert delegated["account"] == "444455556666"
    assert resource(tables, "arn:aws:sso:::permissionSet/ssoins-1/ps-1")["details"] == {"session": "PT8H"}
    absent = [one for one in ORGANIZATION if one.kind != "organizations.describe-resource-policy"]
    absent.append(Answer("organizations.describe-resource-policy!ResourcePolicyNotFoundException", {}))
    root = resource(told(absent, Scope("aws", "organization", "o-abcdefghij")), root["id"])
    assert root["policy"] is None and root["policy_known"]


# --- nothing is left out --------------------------------------------------------------------------------------------

ELSEWHERE = {
    "account_authorization_details": "details.py",
    "credential_report": "credential_report.py",
}
SAYS_NOTHING = {
    "cloudtrail.get-event-selectors!TrailNotFoundException": "an organization's trail, told where it lives",
    "cloudtrail.get-event-selectors!CloudTrailARNInvalidException": "the same",
    "cloudtrail.get-trail-status!TrailNotFoundException": "the same",
    "cloudtrail.get-trail-status!CloudTrailARNInvalidException": "the same",
    "cognito-identity.get-principal-tag-attribute-map!ResourceNotFoundException": "no tags, which is no row",
    "s3api.get-bucket-tagging!NoSuchTagSet": "no tags, which is no row",
    "sso-admin.get-permissions-boundary-for-permission-set!ResourceNotFoundException": "identity_center.py",
}  # fmt: skip
"""Kinds that give no fact of their own, and why: the list that a reviewer reads."""
_ORGANIZATION = ("organizations", "sso-admin", "identitystore")


def test_nothing_that_is_collected_is_ignored_silently() -> None:
    ours = {f"{service}.{one}" for service in _ORGANIZATION for one in READ[service]}
    lists = {f"{service}.{one}" for service, found in ACCEPTED.items() for one in found}
    kinds = {
        kind
        for service in declared()
        for call in service.walk()
        if not call.passing  # no document
        for kind in (service.kind(call), *(f"{service.kind(call)}!{code}" for code in call.absent))
    }
    assert kinds - set(RESPONSES) - ours - lists - set(ELSEWHERE) - set(SAYS_NOTHING) == set()
    assert not set(SAYS_NOTHING) - kinds


def test_lists_lead_to_the_calls_that_describe() -> None:
    """A call is only a list when others follow from it."""
    lists = {f"{service}.{one}" for service, found in ACCEPTED.items() for one in found}
    bare = {
        service.kind(call) for service in declared() for call in service.walk()
        if service.kind(call) in lists and not call.then
    }  # fmt: skip
    assert not bare


def test_answers_here_are_those_that_collection_keeps() -> None:
    keeps = {service.kind(call): call.keep for service in declared() for call in service.walk()}
    for answer in ALL:
        kind, _, error = answer.kind.partition("!")
        if kind != "account_authorization_details" and not error:
            assert prune(answer.body, keeps[kind], lambda text: text) == answer.body, kind


@pytest.mark.parametrize("answers", [WORKLOADS, POLICIES, FACTS], ids=["workloads", "policies", "facts"])
def test_an_import_of_the_same_answers_keeps_what_translation_reads(answers: list[Answer]) -> None:
    redactor = Redactor(b"key")
    whole = collected(answers)
    documents = tuple(replace(one, body=redactor.document(one.body)) for one in whole.documents)
    first, second = translate(whole), translate(replace(whole, documents=documents))
    for name in ("runs_as", "attachments", "principals", "credentials", "memberships", "trusts"):
        assert first[name].to_pylist() == second[name].to_pylist(), name
    for one, other in zip(first["resources"].to_pylist(), second["resources"].to_pylist(), strict=True):
        lost = {key for key, value in dict(one["details"]).items() if dict(other["details"]).get(key) != value}
        assert lost <= {"environment", "role_choices"}, one["id"]
        assert {**one, "details": None} == {**other, "details": None}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, below in members for one in leaves(below, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], to: Any) -> Any:
    if not path:
        return to
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], to)
    return copy


@pytest.mark.parametrize("answer", [one for one in ALL if "." in one.kind and one.body], ids=lambda one: one.kind)
def test_a_bad_shape_is_one_line_that_names_the_answer(answer: Answer) -> None:
    organization = answer.kind.startswith(_ORGANIZATION)
    scope = Scope("aws", "organization" if organization else "account", "o-abcdefghij" if organization else ACCOUNT)
    for path in leaves(answer.body):
        for value in (7, "x", [], [7], [{}], {"a": 7}):
            try:
                translate(collected([answer._replace(body=changed(answer.body, path, value))], scope))
            except LeastwiseError as error:
                assert answer.kind in str(error) and "\n" not in str(error), (path, value)


def test_every_detail_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "resource-details.md").read_text("utf-8")
    named = {
        key
        for answers in (WORKLOADS, POLICIES, FACTS)
        for row in rows(told(answers), "resources") for key, _ in row["details"]
    }  # fmt: skip
    assert not {key for key in named if key[0].islower() and f"`{key}`" not in page}
