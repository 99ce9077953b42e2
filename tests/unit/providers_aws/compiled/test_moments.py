"""The time of a request: filled in where it is known, and the moments at which answers change with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of

OWN = "111111111111"
ANN = f"arn:aws:iam::{OWN}:user/ann"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
END = BEGIN + timedelta(days=1)
NOON = BEGIN + timedelta(hours=12)


def port(*statements: dict[str, Any]) -> AwsPort:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    user = {"Arn": ANN, "UserName": "ann", "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document}]}
    body = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    documents = [{"kind": "account_authorization_details", "body": body}]
    return AwsPort(estate_of({"documents": documents}).estate.arrays, {OWN})


def allow(
    condition: dict[str, Any] | None = None, action: str = "sqs:ListQueues", effect: str = "Allow"
) -> dict[str, Any]:
    told = {"Effect": effect, "Action": action, "Resource": "*"}
    return told if condition is None else told | {"Condition": condition}


def state(asked: AwsPort, moment: datetime | None, **context: tuple[str, ...]) -> State:
    given = Circumstances({key.replace("_", ":"): value for key, value in context.items()}, moment=moment)
    return asked.can(ANN, "sqs:ListQueues", None, given).state


UNTIL_NOON = {"DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}}


def test_a_time_that_is_not_known_leaves_conditions_on_it_open() -> None:
    assert state(port(allow(UNTIL_NOON)), None) is State.CONDITIONAL


@pytest.mark.parametrize(
    ("condition", "before", "at", "behind"),
    [
        (UNTIL_NOON, True, False, False),
        ({"DateLessThanEquals": {"aws:currenttime": "2026-03-01T12:00:00Z"}}, True, True, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-03-01T13:00:00+01:00"}}, False, False, True),
        ({"DateEquals": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}}, False, True, False),
        ({"DateNotEquals": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}}, True, False, True),
        ({"NumericLessThan": {"aws:EpochTime": str(int(NOON.timestamp()))}}, True, False, False),
        ({"DateGreaterThanEquals": {"aws:EpochTime": "2026-03-01T12:00:00Z"}}, False, True, True),
        ({"DateGreaterThanEqualsIfExists": {"aws:EpochTime": str(int(NOON.timestamp()))}}, False, True, True),
        ({"Null": {"aws:CurrentTime": "false"}}, True, True, True),
        ({"Null": {"aws:EpochTime": "true"}}, False, False, False),
    ],
)
def test_a_known_time_decides(condition: dict[str, Any], before: bool, at: bool, behind: bool) -> None:
    asked = port(allow(condition))
    moments = (NOON - timedelta.resolution, NOON, NOON + timedelta.resolution)
    found = [state(asked, moment) is State.ALLOWED for moment in moments]
    assert found == [before, at, behind]
    assert all(state(asked, moment) in (State.ALLOWED, State.DENIED) for moment in moments)


def test_a_time_of_another_offset_is_the_same_moment() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5)))
    assert state(port(allow({"DateEquals": {"aws:CurrentTime": "2026-03-01T12:00:00Z"}})), there) is State.ALLOWED


def test_what_the_context_says_of_the_time_goes_first() -> None:
    asked = port(allow(UNTIL_NOON))
    assert state(asked, END, aws_CurrentTime=("2026-03-01T08:00:00Z",)) is State.ALLOWED
    asked = port(allow({"NumericLessThan": {"aws:EpochTime": "10"}}))
    # The time of the question would contradict the one that the context gives, so the other key stays open.
    assert state(asked, END, aws_currenttime=("1970-01-01T00:00:00Z",)) is State.CONDITIONAL


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:CurrentTime": "2026-03-01*"}},
        {"NumericLessThan": {"aws:CurrentTime": "5"}},
        {"StringEquals": {"aws:PrincipalTag/since": "${aws:CurrentTime}"}},
    ],
)
def test_how_the_time_is_written_is_not_guessed(condition: dict[str, Any]) -> None:
    assert state(port(allow(condition)), NOON) is state(port(allow(condition)), None)


def test_a_resource_named_by_the_time_is_not_guessed() -> None:
    asked = port(
        {"Effect": "Allow", "Action": "sqs:*", "Resource": f"arn:aws:sqs:eu-west-1:{OWN}:q-${{aws:EpochTime}}"}
    )
    queue = f"arn:aws:sqs:eu-west-1:{OWN}:q-1772366400"
    decision = asked.can(ANN, "sqs:DeleteQueue", queue, Circumstances(moment=NOON))
    assert decision.state is not State.DENIED


def test_only_moments_in_sight_of_statements_that_concern_the_action_count() -> None:
    asked = port(
        allow({"DateLessThan": {"aws:CurrentTime": ["2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z"]}}),
        allow({"DateLessThan": {"aws:CurrentTime": "2026-03-01T15:00:00Z"}}, "s3:ListAllMyBuckets"),
        allow({"DateLessThan": {"aws:TokenIssueTime": "2026-03-01T16:00:00Z"}}),
        allow({"DateLessThan": {"aws:CurrentTime": "2027-03-01T15:00:00Z"}}),
    )
    here = Circumstances()
    assert asked.moments("sqs:ListQueues", here, BEGIN, END) == (NOON, NOON + timedelta.resolution)
    assert len(asked.moments(None, here, BEGIN, END)) == 4
    told = Circumstances({"aws:CurrentTime": ("2026-03-01T08:00:00Z",)})
    assert asked.moments(None, told, BEGIN, END) == ()
    policy = {"Version": "2012-10-17", "Statement": allow({"DateGreaterThan": {"aws:EpochTime": "1772327045.0000005"}})}
    session = Circumstances(session=(policy,))
    first = datetime(2026, 3, 1, 1, 4, 5, 1, tzinfo=UTC)
    assert first in asked.moments("sqs:ListQueues", session, BEGIN, END)


def test_an_estate_without_such_conditions_has_no_moments() -> None:
    assert port(allow()).moments(None, Circumstances(), BEGIN, END) == ()


HOURS = st.integers(-2, 26).map(lambda hour: BEGIN + timedelta(hours=hour))
WORDS = st.sampled_from(
    ["DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "DateEquals", "DateNotEquals"]
)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(draw(st.integers(1, 2))):
        moment, key = draw(HOURS), draw(st.sampled_from(["aws:CurrentTime", "aws:EpochTime"]))
        value = moment.isoformat() if draw(st.booleans()) else str(int(moment.timestamp()))
        found.setdefault(draw(WORDS), {})[key] = value
    return found


@given(
    st.lists(st.tuples(st.sampled_from(["Allow", "Deny"]), conditions()), min_size=1, max_size=3),
    st.lists(st.integers(0, 86_399_999_999), min_size=5, max_size=5),
)
@settings(max_examples=60)
def test_between_two_moments_every_answer_is_the_same(given: Any, offsets: list[int]) -> None:
    asked = port(allow(), *(allow(condition, effect=effect) for effect, condition in given))
    marks = (BEGIN, *asked.moments("sqs:ListQueues", Circumstances(), BEGIN, END))
    for offset in offsets:
        moment = BEGIN + timedelta(microseconds=offset)
        last = max(mark for mark in marks if mark <= moment)
        assert state(asked, moment) is state(asked, last)
