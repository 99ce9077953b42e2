"""Facts that two or more saved responses tell together: devices, agents, users by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context


_COGNITO = re.compile(r"[a-z0-9-]+:[^/:]+")


def join_devices(context: Context) -> None:
    """Things with their certificates, and the IoT policies attached to these certificates.

    https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html: a policy acts on every thing
    that presents the certificate it is attached to. A thing's principal is a certificate or a Cognito identity
    (https://docs.aws.amazon.com/iot/latest/apireference/API_ListThingPrincipals.html).
    """
    holders: dict[str, list[str]] = {}
    for region, thing, principal, source in context.thing_principals:
        arn = context.things.get(region, thing)
        if arn is None:
            arn = context.arn("iot", f"thing/{thing}", region) if region else thing
            context.things.put(region, thing, arn)
            context.principal(arn, source, kind="device", native="thing", name=thing, tags=[])
            context.lost("iot", "ListThings", "things in no list-things answer", thing, "attributes of these things")
        holders.setdefault(principal, []).append(arn)
        if _COGNITO.fullmatch(principal):
            context.credential(principal, arn, "cognito_identity", source)
            context.link(arn, principal, "attached_identity", source)
            continue
        context.credential(
            principal, arn, "certificate", source, **context.certificates.get(principal, {"active": None})
        )
        context.link(arn, principal, "attached_certificate", source)
    told: set[tuple[str, str]] = set()
    for region, target, name, source in context.device_policies:
        policy, row = context.iot_policies.get(region, name) or (name, None)
        for arn in holders.get(target, [target]):
            # Asked about a certificate, and about a policy, AWS tells the same.
            if (arn, policy) in told:
                continue
            told.add((arn, policy))
            context.facts.attachments.add(
                account=context.account, layer="device", kind="iot", target=arn, policy=policy, document=row,
                source=source,
            )  # fmt: skip


def join_agents(context: Context) -> None:
    """Agents and the functions that their action groups call."""
    for region, agent, function, source in context.agent_tools:
        arn = context.agents.get(agent)
        if arn is None:
            arn = context.agents[agent] = context.arn("bedrock", f"agent/{agent}", region) if region else agent
            context.principal(arn, source, kind="agent", native="bedrock_agent", name=agent, tags=[])
            context.lost("bedrock-agent", "GetAgent", "agents in no get-agent answer", agent, "whom they act as")
        context.link(arn, function, "invokes", source)


def join_rules(context: Context) -> None:
    """Schedules and event rules with what they start, and the role that they start it with."""
    for region, rule, target, role, source in context.rule_targets:
        arn = rule if rule.startswith("arn:") else context.rules.get(region, rule)
        if arn is None:
            arn = context.arn("events", f"rule/{rule}", region) if region else f"rule/{rule}"
            context.rules.put(region, rule, arn)
            context.resources.add(arn, source, kind="events:rule", name=rule, region=region or None)
            context.lost("events", "ListRules", "rules in no list-rules answer", rule, "when they start something")
        context.link(arn, target, "invokes", source)
        if role:
            context.link(arn, role, "executes_as", source)


def join_functions(context: Context) -> None:
    """Policies of functions (None: it has none) that the file names by the function's name, given to its ARN.

    The ARN is that of list-functions, else one that the policy names, else made of the region.
    """
    by_name: dict[str, dict[str, str]] = {}
    for arn, row in context.resources.rows.items():
        if row["kind"] == "lambda:function":
            by_name.setdefault(str(row["name"]), {})[str(row["region"] or "")] = arn
    for region, given, policy, source in context.function_policies:
        name = given.rpartition(":function:")[2] or given
        held = by_name.get(name, {})
        found = [held[region]] if region in held else [] if region else list(held.values())
        if given.startswith("arn:"):
            found = [given]
        if policy is not None and len(found) != 1:
            named = re.search(rf"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{{12}}:function:{re.escape(name)}(?![\w-])", policy)
            found = [named[0]] if named else []
        if len(found) != 1:
            context.lost("lambda", "ListFunctions", "functions in no list-functions answer", name, "these functions")
            found = [context.arn("lambda", f"function:{name}", region) if region else f"function:{name}"]
            context.resources.add(found[0], source, kind="lambda:function", name=name)
        context.resources.policy(found[0], policy, source, "lambda.get-policy")


def resolve_users(context: Context) -> Callable[[str], str]:
    """Give facts that were told of a user's name the user's ARN, now that every export has been read.

    Returns the function that gives it.
    """
    if not context.users_by_name:  # then nothing is there to be resolved
        return lambda given: given
    values = context.facts.principals.values
    by_name: dict[str, str] = {
        name: id for name, id, native in zip(values("name"), values("id"), values("native"), strict=True)
        if native == "user"
    }  # fmt: skip
    by_name.update({str(row["name"]): id for id, row in context.principals.items() if row.get("native") == "user"})

    def arn(given: str) -> str:
        if not given.startswith("user:"):
            return given
        return by_name.get(given[5:]) or context.arn("iam", f"user/{given[5:]}")

    rows, context.credentials = list(context.credentials.values()), {}
    for row in rows:
        row["principal"] = arn(row["principal"])
        known = context.credentials.setdefault(f"{row['id']}\x1f{row['principal']}", row)
        known.update({key: value for key, value in row.items() if known.get(key) in (None, False)})
    named = {id: row for id, row in context.principals.items() if id.startswith("user:")}
    for id, row in named.items():
        del context.principals[id]
        name = id[5:]
        context.principal(
            arn(id), row["source"], **{"name": name, "native": "user"}
            | {key: value for key, value in row.items() if key not in ("id", "source")},
        )  # fmt: skip
    return arn
