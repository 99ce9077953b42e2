"""Builds, stacks, jobs, state machines, schedules and machines outside AWS, and the roles they act as."""

from __future__ import annotations

from .acting import acts, describe, place
from .context import Context
from .registry import reads
from .saved import Saved


@reads("codebuild.batch-get-projects")
def _projects(saved: Saved, context: Context) -> None:
    """The role of public builds only shows their logs and artifacts; that of batch builds starts builds."""
    for one in saved.nodes("projects"):
        id, environment = one.text("arn"), one.node("environment")
        describe(
            context, saved, id,
            {
                "visibility": one.maybe("projectVisibility"), "source": one.node("source").maybe("type"),
                "environment": environment.maybe("type"), "privileged": environment.flag("privilegedMode"),
                "variables": [part.text("name") for part in environment.nodes("environmentVariables")],
                "vpc": one.node("vpcConfig").maybe("vpcId"),
                "security_groups": one.node("vpcConfig").texts("securityGroupIds"),
            },
            name=one.maybe("name"), created=one.time("created"), tags=one.tags("tags"),
        )  # fmt: skip
        acts(context, saved, id, one.maybe("serviceRole"))
        others = one.maybe("resourceAccessRole"), one.node("buildBatchConfig").maybe("serviceRole")
        acts(context, saved, id, others, "service_role")


@reads("cloudformation.describe-stacks")
def _stacks(saved: Saved, context: Context) -> None:
    """Whoever may update a stack acts with the stack's role."""
    for one in saved.nodes("Stacks"):
        id = one.text("StackId")
        describe(
            context, saved, id,
            {
                "status": one.maybe("StackStatus"), "capabilities": one.texts("Capabilities"),
                "parent": one.maybe("ParentId"), "root": one.maybe("RootId"),
            },
            name=one.maybe("StackName"), created=one.time("CreationTime"), policy_known=True,
        )  # fmt: skip
        acts(context, saved, id, one.maybe("RoleARN"))


@reads("glue.get-jobs", "glue.get-crawlers")
def _glue(saved: Saved, context: Context) -> None:
    """Roles are given by name or by ARN."""
    for section, kind in (("Jobs", "job"), ("Crawlers", "crawler")):
        for one in saved.nodes(section):
            name = one.text("Name")
            id = place(context, saved, "glue", f"{kind}/{name}")
            describe(
                context, saved, id, {"state": one.maybe("State")}, kind=f"glue:{kind}", name=name, policy_known=True,
                created=one.time("CreatedOn") or one.time("CreationTime"), region=saved.region or None,
            )  # fmt: skip
            acts(context, saved, id, one.maybe("Role"))


@reads("stepfunctions.describe-state-machine")
def _state_machine(saved: Saved, context: Context) -> None:
    id = saved.text("stateMachineArn")
    describe(
        context, saved, id, {"status": saved.maybe("status"), "type": saved.maybe("type")}, name=saved.maybe("name"),
        created=saved.time("creationDate"), policy_known=True,
    )  # fmt: skip
    acts(context, saved, id, saved.maybe("roleArn"))


@reads("scheduler.get-schedule")
def _schedule(saved: Saved, context: Context) -> None:
    id, target = saved.text("Arn"), saved.node("Target")
    describe(
        context, saved, id,
        {
            "state": saved.maybe("State"), "schedule": saved.maybe("ScheduleExpression"),
            "group": saved.maybe("GroupName"), "target": target.maybe("Arn"),
        },
        name=saved.maybe("Name"), created=saved.time("CreationDate"), policy_known=True,
    )  # fmt: skip
    acts(context, saved, id, target.maybe("RoleArn"))
    for started in (target.maybe("Arn"), target.node("EcsParameters").maybe("TaskDefinitionArn")):
        if started:
            context.link(id, started, "invokes", saved.name)


@reads("ssm.describe-activations")
def _activations(saved: Saved, context: Context) -> None:
    """Machines outside AWS that registered with an activation run as its role, also after it has expired."""
    for one in saved.nodes("ActivationList"):
        number = one.text("ActivationId")
        id = place(context, saved, "ssm", f"activation/{number}")
        describe(
            context, saved, id,
            {
                "expired": one.flag("Expired"), "registered": one.raw("RegistrationsCount"),
                "registration_limit": one.raw("RegistrationLimit"), "expires": one.raw("ExpirationDate"),
            },
            kind="ssm:activation", name=number, created=one.time("CreatedDate"), policy_known=True,
            region=saved.region or None,
        )  # fmt: skip
        acts(context, saved, id, one.maybe("IamRole"))
