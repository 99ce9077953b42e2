"""Saved `aws … --output json` responses about one account → facts. One function a call, named after it."""

from __future__ import annotations

import msgspec

from .acting import acts, describe, place
from .context import Context
from .names import region_of
from .registry import reads
from .saved import Saved
from .shapes import Node

# --- IoT: devices ---------------------------------------------------------------------------------------------------


@reads("iot.list-things")
def _things(saved: Saved, context: Context) -> None:
    for thing in saved.nodes("things"):
        context.principal(
            _thing(thing), saved.name, kind="device", native="thing", name=thing.text("thingName"),
            tags=thing.tags("attributes") or [],
        )  # fmt: skip
        context.things.put(region_of(_thing(thing)) or saved.region, thing.text("thingName"), _thing(thing))


def _thing(thing: Node) -> str:
    return thing.maybe("thingArn") or thing.text("thingName")


@reads("iot.list-thing-principals", "iot.list-thing-principals-v2")
def _thing_principals(saved: Saved, context: Context) -> None:
    found = saved.texts("principals") or [one.text("principal") for one in saved.nodes("thingPrincipalObjects")]
    for principal in found:
        context.thing_principals.append((region_of(principal) or saved.region, saved.subject(), principal, saved.name))


@reads("iot.list-attached-policies", "iot.list-principal-policies")
def _thing_policies(saved: Saved, context: Context) -> None:
    for policy in saved.nodes("policies"):
        region = region_of(policy.maybe("policyArn") or "") or region_of(saved.subject()) or saved.region
        context.device_policies.append((region, saved.subject(), policy.text("policyName"), saved.name))


@reads("iot.get-policy")
def _iot_policy(saved: Saved, context: Context) -> None:
    name, arn = saved.text("policyName"), saved.maybe("policyArn") or saved.text("policyName")
    row = context.documents.intern_text(saved.text("policyDocument"))
    context.iot_policies.put(region_of(arn) or saved.region, name, (arn, row))
    context.facts.policies.add(
        id=arn, account=context.account, name=name, kind="iot", version=saved.maybe("defaultVersionId") or "1",
        default=True, document=row, created=saved.time("creationDate"), updated=saved.time("lastModifiedDate"),
        source=saved.name,
    )  # fmt: skip


@reads("iot.describe-role-alias")
def _role_alias(saved: Saved, context: Context) -> None:
    alias = saved.node("roleAliasDescription")
    arn = alias.text("roleAliasArn")
    context.resources.add(arn, saved.name, created=alias.time("creationDate"), principal=alias.maybe("roleArn"))
    context.link(arn, alias.text("roleArn"), "role_alias", saved.name)


@reads("iot.describe-certificate")
def _certificate(saved: Saved, context: Context) -> None:
    found = saved.node("certificateDescription")
    validity = found.node("validity")
    context.certificates[found.text("certificateArn")] = {
        "active": found.maybe("status") == "ACTIVE",
        "created": found.time("creationDate"),
        "expires": validity.time("notAfter"),
    }


# --- functions, agents, trails, tables ------------------------------------------------------------------------------


@reads("lambda.list-functions")
def _functions(saved: Saved, context: Context) -> None:
    for one in saved.nodes("Functions"):
        arn, role = one.text("FunctionArn"), one.maybe("Role")
        vpc, layers = one.node("VpcConfig"), [layer.text("Arn") for layer in one.nodes("Layers")]
        details = {key: one.maybe(key) for key in ("Runtime", "LastModified", "PackageType")}
        more = {"layers": layers, "vpc": vpc.maybe("VpcId"), "security_groups": vpc.texts("SecurityGroupIds")}
        describe(context, saved, arn, {**details, **more}, principal=role)
        if role:
            context.link(arn, role, "executes_as", saved.name)


@reads("lambda.get-policy")
def _function_policy(saved: Saved, context: Context) -> None:
    subject = saved.subject()
    policy = saved.text("Policy")
    if subject.startswith("arn:"):
        context.resources.policy(subject, policy, saved.name, saved.call)
    else:
        context.function_policies.append((saved.region, subject, policy, saved.name))


