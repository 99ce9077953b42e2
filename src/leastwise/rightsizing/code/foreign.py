"""Code that is recognised and not edited: programs that make grants (CDK, Pulumi), Bicep, and Terraform in JSON."""

from __future__ import annotations

import re

from .places import Foreign

_SIGNS = (
    ("cdk", re.compile(r"""aws-cdk-lib|\baws_cdk\b|software\.amazon\.awscdk|awscdk\b|["']@aws-cdk/|Amazon\.CDK""")),
    (
        "pulumi",
        re.compile(r"""["']@pulumi/|\bimport pulumi|\bfrom pulumi|github\.com/pulumi/|com\.pulumi\.|using Pulumi"""),
    ),
    ("terraform cdk", re.compile(r"""["']cdktf["']|\bfrom cdktf\b|\bimport cdktf\b""")),
)
_GRANTS = re.compile(
    r"PolicyStatement|PolicyDocument|ManagedPolicy|addToPolicy|add_to_policy|addToRolePolicy|add_to_role_policy|\.grant[A-Z_]"
    r"|[Rr]ole[Pp]olicy|[Rr]oleAssignment|[Ii][Aa][Mm](?:Member|Binding|Policy)|aws[._]iam"
)
_ROLES = re.compile(r"'Microsoft\.Authorization/role(?:Assignments|Definitions)@", re.IGNORECASE)
_BICEP = (
    "Bicep, which is not edited: where it is deployed stands in no file, an assignment that is there cannot be "
    "changed, and what is taken out of a file stays in the cloud unless it is deployed as a stack: take the new role "
    "over there, and delete the old assignment"
)
"""https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---unable-to-update-a-role-assignment,
https://learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes
"""
BICEP = ".bicep"
PROGRAMS = (".ts", ".js", ".mjs", ".py", ".go", ".java", ".cs", ".kt")
"""Endings of files that may be such a program."""
_TITLES = {"cdk": "the AWS CDK", "pulumi": "Pulumi", "terraform cdk": "CDK for Terraform"}


def foreign(file: str, text: str) -> Foreign | None:
    """What a program or a file of Bicep is that makes grants; None for any other file."""
    if file.endswith(BICEP):
        return Foreign(file, "bicep", _BICEP) if _ROLES.search(text) else None
    for language, sign in _SIGNS:
        if sign.search(text):
            grants = _GRANTS.search(text)
            if grants is None:
                return None
            title = _TITLES[language]
            why = f"a program of {title}, which is not edited: take the new document over where it makes the grant"
            return Foreign(file, language, why)
    return None
