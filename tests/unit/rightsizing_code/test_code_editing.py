"""Several changes laid one over the other: one patch a file, and an index that holds what was made."""

from __future__ import annotations

import difflib
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leastwise.providers.aws.coded import CODING
from leastwise.rightsizing.code.editing import Editing
from leastwise.rightsizing.code.index import Index
from leastwise.rightsizing.code.indexing import index
from leastwise.rightsizing.code.located import Scalar
from leastwise.rightsizing.code.matching import Wanted, match
from leastwise.rightsizing.code.places import Place
from leastwise.rightsizing.code.spans import Refused
from leastwise.rightsizing.code.splicing import detach, splice

INFRA = Path(__file__).parents[3] / "tools" / "demo_company" / "infra"


def document(action: object, resource: object = "*") -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


GHA = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::222222222222:role/etl-bridge"},
        {
            "Effect": "Allow",
            "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"],
            "Resource": "arn:aws:lambda:eu-west-1:222222222222:function:*",
        },
    ],
}
ETL = document("s3:GetObject", "arn:aws:s3:::bw-shipments/exports/*")
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
PRINTER = Wanted("document", "identity", "label-printer", "label-printer", document=document("s3:*"))


def demo() -> dict[str, str]:
    return {path.relative_to(INFRA).as_posix(): path.read_text() for path in INFRA.rglob("*") if path.is_file()}


