"""Every case of `tests/cases/code`: files before, what is looked for, and either the files after or the reason of a
refusal.

A folder holds `before/` (files), `case.json` (`file` that changes; `wanted`: see `Wanted`; `document`: the new one,
none to take an attachment away; `refused`: a part of the reason) and `after`, the changed file.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from leastwise.rightsizing.code.index import Index
from leastwise.rightsizing.code.indexing import index
from leastwise.rightsizing.code.matching import Found, Wanted, match
from leastwise.rightsizing.code.spans import Refused
from leastwise.rightsizing.code.splicing import Spliced, detach, patch, splice

CASES = Path(__file__).parents[2] / "cases" / "code"
ALL = sorted(path.parent for path in CASES.rglob("case.json"))
PATCHED = [folder for folder in ALL if "refused" not in json.loads((folder / "case.json").read_text())]
TOLD = [folder for folder in PATCHED if "document" in json.loads((folder / "case.json").read_text())["wanted"]]
"""Those that say what the cloud has."""
REFUSED = [folder for folder in ALL if folder not in PATCHED]


def name(folder: Path) -> str:
    return folder.relative_to(CASES).as_posix()


@cache
def codings(provider: str) -> tuple[Any, ...]:
    return (import_module(f"leastwise.providers.{provider}.coded").CODING,)


def opened(folder: Path) -> tuple[Index, dict[str, Any], Found, tuple[Any, ...]]:
    before = folder / "before"
    texts = {
        path.relative_to(before).as_posix(): path.read_bytes().decode() for path in before.rglob("*") if path.is_file()
    }
    case = json.loads((folder / "case.json").read_text())
    known = codings(folder.parent.name)
    found = index(texts, known)
    assert found.faults == ()
    return found, case, match(found, Wanted(**case["wanted"])), known


def made(folder: Path) -> tuple[Spliced, dict[str, Any]]:
    found, case, place, known = opened(folder)
    assert place.place is not None, place.why
    assert place.place.file == case["file"]
    if "document" not in case:
        return detach(found, place.place, known), case
    return splice(found, place.place, case["document"], known), case


@pytest.mark.parametrize("folder", PATCHED, ids=name)
def test_the_changed_file_is_as_written(folder: Path) -> None:
    spliced, _ = made(folder)
    assert spliced.after.encode() == (folder / "after").read_bytes()


def test_git_makes_the_same_files_of_the_patches(tmp_path: Path) -> None:
    patches: list[str] = []
    for folder in PATCHED:
        spliced, case = made(folder)
        shutil.copytree(folder / "before", tmp_path / folder.name)
        patches.append(patch(f"{folder.name}/{case['file']}", spliced.before, spliced.after))
    (tmp_path / "all.patch").write_bytes("".join(patches).encode())
    git = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "all.patch"]
    done = subprocess.run(git, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for folder in PATCHED:
        file = json.loads((folder / "case.json").read_text())["file"]
        assert (tmp_path / folder.name / file).read_bytes() == (folder / "after").read_bytes(), folder.name


@pytest.mark.parametrize("folder", TOLD, ids=name)
def test_the_document_as_it_is_changes_nothing(folder: Path) -> None:
    found, case, place, known = opened(folder)
    assert place.place is not None
    spliced = splice(found, place.place, case["wanted"]["document"], known)
    assert spliced.after == spliced.before
    assert spliced.patch == ""


@pytest.mark.parametrize("folder", REFUSED, ids=name)
def test_what_cannot_be_edited_is_refused_with_the_reason(folder: Path) -> None:
    found, case, place, known = opened(folder)
    why = place.why
    if place.place is not None:
        with pytest.raises(Refused) as refused:
            splice(found, place.place, case["document"], known)
        why = str(refused.value)
    assert case["refused"] in why


@pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not on the PATH")
def test_terraform_would_format_nothing_else(tmp_path: Path) -> None:
    """Of files that `terraform fmt` leaves alone, the changed ones are left alone, too. One run for all."""
    for side in ("before", "after"):
        (tmp_path / side).mkdir()
    for folder in PATCHED:
        file = json.loads((folder / "case.json").read_text())["file"]
        if file.endswith(".tf"):
            shutil.copy(folder / "before" / file, tmp_path / "before" / f"{folder.name}.tf")
            shutil.copy(folder / "after", tmp_path / "after" / f"{folder.name}.tf")
    unformatted = {
        side: set(
            subprocess.run(
                ["terraform", "fmt", "-list=true", "-write=false", side],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()
        )
        for side in ("before", "after")
    }
    assert {Path(one).name for one in unformatted["after"]} <= {Path(one).name for one in unformatted["before"]}
