"""Code on disk: what is read, how files are named, what `iac index` prints."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from leastwise.app.code_index import code_rows, codings, kept_rows, read_code
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.errors import InputError

INFRA = Path(__file__).parents[3] / "tools" / "demo_company" / "infra"
KNOWN = codings(Workspace().providers())
POLICY = """# leastwise: keep s3:PutObject until 2020-01-01 because it was so
resource "aws_iam_role_policy" "w" {
  name   = "work"
  role   = var.role
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    files = {
        ".git/config": "",
        ".github/CODEOWNERS": "/infra/ @team\n",
        ".leastwise.yaml": "version: 1\nkeep: []\n",
        "infra/main.tf": POLICY,
        "infra/broken.tf": "a = \n",
        "infra/.terraform/modules/x/main.tf": POLICY,
        "infra/node_modules/x/main.tf": POLICY,
        "infra/.terraform.lock.hcl": "not read",
        "app/stack.py": "from aws_cdk import aws_iam\naws_iam.PolicyStatement()\n",
        "notes.md": "no code",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "infra" / "latin.tf").write_bytes(b"# \xe9\n")
    (tmp_path / "app" / "latin.py").write_bytes(b"# \xe9\n")
    return tmp_path


def test_every_provider_whose_code_is_known_is_asked() -> None:
    assert {one.provider for one in KNOWN} == {"aws", "gcp", "azure", "entra"}


def test_files_are_named_from_the_repository_and_its_owners_are_read(repository: Path) -> None:
    code = read_code([repository / "infra"], KNOWN)
    assert code.root == repository.resolve()
    assert sorted(code.index.texts) == [".github/CODEOWNERS", ".leastwise.yaml", "infra/broken.tf", "infra/main.tf"]
    (row,) = code_rows(code)
    assert (row["file"], row["line"], row["owner"], row["subject"]) == ("infra/main.tf", 2, "@team", "work")
    assert row["editable"] is True
    assert row["unsure"] == "the input var.role"
    assert code.faults == (
        "infra/latin.tf: is not UTF-8",
        "infra/broken.tf: line 1, column 5: the line ends, and a value should stand here",
    )


def test_all_of_it_and_one_file_of_it(repository: Path) -> None:
    rows = code_rows(read_code([repository], KNOWN))
    assert [(row["file"], row["language"]) for row in rows] == [("infra/main.tf", "terraform"), ("app/stack.py", "cdk")]
    assert len(code_rows(read_code([repository / "infra" / "main.tf"], KNOWN))) == 1


def test_state_tells_names(repository: Path) -> None:
    instance = {"attributes": {"id": "worker:work", "role": "worker", "name": "work"}}
    resource = {"mode": "managed", "type": "aws_iam_role_policy", "name": "w", "instances": [instance]}
    state = {"version": 4, "terraform_version": "1.11.4", "resources": [resource]}
    (repository / "s.json").write_text(json.dumps(state))
    (row,) = code_rows(read_code([repository / "infra"], KNOWN, [repository / "s.json"]))
    assert (row["subject"], row["unsure"]) == ("worker", "")


def test_what_is_not_there_or_is_no_state_is_an_error(repository: Path) -> None:
    with pytest.raises(InputError, match="nope: no such file or folder"):
        read_code([repository / "nope"], KNOWN)
    with pytest.raises(InputError, match=r"main\.tf: is no JSON"):
        read_code([repository], KNOWN, [repository / "infra" / "main.tf"])


def test_what_cannot_be_listed_or_is_very_large_is_not_left_out_silently(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "infra" / "large.tf").write_text(POLICY + "# " + "x" * 2_100_000)
    (repository / "infra" / "large.json").write_text(json.dumps({"x": "y" * 2_100_000}))
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("app"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)
    code = read_code([repository], KNOWN)
    assert f"{repository.resolve() / 'app'}: Permission denied" in code.faults
    assert "infra/large.tf" in code.index.texts
    assert "infra/large.json" not in code.index.texts


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    code = read_code([tmp_path], KNOWN)
    assert (code_rows(code), code.faults, code.kept) == ([], (), ())


def test_the_command_as_json(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["iac", "index", str(repository), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["items"]) == 2
    assert answer["coverage"]["complete"] is False
    assert len(answer["coverage"]["faults"]) == 2
    assert answer["kept"] == [
        {
            "subjects": ["work"],
            "permission": "s3:PutObject",
            "until": "2020-01-01",
            "because": "it was so",
            "file": "infra/main.tf",
            "line": 1,
            "address": "aws_iam_role_policy.w",
            "expired": True,
        }
    ]


def test_the_command_for_people(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert run(["iac", "index", str(repository)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "infra/main.tf:2" in text
    assert "yes; name unsure: the input var.role" in text
    assert "2 places, 1 of them editable." in text
    assert "Kept: s3:PutObject of work, EXPIRED 2020-01-01, because it was so (infra/main.tf:1)" in text
    assert "Not read: infra/latin.tf: is not UTF-8" in text
    assert run(["iac", "index", str(repository / "nope")]) == 2
    assert "no such file or folder" in capsys.readouterr().err


def test_the_code_of_the_demo_company_by_its_owners() -> None:
    code = read_code([INFRA], KNOWN)
    owners = {(Path(row["file"]).parent.name, row["owner"].rpartition("/")[2]) for row in code_rows(code)}
    assert owners == {
        ("printing", "team-printing"),
        ("finance", "team-finance"),
        ("ci", "team-platform"),
        ("ops", "team-platform"),
        ("identity-center", "team-platform"),
    }
    assert kept_rows(code, Workspace().now().date()) == []
    assert code.faults == ()
