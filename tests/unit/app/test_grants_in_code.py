"""Every case of `tests/cases/grants`: plans of grants at scopes, written into code.

A folder holds `before/` (files), `case.json` (`provider`; rows that the estate has; `changes` as plans have them;
`file` that changes, or `refused`: a part of the reason) and `after`, the changed file.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

from leastwise.app.code_index import Code
from leastwise.app.patching import Patched, issue_text
from leastwise.app.patching_grants import patched_grants
from leastwise.model.plan import Change, Recommendation
from leastwise.providers.base.spelling import READS
from leastwise.rightsizing.code.editing import Editing
from leastwise.rightsizing.code.indexing import index

CASES = Path(__file__).parents[2] / "cases" / "grants"
ALL = sorted(path.parent for path in CASES.rglob("case.json"))
REFUSED = [folder for folder in ALL if "refused" in json.loads((folder / "case.json").read_text())]
WRITTEN = [folder for folder in ALL if folder not in REFUSED]


class Tables(NamedTuple):
    tables: dict[str, pa.Table]


def name(folder: Path) -> str:
    return folder.relative_to(CASES).as_posix()


@cache
def coding(provider: str) -> Any:
    return import_module(f"leastwise.providers.{provider}.coded").CODING


def changed(values: dict[str, Any]) -> Change:
    [verb] = [key for key in values if key != "inverse"]
    return Change(verb, values[verb], tuple(changed(one) for one in values.get("inverse", ())))


def opened(folder: Path, *, made_anew: bool = False) -> tuple[dict[str, Any], Code, Recommendation, Any]:
    case = json.loads((folder / "case.json").read_text())
    before = folder / "before"
    texts = {path.relative_to(before).as_posix(): path.read_text() for path in before.rglob("*") if path.is_file()}
    known = (coding(case["provider"]), coding("aws"))
    found = index(texts, known)
    assert found.faults == ()
    if made_anew:
        case["policies"] = [*case.get("policies", ()), *map(_row, case["changes"])]
    rows = {
        table: pa.Table.from_pylist(
            [{key: row.get(key) for key in columns} for row in case.get(table, ())], _schema(columns)
        )
        for table, columns in READS.items()
    }
    spelling = import_module(f"leastwise.providers.{case['provider']}.spelling").spelling([Tables(rows)])
    changes = tuple(changed(one) for one in case["changes"])
    plan = Recommendation("somebody", case["provider"], "a", "s", changes=changes)
    return case, Code(before, found, known, (), (), ()), plan, spelling


def _row(change: dict[str, Any]) -> dict[str, Any]:
    """A bundle as the estate has it once it was made."""
    told = change.get("create", {"policy": "", "document": {}})
    document = told["document"]
    title = document.get("title") or document.get("displayName") or document.get("properties", {}).get("roleName")
    return {"id": told["policy"], "name": title}


def _schema(columns: Any) -> pa.Schema:
    return pa.schema([(one, pa.string()) for one in columns])


def made(folder: Path) -> tuple[dict[str, Any], Patched, Editing]:
    case, code, plan, spelling = opened(folder)
    editing = Editing(code.index, code.codings)
    return case, patched_grants(code, plan, spelling, editing), editing


@pytest.mark.parametrize("folder", WRITTEN, ids=name)
def test_the_plan_is_written_as_the_case_has_it(folder: Path) -> None:
    case, patch, editing = made(folder)
    assert patch.refused == ()
    assert patch.files == (case["file"],)
    assert editing.index.texts[case["file"]] == (folder / "after").read_text()


@pytest.mark.parametrize("folder", WRITTEN, ids=name)
def test_what_was_written_is_there_and_what_it_replaced_is_not(folder: Path) -> None:
    """The plan's inverse can be written into what came out, and the plan itself no more: read anew, nothing stands
    there that it took away.
    """
    _, patch, editing = made(folder)
    assert patch.whole
    case, code, plan, spelling = opened(folder, made_anew=True)
    anew = index(dict(editing.index.texts), code.codings)
    assert {(one.address, one.why) for one in anew.places} == {(one.address, one.why) for one in editing.index.places}
    gone = tuple(one for one in plan.changes if one.verb in ("unassign", "leave"))
    for one in gone:
        again = patched_grants(
            Code(code.root, anew, code.codings, (), (), ()),
            Recommendation("somebody", case["provider"], "a", "s", changes=(one,)), spelling,
        )  # fmt: skip
        assert not again.whole
        assert "no code was found" in again.refused[0]
    given = [one.told for one in plan.changes if one.verb == "assign"]
    for told in given:
        back = Change("unassign", told)
        taken = patched_grants(
            Code(code.root, anew, code.codings, (), (), ()),
            Recommendation("somebody", case["provider"], "a", "s", changes=(back,)), spelling,
        )  # fmt: skip
        assert taken.whole, taken.refused


@pytest.mark.parametrize("folder", REFUSED, ids=name)
def test_what_cannot_be_written_is_an_issue_with_the_reason(folder: Path) -> None:
    case, patch, editing = made(folder)
    assert patch.patch == ""
    assert editing.changed() == []
    assert case["refused"] in patch.refused[0]
    assert case["refused"] in issue_text(opened(folder)[2], patch)


def test_a_plan_is_written_wholly_or_not_at_all() -> None:
    """The second change cannot be written: nothing of the first is."""
    folder = CASES / "gcp" / "member-in-place"
    _, code, plan, spelling = opened(folder)
    other = Change("unassign", {**plan.changes[1].told, "bundle": "roles/owner"})
    editing = Editing(code.index, code.codings)
    both = Recommendation("somebody", "gcp", "a", "s", changes=(*plan.changes, other))
    patch = patched_grants(code, both, spelling, editing)
    assert "no code was found that makes roles/owner" in patch.refused[0]
    assert (patch.patch, editing.changed()) == ("", [])


def test_what_no_code_makes_is_told_as_new_blocks_with_an_import() -> None:
    """The import brings what stands in the cloud under the block, which Terraform then replaces."""
    folder = CASES / "gcp" / "member-and-custom-role"
    _, code, plan, spelling = opened(folder)
    bare = Code(code.root, index({"main.tf": ""}, code.codings), code.codings, (), (), ())
    patch = patched_grants(bare, plan, spelling)
    assert not patch.whole
    assert patch.suggested.rstrip("\n") in issue_text(plan, patch)
    found = index({"new.tf": patch.suggested}, code.codings)
    assert found.faults == ()
    given = {(one.policy.text, one.owner.text, one.on.text) for one in found.places if one.kind == "attachment"}
    etl = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
    assert given == {
        ("roles/storage.objectViewer", etl, "bw-landing"),
        ("projects/bw-analytics/roles/leastwise_etl_91c3ab41", etl, "bw-landing"),
    }
    assert patch.suggested.count("import {") == 1
    assert f'id = "b/bw-landing roles/storage.objectAdmin {etl}"' in patch.suggested


def test_nothing_is_told_anew_of_what_code_may_make() -> None:
    """It would be made twice."""
    _, code, plan, spelling = opened(CASES / "gcp" / "refused-count")
    both = (*plan.changes, Change("assign", {**plan.changes[0].told, "bundle": "roles/viewer"}))
    patch = patched_grants(code, Recommendation("somebody", "gcp", "a", "s", changes=both), spelling)
    assert (patch.whole, patch.suggested) == (False, "")
