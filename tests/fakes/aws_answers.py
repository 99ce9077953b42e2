"""Answers of AWS as collection keeps them: one a call, of a small account in eu-west-1, with what each is about.

Shapes are those of the vendor's API references; only members that `data/collect` keeps.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

ACCOUNT, REGION = "111122223333", "eu-west-1"
IAM = f"arn:aws:iam::{ACCOUNT}:"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def role(name: str) -> str:
    return f"{IAM}role/{name}"


def policy(principal: object, action: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Answer(NamedTuple):
    """An answer to a call, by its kind; `about` is what it was asked."""

    kind: str
    body: dict[str, Any]
    about: tuple[str, ...] = ()


def trusting(principal: dict[str, str], **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def iam_role(name: str, trust: dict[str, Any], profiles: tuple[str, ...] = (), path: str = "/") -> dict[str, Any]:
    return {
        "RoleName": name, "Arn": f"{IAM}role{path}{name}", "Path": path, "RoleId": "AROA" + name.upper(),
        "CreateDate": "2026-01-02T03:04:05Z", "AssumeRolePolicyDocument": trust, "RolePolicyList": [],
        "AttachedManagedPolicies": [], "Tags": [],
        "InstanceProfileList": [{"InstanceProfileName": p, "Arn": f"{IAM}instance-profile/{p}"} for p in profiles],
    }  # fmt: skip


_POOL = "eu-west-1:0f1e2d3c-1111-2222-3333-444455556666"
_GUEST = trusting(
    {"Federated": "cognito-identity.amazonaws.com"},
    Action="sts:AssumeRoleWithWebIdentity",
    Condition={
        "StringEquals": {"cognito-identity.amazonaws.com:aud": _POOL},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
    },
)
DETAILS = Answer(
    "account_authorization_details",
    {
        "UserDetailList": [], "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [
            iam_role("web", trusting({"Service": "ec2.amazonaws.com"}), ("web-profile",)),
            iam_role("guest", _GUEST),
            iam_role("glue-etl", trusting({"Service": "glue.amazonaws.com"}), path="/service-role/"),
        ],
    },
)  # fmt: skip

_CLUSTER, _TASK = arn("ecs", "cluster/main"), arn("ecs", "task-definition/api:7")
_ENI = "eni-0aaa1111bbb22222c"
WORKLOADS = [
    DETAILS,
    Answer("ec2.describe-instances", {"Reservations": [{"OwnerId": ACCOUNT, "Instances": [
        {
            "InstanceId": "i-0123456789abcdef0", "State": {"Name": "running"},
            "LaunchTime": "2026-03-01T10:00:00+00:00",
            "IamInstanceProfile": {"Arn": f"{IAM}instance-profile/web-profile", "Id": "AIPA1"}, "VpcId": "vpc-1",
            "SubnetId": "subnet-1", "PrivateIpAddress": "10.0.0.4", "PublicIpAddress": "198.51.100.7",
            "SecurityGroups": [{"GroupId": "sg-open", "GroupName": "open"}],
            "NetworkInterfaces": [{
                "NetworkInterfaceId": "eni-1", "Association": {"PublicIp": "198.51.100.7", "IpOwnerId": "amazon"},
                "Groups": [{"GroupId": "sg-open"}], "Ipv6Addresses": [{"Ipv6Address": "2600:1f18::7"}],
            }],
            "MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1},
            "Tags": [{"Key": "Name", "Value": "web-1"}],
        },
        {
            "InstanceId": "i-0private", "State": {"Name": "running"}, "LaunchTime": "2026-03-01T10:00:00+00:00",
            "PrivateIpAddress": "10.0.0.5", "SecurityGroups": [{"GroupId": "sg-open", "GroupName": "open"}],
        },
        {
            "InstanceId": "i-0partner", "PublicIpAddress": "198.51.100.8", "State": {"Name": "running"},
            "SecurityGroups": [{"GroupId": "sg-partner", "GroupName": "partner"}],
        },
        {
            "InstanceId": "i-0unread", "PublicIpAddress": "198.51.100.9", "State": {"Name": "running"},
            "SecurityGroups": [{"GroupId": "sg-elsewhere", "GroupName": "x"}],
        },
    ]}]}),
    Answer("ec2.describe-iam-instance-profile-associations", {"IamInstanceProfileAssociations": [
        {
            "AssociationId": "iip-assoc-1", "InstanceId": "i-0private", "State": "associated",
            "IamInstanceProfile": {"Arn": f"{IAM}instance-profile/web-profile", "Id": "AIPA1"},
        },
        {
            "AssociationId": "iip-assoc-2", "InstanceId": "i-0partner", "State": "disassociated",
            "IamInstanceProfile": {"Arn": f"{IAM}instance-profile/web-profile", "Id": "AIPA1"},
        },
    ]}),
    Answer("ec2.describe-network-interfaces", {"NetworkInterfaces": [
        {
            "NetworkInterfaceId": _ENI, "InterfaceType": "interface", "Status": "in-use", "OwnerId": ACCOUNT,
            "PrivateIpAddress": "10.0.0.9", "Association": {"PublicIp": "198.51.100.20", "IpOwnerId": "amazon"},
            "Groups": [{"GroupId": "sg-open"}], "Ipv6Addresses": [],
        },
        {
            "NetworkInterfaceId": "eni-2", "Status": "in-use", "Groups": [{"GroupId": "sg-partner"}],
            "Attachment": {"InstanceId": "i-0partner", "InstanceOwnerId": ACCOUNT},
        },
    ]}),
    Answer("ec2.describe-security-groups", {"SecurityGroups": [
        {"GroupId": "sg-open", "GroupName": "open", "VpcId": "vpc-1", "OwnerId": ACCOUNT, "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
             "Ipv6Ranges": [], "PrefixListIds": []},
            {"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8100, "IpRanges": [],
             "Ipv6Ranges": [{"CidrIpv6": "::/0"}], "PrefixListIds": []},
            {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}], "Ipv6Ranges": [], "PrefixListIds": []},
        ]},
        {"GroupId": "sg-partner", "GroupName": "partner", "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "192.0.3.0/24"}],
             "Ipv6Ranges": [], "PrefixListIds": []},
        ]},
    ]}),
    Answer("ec2.describe-vpc-endpoints", {"VpcEndpoints": [{
        "VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "VpcId": "vpc-1", "State": "available",
        "ServiceName": "com.amazonaws.eu-west-1.s3", "PrivateDnsEnabled": False, "OwnerId": ACCOUNT,
        "PolicyDocument": policy("*", "*"), "CreationTimestamp": "2026-01-01T00:00:00+00:00", "Tags": [],
    }]}),
    Answer("ecs.describe-services", {"services": [{
        "serviceArn": arn("ecs", "service/main/api"), "serviceName": "api", "clusterArn": _CLUSTER, "status": "ACTIVE",
        "desiredCount": 2, "launchType": "FARGATE", "taskDefinition": _TASK, "createdAt": "2026-01-01T00:00:00+00:00",
        "roleArn": f"{IAM}role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", "enableExecuteCommand": True,
        "networkConfiguration": {"awsvpcConfiguration": {
            "subnets": ["subnet-1"], "securityGroups": ["sg-open"], "assignPublicIp": "ENABLED",
        }},
    }]}, (_CLUSTER, f"{arn('ecs', 'service/main/api')}")),
    Answer("ecs.describe-task-definition", {"taskDefinition": {
        "taskDefinitionArn": _TASK, "family": "api", "revision": 7, "status": "ACTIVE", "taskRoleArn": role("api"),
        "executionRoleArn": role("api-start"), "networkMode": "awsvpc", "compatibilities": ["EC2", "FARGATE"],
        "registeredAt": "2026-02-01T00:00:00+00:00",
        "containerDefinitions": [{
            "name": "api", "image": "nginx:1", "privileged": False,
            "environment": [{"name": "MODE", "value": "redacted:0a"}],
            "secrets": [{"name": "DB", "valueFrom": arn("secretsmanager", "secret:db-a1b2c3")}],
        }],
    }}, (_TASK,)),
    Answer("ecs.describe-tasks", {"tasks": [
        {
            "taskArn": arn("ecs", "task/main/0001"), "clusterArn": _CLUSTER, "taskDefinitionArn": _TASK,
            "group": "service:api", "startedBy": "ecs-svc/1", "launchType": "FARGATE", "lastStatus": "RUNNING",
            "createdAt": "2026-03-03T00:00:00+00:00", "enableExecuteCommand": True, "overrides": {},
            "attachments": [{"id": "a", "type": "ElasticNetworkInterface", "details": [
                {"name": "subnetId", "value": "subnet-1"}, {"name": "networkInterfaceId", "value": _ENI},
            ]}],
        },
        {
            "taskArn": arn("ecs", "task/main/0002"), "clusterArn": _CLUSTER, "taskDefinitionArn": _TASK,
            "lastStatus": "RUNNING", "overrides": {"taskRoleArn": role("admin")}, "attachments": [],
        },
    ]}, (_CLUSTER, arn("ecs", "task/main/0001"))),
    Answer("apprunner.describe-service", {"Service": {
        "ServiceName": "shop", "ServiceArn": arn("apprunner", "service/shop/abc"), "ServiceUrl": "x.awsapprunner.com",
        "Status": "RUNNING", "CreatedAt": "2026-01-01T00:00:00+00:00",
        "InstanceConfiguration": {"InstanceRoleArn": role("shop")},
        "NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": True}},
        "SourceConfiguration": {
            "AuthenticationConfiguration": {"AccessRoleArn": role("shop-pull")},
            "ImageRepository": {"ImageIdentifier": "shop:1", "ImageConfiguration": {
                "RuntimeEnvironmentSecrets": {"TOKEN": "redacted:1b"},
            }},
        },
    }}, (arn("apprunner", "service/shop/abc"),)),
    Answer("batch.describe-job-definitions", {"jobDefinitions": [
        {
            "jobDefinitionName": "nightly", "jobDefinitionArn": arn("batch", "job-definition/nightly:3"), "revision": 3,
            "status": "ACTIVE", "type": "container", "platformCapabilities": ["FARGATE"],
            "containerProperties": {"image": "n:1", "jobRoleArn": role("nightly"),
            "executionRoleArn": role("batch-start"),
                                    "privileged": True},
        },
        {
            "jobDefinitionName": "many", "jobDefinitionArn": arn("batch", "job-definition/many:1"), "revision": 1,
            "status": "ACTIVE", "type": "multinode",
            "nodeProperties": {"nodeRangeProperties": [
                {"container": {"image": "a", "jobRoleArn": role("node-a")}},
                {"ecsProperties": {"taskProperties": [{"taskRoleArn": role("node-b"), "executionRoleArn": role("s")}]}},
            ]},
        },
        {
            "jobDefinitionName": "pod", "jobDefinitionArn": arn("batch", "job-definition/pod:1"), "revision": 1,
            "status": "ACTIVE", "type": "container",
            "eksProperties": {"podProperties": {"serviceAccountName": "runner", "metadata": {"namespace": "jobs"}}},
        },
    ]}),
    Answer("batch.describe-compute-environments", {"computeEnvironments": [{
        "computeEnvironmentName": "spot", "computeEnvironmentArn": arn("batch", "compute-environment/spot"),
        "type": "MANAGED", "state": "ENABLED", "status": "VALID", "ecsClusterArn": _CLUSTER,
        "serviceRole": role("batch"), "computeResources": {
            "type": "SPOT", "instanceRole": "web-profile", "spotIamFleetRole": role("fleet"),
            "securityGroupIds": ["sg-1"],
        },
    }]}),
    Answer("codebuild.batch-get-projects", {"projects": [{
        "name": "build", "arn": arn("codebuild", "project/build"), "created": "2026-01-01T00:00:00+00:00",
        "lastModified": "2026-01-01T00:00:00+00:00", "serviceRole": role("build"), "projectVisibility": "PUBLIC_READ",
        "resourceAccessRole": role("build-public"), "buildBatchConfig": {"serviceRole": role("build-batch")},
        "source": {"type": "GITHUB"},
        "environment": {"type": "LINUX_CONTAINER", "privilegedMode": True, "environmentVariables": [
            {"name": "TOKEN", "value": "redacted:2c", "type": "PLAINTEXT"},
        ]},
        "tags": [{"key": "team", "value": "core"}],
    }]}, ("build",)),
    Answer("cloudformation.describe-stacks", {"Stacks": [{
        "StackId": arn("cloudformation", "stack/net/0f1e"), "StackName": "net", "StackStatus": "CREATE_COMPLETE",
        "RoleARN": role("deploy"), "Capabilities": ["CAPABILITY_IAM"], "CreationTime": "2026-01-01T00:00:00+00:00",
    }]}),
    Answer("glue.get-jobs", {"Jobs": [
        {"Name": "etl", "Role": "glue-etl", "CreatedOn": "2026-01-01T00:00:00+00:00"},
        {"Name": "other", "Role": role("glue-other")},
    ]}),
    Answer("glue.get-crawlers", {"Crawlers": [
        {"Name": "crawl", "Role": "service-role/unread", "State": "READY", "CreationTime": "2026-01-01T00:00:00+00:00"},
    ]}),
    Answer("stepfunctions.describe-state-machine", {
        "stateMachineArn": arn("states", "stateMachine:flow"), "name": "flow", "status": "ACTIVE",
        "roleArn": role("flow"), "type": "STANDARD", "creationDate": "2026-01-01T00:00:00+00:00",
    }, (arn("states", "stateMachine:flow"),)),
    Answer("scheduler.get-schedule", {
        "Arn": arn("scheduler", "schedule/default/nightly"), "GroupName": "default", "Name": "nightly",
        "ScheduleExpression": "rate(1 day)", "State": "ENABLED", "CreationDate": "2026-01-01T00:00:00+00:00",
        "Target": {"Arn": _CLUSTER, "RoleArn": role("sched"), "EcsParameters": {"TaskDefinitionArn": _TASK}},
    }, ("nightly", "default")),
    Answer("ssm.describe-activations", {"ActivationList": [{
        "ActivationId": "8a7b6c5d-1111", "IamRole": "glue-etl", "RegistrationLimit": 5, "RegistrationsCount": 2,
        "ExpirationDate": "2026-02-01T00:00:00+00:00", "Expired": True, "CreatedDate": "2026-01-01T00:00:00+00:00",
    }]}),
    Answer("eks.describe-cluster", {"cluster": {
        "name": "k", "arn": arn("eks", "cluster/k"), "createdAt": "2026-01-01T00:00:00+00:00", "version": "1.33",
        "endpoint": "https://k.eks", "roleArn": role("eks"), "status": "ACTIVE",
        "resourcesVpcConfig": {"vpcId": "vpc-1", "securityGroupIds": [], "clusterSecurityGroupId": "sg-1",
                               "endpointPublicAccess": True, "endpointPrivateAccess": True,
                               "publicAccessCidrs": ["0.0.0.0/0"]},
        "logging": {"clusterLogging": [{"types": ["audit"], "enabled": True}, {"types": ["api"], "enabled": False}]},
        "identity": {"oidc": {"issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"}},
        "accessConfig": {"bootstrapClusterCreatorAdminPermissions": True, "authenticationMode": "API_AND_CONFIG_MAP"},
        "computeConfig": {"enabled": True, "nodeRoleArn": role("nodes")}, "tags": {"team": "core"},
    }}, ("k",)),
    Answer("eks.describe-access-entry", {"accessEntry": {
        "clusterName": "k", "principalArn": role("web"), "kubernetesGroups": ["viewers"],
        "accessEntryArn": arn("eks", f"access-entry/k/role/{ACCOUNT}/web/0a0b"), "username": "web", "type": "STANDARD",
        "createdAt": "2026-01-01T00:00:00+00:00",
    }}, ("k", role("web"))),
    Answer("eks.list-associated-access-policies", {
        "clusterName": "k", "principalArn": role("web"), "associatedAccessPolicies": [{
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "accessScope": {"type": "cluster", "namespaces": []}, "associatedAt": "2026-01-01T00:00:00+00:00",
        }],
    }, ("k", role("web"))),
    Answer("eks.describe-pod-identity-association", {"association": {
        "clusterName": "k", "namespace": "shop", "serviceAccount": "cart", "roleArn": role("cart"),
        "targetRoleArn": "arn:aws:iam::444455556666:role/data", "disableSessionTags": False,
        "associationArn": arn("eks", "podidentityassociation/k/a-1"), "associationId": "a-1",
        "createdAt": "2026-01-01T00:00:00+00:00",
    }}, ("k", "a-1")),
    Answer("sagemaker.describe-notebook-instance", {
        "NotebookInstanceArn": arn("sagemaker", "notebook-instance/lab"), "NotebookInstanceName": "lab",
        "NotebookInstanceStatus": "InService", "RoleArn": role("lab"), "SecurityGroups": ["sg-1"],
        "DirectInternetAccess": "Enabled", "RootAccess": "Enabled", "CreationTime": "2026-01-01T00:00:00+00:00",
    }, ("lab",)),
    Answer("sagemaker.describe-domain", {
        "DomainArn": arn("sagemaker", "domain/d-1"), "DomainId": "d-1", "DomainName": "studio", "Status": "InService",
        "AuthMode": "SSO", "AppNetworkAccessType": "PublicInternetOnly",
        "DefaultUserSettings": {"ExecutionRole": role("studio")}, "CreationTime": "2026-01-01T00:00:00+00:00",
        "DomainSettings": {"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
    }, ("d-1",)),
    Answer("sagemaker.describe-user-profile", {
        "DomainId": "d-1", "UserProfileArn": arn("sagemaker", "user-profile/d-1/ann"), "UserProfileName": "ann",
        "Status": "InService", "SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": "ann@x.example",
        "UserSettings": {}, "CreationTime": "2026-01-01T00:00:00+00:00",
    }, ("d-1", "ann")),
    Answer("sagemaker.describe-endpoint", {
        "EndpointName": "score", "EndpointArn": arn("sagemaker", "endpoint/score"), "EndpointConfigName": "score-1",
        "EndpointStatus": "InService", "CreationTime": "2026-01-01T00:00:00+00:00",
    }, ("score",)),
    Answer("sagemaker.describe-endpoint-config", {
        "EndpointConfigName": "score-1", "EndpointConfigArn": arn("sagemaker", "endpoint-config/score-1"),
        "ProductionVariants": [{"VariantName": "a", "ModelName": "m"}],
    }, ("score-1",)),
    Answer("sagemaker.describe-model", {
        "ModelName": "m", "ModelArn": arn("sagemaker", "model/m"), "ExecutionRoleArn": role("model"),
        "EnableNetworkIsolation": True, "CreationTime": "2026-01-01T00:00:00+00:00",
    }, ("m",)),
    Answer("sagemaker.describe-training-job", {
        "TrainingJobName": "t", "TrainingJobArn": arn("sagemaker", "training-job/t"), "TrainingJobStatus": "InProgress",
        "RoleArn": role("train"), "EnableNetworkIsolation": False, "CreationTime": "2026-01-01T00:00:00+00:00",
    }, ("t",)),
    Answer("cognito-identity.describe-identity-pool", {
        "IdentityPoolId": _POOL, "IdentityPoolName": "app", "AllowUnauthenticatedIdentities": True,
        "AllowClassicFlow": False, "SupportedLoginProviders": {"graph.facebook.com": "redacted:3d"},
        "CognitoIdentityProviders": [{"ProviderName": "cognito-idp.eu-west-1.amazonaws.com/p", "ClientId": "c",
                                      "ServerSideTokenCheck": True}],
        "IdentityPoolTags": {"team": "app"},
    }, (_POOL,)),
    Answer("cognito-identity.get-identity-pool-roles", {
        "IdentityPoolId": _POOL, "Roles": {"authenticated": role("member"), "unauthenticated": role("guest")},
        "RoleMappings": {"cognito-idp.eu-west-1.amazonaws.com/p:c": {
            "Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [
                {"Claim": "custom:admin", "MatchType": "Equals", "Value": "yes", "RoleARN": role("app-admin")},
            ]},
        }},
    }, (_POOL,)),
    Answer("cognito-identity.get-principal-tag-attribute-map", {
        "IdentityPoolId": _POOL, "IdentityProviderName": "cognito-idp.eu-west-1.amazonaws.com/p", "UseDefaults": False,
        "PrincipalTags": {"department": "custom:department"},
    }, (_POOL, "cognito-idp.eu-west-1.amazonaws.com/p")),
    Answer("rolesanywhere.list-trust-anchors", {"trustAnchors": [{
        "trustAnchorId": "ta-1", "trustAnchorArn": arn("rolesanywhere", "trust-anchor/ta-1"), "name": "corp",
        "enabled": True, "source": {"sourceType": "AWS_ACM_PCA",
                                      "sourceData": {"acmPcaArn": arn("acm-pca", "certificate-authority/1")}},
        "createdAt": "2026-01-01T00:00:00+00:00",
    }]}),
    Answer("rolesanywhere.list-profiles", {"profiles": [{
        "profileId": "p-1", "profileArn": arn("rolesanywhere", "profile/p-1"), "name": "robots", "enabled": True,
        "roleArns": [role("robot"), role("robot-2")], "managedPolicyArns": [], "durationSeconds": 3600,
        "requireInstanceProperties": False, "attributeMappings": [
            {"certificateField": "x509Subject", "mappingRules": [{"specifier": "CN"}]},
        ], "createdAt": "2026-01-01T00:00:00+00:00",
    }]}),
]  # fmt: skip
"""Things that run, and the roles they run as."""

_KEY, _FUNCTION = arn("kms", "key/1111-2222"), arn("lambda", "function:api")
_OPEN = policy(
    "*", "lambda:InvokeFunctionUrl", _FUNCTION, Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
)
_ESCAPED = json.dumps(policy("*", "execute-api:Invoke", "execute-api:/*"))[1:-1]
POLICIES = [
    Answer("kms.describe-key", {"KeyMetadata": {
        "AWSAccountId": ACCOUNT, "KeyId": "1111-2222", "Arn": _KEY, "CreationDate": "2026-01-01T00:00:00+00:00",
        "Enabled": True, "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled", "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": False,
    }}, (_KEY,)),
    Answer("kms.list-aliases", {"Aliases": [
        {"AliasName": "alias/orders", "AliasArn": arn("kms", "alias/orders"), "TargetKeyId": "1111-2222"},
        {"AliasName": "alias/aws/ebs", "AliasArn": arn("kms", "alias/aws/ebs")},
    ]}),
    Answer("kms.list-resource-tags", {"Tags": [{"TagKey": "team", "TagValue": "core"}]}, (_KEY,)),
    Answer("kms.list-grants", {"Grants": [{
        "KeyId": _KEY, "GrantId": "g-1", "Name": "n", "CreationDate": "2026-01-01T00:00:00+00:00",
        "GranteePrincipal": "arn:aws:iam::444455556666:role/reader", "RetiringPrincipal": role("web"),
        "IssuingAccount": f"{IAM}root", "Operations": ["Decrypt", "DescribeKey"],
        "Constraints": {"EncryptionContextEquals": {"order": "7"}},
    }, {
        "KeyId": _KEY, "GrantId": "g-2", "GranteePrincipal": "rds.eu-west-1.amazonaws.com", "Operations": ["Encrypt"],
    }]}, (_KEY,)),
    Answer("lambda.list-functions", {"Functions": [{
        "FunctionName": "api", "FunctionArn": _FUNCTION, "Role": role("api"), "Runtime": "python3.13",
        "LastModified": "2026-01-01T00:00:00.000+0000", "PackageType": "Zip",
        "Layers": [{"Arn": arn("lambda", "layer:base:1")}],
        "VpcConfig": {"VpcId": "vpc-1", "SecurityGroupIds": ["sg-1"], "SubnetIds": []},
        "Environment": {"Variables": {"TOKEN": "redacted:4e"}},
    }]}),
    Answer("lambda.get-policy", {"Policy": _OPEN}, (_FUNCTION,)),
    Answer("lambda.list-function-url-configs", {"FunctionUrlConfigs": [{
        "FunctionArn": _FUNCTION, "FunctionUrl": "https://abc.lambda-url.eu-west-1.on.aws/", "AuthType": "NONE",
        "Cors": {"AllowOrigins": ["*"]}, "CreationTime": "2026-01-01T00:00:00+00:00",
    }]}, (_FUNCTION,)),
    Answer("lambda.list-aliases", {"Aliases": [
        {"AliasArn": f"{_FUNCTION}:live", "Name": "live", "FunctionVersion": "3"},
    ]}, (_FUNCTION,)),
    Answer("lambda.list-layer-versions", {"LayerVersions": [
        {"LayerVersionArn": arn("lambda", "layer:base:1"), "Version": 1, "CreatedDate": "2026-01-01T00:00:00.000+0000"},
    ]}, (arn("lambda", "layer:base"),)),
    Answer("lambda.get-layer-version-policy", {
        "Policy": policy({"AWS": "arn:aws:iam::444455556666:root"}, "lambda:GetLayerVersion"),
    }, (arn("lambda", "layer:base"), "1")),
    Answer("lambda.get-layer-version-policy!ResourceNotFoundException", {}, (arn("lambda", "layer:base"), "2")),
    Answer("s3control.get-access-point", {
        "Name": "ap", "Bucket": "b", "BucketAccountId": ACCOUNT, "NetworkOrigin": "VPC",
        "VpcConfiguration": {"VpcId": "vpc-1"},
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
                                           "RestrictPublicBuckets": True},
        "CreationDate": "2026-01-01T00:00:00+00:00", "AccessPointArn": arn("s3", "accesspoint/ap"),
    }, ("ap",)),
    Answer("s3control.get-access-point-policy", {
        "Policy": policy({"AWS": "arn:aws:iam::444455556666:root"}, "s3:GetObject"),
    }, ("ap",)),
    Answer("s3control.get-access-point-policy!NoSuchAccessPointPolicy", {}, ("bare",)),
    Answer("apigateway.get-account", {"cloudwatchRoleArn": role("api-logs")}),
    Answer("apigateway.get-rest-apis", {"items": [
        {"id": "a1", "name": "shop", "createdDate": "2026-01-01T00:00:00+00:00", "policy": _ESCAPED,
         "endpointConfiguration": {"types": ["REGIONAL"]}, "disableExecuteApiEndpoint": False,
         "tags": {"team": "shop"}},
        {"id": "a2", "name": "inner", "endpointConfiguration": {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"]}},
    ]}),
    Answer("apigatewayv2.get-apis", {"Items": [
        {"ApiId": "h1", "Name": "hooks", "ApiEndpoint": "https://h1.execute-api", "ProtocolType": "HTTP",
         "DisableExecuteApiEndpoint": False, "CreatedDate": "2026-01-01T00:00:00+00:00", "Tags": {}},
    ]}),
    Answer("ecr.describe-repositories", {"repositories": [
        {"repositoryArn": arn("ecr", "repository/app/api"), "registryId": ACCOUNT, "repositoryName": "app/api",
         "createdAt": "2026-01-01T00:00:00+00:00"},
    ]}),
    Answer("ecr.get-repository-policy", {
        "registryId": ACCOUNT, "repositoryName": "app/api", "policyText": policy({"AWS": "444455556666"}, "ecr:*"),
    }, ("app/api",)),
    Answer("ecr.get-repository-policy!RepositoryPolicyNotFoundException", {}, ("bare",)),
    Answer("ecr.get-registry-policy", {
        "registryId": ACCOUNT, "policyText": policy({"AWS": "arn:aws:iam::444455556666:root"}, "ecr:ReplicateImage"),
    }),
    Answer("glue.get-resource-policies", {"GetResourcePoliciesResponseList": [
        {"PolicyInJson": policy({"AWS": "arn:aws:iam::444455556666:root"}, "glue:GetTable")},
        {"PolicyInJson": policy({"Service": "ram.amazonaws.com"}, "glue:ShareResource")},
    ]}),
    Answer("efs.describe-file-systems", {"FileSystems": [
        {"OwnerId": ACCOUNT, "FileSystemId": "fs-1", "FileSystemArn": arn("elasticfilesystem", "file-system/fs-1"),
         "Name": "home", "CreationTime": "2026-01-01T00:00:00+00:00", "Tags": [{"Key": "Name", "Value": "home"}]},
    ]}),
    Answer("efs.describe-file-system-policy", {
        "FileSystemId": "fs-1", "Policy": policy({"AWS": "*"}, "elasticfilesystem:ClientMount"),
    }, ("fs-1",)),
    Answer("efs.describe-file-system-policy!PolicyNotFound", {}, ("fs-2",)),
    Answer("opensearch.describe-domains", {"DomainStatusList": [
        {"DomainId": "1/s", "DomainName": "s", "ARN": arn("es", "domain/s"), "Created": True, "Deleted": False,
         "Endpoint": "search-s.eu-west-1.es.amazonaws.com", "AccessPolicies": policy({"AWS": "*"}, "es:*"),
         "CognitoOptions": {"Enabled": True, "UserPoolId": "u", "IdentityPoolId": _POOL, "RoleArn": role("es-login")},
         "AdvancedSecurityOptions": {"Enabled": True, "InternalUserDatabaseEnabled": False,
         "AnonymousAuthEnabled": False}},
        {"DomainId": "1/v", "DomainName": "v", "ARN": arn("es", "domain/v"), "AccessPolicies": "",
         "VPCOptions": {"VPCId": "vpc-1", "SecurityGroupIds": ["sg-1"]}},
    ]}, ("s and 1 more",)),
    Answer("backup.list-backup-vaults", {"BackupVaultList": [
        {"BackupVaultName": "v", "BackupVaultArn": arn("backup", "backup-vault:v"), "VaultType": "BACKUP_VAULT",
         "CreationDate": "2026-01-01T00:00:00+00:00", "EncryptionKeyArn": _KEY, "Locked": True},
    ]}),
    Answer("backup.get-backup-vault-access-policy", {
        "BackupVaultName": "v", "BackupVaultArn": arn("backup", "backup-vault:v"),
        "Policy": policy({"AWS": "arn:aws:iam::444455556666:root"}, "backup:CopyIntoBackupVault"),
    }, ("v",)),
    Answer("backup.get-backup-vault-access-policy!ResourceNotFoundException", {}, ("bare",)),
    Answer("secretsmanager.list-secrets", {"SecretList": [
        {"ARN": arn("secretsmanager", "secret:db-a1b2c3"), "Name": "db", "KmsKeyId": _KEY, "RotationEnabled": True,
         "RotationLambdaARN": _FUNCTION, "LastRotatedDate": "2026-01-03T00:00:00+00:00",
         "CreatedDate": "2026-01-01T00:00:00+00:00", "Tags": [{"Key": "team", "Value": "core"}]},
    ]}),
    Answer("dynamodb.get-resource-policy!PolicyNotFoundException", {}, (arn("dynamodb", "table/t"),)),
    Answer("events.list-event-buses", {"EventBuses": [
        {"Name": "default", "Arn": arn("events", "event-bus/default"), "CreationTime": "2026-01-01T00:00:00+00:00"},
        {"Name": "orders", "Arn": arn("events", "event-bus/orders"), "Policy": policy("*", "events:PutEvents")},
    ]}),
    Answer("events.list-rules", {"Rules": [
        {"Name": "r", "Arn": arn("events", "rule/orders/r"), "State": "ENABLED", "EventBusName": "orders",
         "EventPattern": "{}"},
    ]}, ("orders",)),
    Answer("events.list-targets-by-rule", {"Targets": [
        {"Id": "1", "Arn": _CLUSTER, "RoleArn": role("rule"), "EcsParameters": {"TaskDefinitionArn": _TASK}},
    ]}, ("r", "orders")),
    Answer("logs.describe-resource-policies", {"resourcePolicies": [
        {"policyName": "es", "policyDocument": policy({"Service": "es.amazonaws.com"}, "logs:PutLogEvents"),
         "lastUpdatedTime": 1767225600000},
        {"policyName": "r53", "policyDocument": policy({"Service": "route53.amazonaws.com"}, "logs:PutLogEvents")},
        {"policyName": "own", "policyScope": "RESOURCE", "resourceArn": arn("logs", "log-group:/app"),
         "policyDocument": policy({"AWS": "444455556666"}, "logs:*")},
    ]}),
    Answer("logs.describe-destinations", {"destinations": [
        {"destinationName": "hub", "targetArn": arn("kinesis", "stream/hub"), "roleArn": role("hub"),
         "accessPolicy": policy({"AWS": "444455556666"}, "logs:PutSubscriptionFilter"),
         "arn": arn("logs", "destination:hub"), "creationTime": 1767225600000},
    ]}),
    Answer("sesv2.list-email-identities", {"EmailIdentities": [
        {"IdentityType": "DOMAIN", "IdentityName": "x.example", "SendingEnabled": True},
    ]}),
    Answer("sesv2.get-email-identity-policies", {"Policies": {
        "one": policy({"AWS": "444455556666"}, "ses:SendEmail"), "two": policy({"AWS": "777788889999"},
        "ses:SendEmail"),
    }}, ("x.example",)),
]  # fmt: skip
"""Resource policies, and what else opens a thing to others."""

_CERT = arn("iot", "cert/0a0b")
FACTS = [
    Answer("cloudtrail.describe-trails", {"trailList": [
        {"Name": "main", "TrailARN": arn("cloudtrail", "trail/main"), "HomeRegion": REGION, "IsMultiRegionTrail": True,
         "CloudWatchLogsRoleArn": role("trail-logs")},
    ]}),
    Answer("cloudtrail.get-trail-status", {
        "IsLogging": False, "LatestDeliveryTime": "2026-01-01T00:00:00+00:00", "LatestDeliveryError": "AccessDenied",
        "StopLoggingTime": "2026-01-02T00:00:00+00:00",
    }, (arn("cloudtrail", "trail/main"),)),
    Answer("cloudtrail.get-event-data-store", {
        "EventDataStoreArn": arn("cloudtrail", "eventdatastore/1"), "Name": "lake", "Status": "ENABLED",
        "AdvancedEventSelectors": [{"Name": "all", "FieldSelectors": [{"Field": "eventCategory",
        "Equals": ["Management"]}]}],
        "MultiRegionEnabled": True, "OrganizationEnabled": False, "RetentionPeriod": 90, "KmsKeyId": _KEY,
        "CreatedTimestamp": "2026-01-01T00:00:00+00:00", "FederationStatus": "ENABLED",
        "FederationRoleArn": role("lake"),
    }, (arn("cloudtrail", "eventdatastore/1"),)),
    Answer("iam.get-account-password-policy", {"PasswordPolicy": {
        "MinimumPasswordLength": 14, "RequireSymbols": True, "ExpirePasswords": False, "PasswordReusePrevention": 24,
    }}),
    Answer("iam.list-account-aliases", {"AccountAliases": ["acme-prod"]}),
    Answer("iam.list-server-certificates", {"ServerCertificateMetadataList": [{
        "Arn": f"{IAM}server-certificate/old", "ServerCertificateName": "old", "ServerCertificateId": "ASCA1",
        "Path": "/",
        "UploadDate": "2024-01-01T00:00:00+00:00", "Expiration": "2025-01-01T00:00:00+00:00",
    }]}),
    Answer("iot.list-things", {"things": [
        {"thingName": "t1", "thingArn": arn("iot", "thing/t1"), "attributes": {}},
        {"thingName": "t2", "thingArn": arn("iot", "thing/t2"), "attributes": {}},
    ]}),
    Answer("iot.list-thing-principals", {"principals": [_CERT]}, ("t1",)),
    Answer("iot.list-certificates", {"certificates": [
        {"certificateArn": arn("iot", "cert/ffff"), "certificateId": "ffff", "status": "ACTIVE"},
        {"certificateArn": _CERT, "certificateId": "0a0b", "status": "INACTIVE",
        "creationDate": "2026-01-01T00:00:00+00:00"},
    ]}),
    Answer("iot.get-policy", {
        "policyName": "pub", "policyArn": arn("iot", "policy/pub"), "defaultVersionId": "1",
        "policyDocument": json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}),
    }, ("pub",)),
    Answer("iot.list-targets-for-policy", {"targets": [_CERT, arn("iot", "thinggroup/fleet")]}, ("pub",)),
    Answer("iot.list-thing-groups", {"thingGroups": [
        {"groupName": "fleet", "groupArn": arn("iot", "thinggroup/fleet")},
        {"groupName": "north", "groupArn": arn("iot", "thinggroup/north")},
    ]}),
    Answer("iot.describe-thing-group", {
        "thingGroupName": "north", "thingGroupId": "u-1", "thingGroupArn": arn("iot", "thinggroup/north"),
        "thingGroupMetadata": {"parentGroupName": "fleet", "creationDate": "2026-01-01T00:00:00+00:00"},
    }, ("north",)),
    Answer("iot.list-things-in-thing-group", {"things": ["t2"]}, ("north",)),
    Answer("bedrock-agent.get-agent", {"agent": {
        "agentId": "A1", "agentName": "help", "agentArn": arn("bedrock", "agent/A1"), "agentStatus": "PREPARED",
        "agentResourceRoleArn": role("agent"), "customOrchestration": {"executor": {"lambda": _FUNCTION}},
    }}, ("A1",)),
]  # fmt: skip
"""The account, its audit log, and its devices."""

_SET = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
ORGANIZATION = [
    Answer("organizations.describe-organization", {"Organization": {
        "Id": "o-abcdefghij", "Arn": f"arn:aws:organizations::{ACCOUNT}:organization/o-abcdefghij", "FeatureSet": "ALL",
        "MasterAccountId": ACCOUNT, "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    }}),
    Answer("organizations.describe-resource-policy", {"ResourcePolicy": {
        "ResourcePolicySummary": {
            "Id": "rp-1", "Arn": f"arn:aws:organizations::{ACCOUNT}:resourcepolicy/o-abcdefghij/rp-1",
        },
        "Content": policy({"AWS": "arn:aws:iam::444455556666:root"}, "organizations:AttachPolicy"),
    }}),
    Answer("organizations.list-delegated-services-for-account", {"DelegatedServices": [
        {"ServicePrincipal": "guardduty.amazonaws.com", "DelegationEnabledDate": "2026-01-01T00:00:00+00:00"},
    ]}, ("444455556666",)),
    Answer("sso-admin.list-instances", {"Instances": [{
        "InstanceArn": "arn:aws:sso:::instance/ssoins-1", "IdentityStoreId": "d-1", "OwnerAccountId": ACCOUNT,
        "Name": "people", "Status": "ACTIVE", "CreatedDate": "2026-01-01T00:00:00+00:00", "PrimaryRegion": REGION,
    }]}),
    Answer("sso-admin.describe-permission-set", {"PermissionSet": {
        "Name": "Admin", "PermissionSetArn": _SET, "CreatedDate": "2026-01-01T00:00:00+00:00",
        "SessionDuration": "PT8H",
    }}, (_SET,)),
]  # fmt: skip
"""The organization and Identity Center."""
