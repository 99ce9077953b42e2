"""Questions over a day: where it is cut, what is joined again, and what lies before the first snapshot."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.asking import Asking, open_access
from leastwise.app.days import Period, over_day
from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import Circumstances

DAY = date(2026, 10, 5)
BEGIN = datetime(2026, 10, 5, tzinfo=UTC)
END = BEGIN + timedelta(days=1)
USER = "arn:aws:iam::111122223333:user/ann"


class House:
    """A home whose one user's policy changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace(
            home_option=folder / "home", environ={}, now=lambda: datetime(2026, 11, 1, tzinfo=UTC)
        )

    def bring(self, taken: datetime, effect: str, **condition: Any) -> None:
        statement = {"Effect": effect, "Action": "sqs:ListQueues", "Resource": "*"} | condition
        document = {"Version": "2012-10-17", "Statement": [statement]}
        user = {"UserName": "ann", "Arn": USER, "UserPolicyList": [{"PolicyName": "all", "PolicyDocument": document}]}
        file = self.folder / "details.json"
        body = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
        file.write_text(json.dumps(body))
        import_paths(self.workspace, [file], taken=taken)

    def ask(self, day: date = DAY) -> list[Period[str]]:
        def cuts(asking: Asking, begin: datetime, end: datetime) -> Any:
            return asking.access.moments("sqs:ListQueues", Circumstances(), begin, end)

        def can(asking: Asking) -> str:
            given = asking.given(Circumstances())
            return str(asking.access.can(USER, "sqs:ListQueues", None, given).state)

        return list(over_day(self.workspace, day, lambda at: open_access(self.workspace, at), cuts, can))

    def told(self, day: date = DAY) -> list[tuple[int, str | None]]:
        found = self.ask(day)
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        ends = [one.begin for one in found] + [begin + timedelta(days=1)]
        assert ends == [begin] + [one.end for one in found]
        return [((one.begin - begin) // timedelta(hours=1), one.answer) for one in found]


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "home").mkdir(mode=0o700)
    text = "version: 1\naccounts: {'111122223333': {organization: none}}\n"
    (tmp_path / "home" / "estate.yaml").write_text(text)
    return House(tmp_path)


def test_a_day_without_changes_is_one_period(house: House) -> None:
    house.bring(BEGIN - timedelta(days=3), "Allow")
    assert house.told() == [(0, "ALLOWED")]


def test_a_day_is_cut_where_a_snapshot_becomes_the_newest(house: House) -> None:
    house.bring(BEGIN - timedelta(days=3), "Allow")
    house.bring(BEGIN + timedelta(hours=9), "Deny")
    assert house.told() == [(0, "ALLOWED"), (9, "DENIED")]
    assert house.told(DAY + timedelta(days=1)) == [(0, "DENIED")]


def test_a_snapshot_at_midnight_belongs_to_the_day_that_begins(house: House) -> None:
    house.bring(BEGIN - timedelta(days=3), "Allow")
    house.bring(END, "Deny")
    assert house.told() == [(0, "ALLOWED")]
    assert house.told(DAY + timedelta(days=1)) == [(0, "DENIED")]


def test_a_snapshot_that_changes_nothing_cuts_nothing(house: House) -> None:
    house.bring(BEGIN - timedelta(days=3), "Allow")
    house.bring(BEGIN + timedelta(hours=9), "Allow", Sid="again")
    assert house.told() == [(0, "ALLOWED")]


def test_a_day_is_cut_where_a_condition_on_the_time_changes(house: House) -> None:
    times = {"aws:CurrentTime": "2026-10-05T08:00:00Z"}, {"aws:CurrentTime": "2026-10-05T17:00:00Z"}
    condition = {"DateGreaterThanEquals": times[0], "DateLessThan": times[1]}
    house.bring(BEGIN - timedelta(days=3), "Allow", Condition=condition)
    assert house.told() == [(0, "DENIED"), (8, "ALLOWED"), (17, "DENIED")]


def test_conditions_and_snapshots_cut_together(house: House) -> None:
    condition = {"DateLessThan": {"aws:CurrentTime": "2026-10-05T17:00:00Z"}}
    house.bring(BEGIN - timedelta(days=3), "Allow", Condition=condition)
    house.bring(BEGIN + timedelta(hours=9), "Deny")
    house.bring(BEGIN + timedelta(hours=12), "Allow", Condition=condition)
    assert house.told() == [(0, "ALLOWED"), (9, "DENIED"), (12, "ALLOWED"), (17, "DENIED")]


def test_the_part_before_the_first_snapshot_has_no_answer(house: House) -> None:
    house.bring(BEGIN + timedelta(hours=9), "Allow")
    first, second = house.ask()
    assert (first.asking, first.answer, first.end) == (None, None, BEGIN + timedelta(hours=9))
    assert first.missing == "nothing was read before 2026-10-05T09:00:00+00:00"
    assert second.answer == "ALLOWED"


def test_a_day_before_the_first_snapshot_is_refused(house: House) -> None:
    house.bring(BEGIN, "Allow")
    with pytest.raises(
        NotFoundError, match=r"nothing was read by 2026-10-04T23:59:59.999999.*first snapshot is of 2026-10-05"
    ):
        house.ask(DAY - timedelta(days=1))
    assert house.told() == [(0, "ALLOWED")]


def test_an_empty_home_has_no_days(house: House) -> None:
    with pytest.raises(UsageError, match="the estate is empty"):
        house.ask()


def test_a_time_that_has_not_come_is_asked_of_what_is_known(house: House) -> None:
    condition = {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}
    house.bring(BEGIN, "Allow", Condition=condition)
    later = open_access(house.workspace, datetime(2031, 1, 1, tzinfo=UTC))
    assert later.warnings == (
        "--at 2031-01-01T00:00:00+00:00 has not come yet: what is known today is asked as of then",
    )
    given = later.given(Circumstances())
    assert str(later.access.can(USER, "sqs:ListQueues", None, given).state) == "DENIED"
    assert open_access(house.workspace, END).warnings == ()
