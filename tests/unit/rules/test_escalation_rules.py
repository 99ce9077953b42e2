"""Every escalation rule: its permissions are the vendor's, it lets through who has all, and nobody who lacks a step."""

from __future__ import annotations

from importlib.resources import files

import pytest

from fakes.escalation import Small
from leastwise.errors import RuleFileError
from leastwise.providers.aws.compiled.actions import actions
from leastwise.providers.gcp.catalog import current
from leastwise.providers.gcp.escalating.names import HOLDING
from leastwise.rules.escalation import EscalationRule, load_escalation, load_one

RULES = load_escalation()
AWS = [one for one in RULES if one.provider == "aws"]
GIVEN_ELSEWHERE = (
    "aws-sts-saml", "aws-sts-web-identity", "aws-data-key", "aws-data-key-policy", "aws-iam-full", "aws-iam-joint",
    "aws-iam-unbounded-role-full", "aws-iam-unbounded-user-full", "aws-iam-saml-metadata", "aws-iam-oidc-audience",
    "aws-iam-oidc-thumbprint", "aws-iam-power-version-older", "aws-sso-inline", "aws-sso-managed",
    "aws-sso-assignment", "aws-sso-group", "aws-sso-person", "aws-cloudformation-organization", "aws-sts-root",
    "aws-organization-member", "aws-sso-organization",
)  # fmt: skip
"""What decides here is not what one may do: a trust in tokens and assertions, the policy of a key, a policy that grants
everything, other ways, identity providers that roles trust, versions of policies, Identity
Center, organizations. Their files have cases.
"""
TRIED = [one for one in AWS if one.id not in GIVEN_ELSEWHERE]
STEPS = [(one, number) for one in TRIED for number in range(len(one.needs))]


@pytest.mark.parametrize("rule", AWS, ids=lambda one: one.id)
def test_permissions_are_in_the_catalogue(rule: EscalationRule) -> None:
    known = {one.lower() for one in actions().names}
    named = {need.permission.lower() for need in (*rule.every(), *(one for step in rule.otherwise for one in step))}
    assert not named - known


@pytest.mark.parametrize("rule", [one for one in RULES if one.provider == "gcp"], ids=lambda one: one.id)
def test_permissions_of_google_cloud_are_in_the_catalogue(rule: EscalationRule) -> None:
    named = {need.permission for need in rule.every()} - {HOLDING}
    assert [one for one in sorted(named) if not current().knows(one)] == []


@pytest.mark.parametrize("rule", TRIED, ids=lambda one: one.id)
def test_who_has_every_step_goes_through(rule: EscalationRule) -> None:
    small = Small(rule)
    assert small.led_to(small.graph())


@pytest.mark.parametrize(
    ("rule", "step"), STEPS, ids=lambda one: one.id if isinstance(one, EscalationRule) else str(one)
)
def test_who_lacks_a_step_does_not(rule: EscalationRule, step: int) -> None:
    small = Small(rule, step)
    assert small.led_to(small.graph()) == set()


def test_a_rule_that_ships_without_cases_is_refused() -> None:
    file = files("leastwise.rules").joinpath("data", "escalation", "aws", "aws-iam-002.yaml")
    body = file.read_text().partition("cases:")[0].encode()
    assert load_one(body, "aws/aws-iam-002.yaml").cases == ()
    with pytest.raises(RuleFileError, match="cases"):
        load_one(body, "aws/aws-iam-002.yaml", ships=True)


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("kinds:\n- glue:job\n", "", "names no kinds"),
        ("natives:", "link: runs\nnatives:", "has a link"),
        ("about: target", "about: existing", "none about the target"),
    ],
)
def test_what_exists_is_of_a_kind_and_besides(old: str, new: str, cause: str) -> None:
    body = files("leastwise.rules").joinpath("data", "escalation", "aws", "aws-glue-005.yaml").read_text()
    assert old in body
    with pytest.raises(RuleFileError, match=cause):
        load_one(body.replace(old, new).encode(), "aws/aws-glue-005.yaml", ships=True)


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("about: thing, every", "about: target, every", "about none"),
        ("every: assignable scopes", "key: k", "none are told"),
        ("  - {permission", "  - any:\n    - {permission: a, about: thing}\n    - {permission", "stands alone"),
    ],
)
def test_what_is_needed_of_each_of_several_is_about_things(old: str, new: str, cause: str) -> None:
    place = files("leastwise.rules").joinpath("data", "escalation", "azure", "azure-role-definition.yaml")
    body = place.read_text()
    assert old in body
    with pytest.raises(RuleFileError, match=cause):
        load_one(body.replace(old, new, 1).encode(), "azure/azure-role-definition.yaml", ships=True)
