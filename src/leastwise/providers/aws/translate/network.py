"""What the internet can reach: public addresses, and security groups that are open to it.

Routes, network access lists and load balancers are not read: `yes` means that the thing has a public address and a
group that lets everyone in, `limited` that its groups let some of the internet in, `no` that it has no such address or
no such group, `unknown` that something was not read.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from leastwise.errors import InputError

from .acting import Roles, describe, place
from .context import Context
from .registry import reads
from .saved import Saved
from .shapes import Node

_HALF = 1
"""Two networks of this length are the whole internet; one counts as it."""


@dataclass(slots=True)
class Rule:
    """A network that a security group lets in: IP version, whether it is everyone, and to which ports."""

    version: int
    everyone: bool
    ports: str


@dataclass(slots=True)
class Interface:
    """A network interface: its addresses that the internet knows, and its security groups."""

    addresses: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    def add(self, addresses: list[str | None], groups: list[str]) -> None:
        """More of both; what is there already stays once."""
        self.addresses = list(dict.fromkeys([*self.addresses, *(one for one in addresses if one)]))
        self.groups = list(dict.fromkeys([*self.groups, *groups]))


class Network:
    """Interfaces by what they belong to, and the rules of security groups, until all are read."""

    def __init__(self) -> None:
        self.rules: dict[str, list[Rule]] = {}
        self.things: dict[str, Interface] = {}
        self.interfaces: dict[str, Interface] = {}
        self.instances: dict[str, str] = {}
        self.attached: list[tuple[str, Interface]] = []
        self.through: list[tuple[str, list[str]]] = []

    def thing(self, id: str) -> Interface:
        """What is known of a thing's addresses and groups."""
        return self.things.setdefault(id, Interface())

    def join(self, context: Context) -> None:
        """Add to each thing its public addresses, open ports, and whether the internet can reach it."""
        for instance, interface in self.attached:
            if instance in self.instances:
                self.thing(self.instances[instance]).add([*interface.addresses], interface.groups)
        for id, names in self.through:
            for name in names:
                found = self.interfaces.get(name)
                if found is not None:
                    self.thing(id).add([*found.addresses], found.groups)
        unread = {id for id, names in self.through if any(name not in self.interfaces for name in names)}
        for id, thing in self.things.items():
            row = context.resources.rows[id]
            reached, ports = self._reached(thing, id in unread)
            told = {
                "public_addresses": ", ".join(thing.addresses),
                "open_ports": ", ".join(ports),
                "internet_direct": reached,
            }
            row["details"] = [*row.get("details", ()), *((key, value) for key, value in told.items() if value)]

    def _reached(self, thing: Interface, unread: bool) -> tuple[str, list[str]]:
        versions = {6 if ":" in one else 4 for one in thing.addresses}
        rules = [rule for group in thing.groups for rule in self.rules.get(group, ()) if rule.version in (0, *versions)]
        ports = list(dict.fromkeys(rule.ports for rule in rules if rule.everyone))
        if ports:
            return "yes", ports
        if unread or (versions and (not thing.groups or any(group not in self.rules for group in thing.groups))):
            return "unknown", []
        return ("limited" if rules and versions else "no"), []


# --- instances ------------------------------------------------------------------------------------------------------


@reads("ec2.describe-instances")
def _instances(saved: Saved, context: Context) -> None:
    network = context.joined(Network)
    for reservation in saved.nodes("Reservations"):
        for one in reservation.nodes("Instances"):
            number = one.text("InstanceId")
            id = place(context, saved, "ec2", f"instance/{number}")
            tags, metadata = one.tags("Tags"), one.node("MetadataOptions")
            profile = one.node("IamInstanceProfile").maybe("Arn")
            describe(
                context, saved, id,
                {
                    "state": one.node("State").maybe("Name"), "vpc": one.maybe("VpcId"),
                    "metadata_tokens": metadata.maybe("HttpTokens"), "metadata": metadata.maybe("HttpEndpoint"),
                    "instance_profile": profile,
                },
                kind="ec2:instance", name=dict(tags or ()).get("Name") or number, created=one.time("LaunchTime"),
                tags=tags, policy_known=True, region=saved.region or None,
            )  # fmt: skip
            network.instances[number] = id
            groups = [group.text("GroupId") for group in one.nodes("SecurityGroups")]
            network.thing(id).add([one.maybe("PublicIpAddress"), one.maybe("Ipv6Address")], groups)
            for interface in one.nodes("NetworkInterfaces"):
                network.thing(id).add(*_interface(interface))
            if profile:
                context.joined(Roles).profiles.append((id, profile, saved.name))


