#!/usr/bin/env python3
"""List the permissions that no operation of the newest SDK of AWS needs, in data/observing/no_operation.yaml.

A log records operations. A permission that is decided within another call (iam:PassRole), in a console alone, or by a
protocol of its own has none, so that no log shows a use. The SDK's models give the operations; the tables of events
(build_aws_events.py) give the permissions of each. The same models and tables give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import botocore
from botocore.session import Session

from leastwise.providers.aws.catalog import bundled
from leastwise.providers.aws.events.permissions import resolve

FILE = Path(__file__).resolve().parents[1] / "src/leastwise/providers/aws/data/observing/no_operation.yaml"
_WIDTH = 116


def needed() -> set[str]:
    """Every permission that some operation needs, may need, or needs with some parameters."""
    session, found = Session(), set[str]()
    for name in session.get_available_services():
        model = session.get_service_model(name)
        sources = {name, model.endpoint_prefix, model.signing_name}
        for source, operation in ((one, each) for one in sources for each in model.operation_names):
            resolved = resolve(f"{source}.amazonaws.com", operation, "AwsApiCall", catalog=bundled())
            found |= {*resolved.permissions, *resolved.possible}
            found |= {one for when in resolved.when for one in (*when.instead, *when.add)}
    return found


def lines(found: set[str]) -> Iterator[str]:
    """The file."""
    catalog = bundled()
    yield "# Permissions that no operation of the SDK needs: no log shows their use by itself."
    yield "# Made by tools/build_aws_observing.py. Source: the service models of botocore (Apache-2.0), version and"
    yield f"# catalogue: {botocore.__version__}, {catalog.sources[0].version}."
    for prefix in catalog.prefixes:
        service = catalog.service(prefix)
        names = sorted(name for name in service.action_names if f"{prefix}:{name}" not in found) if service else []
        if names:
            yield from _wrapped(prefix, names)


def _wrapped(prefix: str, names: list[str]) -> Iterator[str]:
    line = f"{prefix}: ["
    for number, name in enumerate(names):
        told = name + ("]" if number == len(names) - 1 else ",")
        if len(line) + len(told) + 1 > _WIDTH:
            yield line.rstrip()
            line = "  "
        line += told + " "
    yield line.rstrip()


def main() -> None:
    FILE.write_text("\n".join(lines(needed())) + "\n")
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
