"""Resource policies of what else can be opened to others: APIs, registries, file systems, search domains, vaults, mail.

A service that says "there is no policy" (`!ErrorCode`) is believed; an answer that was not collected leaves it unknown.
"""

from __future__ import annotations

import msgspec

from .acting import acts, describe, place
from .context import Context
from .registry import reads
from .saved import Saved

# --- API Gateway ----------------------------------------------------------------------------------------------------


@reads("apigateway.get-account")
def _api_account(saved: Saved, context: Context) -> None:
    role = saved.maybe("cloudwatchRoleArn")
    if role:
        id = context.arn("apigateway", "/account", saved.region, account="")
        describe(context, saved, id, kind="apigateway:account", name="account", policy_known=True)
        acts(context, saved, id, role, "service_role")


@reads("apigateway.get-rest-apis")
def _rest_apis(saved: Saved, context: Context) -> None:
    """An API is called by the ARN that execute-api gives it. Authorizers are not read: reachable is not open.

    Without its own host name an API may still have a custom one, which is not read either.
    """
    for one in saved.nodes("items"):
        number, endpoint = one.text("id"), one.node("endpointConfiguration")
        id, kinds = place(context, saved, "execute-api", number), endpoint.texts("types")
        private = bool(kinds) and set(kinds) == {"PRIVATE"}
        off = one.flag("disableExecuteApiEndpoint")
        describe(
            context, saved, id,
            {
                "endpoints": kinds, "own_host_disabled": off, "vpc_endpoints": endpoint.texts("vpcEndpointIds"),
                "internet_direct": "no" if private else "unknown" if off or not kinds else "yes",
            },
            kind="apigateway:restapi", name=one.maybe("name") or number, created=one.time("createdDate"),
            tags=one.tags("tags"), region=saved.region or None,
        )  # fmt: skip
        policy = one.raw("policy")
        context.resources.policy(id, _unescaped(policy) if isinstance(policy, str) else policy, saved.name, saved.call)


def _unescaped(policy: str) -> str | None:
    """The policy as a document: the service gives it with every quotation mark escaped."""
    if not policy:
        return None
    if policy.lstrip().startswith('{\\"'):
        try:
            found = msgspec.json.decode(f'"{policy}"', type=str)
        except (msgspec.DecodeError, UnicodeEncodeError):
            return policy
        return found
    return policy


@reads("apigatewayv2.get-apis")
def _http_apis(saved: Saved, context: Context) -> None:
    """HTTP and WebSocket APIs have no resource policy, and always a public endpoint unless it is disabled."""
    for one in saved.nodes("Items"):
        number, off = one.text("ApiId"), one.flag("DisableExecuteApiEndpoint")
        describe(
            context, saved, place(context, saved, "execute-api", number),
            {
                "protocol": one.maybe("ProtocolType"), "url": one.maybe("ApiEndpoint"), "own_host_disabled": off,
                "internet_direct": "unknown" if off else "yes",
            },
            kind="apigateway:api", name=one.maybe("Name") or number, created=one.time("CreatedDate"),
            tags=one.tags("Tags"), policy_known=True, region=saved.region or None,
        )  # fmt: skip


# --- registries and catalogues --------------------------------------------------------------------------------------


@reads("ecr.describe-repositories")
def _repositories(saved: Saved, context: Context) -> None:
    for one in saved.nodes("repositories"):
        context.resources.add(one.text("repositoryArn"), saved.name, created=one.time("createdAt"))


@reads("ecr.get-repository-policy", "ecr.get-repository-policy!RepositoryPolicyNotFoundException")
def _repository_policy(saved: Saved, context: Context) -> None:
    """Asked by name; a file may be named by the repository's ARN."""
    given = saved.maybe("repositoryName") or saved.subject()
    about = saved.subjects[0] if saved.subjects else given
    id = about if about.startswith("arn:") else place(context, saved, "ecr", f"repository/{given}")
    context.resources.policy(id, saved.raw("policyText"), saved.name, saved.call)


@reads("ecr.get-registry-policy", "ecr.get-registry-policy!RegistryPolicyNotFoundException")
def _registry(saved: Saved, context: Context) -> None:
    """Not a resource with an ARN of its own; `…:repository/*`, on which its policy acts."""
    id = place(context, saved, "ecr", "repository/*")
    describe(context, saved, id, kind="ecr:registry", name="registry", region=saved.region or None)
    context.resources.policy(id, saved.raw("policyText"), saved.name, saved.call)


@reads("glue.get-resource-policies")
def _catalog(saved: Saved, context: Context) -> None:
    """The catalog's policy, and those that sharing with other accounts made; all hold together."""
    id = place(context, saved, "glue", "catalog")
    describe(context, saved, id, kind="glue:catalog", name="catalog", policy_known=True, region=saved.region or None)
    for index, one in enumerate(saved.nodes("GetResourcePoliciesResponseList")):
        context.resources.named_policy(id, f"resource policy {index + 1}", one.text("PolicyInJson"), saved.name)


# --- storage, search, backup ----------------------------------------------------------------------------------------


@reads("efs.describe-file-systems")
def _file_systems(saved: Saved, context: Context) -> None:
    for one in saved.nodes("FileSystems"):
        number = one.text("FileSystemId")
        id = one.maybe("FileSystemArn") or place(context, saved, "elasticfilesystem", f"file-system/{number}")
        context.resources.add(
            id, saved.name, name=one.maybe("Name"), created=one.time("CreationTime"), tags=one.tags("Tags")
        )


@reads("efs.describe-file-system-policy", "efs.describe-file-system-policy!PolicyNotFound")
def _file_system_policy(saved: Saved, context: Context) -> None:
    number = saved.maybe("FileSystemId") or saved.subject()
    id = number if number.startswith("arn:") else place(context, saved, "elasticfilesystem", f"file-system/{number}")
    context.resources.policy(id, saved.raw("Policy"), saved.name, saved.call)


