"""What keeps the public out of a bucket, or may, where its settings were not read."""

from __future__ import annotations

import pytest

from leastwise.engine.solve import Outcome
from leastwise.providers.aws.evaluate.decide import decide
from leastwise.providers.aws.evaluate.facts import Facts
from leastwise.providers.aws.evaluate.logic import question
from leastwise.providers.aws.evaluate.policies import Policies
from leastwise.providers.aws.evaluate.policy import parse_policy
from leastwise.providers.aws.evaluate.principals import Principal, parse_principal
from leastwise.providers.aws.evaluate.statements import Request, Target

OWNER, OTHER = "111111111111", "222222222222"
STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}
PUBLIC = parse_policy({"Version": "2012-10-17", "Statement": [STATEMENT]}, "bucket policy")
ALL = parse_policy({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "all")


def outcome(who: str, blocks: bool | None, *, public: bool = True) -> Outcome:
    principal = parse_principal(who)
    assert isinstance(principal, Principal)
    request = Request(principal, "s3:GetObject", Target("arn:aws:s3:::data/x"), OWNER, Facts(strict=True))
    policies = Policies(identity=[ALL], resource=PUBLIC, blocks_public=blocks, public=public)
    return decide(question(request, policies)).verdict.outcome


@pytest.mark.parametrize("who", ["*", f"arn:aws:iam::{OTHER}:user/bob"])
@pytest.mark.parametrize(
    ("blocks", "expected"), [(False, Outcome.ALWAYS), (True, Outcome.NEVER), (None, Outcome.UNKNOWN)]
)
def test_outsiders_are_kept_out_or_may_be(who: str, blocks: bool | None, expected: Outcome) -> None:
    assert outcome(who, blocks) is expected


@pytest.mark.parametrize("who", [f"arn:aws:iam::{OWNER}:user/ada", "logging.s3.amazonaws.com"])
@pytest.mark.parametrize("blocks", [False, True, None])
def test_the_own_account_and_services_are_not(who: str, blocks: bool | None) -> None:
    assert outcome(who, blocks) is Outcome.ALWAYS


@pytest.mark.parametrize("blocks", [False, True, None])
def test_a_policy_that_is_not_public_is_not_restricted(blocks: bool | None) -> None:
    assert outcome(f"arn:aws:iam::{OTHER}:user/bob", blocks, public=False) is Outcome.ALWAYS
