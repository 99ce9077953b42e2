"""Between two neighbouring moments every answer is the same; at those that are told, one changes."""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from test_gcp_bulk import LAW

from fakes.gcp_bulk import port_of
from leastwise.model.decision import Circumstances
from leastwise.providers.gcp.compiled.port import GcpPort

EXAMPLES = 100 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 15
BUCKET = "//storage.googleapis.com/orders"
DAY = datetime(2026, 3, 29, tzinfo=UTC)
"""A day on which clocks are put forward in Europe."""
CONDITIONS = (
    "request.time < timestamp('2026-03-29T07:30:00Z')", "request.time > timestamp('2026-03-29T07:30:00Z')",
    "request.time == timestamp('2026-03-29T12:00:00.000001Z')", "request.time < date('2027-01-01')",
    "request.time.getHours('Europe/Berlin') >= 8 && request.time.getHours('Europe/Berlin') < 17",
    "request.time.getDayOfWeek('America/New_York') == 0", "request.time.getMinutes() == 30",
    "request.time - duration('3600s') < timestamp('2026-03-29T07:30:00Z')", "does not parse (", "true",
    "resource.type == 'storage.googleapis.com/Object' || request.time.getHours() == 4",
)  # fmt: skip
UNTIL = (None, "2026-03-29T10:00:00Z", "2026-04-01T00:00:00Z")


def estate(folder: Path, expressions: list[str], until: str | None) -> GcpPort:
    bindings = [
        {"role": "roles/storage.objectViewer", "members": [f"user:u{n}@corp.example"], "condition": {"expression": one}}
        for n, one in enumerate(expressions)
    ]
    bindings.append({"role": "roles/storage.objectViewer", "members": ["group:staff@corp.example"]})
    role = {"name": "MEMBER"} | ({} if until is None else {"expiryDetail": {"expireTime": until}})
    member = {"preferredMemberKey": {"id": "late@corp.example"}, "type": "USER", "roles": [role]}
    told = [
        {"kind": "cloud_asset", "body": {
            "name": BUCKET, "asset_type": "storage.googleapis.com/Bucket", "ancestors": ["organizations/1"],
            "iam_policy": {"version": 3, "bindings": bindings}}},
        {"kind": "group_membership", "body": {"group": {"groupKey": {"id": "staff@corp.example"}},
                                              "memberships": [member]}},
    ]  # fmt: skip
    return port_of(told, folder)


@settings(LAW, max_examples=EXAMPLES)
@given(
    expressions=st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=4, unique=True),
    until=st.sampled_from(UNTIL), within=st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=4),
)  # fmt: skip
def test_between_two_moments_nothing_changes(expressions: list[str], until: str | None, within: list[float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = estate(Path(folder) / "in", expressions, until)
    end = DAY + timedelta(days=1)
    cuts = port.moments("storage.objects.get", Circumstances(), DAY, end)
    assert list(cuts) == sorted(set(cuts))
    assert all(DAY < one < end for one in cuts)
    assert cuts == port.moments(None, Circumstances(), DAY, end)
    assert not port.moments("compute.instances.get", Circumstances(), DAY, end) or until == UNTIL[1]
    for start, stop in pairwise([DAY, *cuts, end]):
        first = answer(port, start)
        for share in (*within, 1.0):
            moment = start + (stop - start - timedelta.resolution) * share
            assert answer(port, moment) == first, moment
        if stop != end and CONDITIONS[-1] not in expressions:
            assert answer(port, stop) != first, stop


def answer(port: GcpPort, moment: datetime) -> list[tuple[str, str]]:
    found = port.who_can("storage.objects.get", BUCKET, Circumstances(moment=moment))
    return [(one.principal, str(one.state)) for one in found.holders]


def test_a_question_that_says_its_time_has_no_moments(tmp_path: Path) -> None:
    port = estate(tmp_path / "in", list(CONDITIONS), UNTIL[1])
    given = Circumstances({"request.time": ("2026-03-29T07:30:00Z",)})
    assert port.moments(None, given, DAY, DAY + timedelta(days=1)) == ()
