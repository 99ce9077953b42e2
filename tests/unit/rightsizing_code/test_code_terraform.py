"""What Terraform itself reads in expressions is what is read here, and what is written here is what it reads."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from leastwise.providers.aws.coded import CODING
from leastwise.rightsizing.code.blocks import document_of_blocks
from leastwise.rightsizing.code.hcl.parse import parse
from leastwise.rightsizing.code.hcl.reading import document_of, node_of
from leastwise.rightsizing.code.hcl.tree import Attribute, Block
from leastwise.rightsizing.code.located import bound, same, value_of
from leastwise.rightsizing.code.writing import Style

PLUGINS = os.environ.get("LEASTWISE_TERRAFORM_PLUGINS", "")
WRITTEN = [
    r'"a\n\t\"\\ é \u00e9 \U0001F600"',
    '"$${aws:username} %%{x} $ % $x"',
    '["a", 1, 1.5, -2, true, null,]',
    '{ a = 1, "b c" : 2\n  d = { e = [] } }',
    "<<EOT\na $${b}\n  c\\n\nEOT\n",
    "{ a = [\n # x\n 1, // y\n /* z */ 2\n ] }",
    'toset(["b", "a"])',
    '{\n  "for" = 1\n  in  = 2\n}',
]
DOCUMENTS = [
    'jsonencode({ Action = "s3:*", Resource = ["a", "$${b}"] })',
    '<<EOT\n{"a": "$${b}", "c": ["\\u00e9", 1, null, {"d": true}]}\nEOT\n',
    '<<-EOT\n    {\n      "a": "b"\n    }\n  EOT\n',
]
KEYS = ["for", "null", "true", "in", "a-b", "Action", "aws:Key", "1"]
TEXTS = [
    "s3:*",
    "a b",
    "é\U0001f600",
    "${x}",
    "%{y}",
    "$${z}",
    'q"\\',
    "\n\t\r",
    "\x01",
    "",
    "#no",
    "//",
    "a${",
    "$$",
    "*",
]


def made(chance: random.Random, depth: int = 0) -> Any:
    """A value that a document may hold."""
    kind = chance.randrange(5 if depth < 3 else 3)
    if kind == 3:
        return [made(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 4:
        return {chance.choice([*KEYS, *TEXTS]): made(chance, depth + 1) for _ in range(chance.randrange(4))}
    return chance.choice([*TEXTS, 7, -1, True, None])


def ours(text: str, document: bool) -> Any:
    attribute = parse(text).items[0]
    assert isinstance(attribute, Attribute)
    return value_of((document_of if document else node_of)(text, attribute.value))


@pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not on the PATH")
def test_terraform_reads_the_same(tmp_path: Path) -> None:
    """One run of Terraform for all: each expression is a local value, and the console tells them as JSON."""
    chance = random.Random(7)
    values = [made(chance) for _ in range(60)]
    styles = (Style("hcl", indent="  "), Style("hcl", inline=True))
    written = [*WRITTEN, *(style.value(value) for value in values for style in styles)]
    expressions = [(one, False) for one in written] + [(one, True) for one in DOCUMENTS]
    lines = [f"  v{number} = {one}" for number, (one, _) in enumerate(expressions)]
    (tmp_path / "main.tf").write_text("locals {\n" + "\n".join(lines) + "\n}\n", encoding="utf-8", newline="")
    names = ", ".join(f"local.v{number}" for number in range(len(expressions)))
    done = subprocess.run(
        ["terraform", "console"],
        cwd=tmp_path,
        input=f"base64encode(jsonencode([{names}]))\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(base64.b64decode(json.loads(done.stdout)))
    for (one, document), value in zip(expressions, told, strict=True):
        found = ours(f"a = {one}\n", document)
        theirs = json.loads(value) if document else value
        assert (sorted(found) if one.startswith("toset") else found) == theirs, one
    flat = [value for value in values for _ in styles]
    assert told[len(WRITTEN) : len(written)] == flat


PROVIDER = """provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

"""
BLOCKS = [
    """  statement {
    sid       = "A"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::home/&{aws:username}/*", "arn:aws:s3:::b"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/a"
      values   = ["&{aws:RequestTag/a}", "x"]
    }
  }
""",
    """  version   = "2008-10-17"
  policy_id = "P"
  statement {
    effect      = "Deny"
    not_actions = ["iam:*"]
    resources   = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/a"
      values   = ["y", "x"]
    }
    condition {
      test     = "StringEquals"
      variable = "b"
      values   = ["c"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
  }
""",
    """  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]
    }
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
  statement {
    actions       = ["s3:GetObject"]
    not_resources = ["arn:aws:s3:::c/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  statement {
    actions   = ["s3:ListBucket"]
    resources = ["*"]
    not_principals {
      type        = "AWS"
      identifiers = ["111111111111"]
    }
  }
""",
]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not on the PATH")
@pytest.mark.skipif(not PLUGINS, reason="no providers for Terraform: LEASTWISE_TERRAFORM_PLUGINS names no folder")
def test_the_provider_makes_the_documents_that_are_read_in_blocks(tmp_path: Path) -> None:
    infra = Path(__file__).parents[3] / "tools" / "demo_company" / "infra"
    texts = [(infra / "finance" / "iam.tf").read_text(), (infra / "identity-center" / "developer.tf").read_text()]
    demo = [block for text in texts for block in _documents(text) if "data." not in block]
    blocks = [*BLOCKS, *demo]
    text = PROVIDER
    for number, block in enumerate(blocks):
        text += f'data "aws_iam_policy_document" "d{number}" {{\n{block}}}\n\n'
        text += f'output "o{number}" {{\n  value = data.aws_iam_policy_document.d{number}.json\n}}\n\n'
    (tmp_path / "main.tf").write_text(text)
    for words in (["init", "-input=false", f"-plugin-dir={PLUGINS}"], ["plan", "-input=false", "-out=p"]):
        done = subprocess.run(["terraform", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    shown = subprocess.run(
        ["terraform", "show", "-json", "p"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    outputs = json.loads(shown)["planned_values"]["outputs"]
    for number in range(len(blocks)):
        (block,) = (one for one in parse(text).items if isinstance(one, Block) and one.labels[-1:] == (f"d{number}",))
        node = document_of_blocks(text, block, CODING.data["aws_iam_policy_document"][1])
        theirs = json.loads(outputs[f"o{number}"]["value"])
        assert same(value_of(bound(node, theirs)), theirs), theirs
        assert same(value_of(node), theirs), (value_of(node), theirs)


def _documents(text: str) -> list[str]:
    """The bodies of the documents that a file has as blocks."""
    return [
        text[one.inner : one.inner_end].lstrip("\n")
        for one in parse(text).items
        if isinstance(one, Block) and one.labels[:1] == ("aws_iam_policy_document",)
    ]