def test_several_changes_of_one_file_are_one_patch(tmp_path: Path) -> None:
    texts = demo()
    editing = Editing(index(texts, [CODING]), [CODING])
    less = {**GHA, "Statement": GHA["Statement"][1:]}
    place = editing.put(Wanted("document", "bundle", policy="gha-deploy", document=GHA), less)
    assert (place.file, place.line) == ("ci/iam.tf", 41)
    editing.put(
        Wanted("document", "bundle", policy="etl-bridge", document=ETL), document("s3:GetObject", "arn:aws:s3:::x/*")
    )
    editing.take(Wanted("attachment", "identity", "etl-bridge", id=BASIC))
    editing.put(PRINTER, document("s3:GetObject"))
    editing.take(Wanted("document", "identity", "label-printer", "label-printer", document=document("s3:GetObject")))
    assert [one.file for one in editing.changed()] == ["ci/iam.tf", "printing/iam.tf"]
    assert 'label_printer" {' in editing.changed()[1].after
    assert "aws_iam_role_policy" not in editing.changed()[1].after
    for file, text in texts.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    done = subprocess.run(
        ["git", "apply", "-"], cwd=tmp_path, input=editing.patch(), text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for one in editing.changed():
        assert (tmp_path / one.file).read_text() == one.after
    # What was laid over is what reading all of it anew gives.
    anew = index(editing.index.texts, [CODING])
    assert {(one.address, one.why, one.line) for one in anew.places} == {
        (one.address, one.why, one.line) for one in editing.index.places
    }


def test_what_is_refused_leaves_everything_as_it_was() -> None:
    editing = Editing(index(demo(), [CODING]), [CODING])
    with pytest.raises(Refused, match="no code was found that makes nobody"):
        editing.put(Wanted("document", "bundle", policy="nobody"), {})
    with pytest.raises(Refused, match="the code does not match the cloud"):
        editing.put(Wanted("document", "bundle", policy="etl-bridge", document=GHA), GHA)
    with pytest.raises(Refused, match="is referred to by something else"):
        editing.take(Wanted("document", "bundle", policy="etl-bridge", document=ETL))
    assert editing.changed() == []
    assert editing.patch() == ""


def test_what_would_change_something_else_is_refused() -> None:
    """The net below the rest: an index whose places point elsewhere than they were read."""
    found = index(demo(), [CODING])
    place = match(found, PRINTER).place
    assert place is not None
    name = found.texts[place.file].rindex('"label-printer"')
    astray, wrong = misled(found, place, node=Scalar(name, name + len('"label-printer"'), "label-printer"))
    with pytest.raises(Refused, match=r"aws_iam_role_policy\.label_printer would change with it"):
        splice(astray, wrong, "other", [CODING])
    with pytest.raises(Refused, match="the place is not in this index"):
        splice(found, wrong, "other", [CODING])
    gha = match(found, Wanted("document", "bundle", policy="gha-deploy", document=GHA)).place
    etl = match(found, Wanted("document", "bundle", policy="etl-bridge", document=ETL)).place
    assert gha is not None
    assert etl is not None
    astray, wrong = misled(found, gha, node=etl.node)
    with pytest.raises(Refused, match=r"the document of aws_iam_policy\.etl_bridge would change with it"):
        splice(astray, wrong, document("a:b"), [CODING])
    attached = match(found, Wanted("attachment", "identity", "etl-bridge", id=BASIC)).place
    assert attached is not None
    with pytest.raises(Refused, match="to take it away would change something else"):
        detach(found, replace(attached, node=None, listed=False, cut=gha.whole), [CODING])


def misled(found: Index, place: Place, **changed: Any) -> tuple[Index, Place]:
    """An index with something else at a place, and that place."""
    wrong = replace(place, **changed)
    same = (place.block, place.kind, place.layer, place.home)
    places = (wrong if (one.block, one.kind, one.layer, one.home) == same else one for one in found.places)
    return replace(found, places=tuple(places)), wrong


def test_a_file_of_several_documents_is_not_edited() -> None:
    head = 'resource "aws_iam_role_policy" "w" {\n  name   = "work"\n  policy = file("${path.module}/../w.json")\n'
    head += "  role   = "
    texts = {"w.json": "{}", "a/main.tf": head + '"a"\n}\n', "b/main.tf": head + '"b"\n}\n'}
    found = match(index(texts, [CODING]), Wanted("document", "identity", "a", "work", document={}))
    assert found.place is None
    assert "the document is also that of aws_iam_role_policy.w (b/main.tf)" in found.why


def test_a_block_is_added_at_the_end_and_can_be_changed() -> None:
    editing = Editing(index(demo(), [CODING]), [CODING])
    wanted = Wanted("document", "identity", "etl-bridge", "kept")
    editing.add("ci/iam.tf", wanted, "arn:aws:iam::2:role/etl-bridge", document("s3:GetObject"))
    found = match(editing.index, wanted)
    assert found.place is not None
    editing.put(
        Wanted("document", "identity", "etl-bridge", "kept", document=document("s3:GetObject")), document("s3:Put*")
    )
    (made,) = editing.changed()
    assert made.after.startswith(made.before)
    assert 'resource "aws_iam_role_policy" "etl_bridge_kept" {' in made.after
    assert '"s3:Put*"' in made.after
    editing.add("new.tf", Wanted("document", "identity", "etl-bridge", "more"), ":role/", document("a:b"))
    assert editing.changed()[1].before == ""
    assert "--- /dev/null\n+++ b/new.tf\n" in editing.patch()
    with pytest.raises(Refused, match="no file of Terraform"):
        editing.add("x.json", wanted, ":role/", {})


def test_a_template_is_changed_twice() -> None:
    text = """Resources:
  A:
    Type: AWS::IAM::Role
    Properties:
      RoleName: worker
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/A
        - arn:aws:iam::aws:policy/B
      Policies:
        - PolicyName: work
          PolicyDocument: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "s3:*", Resource: "*"}}
"""
    editing = Editing(index({"t.yaml": text, **demo()}, [CODING]), [CODING])
    editing.take(Wanted("attachment", "identity", "worker", id="arn:aws:iam::aws:policy/A"))
    editing.put(Wanted("document", "identity", "worker", "work", document=document("s3:*")), document("s3:GetObject"))
    (made,) = editing.changed()
    assert made.after == text.replace("        - arn:aws:iam::aws:policy/A\n", "").replace("s3:*", "s3:GetObject")
    editing.take(Wanted("attachment", "identity", "worker", id="arn:aws:iam::aws:policy/B"))
    assert "ManagedPolicyArns:\n        []\n" in editing.changed()[0].after
    with pytest.raises(Refused, match="only a resource of Terraform"):
        editing.take(Wanted("document", "identity", "worker", "work", document=document("s3:GetObject")))


TEMPLATES = Path(__file__).parents[2] / "cases" / "code" / "aws"
FLOW = (
    "Resources: {Worker: {Type: AWS::IAM::Role, Properties: {RoleName: worker, ManagedPolicyArns: "
    '["arn:aws:iam::aws:policy/ReadOnlyAccess"]}}}\n'
)
NEW = {
    "yaml": ("template.yaml", (TEMPLATES / "template-detach" / "before" / "template.yaml").read_text()),
    "json": ("template.json", (TEMPLATES / "template-json" / "before" / "template.json").read_text()),
    "flow": ("flow.yaml", FLOW),
    "other ends of lines": (
        "template.yaml", (TEMPLATES / "template-detach" / "before" / "template.yaml").read_text().replace("\n", "\r\n"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("file", "text"), NEW.values(), ids=NEW)
def test_a_new_document_is_a_resource_of_the_template(file: str, text: str) -> None:
    """All that stood there stays, byte by byte; a role that the template makes is named by a reference."""
    editing = Editing(index({file: text}, [CODING]), [CODING])
    for owner, kind in (("worker", "role"), ("elsewhere", "user")):
        wanted = Wanted("document", "identity", owner, "kept")
        editing.add(file, wanted, f"arn:aws:iam::2:{kind}/{owner}", document("s3:GetObject"))
        found = match(editing.index, Wanted("document", "identity", owner, "kept", document=document("s3:GetObject")))
        assert found.place is not None, found.why
    after = editing.index.texts[file]
    parts = difflib.SequenceMatcher(None, text, after, autojunk=False).get_opcodes()
    assert {one[0] for one in parts} == {"equal", "insert"}
    assert "Ref" in after[len(text) - 20 :]
    assert ("\r\n" in text) == ("\r\n" in after) and after.count("\r") in (0, after.count("\n"))
    again = index({file: after}, [CODING])
    assert again.faults == ()
    assert len(again.places) == len(index({file: text}, [CODING]).places) + 2


def test_a_template_that_gives_nothing_takes_no_new_document() -> None:
    bare = {"t.yaml": "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: b}\n"}
    editing = Editing(index(bare, [CODING]), [CODING])
    with pytest.raises(Refused, match=r"t\.yaml is no file of Terraform, nor a template"):
        editing.add("t.yaml", Wanted("document", "identity", "a", "b"), "arn:aws:iam::2:role/a", document("s3:Get"))
    assert editing.changed() == []