@reads("bedrock-agent.get-agent")
def _agent(saved: Saved, context: Context) -> None:
    agent = saved.node("agent")
    arn = agent.text("agentArn")
    context.principal(
        arn, saved.name, kind="agent", native="bedrock_agent", name=agent.text("agentName"),
        created=agent.time("createdAt"), tags=[],
    )  # fmt: skip
    context.agents[agent.text("agentId")] = arn
    role = agent.maybe("agentResourceRoleArn")
    if role:
        context.link(arn, role, "executes_as", saved.name)
    function = agent.node("customOrchestration").node("executor").maybe("lambda")
    if function:
        context.link(arn, function, "invokes", saved.name)


@reads("bedrock-agent.get-agent-action-group")
def _action_group(saved: Saved, context: Context) -> None:
    group = saved.node("agentActionGroup")
    function = group.node("actionGroupExecutor").maybe("lambda")
    if function:
        context.agent_tools.append((saved.region, group.text("agentId"), function, saved.name))


@reads("cloudtrail.describe-trails")
def _trails(saved: Saved, context: Context) -> None:
    for trail in saved.nodes("trailList"):
        details = [(key, str(value)) for key, value in trail.value.items() if isinstance(value, bool | str)]
        id = trail.text("TrailARN")
        describe(context, saved, id, dict(details), region=trail.maybe("HomeRegion"))
        acts(context, saved, id, trail.maybe("CloudWatchLogsRoleArn"), "service_role")


@reads("cloudtrail.get-event-selectors")
def _selectors(saved: Saved, context: Context) -> None:
    arn = saved.text("TrailARN")
    row = context.resources.add(arn, saved.name)
    selectors = {key: value for key, value in saved.value.items() if key != "TrailARN"}
    row["details"] = [*row.get("details", ()), ("selectors", msgspec.json.encode(selectors, order="sorted").decode())]


@reads("dynamodb.describe-table")
def _table(saved: Saved, context: Context) -> None:
    found = saved.node("Table")
    id, stream = found.text("TableArn"), found.maybe("LatestStreamArn")
    key = found.node("SSEDescription").maybe("KMSMasterKeyArn")
    describe(context, saved, id, {"key": key}, created=found.time("CreationDateTime"))
    if stream and found.node("StreamSpecification").flag("StreamEnabled"):
        context.resources.add(stream, saved.name, kind="dynamodb:stream")


@reads(
    "kms.get-key-policy",
    "sqs.get-queue-attributes",
    "sns.get-topic-attributes",
    "secretsmanager.get-resource-policy",
    "dynamodb.get-resource-policy",
)
def _resource_policy(saved: Saved, context: Context) -> None:
    found = saved.node("Attributes") or saved
    policy = found.raw("Policy") or found.raw("ResourcePolicy")
    arn = found.maybe("QueueArn", "TopicArn", "ARN") or saved.subject()
    context.resources.policy(arn, policy, saved.name, saved.call)


# --- schedules ------------------------------------------------------------------------------------------------------


@reads("events.list-rules")
def _rules(saved: Saved, context: Context) -> None:
    for rule in saved.nodes("Rules"):
        keys = ("ScheduleExpression", "EventPattern", "State", "EventBusName", "Description")
        arn, role = rule.text("Arn"), rule.maybe("RoleArn")
        name = rule.text("Name")
        details = {key: rule.maybe(key) for key in keys}
        describe(context, saved, arn, details, kind="events:rule", name=name, principal=role)
        context.rules.put(region_of(arn) or saved.region, name, arn)
        if role:
            context.link(arn, role, "executes_as", saved.name)


@reads("events.list-targets-by-rule")
def _targets(saved: Saved, context: Context) -> None:
    """A rule is asked about by its name and its bus, or by its ARN; a target that starts a task names a cluster."""
    rule, bus = saved.subject(), saved.subjects[1] if len(saved.subjects) > 1 else ""
    if bus and saved.region and not rule.startswith("arn:"):
        bus = bus.rpartition("event-bus/")[2]
        rule = place(context, saved, "events", f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}")
    for target in saved.nodes("Targets"):
        started = target.text("Arn"), target.node("EcsParameters").maybe("TaskDefinitionArn")
        for arn in started:
            if arn:
                context.rule_targets.append((saved.region, rule, arn, target.maybe("RoleArn"), saved.name))


