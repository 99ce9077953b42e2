"""What must be done to activate an eligible role stands beside its grant: by the policy of that role at that scope."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure_support import ANN, BOB, GROUPS, OWNER, READER, SUB, instance, rows, translated

from leastwise.store.readmodels import build

HERE, CORP = f"/subscriptions/{SUB}", f"{GROUPS}corp"
ELIGIBLE = "RoleEligibilityScheduleInstances"
ACTIVATION = {"caller": "EndUser", "operations": ["All"], "level": "Assignment"}


def rule(kind: str, id: str = "", target: Any = ACTIVATION, **told: Any) -> dict[str, Any]:
    return {"id": id, "ruleType": f"RoleManagementPolicy{kind}Rule", "target": target, **told}


LONGEST = rule("Expiration", isExpirationRequired=True, maximumDuration="PT8H")
ASKED = rule("Enablement", enabledRules=["Justification", "MultiFactorAuthentication", "Ticketing"])
APPROVED = rule("Approval", setting={"isApprovalRequired": True, "approvalStages": []})
FREE = rule("Approval", setting={"isApprovalRequired": False})
CONTEXT = rule("AuthenticationContext", isEnabled=True, claimValue="c1")
OF_ADMIN = rule("Enablement", target={"caller": "Admin", "level": "Assignment"}, enabledRules=["Justification"])
BY_NAME = rule("Enablement", "Enablement_EndUser_Assignment", None, enabledRules=["MultiFactorAuthentication"])
NOT_BY_NAME = rule("Enablement", "Enablement_Admin_Eligibility", None, enabledRules=["Justification"])


def policy(scope: str, role: str, *rules: Any, **told: Any) -> dict[str, Any]:
    return {"id": f"{scope}/providers/Microsoft.Authorization/roleManagementPolicyAssignments/p_{role}", "name": "p",
            "type": "Microsoft.Authorization/roleManagementPolicyAssignments",
            "properties": {"scope": scope, "policyId": f"{scope}/providers/x/roleManagementPolicies/P",
                           "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role.upper()}",
                           "effectiveRules": list(rules), **told}}  # fmt: skip


def asked(tmp_path: Path, *objects: Any) -> dict[tuple[str, str], str | None]:
    """What the list of grants says is required, by principal and role."""
    tables = translated(tmp_path, *objects)
    found = build("azure", SUB, tables)["grants"].to_pylist()
    return {(row["principal"], row["policy"]): row["requires"] for row in found}


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([ASKED, LONGEST, APPROVED], "mfa, justification, ticket, approval, at most PT8H"),
        ([LONGEST, FREE, OF_ADMIN], "at most PT8H"),
        ([CONTEXT, LONGEST], "authentication_context, at most PT8H"),
        ([BY_NAME, NOT_BY_NAME], "mfa"),
        ([FREE], ""),
        ([], None),
    ],
)
def test_the_rules_of_activation_stand_beside_the_grant(tmp_path: Path, rules: list[Any], told: str | None) -> None:
    assert asked(tmp_path, instance(ELIGIBLE, HERE), policy(HERE, OWNER, *rules)) == {(ANN, OWNER): told}


def test_rules_are_of_a_role_at_a_scope(tmp_path: Path) -> None:
    found = asked(
        tmp_path,
        policy(HERE.upper().replace("/SUBS", "/subs"), OWNER, LONGEST),
        policy(CORP, READER, APPROVED),
        instance(ELIGIBLE, HERE, ANN),
        instance(ELIGIBLE, HERE, BOB, READER),
        instance("RoleAssignmentScheduleInstances", HERE, BOB, assignmentType="Assigned"),
    )
    assert found == {(ANN, OWNER): "at most PT8H", (BOB, READER): None, (BOB, OWNER): None}


def test_a_policy_may_be_told_apart_from_where_it_is_assigned(tmp_path: Path) -> None:
    apart = {"id": f"{HERE}/providers/x/ROLEMANAGEMENTPOLICIES/p",
             "type": "Microsoft.Authorization/roleManagementPolicies",
             "properties": {"scope": HERE, "rules": [LONGEST], "effectiveRules": []}}  # fmt: skip
    assert asked(tmp_path, policy(HERE, OWNER), apart, instance(ELIGIBLE, HERE)) == {(ANN, OWNER): "at most PT8H"}


def test_an_eligible_offer_of_lighthouse_says_it_itself(tmp_path: Path) -> None:
    jit = {"multiFactorAuthProvider": "Azure", "maximumActivationDuration": "PT4H",
           "managedByTenantApprovers": [{"principalId": BOB}]}  # fmt: skip
    offer = {"name": "d", "properties": {"managedByTenantId": "t2", "eligibleAuthorizations": [
        {"principalId": ANN, "roleDefinitionId": READER, "justInTimeAccessPolicy": jit},
        {"principalId": BOB, "roleDefinitionId": READER}]}}  # fmt: skip
    given = {"id": f"{HERE}/providers/Microsoft.ManagedServices/registrationAssignments/a",
             "type": "Microsoft.ManagedServices/registrationAssignments",
             "properties": {"registrationDefinition": offer, "registrationDefinitionId": "/x/d"}}  # fmt: skip
    assert asked(tmp_path, given) == {(ANN, READER): "mfa, approval, at most PT4H", (BOB, READER): None}


@pytest.mark.parametrize(
    "broken",
    [
        {"roleDefinitionId": 3}, {"effectiveRules": [3]},
        {"effectiveRules": [{**LONGEST, "maximumDuration": "8 hours"}]},
        {"effectiveRules": [{**ASKED, "enabledRules": "Justification"}]}, {"roleDefinitionId": ""},
    ],
)  # fmt: skip
def test_rules_that_cannot_be_read_are_a_gap(tmp_path: Path, broken: dict[str, Any]) -> None:
    tables = translated(tmp_path, instance(ELIGIBLE, HERE), policy(HERE, OWNER, LONGEST, **broken))
    assert [row["requires"] for row in rows(tables, "attachments")] == [None]
    assert any("rules for the activation of a role of which" in row["detail"] for row in rows(tables, "coverage"))
