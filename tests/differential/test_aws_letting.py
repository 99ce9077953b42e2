"""Who can without a resource, with those whom only some resource's policy lets in, is what each principal alone can.

Resources are asked about only where they name somebody who was not found yet; one by one, nothing is left out.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import BUCKET, FULL, KEY, QUEUE, ROLES, USERS, A, B, Estate, Json, estates

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled import access
from leastwise.providers.aws.compiled.listing import rank
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to

EXAMPLES = 1_500 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 60
PRINCIPALS = [*USERS, *ROLES]
ADA, JOB = PRINCIPALS[0], PRINCIPALS[-1]
GONE = f"arn:aws:iam::{A}:user/gone"
KNOWN = {"s3:GetObject": f"{BUCKET}/*", "sqs:SendMessage": QUEUE, "kms:Decrypt": KEY}
"""What every estate has of what an action can act on."""
compared: dict[str, int] = {"decisions": 0, "let in": 0}


def port_of(estate: Estate) -> AwsPort:
    return AwsPort(access_to(collected(estate.documents())).estate.arrays)


@st.composite
def letting(draw: st.DrawFn) -> Estate:
    """An estate in which half of the principals have no policies, and resources name some of all of them."""
    found = draw(estates())
    for principal in PRINCIPALS:
        found.identity[principal] = draw(st.sampled_from([[], found.identity[principal]]))
    named = st.sampled_from([{"AWS": draw(st.sampled_from(PRINCIPALS))}, {"AWS": PRINCIPALS}, {"AWS": A}, "*"])
    condition = st.sampled_from([{}, {}, {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}])
    effect = st.sampled_from(["Allow", "Allow", "Deny"])
    one = st.builds(lambda who, when, what: allow(Principal=who, **when, Effect=what), named, condition, effect)
    for resource in found.resource:
        statements = draw(st.lists(one, min_size=1, max_size=3))
        found.resource[resource] = {"Version": "2012-10-17", "Statement": statements}
    return found


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an estate takes long to shrink
)
@given(letting(), st.sampled_from(sorted(KNOWN)), st.booleans())
def test_everybody_is_found_as_if_asked_alone(estate: Estate, action: str, strict: bool) -> None:
    port, given = port_of(estate), Circumstances(strict=strict)
    found = {holder.principal: holder.state for holder in port.who_can(action, None, given).holders}
    for principal in (*PRINCIPALS, *(f"arn:aws:iam::{account}:root" for account in (A, B))):
        state = found.get(principal, State.DENIED)
        alone, best = asked_alone(port, principal, action, given)
        compared["decisions"] += 1
        compared["let in"] += alone is State.DENIED and state is not State.DENIED
        assert state is best, (principal, action)
        assert state is port.can(principal, action, None, given).state, (principal, action)


def asked_alone(port: AwsPort, principal: str, action: str, given: Circumstances) -> tuple[State, State]:
    """What the evaluator says of any resource, and the best of this and what it says of each known one."""
    alone = port.access.can(principal, action, None, access.Circumstances({}, given.strict)).state
    known = port.can(principal, action, KNOWN[action], given).state
    return alone, min(alone, known, key=rank) if alone in (State.DENIED, State.UNKNOWN) else alone


def let_in(action: str, resource: str, *statements: Json) -> dict[str, State]:
    estate = Estate(
        identity={principal: [] for principal in PRINCIPALS},
        tags={principal: {} for principal in PRINCIPALS},
        trust={role: {"Version": "2012-10-17", "Statement": []} for role in ROLES},
        resource={resource: {"Version": "2012-10-17", "Statement": list(statements)}},
        scps={target: [FULL] for target in ("r-root", "ou-prod", A, B)},
    )
    found = port_of(estate).who_can(action, None, Circumstances(strict=True)).holders
    return {holder.principal: holder.state for holder in found if holder.kind != "root"}


def allow(**element: object) -> Json:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **element}


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"Principal": {"AWS": ADA}}, {ADA}),
        ({"Principal": {"AWS": [ADA, JOB]}}, {ADA}),
        ({"Principal": {"AWS": A}}, set()),
        ({"Principal": {"AWS": "AIDAADA"}}, {ADA}),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, {"sns.amazonaws.com"}),
        ({"Principal": {"AWS": GONE}}, {GONE}),
        ({"Principal": {"AWS": "333333333333"}}, {"333333333333"}),
        ({"Principal": {"AWS": ADA}, "Condition": {"Bool": {"aws:ViaAWSService": "true"}}}, set()),
    ],
)
def test_one_policy(element: Json, expected: set[str]) -> None:
    found = let_in("sqs:SendMessage", QUEUE, allow(**element))
    assert {id.rpartition(":root")[0].rpartition(":")[2] or id for id in found} == expected


@pytest.mark.parametrize(("action", "resource"), [("s3:GetObject", BUCKET), ("kms:Decrypt", KEY)])
def test_everyone_of_the_account_and_beyond(action: str, resource: str) -> None:
    found = let_in(action, resource, allow(Principal="*"))
    assert {one for one in PRINCIPALS if f"::{A}:" in one} <= set(found)
    # A key is used by signed requests only.
    assert ("*" in found) is (resource != KEY)
    assert "any AWS account" in found


def test_a_second_resource_lets_in_whom_the_first_does_not() -> None:
    deny = {**allow(Principal={"AWS": ADA}), "Effect": "Deny"}
    estate = Estate(
        identity={principal: [] for principal in PRINCIPALS},
        tags={principal: {} for principal in PRINCIPALS},
        trust={role: {"Version": "2012-10-17", "Statement": []} for role in ROLES},
        resource={
            one: {"Version": "2012-10-17", "Statement": [allow(Principal={"AWS": ADA}), *more]}
            for one, more in ((QUEUE, [deny]), (f"{QUEUE}2", []))
        },
        scps={target: [FULL] for target in ("r-root", "ou-prod", A, B)},
    )
    found = port_of(estate).who_can("sqs:SendMessage", None, Circumstances()).holders
    told = [(holder.principal, holder.state) for holder in found if holder.kind != "root"]
    assert told == [(ADA, State.ALLOWED)]


def test_enough_was_compared() -> None:
    assert compared["decisions"] >= EXAMPLES * 5
    assert compared["let in"] >= EXAMPLES // 10
