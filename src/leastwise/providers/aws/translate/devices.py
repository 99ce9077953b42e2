"""Groups of IoT things, and the policies that hold for groups: a policy on a group holds for all things in it, and in
the groups below it. https://docs.aws.amazon.com/iot/latest/developerguide/thing-groups.html

A group is a principal of kind `group`; a thing is a member of its own groups and of those above them.
"""

from __future__ import annotations

from .acting import place
from .context import Context
from .names import region_of
from .registry import reads
from .saved import Saved


class ThingGroups:
    """Groups with their parents and things, by region and name, until all are read."""

    def __init__(self) -> None:
        self.parents: dict[tuple[str, str], str] = {}
        self.members: list[tuple[str, str, str, Saved]] = []

    def join(self, context: Context) -> None:
        """One membership for each group that a thing is in, those above included."""
        told: set[tuple[str, str]] = set()
        for region, group, thing, saved in self.members:
            member = place(context, saved, "iot", f"thing/{thing}", region) if region else thing
            for name in self._up(region, group):
                id = place(context, saved, "iot", f"thinggroup/{name}", region)
                if (member, id) not in told:
                    told.add((member, id))
                    context.facts.memberships.add(member=member, group=id, kind="thing_group", source=saved.name)

    def _up(self, region: str, group: str) -> list[str]:
        found = [group]
        while (above := self.parents.get((region, found[-1]))) and above not in found:
            found.append(above)
        return found


class Loose:
    """Certificates that are listed, until it is known which of them no thing holds."""

    def __init__(self) -> None:
        self.listed: dict[str, tuple[str, str]] = {}

    def join(self, context: Context) -> None:
        """Such a certificate still signs in, as whatever its policies allow: it is a device of its own."""
        held = {row["id"] for row in context.credentials.values()}
        for arn, (number, source) in self.listed.items():
            if arn not in held:
                context.principal(arn, source, kind="device", native="certificate", name=number, tags=[])
                context.credential(number, arn, "certificate", source, **context.certificates[arn])


@reads("iot.list-thing-groups")
def _groups(saved: Saved, context: Context) -> None:
    for one in saved.nodes("thingGroups"):
        context.principal(
            one.text("groupArn"), saved.name, kind="group", native="thing_group", name=one.text("groupName"), tags=[]
        )


@reads("iot.describe-thing-group")
def _group(saved: Saved, context: Context) -> None:
    id, name, about = saved.text("thingGroupArn"), saved.text("thingGroupName"), saved.node("thingGroupMetadata")
    context.principal(
        id, saved.name, kind="group", native="thing_group", name=name, created=about.time("creationDate"),
        unique_id=saved.maybe("thingGroupId"), tags=[],
    )  # fmt: skip
    above = about.maybe("parentGroupName")
    if above:
        context.joined(ThingGroups).parents[region_of(id), name] = above


@reads("iot.list-things-in-thing-group")
def _members(saved: Saved, context: Context) -> None:
    group = saved.subject()
    context.joined(ThingGroups).members += [(saved.region, group, thing, saved) for thing in saved.texts("things")]


@reads("iot.list-targets-for-policy")
def _targets(saved: Saved, context: Context) -> None:
    """Certificates, thing groups, and Cognito identities, which have no ARN."""
    for target in saved.texts("targets"):
        context.device_policies.append((region_of(target) or saved.region, target, saved.subject(), saved.name))


@reads("iot.list-certificates")
def _certificates(saved: Saved, context: Context) -> None:
    """Less than describe-certificate tells, for where that was not answered."""
    for one in saved.nodes("certificates"):
        told = {"active": one.maybe("status") == "ACTIVE", "created": one.time("creationDate")}
        held = context.certificates.setdefault(one.text("certificateArn"), {})
        held.update({key: value for key, value in told.items() if key not in held})
        context.joined(Loose).listed[one.text("certificateArn")] = one.text("certificateId"), saved.name
