"""Who can on some resource, whichever, is what each principal alone can; what is told of it is what its policies say.

Principals are decided by their conditions alone where nothing tells resources apart. The estates drawn here are full of
what does: denials, guardrails and boundaries on patterns that overlap those allowed, NotResource, variables.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import FULL, ROLES, USERS, A, B, Estate, Json

from leastwise.engine.formula import Formula, all_of, any_of, negate
from leastwise.engine.solve import Outcome, Verdict
from leastwise.model.decision import Needed, Residual, State
from leastwise.providers.aws.compiled.access import AwsAccess, Circumstances
from leastwise.providers.aws.compiled.spread import Scattered
from leastwise.providers.aws.compiled.who import WhoCan
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.evaluate.arn import resource_pattern
from leastwise.providers.aws.evaluate.decide import decide, solver
from leastwise.providers.aws.evaluate.logic import Question
from leastwise.providers.aws.evaluate.operators import condition
from leastwise.providers.aws.evaluate.policy import Test as Line

NIGHTLY = os.environ.get("LEASTWISE_NIGHTLY") == "1"
EXAMPLES = 3_000 if NIGHTLY else 80
PRINCIPALS = {**USERS, **ROLES}
DATA = "arn:aws:s3:::data"
NAMED = [f"{DATA}/*", f"{DATA}/ada/*", f"{DATA}/secret", "arn:aws:s3:::d*", "arn:aws:s3:::*/x", "arn:aws:s3:::other/*",
         "arn:aws:s3:::o?her/*", DATA, f"{DATA}/*/x", "arn:aws:s3:::data-?", "arn:aws:sqs:*:*:jobs"]  # fmt: skip
STRANGE = ["*", "**", "?*", "*x", "", f"{DATA}/${{aws:username}}/*", f"{DATA}/${{aws:PrincipalTag/team}}/*",
           "*${aws:username}"]  # fmt: skip
CONDITIONS: list[Json] = [
    {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:Referer": ["ada", "red"]}},
    {"StringLike": {"aws:Referer": "a*"}},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    {"StringNotLike": {"aws:username": "a*"}},
    {"StringEquals": {"aws:Referer": "${aws:username}"}},
]
ACTION = "s3:GetObject"
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # an estate takes long to shrink
compared: dict[str, int] = {"decisions": 0, "told": 0, "scattered": 0}


@st.composite
def statements(draw: st.DrawFn, resources: list[str], *, deny: bool | None, inverse: bool) -> Json:
    denies = draw(st.booleans()) if deny is None else deny
    found: Json = {"Effect": "Deny" if denies else "Allow", "Action": draw(st.sampled_from(["s3:*", ACTION, "*"]))}
    turned = "Not" if inverse and draw(st.integers(0, 5)) == 0 else ""
    found[f"{turned}Resource"] = draw(st.lists(st.sampled_from(resources), min_size=1, max_size=3, unique=True))
    if draw(st.booleans()):
        found["Condition"] = draw(st.sampled_from(CONDITIONS))
    return found


def policies(resources: list[str], *, deny: bool | None = False, inverse: bool = False) -> st.SearchStrategy[Json]:
    one = st.lists(statements(resources, deny=deny, inverse=inverse), min_size=1, max_size=3)
    return st.builds(_policy, one, st.booleans())


def _policy(listed: list[Json], old: bool) -> Json:
    # What is told of a condition does not say of which version its document is.
    variables = any("${" in str(one.get("Condition")) for one in listed)
    return {"Version": "2008-10-17" if old and not variables else "2012-10-17", "Statement": listed}


@st.composite
def spread(draw: st.DrawFn, *, calm: bool) -> Estate:
    """An estate; where it is calm, nothing but what allows tells resources apart."""
    found = Estate(groups={"red": [draw(policies(NAMED))], "blue": []}, resource={DATA: None})
    for arn in PRINCIPALS:
        found.identity[arn] = draw(st.lists(policies(NAMED), max_size=2))
        if not calm:
            found.identity[arn] += draw(st.lists(policies(NAMED + STRANGE, inverse=True), max_size=1))
            found.identity[arn] += draw(st.one_of(st.just([]), st.lists(policies(NAMED, deny=True), max_size=1)))
            if draw(st.integers(0, 3)) == 0:
                found.boundary[arn] = draw(policies(NAMED + STRANGE, deny=None))
        found.tags[arn] = draw(st.sampled_from([{}, {"team": "red"}, {"team": "ada"}]))
    found.members = {user: ["red"] for user in list(USERS)[:2]}
    found.trust = {role: {"Version": "2012-10-17", "Statement": []} for role in ROLES}
    for target in ("r-root", "ou-prod", A, B):
        found.scps[target] = [FULL]
        if not calm and draw(st.integers(0, 2)) == 0:
            found.scps[target] = found.scps[target] + [draw(policies(NAMED, deny=True, inverse=True))]
        elif calm and draw(st.integers(0, 2)) == 0:
            found.scps[target] = found.scps[target] + [draw(policies(["*"], deny=True))]
    return found


def answers(access: AwsAccess, circumstances: Circumstances) -> Iterator[tuple[str, Verdict, Residual | None, bool]]:
    for group in WhoCan(access, ACTION, None, circumstances).answer().groups:
        state, residual, missing = group.told
        assert not missing
        assert (state is State.CONDITIONAL) == (group.verdict.outcome is Outcome.DEPENDS)
        for member in group.members.tolist():
            yield access.estate.principal_ids[member], group.verdict, residual, isinstance(group, Scattered)


def formula_of(residual: Residual, asked: Question) -> Formula:
    return any_of(all_of(_holds(one, asked) for one in alternative) for alternative in residual)


def _holds(needed: Needed, asked: Question) -> Formula:
    if needed.key == "resource":
        found = any_of(asked.request.target.inside(resource_pattern(value)) for value in needed.values)
    else:
        found = condition(Line(needed.operator, needed.key, needed.values), asked.request.facts, variables=True)
    return negate(found) if needed.negated else found


def check(estate: Estate, *, strict: bool) -> None:
    access = access_to(collected(estate.documents()))
    circumstances = Circumstances(strict=strict)
    found = {one[0]: one[1:] for one in answers(access, circumstances)}
    for principal in PRINCIPALS:
        asked = access.question(principal, ACTION, None, circumstances)
        alone = decide(asked).verdict
        verdict, residual, scattered = found.get(principal, (Verdict(Outcome.NEVER, False), (), False))
        compared["decisions"] += 1
        compared["scattered"] += scattered
        if not (alone.exact and verdict.exact):
            continue
        assert verdict.outcome is alone.outcome, (principal, verdict.outcome, alone.outcome)
        if verdict.outcome is Outcome.DEPENDS and scattered and residual is not None:
            compared["told"] += 1
            solved, told = solver(asked), formula_of(residual, asked)
            assert not solved.satisfiable(all_of((told, negate(asked.formula)))), (principal, residual)
            assert not solved.satisfiable(all_of((asked.formula, negate(told)))), (principal, residual)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(spread(calm=True), st.booleans())
def test_where_nothing_tells_resources_apart(estate: Estate, strict: bool) -> None:
    check(estate, strict=strict)


@settings(max_examples=2 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(spread(calm=False), st.booleans())
def test_where_denials_and_guardrails_tell_resources_apart(estate: Estate, strict: bool) -> None:
    check(estate, strict=strict)


def estate_of(identity: dict[str, list[Json]], **parts: Any) -> Estate:
    own = {principal: identity.get(principal.rpartition("/")[2], []) for principal in PRINCIPALS}
    return Estate(
        identity=own,
        tags={principal: {} for principal in PRINCIPALS},
        trust={role: {"Version": "2012-10-17", "Statement": []} for role in ROLES},
        resource={DATA: None},
        scps={target: [FULL] for target in ("r-root", "ou-prod", A, B)},
        **parts,
    )


def allow(*resources: str, **more: Any) -> Json:
    statement = {"Effect": "Allow", "Action": ACTION, "Resource": list(resources), **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def deny(*resources: str, **more: Any) -> Json:
    return {"Version": "2012-10-17", "Statement": [{**allow(*resources, **more)["Statement"][0], "Effect": "Deny"}]}


def outcomes(estate: Estate) -> dict[str, str]:
    access = access_to(collected(estate.documents()))
    answer = WhoCan(access, ACTION, None, Circumstances()).answer()
    ids = access.estate.principal_ids
    named = ((ids[one].rpartition("/")[2], group) for group in answer.groups for one in group.members.tolist())
    return {name: f"{group.told[0]} {_shown(group.told[1])}".strip() for name, group in named}


def _shown(residual: Residual | None) -> str:
    return " or ".join(" and ".join(map(str, alternative)) for alternative in residual or ())


MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
SEEN = "Bool aws:MultiFactorAuthPresent = true"


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ([allow(f"{DATA}/*")], f"CONDITIONAL ArnLike resource = {DATA}/*"),
        (
            [allow(f"{DATA}/*"), allow("arn:aws:s3:::b/*", "arn:aws:s3:::a/*")],
            f"CONDITIONAL ArnLike resource = arn:aws:s3:::a/*, arn:aws:s3:::b/*, {DATA}/*",
        ),
        (
            [allow(f"{DATA}/*"), allow("arn:aws:s3:::b/*", **MFA)],
            f"CONDITIONAL ArnLike resource = {DATA}/* or ArnLike resource = arn:aws:s3:::b/* and {SEEN}",
        ),
        ([allow("*", **MFA), allow("arn:aws:s3:::b/*", **MFA)], f"CONDITIONAL {SEEN}"),
        (
            [allow("*", **MFA), allow(f"{DATA}/*")],
            f"CONDITIONAL {SEEN} or ArnLike resource = {DATA}/*",
        ),
        ([allow("*"), allow(f"{DATA}/*")], "ALLOWED"),
        ([allow(f"{DATA}/*"), deny("*")], None),
        ([allow(f"{DATA}/ada/*"), deny(f"{DATA}/*")], None),
        ([allow(f"{DATA}/*"), deny("arn:aws:s3:::d*")], None),
        ([allow(f"{DATA}/ada", "arn:aws:s3:::b/*"), deny(f"{DATA}/*")], "CONDITIONAL"),
        ([allow("arn:aws:s3:::d*"), deny(f"{DATA}/*")], "CONDITIONAL"),
        ([allow("?*", "")], "ALLOWED"),
        ([allow(f"{DATA}/${{aws:username}}/*")], f"CONDITIONAL ArnLike resource = {DATA}/ada/*"),
    ],
)
def test_one_principal(identity: list[Json], expected: str | None) -> None:
    found = outcomes(estate_of({"ada": identity})).get("ada")
    assert found == expected or (expected == "CONDITIONAL" and found is not None and found.startswith(expected)), found


def test_a_guardrail_on_a_pattern_decides_for_each_by_what_it_names() -> None:
    estate = estate_of({"ada": [allow(f"{DATA}/*")], "bob": [allow("arn:aws:s3:::b/*")], "app": [allow("arn:*")]})
    estate.scps["r-root"] = [FULL, deny("arn:aws:s3:::data*")]
    found = outcomes(estate)
    assert "ada" not in found
    assert found["bob"].startswith("CONDITIONAL ArnLike resource = arn:aws:s3:::b/*")
    assert found["app"].startswith("CONDITIONAL")


def test_a_boundary_on_a_pattern_decides_for_each_by_what_it_names() -> None:
    ada, bob = sorted(USERS)[:2]
    boundary = {ada: allow("arn:aws:s3:::b/*"), bob: allow("arn:aws:s3:::b/*")}
    estate = estate_of({"ada": [allow(f"{DATA}/*")], "bob": [allow("arn:aws:s3:::b/x")]}, boundary=boundary)
    found = outcomes(estate)
    assert "ada" not in found
    assert found["bob"].startswith("CONDITIONAL")


def test_enough_was_compared() -> None:
    assert compared["decisions"] >= (50_000 if NIGHTLY else 1_200)
    assert compared["told"] >= compared["decisions"] // 10
    assert compared["scattered"] >= compared["decisions"] // 10
