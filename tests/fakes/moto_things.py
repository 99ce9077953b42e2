"""Things with policies of their own, made in moto through boto3, in the words of the answers that tell of them.

What is written down is what was asked for; what the vendor makes up (ids, addresses) is what creating it answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ClientOf = Callable[[str], Any]
OUTSIDE = "999999999999"


@dataclass
class Things:
    """What was made in a region, by the call that tells of it and what it is asked for; policies as documents."""

    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def tell(self, call: str, about: str, answer: Any) -> None:
        self.told.setdefault(call, {})[about] = answer


def statement(actions: Any, principal: Any, resource: str = "*", **more: Any) -> dict[str, Any]:
    """A policy of one statement, with a condition that must come back as it was."""
    one = {"Sid": "Outside", "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [one]}


def things(client: ClientOf, account: str, region: str, number: int) -> Things:
    """Keys, queues, topics, secrets, repositories, a function's policies and a layer."""
    made = Things()
    key = _key(client("kms"), made, account, number)
    _queue(client("sqs"), made, key, number)
    _topic(client("sns"), made, account, number)
    _secret(client("secretsmanager"), made, key, account, number)
    _repository(client("ecr"), made, account)
    _function(client("lambda"), made, account, region)
    return made


def _key(kms: Any, made: Things, account: str, number: int) -> str:
    policy = statement("kms:*", {"AWS": f"arn:aws:iam::{account}:root"})
    policy["Statement"].append(
        {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OUTSIDE}:root"}, "Action": "kms:Decrypt",
         "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
    )  # fmt: skip
    tags = [{"TagKey": "owner", "TagValue": f"team-{number}"}]
    about = kms.create_key(
        Description="k", Policy=json.dumps(policy), Tags=tags, KeyUsage="ENCRYPT_DECRYPT", MultiRegion=False
    )["KeyMetadata"]  # fmt: skip
    arn = str(about["Arn"])
    kms.create_alias(AliasName=f"alias/main-{number}", TargetKeyId=arn)
    grants = []
    for name, operations, constraints in (
        ("read", ["Decrypt", "DescribeKey"], {"EncryptionContextSubset": {"team": "print"}}),
        ("write", ["Encrypt", "GenerateDataKey"], {"EncryptionContextEquals": {"team": "print"}}),
    ):
        worker, boss = (f"arn:aws:iam::{account}:role/{one}" for one in ("worker", "outside"))
        given = kms.create_grant(
            KeyId=arn, GranteePrincipal=worker, RetiringPrincipal=boss, Operations=operations, Name=name,
            Constraints=constraints,
        )  # fmt: skip
        grants.append({"KeyId": about["KeyId"], "GrantId": given["GrantId"], "Name": name, "GranteePrincipal": worker,
                       "RetiringPrincipal": boss, "Operations": operations, "Constraints": constraints})  # fmt: skip
    own = statement("kms:Sign", {"AWS": f"arn:aws:iam::{account}:root"})
    off = kms.create_key(
        Description="off", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", Policy=json.dumps(own), MultiRegion=False
    )["KeyMetadata"]  # fmt: skip
    kms.disable_key(KeyId=off["KeyId"])
    for one, enabled in ((about, True), (off, False)):
        usage = "ENCRYPT_DECRYPT" if enabled else "SIGN_VERIFY"
        made.tell("kms.describe-key", one["Arn"], {"KeyMetadata": {
            "AWSAccountId": account, "KeyId": one["KeyId"], "Arn": one["Arn"], "Enabled": enabled,
            "KeyState": "Enabled" if enabled else "Disabled", "KeyUsage": usage,
            "KeySpec": "SYMMETRIC_DEFAULT" if enabled else "RSA_2048", "KeyManager": "CUSTOMER", "Origin": "AWS_KMS",
            "MultiRegion": False, "CreationDate": one["CreationDate"].timestamp(),
        }})  # fmt: skip
        made.tell("kms.list-grants", one["Arn"], {"Grants": grants if enabled else []})
        made.tell("kms.list-resource-tags", one["Arn"], {"Tags": tags if enabled else []})
        made.tell("kms.get-key-policy", one["Arn"], {"Policy": policy if enabled else own})
    alias = {"AliasName": f"alias/main-{number}", "TargetKeyId": about["KeyId"],
             "AliasArn": arn.rpartition("key/")[0] + f"alias/main-{number}"}  # fmt: skip
    made.tell("kms.list-aliases", "", {"Aliases": [alias]})
    made.ids += [arn, off["Arn"]]
    return arn


