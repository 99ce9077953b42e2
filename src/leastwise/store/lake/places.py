"""Networks of addresses and families of user agents: what sightings count by, in place of what changes all the time."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

_VERSION = re.compile(r"[/ ;(\[].*", re.DOTALL)
_LONGEST = 60


def network(address: str) -> str:
    """`10.1.2.0/24` of an IPv4 address, the /48 of an IPv6 one, anything else (a service's name) as it is."""
    head, _, last = address.rpartition(".")
    if last.isdecimal() and head.count(".") == 2 and head.replace(".", "").isdecimal():
        return f"{head}.0/24"
    if ":" in address:
        try:
            return str(ipaddress.ip_network(f"{address.partition('%')[0]}/48", strict=False))
        except ValueError:
            return address
    return address


def networks(addresses: Iterable[str]) -> list[str]:
    """`network` of each."""
    found, known = [], dict[str, str]()
    for one in addresses:
        head, _, last = one.rpartition(".")
        if not last.isdecimal():
            found.append(network(one))
            continue
        told = known.get(head)
        if told is None:
            told = known[head] = network(f"{head}.0")
        found.append(told if told.endswith("/24") else network(one))
    return found


def family(agent: str) -> str:
    """The first product of a user agent without its version: `Boto3/1.34 md/…` → `Boto3`; empty for none."""
    text = agent.strip().lstrip("[(\"'").strip()
    return _VERSION.sub("", text)[:_LONGEST].rstrip("])\"'")
