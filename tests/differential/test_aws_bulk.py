"""Who can, decided for groups of principals on the compiled estate, is what the reference evaluator says of each alone.

The reference reads the policies as they were drawn, not as they were compiled. LEASTWISE_NIGHTLY=1 compares 200,000
decisions and more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import (
    APP,
    LEVELS,
    QUESTIONS,
    RFULL,
    ROLES,
    USERS,
    A,
    Estate,
    contexts,
    estates,
)

from leastwise.engine.solve import Outcome, Verdict
from leastwise.model.decision import State
from leastwise.providers.aws.compiled.access import AwsAccess, Circumstances
from leastwise.providers.aws.compiled.who import WhoCan
from leastwise.providers.aws.conform.directions import Asked
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.conform.words import context_of
from leastwise.providers.aws.evaluate.decide import decide
from leastwise.providers.aws.evaluate.logic import question
from leastwise.providers.aws.evaluate.policies import Policies
from leastwise.providers.aws.evaluate.policy import Policy, parse_policy

NIGHTLY = os.environ.get("LEASTWISE_NIGHTLY") == "1"
EXAMPLES = 3_500 if NIGHTLY else 60
PRINCIPALS = {**USERS, **ROLES}
ACTIONS = sorted({action for action, _ in QUESTIONS} | {"sts:GetCallerIdentity", "iam:UpdateRole", "ec2:RunInstances"})
compared: dict[str, int] = {"decisions": 0}


def parsed(documents: Sequence[dict[str, Any]], name: str) -> list[Policy]:
    return [parse_policy(one, f"{name} {number}") for number, one in enumerate(documents)]


def resource_policy(estate: Estate, action: str, resource: str | None) -> Policy | None:
    """The policy on the resource's side; none for questions about no resource in particular."""
    if resource == APP:
        return parse_policy(estate.trust[APP], "trust") if action.startswith("sts:") else None
    for one, document in estate.resource.items():
        if resource is not None and (resource == one or resource.startswith(f"{one}/")):
            return None if document is None else parse_policy(document, one)
    return None


def levels(attached: dict[str, list[dict[str, Any]]], account: str, *, always: list[Policy]) -> list[list[Policy]]:
    return [[*parsed(attached[t], t), *always] for t in LEVELS[account] if attached.get(t)]


def reference(access: AwsAccess, estate: Estate, principal: str, asked: tuple[str, str | None], given: Any) -> Verdict:
    """One decision from the policies as drawn; the facts of the request are those of the estate."""
    action, resource = asked
    who, number = access.principal(principal)
    place = access.place(action, resource)
    request = access.request(who, number, action, place, given)
    account = PRINCIPALS[principal]
    owner = A if resource is not None else account
    scps = levels(estate.scps, account, always=[])
    supported = action.partition(":")[0] in ("s3", "sqs", "kms", "sts")
    rcps = levels(estate.rcps, owner, always=parsed([RFULL], "full")) if supported else []
    limit = estate.boundary.get(principal)
    policies = Policies(
        identity=parsed(estate.policies_of(principal), "identity"),
        boundaries=None if limit is None else [parse_policy(limit, "boundary")],
        scps=scps or None,
        rcps=rcps or None,
        resource=resource_policy(estate, action, resource),
    )
    return decide(question(replace(request, account=owner), policies)).verdict


def bulk(who: WhoCan) -> dict[str, Verdict]:
    answer = who.answer()
    ids = who.access.estate.principal_ids
    return {ids[int(member)]: group.verdict for group in answer.groups for member in group.members}


def differences(
    access: AwsAccess, estate: Estate, asked: tuple[str, str | None], given: Circumstances
) -> Iterator[tuple[str, str, str, str]]:
    action, resource = asked
    found = bulk(WhoCan(access, action, resource, given))
    for principal in PRINCIPALS:
        alone = decide(access.question(principal, action, resource, given)).verdict
        drawn = reference(access, estate, principal, asked, given)
        together = found.get(principal, Verdict(Outcome.NEVER, False))
        compared["decisions"] += 1
        if not (alone.exact and drawn.exact and together.exact):
            continue
        if not together.outcome is alone.outcome is drawn.outcome:
            yield principal, together.outcome.name, alone.outcome.name, drawn.outcome.name


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(estates(), contexts(), st.lists(st.sampled_from(QUESTIONS), min_size=5, max_size=5, unique=True))
def test_every_principal_of_who_can_is_decided_as_if_alone(
    estate: Estate, context: dict[str, Any], questions: list[tuple[str, str | None]]
) -> None:
    access = access_to(collected(estate.documents()))
    for asked in questions:
        for strict in (True, False):
            given = Circumstances(context_of(context, "context"), strict=strict)
            wrong = list(differences(access, estate, asked, given))
            assert not wrong, (asked, "strict" if strict else "open", context, wrong)


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(estates(), contexts(), st.sampled_from(sorted(PRINCIPALS)), st.booleans())
def test_what_one_principal_can_is_decided_as_if_each_action_were_asked_alone(
    estate: Estate, context: dict[str, Any], principal: str, strict: bool
) -> None:
    access = access_to(collected(estate.documents()))
    given = Circumstances(context_of(context, "context"), strict=strict)
    for resource in {resource for _, resource in QUESTIONS if resource is not None and "*" not in resource}:
        asked = Asked(access, resource, given)
        told = asked.what_can(principal)
        for action in ACTIONS:
            assert told.get(action, State.DENIED) is asked.state(principal, action), (action, resource, strict, context)


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(estates(), st.sampled_from(QUESTIONS), st.booleans())
def test_outsiders_of_who_can_are_decided_as_if_alone(
    estate: Estate, asked: tuple[str, str | None], strict: bool
) -> None:
    access = access_to(collected(estate.documents()))
    given = Circumstances({}, strict=strict)
    for principal, verdict, _ in WhoCan(access, *asked, given).answer().outsiders:
        if principal.account or principal.kind in ("service", "anonymous"):
            alone = decide(access.question(principal.id or "*", *asked, given)).verdict
            assert verdict.outcome is alone.outcome, principal


def test_enough_was_compared() -> None:
    assert compared["decisions"] >= (200_000 if NIGHTLY else 3_000)


ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NAMING = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
def test_whom_a_guardrail_names_decides_alone(element: str) -> None:
    ada, bob = sorted(USERS)[:2]
    deny = {**NAMING, element: {"AWS": ada}}
    estate = Estate(
        identity={principal: [ALL] for principal in USERS} | {principal: [] for principal in ROLES},
        groups={},
        members={},
        boundary={},
        tags={principal: {} for principal in PRINCIPALS},
        trust={role: {"Version": "2012-10-17", "Statement": []} for role in ROLES},
        resource={"arn:aws:s3:::data": None},
        scps={},
        rcps={"r-root": [{"Version": "2012-10-17", "Statement": [deny]}]},
    )
    access = access_to(collected(estate.documents()))
    found = bulk(WhoCan(access, "s3:GetObject", "arn:aws:s3:::data/x", Circumstances(strict=True)))
    assert (ada in found, bob in found) == ((False, True) if element == "Principal" else (True, False))
