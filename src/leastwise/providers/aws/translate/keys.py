"""KMS keys: what they are, their names and tags, and the grants on them.

A grant is kept as what it says: a document laid on the key beside its policy, so that one evaluation reads both
(https://docs.aws.amazon.com/kms/latest/developerguide/grants.html). The attachment's kind is `kms_grant`, its policy
the grant's id. The constraint EncryptionContextSubset asks for its pairs among others, EncryptionContextEquals for no
others.
"""

from __future__ import annotations

from typing import Any

from .acting import describe
from .context import Context
from .names import region_of
from .registry import reads
from .saved import Saved
from .shapes import Node


@reads("kms.describe-key")
def _key(saved: Saved, context: Context) -> None:
    one = saved.node("KeyMetadata")
    region = one.node("MultiRegionConfiguration").node("PrimaryKey").maybe("Arn")
    describe(
        context, saved, one.text("Arn"),
        {
            "state": one.maybe("KeyState"), "enabled": one.flag("Enabled"), "manager": one.maybe("KeyManager"),
            "usage": one.maybe("KeyUsage"), "spec": one.maybe("KeySpec"), "origin": one.maybe("Origin"),
            "deletion": one.raw("DeletionDate"), "multi_region": one.flag("MultiRegion"), "primary": region,
        },
        created=one.time("CreationDate"),
    )  # fmt: skip


@reads("kms.list-aliases")
def _aliases(saved: Saved, context: Context) -> None:
    """Names of AWS's own keys lead to no key until one is used."""
    names: dict[str, list[str]] = {}
    for one in saved.nodes("Aliases"):
        number = one.maybe("TargetKeyId")
        if number:
            arn = context.arn("kms", f"key/{number}", region_of(one.text("AliasArn")))
            names.setdefault(arn, []).append(one.text("AliasName"))
    for arn, found in names.items():
        describe(context, saved, arn, {"aliases": ", ".join(found)})


@reads("kms.list-resource-tags")
def _tags(saved: Saved, context: Context) -> None:
    tags = [(one.text("TagKey"), one.maybe("TagValue") or "") for one in saved.nodes("Tags")]
    context.resources.add(saved.subject(), saved.name, tags=tags)


@reads("kms.list-grants")
def _grants(saved: Saved, context: Context) -> None:
    for grant in saved.nodes("Grants"):
        given = grant.maybe("KeyId") or ""
        key = given if given.startswith("arn:") else saved.subject()
        context.resources.add(key, saved.name)
        statements = _statements(grant)
        if not statements:
            continue
        body = {"Version": "2012-10-17", "Statement": statements}
        context.resources.named_policy(key, grant.text("GrantId"), body, saved.name, "kms_grant")


def _statements(grant: Node) -> list[dict[str, Any]]:
    """What the grantee may do, and that grantee or retiring principal may retire the grant."""
    allowed = [f"kms:{operation}" for operation in grant.texts("Operations")]
    found: list[dict[str, Any]] = []
    grantee = _principal(grant, "GranteePrincipal", "GranteeServicePrincipal")
    if grantee and allowed:
        found.append({"Effect": "Allow", "Principal": grantee, "Action": allowed, "Resource": "*"})
        condition = _condition(grant.node("Constraints"))
        if condition:
            found[-1]["Condition"] = condition
    retiring = _principal(grant, "RetiringPrincipal", "RetiringServicePrincipal")
    if retiring:
        found.append({"Effect": "Allow", "Principal": retiring, "Action": "kms:RetireGrant", "Resource": "*"})
    return found


def _principal(grant: Node, principal: str, service: str) -> dict[str, str] | None:
    """A service stands as `name.amazonaws.com` in either member."""
    found = grant.maybe(principal, service)
    if found is None:
        return None
    return {"AWS" if found.startswith("arn:") or ".amazonaws." not in found else "Service": found}


def _condition(constraints: Node) -> dict[str, Any]:
    condition: dict[str, dict[str, Any]] = {}
    exact = constraints.node("EncryptionContextEquals").value
    pairs = constraints.node("EncryptionContextSubset").value | exact
    if pairs:
        condition["StringEquals"] = {f"kms:EncryptionContext:{key}": value for key, value in pairs.items()}
    if exact:
        condition["ForAllValues:StringEquals"] = {"kms:EncryptionContextKeys": list(exact)}
    source = constraints.maybe("SourceArn")
    if source:
        condition["ArnLike"] = {"aws:SourceArn": source}
    return condition
