"""What an index finds beside the cases: state, modules, programs, faults; and blocks for what is not in code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leastwise.errors import InputError
from leastwise.providers.aws.coded import CODING
from leastwise.providers.gcp.coded import CODING as GOOGLE
from leastwise.rightsizing.code.hcl.parse import parse
from leastwise.rightsizing.code.indexing import index
from leastwise.rightsizing.code.matching import Wanted, match
from leastwise.rightsizing.code.new_blocks import new_block
from leastwise.rightsizing.code.spans import Refused
from leastwise.rightsizing.code.splicing import detach, remove

INFRA = Path(__file__).parents[3] / "tools" / "demo_company" / "infra"
PLUGINS = os.environ.get("LEASTWISE_TERRAFORM_PLUGINS", "")
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
POLICY = """resource "aws_iam_role_policy" "work" {
  name = var.name
  role = var.role

  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
"""
INLINE = Wanted("document", "identity", "worker", "work", document=DOCUMENT)


def demo() -> dict[str, str]:
    return {path.relative_to(INFRA).as_posix(): path.read_text() for path in INFRA.rglob("*") if path.is_file()}


def test_the_demo_companys_code() -> None:
    found = index(demo(), [CODING])
    assert found.faults == ()
    assert found.foreign == ()
    rows = {
        (one.file, one.kind, one.layer, one.policy.text.rpartition("/")[2], one.owner.text, one.why)
        for one in found.places
    }
    attached = "AWSLambdaBasicExecutionRole"
    assert rows == {
        ("ci/iam.tf", "document", "trust", "", "gha-deploy", ""),
        ("ci/iam.tf", "document", "trust", "", "etl-bridge", ""),
        ("ci/iam.tf", "document", "bundle", "gha-deploy", "", ""),
        ("ci/iam.tf", "document", "bundle", "etl-bridge", "", ""),
        ("ci/iam.tf", "attachment", "identity", "gha-deploy", "gha-deploy", ""),
        ("ci/iam.tf", "attachment", "identity", "etl-bridge", "etl-bridge", ""),
        ("ci/iam.tf", "attachment", "identity", attached, "etl-bridge", ""),
        ("finance/iam.tf", "document", "trust", "", "quarter-close", ""),
        ("finance/iam.tf", "document", "bundle", "quarter-close", "", ""),
        ("finance/iam.tf", "attachment", "identity", "quarter-close", "quarter-close", ""),
        ("identity-center/developer.tf", "document", "identity", "", "Developer", ""),
        ("ops/iam.tf", "document", "trust", "", "ops-janitor", ""),
        ("ops/iam.tf", "document", "bundle", "ops-janitor", "", ""),
        ("ops/iam.tf", "attachment", "identity", "ops-janitor", "ops-janitor", ""),
        ("ops/iam.tf", "attachment", "identity", attached, "ops-janitor", ""),
        ("printing/iam.tf", "document", "trust", "", "label-printer", ""),
        ("printing/iam.tf", "document", "identity", "label-printer", "label-printer", ""),
    }


STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "resources": [
        {
            "mode": "managed", "type": "aws_iam_role_policy", "name": "work",
            "instances": [{"attributes": {"id": "worker:work", "name": "work", "role": "worker", "policy": "secret"}}],
        },
        {"mode": "data", "type": "x", "name": "y", "instances": []},
    ],
}  # fmt: skip
SHOWN = {
    "format_version": "1.0",
    "values": {
        "root_module": {
            "resources": [
                {
                    "mode": "managed", "address": "aws_iam_role_policy.work",
                    "values": {"id": "worker:work", "name": "work", "role": "worker"},
                }
            ]
        }
    },
}  # fmt: skip


@pytest.mark.parametrize(
    "state", [STATE, SHOWN, {**SHOWN, "values": None, "prior_state": SHOWN}], ids=["file", "show", "plan"]
)
def test_state_tells_what_code_computes(state: Any) -> None:
    texts = {"main.tf": POLICY}
    assert "state would tell" in match(index(texts, [CODING]), INLINE).why
    found = match(index(texts, [CODING], {"s.json": json.dumps(state)}), INLINE)
    assert found.place is not None
    assert match(index({**texts, "terraform.tfstate": json.dumps(state)}, [CODING]), INLINE).place is not None
    by_id = Wanted("document", "identity", id="worker:work", document=DOCUMENT)
    assert match(index(texts, [CODING], {"s.json": json.dumps(state)}), by_id).place is not None
    assert "secret" not in repr(index(texts, [CODING], {"s.json": json.dumps(state)}).known)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON"),
        ("{}", "is no state of Terraform"),
        (json.dumps({**STATE, "resources": [1]}), "not of a form"),
    ],
)
def test_what_is_named_as_state_must_be_state(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        index({}, [CODING], {"s.json": text})


def test_a_module_that_is_called_once_gets_its_names_from_the_call() -> None:
    inputs = 'variable "name" {}\n\nvariable "role" {\n  default = "worker"\n}\n'
    call = 'module "w" {\n  source = "./m"\n  name   = "work"\n}\n'
    found = match(index({"m/main.tf": POLICY + inputs, "main.tf": call}, [CODING]), INLINE)
    assert found.place is not None
    assert found.place.address == "module.w.aws_iam_role_policy.work"
    # A root's default may be overridden by what no code tells.
    assert match(index({"main.tf": POLICY + inputs}, [CODING]), INLINE).place is None
    again = index({"m/main.tf": POLICY + inputs, "main.tf": call.replace("name ", "count = 1\n  name ")}, [CODING])
    assert "is repeated (module.w)" in again.places[0].why
    assert [one.name for one in again.folders["m"].called] == ["w"]


def test_references_in_a_circle_end() -> None:
    text = "locals {\n  a = local.b\n  b = local.a\n  p = local.p\n}\n"
    text += 'resource "aws_iam_role_policy" "w" {\n  name   = local.a\n  role   = "r"\n  policy = local.p\n}\n'
    (place,) = index({"main.tf": text}, [CODING]).places
    assert place.policy.why == "references that go in a circle"
    assert place.why
    circle = 'module "m" {\n  source = "../a"\n}\n'
    found = index({"a/main.tf": POLICY + circle.replace("../a", "../b"), "b/main.tf": circle}, [CODING])
    assert "circle" in found.places[0].why


def test_a_file_that_is_malformed_is_told_and_the_others_go_on() -> None:
    found = index(
        {"a.tf": "a = \n", "b.tf": POLICY, "c.yaml": "Resources: {A: {Type: AWS::X", "d.tf.json": "{"}, [CODING]
    )
    assert len(found.places) == 1
    assert found.faults == (
        "a.tf: line 1, column 5: the line ends, and a value should stand here",
        "c.yaml: line 1, column 29: expected ',' or '}', but got '<stream end>'",
        "d.tf.json: line 1, column 2: a key in quotes should stand here, and it is the end",
    )


PROGRAMS = [
    ("lib/stack.ts", "import * as iam from 'aws-cdk-lib/aws-iam';\nnew iam.PolicyStatement({});", "cdk"),
    ("infra.py", "import pulumi\nimport pulumi_aws as aws\naws.iam.RolePolicy('x')", "pulumi"),
    ("main.go", 'import "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"\niam.NewRolePolicy(ctx)', "pulumi"),
    ("main.ts", "import { App } from 'cdktf';\nnew IamRolePolicy(this)", "terraform cdk"),
    ("x.tf.json", json.dumps({"resource": {"aws_iam_role_policy": {"a": {"policy": "{}"}}}}), "terraform json"),
]


@pytest.mark.parametrize(("file", "text", "language"), PROGRAMS, ids=[one[0] for one in PROGRAMS])
def test_programs_are_recognised_and_not_edited(file: str, text: str, language: str) -> None:
    (found,) = index({file: text}, [CODING]).foreign
    assert (found.file, found.language) == (file, language)
    assert "not edited" in found.why


def test_other_programs_and_files_are_nothing() -> None:
    texts = {
        "a.py": "import json", "b.ts": "import x from 'aws-cdk-lib/aws-s3'", "c.yaml": "a: [", "d.json": "{",
        "e.md": "x", "f.yaml": "Resources: 1 # AWS::", "x.tf.json": "{}",
    }  # fmt: skip
    found = index(texts, [CODING])
    assert (found.places, found.foreign, found.faults) == ((), (), ())


def test_a_resource_goes_with_the_data_source_that_only_it_used() -> None:
    text = """# rights

data "aws_iam_policy_document" "w" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

# the work
resource "aws_iam_role_policy" "w" {
  name   = "work"
  role   = "worker"
  policy = data.aws_iam_policy_document.w.json
}

resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({})
}

