"""The compiled estate of questions: when it is made, kept, made again, and what is said when it cannot be."""

from __future__ import annotations

import errno
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.asking import circumstances, open_access, residual_values, spoken
from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
from leastwise.errors import StoreError, UsageError
from leastwise.model.decision import Circumstances, Needed
from leastwise.providers.aws.compiled import compile as compiling

NOW = datetime(2026, 11, 1, tzinfo=UTC)
USER = "arn:aws:iam::111122223333:user/ann"


def details(*actions: str) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    user = {"UserName": "ann", "Arn": USER, "UserPolicyList": [{"PolicyName": "all", "PolicyDocument": document}]}
    return {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}


class Asker:
    """A home, and how often its estate was compiled."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.compiled, self.notes = folder, 0, []
        real = compiling.compile_estate

        def counted(scopes: Any) -> Any:
            self.compiled += 1
            return real(scopes)

        monkeypatch.setattr(compiling, "compile_estate", counted)

    @property
    def workspace(self) -> Workspace:
        return Workspace(home_option=self.folder / "home", environ={}, now=lambda: NOW)

    def bring(self, day: int, *actions: str) -> None:
        file = self.folder / "details.json"
        file.write_text(json.dumps(details(*actions)))
        time = datetime(2026, 10, day, tzinfo=UTC)
        import_paths(self.workspace, [file], taken=time)

    def may(self, action: str, at: datetime | None = None, snapshot: str | None = None) -> str:
        asking = open_access(self.workspace, at, snapshot, self.notes.append)
        return str(asking.access.can(USER, action, None, Circumstances()).state)

    def files(self) -> list[Path]:
        return sorted((self.folder / "home" / "compiled").glob("*"))


@pytest.fixture
def asker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asker:
    asker = Asker(tmp_path, monkeypatch)
    asker.bring(1, "iam:*")
    return asker


def test_an_estate_is_compiled_once(asker: Asker) -> None:
    assert asker.may("iam:CreateUser") == asker.may("iam:CreateUser") != "DENIED"
    assert asker.compiled == len(asker.files()) == 1
    assert asker.notes == ["compiling the estate for questions, once"]


def test_a_new_snapshot_makes_another_and_the_old_one_still_answers(asker: Asker) -> None:
    first = asker.may("iam:CreateUser")
    asker.bring(2, "s3:*")
    assert asker.may("iam:CreateUser") == "DENIED"
    assert asker.compiled == len(asker.files()) == 2
    assert asker.may("iam:CreateUser", at=datetime(2026, 10, 1, 12, tzinfo=UTC)) == first
    assert asker.compiled == 2


def test_one_snapshot_alone_is_an_estate_of_its_own(asker: Asker) -> None:
    name = asker.workspace.index.list()[0].id
    assert asker.may("iam:CreateUser", snapshot=name) != "DENIED"
    with pytest.raises(UsageError, match="exclude each other"):
        asker.may("iam:CreateUser", at=NOW, snapshot=name)


@pytest.mark.parametrize("damage", [b"", b"nothing of ours", None])
def test_a_damaged_one_is_made_again(asker: Asker, damage: bytes | None) -> None:
    expected = asker.may("iam:CreateUser")
    (file,) = asker.files()
    file.write_bytes(file.read_bytes()[:-1] if damage is None else damage)
    assert asker.may("iam:CreateUser") == expected
    assert asker.compiled == 2 and asker.files() == [file]
    assert asker.notes[-1] == "the compiled estate is damaged; making it again"


def test_the_folder_may_be_deleted(asker: Asker) -> None:
    expected = asker.may("iam:CreateUser")
    shutil.rmtree(asker.folder / "home" / "compiled")
    assert asker.may("iam:CreateUser") == expected


def test_another_version_of_the_product_compiles_anew(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    asker.may("iam:CreateUser")
    monkeypatch.setattr("leastwise.app.asking.__version__", "99")
    asker.may("iam:CreateUser")
    assert asker.compiled == len(asker.files()) == 2


def test_a_home_that_cannot_be_written_says_so(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object, flags: int, mode: int = 0o777) -> int:
        raise PermissionError(errno.EROFS, os.strerror(errno.EROFS))

    workspace = asker.workspace
    assert workspace.store
    monkeypatch.setattr("leastwise.store.compiled.os.open", refuse)
    with pytest.raises(StoreError, match=r"^compiled/\w+\.lwa: Read-only file system"):
        open_access(workspace)


def test_a_damaged_catalogue_is_a_warning(asker: Asker) -> None:
    folder = asker.folder / "home" / "catalog" / "aws"
    folder.mkdir(parents=True)
    (folder / "facts.lwc").write_bytes(b"nothing of ours")
    asking = open_access(asker.workspace)
    assert len(asking.warnings) == 1
    assert "the bundled catalogue is used (leastwise catalog update)" in asking.warnings[0]


def test_an_empty_estate_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the estate is empty: import or collect something first"):
        open_access(Workspace(home_option=tmp_path / "home", environ={}))


def test_an_estate_of_which_no_provider_answers(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = asker.workspace
    monkeypatch.setattr(workspace, "providers", dict)
    with pytest.raises(UsageError, match="no installed provider answers questions about aws"):
        open_access(workspace)


def test_a_key_given_twice_has_two_values_whatever_its_case() -> None:
    given = circumstances(["aws:TagKeys=a", "AWS:tagkeys=b", "x:y=1=2", "x:z="], strict=True, session=None, through="v")
    assert given == Circumstances({"aws:TagKeys": ("a", "b"), "x:y": ("1=2",), "x:z": ("",)}, True, None, "v")


@pytest.mark.parametrize("text", ["", "aws:SourceIp", "=x"])
def test_what_is_no_key_and_value_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no KEY=VALUE"):
        circumstances([text], strict=False, session=None, through=None)


def test_a_residual_is_spoken() -> None:
    one, other = Needed("a:b", "Bool", ("true",), False), Needed("c:d", "StringLike", ("x*", "y"), True)
    assert spoken(((one, other), (one,))) == "a:b Bool true and not c:d StringLike x* or y or a:b Bool true"
    assert spoken(((),)) == "always"
    assert spoken(None) == "too many alternatives to list"
    assert residual_values(None) is None and residual_values(()) == []
