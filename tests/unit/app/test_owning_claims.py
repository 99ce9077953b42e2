"""What tags, estate.yaml, code and logs claim of whose a principal is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from leastwise.app.code_index import codings, read_code
from leastwise.app.estate_file import EstateFile, parse_estate
from leastwise.app.owning import Owning
from leastwise.app.wiring import Workspace

ROLE = "arn:aws:iam::1:role/printer"
FILE = """
version: 1
owners:
- {match: {path: printing}, team: team-path}
- {match: {tag: owner}, team: "*"}
- {match: {tag: critical}, team: team-critical}
- {match: {principal: "*:role/print*"}, team: team-entry}
- {match: {account: "1"}, team: team-account}
"""
CODE = 'resource "aws_iam_role" "p" {\n  name               = "printer"\n  assume_role_policy = "{}"\n}\n'


def changed(principal: str, **more: str) -> dict[str, Any]:
    told = {"principal": principal, "session": "", "origin": "", "source_identity": "", **more}
    return {**told, "time": datetime(2026, 10, 1, tzinfo=UTC)}


def owning(
    tmp_path: Path, file: str, tags: dict[str, str], last: dict[str, Any] | None, owners: str, code: bool
) -> Owning:
    rows = [{"id": ROLE, "account": "1", "name": "printer", "mail": None, "owner": None, "tags": list(tags.items())}]
    types = {name: pa.string() for name in ("id", "account", "name", "mail", "owner")}
    schema = pa.schema([*types.items(), ("tags", pa.map_(pa.string(), pa.string()))])
    tables = SimpleNamespace(read=lambda *_: pa.Table.from_pylist(rows, schema))
    told: EstateFile = parse_estate("estate.yaml", file)
    estate: Any = SimpleNamespace(file=told, people={}, tables=tables, estate=SimpleNamespace(manifests=(None,)))
    read = None
    if code:
        (tmp_path / "printing").mkdir()
        (tmp_path / ".git").mkdir()
        (tmp_path / "printing" / "iam.tf").write_text(CODE)
        (tmp_path / "CODEOWNERS").write_text(owners)
        read = read_code([tmp_path], codings(Workspace().providers()))
    found = Owning(estate, read)
    vars(found)["_changes"] = SimpleNamespace(latest=lambda *_: last)
    return found


BARE = "version: 1"
BO = changed("arn:aws:iam::1:user/bo")
CASES: dict[str, tuple[str, dict[str, str], dict[str, Any] | None, str, bool, str, str]] = {
    # estate.yaml, tags, last change, CODEOWNERS, code given: owner, approver
    "CODEOWNERS": (FILE, {"owner": "team-tag"}, BO, "* @acme/all\n/printing/ @acme/printing", True,
                   "@acme/printing", "@acme/printing"),
    "estate.yaml by the path of the file": (FILE, {}, BO, "", True, "team-path", "team-path"),
    "a path means nothing without code": (FILE, {}, BO, "", False, "team-entry", "team-entry"),
    "the tag that names the team": (FILE, {"Owner": "team-tag"}, BO, "", False, "team-tag", "team-entry"),
    "a tag that stands for a team": (FILE, {"critical": "yes"}, BO, "", False, "team-critical", "team-entry"),
    "who changed it last": (BARE, {}, BO, "", False, "arn:aws:iam::1:user/bo", ""),
    "who began the session": (BARE, {}, changed("arn:aws:iam::1:role/ci", source_identity="eve"), "", False,
                              "eve", ""),
    "it changed itself": (BARE, {}, changed(ROLE), "", False, "", ""),
    "nothing tells": (BARE, {}, None, "", False, "", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_claims(tmp_path: Path, case: Any) -> None:
    file, tags, last, owners, code, owner, approver = case
    found = owning(tmp_path, file, tags, last, owners, code).of(ROLE)
    assert (found.owner, found.approver) == (owner, approver)
    assert found.owner_by and found.approver_by
