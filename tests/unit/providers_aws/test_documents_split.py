"""A document as several: together they give what it gives, and none is too long."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.shrinking.splitting import split

ACTIONS = [f"s3:Get{word}{number}" for word in ("Object", "Bucket", "AccessPoint") for number in range(40)]
STATEMENTS = st.lists(
    st.builds(
        lambda actions, resource, sid: {
            **({"Sid": sid} if sid else {}), "Effect": "Allow", "Action": sorted(actions), "Resource": resource,
        },
        st.sets(st.sampled_from(ACTIONS), min_size=1),
        st.sampled_from(["*", "arn:aws:s3:::a/*"]),
        st.sampled_from(["", "One"]),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


def length(document: bytes) -> int:
    return sum(not chr(one).isspace() for one in document)


def given_by(documents: list[bytes]) -> set[tuple[str, str]]:
    return {
        (action, statement["Resource"])
        for one in documents
        for statement in json.loads(one)["Statement"]
        for action in statement["Action"]
    }


@given(STATEMENTS, st.integers(200, 3_000))
def test_they_give_the_same_together_and_none_is_too_long(statements: list[dict[str, Any]], most: int) -> None:
    whole = json.dumps({"Version": "2012-10-17", "Statement": statements}).encode()
    found = split(whole, most, length)
    assert given_by(found) == given_by([whole])
    assert all(length(one) <= most for one in found)
    assert all(json.loads(one)["Statement"] for one in found)
    assert (length(whole) <= most) <= (len(found) == 1)


def test_what_cannot_be_made_several_is_told() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{n}" for n in range(40)]}
    with pytest.raises(ValueError, match="cannot be made several"):
        split(json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode(), 300, length)
