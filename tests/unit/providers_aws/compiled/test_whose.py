"""What a general set says of a resource that it names, and of which the estate knows whose it is, is what `can` says."""

from __future__ import annotations


import pytest
from changes_support import check, touching
from estate_names import ANN, BOB, BUCKET, CY, OBJECT, ORG, A, B, Json, by
from two_estates import allow, deny, estate, guard, laid, organization, people, role, trusting, user

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort

LIST, SEND, GET = "s3:ListBucket", "sqs:SendMessage", "s3:GetObject"
QUEUE = f"arn:aws:sqs:us-east-1:{A}:jobs"
UNLISTED = f"arn:aws:sqs:us-east-1:{A}:unlisted"
MANY = [f"arn:aws:s3:::data-{number}" for number in range(70)]

KEPT, ASKED = (f"arn:aws:s3:::{name}" for name in ("kept", "asked"))

OURS, THEIRS = ({"aws:ResourceAccount": account} for account in (A, B))
AS_OURS, SAME = {"aws:ResourceAccount": "${aws:PrincipalAccount}"}, {"aws:ResourceOrgID": ORG}
IRELAND, VIRGINIA = ({"aws:RequestedRegion": region} for region in ("eu-west-1", "us-east-1"))
WHEN = [OURS, THEIRS, AS_OURS, SAME, IRELAND, VIRGINIA, {"s3:ResourceAccount": A}, {"s3:ResourceAccount": B}]
THINGS: list[tuple[str, str, str | list[str]]] = [
    (LIST, BUCKET, BUCKET), (LIST, KEPT, KEPT), (LIST, ASKED, ASKED), (GET, OBJECT, OBJECT),
    (GET, OBJECT, f"{BUCKET}/*"), (GET, f"{KEPT}/x", f"{KEPT}/*"), (GET, f"{KEPT}/x", f"{KEPT}/x"),
    (SEND, QUEUE, QUEUE), (SEND, UNLISTED, UNLISTED), (SEND, UNLISTED, f"arn:aws:sqs:us-east-1:{A}:*"),
    (LIST, MANY[3], MANY), (LIST, MANY[3], [*MANY, "arn:aws:s3:::unknown"]),
]  # fmt: skip
"""Requests, each with what a statement names as its Resource."""


def standing(when: Json, effect: str) -> AwsPort:
    """An estate in which a user has one statement on each of some resources, and there is one that has nothing."""
    users = [user("bob"), user("cy", account=B)]
    for number, (action, _, resources) in enumerate(THINGS):
        own = allow(f"{action.split(':')[0]}:*", resources, when if effect == "Allow" else None)
        users.append(user(f"u{number}", own, *([deny("*", "*", when)] if effect == "Deny" else [])))
    lying = [
        laid(BUCKET), laid(KEPT, allow("s3:PutObject", f"{KEPT}/*", Principal={"AWS": B})),
        laid(ASKED, allow(LIST, ASKED, {"StringEquals": {"aws:PrincipalTag/team": "red"}}, Principal={"AWS": B})),
        *(laid(one) for one in (QUEUE, *MANY)),
    ]  # fmt: skip
    return estate(people(*users), organization((A, "r-root"), (B, "r-root")), *lying)


def agree(port: AwsPort, who: str, other: str, action: str, resource: str) -> None:
    """What somebody holds, and holds more than one who may do nothing, is what `can` says, denied or not."""
    state = port.can(who, action, resource, Circumstances()).state
    mine, none = (port.effective(one, Circumstances()) for one in (who, other))
    more = mine.minus(none)
    assert mine.differs(none) is none.differs(mine) is bool(more or none.minus(mine))
    for cubes in (more, mine.cubes()):
        about = touching(cubes, action, resource)
        if state is State.UNKNOWN:
            # A policy that nobody read could do anything; the own side is all that the general set tells.
            assert {one.state for one in about} <= {State.ALLOWED, State.UNKNOWN}, (who, action, resource, about)
            continue
        assert {one.state for one in about} == {state} - {State.DENIED}, (who, action, resource, state, about)


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals"])
@pytest.mark.parametrize("when", WHEN, ids=[f"{key}-{value}" for one in WHEN for key, value in one.items()])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_what_is_named_is_decided_by_where_it_stands(effect: str, when: Json, operator: str) -> None:
    port = standing({operator: when}, effect)
    for number, (action, resource, _) in enumerate(THINGS):
        if action == SEND and "s3:ResourceAccount" in when:
            continue
        if "aws:RequestedRegion" in when and "s3:::" in resource:
            continue
        agree(port, by(f"u{number}"), BOB, action, resource)
