"""Whose code is, and what it says is kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from leastwise.providers.aws.coded import CODING
from leastwise.rightsizing.code.indexing import index
from leastwise.rightsizing.code.keeps import Keep, keeps
from leastwise.rightsizing.code.owners import code_owners, owner_of, parse_owners

INFRA = Path(__file__).parents[3] / "tools" / "demo_company" / "infra"
GITHUB = """
# the last line that matches wins
*            @org/everybody
*.js         @js-owner # a comment
/build/logs/ @logs
docs/*       docs@example.com
apps/        @apps
/scripts/**/x @deep
/apps/github
/with\\ blank/ @blank
**/logs2     @anywhere
"""
GITLAB = """
* @default
[Database][2] @dba
/db/ @db-1 @db-2
db/migrations
!/db/readme.md
^[Docs]
*.md @writer
"""
OWNED = [
    (GITHUB, "CODEOWNERS", "a.py", ["@org/everybody"]),
    (GITHUB, "CODEOWNERS", "x/y/a.js", ["@js-owner"]),
    (GITHUB, "CODEOWNERS", "build/logs/a/b.txt", ["@logs"]),
    (GITHUB, "CODEOWNERS", "x/build/logs/b.txt", ["@org/everybody"]),
    (GITHUB, "CODEOWNERS", "docs/a.txt", ["docs@example.com"]),
    (GITHUB, "CODEOWNERS", "docs/more/a.txt", ["@org/everybody"]),
    (GITHUB, "CODEOWNERS", "x/docs/a.txt", ["@org/everybody"]),
    (GITHUB, "CODEOWNERS", "x/apps/y/a.txt", ["@apps"]),
    (GITHUB, "CODEOWNERS", "apps/github/a.txt", []),
    (GITHUB, "CODEOWNERS", "scripts/x", ["@deep"]),
    (GITHUB, "CODEOWNERS", "scripts/a/b/x", ["@deep"]),
    (GITHUB, "CODEOWNERS", "with blank/a", ["@blank"]),
    (GITHUB, "CODEOWNERS", "a/b/logs2/c", ["@anywhere"]),
    (GITLAB, ".gitlab/CODEOWNERS", "a.py", ["@default"]),
    (GITLAB, ".gitlab/CODEOWNERS", "db/a.sql", ["@default", "@db-1", "@db-2"]),
    (GITLAB, ".gitlab/CODEOWNERS", "x/db/migrations/1.sql", ["@default", "@dba"]),
    (GITLAB, ".gitlab/CODEOWNERS", "db/readme.md", ["@default", "@writer"]),
]


@pytest.mark.parametrize(("text", "file", "path", "owners"), OWNED, ids=[f"{one[1]} {one[2]}" for one in OWNED])
def test_whose_a_path_is(text: str, file: str, path: str, owners: list[str]) -> None:
    found, faults = code_owners({file: text})
    assert faults == []
    owner = owner_of(path, found)
    assert owner is not None
    assert list(owner.owners) == owners


def test_nobody_owns_what_no_line_matches() -> None:
    found, _ = code_owners({"CODEOWNERS": "/a/ @a\n"})
    assert owner_of("b/c", found) is None
    assert owner_of("b/c", []) is None


def test_the_file_of_the_deepest_folder_counts_and_githubs_own_folder_first() -> None:
    texts = {
        "CODEOWNERS": "* @root\n",
        ".github/CODEOWNERS": "* @github\n",
        "infra/CODEOWNERS": "/printing/ @printing\n",
        "docs/CODEOWNERS": "* @docs\n",
    }
    found, faults = code_owners(texts)
    assert faults == []
    assert [owner_of(path, found) and owner_of(path, found).owners for path in ("a", "infra/printing/iam.tf")] == [  # type: ignore[union-attr]
        ("@github",),
        ("@printing",),
    ]
    assert owner_of("infra/other", found) is None


def test_lines_that_no_host_obeys_are_told_and_match_nothing() -> None:
    found, faults = parse_owners("CODEOWNERS", "* @a\n!/b @c\n/d owner\n/[e] @f\n")
    assert faults == [
        "CODEOWNERS: line 2: !/b is no pattern that GitHub obeys",
        "CODEOWNERS: line 3: owner is neither @name, @organization/team nor a mail address",
        "CODEOWNERS: line 4: /[e] is no pattern that GitHub obeys",
    ]
    assert [found.owner_of(path).owners for path in ("b", "d", "e")] == [("@a",)] * 3  # type: ignore[union-attr]


def test_the_demo_companys_owners() -> None:
    found, faults = code_owners({"CODEOWNERS": (INFRA / "CODEOWNERS").read_text()})
    assert faults == []
    told = {path: owner_of(path, found) for path in ("printing/iam.tf", "finance/iam.tf", "versions.tf")}
    assert {path: one.owners[0].rpartition("/")[2] for path, one in told.items() if one} == {
        "printing/iam.tf": "team-printing",
        "finance/iam.tf": "team-finance",
        "versions.tf": "team-platform",
    }
    assert [one.line for one in told.values() if one] == [2, 3, 1]


ROLE = """resource "aws_iam_role" "worker" {
  name = "worker" # leastwise: keep s3:PutObject until 2026-12-31 because US depots go live
}