resource "aws_iam_role_policy_attachment" "p" {
  role       = "worker"
  policy_arn = aws_iam_policy.p.arn
}
"""
    found = index({"main.tf": text}, [CODING])
    place = match(found, INLINE).place
    assert place is not None
    (made,) = remove(found, place, [CODING])
    assert made.after == text[: text.index("data")] + text[text.index('resource "aws_iam_policy"') :]
    bundle = next(one for one in found.places if one.layer == "bundle")
    with pytest.raises(Refused, match=r"aws_iam_policy.p is referred to by something else"):
        remove(found, bundle, [CODING])
    role = 'resource "aws_iam_role" "w" {\n  name = "w"\n  assume_role_policy = jsonencode({})\n'
    role += '  inline_policy {\n    name   = "a"\n    policy = jsonencode({})\n  }\n}\n'
    with pytest.raises(Refused, match="carries more"):
        remove(index({"a.tf": role}, [CODING]), index({"a.tf": role}, [CODING]).places[0], [CODING])


ODD = [
    (
        """resource "aws_iam_role" "r" {
  name = "r"
  dynamic "inline_policy" {
    for_each = var.x
    content {}
  }
}
""",
        "a dynamic block inline_policy",
    ),
    (
        """resource "google_project_iam_policy" "p" {
  project     = "p"
  policy_data = data.google_iam_policy.a.policy_data
}