def _interface(found: Node) -> tuple[list[str | None], list[str]]:
    addresses = [found.node("Association").maybe("PublicIp")]
    addresses += [one.maybe("Ipv6Address") for one in found.nodes("Ipv6Addresses")]
    return addresses, [group.text("GroupId") for group in found.nodes("Groups")]


@reads("ec2.describe-iam-instance-profile-associations")
def _profiles(saved: Saved, context: Context) -> None:
    for one in saved.nodes("IamInstanceProfileAssociations"):
        profile = one.node("IamInstanceProfile").maybe("Arn")
        if one.maybe("State") in ("disassociating", "disassociated") or not profile:
            continue
        id = place(context, saved, "ec2", f"instance/{one.text('InstanceId')}")
        describe(context, saved, id, {"instance_profile": profile}, kind="ec2:instance", policy_known=True)
        context.joined(Roles).profiles.append((id, profile, saved.name))


@reads("ec2.describe-network-interfaces")
def _interfaces(saved: Saved, context: Context) -> None:
    network = context.joined(Network)
    for one in saved.nodes("NetworkInterfaces"):
        found = network.interfaces.setdefault(one.text("NetworkInterfaceId"), Interface())
        found.add(*_interface(one))
        instance = one.node("Attachment").maybe("InstanceId")
        if instance:
            network.attached.append((instance, found))


@reads("ec2.describe-security-groups")
def _groups(saved: Saved, context: Context) -> None:
    network = context.joined(Network)
    for group in saved.nodes("SecurityGroups"):
        rules = network.rules.setdefault(group.text("GroupId"), [])
        for permission in group.nodes("IpPermissions"):
            ports = _ports(permission)
            cidrs = [one.text("CidrIp") for one in permission.nodes("IpRanges")]
            cidrs += [one.text("CidrIpv6") for one in permission.nodes("Ipv6Ranges")]
            rules += [rule for cidr in cidrs if (rule := _rule(saved, cidr, ports))]
            rules += [Rule(0, False, ports) for _ in permission.nodes("PrefixListIds")]


def _rule(saved: Saved, cidr: str, ports: str) -> Rule | None:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError as error:
        raise InputError(saved.name, str(error), "$.SecurityGroups") from None
    everyone = network.prefixlen <= _HALF
    return Rule(network.version, everyone, ports) if everyone or not network.is_private else None


def _ports(permission: Node) -> str:
    """`tcp/443`, `tcp/8000-8080`, `icmp`, or `all`. -1 is every protocol."""
    protocol = word_of(permission.raw("IpProtocol"))
    if protocol in ("-1", ""):
        return "all"
    first, last = permission.raw("FromPort"), permission.raw("ToPort")
    if protocol not in ("tcp", "udp", "6", "17") or first is None or first == -1:
        return protocol
    return f"{protocol}/{first}" if first == last else f"{protocol}/{first}-{last}"


def word_of(value: object) -> str:
    """A protocol, which tools print as a text or a number."""
    return "" if value is None else str(value)


# --- VPC endpoints --------------------------------------------------------------------------------------------------


@reads("ec2.describe-vpc-endpoints")
def _endpoints(saved: Saved, context: Context) -> None:
    """Their policies keep calls from passing and allow none by themselves (layer `endpoint`)."""
    for one in saved.nodes("VpcEndpoints"):
        id = place(context, saved, "ec2", f"vpc-endpoint/{one.text('VpcEndpointId')}")
        describe(
            context, saved, id,
            {
                "endpoint_type": one.maybe("VpcEndpointType"), "service": one.maybe("ServiceName"),
                "state": one.maybe("State"), "vpc": one.maybe("VpcId"), "private_dns": one.flag("PrivateDnsEnabled"),
            },
            kind="ec2:vpc-endpoint", name=one.text("VpcEndpointId"), created=one.time("CreationTimestamp"),
            tags=one.tags("Tags"), region=saved.region or None,
        )  # fmt: skip
        policy = one.raw("PolicyDocument")
        if policy or one.maybe("VpcEndpointType") == "GatewayLoadBalancer":
            context.resources.policy(id, policy or None, saved.name, saved.call)
