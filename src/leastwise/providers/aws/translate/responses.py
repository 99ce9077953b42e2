"""Saved `aws … --output json` responses about one account → facts. One function a call, named after it."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from .context import Context
from .resources import acl_public
from .saved import Saved
from .shapes import Node

Translate = Callable[[Saved, Context], None]
RESPONSES: dict[str, Translate] = {}
_HARDWARE = re.compile(r"arn:[a-z-]+:iam::\d{12}:(?:mfa|u2f)/")


def _for(*calls: str) -> Callable[[Translate], Translate]:
    def register(function: Translate) -> Translate:
        RESPONSES.update(dict.fromkeys(calls, function))
        return function

    return register


# --- IAM ------------------------------------------------------------------------------------------------------------


@_for("iam.list-access-keys")
def _access_keys(saved: Saved, context: Context) -> None:
    for key in saved.nodes("AccessKeyMetadata"):
        context.credential(
            key.text("AccessKeyId"), context.user_arn(key.text("UserName")), "access_key", saved.name,
            active=key.maybe("Status") == "Active", created=key.time("CreateDate"),
        )  # fmt: skip


@_for("iam.get-access-key-last-used")
def _key_used(saved: Saved, context: Context) -> None:
    used = saved.node("AccessKeyLastUsed")
    context.credential(
        saved.subject(), context.user_arn(saved.text("UserName")), "access_key", saved.name, last_used_known=True,
        last_used=used.time("LastUsedDate"), last_used_service=_given(used.maybe("ServiceName")),
        last_used_region=_given(used.maybe("Region")),
    )  # fmt: skip


@_for("iam.list-mfa-devices", "iam.list-virtual-mfa-devices")
def _mfa(saved: Saved, context: Context) -> None:
    virtual = saved.call.endswith("virtual-mfa-devices")
    for device in saved.nodes("VirtualMFADevices" if virtual else "MFADevices"):
        owner = device.node("User")
        if virtual and not owner:
            continue
        arn = owner.maybe("Arn") or context.user_arn(device.text("UserName"))
        serial = device.text("SerialNumber")
        hardware = not virtual and (":u2f/" in serial or not _HARDWARE.match(serial))
        context.credential(
            serial, arn, "mfa", saved.name, active=True, created=device.time("EnableDate"), hardware=hardware
        )
        context.principal(arn, saved.name, mfa=True, mfa_hardware=hardware or None)


@_for("iam.get-login-profile")
def _login(saved: Saved, context: Context) -> None:
    profile = saved.node("LoginProfile")
    arn = context.user_arn(profile.text("UserName"))
    context.principal(arn, saved.name, console=True)
    context.credential(f"{arn}#password", arn, "password", saved.name, active=True, created=profile.time("CreateDate"))


@_for("iam.list-ssh-public-keys", "iam.list-service-specific-credentials", "iam.list-signing-certificates")
def _other_credentials(saved: Saved, context: Context) -> None:
    forms = (
        ("SSHPublicKeys", "SSHPublicKeyId", "ssh_key", "UploadDate"),
        ("ServiceSpecificCredentials", "ServiceSpecificCredentialId", "service_password", "CreateDate"),
        ("Certificates", "CertificateId", "signing_certificate", "UploadDate"),
    )
    for section, id, kind, created in forms:
        for one in saved.nodes(section):
            context.credential(
                one.text(id), context.user_arn(one.text("UserName")), kind, saved.name,
                active=one.maybe("Status") == "Active", created=one.time(created),
            )  # fmt: skip


def _given(value: str | None) -> str | None:
    return None if value == "N/A" else value


# --- IoT: devices ---------------------------------------------------------------------------------------------------


@_for("iot.list-things")
def _things(saved: Saved, context: Context) -> None:
    for thing in saved.nodes("things"):
        context.principal(
            _thing(thing), saved.name, kind="device", native="thing", name=thing.text("thingName"),
            tags=thing.tags("attributes") or [],
        )  # fmt: skip
        context.things[thing.text("thingName")] = _thing(thing)


def _thing(thing: Node) -> str:
    return thing.maybe("thingArn") or thing.text("thingName")


@_for("iot.list-thing-principals", "iot.list-thing-principals-v2")
def _thing_principals(saved: Saved, context: Context) -> None:
    found = saved.texts("principals") or [one.text("principal") for one in saved.nodes("thingPrincipalObjects")]
    for certificate in found:
        context.thing_certificates.append((saved.subject(), certificate, saved.name))


@_for("iot.list-attached-policies", "iot.list-principal-policies")
def _thing_policies(saved: Saved, context: Context) -> None:
    for policy in saved.nodes("policies"):
        context.device_policies.append((saved.subject(), policy.text("policyName"), saved.name))


@_for("iot.get-policy")
def _iot_policy(saved: Saved, context: Context) -> None:
    name, arn = saved.text("policyName"), saved.maybe("policyArn") or saved.text("policyName")
    row = context.documents.intern_text(saved.text("policyDocument"))
    context.iot_policies[name] = (arn, row)
    context.facts.policies.add(
        id=arn, account=context.account, name=name, kind="iot", version=saved.maybe("defaultVersionId") or "1",
        default=True, document=row, created=saved.time("creationDate"), updated=saved.time("lastModifiedDate"),
        source=saved.name,
    )  # fmt: skip


@_for("iot.describe-role-alias")
def _role_alias(saved: Saved, context: Context) -> None:
    alias = saved.node("roleAliasDescription")
    arn = alias.text("roleAliasArn")
    context.resources.add(arn, saved.name, created=alias.time("creationDate"), principal=alias.maybe("roleArn"))
    context.link(arn, alias.text("roleArn"), "role_alias", saved.name)


@_for("iot.describe-certificate")
def _certificate(saved: Saved, context: Context) -> None:
    found = saved.node("certificateDescription")
    validity = found.node("validity")
    context.certificates[found.text("certificateArn")] = {
        "active": found.maybe("status") == "ACTIVE",
        "created": found.time("creationDate"),
        "expires": validity.time("notAfter"),
    }


# --- functions, agents, trails, tables ------------------------------------------------------------------------------


@_for("lambda.list-functions")
def _functions(saved: Saved, context: Context) -> None:
    for one in saved.nodes("Functions"):
        arn, role = one.text("FunctionArn"), one.maybe("Role")
        details = [(key, value) for key in ("Runtime", "LastModified", "PackageType") if (value := one.maybe(key))]
        context.resources.add(arn, saved.name, principal=role, details=details, created=None)
        if role:
            context.link(arn, role, "executes_as", saved.name)


@_for("lambda.get-policy")
def _function_policy(saved: Saved, context: Context) -> None:
    subject = saved.subject()
    policy = saved.text("Policy")
    if subject.startswith("arn:"):
        context.resources.policy(subject, policy, saved.name)
    else:
        context.function_policies.append((subject, policy, saved.name))


@_for("bedrock-agent.get-agent")
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


@_for("bedrock-agent.get-agent-action-group")
def _action_group(saved: Saved, context: Context) -> None:
    group = saved.node("agentActionGroup")
    function = group.node("actionGroupExecutor").maybe("lambda")
    if function:
        context.agent_tools.append((group.text("agentId"), function, saved.name))


@_for("cloudtrail.describe-trails")
def _trails(saved: Saved, context: Context) -> None:
    for trail in saved.nodes("trailList"):
        details = [(key, str(value)) for key, value in trail.value.items() if isinstance(value, bool | str)]
        context.resources.add(trail.text("TrailARN"), saved.name, details=details, region=trail.maybe("HomeRegion"))


@_for("cloudtrail.get-event-selectors")
def _selectors(saved: Saved, context: Context) -> None:
    arn = saved.text("TrailARN")
    row = context.resources.add(arn, saved.name)
    selectors = {key: value for key, value in saved.value.items() if key != "TrailARN"}
    row["details"] = [*row.get("details", ()), ("selectors", msgspec.json.encode(selectors, order="sorted").decode())]


@_for("dynamodb.describe-table")
def _table(saved: Saved, context: Context) -> None:
    found = saved.node("Table")
    context.resources.add(found.text("TableArn"), saved.name, created=found.time("CreationDateTime"))


@_for(
    "kms.get-key-policy",
    "sqs.get-queue-attributes",
    "sns.get-topic-attributes",
    "secretsmanager.get-resource-policy",
    "dynamodb.get-resource-policy",
    "ecr.get-repository-policy",
)
def _resource_policy(saved: Saved, context: Context) -> None:
    found = saved.node("Attributes") or saved
    policy = found.raw("Policy") or found.raw("ResourcePolicy") or found.raw("policyText")
    arn = found.maybe("QueueArn", "TopicArn", "ARN") or saved.subject()
    context.resources.policy(arn, policy, saved.name)


# --- schedules ------------------------------------------------------------------------------------------------------


@_for("events.list-rules")
def _rules(saved: Saved, context: Context) -> None:
    for rule in saved.nodes("Rules"):
        keys = ("ScheduleExpression", "EventPattern", "State", "EventBusName", "Description")
        arn, role = rule.text("Arn"), rule.maybe("RoleArn")
        details = [(key, value) for key in keys if (value := rule.maybe(key))]
        name = rule.text("Name")
        context.resources.add(arn, saved.name, kind="events:rule", name=name, details=details, principal=role)
        context.rules.setdefault(name, arn)
        if role:
            context.link(arn, role, "executes_as", saved.name)


@_for("events.list-targets-by-rule")
def _targets(saved: Saved, context: Context) -> None:
    for target in saved.nodes("Targets"):
        context.rule_targets.append((saved.subject(), target.text("Arn"), target.maybe("RoleArn"), saved.name))


# --- S3 -------------------------------------------------------------------------------------------------------------


def _bucket(saved: Saved) -> str:
    subject = saved.subject()
    return subject if subject.startswith("arn:") else f"arn:aws:s3:::{subject}"


@_for("s3api.list-buckets")
def _buckets(saved: Saved, context: Context) -> None:
    for bucket in saved.nodes("Buckets"):
        context.resources.add(
            f"arn:aws:s3:::{bucket.text('Name')}", saved.name, created=bucket.time("CreationDate"),
            region=bucket.maybe("BucketRegion"),
        )  # fmt: skip


@_for("s3api.get-bucket-policy")
def _bucket_policy(saved: Saved, context: Context) -> None:
    context.resources.policy(_bucket(saved), saved.text("Policy"), saved.name)


@_for("s3api.get-bucket-policy!NoSuchBucketPolicy")
def _no_bucket_policy(saved: Saved, context: Context) -> None:
    context.resources.policy(_bucket(saved), None, saved.name)


@_for("s3api.get-public-access-block!NoSuchPublicAccessBlockConfiguration")
def _no_bucket_block(saved: Saved, context: Context) -> None:
    arn = _bucket(saved)
    context.resources.add(arn, saved.name)
    context.resources.blocks[arn] = {}


@_for("s3control.get-public-access-block!NoSuchPublicAccessBlockConfiguration")
def _no_account_block(saved: Saved, context: Context) -> None:
    context.resources.account_block_known = True


@_for("lambda.get-policy!ResourceNotFoundException")
def _no_function_policy(saved: Saved, context: Context) -> None:
    context.function_policies.append((saved.subject(), None, saved.name))


@_for("s3api.get-public-access-block")
def _bucket_block(saved: Saved, context: Context) -> None:
    arn = _bucket(saved)
    context.resources.add(arn, saved.name)
    context.resources.blocks[arn] = saved.node("PublicAccessBlockConfiguration").value


@_for("s3control.get-public-access-block")
def _account_block(saved: Saved, context: Context) -> None:
    context.resources.account_block = saved.node("PublicAccessBlockConfiguration").value
    context.resources.account_block_known = True


@_for("s3api.get-bucket-acl")
def _bucket_acl(saved: Saved, context: Context) -> None:
    context.resources.add(_bucket(saved), saved.name, acl_public=acl_public(saved.nodes("Grants")))


@_for("s3api.get-bucket-tagging")
def _bucket_tags(saved: Saved, context: Context) -> None:
    context.resources.add(_bucket(saved), saved.name, tags=saved.tags("TagSet"))


@_for("s3api.get-bucket-location")
def _bucket_region(saved: Saved, context: Context) -> None:
    context.resources.add(_bucket(saved), saved.name, region=saved.maybe("LocationConstraint") or "us-east-1")