data "google_iam_policy" "a" {
  dynamic "binding" {
  }
}
""",
        "a dynamic block binding",
    ),
]


@pytest.mark.parametrize(("text", "why"), ODD, ids=[one[1] for one in ODD])
def test_what_blocks_are_repeated_is_said(text: str, why: str) -> None:
    (place,) = index({"main.tf": text}, [CODING, GOOGLE]).places
    assert why in place.why


def test_what_an_override_file_says_something_about_is_not_edited() -> None:
    text = POLICY.replace("var.name", '"work"').replace("var.role", '"worker"')
    over = 'resource "aws_iam_role_policy" "work" {\n  name = "other"\n}\n'
    for name in ("override.tf", "x_override.tf"):
        found = match(index({"main.tf": text, name: over}, [CODING]), INLINE)
        assert f"is overridden in {name}" in found.why


def test_what_an_alias_of_yaml_names_is_not_edited() -> None:
    text = """Resources:
  A:
    Type: AWS::IAM::RolePolicy
    Properties: {RoleName: worker, PolicyName: work, PolicyDocument: &d {Version: "2012-10-17", Statement: []}}
  B:
    Type: AWS::IAM::RolePolicy
    Properties: {RoleName: other, PolicyName: work, PolicyDocument: *d}
"""
    found = index({"t.yaml": text}, [CODING])
    assert [one.why for one in found.places] == ["its document is not edited: an anchor that is used again"] * 2


def test_a_name_in_a_comment_is_no_use() -> None:
    text = (
        'data "aws_iam_policy_document" "w" {\n  statement {\n    actions = ["s3:*"]\n    resources = ["*"]\n  }\n}\n'
    )
    text += 'resource "aws_iam_role_policy" "work" {\n  name = "work"\n  role = "worker"\n'
    text += "  policy = data.aws_iam_policy_document.w.json # not data.aws_iam_policy_document.w\n}\n"
    assert match(index({"main.tf": text}, [CODING]), INLINE).place is not None


def test_guardrails_by_their_type_which_may_be_unset() -> None:
    text = 'resource "aws_organizations_policy" "a" {\n  name = "a"\n  content = jsonencode({})\n}\n'
    text += text.replace('"a" {', '"b" {').replace("  content", '  type = "RESOURCE_CONTROL_POLICY"\n  content')
    text += (
        text.replace('"a" {', '"c" {')
        .replace('"b" {', '"d" {')
        .replace("RESOURCE_CONTROL", "BACKUP")
        .replace("  content", "  type = var.x\n  content", 1)
    )
    found = index({"main.tf": text}, [CODING]).places
    assert [(one.block.rpartition(".")[2], one.layer) for one in found] == [("a", "scp"), ("b", "rcp")]


def test_exclusive_attachments() -> None:
    text = 'resource "aws_iam_role_policy_attachments_exclusive" "e" {\n  role_name   = "worker"\n'
    text += '  policy_arns = ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"]\n}\n'
    found = index({"main.tf": text}, [CODING])
    wanted = Wanted(
        "attachment", "identity", "worker", id="arn:aws:iam::aws:policy/A", owner_id="arn:aws:iam::1:role/worker"
    )
    place = match(found, wanted).place
    assert place is not None
    assert 'policy_arns = ["arn:aws:iam::aws:policy/B"]' in detach(found, place, [CODING]).after
    assert match(found, replace(wanted, owner_id="arn:aws:iam::1:user/worker")).place is None


def test_a_role_is_no_user_of_that_name() -> None:
    text = POLICY.replace("var.name", '"work"').replace("var.role", '"worker"')
    found = index({"main.tf": text}, [CODING])
    assert match(found, replace(INLINE, owner_id="arn:aws:iam::1:role/worker")).place is not None
    assert match(found, replace(INLINE, owner_id="arn:aws:iam::1:user/worker")).place is None


NEW = Wanted("document", "identity", "label-printer", "leastwise")
ROLE_ID = "arn:aws:iam::222222222222:role/label-printer"


def test_a_block_for_what_is_not_in_code() -> None:
    text = new_block(NEW, ROLE_ID, DOCUMENT, [CODING]).text
    assert (
        text
        == """resource "aws_iam_role_policy" "label_printer_leastwise" {
  name = "leastwise"
  role = "label-printer"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:*"
        Resource = "*"
      },
    ]
  })
}

