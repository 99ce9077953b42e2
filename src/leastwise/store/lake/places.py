"""Networks of addresses and families of user agents: what sightings count by, in place of what changes all the time."""

from __future__ import annotations

import ipaddress
import re

import pyarrow as pa
import pyarrow.compute as pc

_VERSION = re.compile(r"[/ ;(\[].*", re.DOTALL)
_IPV4 = r"^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$"
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


def networks(addresses: pa.Array) -> pa.Array:
    """`network` of each."""
    found = pc.binary_join_element_wise(pc.ascii_rtrim(addresses, "0123456789"), "0/24", "")
    others = pc.invert(pc.match_substring_regex(addresses, _IPV4))
    if not pc.any(others).as_py():
        return found
    told = [network(one) for one in addresses.filter(others).to_pylist()]
    return pc.replace_with_mask(found, others, pa.array(told, pa.string()))


def family(agent: str) -> str:
    """The first product of a user agent without its version: `Boto3/1.34 md/…` → `Boto3`; empty for none."""
    text = agent.strip().lstrip("[(\"'").strip()
    return _VERSION.sub("", text)[:_LONGEST].rstrip("])\"'")
