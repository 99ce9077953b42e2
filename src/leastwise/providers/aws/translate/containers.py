"""Containers on ECS, App Runner and Batch, and the roles they run as.

A task has two roles: its own (`executes_as`), and that with which ECS fetches its image and secrets (`service_role`).
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html
"""

from __future__ import annotations

from typing import Any

from .acting import Roles, acts, describe
from .context import Context
from .network import Network
from .registry import reads
from .saved import Saved
from .shapes import Node


class Tasks:
    """Task definitions with their roles, and what runs them, until all are read."""

    def __init__(self) -> None:
        self.roles: dict[str, tuple[str | None, str | None]] = {}
        self.running: list[tuple[str, str, tuple[str | None, str | None], Saved]] = []

    def join(self, context: Context) -> None:
        """Services and tasks act as the roles of their definition, where nothing overrides them."""
        for id, definition, given, saved in self.running:
            if definition and definition not in self.roles:
                why = "task definitions in no describe-task-definition answer"
                context.lost("ecs", "DescribeTaskDefinition", why, definition, "the roles that containers run as")
            task, execution = self.roles.get(definition, (None, None))
            acts(context, saved, id, given[0] or task)
            acts(context, saved, id, given[1] or execution, "service_role")


@reads("ecs.describe-task-definition")
def _definition(saved: Saved, context: Context) -> None:
    one = saved.node("taskDefinition")
    id, containers = one.text("taskDefinitionArn"), one.nodes("containerDefinitions")
    secrets = {
        secret.text("name"): secret.maybe("valueFrom") for part in containers for secret in part.nodes("secrets")
    }
    describe(
        context, saved, id,
        {
            "status": one.maybe("status"), "network_mode": one.maybe("networkMode"),
            "privileged": any(part.flag("privileged") for part in containers) if containers else None,
            "images": [image for part in containers if (image := part.maybe("image"))], "secrets": secrets,
        },
        created=one.time("registeredAt"), policy_known=True,
    )  # fmt: skip
    roles = one.maybe("taskRoleArn"), one.maybe("executionRoleArn")
    acts(context, saved, id, roles[0])
    acts(context, saved, id, roles[1], "service_role")
    context.joined(Tasks).roles[id] = roles


@reads("ecs.describe-services")
def _services(saved: Saved, context: Context) -> None:
    for one in saved.nodes("services"):
        id, definition = one.text("serviceArn"), one.maybe("taskDefinition")
        vpc = one.node("networkConfiguration").node("awsvpcConfiguration")
        count = one.raw("desiredCount")
        describe(
            context, saved, id,
            {
                "status": one.maybe("status"), "cluster": one.maybe("clusterArn"),
                "launch_type": one.maybe("launchType"), "task_definition": definition,
                "execute_command": one.flag("enableExecuteCommand"),
                "assign_public_ip": vpc.maybe("assignPublicIp"), "security_groups": vpc.texts("securityGroups"),
                "desired": count if isinstance(count, int) else None,
            },
            name=one.maybe("serviceName"), created=one.time("createdAt"), policy_known=True,
        )  # fmt: skip
        acts(context, saved, id, one.maybe("roleArn"), "service_role")
        if definition:
            context.joined(Tasks).running.append((id, definition, (None, None), saved))


@reads("ecs.describe-tasks")
def _tasks(saved: Saved, context: Context) -> None:
    for one in saved.nodes("tasks"):
        id, over, definition = one.text("taskArn"), one.node("overrides"), one.maybe("taskDefinitionArn")
        describe(
            context, saved, id,
            {
                "status": one.maybe("lastStatus"), "cluster": one.maybe("clusterArn"),
                "launch_type": one.maybe("launchType"), "task_definition": definition, "group": one.maybe("group"),
                "started_by": one.maybe("startedBy"), "execute_command": one.flag("enableExecuteCommand"),
            },
            created=one.time("createdAt"), policy_known=True,
        )  # fmt: skip
        given = over.maybe("taskRoleArn"), over.maybe("executionRoleArn")
        context.joined(Tasks).running.append((id, definition or "", given, saved))
        interfaces = [
            pair.maybe("value") or ""
            for part in one.nodes("attachments") if part.maybe("type") == "ElasticNetworkInterface"
            for pair in part.nodes("details") if pair.maybe("name") == "networkInterfaceId"
        ]  # fmt: skip
        if interfaces:
            network = context.joined(Network)
            network.thing(id)
            network.through.append((id, interfaces))


