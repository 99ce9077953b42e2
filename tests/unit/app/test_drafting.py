"""Which changes leave one principal with what is wanted, and nobody else with less, as data."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from leastwise.app.documents import Documents
from leastwise.app.drafting import Drafted, drafted
from leastwise.providers.aws.shrinking import SHRINKING
from leastwise.providers.base import ScopeTables
from leastwise.providers.base.shrinking import Wanted

ACCOUNT = "111111111111"
ANA, BEN = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("ana", "ben"))
GROUP = f"arn:aws:iam::{ACCOUNT}:group/ops"
OWN, SHARED = (f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in ("own", "shared"))
VENDOR = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
GET, PUT = "s3:GetObject", "s3:PutObject"
Attached = tuple[str, str, Any]


def allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def scope(attached: list[Attached], groups: tuple[str, ...] = ()) -> ScopeTables:
    """A scope in which documents are attached: target, policy, document (None: not read)."""
    texts = [json.dumps(body).encode() for _, _, body in attached if body is not None]
    numbers = iter(range(len(texts)))
    rows = [
        {
            "account": ACCOUNT, "layer": "identity", "target": target, "policy": policy,
            "kind": "managed_customer" if policy.startswith("arn:") else "inline",
            "document": None if body is None else next(numbers),
        }
        for target, policy, body in attached
    ]  # fmt: skip
    bundles = {one["policy"] for one in rows if one["policy"].startswith("arn:")}
    stamp = pa.timestamp("us", tz="UTC")
    policies = {
        "id": sorted(bundles), "account": [None if one == VENDOR else ACCOUNT for one in sorted(bundles)],
        "name": [one.rpartition("/")[2] for one in sorted(bundles)], "kind": ["managed_customer"] * len(bundles),
        "default": [True] * len(bundles), "created": pa.nulls(len(bundles), stamp),
        "updated": pa.array([datetime(2024, 1, 1, tzinfo=UTC)] * len(bundles), stamp),
    }  # fmt: skip
    members = {"member": [ANA] * len(groups), "group": list(groups), "kind": ["iam_group"] * len(groups)}
    people = {
        "id": [ANA, BEN], "name": ["ana", "ben"], "native": ["user", "user"], "kind": ["human", "human"],
        "account": [ACCOUNT, ACCOUNT], "created": pa.nulls(2, stamp),
    }  # fmt: skip
    schema = pa.schema([(name, pa.int32() if name == "document" else pa.string()) for name in rows[0]])
    tables = {
        "attachments": pa.Table.from_pylist(rows, schema),
        "documents": pa.table({"text": pa.array(texts, pa.binary())}),
        "memberships": pa.table({key: pa.array(value, pa.string()) for key, value in members.items()}),
        "policies": pa.table(policies), "principals": pa.table(people),
    }  # fmt: skip
    return ScopeTables("account", ACCOUNT, tables)


def draft(
    attached: list[Attached], groups: tuple[str, ...], *wanted: Wanted, trifling: bool = False, sure: bool = True
) -> Drafted:
    """What is drafted for ana; `sure`: everybody who has a bundle was read."""
    documents = Documents([scope(attached, groups)], "identity", lambda *_: sure).of(ANA)
    return drafted(SHRINKING, ANA, "ana", documents, wanted, SHRINKING.limit("user"), lambda _: trifling)


def told(made: Drafted) -> list[tuple[str, str]]:
    return [(one.verb, str(one.told.get("policy") or one.told["group"])) for one in made.changes]


ALL = document(allow("s3:*"))
READ = Wanted(GET, ("arn:aws:s3:::b/*",))
CASES: dict[str, tuple[list[Attached], tuple[str, ...], list[Wanted], list[tuple[str, str]]]] = {
    "its own document is cut": ([(ANA, "in", ALL)], (), [READ], [("put", "in")]),
    "its own document of which nothing is left goes": ([(ANA, "in", ALL)], (), [], [("remove", "in")]),
    "what denies stays": (
        [(ANA, "in", document(allow("s3:*"), {"Effect": "Deny", "Action": PUT, "Resource": "*"}))], (), [],
        [("put", "in")],
    ),
    "nothing changes where all is wanted": ([(ANA, "in", document(allow(GET)))], (), [Wanted(GET)], []),
    "a bundle of its alone is cut in place": ([(ANA, OWN, ALL)], (), [READ], [("put", OWN)]),
    "a bundle of its alone of which nothing is left is detached": ([(ANA, OWN, ALL)], (), [], [("detach", OWN)]),
    "a bundle that others have is replaced": (
        [(ANA, SHARED, ALL), (BEN, SHARED, ALL)], (), [READ], [("put", "leastwise-ana"), ("detach", SHARED)],
    ),
    "the vendor's is replaced": ([(ANA, VENDOR, ALL)], (), [READ], [("put", "leastwise-ana"), ("detach", VENDOR)]),
    "a group is left": ([(GROUP, SHARED, ALL)], (GROUP,), [READ], [("put", "leastwise-ana"), ("leave", GROUP)]),
    "a group that gives nothing wanted is left": ([(GROUP, SHARED, ALL)], (GROUP,), [], [("leave", GROUP)]),
    "a group whose all is wanted stays": ([(GROUP, SHARED, document(allow(GET)))], (GROUP,), [Wanted(GET)], []),
    "what its own gives needs no group": (
        [(ANA, "in", document(allow(GET))), (GROUP, SHARED, ALL)], (GROUP,), [Wanted(GET)], [("leave", GROUP)],
    ),
    "an attachment that is told twice is one": (
        [(GROUP, SHARED, ALL), (GROUP, SHARED, ALL)], (GROUP,), [READ], [("put", "leastwise-ana"), ("leave", GROUP)],
    ),
    "a name that is taken": (
        [(ANA, "leastwise-ana", document(allow(PUT))), (ANA, VENDOR, ALL)], (), [READ, Wanted(PUT)],
        [("put", "leastwise-ana-2"), ("detach", VENDOR)],
    ),
    "others' bundles are not its own": ([(BEN, "in", ALL), (ANA, "in", document(allow(GET)))], (), [Wanted(GET)], []),
}  # fmt: skip


@pytest.mark.parametrize(("attached", "groups", "wanted", "expected"), CASES.values(), ids=CASES)
def test_changes(
    attached: list[Attached], groups: tuple[str, ...], wanted: list[Wanted], expected: list[tuple[str, str]]
) -> None:
    made = draft(attached, groups, *wanted)
    assert told(made) == expected
    assert not made.blocked
    same = SHRINKING.unchanged(made.before, made.after)
    for one in wanted:
        assert all(same(one.permission, resource) for resource in one.resources or ("*",))
    # Each change can be taken back, and names what has to stand there.
    assert all(one.inverse for one in made.changes)
    assert all(one.before for one in made.changes if one.verb in ("detach", "remove"))


def test_a_trifle_is_no_reason_to_leave_a_group() -> None:
    made = draft([(GROUP, SHARED, document(allow(GET, PUT)))], (GROUP,), Wanted(GET), trifling=True)
    assert made.changes == ()
    assert made.notes == ("shared stays as it is: little of it is unused, and it is not its alone",)


def test_what_is_too_long_is_not_ready() -> None:
    every = [Wanted(GET, (f"arn:aws:s3:::bucket-{number:040}/*",)) for number in range(60)]
    assert draft([(ANA, "in", ALL)], (), *every).blocked.endswith("characters long, 2048 are allowed")


def test_a_bundle_that_would_be_too_long_is_not_ready() -> None:
    every = [Wanted(GET, (f"arn:aws:s3:::bucket-{number:040}/*",)) for number in range(120)]
    assert draft([(ANA, OWN, ALL)], (), *every).blocked.endswith("characters long, 6144 are allowed")


def test_a_bundle_whose_holders_were_not_all_read_is_not_edited() -> None:
    made = draft([(ANA, OWN, ALL)], (), READ, sure=False)
    assert told(made) == [("put", "leastwise-ana"), ("detach", OWN)]
    assert made.notes == ("own: not everybody who has it is known",)


def test_a_bundle_that_also_limits_somebody_is_not_edited() -> None:
    tables = scope([(ANA, OWN, ALL)])
    rows = tables.tables["attachments"].to_pylist()
    limits = [{**row, "layer": "boundary", "document": None} for row in rows]
    both = pa.Table.from_pylist([*rows, *limits], tables.tables["attachments"].schema)
    held = ScopeTables("account", ACCOUNT, {**tables.tables, "attachments": both})
    [one] = Documents([held], "identity", lambda *_: True).of(ANA)
    assert not one.editable


def test_what_was_not_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"own: its document was not read"):
        draft([(ANA, OWN, None), (ANA, "in", ALL)], (), READ)


def test_documents_of_two_versions_are_not_made_one() -> None:
    old = {"Version": "2008-10-17", "Statement": [allow(PUT, "s3:DeleteObject")]}
    attached = [(GROUP, SHARED, old), (ANA, VENDOR, document(allow(GET, "s3:ListBucket")))]
    with pytest.raises(ValueError, match="cannot be one"):
        draft(attached, (GROUP,), READ, Wanted(PUT, ("arn:aws:s3:::c/*",)))
