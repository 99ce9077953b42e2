"""Conditional access is told beside answers, of whom it may mean, and changes none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run
from leastwise.providers.entra.language.access_policies import parse_access_policy, told_beside
from leastwise.providers.fields import FieldError

EVA, TOM, JOB = (f"0a000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
MFA = {"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str, bool, list[str]]] = [
    ("everybody", {"users": {"includeUsers": ["All"]}}, MFA, EVA, False, ["may ask for compliantdevice or mfa"]),
    ("left out", {"users": {"includeUsers": ["All"], "excludeUsers": [EVA.upper()]}}, MFA, EVA, False, []),
    ("named", {"users": {"includeUsers": [EVA]}}, MFA, EVA, False, ["may ask for compliantdevice or mfa"]),
    ("another is named", {"users": {"includeUsers": [TOM]}}, MFA, EVA, False, []),
    ("a group", {"users": {"includeGroups": ["g"]}}, MFA, EVA, False, ["may ask for compliantdevice or mfa"]),
    ("a role", {"users": {"includeRoles": ["r"]}}, MFA, EVA, False, ["may ask for compliantdevice or mfa"]),
    ("guests", {"users": {"includeUsers": ["GuestsOrExternalUsers"]}}, MFA, EVA, False,
     ["may ask for compliantdevice or mfa"]),
    ("guests of tenants", {"users": {"includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "b2bDirectConnect"}}},
     {"builtInControls": ["block"]}, EVA, False, ["may block the sign-in"]),
    ("users are no services", {"users": {"includeUsers": ["All"]}}, MFA, JOB, True, []),
    ("services of the tenant", {"clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}},
     {"builtInControls": ["block"]}, JOB, True, ["may block the sign-in"]),
    ("a strength", {"users": {"includeUsers": ["All"]}},
     {"builtInControls": [], "authenticationStrength": {"displayName": "Phishing-resistant MFA"}}, EVA, False,
     ["may ask for Phishing-resistant MFA"]),
    ("a session", {"users": {"includeUsers": ["All"]}}, {}, EVA, False, ["may limit the session"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "conditions", "controls", "who", "service", "wanted"), CASES, ids=[c[0] for c in CASES]
)
def test_whom_a_policy_may_mean(
    why: str, conditions: dict[str, Any], controls: dict[str, Any], who: str, service: bool, wanted: list[str]
) -> None:
    policy = parse_access_policy("CA1", "enabled", conditions, controls)
    assert policy is not None
    assert list(told_beside([policy], who, service=service)) == [f"conditional access CA1 {one}" for one in wanted]


@pytest.mark.parametrize("state", ["disabled", "enabledForReportingButNotEnforced", ""])
def test_what_is_not_in_force_is_not_told(state: str) -> None:
    assert parse_access_policy("CA1", state, {"users": {"includeUsers": ["All"]}}, MFA) is None


@pytest.mark.parametrize(
    ("conditions", "controls"),
    [
        ({"users": {"includeUsers": "All"}}, MFA),
        ("All", MFA),
        ({"users": []}, MFA),
        ({}, ["mfa"]),
        ({"users": {}}, {"builtInControls": 1}),
    ],
)
def test_a_form_that_is_not_the_vendors_is_an_error(conditions: Any, controls: Any) -> None:
    with pytest.raises(FieldError):
        parse_access_policy("CA1", "enabled", conditions, controls)


def test_an_answer_has_them_beside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policies = [
        {"@odata.type": "#microsoft.graph.conditionalAccessPolicy", "id": "c1", "displayName": "CA1",
         "state": "enabled", "conditions": {"users": {"includeUsers": ["All"]}}, "grantControls": MFA},
        {"@odata.type": "#microsoft.graph.conditionalAccessPolicy", "id": "c2", "displayName": "CA2",
         "state": "enabled", "conditions": {"users": {"includeUsers": "odd"}}, "grantControls": MFA},
    ]  # fmt: skip
    users = [{"@odata.type": "#microsoft.graph.user", "id": EVA, "userPrincipalName": "eva@corp.example"}]
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    for name, several in (("users", users), ("policies", policies)):
        (folder / f"{name}.json").write_text(json.dumps({
            "@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{name}", "value": several,
        }))  # fmt: skip
    tenant = {"id": "7e000000-0000-4000-8000-000000000001", "displayName": "Corp"}
    (folder / "organization.json").write_text(json.dumps(
        {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#organization", "value": [tenant]}
    ))  # fmt: skip
    assert run(["import", str(folder), "--home", str(home), "--taken", "2026-11-01T00:00:00Z"]) == 0
    capsys.readouterr()
    assert (
        run(["can", EVA, "microsoft.directory/users/standard/read", EVA, "--home", str(home), "--format", "json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["state"] != "DENIED"
    assert told["beside"] == [
        "conditional access CA1 may ask for compliantdevice or mfa",
        "conditional access CA2 may ask for what could not be read",
    ]
