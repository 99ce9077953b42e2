"""EKS clusters: the roles they run as, who may enter them, and the roles that their pods take.

An access entry is a resource of its own, with the Kubernetes user, groups and access policies in its details, and a
link `enters` from the IAM principal to the cluster. https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
"""

from __future__ import annotations

from .acting import acts, describe, place
from .context import Context
from .registry import reads
from .saved import Saved


class Entries:
    """The access entries of clusters, by cluster and IAM principal, until their policies are read."""

    def __init__(self) -> None:
        self.ids: dict[tuple[str, str], str] = {}
        self.policies: list[tuple[str, str, list[dict[str, object]], Saved]] = []

    def join(self, context: Context) -> None:
        """Access policies into the details of their entry; an entry that was not described is still there."""
        for cluster, principal, policies, saved in self.policies:
            id = self.ids.get((cluster, principal))
            if id is None:
                id = f"{cluster}#{principal}"
                describe(
                    context, saved, id, {"cluster": cluster, "iam_principal": principal}, kind="eks:access-entry",
                    name=principal, policy_known=True,
                )  # fmt: skip
                context.link(principal, cluster, "enters", saved.name)
            describe(context, saved, id, {"access_policies": policies})


@reads("eks.describe-cluster")
def _cluster(saved: Saved, context: Context) -> None:
    one = saved.node("cluster")
    id, vpc, access = one.text("arn"), one.node("resourcesVpcConfig"), one.node("accessConfig")
    public, cidrs = vpc.flag("endpointPublicAccess"), vpc.texts("publicAccessCidrs")
    everyone = not cidrs or any(cidr.endswith("/0") for cidr in cidrs)
    logs = [
        kind
        for part in one.node("logging").nodes("clusterLogging") if part.flag("enabled")
        for kind in part.texts("types")
    ]  # fmt: skip
    describe(
        context, saved, id,
        {
            "status": one.maybe("status"), "version": one.maybe("version"), "endpoint": one.maybe("endpoint"),
            "vpc": vpc.maybe("vpcId"), "public_cidrs": cidrs if public else None,
            "oidc_issuer": one.node("identity").node("oidc").maybe("issuer"),
            "authentication_mode": access.maybe("authenticationMode"),
            "creator_admin": access.flag("bootstrapClusterCreatorAdminPermissions"), "logs": logs,
            "internet_direct": "yes" if public and everyone else "limited" if public else
            "unknown" if public is None else "no",
        },
        name=one.maybe("name"), created=one.time("createdAt"), tags=one.tags("tags"), policy_known=True,
    )  # fmt: skip
    acts(context, saved, id, one.maybe("roleArn"), "service_role")
    acts(context, saved, id, one.node("computeConfig").maybe("nodeRoleArn"))


@reads("eks.describe-access-entry")
def _entry(saved: Saved, context: Context) -> None:
    one = saved.node("accessEntry")
    id, principal = one.text("accessEntryArn"), one.text("principalArn")
    region = id.split(":")[3] if id.count(":") >= 5 else ""
    cluster = place(context, saved, "eks", f"cluster/{one.text('clusterName')}", region)
    describe(
        context, saved, id,
        {
            "cluster": cluster, "iam_principal": principal, "username": one.maybe("username"),
            "type": one.maybe("type"), "groups": one.texts("kubernetesGroups"),
        },
        name=principal.rpartition("/")[2], created=one.time("createdAt"), policy_known=True,
    )  # fmt: skip
    context.joined(Entries).ids[cluster, principal] = id
    context.link(principal, cluster, "enters", saved.name)


@reads("eks.list-associated-access-policies")
def _entry_policies(saved: Saved, context: Context) -> None:
    policies: list[dict[str, object]] = []
    for one in saved.nodes("associatedAccessPolicies"):
        scope = one.node("accessScope")
        policies.append(
            {"policy": one.text("policyArn"), "scope": scope.maybe("type"), "namespaces": scope.texts("namespaces")}
        )
    if policies:
        cluster = place(context, saved, "eks", f"cluster/{saved.maybe('clusterName') or saved.subject()}")
        principal = saved.maybe("principalArn") or saved.subject(1)
        context.joined(Entries).policies.append((cluster, principal, policies, saved))


@reads("eks.describe-pod-identity-association")
def _pod_identity(saved: Saved, context: Context) -> None:
    """A second role, `targetRoleArn`, is taken with the first one's credentials; pods then act as the second.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
    """
    one = saved.node("association")
    id, account = one.text("associationArn"), f"{one.text('namespace')}/{one.text('serviceAccount')}"
    role, target = one.maybe("roleArn"), one.maybe("targetRoleArn")
    describe(
        context, saved, id,
        {
            "cluster": one.maybe("clusterName"), "service_account": account, "target_role": target,
            "session_tags": not one.flag("disableSessionTags") if "disableSessionTags" in one else None,
        },
        kind="eks:podidentityassociation", name=account, created=one.time("createdAt"), policy_known=True,
    )  # fmt: skip
    acts(context, saved, id, (role, target))
