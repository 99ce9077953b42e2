"""What guardrails of AWS and Google Cloud are put on, and what they say, within their room."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

from leastwise.app.guarding import Denied
from leastwise.providers.aws.guarding import GUARDING as AWS
from leastwise.providers.base.guarding import READS, Guardrails, Target
from leastwise.providers.gcp.guarding import GUARDING as GOOGLE
from leastwise.providers.gcp.guarding import spelled

ROLE = "arn:aws:iam::2:role/worker"
BOUND = {"Version": "2012-10-17", "Statement": {"Sid": "Own", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
SCOPES = [
    {"id": "r-1", "kind": "root"},
    {"id": "ou-1", "kind": "organizational_unit", "parent": "r-1"},
    {"id": "1", "kind": "account", "parent": "r-1", "management": True},
    {"id": "2", "kind": "account", "parent": "ou-1", "management": False},
    {"id": "3", "kind": "account", "parent": "r-1", "management": False},
]
PLACES = [
    {"id": "organizations/1", "kind": "organization"},
    {"id": "folders/2", "kind": "folder", "parent": "organizations/1"},
    {"id": "web", "kind": "project", "parent": "folders/2", "number": "77"},
    {"id": "lab", "kind": "project", "parent": "organizations/1"},
]


class Tables(NamedTuple):
    tables: dict[str, pa.Table]


def tables(**rows: list[dict[str, Any]]) -> list[Any]:
    kinds = {"management": pa.bool_(), "document": pa.int64()}
    found = {}
    for name, columns in READS.items():
        schema = pa.schema(
            [(one, kinds.get(one, pa.string())) for one in columns if name != "documents" or one == "text"]
        )
        schema = pa.schema([("text", pa.binary())]) if name == "documents" else schema
        filled = [{one: row.get(one) for one in columns} for row in rows.get(name, ())]
        found[name] = pa.Table.from_pylist(filled, schema)
    return [Tables(found)]


def on(kinds: Sequence[Guardrails], scopes: list[Any], named: str) -> tuple[Guardrails, Target]:
    return next((kind, target) for kind in kinds if (target := kind.takes(scopes, named)) is not None)


OVER = {
    "an account": ("2", {"2"}, ""),
    "a unit": ("ou-1", {"2"}, ""),
    "the root, but not the management account": ("r-1", {"2", "3"}, ""),
    "the management account": ("1", set(), "it is the management account"),
}


@pytest.mark.parametrize(("named", "accounts", "idle"), OVER.values(), ids=OVER)
def test_a_service_control_policy_holds_the_accounts_below(named: str, accounts: set[str], idle: str) -> None:
    kind, target = on(AWS, tables(scopes=SCOPES), named)
    assert (kind.layer, target.accounts) == ("scp", accounts)
    assert target.idle.startswith(idle) and bool(target.idle) == bool(idle)


def test_a_boundary_goes_on_from_the_one_that_is_there() -> None:
    """Every statement of it stays: the new one allows no more."""
    held = {"principals": [{"id": ROLE, "native": "role", "account": "2"}]}
    kind, bare = on(AWS, tables(scopes=SCOPES, **held), ROLE)
    body = json.loads(kind.written([Denied(("iam:CreateUser",), ())], tuple, bare)[0])
    assert [one["Effect"] for one in body["Statement"]] == ["Allow", "Deny"]
    attached = [{"layer": "boundary", "target": ROLE, "policy": "arn:aws:iam::2:policy/bound", "document": 0}]
    documents = [{"text": json.dumps(BOUND).encode()}]
    _, bounded = on(AWS, tables(scopes=SCOPES, **held, attachments=attached, documents=documents), ROLE)
    body = json.loads(kind.written([Denied(("iam:CreateUser",), ())], tuple, bounded)[0])
    assert body["Statement"][0] == BOUND["Statement"]
    assert (body["Statement"][1]["Effect"], body["Statement"][1]["Action"]) == ("Deny", ["iam:CreateUser"])
    assert (kind.layer, bounded.principals, bounded.told["policy"]) == ("boundary", {ROLE}, "leastwise-guardrail")
    unread = [{**attached[0], "document": None}]
    _, hidden = on(AWS, tables(scopes=SCOPES, **held, attachments=unread), ROLE)
    assert hidden.idle == "the boundary that it has was not read"


RESOURCES = {
    "a bucket": ("arn:aws:s3:::b", "2", ""),
    "of a service without such policies": ("arn:aws:ec2:eu-west-1:2:instance/i-1", "2", "hold nothing of ec2"),
    "of the management account": ("arn:aws:s3:::m", "1", "lies in the management account"),
}


@pytest.mark.parametrize(("named", "account", "idle"), RESOURCES.values(), ids=RESOURCES)
def test_a_resource_control_policy_is_for_one_resource(named: str, account: str, idle: str) -> None:
    held = tables(scopes=SCOPES, resources=[{"id": named, "account": account}])
    kind, target = on(AWS, held, named)
    assert (kind.layer, target.told["on"], target.resource) == ("rcp", account, named)
    assert idle in target.idle and bool(target.idle) == bool(idle)
    document = json.loads(kind.written([Denied(("s3:DeleteBucket",), (ROLE,))], tuple, target)[0])
    [statement] = document["Statement"]
    assert (statement["Principal"], statement["Resource"]) == ("*", [named, f"{named}/*"])
    assert statement["Condition"] == {
        "ArnNotLike": {"aws:PrincipalArn": [ROLE]}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }  # fmt: skip
    assert kind.touches("", target) and not kind.touches("arn:aws:s3:::other", target)


def test_what_has_no_room_is_left_out() -> None:
    """What comes first is asked for first; nothing is ever longer than the vendor takes."""
    kind, target = on(AWS, tables(scopes=SCOPES), "2")
    denied = [Denied(tuple(f"s{n}:Delete{'x' * 40}{m}" for m in range(30)), ()) for n in range(10)]
    document, kept, length = kind.written(denied, tuple, target)
    assert length == len(document) <= kind.most
    assert kept == denied[: len(kept)] and 0 < len(kept) < len(denied)


MEMBERS = {
    "user:a@b.example": "principal://goog/subject/a@b.example",
    "serviceAccount:x@p.iam.gserviceaccount.com":
        "principal://iam.googleapis.com/projects/-/serviceAccounts/x@p.iam.gserviceaccount.com",
    "deleted:user:a@b.example?uid=1": "",
    "serviceAccount:p.svc.id.goog[ns/sa]": "",
    "domain:b.example": "",
}  # fmt: skip


@pytest.mark.parametrize(("member", "expected"), MEMBERS.items())
def test_whom_a_deny_policy_can_except(member: str, expected: str) -> None:
    assert spelled(member) == expected


def test_a_deny_policy_holds_the_projects_below() -> None:
    kind, target = on(GOOGLE, tables(scopes=PLACES), "folders/2")
    assert target.accounts == {"folders/2", "web", "projects/77"}
    denied = [Denied(("iam.roles.create", "resourcemanager.projects.delete"), ("user:a@b.example",))]
    document, kept, rules = kind.written(denied, tuple, target)
    assert (kept, rules) == (denied, 1)
    body = json.loads(document)
    name = "policies/cloudresourcemanager.googleapis.com%2Ffolders%2F2/denypolicies/leastwise-guardrail"
    assert body["name"] == target.told["policy"] == name
    assert body["rules"][0]["denyRule"] == {
        "deniedPrincipals": ["principalSet://goog/public:all"],
        "deniedPermissions": ["cloudresourcemanager.googleapis.com/projects.delete", "iam.googleapis.com/roles.create"],
        "exceptionPrincipals": ["principal://goog/subject/a@b.example"],
    }
    assert on(GOOGLE, tables(scopes=PLACES), "projects/web")[1].told["on"] == "projects/web"
