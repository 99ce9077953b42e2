"""Tables of events drawn at random, with all that the aggregation has to tell apart."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import table
from leastwise.model.tables.usage import EVENTS
from leastwise.model.usage import Fact, packed

ADDRESSES = (
    "192.0.2.7", "192.0.2.9", "198.51.100.1", "999.1.2.3", "s3.amazonaws.com", "AWS Internal", "", "2001:db8::7",
    "2001:DB8:0:0::9", "::1", "::", "fe80::1%eth0", "::ffff:192.0.2.1", "0:0:5::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
    "abc:def", "....5", "2001:db8::/32",
)  # fmt: skip
AGENTS = (
    "aws-cli/2.15 Python/3.11", "Boto3/1.34 md/x", "[S3Console/0.4]", " ('x') ", "", "\u00a0aws-sdk-go;1", "é" * 80,
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EDGES = (0, 1, 86_399_999_999, 86_400_000_000, 1_767_225_599_999_999, 1_767_225_600_000_000)
_OUTCOMES = ("allowed", "denied", "failed", "unknown")


def row(draw: random.Random, number: int) -> dict[str, Any]:
    """One event; few different values, so that rows fall together."""
    facts = [
        Fact(draw.choice(("call", "implied", "possible")), draw.choice(("s3:Get", "iam:PassRole", "")),
             draw.choice(("", "arn:aws:s3:::a", "b\u2028c")), draw.choice(("", "2")), draw.choice(_OUTCOMES))
        for _ in range(draw.choice((0, 0, 0, 1, 3)))
    ]  # fmt: skip
    near = 1_767_225_600_000_000 + draw.randrange(3 * 86_400_000_000)
    time = _EPOCH + timedelta(microseconds=draw.choice((*_EDGES, near, near, near)))
    return dict.fromkeys(EVENTS.names(), "") | {
        "id": str(number), "time": time, "provider": draw.choice(("aws", "azure")), "account": "1",
        "owner": draw.choice(("1", "2", "")), "principal": draw.choice(("", "ada", "bo", "role/é")),
        "credential": draw.choice(("", "AKIA1", "ASIA1", "ASIA2")), "temporary": draw.random() < 0.5,
        "workload": draw.choice(("", "repo:main")), "via": draw.choice(("", "", "athena")),
        "mfa": draw.choice((True, False, None)), "read_only": None, "data": False,
        "permission": draw.choice(("", "s3:Get", "s3:Put")), "bucket": draw.choice(("", "arn:aws:s3:::a")),
        "target": draw.choice(("", "1")), "grant_id": draw.choice(("", "", "g1", "g1 g2")),
        "outcome": draw.choice(_OUTCOMES), "facts": packed(facts),
        "ip": draw.choice(ADDRESSES), "agent": draw.choice(AGENTS), "log": draw.choice(("trail", "lake")),
    }  # fmt: skip


def drawn(seed: int, rows: int) -> pa.Table:
    """A table of events."""
    draw = random.Random(seed)
    made = [row(draw, number) for number in range(rows)]
    return table(EVENTS, {name: [one[name] for one in made] for name in EVENTS.names()})