@reads("opensearch.describe-domains")
def _search_domains(saved: Saved, context: Context) -> None:
    for one in saved.nodes("DomainStatusList"):
        id, vpc, security = one.text("ARN"), one.node("VPCOptions"), one.node("AdvancedSecurityOptions")
        cognito = one.node("CognitoOptions")
        describe(
            context, saved, id,
            {
                "deleted": one.flag("Deleted"), "vpc": vpc.maybe("VPCId"),
                "security_groups": vpc.texts("SecurityGroupIds"), "fine_grained": security.flag("Enabled"),
                "internal_users": security.flag("InternalUserDatabaseEnabled"),
                "anonymous": security.flag("AnonymousAuthEnabled"), "identity_pool": cognito.maybe("IdentityPoolId"),
                "internet_direct": "no" if vpc.maybe("VPCId") else "yes",
            },
            name=one.maybe("DomainName"),
        )  # fmt: skip
        acts(context, saved, id, cognito.maybe("RoleArn"), "service_role")
        if "AccessPolicies" in one:
            context.resources.policy(id, one.raw("AccessPolicies") or None, saved.name, saved.call)


@reads("backup.list-backup-vaults")
def _vaults(saved: Saved, context: Context) -> None:
    for one in saved.nodes("BackupVaultList"):
        describe(
            context, saved, one.text("BackupVaultArn"),
            {"type": one.maybe("VaultType"), "key": one.maybe("EncryptionKeyArn"), "locked": one.flag("Locked")},
            created=one.time("CreationDate"),
        )  # fmt: skip


@reads("backup.get-backup-vault-access-policy", "backup.get-backup-vault-access-policy!ResourceNotFoundException")
def _vault_policy(saved: Saved, context: Context) -> None:
    given = saved.maybe("BackupVaultArn") or saved.subject()
    id = given if given.startswith("arn:") else place(context, saved, "backup", f"backup-vault:{given}")
    context.resources.policy(id, saved.raw("Policy"), saved.name, saved.call)


@reads("secretsmanager.list-secrets")
def _secrets(saved: Saved, context: Context) -> None:
    for one in saved.nodes("SecretList"):
        id, rotation = one.text("ARN"), one.maybe("RotationLambdaARN")
        describe(
            context, saved, id,
            {
                "key": one.maybe("KmsKeyId"), "rotation": one.flag("RotationEnabled"), "rotated_by": rotation,
                "last_rotated": one.raw("LastRotatedDate"), "last_accessed": one.raw("LastAccessedDate"),
                "owning_service": one.maybe("OwningService"), "primary_region": one.maybe("PrimaryRegion"),
            },
            name=one.maybe("Name"), created=one.time("CreatedDate"), tags=one.tags("Tags"),
        )  # fmt: skip


@reads("dynamodb.get-resource-policy!PolicyNotFoundException")
def _no_table_policy(saved: Saved, context: Context) -> None:
    context.resources.policy(saved.subject(), None, saved.name, saved.call)


# --- events, logs, mail ---------------------------------------------------------------------------------------------


@reads("events.list-event-buses")
def _buses(saved: Saved, context: Context) -> None:
    for one in saved.nodes("EventBuses"):
        id = one.text("Arn")
        describe(context, saved, id, name=one.maybe("Name"), created=one.time("CreationTime"))
        context.resources.policy(id, one.raw("Policy") or None, saved.name, saved.call)


@reads("logs.describe-resource-policies")
def _log_policies(saved: Saved, context: Context) -> None:
    """Several policies hold for all log groups of a region (`log-group:*`), others for one."""
    everything = place(context, saved, "logs", "log-group:*")
    describe(
        context, saved, everything, kind="logs:account", name="every log group", policy_known=True,
        region=saved.region or None,
    )  # fmt: skip
    for one in saved.nodes("resourcePolicies"):
        id = one.maybe("resourceArn") or everything
        if id != everything:
            group = id.partition(":log-group:")[2] or id
            context.resources.add(id, saved.name, kind="logs:log-group", name=group)
        name = one.maybe("policyName") or "resource policy"
        context.resources.named_policy(id, name, one.text("policyDocument"), saved.name)


@reads("logs.describe-destinations")
def _log_destinations(saved: Saved, context: Context) -> None:
    for one in saved.nodes("destinations"):
        id = one.text("arn")
        describe(
            context, saved, id, {"target": one.maybe("targetArn")}, name=one.maybe("destinationName"),
            kind="logs:destination",
        )  # fmt: skip
        acts(context, saved, id, one.maybe("roleArn"), "service_role")
        context.resources.policy(id, one.raw("accessPolicy") or None, saved.name, saved.call)


@reads("sesv2.list-email-identities")
def _mail_identities(saved: Saved, context: Context) -> None:
    for one in saved.nodes("EmailIdentities"):
        name = one.text("IdentityName")
        describe(
            context, saved, place(context, saved, "ses", f"identity/{name}"),
            {"type": one.maybe("IdentityType"), "sending": one.flag("SendingEnabled")}, kind="ses:identity", name=name,
            region=saved.region or None,
        )  # fmt: skip


@reads("sesv2.get-email-identity-policies")
def _mail_policies(saved: Saved, context: Context) -> None:
    name = saved.subject()
    id = place(context, saved, "ses", f"identity/{name}")
    context.resources.add(id, saved.name, kind="ses:identity", name=name, policy_known=True)
    policies = saved.node("Policies")
    for title in policies.value:
        context.resources.named_policy(id, title, policies.text(title), saved.name)
