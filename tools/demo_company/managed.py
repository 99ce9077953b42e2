"""The AWS managed policies that the demo uses, taken from the documents that moto ships (Apache-2.0)."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from demo_company import people, roles_ordinary, roles_story, users
from demo_company.model import Group, PermissionSet, Role

TARGET = Path(__file__).with_name("managed_policies.json")


def names() -> list[str]:
    """Every AWS managed policy that a role, group or permission set names."""
    holders: tuple[Role | Group | PermissionSet, ...] = (
        *roles_story.ROLES,
        *roles_story.NEAR_MISSES,
        *roles_ordinary.PROD_ROLES,
        *roles_ordinary.DATA_ROLES,
        *roles_ordinary.EVERYWHERE,
        *roles_ordinary.MEMBER_ACCOUNTS,
        *users.GROUPS,
        *people.PERMISSION_SETS,
    )
    found = {name for holder in holders for name in holder.aws}
    linked = {policy for rows in roles_ordinary.SERVICE_LINKED.values() for _, _, policy, _ in rows}
    return sorted(found | linked)


def compile_policies() -> int:
    """Write managed_policies.json; returns the number of policies."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    known = json.loads(aws_managed_policies_data)
    fields = ("Path", "CreateDate", "UpdateDate", "DefaultVersionId", "Document")
    rows = {name: {field: known[name][field] for field in fields} for name in names()}
    header = {"source": f"moto {version('moto')}, moto/iam/aws_managed_policies.py", "licence": "Apache-2.0"}
    TARGET.write_text(json.dumps({"": header, **rows}, separators=(",", ":")) + "\n")
    return len(rows)
