"""Plans of the demo company made in moto, as their commands and the patched code say; collected again, they are so."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from fakes.surroundings import moto
from leastwise.app.asking import scope_tables
from leastwise.app.code_index import codings, read_code
from leastwise.app.collecting import collect
from leastwise.app.documents import READS, Documents
from leastwise.app.importing import Imported
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.engine.containment import Proved
from leastwise.model.plan import Held
from leastwise.rightsizing.code.matching import Wanted, match

pytestmark = pytest.mark.together("demo")

INFRA = Path(__file__).parents[2] / "tools" / "demo_company" / "infra"
ACCOUNT = "222222222222"
IN_CODE = ("label-printer", "ops-janitor", "gha-deploy")
NOT_IN_CODE = ("scanner-upload", "depot-gateway", "rds-monitoring")
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})  # fmt: skip


@pytest.fixture
def plans(demo_with_plans: Path) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text()) for path in (demo_with_plans / "plans").glob("*.json")]
    mine = [one for one in found if one["subject"].rpartition("/")[2] in IN_CODE + NOT_IN_CODE]
    assert [one["ready"] for one in mine] == [True] * len(IN_CODE + NOT_IN_CODE)
    return mine


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """IAM of an empty account in moto, that knows the vendor's own policies."""
    monkeypatch.setattr("leastwise.providers.collecting.run.pause", lambda tries: 0.01)
    with moto(monkeypatch, MOTO_IAM_LOAD_MANAGED_POLICIES="true") as url:
        urlopen(Request(f"{url}/moto-api/reset", method="POST"), timeout=120).close()
        role = f"arn:aws:iam::{ACCOUNT}:role/Anybody"
        given = boto3.Session().client("sts").assume_role(RoleArn=role, RoleSessionName="here")["Credentials"]
        for name, key in (("ACCESS_KEY_ID", "AccessKeyId"), ("SECRET_ACCESS_KEY", "SecretAccessKey"),
                          ("SESSION_TOKEN", "SessionToken")):  # fmt: skip
            monkeypatch.setenv(f"AWS_{name}", given[key])
        # Not the default session, which keeps the keys that it was made with.
        yield boto3.Session().client("iam")


def seeded(iam: Any, plan: Mapping[str, Any]) -> None:
    """The principal of a plan with the documents that it was made of."""
    name = plan["subject"].rpartition("/")[2]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    for one in plan["documents"]["before"]:
        assert one["on"] == plan["subject"], "what a group gives is not made here"
        document = json.dumps(one["document"])
        if not one["id"].startswith("arn:"):
            iam.put_role_policy(RoleName=name, PolicyName=one["id"], PolicyDocument=document)
            continue
        if f"::{ACCOUNT}:" in one["id"]:
            made = iam.create_policy(PolicyName=one["policy"], PolicyDocument=document)["Policy"]["Arn"]
            assert made == one["id"]
        iam.attach_role_policy(RoleName=name, PolicyArn=one["id"])


def made(command: str) -> None:
    """Runs a command in a shell, where `aws` makes the call that it stands for."""
    # Told to the shell as a function, so that nothing is looked for on the machine.
    shim = f'aws() {{ {shlex.quote(sys.executable)} -m fakes.aws_command "$@"; }}; '
    subprocess.run(["sh", "-c", shim + command], check=True, stdout=subprocess.DEVNULL, env={**os.environ,
                   "PYTHONPATH": str(Path(__file__).parents[1])})  # fmt: skip


def collected(home: Path) -> Documents:
    """What is attached to whom in moto, as it is collected now."""
    place = Workspace(home_option=home)
    [done] = collect(place, [{"provider": "aws", "regions": ["us-east-1"], "services": ["iam"]}])
    assert isinstance(done, Imported), done
    scopes = scope_tables(place, place.store.estate(place.now()), "aws", READS)
    return Documents(scopes, "identity", lambda *_: True)


def held(some: Sequence[Mapping[str, Any]]) -> list[Held]:
    return [Held(one["policy"], json.dumps(one["document"]).encode()) for one in some]


def test_what_is_applied_is_what_was_promised(plans: list[dict[str, Any]], iam: Any, tmp_path: Path) -> None:
    for plan in plans:
        seeded(iam, plan)
    shrinking = Workspace().provider("aws").shrinking
    assert shrinking is not None
    decided = shrinking().contains

    def within(inner: Sequence[Held], outer: Sequence[Held]) -> bool:
        return isinstance(decided(inner, outer), Proved)

    documents = collected(tmp_path / "before")
    for plan in plans:
        now = [Held(one.name, one.text or b"") for one in documents.of(plan["subject"])]
        before = held(plan["documents"]["before"])
        assert within(now, before) and within(before, now), plan["subject"]
        assert not within(now, held(plan["documents"]["after"])) or not plan["dropped"], plan["subject"]
        for step in plan["steps"]:
            made(step["command"])
    documents = collected(tmp_path / "after")
    for plan in plans:
        now, promised = [Held(one.name, one.text or b"") for one in documents.of(plan["subject"])], held(
            plan["documents"]["after"])  # fmt: skip
        assert within(promised, now) and within(now, promised), plan["subject"]
        for step in reversed(plan["steps"]):
            made(step["inverse"])
    documents = collected(tmp_path / "back")
    for plan in plans:
        now = [Held(one.name, one.text or b"") for one in documents.of(plan["subject"])]
        before = held(plan["documents"]["before"])
        assert within(before, now) and within(now, before), plan["subject"]


def test_the_patched_code_says_what_is_applied(plans: list[dict[str, Any]], demo_with_logs: Path, tmp_path: Path,
                                               capsys: Any) -> None:  # fmt: skip
    code = tmp_path / "code"
    shutil.copytree(INFRA, code / "infra")
    subprocess.run(["git", "init", "-q", str(code)], check=True)
    out = tmp_path / "all.patch"
    known = codings(Workspace().providers())
    assert run(["rightsize", *IN_CODE, "--code", str(code), "--out", str(out), "--home", str(demo_with_logs)]) == 0
    capsys.readouterr()
    subprocess.run(["git", "-C", str(code), "apply", str(out)], check=True)
    index = read_code([code], known).index
    for plan in plans:
        name = plan["subject"].rpartition("/")[2]
        if name not in IN_CODE:
            continue
        [put] = [change["put"] for change in plan["changes"]]
        owner = name if "on" in put else ""
        layer = put["layer"] if "on" in put else "bundle"
        policy = re.sub(r".*/", "", put["policy"])
        wanted = Wanted("document", layer, owner, policy, id="" if owner else put["policy"], document=put["document"],
                        owner_id=put.get("on", ""))  # fmt: skip
        found = match(index, wanted)
        assert found.place is not None, found.why
