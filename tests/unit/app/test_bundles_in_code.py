"""Bundles that are made anew, and who has them, written into code of AWS beside what they take the place of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leastwise.app.code_index import Code
from leastwise.app.patching import Patched, patched
from leastwise.model.plan import Change, Recommendation
from leastwise.providers.aws.coded import CODING
from leastwise.rightsizing.code.editing import Editing
from leastwise.rightsizing.code.indexing import index

ROLE, POLICY = "arn:aws:iam::2:role/worker", "arn:aws:iam::2:policy/worker-1"
TERRAFORM = """resource "aws_iam_role_policy" "work" {
  name   = "work"
  role   = "worker"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
"""
TEMPLATE = """Resources:
  Work:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: worker
      PolicyName: work
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}
"""


def document(action: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def written(file: str, text: str, last: str) -> tuple[Patched, Editing]:
    """A plan that makes a bundle, gives it, and cuts or takes away what was there."""
    code = Code(Path(), index({file: text}, [CODING]), (CODING,), (), (), ())
    on = {"policy": "work", "on": ROLE, "layer": "identity"}
    old, new = {**on, "document": document("s3:*")}, {**on, "document": document("s3:ListBucket")}
    changes = (
        Change("create", {"policy": POLICY, "document": document("s3:GetObject")}),
        Change("attach", {"policy": POLICY, "to": ROLE, "layer": "identity"}),
        Change("put", new, (Change("put", old),)) if last == "put" else Change("remove", on, (Change("put", old),)),
    )
    editing = Editing(code.index, code.codings)
    plan = Recommendation(ROLE, "aws", "2", "s", changes=changes)
    return patched(code, plan, {ROLE: "worker"}, alone=True, editing=editing), editing


def test_a_new_bundle_is_made_before_it_is_given() -> None:
    """Terraform knows it by the reference; where nothing else is left of the file no empty lines stay."""
    for last in ("put", "remove"):
        made, editing = written("main.tf", TERRAFORM, last)
        assert made.refused == ()
        text = editing.index.texts["main.tf"]
        assert "policy_arn = aws_iam_policy.worker_1.arn" in text
        assert text.startswith("resource")
        held = {(one.kind, one.policy.text, one.owner.text) for one in index({"main.tf": text}, [CODING]).places}
        left = {("document", "work", "worker")} if last == "put" else set()
        assert held == {("document", "worker-1", ""), ("attachment", "worker-1", "worker"), *left}


def test_a_template_takes_no_bundle() -> None:
    made, _ = written("t.yaml", TEMPLATE, "put")
    assert [one.partition(": ")[2] for one in made.refused] == [
        "a bundle and who has it are not added to templates",
        "nothing in code is attached yet that shows how: write it beside the others",
    ]
