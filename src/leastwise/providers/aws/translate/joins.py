"""Facts that two or more saved responses tell together: devices, agents, users by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leastwise.errors import InputError

if TYPE_CHECKING:
    from .context import Context


def join_devices(context: Context) -> None:
    """Things with their certificates, and the IoT policies attached to these certificates.

    https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html: a policy acts on every thing
    that presents the certificate it is attached to.
    """
    holders: dict[str, list[str]] = {}
    for thing, certificate, source in context.thing_certificates:
        arn = context.things.get(thing)
        if arn is None:
            raise InputError(source, f"thing {thing} is in no list-things response of account {context.account}")
        holders.setdefault(certificate, []).append(arn)
        context.credential(
            certificate, arn, "certificate", source, **context.certificates.get(certificate, {"active": None})
        )
        context.link(arn, certificate, "attached_certificate", source)
    for target, name, source in context.device_policies:
        policy, row = context.iot_policies.get(name, (name, None))
        for arn in holders.get(target, [target]):
            context.facts.attachments.add(
                account=context.account, layer="device", kind="iot", target=arn, policy=policy, document=row,
                source=source,
            )  # fmt: skip


def join_agents(context: Context) -> None:
    """Agents and the functions that their action groups call."""
    for agent, function, source in context.agent_tools:
        arn = context.agents.get(agent)
        if arn is None:
            raise InputError(source, f"agent {agent} is in no get-agent response of account {context.account}")
        context.link(arn, function, "invokes", source)


def join_rules(context: Context) -> None:
    """Schedules and event rules with what they start, and the role that they start it with."""
    for rule, target, role, source in context.rule_targets:
        arn = rule if rule.startswith("arn:") else context.rules.get(rule)
        if arn is None:
            raise InputError(source, f"rule {rule} is in no list-rules response of account {context.account}")
        context.link(arn, target, "invokes", source)
        if role:
            context.link(arn, role, "executes_as", source)


def join_functions(context: Context) -> None:
    """Policies of functions (None: it has none) that the file names by the function's name, given to its ARN.

    The ARN is that of list-functions, else one that the policy names.
    """
    by_name: dict[str, list[str]] = {}
    for arn, row in context.resources.rows.items():
        if row["kind"] == "lambda:function":
            by_name.setdefault(str(row["name"]), []).append(arn)
    for given, policy, source in context.function_policies:
        name = given.rpartition(":function:")[2]
        found = [given] if given.startswith("arn:") else by_name.get(name, [])
        if policy is not None and len(found) != 1:
            named = re.search(rf"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{{12}}:function:{re.escape(name)}(?![\w-])", policy)
            found = [named[0]] if named else []
        if not found and policy is not None:
            raise InputError(source, f"no list-functions response holds function {name}; name the file by its ARN")
        if len(found) == 1:
            context.resources.policy(found[0], policy, source)


def resolve_users(context: Context) -> None:
    """Give facts that were told of a user's name the user's ARN, now that every export has been read."""
    named = {id: row for id, row in context.principals.items() if id.startswith("user:")}
    if not named and not context.credentials:
        return
    columns = context.facts.principals.columns
    by_name: dict[str, str] = {
        name: id for name, id, native in zip(columns["name"], columns["id"], columns["native"], strict=True)
        if native == "user"
    }  # fmt: skip
    by_name.update({str(row["name"]): id for id, row in context.principals.items() if row.get("native") == "user"})

    def arn(given: str) -> str:
        if not given.startswith("user:"):
            return given
        return by_name.get(given[5:], f"arn:aws:iam::{context.account}:user/{given[5:]}")

    for row in context.credentials.values():
        row["principal"] = arn(row["principal"])
    for id, row in named.items():
        del context.principals[id]
        name = id[5:]
        context.principal(
            arn(id), row["source"], **{"name": name, "native": "user"}
            | {key: value for key, value in row.items() if key not in ("id", "source")},
        )  # fmt: skip
