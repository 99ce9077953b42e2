"""Whatever a file holds, it is read, or refused by an error that names it; what is read can be translated."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gcp_support import RM, asset, lines, organization, policy, project
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.errors import InputError
from leastwise.model.tables import FACT_TABLES
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.exports.items import read_items
from leastwise.providers.gcp.exports.shapes import kind_of
from leastwise.store.readmodels import build

CORP = Path(__file__).parents[2] / "golden" / "gcp" / "corp"
WORDS = st.sampled_from(
    ["name", "asset_type", "assetType", "iam_policy", "bindings", "role", "members", "condition", "expression",
    "resource",
     "data", "ancestors", "parent", "projectId", "projectNumber", "email", "uniqueId", "rules", "denyRule", "policy",
     "roles",
     "nextPageToken", "assets", "groupKey", "id", "preferredMemberKey", "spec", "tagValue", "labels", "kind"]
)  # fmt: skip
TEXTS = st.sampled_from(
    ["//storage.googleapis.com/b", f"{RM}projects/1", f"{RM}organizations/1", "projects/1", "organizations/1",
    "folders/2",
     "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com", "projects/p/serviceAccounts/7/keys/k", "groups/g",
     "groups/g/memberships/m", "roles/owner", "roles/nothing", "user:a@b.example", "allUsers", "deleted:user:x?uid=1",
     "storage.googleapis.com/Bucket", "iam.googleapis.com/ServiceAccount",
     "cloudresourcemanager.googleapis.com/Project",
     "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F1/denypolicies/d", "2026-01-01T00:00:00Z", "", "true"]
) | st.text(max_size=6)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)


def imported(content: bytes, name: str = "x.json") -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        PROVIDER.recognises(path)
        try:
            found = PROVIDER.read_exports([path])
        except InputError as error:
            assert name in str(error) and "\n" not in str(error)
            return
        for one in found:
            tables = PROVIDER.translate(one)
            assert set(tables) == {spec.name for spec in FACT_TABLES}
            build("gcp", one.scope.id, tables)


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    imported(content)


@settings(max_examples=150)
@given(VALUES)
def test_any_value_of_the_vendors_words(value: Any) -> None:
    imported(json.dumps(value).encode())


@settings(max_examples=150)
@given(
    st.dictionaries(WORDS, VALUES, max_size=4), st.sampled_from(["iam_policy", "resource", "org_policy", "iamPolicy"])
)
def test_any_content_of_an_asset(content: dict[str, Any], member: str) -> None:
    one = asset("//storage.googleapis.com/b", "storage.googleapis.com/Bucket", **{member: content})
    imported(lines(project(), one).encode(), "x.jsonl")


@settings(max_examples=60)
@given(st.data())
def test_any_member_of_a_real_object_may_be_something_else(data: st.DataObject) -> None:
    """One member of one object of the golden organization is replaced by any value."""
    file = data.draw(st.sampled_from(sorted(CORP.rglob("*.json*"))))
    items = [json.loads(json.dumps(item.value)) for item in read_items(file.name, file.read_bytes()).items]
    chosen = data.draw(st.sampled_from(items))
    at = chosen
    for _ in range(data.draw(st.integers(0, 4))):
        below = [key for key, value in at.items() if isinstance(value, dict)]
        if not below:
            break
        at = at[data.draw(st.sampled_from(below))]
    at[data.draw(st.sampled_from(sorted(at)))] = data.draw(VALUES)
    imported(lines(organization(), *items).encode(), "x.jsonl")


@given(st.integers(1, 400))
def test_a_file_that_is_cut_off_anywhere_is_refused_or_read_up_to_a_whole_line(cut: int) -> None:
    text = lines(organization(), project(iam_policy=policy(("roles/owner", ["user:a@b.example"])))).encode()
    whole = read_items("x", text).items
    try:
        part = read_items("x", text[:-cut]).items
    except InputError as error:
        assert error.place.startswith("line") or not error.place
        return
    assert [one.value for one in part] == [one.value for one in whole][: len(part)]


@given(VALUES)
def test_telling_the_kind_never_fails(value: Any) -> None:
    if isinstance(value, dict):
        kind = kind_of(value)
        assert kind is None or "." in kind or kind == "getIamPolicy"


def test_deep_nesting_is_refused() -> None:
    imported(b"[" * 100_000)
    imported(b'{"name":' * 50_000)
