"""What `external` lists is what the evaluator says of each outsider in each circumstance, and nobody is left out.

Estates are drawn with policies that name outsiders, organizations and sources. For every outsider that is named, every
action, resource and set of circumstances that an outsider can be in: some exposure lets it in exactly if the request is
allowed when it is asked alone, with everything said (strict).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import APP, BUCKET, KEY, ORG, QUEUE, RFULL, A, B, Estate, estates

from leastwise.model.decision import Circumstances as Asked
from leastwise.model.decision import Needed, State
from leastwise.model.exposure import Exposure
from leastwise.providers.aws.compiled import admitted
from leastwise.providers.aws.compiled.access import AwsAccess, Circumstances
from leastwise.providers.aws.compiled.outside import ANY_SERVICE, outsiders
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.evaluate.arn import resource_pattern
from leastwise.providers.aws.evaluate.decide import decide
from leastwise.providers.aws.evaluate.facts import Facts, Look, Within
from leastwise.providers.aws.evaluate.logic import question
from leastwise.providers.aws.evaluate.operators import condition
from leastwise.providers.aws.evaluate.policy import Subject, Test, parse_policy
from leastwise.providers.aws.evaluate.principals import ANY_ACCOUNT, Principal
from leastwise.providers.aws.evaluate.statements import Request

NIGHTLY = os.environ.get("LEASTWISE_NIGHTLY") == "1"
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Estates are large: making a failing one smaller takes minutes."""
EXAMPLES = 1_500 if NIGHTLY else 40
X, Y = "777777777777", "888888888888"
FOREIGN = "o-zzzzzzzzzz"
GITHUB = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
SUBJECTS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": X},
    {"AWS": f"arn:aws:iam::{X}:root"},
    {"AWS": [f"arn:aws:iam::{X}:user/eve", f"arn:aws:iam::{A}:user/ada"]},
    {"AWS": f"arn:aws:iam::{Y}:role/spy"},
    {"AWS": f"arn:aws:iam::{B}:root"},
    {"AWS": f"arn:aws:iam::{A}:user/gone"},
    {"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]},
    {"Federated": GITHUB},
    {"CanonicalUser": CANONICAL},
]
CONDITIONS: list[Any] = [
    {"StringEquals": {"aws:PrincipalOrgID": ORG}},
    {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}},
    {"StringEquals": {"aws:PrincipalOrgID": [ORG, FOREIGN]}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-root/*"}},
    {"StringEquals": {"aws:PrincipalAccount": [A, B]}},
    {"StringLike": {"aws:PrincipalAccount": "1*"}},
    {"StringNotEquals": {"aws:PrincipalAccount": X}},
    {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:role/*"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/spy"}},
    {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{X}:user/e*"}},
    {"StringEquals": {"aws:SourceAccount": A}},
    {"StringEquals": {"aws:SourceAccount": X}},
    {"StringEqualsIfExists": {"aws:SourceAccount": A}},
    {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{A}:*"}},
    {"StringLike": {"aws:SourceArn": f"arn:aws:sns:*:{A}:*"}},
    {"ArnEquals": {"aws:SourceArn": BUCKET}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
    {"StringEquals": {"aws:SourceOrgID": ORG}},
    {"StringEquals": {"kms:CallerAccount": A}},
    {"StringEquals": {"aws:SourceOwner": A}},
    {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"StringEquals": {"sts:ExternalId": "secret"}},
    {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:ours/*"}},
    {"StringEquals": {"aws:userid": "AROAAPP:x"}},
]  # fmt: skip
ACTIONS = {
    BUCKET: ("s3:ListBucket", "s3:DeleteBucket"),
    f"{BUCKET}/ada/x": ("s3:GetObject", "s3:PutObject"),
    f"{BUCKET}/red": ("s3:GetObject",),
    QUEUE: ("sqs:SendMessage", "sqs:DeleteQueue"),
    KEY: ("kms:Decrypt", "kms:CreateGrant"),
    APP: ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"),
}
OF = {BUCKET: BUCKET, f"{BUCKET}/ada/x": BUCKET, f"{BUCKET}/red": BUCKET, QUEUE: QUEUE, KEY: KEY, APP: APP}
CHOICES: dict[str, list[Any]] = {
    "aws:PrincipalOrgID": [None, FOREIGN],
    "aws:PrincipalOrgPaths": [None, f"{FOREIGN}/r-1/"],
    "aws:SourceIp": ["192.0.2.9", "203.0.113.1"],
    "aws:SecureTransport": ["true", "false"],
    "sts:ExternalId": [None, "secret"],
    "token.actions.githubusercontent.com:sub": [None, "repo:ours/site:ref", "repo:theirs/x"],
}
"""Values of keys that every requester may have."""
SOURCES: dict[str, list[Any]] = {
    "aws:SourceAccount": [None, X],
    "aws:SourceArn": [None, f"arn:aws:sns:eu-west-1:{X}:topic", "arn:aws:s3:::theirs"],
    "aws:SourceOrgID": [None, FOREIGN],
}
"""Of whom a service acts for."""
counted = {"requests": 0, "allowed": 0}


@st.composite
def documents(draw: st.DrawFn, actions: tuple[str, ...], resources: tuple[str, ...]) -> dict[str, Any]:
    """A policy that may name outsiders; without `resources`, a trust policy."""
    statements = []
    for _ in range(draw(st.integers(1, 3))):
        effect = draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
        one: dict[str, Any] = {"Effect": effect}
        one["Action"] = draw(st.lists(st.sampled_from(actions), min_size=1, max_size=2, unique=True))
        if resources:
            inverse = draw(st.sampled_from(["", "", "", "", "Not"]))
            one[f"{inverse}Resource"] = draw(st.lists(st.sampled_from(resources), min_size=1, max_size=2, unique=True))
        inverse = "Not" if draw(st.integers(0, 7)) == 0 else ""
        one[f"{inverse}Principal"] = draw(st.sampled_from(SUBJECTS))
        block: dict[str, Any] = {}
        for found in draw(st.lists(st.sampled_from(CONDITIONS), max_size=2)):
            for operator, keys in found.items():
                block.setdefault(operator, {}).update(keys)
        statements.append(one | ({"Condition": block} if block else {}))
    return {"Version": "2012-10-17", "Statement": statements}


@st.composite
def opened(draw: st.DrawFn) -> Estate:
    """An estate with outsiders in its policies."""
    found = draw(estates())
    below = (BUCKET, f"{BUCKET}/*", f"{BUCKET}/ada/*", f"{BUCKET}/*/x", "*", "arn:aws:s3:::*")
    found.resource[BUCKET] = draw(documents(("s3:*", "s3:GetObject", "s3:ListBucket", "s3:P*"), below))
    found.resource[QUEUE] = draw(documents(("sqs:*", "sqs:SendMessage"), (QUEUE, "*")))
    found.resource[KEY] = draw(documents(("kms:*", "kms:Decrypt"), ("*",)))
    found.trust[APP] = draw(documents(("sts:*", "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"), ()))
    if draw(st.booleans()):
        limit = draw(documents(("*", "s3:*", "sts:AssumeRole", "sqs:*"), ("*", f"{BUCKET}/*", APP)))
        found.rcps["r-root"] = [RFULL, limit]
    return found


@st.composite
def circumstances(draw: st.DrawFn, keys: dict[str, list[Any]]) -> dict[str, tuple[str, ...]]:
    chosen = {key: draw(st.sampled_from(values)) for key, values in keys.items()}
    return {key: (value,) for key, value in chosen.items() if value is not None}


def everybody(access: AwsAccess) -> Iterator[tuple[Principal, dict[str, tuple[str, ...]]]]:
    """The outsiders that policies may name, each with what else is to be said of it."""
    for subject in SUBJECTS:
        for kind, values in ({"*": "*"} if subject == "*" else subject).items():
            for value in values if isinstance(values, list) else [values]:
                for one in outsiders(access, Subject("*" if value == "*" else kind, value)):
                    if one.kind == "account" and one.account:
                        yield one, {"aws:PrincipalArn": (f"arn:aws:iam::{one.account}:user/eve",)}
                    elif one.kind != "account":
                        yield one, {}
                    elif not one.aliases:
                        # Somebody of any account is one of some account; its number is not among ours.
                        person = {"aws:PrincipalArn": (f"arn:aws:iam::{Y}:role/spy",), "aws:PrincipalAccount": (Y,)}
                        yield one, person | {"kms:CallerAccount": (Y,), "aws:userid": ("AROASPY:x",)}


def can_be(known: object, value: tuple[str, ...]) -> bool:
    if isinstance(known, Within):
        return known.pattern.matches(value[0])
    return known is Look.UNKNOWN or known is Look.PRESENT


def asked_alone(
    access: AwsAccess, who: Principal, action: str, resource: str, context: dict[str, tuple[str, ...]]
) -> tuple[bool, Request]:
    """Whether a request is allowed when everything is said of it and the outsider's own account allows everything.

    Of the context counts what such a request can carry.
    """
    place = access.place(action, resource)
    carried = access.request(who, None, action, place, Circumstances()).facts
    possible = {key: value for key, value in context.items() if can_be(carried.look(key), value)}
    given = Circumstances(possible, strict=True)
    request = access.request(who, None, action, place, given)
    policies = access.policies(who, None, action, place, given, identity=False)
    full = parse_policy({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "full")
    policies = replace(policies, identity=(full,), scps=None, gaps=replace(policies.gaps, scp=()))
    return decide(question(request, policies)).verdict.outcome.value == "always", request


def meets(one: Exposure, resource: str, facts: Facts) -> bool:
    """Whether an exposure lets a request with known facts in."""
    if not any(resource_pattern(text).matches(resource) for text in one.resources):
        return False
    if any(resource_pattern(text).matches(resource) for text in one.exceptions):
        return False
    assert one.residual is not None
    return one.state is State.ALLOWED or any(all(holds(x, resource, facts) for x in clause) for clause in one.residual)


def holds(one: Needed, resource: str, facts: Facts) -> bool:
    if one.key == "resource":
        return any(resource_pattern(text).matches(resource) for text in one.values) is not one.negated
    found = condition(Test(one.operator, one.key, one.values), facts, variables=True)
    assert isinstance(found, bool), one
    return found is not one.negated


SOMEBODY = (("anonymous", "*"), ("account", ANY_ACCOUNT), ("service", ANY_SERVICE.id))
KINDS = {"everyone": "anonymous", "any_account": "account", "canonical_user": "account"}


@settings(max_examples=EXAMPLES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(opened(), st.data())
def test_outsiders_are_let_in_exactly_as_they_are_when_asked_alone(estate: Estate, data: st.DataObject) -> None:
    access = access_to(collected(estate.documents()))
    port = AwsPort(access.estate.arrays)
    port.access = access
    found = port.exposed(port.inside(), Asked(), services=True)
    listed: dict[tuple[str, str, str], list[Exposure]] = {}
    for one in found.exposures:
        assert one.permissions == tuple(sorted(set(one.permissions)))
        kind = KINDS.get(one.principal_kind, one.principal_kind)
        listed.setdefault((one.resource, kind, one.principal), []).append(one)
    inside = port.inside().accounts
    for who, about in everybody(access):
        if who.account in inside and who.kind != "federated":
            assert not any(one.principal == who.id for one in found.exposures)
            continue
        keys = CHOICES | (SOURCES if who.kind in ("service", "anonymous") else {})
        context = data.draw(circumstances(keys)) | about
        for resource, actions in ACTIONS.items():
            own = listed.get((OF[resource], who.kind, who.id), [])
            # Whoever is not named alone comes in as its account does, or as everybody.
            names = (*SOMEBODY, ("account", f"arn:aws:iam::{who.account}:root"))
            others = [one for name in names for one in listed.get((OF[resource], *name), [])]
            for action in actions:
                alone, request = asked_alone(access, who, action, resource, context)
                facts = request.facts
                listed_own = [one for one in own if action in one.permissions and one.source != "inside"]
                somehow = [one for one in others if action in one.permissions and one.source != "inside"]
                counted["requests"] += 1
                counted["allowed"] += alone
                about_it = f"{who.kind} {who.id} {action} {resource} {context}\n{listed_own}\n{somehow}"
                if any(meets(one, resource, facts) for one in listed_own):
                    assert alone, about_it
                if alone:
                    assert any(meets(one, resource, facts) for one in (*listed_own, *somehow)), about_it


@settings(max_examples=EXAMPLES // 4, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(opened(), st.booleans())
def test_what_is_allowed_to_outsiders_is_never_denied_by_can(estate: Estate, strict: bool) -> None:
    access = access_to(collected(estate.documents()))
    port = AwsPort(access.estate.arrays)
    for one in port.exposed(port.inside(), Asked(strict=strict)).exposures:
        if one.principal_kind in ("any_account", "canonical_user"):
            continue
        action = one.permissions[len(one.permissions) // 2]
        states = {port.can(one.principal or "*", action, text, Asked(strict=strict)).state for text in one.resources}
        assert State.DENIED not in states, one
        if one.state is State.ALLOWED and one.principal_kind in ("everyone", "service", "federated"):
            assert states <= {State.ALLOWED, State.CONDITIONAL}, one


@settings(max_examples=EXAMPLES // 4, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(opened(), st.booleans())
def test_conditions_that_need_no_solver_are_what_it_says(estate: Estate, strict: bool) -> None:
    port = AwsPort(access_to(collected(estate.documents())).estate.arrays)
    quick = port.exposed(port.inside(), Asked(strict=strict), services=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(admitted, "plainly", lambda *_: None)
        assert port.exposed(port.inside(), Asked(strict=strict), services=True) == quick


def test_enough_was_asked() -> None:
    assert counted["allowed"] >= (10_000 if NIGHTLY else 200), counted
