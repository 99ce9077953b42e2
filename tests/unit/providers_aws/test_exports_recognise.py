"""Every saved response that the pages name is known by its file's name, and what only looks like one is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_support import imported, rows

from fakes.shared import ROOT
from leastwise.errors import InputError
from leastwise.providers.aws import translate
from leastwise.providers.aws.exports.calls import ACCEPTED, READ, known
from leastwise.providers.aws.exports.read import read_exports
from leastwise.providers.aws.exports.recognise import RESPONSE_NAME, SAVED_RESPONSE, recognise
from leastwise.providers.aws.translate.registry import RESPONSES

ACCOUNT = "111111111111"
CALLS = [(service, one) for table in (READ, ACCEPTED) for service, calls in table.items() for one in calls]


def documented() -> Iterator[tuple[str, str]]:
    """(service, operation) of the table of the page: a service, and the calls named after it up to the next."""
    page = (ROOT / "docs" / "how-to" / "aws.md").read_text(encoding="utf-8")
    table = page[page.index("| calls | subject |") :].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        service = ""
        for word in re.findall(r"`([^`]+)`", line.split("|")[1]):
            if word in READ:
                service = word
            elif not word.endswith("…"):
                yield service, word


@pytest.mark.parametrize("end", [".json", "--a%2Fb.json", "--a--b.json.gz", ".error.json", "--a.error.json"])
def test_every_call_that_is_read_or_accepted_is_recognised(end: str) -> None:
    names = {(service, operation): f"{service}-{operation}{end}" for service, operation in CALLS}
    found = {one: RESPONSE_NAME.fullmatch(name) for one, name in names.items()}
    assert [names[one] for one, match in found.items() if match is None] == []
    assert [one for one, match in found.items() if match and (match["service"], match["operation"]) != one] == []
    assert {bool(match and match["error"]) for match in found.values()} == {".error" in end}
    assert {recognise(Path(name), b"{}") for name in names.values()} == {SAVED_RESPONSE}


def test_every_call_of_the_page_is_read() -> None:
    named = list(documented())
    assert len(named) > 100
    assert [one for one in named if not known(*one)] == []
    assert [one for one in named if not RESPONSE_NAME.fullmatch("-".join(one) + ".json")] == []


def test_the_page_names_every_service_that_is_read() -> None:
    page = (ROOT / "docs" / "how-to" / "aws.md").read_text(encoding="utf-8")
    assert [service for service in READ if f"`{service}`" not in page] == []


def test_every_call_that_is_translated_is_recognised() -> None:
    assert translate is not None
    calls = {call.partition("!")[0] for call in RESPONSES}
    assert len(calls) > 100
    assert sorted(call for call in calls if not known(*call.split(".", 1))) == []


@pytest.mark.parametrize(
    "name",
    ["logs-2026-11-01.json", "batch-17.json", "glue.json", "ecs-.json", "ssm-describe-activations.txt",
     "my-eks-describe-cluster.json", "apigatewayv3-get-apis.json"],
)  # fmt: skip
def test_other_names_are_no_responses(name: str) -> None:
    assert RESPONSE_NAME.fullmatch(name) is None


def test_a_cluster_that_is_named_on_the_command_line_is_imported(tmp_path: Path) -> None:
    arn = f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/c"
    file = tmp_path / ACCOUNT / "eks-describe-cluster--c.json"
    file.parent.mkdir()
    role = f"arn:aws:iam::{ACCOUNT}:role/eks"
    file.write_text(json.dumps({"cluster": {"name": "c", "arn": arn, "roleArn": role, "status": "ACTIVE"}}))
    tables = imported(file)[ACCOUNT]
    assert [one["name"] for one in rows(tables, "resources") if one["id"] == arn] == ["c"]
    assert [one for one in rows(tables, "coverage") if one["status"] == "unsupported"] == []
    assert imported(tmp_path).keys() == {ACCOUNT}


def test_a_response_of_a_service_that_is_not_read_says_so(tmp_path: Path) -> None:
    file = tmp_path / ACCOUNT / "polly-list-lexicons.json"
    file.parent.mkdir()
    file.write_text("{}")
    with pytest.raises(InputError, match="not an AWS export that Leastwise knows"):
        read_exports([file])