def _queue(sqs: Any, made: Things, key: str, number: int) -> None:
    address = sqs.create_queue(QueueName="work", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = statement("sqs:SendMessage", {"AWS": f"arn:aws:iam::{OUTSIDE}:role/sender-{number}"}, arn)
    sqs.set_queue_attributes(QueueUrl=address, Attributes={"Policy": json.dumps(policy)})
    made.tell("sqs.get-queue-attributes", address, {
        "Attributes": {"QueueArn": arn, "Policy": policy, "KmsMasterKeyId": key}})  # fmt: skip
    made.ids.append(arn)


def _topic(sns: Any, made: Things, account: str, number: int) -> None:
    arn = sns.create_topic(Name="news", Attributes={"KmsMasterKeyId": "alias/aws/sns"})["TopicArn"]
    source = {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::b{number}-*"}}
    policy = statement("sns:Publish", {"Service": "s3.amazonaws.com"}, arn, Condition=source)
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))
    made.tell("sns.get-topic-attributes", arn, {"Attributes": {
        "TopicArn": arn, "Owner": account, "Policy": policy, "KmsMasterKeyId": "alias/aws/sns"}})  # fmt: skip
    made.ids.append(arn)


def _secret(secrets: Any, made: Things, key: str, account: str, number: int) -> None:
    tags = [{"Key": "owner", "Value": f"team-{number}"}]
    arn = secrets.create_secret(Name="db", SecretString="first", KmsKeyId=key, Tags=tags)["ARN"]
    policy = statement("secretsmanager:GetSecretValue", {"AWS": f"arn:aws:iam::{OUTSIDE}:root"}, arn)
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=json.dumps(policy))
    plain = secrets.create_secret(Name="plain", SecretString="first")["ARN"]
    made.tell("secretsmanager.list-secrets", "", {"SecretList": [
        {"ARN": arn, "Name": "db", "KmsKeyId": key, "Tags": tags}, {"ARN": plain, "Name": "plain"}]})  # fmt: skip
    made.tell("secretsmanager.get-resource-policy", arn, {"ARN": arn, "Name": "db", "ResourcePolicy": policy})
    made.tell("secretsmanager.get-resource-policy", plain, {"ARN": plain, "Name": "plain"})
    made.ids += [arn, plain]


def _repository(ecr: Any, made: Things, account: str) -> None:
    about = ecr.create_repository(repositoryName="app/web")["repository"]
    policy = statement(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], {"AWS": f"arn:aws:iam::{OUTSIDE}:root"})
    policy["Statement"][0].pop("Resource")
    ecr.set_repository_policy(repositoryName="app/web", policyText=json.dumps(policy))
    whole = statement("ecr:ReplicateImage", {"AWS": f"arn:aws:iam::{OUTSIDE}:root"}, about["repositoryArn"])
    ecr.put_registry_policy(policyText=json.dumps(whole))
    made.tell("ecr.describe-repositories", "", {"repositories": [
        {"repositoryArn": about["repositoryArn"], "registryId": account, "repositoryName": "app/web",
         "createdAt": about["createdAt"].timestamp()}]})  # fmt: skip
    made.tell("ecr.get-repository-policy", "app/web", {
        "registryId": account, "repositoryName": "app/web", "policyText": policy})  # fmt: skip
    made.tell("ecr.get-registry-policy", "", {"registryId": account, "policyText": whole})
    made.ids.append(about["repositoryArn"])


def _function(functions: Any, made: Things, account: str, region: str) -> None:
    """Policies of the function `greet`, and a layer that is shared."""
    arn = f"arn:aws:lambda:{region}:{account}:function:greet"
    said = functions.add_permission(
        FunctionName="greet", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::b0-{account}", SourceAccount=account,
    )["Statement"]  # fmt: skip
    other = functions.add_permission(
        FunctionName="greet", StatementId="other", Action="lambda:InvokeFunction", Principal=OUTSIDE
    )["Statement"]
    for one in (json.loads(said), json.loads(other)):
        # What was asked for is in what moto says that it made.
        assert one["Action"] == "lambda:InvokeFunction" and one["Effect"] == "Allow" and one["Resource"] == arn
    assert json.loads(said)["Condition"] == {
        "ArnLike": {"AWS:SourceArn": f"arn:aws:s3:::b0-{account}"}, "StringEquals": {"AWS:SourceAccount": account}
    }  # fmt: skip
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": [json.loads(said), json.loads(other)]}
    made.tell("lambda.get-policy", arn, {"Policy": policy})


