"""Small AWS accounts in which one escalation rule lets an actor become a target, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.conform.scenarios import scopes_of
from leastwise.rules.escalation import EscalationRule

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
TARGET_ROLE, TARGET_USER = f"{IAM}:role/target", f"{IAM}:user/target"
POLICY, GROUP = f"{IAM}:policy/shared", f"{IAM}:group/strong"
AT = datetime(2026, 11, 1, tzinfo=UTC)
_HERE = f"eu-west-1:{ACCOUNT}"
_THINGS = {
    "apprunner:service": f"arn:aws:apprunner:{_HERE}:service/thing/0123456789abcdef0123456789abcdef",
    "bedrock-agentcore:code-interpreter-custom": f"arn:aws:bedrock-agentcore:{_HERE}:code-interpreter-custom/thing",
    "cloudformation:stack": f"arn:aws:cloudformation:{_HERE}:stack/thing/01234567-89ab-4cde-8f01-23456789abcd",
    "cloudformation:stackset": f"arn:aws:cloudformation:{_HERE}:stackset/thing:01234567-89ab-4cde-8f01-23456789abcd",
    "codebuild:project": f"arn:aws:codebuild:{_HERE}:project/thing",
    "dynamodb:table": f"arn:aws:dynamodb:{_HERE}:table/thing",
    "ec2:instance": f"arn:aws:ec2:{_HERE}:instance/i-0123456789abcdef0",
    "ec2:launch-template": f"arn:aws:ec2:{_HERE}:launch-template/lt-0123456789abcdef0",
    "ecr:repository": f"arn:aws:ecr:{_HERE}:repository/thing",
    "ecs:task-definition": f"arn:aws:ecs:{_HERE}:task-definition/thing:1",
    "glue:devEndpoint": f"arn:aws:glue:{_HERE}:devEndpoint/thing",
    "glue:job": f"arn:aws:glue:{_HERE}:job/thing",
    "kms:key": f"arn:aws:kms:{_HERE}:key/01234567-89ab-4cde-8f01-23456789abcd",
    "lambda:function": f"arn:aws:lambda:{_HERE}:function:thing",
    "s3:bucket": "arn:aws:s3:::thing",
    "sagemaker:notebook-instance": f"arn:aws:sagemaker:{_HERE}:notebook-instance/thing",
    "secretsmanager:secret": f"arn:aws:secretsmanager:{_HERE}:secret:thing-AbCdEf",
    "sqs:queue": f"arn:aws:sqs:{_HERE}:thing",
    "ssm:parameter": f"arn:aws:ssm:{_HERE}:parameter/thing",
}
"""A thing of each kind."""
PROFILE = {
    "Arn": f"{IAM}:instance-profile/web", "Path": "/", "InstanceProfileName": "web",
    "InstanceProfileId": "AIPAWEB00000000000000", "Roles": [{"Arn": TARGET_ROLE}],
}  # fmt: skip
_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(*principals: dict[str, Any]) -> dict[str, Any]:
    return document(*({"Effect": "Allow", "Principal": one, "Action": "sts:AssumeRole"} for one in principals))


@dataclass(frozen=True)
class Small:
    """An account in which a rule can be tried.

    `left_out` is the number of the step that the actor lacks; None: he has all.
    """

    rule: EscalationRule
    left_out: int | None = None

    @property
    def role(self) -> bool:
        """Whether the target is a role."""
        return self.rule.natives != ("user",) and not self.rule.oneself

    @property
    def actor(self) -> str:
        """Who has what the rule needs: a role only where the rule is about one's own role."""
        return f"{IAM}:role/actor" if self.rule.oneself and self.rule.natives == ("role",) else f"{IAM}:user/actor"

    @property
    def thing(self) -> str:
        """What hangs together with the target."""
        if self.rule.link == "holds":
            return POLICY
        if self.rule.link in ("has", "group"):
            return GROUP
        return _THINGS[self.rule.kinds[0]] if self.rule.kinds else "nothing"

    def graph(self) -> EscalationGraph:
        """The graph of the account."""
        scopes = tuple(scopes_of([{"kind": "account_authorization_details", "body": self._account()}], self._things()))
        return graph_of(PROVIDER, scopes, {ACCOUNT}, AT, [self.rule])

    def _statements(self) -> Iterator[dict[str, Any]]:
        for number, step in enumerate(self.rule.needs):
            need = step[0]
            if need.by or number == self.left_out:
                continue
            places = {"target": TARGET_ROLE if self.role else TARGET_USER, "thing": f"{self.thing}*", "new": "*"}
            places["existing"] = places["thing"]
            if self.rule.oneself:
                places["target"] = self.actor
            yield {"Effect": "Allow", "Action": need.permission, "Resource": places[need.about]}

    def _services(self) -> Sequence[str]:
        """The services that the target trusts; none where that is the step left out."""
        steps = [(number, step) for number, step in enumerate(self.rule.needs) if step[0].by]
        return [step[0].by for number, step in steps if number != self.left_out]

    def _account(self) -> dict[str, Any]:
        inline = [{"PolicyName": "own", "PolicyDocument": document(*self._statements())}]
        actor: dict[str, Any] = {"Arn": self.actor, "Path": "/", "AttachedManagedPolicies": []}
        shared = [{"PolicyName": "shared", "PolicyArn": POLICY}] if self.rule.link == "holds" else []
        names = ["strong"] if self.rule.link == "has" else []
        if self.rule.oneself:
            actor["AttachedManagedPolicies"] = shared
        trusts = [{"Service": one} for one in self._services()]
        asked = {one.permission for one in self.rule.every() if not one.by}
        if "sts:AssumeRole" in asked:
            trusts.append({"AWS": f"{IAM}:root"})
        strong = [{"PolicyName": "everything", "PolicyDocument": document(_EVERYTHING)}]
        held = shared if not self.rule.oneself else []
        target = {
            "Arn": TARGET_ROLE, "Path": "/", "RoleName": "target", "RoleId": "AROATARGET00000000000",
            "AssumeRolePolicyDocument": trust(*trusts) if trusts else trust({"Service": "nobody.amazonaws.com"}),
            "RolePolicyList": strong, "AttachedManagedPolicies": held, "InstanceProfileList": [PROFILE],
        }  # fmt: skip
        user = {
            "Arn": TARGET_USER, "Path": "/", "UserName": "target", "UserId": "AIDATARGET00000000000", "GroupList": [],
            "UserPolicyList": strong, "AttachedManagedPolicies": [],
        }  # fmt: skip
        users, roles = [user], [target]
        if ":user/" in self.actor:
            users.append(actor | {
                "UserName": "actor", "UserId": "AIDAACTOR000000000000", "GroupList": names, "UserPolicyList": inline,
            })  # fmt: skip
        else:
            roles.append(actor | {
                "RoleName": "actor", "RoleId": "AROAACTOR000000000000", "RolePolicyList": inline,
                "AssumeRolePolicyDocument": trust({"Service": "nobody.amazonaws.com"}), "InstanceProfileList": [],
            })  # fmt: skip
        group = {
            "Arn": GROUP, "Path": "/", "GroupName": "strong", "GroupId": "AGPAGROUP000000000000",
            "GroupPolicyList": strong if self.rule.link == "group" else [], "AttachedManagedPolicies": [],
        }  # fmt: skip
        version = {"Document": document(), "VersionId": "v1", "IsDefaultVersion": True}
        version["Document"] = document({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})
        policy = {
            "Arn": POLICY, "Path": "/", "PolicyName": "shared", "PolicyId": "ANPASHARED00000000000",
            "DefaultVersionId": "v1", "PolicyVersionList": [version],
        }  # fmt: skip
        return {"UserDetailList": users, "RoleDetailList": roles, "GroupDetailList": [group], "Policies": [policy]}

    def _things(self) -> list[dict[str, str]]:
        if self.rule.link not in ("runs", "itself") and all(one.about != "existing" for one in self.rule.every()):
            return []
        role = TARGET_ROLE if self.rule.link == "runs" else ""
        return [
            {
                "id": self.thing,
                "kind": self.rule.kinds[0],
                "name": "thing",
                "account": ACCOUNT,
                "role": role,
                "profile": "",
            }
        ]

    def led_to(self, graph: EscalationGraph) -> set[str]:
        """Whom the actor is by this rule, as people are told it."""
        found = set()
        for gate in graph.gates.gates:
            if graph.gates.rules[gate.rule].id != self.rule.id or gate.missing:
                continue
            nodes = graph.gates.nodes
            pairs = (
                zip(gate.each.tolist(), gate.targets.tolist(), strict=True)
                if gate.each is not None
                else ((source, target) for source in gate.sources for target in gate.targets.tolist())
            )
            found |= {graph.named(nodes[target]) for source, target in pairs if nodes[source] == self.actor}
        return found
