"""Laws of splicing: whatever document stands there and whatever is wanted, the file read again has what is wanted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.providers.aws.coded import CODING
from leastwise.rightsizing.code.hcl.tokens import tokens
from leastwise.rightsizing.code.indexing import index
from leastwise.rightsizing.code.located import same, value_of
from leastwise.rightsizing.code.matching import Wanted, match
from leastwise.rightsizing.code.splicing import splice
from leastwise.rightsizing.code.writing import Style

ACTIONS = st.sampled_from(["s3:*", "s3:GetObject", "s3:PutObject", "sqs:SendMessage", "iam:*", "*", "ec2:Describe*"])
RESOURCES = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::a/*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::home/${aws:username}/*",
        'odd"\\name',
        "arn:aws:sqs:eu-west-1:1:é",
    ]
)


def some(values: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=4, unique=True)


STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": some(ACTIONS), "Resource": some(RESOURCES)},
    optional={
        "Sid": st.sampled_from(["A", "B", "C"]),
        "Condition": st.sampled_from(
            [{"Bool": {"aws:SecureTransport": "true"}}, {"StringLike": {"aws:username": ["a*", "b"], "x": "${y}"}}]
        ),
    },
)
DOCUMENTS = st.lists(STATEMENTS, min_size=1, max_size=4).map(lambda some: {"Version": "2012-10-17", "Statement": some})
COMMENTS = st.sampled_from(["", "", " # c", " // c", " /* c */"])
HEAD = 'resource "aws_iam_role_policy" "w" {\n  name = "work"\n  role = "worker"\n'
TEMPLATE = """Resources:
  W:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: worker
      PolicyName: work
"""
WORK = Wanted("document", "identity", "worker", "work")


def commented(text: str, comments: list[str], sign: str = "") -> str:
    """The lines of a text with comments at their ends and above them, where the language allows it."""
    lines = text.split("\n")
    made = []
    for number, line in enumerate(lines):
        comment = comments[number % len(comments)] if comments else ""
        if sign:
            comment = comment and f" {sign} c"
        if comment.startswith((" #", " //")) and number % 2 and number > 1:
            made.append(f"{line[: len(line) - len(line.lstrip())]}{comment.strip()} above {number}")
        made.append(line + comment if number < len(lines) - 1 else line)
    return "\n".join(made)


def spliced(texts: dict[str, str], wanted: Any) -> tuple[str, str]:
    found = index(texts, [CODING])
    assert found.faults == ()
    place = match(found, WORK)
    assert place.place is not None, place.why
    made = splice(found, place.place, wanted, [CODING])
    again = match(index({**texts, made.file: made.after}, [CODING]), WORK)
    assert again.place is not None
    assert again.place.node is not None
    assert same(value_of(again.place.node), wanted)
    return made.before, made.after


def comments_of(text: str) -> list[str]:
    return [text[one.begin : one.end] for one in tokens(text) if one.kind == "comment"]


@settings(max_examples=30)
@given(DOCUMENTS, DOCUMENTS, st.booleans(), st.lists(COMMENTS, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_in_jsonencode(old: Any, new: Any, inline: bool, comments: list[str], line: str) -> None:
    body = Style("hcl", indent="  ", inline=inline).value(old)
    text = f"{HEAD}  policy = jsonencode({body})\n}}\n"
    text = (text if inline else commented(text, comments)).replace("\n", line)
    before, after = spliced({"main.tf": text}, old)
    assert before == after
    before, after = spliced({"main.tf": text}, new)
    assert set(comments_of(after)) <= set(comments_of(before))
    assert (after == before) == same(old, new)
    assert ("\r\n" in after) == (line == "\r\n")
    assert line == "\n" or after.count("\n") == after.count("\r\n")


@settings(max_examples=30)
@given(DOCUMENTS, DOCUMENTS, st.booleans())
def test_in_a_heredoc(old: Any, new: Any, inline: bool) -> None:
    body = Style("json", indent="    ", inline=inline, holes=True).value(old)
    text = f"{HEAD}  policy = <<-EOT\n    {body}\n  EOT\n}}\n"
    assert spliced({"main.tf": text}, old) == (text, text)
    spliced({"main.tf": text}, new)


@settings(max_examples=30)
@given(DOCUMENTS, DOCUMENTS)
def test_in_a_file_of_json(old: Any, new: Any) -> None:
    texts = {
        "main.tf": HEAD + '  policy = file("w.json")\n}\n',
        "w.json": Style("json").value(old) + "\n",
    }
    before, after = spliced(texts, old)
    assert before == after
    spliced(texts, new)


@settings(max_examples=30)
@given(DOCUMENTS, DOCUMENTS, st.booleans(), st.lists(COMMENTS, max_size=5))
def test_in_a_template(old: Any, new: Any, flow: bool, comments: list[str]) -> None:
    style = Style("yaml", indent=" " * 14, flow=flow, inline=flow)
    text = f"{TEMPLATE}      PolicyDocument:{' ' if flow else ''}{style.value(old)}\n"
    text = commented(text, comments, "#")
    texts = {"t.yaml": text}
    before, after = spliced(texts, old)
    assert before == after
    spliced(texts, new)


@pytest.mark.parametrize("conditions", [False, True])
@settings(max_examples=30)
@given(data=st.data(), comments=st.lists(COMMENTS, max_size=5))
def test_in_blocks(conditions: bool, data: st.DataObject, comments: list[str]) -> None:
    plain = DOCUMENTS if conditions else DOCUMENTS.map(_without_conditions)
    old, new = data.draw(plain), data.draw(plain)
    text = 'data "aws_iam_policy_document" "w" {\n'
    for one in old["Statement"]:
        text += _block(one)
    text += "}\n\n" + HEAD
    text += "  policy = data.aws_iam_policy_document.w.json\n}\n"
    text = text if conditions else commented(text, comments)
    before, after = spliced({"main.tf": text}, old)
    assert before == after
    spliced({"main.tf": text}, new)


def _without_conditions(document: Any) -> Any:
    statements = [{key: value for key, value in one.items() if key != "Condition"} for one in document["Statement"]]
    return {**document, "Statement": statements}


def _block(statement: Any) -> str:
    style = Style("hcl", indent="    ", variable="&{")
    names = {"Sid": "sid", "Effect": "effect", "Action": "actions", "Resource": "resources"}
    text = "  statement {\n"
    for key, name in names.items():
        if key in statement:
            value = statement[key]
            if name.endswith("s") and isinstance(value, str):
                value = [value]
            text += f"    {style.entry(name, value)}\n"
    for test, below in statement.get("Condition", {}).items():
        for variable, values in below.items():
            rows = {"test": test, "variable": variable, "values": values if isinstance(values, list) else [values]}
            inner = "".join(f"      {style.entry(name, value)}\n" for name, value in rows.items())
            text += f"    condition {{\n{inner}    }}\n"
    return text + "  }\n"
