"""Whatever a file holds, it is read, or refused by an error that names it; what is read can be translated."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from azure_support import ANN, CORP, GROUPS, OWNER, SUB, TENANT, assignment
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.errors import InputError
from leastwise.model.tables import FACT_TABLES
from leastwise.providers.azure import PROVIDER as AZURE
from leastwise.providers.base import Provider
from leastwise.providers.entra import PROVIDER as ENTRA
from leastwise.store.readmodels import build

HERE = f"/subscriptions/{SUB}"
WORDS = st.sampled_from(
    ["id", "name", "type", "properties", "value", "data", "nextLink", "scope", "principalId", "principalType", "body",
     "roleDefinitionId", "permissions", "actions", "notActions", "condition", "principals", "identity", "tenantId",
     "userAssignedIdentities", "parent", "children", "parentNameChain", "accessPolicies", "objectId", "authorizations",
     "registrationDefinitionId", "issuer", "subject", "displayName", "subscriptionId", "isDefault", "status", "tags",
     "@odata.type", "members", "groupId", "servicePrincipalType", "endDateTime", "assignmentType", "columns", "rows"]
)  # fmt: skip
TEXTS = st.sampled_from(
    [HERE, f"{HERE}/resourceGroups/rg", GROUPS + "corp", "/", "//", ANN, OWNER, TENANT, "User", "Activated", "*", "",
     f"{HERE}/providers/Microsoft.Authorization/roleAssignments/a", "Microsoft.Authorization/roleAssignments",
     "Microsoft.Authorization/roleDefinitions", "Microsoft.Authorization/denyAssignments", "Microsoft.KeyVault/vaults",
     "Microsoft.Management/managementGroups", "Microsoft.ManagedServices/registrationAssignments", "/subscriptions",
     "Microsoft.Authorization/classicAdministrators", "#microsoft.graph.user", "#microsoft.graph.group",
     "2026-01-01T00:00:00Z", "not a time", "Microsoft.Compute/virtualMachines", "NA(classic admin role)"]
) | st.text(max_size=6)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=25,
)


def imported(content: bytes, provider: Provider = AZURE) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_bytes(content)
        provider.recognises(path)
        try:
            found = provider.read_exports([path])
        except InputError as error:
            assert "x.json" in str(error) and "\n" not in str(error)
            return
        for one in found:
            for document in one.documents:
                provider.redact(document, b"k" * 32)
            tables = provider.translate(one)
            assert set(tables) == {spec.name for spec in FACT_TABLES}
            build(provider.name, one.scope.id, tables)


@settings(max_examples=30)
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    imported(content)
    imported(content, ENTRA)


@settings(max_examples=30)
@given(VALUES)
def test_any_value_of_the_vendors_words(value: Any) -> None:
    imported(json.dumps(value).encode())
    imported(json.dumps([value, {"id": TENANT, "verifiedDomains": []}]).encode(), ENTRA)


@settings(max_examples=30)
@given(
    st.dictionaries(WORDS, VALUES, max_size=5),
    st.sampled_from(["roleAssignments", "roleDefinitions", "denyAssignments", "locks", "policyAssignments",
                     "RoleEligibilityScheduleInstances", "classicAdministrators"]),
)  # fmt: skip
def test_any_content_of_an_object(content: dict[str, Any], kind: str) -> None:
    one = assignment(HERE) | {"type": f"Microsoft.Authorization/{kind}"} | content
    imported(json.dumps([assignment(HERE), one]).encode())


@settings(max_examples=30)
@given(
    st.dictionaries(WORDS, VALUES, max_size=5),
    st.sampled_from(["Microsoft.KeyVault/vaults", "Microsoft.ManagedIdentity/userAssignedIdentities",
                     "Microsoft.ManagedServices/registrationDefinitions", "Microsoft.Insights/diagnosticSettings",
                     "Microsoft.ManagedServices/registrationAssignments", "Microsoft.Resources/subscriptions",
                     "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"]),
)  # fmt: skip
def test_any_content_of_a_resource(content: dict[str, Any], type: str) -> None:
    one = {"id": f"{HERE}/resourceGroups/rg/providers/{type}/x", "type": type, "properties": content, **content}
    imported(json.dumps([assignment(HERE), one]).encode())


@pytest.mark.parametrize("path", sorted(CORP.glob("*.json")), ids=lambda path: path.name)
@pytest.mark.parametrize("provider", [AZURE, ENTRA], ids=lambda one: one.name)
def test_a_file_cut_anywhere_gives_one_line(path: Path, provider: Provider) -> None:
    data = path.read_bytes()
    for end in range(1, len(data), max(1, len(data) // 7)):
        imported(data[:end], provider)
