"""What-if: an estate with changes laid over it answers as the estate that was read after such changes does."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakes.laid import apart, said
from leastwise.app.overlay import laid_over, read_overlay, undone
from leastwise.engine.arrays import Arrays
from leastwise.engine.columns import plain
from leastwise.errors import InputError
from leastwise.model.decision import Circumstances
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.compiled.compile import compile_estate
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.base import ScopeTables

OWN, ORGANIZATION = "111111111111", "o-a1b2c3d4e5"
ANN, BOB = f"arn:aws:iam::{OWN}:user/ann", f"arn:aws:iam::{OWN}:user/bob"
ROLE, CREW = f"arn:aws:iam::{OWN}:role/worker", f"arn:aws:iam::{OWN}:group/crew"
READER, WRITER = (f"arn:aws:iam::{OWN}:policy/{name}" for name in ("reader", "writer"))
BUCKET = "arn:aws:s3:::papers"
FULL = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
SCP = "p-limit"


def policy(action: str | list[str], effect: str = "Allow", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": action, "Resource": "*"} | more
    return {"Version": "2012-10-17", "Statement": [{key: one for key, one in statement.items() if one is not None}]}


def trust(*principals: str) -> dict[str, Any]:
    return policy("sts:AssumeRole", Principal={"AWS": list(principals)}, Resource=None)


def managed(arn: str, document: dict[str, Any]) -> dict[str, Any]:
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document}
    return {"Arn": arn, "PolicyName": arn.rpartition("/")[2], "DefaultVersionId": "v1", "PolicyVersionList": [version]}


def attached(*arns: str) -> list[dict[str, str]]:
    return [{"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in arns]


BASE: dict[str, Any] = {
    "users": {
        "ann": {
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": policy(["sqs:*", "iam:*"])}],
            "GroupList": ["crew"],
        },
        "bob": {"AttachedManagedPolicies": attached(READER), "GroupList": []},
    },
    "role": {"AssumeRolePolicyDocument": trust(ANN), "AttachedManagedPolicies": attached(READER)},
    "group": {"GroupPolicyList": [{"PolicyName": "crew", "PolicyDocument": policy("sns:*")}]},
    "policies": [managed(READER, policy(["s3:GetObject", "s3:ListBucket"]))],
    "bucket": policy("s3:GetObject", Principal={"AWS": BOB}, Resource=f"{BUCKET}/*"),
    "scps": {"p-FullAWSAccess": (["r-root", "ou-prod", OWN], policy("*")), SCP: (["ou-prod"], policy("iam:*", "Deny"))},
}


def scopes(base: dict[str, Any]) -> list[ScopeTables]:
    users = [{"Arn": f"arn:aws:iam::{OWN}:user/{name}", "UserName": name} | one for name, one in base["users"].items()]
    body = {
        "UserDetailList": users,
        "GroupDetailList": [{"Arn": CREW, "GroupName": "crew"} | base["group"]],
        "RoleDetailList": [{"Arn": ROLE, "RoleName": "worker"} | base["role"]],
        "Policies": base["policies"],
    }
    tree = {
        "id": ORGANIZATION, "management_account": "999999999999",
        "units": [{"id": "r-root", "name": "Root"}, {"id": "ou-prod", "parent": "r-root", "name": "prod"}],
        "accounts": [{"id": OWN, "parent": "ou-prod"}, {"id": "999999999999", "parent": "r-root"}],
    }  # fmt: skip
    bucket = {"resource": BUCKET, "account": OWN, "policy": base["bucket"]}
    documents = [
        {"kind": "account_authorization_details", "body": body},
        {"kind": "resource_policy", "body": bucket},
        {"kind": "organization", "body": tree},
        *(
            {"kind": "scp", "body": {"id": id, "targets": targets, "policy": document}}
            for id, (targets, document) in base["scps"].items()
        ),
    ]
    return [
        ScopeTables(
            one.scope.kind, one.scope.id, {name: plain(table) for name, table in PROVIDER.translate(one).items()}
        )
        for one in collected(documents)
    ]


def port(tables: list[ScopeTables]) -> AwsPort:
    made = compile_estate(tables)
    return AwsPort(Arrays({name: made[name] for name in made.names()}, json.loads(json.dumps(made.facts))))


QUESTIONS = [
    (who, action, resource)
    for who in (ANN, BOB, ROLE)
    for action, resource in (
        ("sqs:ListQueues", None), ("sns:ListTopics", None), ("s3:ListBucket", BUCKET),
        ("s3:GetObject", f"{BUCKET}/key"), ("s3:PutObject", f"{BUCKET}/key"), ("iam:CreateUser", None),
        ("sts:AssumeRole", ROLE), ("ec2:RunInstances", None),
    )
]  # fmt: skip


def answers(asked: AwsPort) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for who, action, resource in QUESTIONS:
        decision = asked.can(who, action, resource, Circumstances())
        found[who, action] = (decision.state, decision.residual, decision.missing)
    for action, resource in {(action, resource) for _, action, resource in QUESTIONS}:
        held = asked.who_can(action, resource, Circumstances()).holders
        found[action] = [(one.principal, one.state, one.residual) for one in held]
    return found


def write(folder: Path, *changes: Any) -> Path:
    file = folder / "what-if.yaml"
    file.write_text(yaml.safe_dump({"version": 1, "changes": list(changes)}))
    return file


def after(folder: Path, *changes: Any) -> AwsPort:
    assert PROVIDER.answering is not None
    return port(laid_over(read_overlay(write(folder, *changes)), scopes(BASE), PROVIDER.answering.changing))


def changed(**parts: Any) -> dict[str, Any]:
    """The base with other parts, named as `users.ann.GroupList`."""
    base = copy.deepcopy(BASE)
    for name, value in parts.items():
        *way, last = name.split("__")
        at = base
        for step in way:
            at = at[step]
        at[last] = value
    return base


ADMIN, NOTHING = policy("*"), policy("sqs:*", "Deny")
WRITE = policy(["s3:PutObject"])
INLINE = {"PolicyName": "more", "PolicyDocument": policy("s3:PutObject")}
SAME: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "an inline document is replaced": (
        [{"put": {"policy": "own", "on": ANN, "layer": "identity", "document": policy("s3:PutObject")}}],
        changed(users__ann__UserPolicyList=[{"PolicyName": "own", "PolicyDocument": policy("s3:PutObject")}]),
    ),
    "an inline document is added": (
        [{"put": {"policy": "more", "on": "worker", "layer": "identity", "document": policy("s3:PutObject")}}],
        changed(role__RolePolicyList=[INLINE]),
    ),
    "a document of a group": (
        [{"put": {"policy": "crew", "on": CREW, "layer": "identity", "document": policy("s3:PutObject")}}],
        changed(group__GroupPolicyList=[{"PolicyName": "crew", "PolicyDocument": policy("s3:PutObject")}]),
    ),
    "a bundle changes wherever it is attached": (
        [{"put": {"policy": READER, "document": policy("s3:PutObject")}}],
        changed(policies=[managed(READER, policy("s3:PutObject"))]),
    ),
    "a changed bundle is attached as it is then": (
        [{"put": {"policy": "reader", "document": ADMIN}}, {"attach": {"policy": READER, "to": ANN}}],
        changed(policies=[managed(READER, ADMIN)], users__ann__AttachedManagedPolicies=attached(READER)),
    ),
    "a bundle of the vendor": (
        [{"attach": {"policy": FULL, "to": CREW}}],
        changed(group__AttachedManagedPolicies=attached(FULL)),
    ),
    "a bundle is made and attached": (
        [{"create": {"policy": WRITER, "document": WRITE}}, {"attach": {"policy": WRITER, "to": ANN}}],
        changed(
            policies=[*BASE["policies"], managed(WRITER, WRITE)],
            users__ann__AttachedManagedPolicies=attached(WRITER),
        ),
    ),
    "a bundle that nobody has is deleted": (
        [{"create": {"policy": WRITER, "document": WRITE}}, {"delete": {"policy": WRITER}}], changed(),
    ),
    "an attached bundle is detached": (
        [{"detach": {"policy": "reader", "from": BOB}}],
        changed(users__bob__AttachedManagedPolicies=[]),
    ),
    "an inline document is detached by its name": (
        [{"detach": {"policy": "own", "from": ANN}}],
        changed(users__ann__UserPolicyList=[]),
    ),
    "an inline document is removed": (
        [{"remove": {"policy": "own", "on": ANN, "layer": "identity"}}],
        changed(users__ann__UserPolicyList=[]),
    ),
    "a boundary": (
        [{"attach": {"policy": READ_ONLY, "to": ANN, "layer": "boundary"}}],
        changed(users__ann__PermissionsBoundary={"PermissionsBoundaryArn": READ_ONLY, "PermissionsBoundaryType": "Policy"}),  # noqa: E501
    ),
    "a boundary that comes and goes": (
        [
            {"put": {"on": ANN, "layer": "boundary", "document": NOTHING}},
            {"remove": {"on": ANN, "layer": "boundary"}},
        ],
        changed(),
    ),
    "a trust policy": (
        [{"put": {"on": ROLE, "layer": "trust", "document": trust(BOB)}}],
        changed(role__AssumeRolePolicyDocument=trust(BOB)),
    ),
    "a resource policy": (
        [{"put": {"on": BUCKET, "layer": "resource", "document": policy("s3:*", Principal="*", Resource=f"{BUCKET}/*")}}],  # noqa: E501
        changed(bucket=policy("s3:*", Principal="*", Resource=f"{BUCKET}/*")),
    ),
    "a resource policy that denies": (
        [{"put": {"on": BUCKET, "layer": "resource",
                  "document": policy("s3:*", "Deny", Principal="*", Resource=f"{BUCKET}/*")}}],
        changed(bucket=policy("s3:*", "Deny", Principal="*", Resource=f"{BUCKET}/*")),
    ),
    "a principal joins a group": (
        [{"join": {"principal": "bob", "group": "crew"}}],
        changed(users__bob__GroupList=["crew"]),
    ),
    "a principal leaves a group": (
        [{"leave": {"principal": ANN, "group": CREW}}],
        changed(users__ann__GroupList=[]),
    ),
    "one joins and leaves again": (
        [{"join": {"principal": BOB, "group": CREW}}, {"leave": {"principal": BOB, "group": CREW}}],
        changed(),
    ),
    "a guardrail is detached": (
        [{"detach": {"policy": SCP, "from": "ou-prod"}}],
        changed(scps={"p-FullAWSAccess": BASE["scps"]["p-FullAWSAccess"]}),
    ),
    "a guardrail is attached elsewhere too": (
        [{"detach": {"policy": SCP, "from": "prod"}}, {"attach": {"policy": SCP, "to": "999999999999"}}],
        changed(**{f"scps__{SCP}": (["999999999999"], policy("iam:*", "Deny"))}),
    ),
    "a guardrail changes": (
        [{"put": {"policy": SCP, "document": policy("sqs:*", "Deny")}}],
        changed(**{f"scps__{SCP}": (["ou-prod"], policy("sqs:*", "Deny"))}),
    ),
    "a new guardrail": (
        [{"put": {"policy": "p-new", "on": "r-root", "layer": "scp", "document": policy("s3:*", "Deny")}}],
        changed(**{"scps__p-new": (["r-root"], policy("s3:*", "Deny"))}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME)
def test_a_change_in_thought_is_a_change(case: str, tmp_path: Path) -> None:
    changes, base = SAME[case]
    found = answers(after(tmp_path, *changes))
    assert found == answers(port(scopes(base)))
    if base != BASE:
        assert found != answers(port(scopes(BASE))), "the case changes nothing"


def test_what_was_read_stays_as_it_was(tmp_path: Path) -> None:
    before = scopes(BASE)
    held = [dict(one.tables) for one in before]
    assert PROVIDER.answering is not None
    changes = [{"leave": {"principal": ANN, "group": CREW}}, {"attach": {"policy": FULL, "to": BOB}}]
    laid_over(read_overlay(write(tmp_path, *changes)), before, PROVIDER.answering.changing)
    assert all(one.tables == tables for one, tables in zip(before, held, strict=True))


def test_the_reasons_name_the_change(tmp_path: Path) -> None:
    asked = after(tmp_path, {"join": {"principal": BOB, "group": CREW}}, {"attach": {"policy": FULL, "to": BOB}})
    reasons = asked.can(BOB, "ec2:RunInstances", None, Circumstances()).reasons
    assert reasons[0].source == f"{tmp_path / 'what-if.yaml'}: changes[1]"


def test_a_document_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(policy("ec2:*")))
    change = {"put": {"policy": "own", "on": ANN, "layer": "identity", "file": "policy.json"}}
    assert str(after(tmp_path, change).can(ANN, "ec2:RunInstances", None, Circumstances()).state) == "ALLOWED"
    first = read_overlay(write(tmp_path, change)).digest
    (tmp_path / "policy.json").write_text(json.dumps(policy("sqs:*")))
    assert read_overlay(write(tmp_path, change)).digest != first


def test_a_first_guardrail_comes_with_what_the_vendor_attaches(tmp_path: Path) -> None:
    bare = changed(scps={})
    file = write(tmp_path, {"put": {"policy": "x", "on": "prod", "layer": "scp", "document": policy("sqs:*", "Deny")}})
    assert PROVIDER.answering is not None
    asked = port(laid_over(read_overlay(file), scopes(bare), PROVIDER.answering.changing))
    state = [
        str(asked.can(ANN, action, None, Circumstances()).state) for action in ("sqs:ListQueues", "sns:ListTopics")
    ]
    assert state == ["DENIED", "ALLOWED"]


PUT = {"policy": "p", "on": ANN, "layer": "identity"}
WRONG: dict[str, tuple[Any, str]] = {
    "an unknown verb": ({"grant": {}}, "changes[0]: must be one of put, remove, attach"),
    "two verbs": ({"join": {}, "leave": {}}, "changes[0]: must be one of"),
    "no mapping": ("join", "changes[0]: must be a mapping"),
    "an unknown key": ({"join": {"principal": ANN, "groop": CREW}}, "changes[0].join.groop: unknown key"),
    "a key that wants": ({"join": {"principal": ANN}}, "changes[0].join: needs group"),
    "an empty text": ({"join": {"principal": "", "group": CREW}}, "join.principal: must be a text that is not empty"),
    "an unknown principal": ({"join": {"principal": "eve", "group": CREW}}, "join.principal: eve: no such principal"),
    "a role in a group": ({"join": {"principal": ROLE, "group": CREW}}, f"{ROLE} is a role; what can be in a group is"),
    "a user as group": ({"join": {"principal": ANN, "group": BOB}}, f"{BOB} is a user; what is a group is a group or"),
    "already a member": ({"join": {"principal": ANN, "group": CREW}}, f"{ANN} is in {CREW} already"),
    "not a member": ({"leave": {"principal": BOB, "group": CREW}}, f"{BOB} is not in {CREW}"),
    "an unknown bundle": ({"attach": {"policy": "raeder", "to": ANN}}, "attach.policy: raeder: no such bundle"),
    "already attached": ({"attach": {"policy": READER, "to": BOB}}, f"{READER} is attached to {BOB} already"),
    "attached to nobody": ({"attach": {"policy": READER, "to": "eve"}}, "attach.to: eve: no such principal"),
    "not attached": ({"detach": {"policy": READER, "from": ANN}}, f"{READER} is not attached to {ANN} itself"),
    "by a group only": ({"detach": {"policy": "crew", "from": ANN}}, "crew is not attached to"),
    "detached from nobody": ({"detach": {"policy": READER, "from": "eve"}}, "detach.from: eve: nothing of that id"),
    "made a second time": (
        {"create": {"policy": READER, "document": ADMIN}}, f"create.policy: {READER}: is there already; put changes it"
    ),
    "made of a name": ({"create": {"policy": "w", "document": ADMIN}}, "w: is no id that a bundle of a customer can"),
    "made where nothing was read": (
        {"create": {"policy": "arn:aws:iam::999999999999:policy/w", "document": ADMIN}}, "999999999999: no such account"
    ),
    "made of nonsense": ({"create": {"policy": WRITER, "document": {"a": 1}}}, "changes[0].create.document"),
    "deleted while somebody has it": ({"delete": {"policy": READER}}, f"{READER}: is attached; detach it first"),
    "deleted though the vendor's": ({"delete": {"policy": FULL}}, f"{FULL}: is no bundle of a customer of the estate"),
    "a guardrail on a user": ({"attach": {"policy": SCP, "to": ANN}}, f"attach.to: {ANN}: no such scope"),
    "a bundle as guardrail": (
        {"attach": {"policy": READER, "to": OWN, "layer": "scp"}}, "is of kind managed_customer, which is not attached"
    ),
    "a layer that is none": ({"put": PUT | {"layer": "x", "document": ADMIN}}, "x: documents of that layer cannot be"),
    "the layer of a device": ({"put": PUT | {"layer": "device", "document": ADMIN}}, "device: documents of that layer"),
    "no layer": ({"put": {"on": ANN, "policy": "p", "document": ADMIN}}, "changes[0].put: needs layer"),
    "no name": ({"put": {"on": ANN, "layer": "identity", "document": ADMIN}}, "put: needs policy"),
    "trust of a user": ({"put": {"on": ANN, "layer": "trust", "document": trust(BOB)}}, "is a user; what has documents of"),  # noqa: E501
    "an unknown resource": (
        {"put": {"on": "arn:aws:s3:::none", "layer": "resource", "document": trust(BOB)}}, "no such resource in the"
    ),
    "an unknown scope": ({"put": PUT | {"on": "ou-x", "layer": "scp", "document": ADMIN}}, "ou-x: no such scope"),
    "an organization as target": ({"put": PUT | {"on": ORGANIZATION, "layer": "scp", "document": ADMIN}}, "is a organization"),  # noqa: E501
    "no document": ({"put": PUT}, "changes[0].put: needs either document or file"),
    "document and file": ({"put": PUT | {"document": ADMIN, "file": "x"}}, "needs either document or file"),
    "a file that is not there": ({"put": PUT | {"file": "gone.json"}}, "gone.json: No such file"),
    "a document that is a list": ({"put": PUT | {"document": []}}, "put.document: must be a policy document"),
    "a malformed document": ({"put": PUT | {"document": {"Statement": [{"Effect": "Allow"}]}}}, "put.document: malformed: "),  # noqa: E501
    "an empty document": ({"put": PUT | {"document": {"Statement": []}}}, "malformed: it has no statement"),
    "an unknown element": ({"put": PUT | {"document": policy("*", Efect="Deny")}}, "malformed: "),
    "a principal in an identity document": (
        {"put": PUT | {"document": policy("*", Principal="*")}}, "statement 0: a document of layer identity names no"
    ),
    "no principal in a trust policy": (
        {"put": {"on": ROLE, "layer": "trust", "document": policy("sts:AssumeRole", Resource=None)}}, "Principal or NotPrincipal"  # noqa: E501
    ),
    "a resource in a trust policy": (
        {"put": {"on": ROLE, "layer": "trust", "document": policy("sts:*", Principal="*")}}, "trust has no Resource"
    ),
    "no resource": ({"put": PUT | {"document": policy("*", Resource=None)}}, "Resource or NotResource"),
    "a bundle on one target": ({"put": PUT | {"policy": READER, "document": ADMIN}}, "is a bundle: leave out `on`"),
    "a bundle with a layer": ({"put": {"policy": READER, "layer": "identity", "document": ADMIN}}, "put.layer: is told by"),  # noqa: E501
    "nothing to remove": ({"remove": {"policy": "x", "on": ANN, "layer": "identity"}}, "has no x in layer identity"),
    "no boundary to remove": ({"remove": {"on": ANN, "layer": "boundary"}}, "has no permissions boundary in layer"),
    "a role without trust": ({"remove": {"on": ROLE, "layer": "trust"}}, "nothing is without a document of layer trust"),  # noqa: E501
    "a block that is no boolean": ({"block_public": {"resource": BUCKET, "block": "on"}}, "must be true or false"),
    "a block of what has none": ({"block_public": {"resource": ROLE, "block": True}}, "no such resource in the estate"),
    "an assignment of nothing": ({"assign": {"bundle": "x", "principal": ANN, "account": OWN}}, "what can be given a bundle"),  # noqa: E501
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_change_that_does_not_apply_is_refused(case: str, tmp_path: Path) -> None:
    change, cause = WRONG[case]
    with pytest.raises(InputError) as caught:
        after(tmp_path, change)
    told = str(caught.value)
    assert told.startswith(f"{tmp_path / 'what-if.yaml'}: line ") and "changes[0]" in told and cause in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "is empty: must be a mapping with `version: 1`"),
        ("- 1", "line 1: must be a mapping of keys to values"),
        ("changes: []", "must be a mapping with `version: 1`"),
        ("version: 2\nchanges: []", "line 1: version: 2 is not known; this Leastwise reads version 1"),
        ("version: 1", "line 1: needs changes"),
        ("version: 1\nchanges: []", "line 2: changes: is empty"),
        ("version: 1\nchanges: {}", "line 2: changes: must be a list"),
        ("version: 1\nchagnes: []", "line 2: chagnes: unknown key; known: version, name, changes"),
        ("version: 1\nversion: 1", "line 2: version stands twice"),
        ("version: 1\nchanges: [", "line 2: "),
        ("version: 1\n\tchanges: []", "line 2: "),
        ("version: 1\n? [a]\n: 1", "line 2: a key must be a text"),
        ("version: 1\nchanges: &a [*a]", "is nested too deeply"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, cause: str, tmp_path: Path) -> None:
    file = tmp_path / "what-if.yaml"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_overlay(file)
    assert str(caught.value).startswith(f"{file}: ") and cause in str(caught.value)


def test_an_alias_of_aliases_does_not_fill_the_memory(tmp_path: Path) -> None:
    lines = ["version: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    file = tmp_path / "what-if.yaml"
    file.write_text("\n".join(lines))
    with pytest.raises(InputError, match="holds too many values"):
        read_overlay(file)


def test_json_is_read_too_and_texts_stay_texts(tmp_path: Path) -> None:
    file = tmp_path / "what-if.json"
    change = {"put": {"policy": "own", "on": ANN, "layer": "identity", "document": policy("ec2:*")}}
    file.write_text(json.dumps({"version": 1, "name": "tabs", "changes": [change]}, indent="\t"))
    assert (read_overlay(file).name, len(read_overlay(file).changes)) == ("tabs", 1)
    text = "version: 1\nchanges:\n- put:\n    policy: own\n    on: x\n    layer: identity\n    document: {Version: 2012-10-17}\n"  # noqa: E501
    file.write_text(text)
    assert read_overlay(file).changes[0][2] == b'{"Version": "2012-10-17"}'


@pytest.mark.parametrize("name", SAME)
def test_every_change_tells_what_takes_it_back(name: str, tmp_path: Path) -> None:
    assert PROVIDER.answering is not None
    changing, before = PROVIDER.answering.changing, scopes(BASE)
    laid, made = undone(read_overlay(write(tmp_path, *SAME[name][0])), before, changing)
    # Told in canonical ids, with what must stand there, they do the same.
    again = [{one.verb: {**one.told, "before": one.before or "nothing"}} for one in made]
    assert said(undone(read_overlay(write(tmp_path, *again)), before, changing)[0]) == said(laid)
    back = [step.values() for one in reversed(made) for step in one.inverse]
    restored = laid_over(read_overlay(write(tmp_path, *back)), laid, changing)
    assert not apart(said(before), said(restored), "attachments", "memberships")
