"""IoT things and Bedrock agents of bw-prod."""

from __future__ import annotations

from demo_company import things
from demo_company.clock import START, alive, iso, moment
from demo_company.export import Export, compact
from demo_company.ids import PROD, REGION, guid, letters
from demo_company.model import Agent

IOT = f"arn:aws:iot:{REGION}:{PROD}:"


def certificate_arn(certificate: str) -> str:
    """ARN of a certificate."""
    return f"{IOT}cert/{certificate}"


def iot(export: Export) -> None:
    """iot: things, certificates, policies, role aliases."""
    rows = []
    for device in things.DEVICES:
        rows.append(
            {
                "thingName": device.name,
                "thingTypeName": device.kind,
                "thingArn": f"{IOT}thing/{device.name}",
                "attributes": {"depot": device.depot},
                "version": 1,
            }
        )
        principals = {"principals": [certificate_arn(device.certificate)]}
        export.save("iot-list-thing-principals", principals, device.name)
    export.save("iot-list-things", {"things": rows})
    policies = {device.certificate: device.policy for device in things.DEVICES}
    described = [_certificate(export, ident, policy) for ident, policy in policies.items()]
    export.save("iot-list-certificates", {"certificates": described})
    _policies(export)
    export.save("iot-list-role-aliases", {"roleAliases": list(things.ROLE_ALIASES)})
    for alias, role in things.ROLE_ALIASES.items():
        response = {
            "roleAlias": alias,
            "roleAliasArn": f"{IOT}rolealias/{alias}",
            "roleArn": f"arn:aws:iam::{PROD}:role/{role}",
            "owner": PROD,
            "credentialDurationSeconds": 3600,
            "creationDate": iso(moment(START, "alias", alias)),
            "lastModifiedDate": iso(moment(START, "alias", alias)),
        }
        export.save("iot-describe-role-alias", {"roleAliasDescription": response}, alias)


def _certificate(export: Export, ident: str, policy: str) -> dict[str, object]:
    arn = certificate_arn(ident)
    short: dict[str, object] = {
        "certificateArn": arn,
        "certificateId": ident,
        "status": "ACTIVE",
        "certificateMode": "DEFAULT",
        "creationDate": iso(moment(START, "certificate", ident)),
    }
    validity = {"notBefore": iso(moment(START, "certificate", ident)), "notAfter": "2049-12-31T23:59:59+00:00"}
    full = {**short, "ownedBy": PROD, "lastModifiedDate": short["creationDate"], "validity": validity}
    export.save("iot-describe-certificate", {"certificateDescription": full}, ident)
    attached = [{"policyName": policy, "policyArn": f"{IOT}policy/{policy}"}]
    export.save("iot-list-attached-policies", {"policies": attached}, arn)
    return short


def _policies(export: Export) -> None:
    rows = [{"policyName": name, "policyArn": f"{IOT}policy/{name}"} for name in things.IOT_POLICIES]
    export.save("iot-list-policies", {"policies": rows})
    for name, content in things.IOT_POLICIES.items():
        response = {
            "policyName": name,
            "policyArn": f"{IOT}policy/{name}",
            "policyDocument": compact(content),
            "defaultVersionId": "1",
            "creationDate": iso(moment(START, "iot policy", name)),
            "lastModifiedDate": iso(moment(START, "iot policy", name)),
            "generationId": letters(12, "generation", name).lower(),
        }
        export.save("iot-get-policy", response, name)


def agents(export: Export) -> None:
    """bedrock-agent: agents, their action groups and aliases."""
    found = [agent for agent in things.AGENTS if alive(export.day, agent.created, "")]
    summaries = [
        {
            "agentId": agent.id,
            "agentName": agent.name,
            "agentStatus": "PREPARED",
            "updatedAt": iso(moment(agent.created, "agent", agent.name)),
            "latestAgentVersion": "1",
        }
        for agent in found
    ]
    export.save("bedrock-agent-list-agents", {"agentSummaries": summaries})
    for agent in found:
        _agent(export, agent)


def _agent(export: Export, agent: Agent) -> None:
    when = iso(moment(agent.created, "agent", agent.name))
    role = f"AmazonBedrockExecutionRoleForAgents_{things.AGENT_ROLES[agent.id]}"
    described = {
        "agentId": agent.id,
        "agentName": agent.name,
        "agentArn": f"{things.AGENT}{agent.id}",
        "agentVersion": "DRAFT",
        "instruction": agent.instruction,
        "agentStatus": "PREPARED",
        "foundationModel": "anthropic.claude-3-haiku-20240307-v1:0",
        "idleSessionTTLInSeconds": 600,
        "agentResourceRoleArn": f"arn:aws:iam::{PROD}:role/service-role/{role}",
        "createdAt": when,
        "updatedAt": when,
    }
    export.save("bedrock-agent-get-agent", {"agent": described}, agent.id)
    group = letters(10, "action group", agent.name)
    summary = {
        "actionGroupId": group,
        "actionGroupName": agent.tool,
        "actionGroupState": "ENABLED",
        "updatedAt": when,
    }
    export.save("bedrock-agent-list-agent-action-groups", {"actionGroupSummaries": [summary]}, agent.id)
    action = {
        **summary,
        "agentId": agent.id,
        "agentVersion": "DRAFT",
        "clientToken": guid("token", agent.name),
        "createdAt": when,
        "actionGroupExecutor": {"lambda": f"arn:aws:lambda:{REGION}:{PROD}:function:{agent.tool}"},
    }
    export.save("bedrock-agent-get-agent-action-group", {"agentActionGroup": action}, agent.id, group)
    alias = {
        "agentAliasId": letters(10, "alias", agent.name),
        "agentAliasName": "live",
        "agentAliasStatus": "PREPARED",
        "createdAt": when,
        "updatedAt": when,
    }
    export.save("bedrock-agent-list-agent-aliases", {"agentAliasSummaries": [alias]}, agent.id)