def directory(client: ClientOf, account: str) -> dict[str, Any]:
    """Identity Center with people, groups, permission sets and assignments, by the call that tells of them."""
    sso, store = client("sso-admin"), client("identitystore")
    (instance,) = sso.list_instances()["Instances"]
    at, inside = {"InstanceArn": instance["InstanceArn"]}, {"IdentityStoreId": instance["IdentityStoreId"]}
    made = Things()
    people = []
    for name in ("ann", "bob", "eve"):
        mail = [{"Value": f"{name}@example.com", "Type": "work", "Primary": True}]
        id = store.create_user(
            **inside, UserName=name, DisplayName=name.title(), Emails=mail,
            Name={"GivenName": name.title(), "FamilyName": "Print"},
        )["UserId"]  # fmt: skip
        people.append({**inside, "UserId": id, "UserName": name, "DisplayName": name.title(), "Emails": mail})
    made.tell("identitystore.list-users", "", people)
    groups = []
    for name, members in (("press", people[:2]), ("empty", [])):
        group = store.create_group(**inside, DisplayName=name, Description="d")["GroupId"]
        groups.append({**inside, "GroupId": group, "DisplayName": name, "ExternalIds": []})
        told = []
        for one in members:
            member = {"UserId": one["UserId"]}
            id = store.create_group_membership(**inside, GroupId=group, MemberId=member)["MembershipId"]
            told.append({**inside, "MembershipId": id, "GroupId": group, "MemberId": member})
        made.tell("identitystore.list-group-memberships", group, told)
    made.tell("identitystore.list-groups", "", groups)
    for name, hours in (("Admin", "PT1H"), ("Printer", "PT8H")):
        about = sso.create_permission_set(**at, Name=name, Description=f"for {name}", SessionDuration=hours)
        arn = about["PermissionSet"]["PermissionSetArn"]
        _permission_set(sso, made, {**at, "PermissionSetArn": arn}, name, account)
        described = {"Name": name, "PermissionSetArn": arn, "Description": f"for {name}", "SessionDuration": hours}
        made.tell("sso-admin.describe-permission-set", arn, {"PermissionSet": described})
        held = [("USER", people[2]["UserId"])] if name == "Admin" else [("GROUP", groups[0]["GroupId"])]
        for kind, id in held:
            sso.create_account_assignment(
                **at,
                PermissionSetArn=arn,
                TargetId=account,
                TargetType="AWS_ACCOUNT",
                PrincipalType=kind,
                PrincipalId=id,
            )
        made.tell("sso-admin.list-account-assignments", f"{account}\x1f{arn}", {"AccountAssignments": [
            {"AccountId": account, "PermissionSetArn": arn, "PrincipalType": kind, "PrincipalId": id}
            for kind, id in held]})  # fmt: skip
        sso.provision_permission_set(**at, PermissionSetArn=arn, TargetType="AWS_ACCOUNT", TargetId=account)
        made.tell("sso-admin.list-accounts-for-provisioned-permission-set", arn, {"AccountIds": [account]})
    made.tell("sso-admin.list-instances", "", {**at, **inside, "OwnerAccountId": account, "Status": "ACTIVE"})
    return made.told


def _permission_set(sso: Any, made: Things, named: dict[str, str], name: str, account: str) -> None:
    """What it allows: an inline policy, AWS managed and customer managed policies."""
    arn = named["PermissionSetArn"]
    inline: dict[str, Any] = {}
    managed, customer = [], []
    if name == "Printer":
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Sid": "P", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}],
        }
        sso.put_inline_policy_to_permission_set(**named, InlinePolicy=json.dumps(policy))
        inline = {"InlinePolicy": policy}
        reference = {"Name": "team", "Path": "/"}
        sso.attach_customer_managed_policy_reference_to_permission_set(
            **named, CustomerManagedPolicyReference=reference
        )
        customer.append(reference)
    for policy_name in ("AdministratorAccess",) if name == "Admin" else ("ReadOnlyAccess", "SecurityAudit"):
        policy_arn = f"arn:aws:iam::aws:policy/{policy_name}"
        sso.attach_managed_policy_to_permission_set(**named, ManagedPolicyArn=policy_arn)
        managed.append({"Name": policy_name, "Arn": policy_arn})
    made.tell("sso-admin.get-inline-policy-for-permission-set", arn, inline)
    made.tell("sso-admin.list-managed-policies-in-permission-set", arn, {"AttachedManagedPolicies": managed})
    made.tell("sso-admin.list-customer-managed-policy-references-in-permission-set", arn, {
        "CustomerManagedPolicyReferences": customer})  # fmt: skip
