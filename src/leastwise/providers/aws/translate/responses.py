"""Saved `aws … --output json` responses about one account → facts. One function a call, named after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from leastwise.errors import InputError

from .context import Context
from .resources import acl_public
from .saved import Saved

Translate = Callable[[Saved, Context], None]
RESPONSES: dict[str, Translate] = {}
_HARDWARE = re.compile(r"arn:[a-z-]+:iam::\d{12}:(?:mfa|u2f)/")


def _for(*calls: str) -> Callable[[Translate], Translate]:
    def register(function: Translate) -> Translate:
        RESPONSES.update(dict.fromkeys(calls, function))
        return function

    return register


def _tags(found: Any) -> list[tuple[str, str]] | None:
    """Tags in any of the shapes that AWS services use."""
    if isinstance(found, dict):
        return [(str(key), str(value)) for key, value in found.items()]
    if isinstance(found, list):
        return [(str(t.get("Key", t.get("key", ""))), str(t.get("Value", t.get("value", "")))) for t in found]
    return None


# --- IAM ------------------------------------------------------------------------------------------------------------


@_for("iam.list-access-keys")
def _access_keys(saved: Saved, context: Context) -> None:
    for key in saved.list("AccessKeyMetadata"):
        context.credential(
            saved.text("AccessKeyId", key), _user_arn(context, saved.text("UserName", key)), "access_key", saved.name,
            active=key.get("Status") == "Active", created=key.get("CreateDate"),
        )  # fmt: skip


@_for("iam.get-access-key-last-used")
def _key_used(saved: Saved, context: Context) -> None:
    used = saved.body.get("AccessKeyLastUsed") or {}
    context.credential(
        saved.subject(), _user_arn(context, saved.text("UserName")), "access_key", saved.name, last_used_known=True,
        last_used=used.get("LastUsedDate"), last_used_service=_given(used.get("ServiceName")),
        last_used_region=_given(used.get("Region")),
    )  # fmt: skip


@_for("iam.list-mfa-devices", "iam.list-virtual-mfa-devices")
def _mfa(saved: Saved, context: Context) -> None:
    virtual = saved.call.endswith("virtual-mfa-devices")
    for device in saved.list("VirtualMFADevices" if virtual else "MFADevices"):
        owner = device.get("User") or {}
        if virtual and not owner:
            continue
        arn = owner.get("Arn") or _user_arn(context, saved.text("UserName", device))
        serial = saved.text("SerialNumber", device)
        hardware = not virtual and (":u2f/" in serial or not _HARDWARE.match(serial))
        context.credential(
            serial, arn, "mfa", saved.name, active=True, created=device.get("EnableDate"), hardware=hardware
        )
        context.principal(arn, saved.name, mfa=True, mfa_hardware=hardware or None)


@_for("iam.get-login-profile")
def _login(saved: Saved, context: Context) -> None:
    profile = saved.body.get("LoginProfile") or {}
    arn = _user_arn(context, saved.text("UserName", profile))
    context.principal(arn, saved.name, console=True)
    context.credential(f"{arn}#password", arn, "password", saved.name, active=True, created=profile.get("CreateDate"))


@_for("iam.list-ssh-public-keys", "iam.list-service-specific-credentials", "iam.list-signing-certificates")
def _other_credentials(saved: Saved, context: Context) -> None:
    forms = (
        ("SSHPublicKeys", "SSHPublicKeyId", "ssh_key", "UploadDate"),
        ("ServiceSpecificCredentials", "ServiceSpecificCredentialId", "service_password", "CreateDate"),
        ("Certificates", "CertificateId", "signing_certificate", "UploadDate"),
    )
    for section, id, kind, created in forms:
        for one in saved.list(section):
            context.credential(
                saved.text(id, one), _user_arn(context, saved.text("UserName", one)), kind, saved.name,
                active=one.get("Status") == "Active", created=one.get(created),
            )  # fmt: skip


def _user_arn(context: Context, name: str) -> str:
    """The ARN of a user by name; users live under paths, so the exports of the account are asked first."""
    return context.user_arn(name)


def _given(value: Any) -> str | None:
    return None if value in (None, "N/A") else str(value)


# --- IoT: devices ---------------------------------------------------------------------------------------------------


@_for("iot.list-things")
def _things(saved: Saved, context: Context) -> None:
    for thing in saved.list("things"):
        context.principal(
            _thing(thing), saved.name, kind="device", native="thing", name=saved.text("thingName", thing),
            tags=_tags(thing.get("attributes")) or [],
        )  # fmt: skip
        context.things[saved.text("thingName", thing)] = _thing(thing)


def _thing(thing: dict[str, Any]) -> str:
    return str(thing.get("thingArn") or thing["thingName"])


@_for("iot.list-thing-principals", "iot.list-thing-principals-v2")
def _thing_principals(saved: Saved, context: Context) -> None:
    found = saved.body.get("principals") or [p.get("principal") for p in saved.list("thingPrincipalObjects")]
    for certificate in found:
        context.thing_certificates.append((saved.subject(), str(certificate), saved.name))


@_for("iot.list-attached-policies", "iot.list-principal-policies")
def _thing_policies(saved: Saved, context: Context) -> None:
    for policy in saved.list("policies"):
        context.device_policies.append((saved.subject(), saved.text("policyName", policy), saved.name))


@_for("iot.get-policy")
def _iot_policy(saved: Saved, context: Context) -> None:
    name, arn = saved.text("policyName"), str(saved.body.get("policyArn") or saved.text("policyName"))
    row = context.documents.intern_text(saved.text("policyDocument"))
    context.iot_policies[name] = (arn, row)
    context.facts.policies.add(
        id=arn, account=context.account, name=name, kind="iot", version=str(saved.body.get("defaultVersionId", "1")),
        default=True, document=row, created=saved.body.get("creationDate"), updated=saved.body.get("lastModifiedDate"),
        source=saved.name,
    )  # fmt: skip


@_for("iot.describe-role-alias")
def _role_alias(saved: Saved, context: Context) -> None:
    alias = saved.body.get("roleAliasDescription") or {}
    arn = saved.text("roleAliasArn", alias)
    context.resources.add(arn, saved.name, created=alias.get("creationDate"), principal=alias.get("roleArn"))
    context.link(arn, saved.text("roleArn", alias), "role_alias", saved.name)


@_for("iot.describe-certificate")
def _certificate(saved: Saved, context: Context) -> None:
    found = saved.body.get("certificateDescription") or {}
    validity = found.get("validity") or {}
    context.certificates[saved.text("certificateArn", found)] = {
        "active": found.get("status") == "ACTIVE",
        "created": found.get("creationDate"),
        "expires": validity.get("notAfter"),
    }


# --- functions, agents, trails, tables ------------------------------------------------------------------------------


@_for("lambda.list-functions")
def _functions(saved: Saved, context: Context) -> None:
    for one in saved.list("Functions"):
        arn, role = saved.text("FunctionArn", one), one.get("Role")
        details = [(key, str(one[key])) for key in ("Runtime", "LastModified", "PackageType") if key in one]
        context.resources.add(arn, saved.name, principal=role, details=details, created=None)
        if role:
            context.link(arn, role, "executes_as", saved.name)


@_for("lambda.get-policy")
def _function_policy(saved: Saved, context: Context) -> None:
    subject = saved.subject()
    policy = saved.text("Policy")
    named = re.search(rf"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{{12}}:function:{re.escape(subject)}", policy)
    if not subject.startswith("arn:") and named is None:
        raise InputError(saved.name, f"the policy names no ARN of function {subject}; name the file by the ARN")
    context.resources.policy(named[0] if named else subject, policy, saved.name)


@_for("bedrock-agent.get-agent")
def _agent(saved: Saved, context: Context) -> None:
    agent = saved.body.get("agent") or {}
    arn = saved.text("agentArn", agent)
    context.principal(
        arn, saved.name, kind="agent", native="bedrock_agent", name=saved.text("agentName", agent),
        created=agent.get("createdAt"), tags=[],
    )  # fmt: skip
    context.agents[saved.text("agentId", agent)] = arn
    if agent.get("agentResourceRoleArn"):
        context.link(arn, agent["agentResourceRoleArn"], "executes_as", saved.name)


@_for("bedrock-agent.get-agent-action-group")
def _action_group(saved: Saved, context: Context) -> None:
    group = saved.body.get("agentActionGroup") or {}
    function = (group.get("actionGroupExecutor") or {}).get("lambda")
    if function:
        context.agent_tools.append((saved.text("agentId", group), function, saved.name))


@_for("cloudtrail.describe-trails")
def _trails(saved: Saved, context: Context) -> None:
    for trail in saved.list("trailList"):
        details = [(key, str(value)) for key, value in trail.items() if isinstance(value, bool | str)]
        context.resources.add(
            saved.text("TrailARN", trail), saved.name, details=details, region=trail.get("HomeRegion")
        )


@_for("cloudtrail.get-event-selectors")
def _selectors(saved: Saved, context: Context) -> None:
    arn = saved.text("TrailARN")
    row = context.resources.add(arn, saved.name)
    selectors = {key: value for key, value in saved.body.items() if key != "TrailARN"}
    row["details"] = [*row.get("details", []), ("selectors", msgspec.json.encode(selectors, order="sorted").decode())]


@_for("dynamodb.describe-table")
def _table(saved: Saved, context: Context) -> None:
    found = saved.body.get("Table") or {}
    context.resources.add(saved.text("TableArn", found), saved.name, created=found.get("CreationDateTime"))


@_for("kms.get-key-policy", "sqs.get-queue-attributes", "sns.get-topic-attributes", "secretsmanager.get-resource-policy",
      "dynamodb.get-resource-policy", "ecr.get-repository-policy")  # fmt: skip
def _resource_policy(saved: Saved, context: Context) -> None:
    found = saved.body.get("Attributes") or saved.body
    policy = found.get("Policy") or found.get("ResourcePolicy") or found.get("policyText")
    arn = found.get("QueueArn") or found.get("TopicArn") or found.get("ARN") or saved.subject()
    context.resources.policy(str(arn), policy, saved.name)


# --- S3 -------------------------------------------------------------------------------------------------------------


def _bucket(saved: Saved) -> str:
    subject = saved.subject()
    return subject if subject.startswith("arn:") else f"arn:aws:s3:::{subject}"


@_for("s3api.list-buckets")
def _buckets(saved: Saved, context: Context) -> None:
    for bucket in saved.list("Buckets"):
        context.resources.add(
            f"arn:aws:s3:::{saved.text('Name', bucket)}", saved.name, created=bucket.get("CreationDate"),
            region=bucket.get("BucketRegion"),
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
    if saved.subject().startswith("arn:"):
        context.resources.policy(saved.subject(), None, saved.name)


@_for("s3api.get-public-access-block")
def _bucket_block(saved: Saved, context: Context) -> None:
    arn = _bucket(saved)
    context.resources.add(arn, saved.name)
    context.resources.blocks[arn] = saved.body.get("PublicAccessBlockConfiguration") or {}


@_for("s3control.get-public-access-block")
def _account_block(saved: Saved, context: Context) -> None:
    context.resources.account_block = saved.body.get("PublicAccessBlockConfiguration") or {}
    context.resources.account_block_known = True


@_for("s3api.get-bucket-acl")
def _bucket_acl(saved: Saved, context: Context) -> None:
    context.resources.add(_bucket(saved), saved.name, acl_public=acl_public(saved.list("Grants")))


@_for("s3api.get-bucket-tagging")
def _bucket_tags(saved: Saved, context: Context) -> None:
    context.resources.add(_bucket(saved), saved.name, tags=_tags(saved.body.get("TagSet")))


@_for("s3api.get-bucket-location")
def _bucket_region(saved: Saved, context: Context) -> None:
    context.resources.add(_bucket(saved), saved.name, region=saved.body.get("LocationConstraint") or "us-east-1")
