"""The organization beyond its tree: delegated administrators and its own policy; Identity Center.

A link `administers` leads from an account's root to the AWS service that the account administers for the organization.
"""

from __future__ import annotations

from .acting import describe
from .context import Context
from .registry import reads
from .saved import Saved


@reads("organizations.describe-organization")
def _organization(saved: Saved, context: Context) -> None:
    one = saved.node("Organization")
    id = one.maybe("Arn")
    if id:
        types = [kind.text("Type") for kind in one.nodes("AvailablePolicyTypes") if kind.maybe("Status") == "ENABLED"]
        describe(
            context, saved, id, {"features": one.maybe("FeatureSet"), "policy_types": types}, name=one.maybe("Id"),
            kind="organizations:organization",
        )  # fmt: skip


@reads(
    "organizations.describe-resource-policy", "organizations.describe-resource-policy!ResourcePolicyNotFoundException"
)
def _organization_policy(saved: Saved, context: Context) -> None:
    """Laid on the organization, where describe-organization named it, else on the policy's own ARN."""
    policy = saved.node("ResourcePolicy")
    own = policy.node("ResourcePolicySummary").maybe("Arn") or ""
    # arn:aws:organizations::111111111111:resourcepolicy/o-exampleorgid/rp-examplepolicyid
    head, found, rest = own.partition(":resourcepolicy/")
    if found:
        id = f"{head}:organization/{rest.partition('/')[0]}"
        context.resources.policy(id, policy.text("Content"), saved.name, saved.call)
        return
    known = [id for id, row in context.resources.rows.items() if row["kind"] == "organizations:organization"]
    for id in known:
        context.resources.policy(id, policy.maybe("Content"), saved.name, saved.call)


@reads("organizations.list-delegated-services-for-account")
def _delegated(saved: Saved, context: Context) -> None:
    account = saved.subject()
    for one in saved.nodes("DelegatedServices"):
        context.facts.runs_as.add(
            subject=context.arn("iam", "root", account=account), object=one.text("ServicePrincipal"),
            kind="administers", account=account, source=saved.name,
        )  # fmt: skip


# --- Identity Center ------------------------------------------------------------------------------------------------


@reads("sso-admin.list-instances")
def _instances(saved: Saved, context: Context) -> None:
    for one in saved.nodes("Instances"):
        describe(
            context, saved, one.text("InstanceArn"),
            {
                "identity_store": one.maybe("IdentityStoreId"), "owner": one.maybe("OwnerAccountId"),
                "status": one.maybe("Status"), "primary_region": one.maybe("PrimaryRegion"),
            },
            name=one.maybe("Name"), created=one.time("CreatedDate"), policy_known=True,
        )  # fmt: skip


@reads("sso-admin.describe-permission-set")
def _permission_set(saved: Saved, context: Context) -> None:
    one = saved.node("PermissionSet")
    describe(
        context, saved, one.text("PermissionSetArn"),
        {"session": one.maybe("SessionDuration"), "description": one.maybe("Description")}, name=one.maybe("Name"),
        created=one.time("CreatedDate"), policy_known=True,
    )  # fmt: skip