@reads("apprunner.describe-service")
def _app(saved: Saved, context: Context) -> None:
    one = saved.node("Service")
    id, source = one.text("ServiceArn"), one.node("SourceConfiguration")
    public = one.node("NetworkConfiguration").node("IngressConfiguration").flag("IsPubliclyAccessible")
    image = source.node("ImageRepository")
    secrets = image.node("ImageConfiguration").node("RuntimeEnvironmentSecrets")
    describe(
        context, saved, id,
        {
            "status": one.maybe("Status"), "url": one.maybe("ServiceUrl"), "secrets": sorted(secrets.value),
            "images": [name for name in (image.maybe("ImageIdentifier"),) if name],
            "internet_direct": "unknown" if public is None else "yes" if public else "no",
        },
        name=one.maybe("ServiceName"), created=one.time("CreatedAt"), policy_known=True,
    )  # fmt: skip
    acts(context, saved, id, one.node("InstanceConfiguration").maybe("InstanceRoleArn"))
    acts(context, saved, id, source.node("AuthenticationConfiguration").maybe("AccessRoleArn"), "service_role")


# --- Batch ----------------------------------------------------------------------------------------------------------


@reads("batch.describe-job-definitions")
def _job_definitions(saved: Saved, context: Context) -> None:
    for one in saved.nodes("jobDefinitions"):
        id, containers = one.text("jobDefinitionArn"), _containers(one)
        pod = one.node("eksProperties").node("podProperties")
        account = pod.maybe("serviceAccountName")
        details: dict[str, Any] = {
            "status": one.maybe("status"), "type": one.maybe("type"),
            "platforms": one.texts("platformCapabilities"),
            "privileged": any(part.flag("privileged") for part in containers) or None,
            "service_account": account and f"{pod.node('metadata').maybe('namespace') or 'default'}/{account}",
        }  # fmt: skip
        describe(context, saved, id, details, policy_known=True)
        acts(context, saved, id, [part.maybe("jobRoleArn", "taskRoleArn") for part in containers])
        acts(context, saved, id, [part.maybe("executionRoleArn") for part in containers], "service_role")


def _containers(definition: Node) -> list[Node]:
    """Everything in a job definition that names roles, for one node or many, for Fargate, EC2 or ECS properties."""
    ranges = definition.node("nodeProperties").nodes("nodeRangeProperties")
    found = [definition.node("containerProperties"), *(one.node("container") for one in ranges)]
    for holder in (definition, *ranges):
        found += holder.node("ecsProperties").nodes("taskProperties")
    return [one for one in found if one]


@reads("batch.describe-compute-environments")
def _environments(saved: Saved, context: Context) -> None:
    for one in saved.nodes("computeEnvironments"):
        id, machines = one.text("computeEnvironmentArn"), one.node("computeResources")
        profile = machines.maybe("instanceRole")
        describe(
            context, saved, id,
            {
                "state": one.maybe("state"), "status": one.maybe("status"), "type": machines.maybe("type"),
                "cluster": one.maybe("ecsClusterArn") or one.node("eksConfiguration").maybe("eksClusterArn"),
                "security_groups": machines.texts("securityGroupIds"), "instance_profile": profile,
            },
            name=one.maybe("computeEnvironmentName"), policy_known=True,
        )  # fmt: skip
        acts(context, saved, id, (one.maybe("serviceRole"), machines.maybe("spotIamFleetRole")), "service_role")
        # Named like a role, but an instance profile; older environments give the name of a role.
        if profile and ":role/" not in profile:
            context.joined(Roles).profiles.append((id, profile, saved.name))
        elif profile:
            acts(context, saved, id, profile)