# --- S3 -------------------------------------------------------------------------------------------------------------


def _bucket(saved: Saved, context: Context) -> str:
    subject = saved.subject()
    return subject if subject.startswith("arn:") else context.arn("s3", subject, account="")


@reads("s3api.list-buckets")
def _buckets(saved: Saved, context: Context) -> None:
    for bucket in saved.nodes("Buckets"):
        context.resources.add(
            context.arn("s3", bucket.text("Name"), account=""), saved.name, created=bucket.time("CreationDate"),
            region=bucket.maybe("BucketRegion"),
        )  # fmt: skip


@reads("s3api.get-bucket-policy")
def _bucket_policy(saved: Saved, context: Context) -> None:
    context.resources.policy(_bucket(saved, context), saved.text("Policy"), saved.name, saved.call)


@reads("s3api.get-bucket-policy!NoSuchBucketPolicy")
def _no_bucket_policy(saved: Saved, context: Context) -> None:
    context.resources.policy(_bucket(saved, context), None, saved.name)


@reads("s3api.get-public-access-block!NoSuchPublicAccessBlockConfiguration")
def _no_bucket_block(saved: Saved, context: Context) -> None:
    arn = _bucket(saved, context)
    context.resources.add(arn, saved.name)
    context.resources.blocks[arn] = {}


@reads("s3control.get-public-access-block!NoSuchPublicAccessBlockConfiguration")
def _no_account_block(saved: Saved, context: Context) -> None:
    context.resources.account_block_known = True


@reads("lambda.get-policy!ResourceNotFoundException")
def _no_function_policy(saved: Saved, context: Context) -> None:
    context.function_policies.append((saved.region, saved.subject(), None, saved.name))


@reads("s3api.get-public-access-block")
def _bucket_block(saved: Saved, context: Context) -> None:
    arn = _bucket(saved, context)
    context.resources.add(arn, saved.name)
    context.resources.blocks[arn] = saved.node("PublicAccessBlockConfiguration").value


@reads("s3control.get-public-access-block")
def _account_block(saved: Saved, context: Context) -> None:
    context.resources.account_block = saved.node("PublicAccessBlockConfiguration").value
    context.resources.account_block_known = True


@reads("s3api.get-bucket-acl")
def _bucket_acl(saved: Saved, context: Context) -> None:
    owner = saved.node("Owner").maybe("ID")
    context.resources.access_list(_bucket(saved, context), saved.name, saved.nodes("Grants"), owner)


@reads("s3api.get-bucket-ownership-controls")
def _ownership(saved: Saved, context: Context) -> None:
    arn = _bucket(saved, context)
    for rule in saved.node("OwnershipControls").nodes("Rules"):
        describe(context, saved, arn, {"object_ownership": rule.maybe("ObjectOwnership")})
        if rule.maybe("ObjectOwnership") == "BucketOwnerEnforced":
            context.resources.without_lists.add(arn)


@reads("s3api.get-bucket-ownership-controls!OwnershipControlsNotFoundError")
def _no_ownership(saved: Saved, context: Context) -> None:
    """A bucket that nobody set them for is as old as its lists: whoever writes an object owns it."""
    describe(context, saved, _bucket(saved, context), {"object_ownership": "ObjectWriter"})


@reads("s3api.get-bucket-tagging")
def _bucket_tags(saved: Saved, context: Context) -> None:
    context.resources.add(_bucket(saved, context), saved.name, tags=saved.tags("TagSet"))


@reads("s3api.get-bucket-location")
def _bucket_region(saved: Saved, context: Context) -> None:
    context.resources.add(_bucket(saved, context), saved.name, region=saved.maybe("LocationConstraint") or "us-east-1")
