"""What gives roles to those whom it admits: Cognito identity pools, and Roles Anywhere.

A link `gives` leads from the pool or profile to the role. A pool that lets guests in gives its role for them to anyone
(https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html), which the role's trust policy does not
show: it names the pool. That role is given a trust of `anyone` beside those of its policy.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pyarrow.compute as pc

from leastwise.errors import InputError

from .acting import describe, place
from .context import Context
from .registry import reads
from .saved import Saved

_COGNITO = "cognito-identity.amazonaws.com"


class Pools:
    """Identity pools, whether they admit guests, and the role that guests get, until both are read."""

    def __init__(self) -> None:
        self.guests: dict[str, bool] = {}
        self.roles: dict[str, tuple[str, str]] = {}
        self.tags: dict[str, tuple[dict[str, object], Saved]] = {}

    def join(self, context: Context) -> None:
        """A trust of `anyone` for each role that guests get, copied from the statement that trusts the pool."""
        for pool, (tags, saved) in self.tags.items():
            describe(context, saved, pool, {"session_tags": tags})
        for pool, (role, source) in self.roles.items():
            open_to_guests = self.guests.get(pool)
            if open_to_guests is False:
                continue
            context.link(pool, role, "gives", source)
            if open_to_guests:
                _trust_anyone(context, pool, role)


def _trust_anyone(context: Context, pool: str, role: str) -> None:
    trusts = context.facts.trusts.to_table()
    for row in trusts.filter(pc.equal(trusts["principal"], role)).to_pylist():
        if (
            row["effect"] == "Allow"
            and _COGNITO in row["subject"]
            and _admits(row, pool.rpartition("identitypool/")[2])
        ):
            anyone = {"subject_kind": "anyone", "subject": "*", "subject_account": None, "limited": False}
            context.facts.trusts.add(**row | anyone | {"reach": "anyone"})
            return


def _admits(trust: dict[str, Any], pool: str) -> bool:
    """Whether a statement trusts the pool (`aud`), and guests of it (`amr`)."""
    kinds = [pattern[4:] for pattern in trust["patterns"] if pattern.startswith("amr=")]
    guests = not kinds or any(fnmatchcase("unauthenticated", kind) for kind in kinds)
    return guests and (not trust["audiences"] or any(fnmatchcase(pool, one) for one in trust["audiences"]))


def _pool(saved: Saved, context: Context, number: str) -> str:
    """Pools are called `region:uuid`."""
    return place(context, saved, "cognito-identity", f"identitypool/{number}", number.partition(":")[0])


@reads("cognito-identity.describe-identity-pool")
def _describe_pool(saved: Saved, context: Context) -> None:
    number, guests = saved.text("IdentityPoolId"), saved.flag("AllowUnauthenticatedIdentities")
    id = _pool(saved, context, number)
    providers = [name for one in saved.nodes("CognitoIdentityProviders") if (name := one.maybe("ProviderName"))]
    providers += [*saved.texts("OpenIdConnectProviderARNs"), *saved.texts("SamlProviderARNs")]
    providers += sorted(saved.node("SupportedLoginProviders").value)
    describe(
        context, saved, id,
        {
            "guests": guests, "classic_flow": saved.flag("AllowClassicFlow"), "providers": providers,
            "developer_provider": saved.maybe("DeveloperProviderName"),
        },
        name=saved.maybe("IdentityPoolName"), tags=saved.tags("IdentityPoolTags"), policy_known=True,
    )  # fmt: skip
    if guests is not None:
        context.joined(Pools).guests[id] = guests


@reads("cognito-identity.get-identity-pool-roles")
def _pool_roles(saved: Saved, context: Context) -> None:
    id, roles = _pool(saved, context, saved.text("IdentityPoolId")), saved.node("Roles")
    signed_in, guest = roles.maybe("authenticated"), roles.maybe("unauthenticated")
    given = [signed_in] if signed_in else []
    choices = []
    for provider, mapping in saved.items("RoleMappings"):
        rules = mapping.node("RulesConfiguration").nodes("Rules")
        given += [rule.text("RoleARN") for rule in rules]
        # Type Token: the identity provider says which role, among those that trust the pool.
        choices.append({"provider": provider, "type": mapping.maybe("Type"), "rules": [rule.value for rule in rules]})
    describe(
        context, saved, id, {"role": signed_in, "guest_role": guest, "role_choices": choices}, policy_known=True,
        name=None,
    )  # fmt: skip
    for role in given:
        context.link(id, role, "gives", saved.name)
    if guest:
        context.joined(Pools).roles[id] = guest, saved.name


@reads("cognito-identity.get-principal-tag-attribute-map")
def _session_tags(saved: Saved, context: Context) -> None:
    """Which claims of a token become session tags, and so decide conditions on aws:PrincipalTag."""
    number = saved.maybe("IdentityPoolId") or saved.subject()
    provider = saved.maybe("IdentityProviderName") or saved.subject(1)
    tags = saved.node("PrincipalTags").value or ("default" if saved.flag("UseDefaults") else None)
    if tags:
        context.joined(Pools).tags.setdefault(_pool(saved, context, number), ({}, saved))[0][provider] = tags


# --- Roles Anywhere -------------------------------------------------------------------------------------------------


@reads("rolesanywhere.list-trust-anchors")
def _anchors(saved: Saved, context: Context) -> None:
    for one in saved.nodes("trustAnchors"):
        source = one.node("source")
        describe(
            context, saved, one.text("trustAnchorArn"),
            {
                "enabled": one.flag("enabled"), "authority": source.maybe("sourceType"),
                "private_ca": source.node("sourceData").maybe("acmPcaArn"),
            },
            name=one.maybe("name"), created=one.time("createdAt"), policy_known=True,
        )  # fmt: skip


@reads("rolesanywhere.list-profiles")
def _profiles(saved: Saved, context: Context) -> None:
    """Any trust anchor of the region with any profile: which certificate gets a role, its trust policy decides.

    https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
    """
    for one in saved.nodes("profiles"):
        id, session = one.text("profileArn"), one.raw("sessionPolicy")
        if session is not None and not isinstance(session, str):
            raise InputError(saved.name, "sessionPolicy must be a text", f"{one.place}.sessionPolicy")
        describe(
            context, saved, id,
            {
                "enabled": one.flag("enabled"), "session_policy": session,
                "session_name": one.flag("acceptRoleSessionName"), "session_seconds": one.raw("durationSeconds"),
                "session_managed_policies": one.texts("managedPolicyArns"),
                "instance_properties": one.flag("requireInstanceProperties"), "mappings": one.raw("attributeMappings"),
            },
            name=one.maybe("name"), created=one.time("createdAt"), policy_known=True,
        )  # fmt: skip
        for role in one.texts("roleArns"):
            context.link(id, role, "gives", saved.name)
