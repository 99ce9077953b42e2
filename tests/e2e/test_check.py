"""`leastwise check`: assertions about the demo company, their counter-examples, and what is wrong with a file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leastwise.app.asking import open_access
from leastwise.app.assertions import read_assertions
from leastwise.app.checking import Checked, Result, check_all
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.model.decision import Circumstances, State

CUSTOMS = "arn:aws:s3:::bw-customs-records/2025/1.pdf"
WEBSITE = "arn:aws:s3:::bw-website/index.html"
SCANS = "arn:aws:s3:::bw-scans/1"
SHIPMENTS = "arn:aws:dynamodb:eu-west-1:222222222222:table/shipments"
DEPLOY = "arn:aws:iam::222222222222:role/gha-deploy"
SCIENCE = "arn:aws:iam::333333333333:role/data-science"
READERS = [
    "customs-archive", SCIENCE, "arn:aws:iam::333333333333:role/OrganizationAccountAccessRole",
    "arn:aws:iam::333333333333:role/aws-reserved/*", "kind root",
]  # fmt: skip
READ = {"permission": "s3:GetObject", "resource": CUSTOMS}
GITHUB = {"permission": "sts:AssumeRoleWithWebIdentity", "resource": DEPLOY}

CASES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "somebody can": ({"can": "customs-archive", **READ}, "passed", []),
    "somebody cannot": ({"cannot": "label-printer", **READ}, "passed", []),
    "it is not so that he can": ({"can": SCIENCE, "permission": "iam:CreateUser"}, "failed", [SCIENCE]),
    "it is not so that he cannot": ({"cannot": ["customs-archive", "label-printer"], **READ}, "failed", ["customs-archive"]),  # noqa: E501
    "only these": ({"only": READERS, **READ}, "passed", []),
    "these and another": ({"only": READERS[1:], **READ}, "failed", ["arn:aws:iam::333333333333:role/customs-archive"]),
    "who acts as a role is meant with it": ({"only": [*READERS[:3], READERS[3], "kind root"], **READ}, "passed", []),
    "only one account": ({"only": ["account 333333333333", "kind human"], **READ}, "passed", []),
    "root users are none of these": ({"only": READERS[:4], **READ}, "failed", ["arn:aws:iam::333333333333:root"]),
    "nobody outside the zone": ({"nobody": "outside the zone", **READ}, "passed", []),
    "an exception of the zone counts": (
        {"nobody": "outside the zone", "permission": ["s3:GetObject", "s3:PutObject"], "resource": SCANS}, "passed", [],
    ),
    "everyone is outside the zone": (
        {"nobody": "outside the zone", "permission": "s3:GetObject", "resource": WEBSITE}, "failed", ["*", "any AWS account"],  # noqa: E501
    ),
    "everyone is the public": (
        {"nobody": "public", "permission": "s3:GetObject", "resource": WEBSITE}, "failed", ["*", "any AWS account"],
    ),
    "the public stands for any account": (
        {"nobody": "account 999999999999", "permission": "s3:GetObject", "resource": WEBSITE}, "failed",
        ["*", "any AWS account"],
    ),
    "but not for services": ({"nobody": "kind service", "permission": "s3:GetObject", "resource": WEBSITE}, "passed", []),  # noqa: E501
    "nobody but": (
        {"nobody": "anyone", "except": ["account 333333333333", "kind human"], **READ}, "passed", [],
    ),
    "no devices": (
        {"nobody": "kind device", "permission": "dynamodb:DeleteTable", "resource": SHIPMENTS}, "failed",
        [f"arn:aws:iot:eu-west-1:222222222222:thing/depot-scanner-{n:02}" for n in range(1, 13)],
    ),
    "a provider of identities is outside": (
        {"nobody": "outside the zone", **GITHUB}, "failed",
        ["arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"],
    ),
    "under a condition is allowed": ({"nobody": "outside the zone", **GITHUB, "allow_conditional": True}, "passed", []),
    "a condition that is not met": (
        {"nobody": "outside the zone", **GITHUB, "context": {"token.actions.githubusercontent.com:sub": "repo:other/x"}},  # noqa: E501
        "passed", [],
    ),
    "an account that was not read": ({"nobody": "kind agent", "permission": "iam:CreateUser"}, "undecided", []),
    "that is allowed": ({"nobody": "kind agent", "permission": "iam:CreateUser", "allow_unknown": True}, "passed", []),
    "somebody of an account that was not read": (
        {"cannot": "arn:aws:iam::444444444444:role/anything", "permission": "s3:ListAllMyBuckets"}, "undecided",
        ["arn:aws:iam::444444444444:role/anything"],
    ),
    "a counter-example outweighs a gap": ({"nobody": "kind human", "permission": "iam:CreateUser"}, "failed", []),
}  # fmt: skip


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    monkeypatch.setenv("COLUMNS", "300")

    def asked(assertions: Any, *options: str) -> tuple[int, str, str]:
        capsys.readouterr()
        file = tmp_path / "check.yaml"
        text = yaml.safe_dump({"version": 1, "assertions": assertions}) if isinstance(assertions, list) else assertions
        file.write_text(text)
        code = run(["check", str(file), *options])
        found = capsys.readouterr()
        return code, found.out, found.err

    return asked


@pytest.mark.parametrize("case", CASES)
def test_an_assertion(case: str, ask: Any) -> None:
    assertion, state, named = CASES[case]
    code, out, err = ask([assertion], "--format", "json")
    assert err == "" and code == (0 if state == "passed" else 1)
    found = json.loads(out)
    (item,) = found["items"]
    assert item["state"] == state and found["counts"][state] == 1
    if named or state == "passed":
        assert [one["principal"] for one in item["counter_examples"]] == named
    assert (state == "undecided") <= bool(item["missing"])
    assert (state == "failed") == bool(item["count"])


def test_a_gap_is_named(ask: Any) -> None:
    item = json.loads(ask([CASES["an account that was not read"][0]], "--format", "json")[1])["items"][0]
    assert "aws:444444444444 could not be read" in item["missing"]


def test_the_header_says_which_parts_of_the_estate_file_were_used(ask: Any) -> None:
    found = json.loads(ask([CASES["everyone is outside the zone"][0]], "--format", "json")[1])
    assert "zone_of_trust" in found["estate"]["estate_file"]


def test_what_a_person_reads(ask: Any) -> None:
    name = {"name": "no scanner drops tables", "reason": "they share one certificate"}
    code, out, _ = ask([CASES["no devices"][0] | name, CASES["somebody can"][0]])
    lines = out.splitlines()
    assert code == 1
    assert lines[:2] == ["FAILED  no scanner drops tables (line 2)", "  they share one certificate"]
    thing = "arn:aws:iot:eu-west-1:222222222222:thing/depot-scanner-01"
    assert lines[2] == f"  {thing}: dynamodb:DeleteTable on {SHIPMENTS} is ALLOWED"
    assert lines[3].startswith("    through ") and "scanner-upload" in lines[3]
    assert "  and 7 more (--format json)" in lines
    assert lines[-2] == "2 assertions: 1 passed, 1 failed."


def test_the_condition_of_a_counter_example_is_told(ask: Any) -> None:
    out = ask([CASES["a provider of identities is outside"][0]])[1]
    assert "    when " in out and "repo:brightwater-parcel*" in out


def test_rows_and_pipelines(ask: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    assertions = [
        CASES["everyone is the public"][0],
        CASES["somebody can"][0],
        CASES["an account that was not read"][0],
    ]
    code, out, _ = ask(assertions, "--format", "csv", "--junit", str(report))
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 1
    assert [(row["state"], row["principal"]) for row in rows[:3]] == [
        ("failed", "'*" if rows[0]["principal"].startswith("'") else "*"), ("failed", "any AWS account"), ("passed", ""),  # noqa: E501
    ]  # fmt: skip
    suite = ElementTree.fromstring(report.read_text())
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    assert [case.find("failure") is not None for case in suite] == [True, False, True]
    failure = suite[0].find("failure")
    assert failure is not None and "any AWS account" in (failure.text or "")


def test_a_report_that_cannot_be_written(ask: Any, tmp_path: Path) -> None:
    code, _, err = ask([CASES["somebody can"][0]], "--junit", str(tmp_path / "none" / "report.xml"))
    assert code == 2 and "report.xml: cannot be written: No such file or directory" in err


def test_as_it_was_over_a_day_and_what_if(ask: Any, tmp_path: Path) -> None:
    rosa = {"can": "rosa.vasquez@brightwater.example", **READ}
    assert ask([rosa])[0] == 1
    assert ask([rosa], "--at", "2026-03-01T12:00:00Z")[0] == 0
    code, out, _ = ask([rosa], "--at", "2026-03-01", "--format", "json")
    assert code == 0 and json.loads(out)["periods"][0]["counts"]["passed"] == 1
    changes = [{"join": {"principal": "rosa.vasquez@brightwater.example", "group": "customs-ops"}}]
    (tmp_path / "what-if.yaml").write_text(yaml.safe_dump({"version": 1, "changes": changes}))
    assert ask([rosa], "--with", str(tmp_path / "what-if.yaml"))[0] == 0


HEAD = "version: 1\nassertions:\n"
WRONG = {
    "an unknown permission": (
        HEAD + "  - can: customs-archive\n    permission: s3:GetObjct\n",
        "line 4: assertions[0].permission: s3:GetObjct: AWS has no such action; did you mean s3:GetObject",
    ),
    "an unknown principal": (
        HEAD + "  - cannot: custom-archive\n    permission: s3:GetObject\n",
        "line 3: assertions[0].cannot: custom-archive: no user or role of that name; did you mean",
    ),
    "an unknown one among only": (
        HEAD + "  - only: [customs-archive, custom-archive]\n    permission: s3:GetObject\n",
        "line 3: assertions[0].only: custom-archive: no user or role of that name; did you mean",
    ),
    "an unknown one of nobody": (
        HEAD + "  - nobody: arn:aws:iam::333333333333:role/none\n    permission: s3:GetObject\n",
        "line 3: assertions[0].nobody: arn:aws:iam::333333333333:role/none: no such user or role in the estate",
    ),
    "a name that several have": (
        HEAD + "  - only: OrganizationAccountAccessRole\n    permission: s3:GetObject\n",
        "line 3: assertions[0].only: OrganizationAccountAccessRole: is the name of 2 principals",
    ),
    "a resource that is none": (
        HEAD + "  - nobody: anyone\n    permission: s3:GetObject\n    resource: bucket\n",
        "line 5: assertions[0].resource: bucket: is no ARN",
    ),
    "a context that contradicts": (
        HEAD + "  - can: customs-archive\n    permission: s3:GetObject\n    context: {aws:username: x}\n",
        "line 5: assertions[0].context: --context aws:username=x: ",
    ),
    "a tab": ("version: 1\n\tassertions: []\n", "line 2: "),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named_with_line_and_cause(case: str, ask: Any, tmp_path: Path) -> None:
    text, cause = WRONG[case]
    code, out, err = ask(text)
    assert (code, out) == (2, "")
    assert err.startswith(f"leastwise: {tmp_path / 'check.yaml'}: {cause}") and err.count("\n") == 1


# --- what check says, can says

PERMISSIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
RESOURCES = (CUSTOMS, WEBSITE, SCANS, "arn:aws:s3:::bw-labels-eu/1", "arn:aws:s3:::nowhere/1")
ARCHIVE = "arn:aws:iam::333333333333:role/customs-archive"
WHOM = (
    ARCHIVE,
    "label-printer",
    "account 333333333333",
    "account 222222222222",
    "kind human",
    "arn:aws:iam::*:role/aws-reserved/*",
    "anyone",
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from(["only", "nobody"]),
    whom=st.lists(st.sampled_from(WHOM), min_size=1, max_size=2, unique=True),
    permission=st.sampled_from(PERMISSIONS),
    resource=st.sampled_from(RESOURCES),
    strict=st.booleans(),
    random=st.randoms(use_true_random=False),
)
def test_every_verdict_is_what_can_says(
    form: str,
    whom: list[str],
    permission: str,
    resource: str,
    strict: bool,
    random: Any,
    demo_home: Path,
    tmp_path: Path,
) -> None:
    file = tmp_path / "check.yaml"
    assertion = {
        form: whom,
        "permission": permission,
        "resource": resource,
        "strict": strict,
        "allow_conditional": strict,
    }
    file.write_text(yaml.safe_dump({"version": 1, "assertions": [assertion]}))
    workspace = Workspace(home_option=demo_home, environ={})
    asking = open_access(workspace)
    ((checked,), _) = check_all(workspace, asking, read_assertions(file))
    given = Circumstances(strict=strict)
    for example in checked.found:
        if not example.principal.startswith(("any ", "*")):
            assert asking.access.can(example.principal, permission, resource, given).state is example.state
            assert example.state is State.ALLOWED or (example.state is State.CONDITIONAL and not strict)
    if checked.result is Result.PASSED:
        everybody = _principals(workspace, asking)
        for principal, account in random.sample(everybody, 15):
            if _meant(form, whom, principal, account):
                state = asking.access.can(principal, permission, resource, given).state
                assert state is State.DENIED or (strict and state is State.CONDITIONAL), principal


def _principals(workspace: Workspace, asking: Any) -> list[tuple[str, str]]:
    from leastwise.app.estate import OpenEstate

    facts = OpenEstate(workspace, asking.estate, asking.file).facts("principals").to_pylist()
    return [
        (one["id"], one["account"])
        for one in facts
        if one["native"] in ("user", "role") and one["kind"] != "external" and one["id"].startswith("arn:")
    ]


def _meant(form: str, whom: list[str], principal: str, account: str) -> bool:
    """Whether a user or role must not be able to: written again, for none of these is human."""
    own = ("anyone", principal, f"account {account}", principal.rpartition("/")[2])
    said = [one in own or ("*" in one and ":role/aws-reserved/" in principal) for one in whom]
    return not any(said) if form == "only" else any(said)


def test_equal_questions_are_asked_once(demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "check.yaml"
    several = [CASES["only these"][0], CASES["nobody outside the zone"][0], CASES["these and another"][0]]
    file.write_text(yaml.safe_dump({"version": 1, "assertions": several}))
    workspace = Workspace(home_option=demo_home, environ={})
    asking = open_access(workspace)
    real, asked = asking.access.who_can, []

    def counted(*question: Any, **more: Any) -> Any:
        asked.append(question)
        return real(*question, **more)

    monkeypatch.setattr(asking.access, "who_can", counted)
    found, _ = check_all(workspace, asking, read_assertions(file))
    assert [str(one.result) for one in found] == ["passed", "passed", "failed"] and len(asked) == 1
    assert all(isinstance(one, Checked) for one in found)


TRUSTED = "arn:aws:iam::111122223333:role/app"


def trusting(operator: str, value: str) -> dict[str, Any]:
    """An account with a role that lets in everybody whose ARN is like a text."""
    statement = {
        "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
        "Condition": {operator: {"aws:PrincipalArn": value}},
    }  # fmt: skip
    role = {
        "Path": "/", "RoleName": "app", "RoleId": "AROAEXAMPLEAPP000000A", "Arn": TRUSTED,
        "CreateDate": "2026-01-01T00:00:00Z", "RolePolicyList": [], "AttachedManagedPolicies": [], "Tags": [],
        "InstanceProfileList": [],
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }  # fmt: skip
    return {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}


@pytest.mark.parametrize(
    ("operator", "value", "state"),
    [
        ("StringLike", "arn:aws:iam::111122223333:*", "passed"),
        ("ArnLike", "arn:aws:*:*:111122223333:*", "passed"),
        ("StringLike", "arn:aws:*:*:111122223333:*", "failed"),
        ("StringLike", "arn:aws:iam:*:111122223333:*", "failed"),
    ],
)
def test_a_wildcard_before_the_account_lets_in_from_outside(
    operator: str, value: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    (tmp_path / "details.json").write_text(json.dumps(trusting(operator, value)))
    assert run(["import", str(tmp_path / "details.json")]) == 0
    (tmp_path / "home" / "estate.yaml").write_text('version: 1\naccounts:\n  "111122223333": {organization: none}\n')
    assertion = {"nobody": "outside the zone", "permission": "sts:AssumeRole", "resource": TRUSTED}
    (tmp_path / "check.yaml").write_text(yaml.safe_dump({"version": 1, "assertions": [assertion]}))
    capsys.readouterr()
    run(["check", str(tmp_path / "check.yaml"), "--format", "json"])
    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert item["state"] == state, item