# leastwise: keep sqs:SendMessage, sqs:ReceiveMessage until 2027-01-31 because of the new queue
data "aws_iam_policy_document" "work" {
  statement {
    actions   = ["s3:*", "sqs:*"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "work" {
  name   = "work"
  role   = aws_iam_role.worker.id
  policy = data.aws_iam_policy_document.work.json
}
"""
TEMPLATE = """Resources:
  # leastwise: keep s3:GetObject until 2026-12-01 because of the audit
  Worker:
    Type: AWS::IAM::Role
    Properties:
      RoleName: template-worker
      Policies:
        - PolicyName: p
          PolicyDocument: {Version: "2012-10-17", Statement: []}
          # leastwise: keep s3:PutObject until 2026-12-02 because of tests
  Other:
    Type: AWS::S3::Bucket
"""
FILE = """version: 1
keep:
  - subject: label-printer
    permission: [s3:PutObject, s3:DeleteObject]
    until: 2027-01-31
    because: the US depots go live in January
"""


def test_notes_are_bound_to_the_block_that_they_stand_in_or_before() -> None:
    found, faults = keeps(index({"main.tf": ROLE, "t.yaml": TEMPLATE, ".leastwise.yaml": FILE}, [CODING]))
    assert faults == []
    assert [(one.subjects, one.permission, str(one.until), one.line, one.address) for one in found] == [
        (("label-printer",), "s3:PutObject", "2027-01-31", 3, ""),
        (("label-printer",), "s3:DeleteObject", "2027-01-31", 3, ""),
        (("worker", "work"), "s3:PutObject", "2026-12-31", 2, "aws_iam_role.worker"),
        (("worker", "work"), "sqs:SendMessage", "2027-01-31", 5, "data.aws_iam_policy_document.work"),
        (("worker", "work"), "sqs:ReceiveMessage", "2027-01-31", 5, "data.aws_iam_policy_document.work"),
        (("template-worker", "p"), "s3:GetObject", "2026-12-01", 2, "Worker"),
        (("template-worker", "p"), "s3:PutObject", "2026-12-02", 10, "Worker"),
    ]
    assert found[-1].because == "of tests"


def test_a_keep_holds_through_its_last_day() -> None:
    keep = Keep((), "a:B", date(2026, 12, 31), "", "f", 1)
    assert [keep.expired(day) for day in (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1))] == [
        False,
        False,
        True,
    ]


FAULTS = [
    ("main.tf", 'a "b" {} # leastwise: kep x until 2026-01-01 because y\n', "line 1: leastwise: 'kep x until"),
    ("main.tf", 'a "b" {} # leastwise: keep x until soon because y\n', "line 1: leastwise: 'soon' is no date"),
    ("main.tf", 'a "b" {} # leastwise: keep x until 2026-01-01\n', "line 1: leastwise: 'keep x until 2026-01-01' is"),
    ("main.tf", 'a "b" {}\n\n# leastwise: keep x until 2026-01-01 because y\n', "line 3: leastwise: stands in no"),
    (".leastwise.yaml", "version: 2\nkeep: []\n", "line 1: must begin with `version: 1`"),
    (".leastwise.yaml", "version: 1\n", "line 1: keep must be a list"),
    (".leastwise.yaml", "version: 1\nkeep:\n  - subject: a\n    permision: b\n", "line 4: unknown key permision"),
    (".leastwise.yaml", "version: 1\nkeep:\n  - subject: a\n    until: 2026-01-01\n", "line 3: lacks permission"),
    (".leastwise.yaml", FILE.replace("2027-01-31", "January"), "line 3: 'January' is no date"),
    (".leastwise.yaml", FILE.replace("label-printer", "1"), "line 3: subject must be a text"),
    (".leastwise.yaml", "a: [\n", "line 2: "),
    (".leastwise.yaml", "", "line 1: holds nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "told"), FAULTS, ids=[told for *_, told in FAULTS])
def test_a_note_that_says_something_else_is_told_with_its_place(file: str, text: str, told: str) -> None:
    found, faults = keeps(index({file: text}, [CODING]))
    assert found == []
    (fault,) = faults
    assert fault.startswith(f"{file}: {told}")
