"""Deny with NotPrincipal denies who has a permissions boundary, whatever it lists: comparisons look there.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

from typing import Any

import pytest
from test_between import ANN, BOB, MANAGED, OWN, account, allow, pair, port_of, resource, states, user

from leastwise.model.decision import Circumstances, State

QUEUE = f"arn:aws:sqs:eu-west-1:{OWN}:jobs"
SEND = "sqs:SendMessage"


def with_bundle(*users: dict[str, Any]) -> dict[str, Any]:
    """An account with one managed policy, which allows everything."""
    found = account(*users)
    version = {"Document": allow("*"), "VersionId": "v1", "IsDefaultVersion": True}
    found["body"]["Policies"].append({"Arn": MANAGED, "PolicyName": "shared", "PolicyVersionList": [version]})
    return found


def sparing(*whom: str) -> dict[str, Any]:
    deny = {"Effect": "Deny", "NotPrincipal": {"AWS": list(whom)}, "Action": "sqs:*", "Resource": QUEUE}
    return resource(QUEUE, OWN, {"Version": "2012-10-17", "Statement": [deny]})


@pytest.mark.parametrize("spared", [(ANN, BOB), (OWN, ANN, BOB), (f"arn:aws:iam::{OWN}:root", ANN, BOB), ("*",)])
def test_who_gets_a_boundary_loses_what_a_resource_spared_it(spared: tuple[str, ...]) -> None:
    own = allow("sqs:*")
    before, now = (
        port_of(with_bundle(user(ANN, own, bound=one), user(BOB, own)), sparing(*spared)) for one in ("", MANAGED)
    )
    asked = [one.can(ANN, SEND, QUEUE, Circumstances()).state for one in (before, now)]
    assert asked == [State.ALLOWED, State.DENIED]
    found = {one.principal: one for one in now.changes(before)}
    assert BOB not in found
    assert [cube.resources for cube in found[ANN].lost if SEND in cube.permissions] == [(QUEUE,)]
    assert [cube.resources for cube in {one.principal: one for one in before.changes(now)}[ANN].gained] == [(QUEUE,)]


@pytest.mark.parametrize("spared", [(ANN, BOB), ("*",)])
def test_of_two_alike_only_the_one_without_a_boundary_is_spared(spared: tuple[str, ...]) -> None:
    own = allow("sqs:*")
    port = port_of(with_bundle(user(ANN, own, bound=MANAGED), user(BOB, own)), sparing(*spared))
    first, second = pair(port)
    assert states(second, first, SEND) == {State.ALLOWED}
    assert states(first, second, SEND) == set()
    twins = [{twin.principal for twin in group.twins} for group in port.alike(0.9).groups if group.equal]
    assert not any({ANN, BOB} <= one for one in twins)