import {
  to = aws_iam_role_policy.label_printer_leastwise
  id = "label-printer:leastwise"
}
"""
    )
    (place,) = index({"new.tf": text}, [CODING]).places
    assert (place.owner.text, place.policy.text, place.why) == ("label-printer", "leastwise", "")
    attached = Wanted("attachment", "identity", "rosa", id="arn:aws:iam::aws:policy/ReadOnlyAccess")
    text = new_block(attached, "arn:aws:iam::2:user/rosa", None, [CODING], exists=False).text
    assert (
        text
        == """resource "aws_iam_user_policy_attachment" "rosa_readonlyaccess" {
  user       = "rosa"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"""
    )


def test_a_block_that_nobody_knows_how_to_write_is_refused() -> None:
    with pytest.raises(Refused, match="no form of Terraform is known for a new document of the layer scp"):
        new_block(Wanted("document", "scp", "root", "x"), "", DOCUMENT, [CODING])
    with pytest.raises(Refused, match="needs the id, which is not known"):
        new_block(Wanted("document", "bundle", policy="x"), "", DOCUMENT, [CODING])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not on the PATH")
@pytest.mark.skipif(not PLUGINS, reason="no providers for Terraform: LEASTWISE_TERRAFORM_PLUGINS names no folder")
def test_terraform_finds_new_blocks_valid(tmp_path: Path) -> None:
    texts = [new_block(NEW, ROLE_ID, DOCUMENT, [CODING]).text]
    texts.append(
        new_block(Wanted("document", "bundle", policy="x", id="arn:aws:iam::2:policy/x"), "", DOCUMENT, [CODING]).text
    )
    attached = Wanted("attachment", "identity", "rosa", id="arn:aws:iam::aws:policy/ReadOnlyAccess")
    texts.append(new_block(attached, "arn:aws:iam::2:user/rosa", None, [CODING]).text)
    (tmp_path / "main.tf").write_text("\n".join(texts))
    assert parse((tmp_path / "main.tf").read_text()).items
    for words in (["init", "-input=false", f"-plugin-dir={PLUGINS}"], ["validate"], ["fmt", "-check"]):
        done = subprocess.run(["terraform", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
