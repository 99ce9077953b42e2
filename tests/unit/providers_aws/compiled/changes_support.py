"""What is asked of two estates, what a diff tells of them, and whether that is what `can` says of both."""

from __future__ import annotations

from estate_names import ANN, ORG, A, Json

from leastwise.model.comparison import Change
from leastwise.model.decision import Circumstances, Cube, State
from leastwise.providers.aws.compiled.overlap import apart
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.evaluate.arn import request_pattern

GET, ASSUME, DECRYPT = "s3:GetObject", "sts:AssumeRole", "kms:Decrypt"

IS_ANN: Json = {"ArnEquals": {"aws:PrincipalArn": ANN}}
NAMED_ANN: Json = {"StringEquals": {"aws:username": "ann"}}
RED: Json = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
NOT_RED: Json = {"StringNotEquals": {"aws:PrincipalTag/team": "red"}}
IN_ORG: Json = {"StringEquals": {"aws:PrincipalOrgID": ORG}}
IN_PROD: Json = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-root/ou-prod/*"}}
LIES_IN_PROD: Json = {"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": f"{ORG}/r-root/ou-prod/*"}}
THROUGH_A: Json = {"StringEquals": {"s3:DataAccessPointAccount": A}}


def changes(old: AwsPort, new: AwsPort) -> dict[str, Change]:
    assert list(old.changes(old)) == list(new.changes(new)) == []
    return {one.principal: one for one in new.changes(old)}


def touching(cubes: tuple[Cube, ...], action: str, resource: str) -> list[Cube]:
    """The cubes that take in an action on a resource."""
    wanted = request_pattern(resource)
    return [
        cube
        for cube in cubes
        if action in cube.permissions
        and any(not apart(request_pattern(one), wanted) for one in cube.resources)
        and not any(request_pattern(one).matches(resource) for one in cube.exceptions)
    ]


def check(old: AwsPort, new: AwsPort, who: str, action: str, resource: str) -> tuple[State, State]:
    """The states before and now, after it is seen that the diff tells of them what it must, and no more."""
    before, now = (one.can(who, action, resource, Circumstances()).state for one in (old, new))
    change = changes(old, new).get(who)
    gained, lost = ((), ()) if change is None else (change.gained, change.lost)
    for cubes, here, there in ((gained, now, before), (lost, before, now)):
        found = touching(cubes, action, resource)
        if (here, there) == (State.ALLOWED, State.DENIED):
            assert found, (who, action, resource, before, now, change)
        if here is State.DENIED or there is State.ALLOWED:
            assert not found, (who, action, resource, before, now, found)
    return before, now
