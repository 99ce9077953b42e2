"""Rules above policies: what they see of a name decides, and nothing else of it."""

from __future__ import annotations

from itertools import combinations

import pytest

from leastwise.providers.aws.compiled.actions import actions
from leastwise.providers.aws.evaluate.services import fixed, looked_at
from leastwise.providers.aws.evaluate.statements import Target

NAMES = [
    f"arn:aws:{service}:{account}:{resource}"
    for service in ("iam:", "kms:eu-west-1", "s3:")
    for account in ("111122223333", "444455556666", "aws", "")
    for resource in (
        "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef",
        "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", "role/app", "role/aws-service-roles",
        "user/aws-reserved/x", "policy/AdministratorAccess", "alias/aws/s3", "alias/own", "key/1", "*", "",
    )
] + ["*", "no-arn", "arn:aws:iam"]  # fmt: skip
ALIKE = [(one, other) for one, other in combinations(NAMES, 2) if looked_at(one) == looked_at(other)]
ACTIONS = [one for one in actions().names if one.lower().startswith(("iam:", "kms:", "sts:"))]


@pytest.mark.parametrize("kind", ["user", "role", "root", "federated"])
def test_names_that_look_alike_are_decided_alike(kind: str) -> None:
    seen = {looked_at(one): one for one in NAMES}
    assert len(ALIKE) > len(seen) > 10
    told = {name: [fixed(action, Target(name), kind) for action in ACTIONS] for name in NAMES}
    assert [(one, other) for one, other in ALIKE if told[one] != told[other]] == []
    assert len({repr(one) for one in told.values()}) > 3
