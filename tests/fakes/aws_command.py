"""The vendor's command line, as far as commands of plans use it: one call by the SDK, and what `--query` picks of it.

`python -m fakes.aws_command SERVICE OPERATION --OPTION VALUE …`, with `--query` and `--output text`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3
import jmespath


def main(words: list[str]) -> None:
    """Makes the call, and prints what is asked of its answer."""
    service, operation, *rest = words
    given: dict[str, Any] = {}
    while rest:
        option = rest.pop(0).removeprefix("--")
        given[option] = rest.pop(0) if rest and not rest[0].startswith("--") else True
    query, output = given.pop("query", None), given.pop("output", "json")
    named = {"".join(part.capitalize() for part in option.split("-")): value for option, value in given.items()}
    answer = getattr(boto3.Session().client(service), operation.replace("-", "_"))(**named)
    found = json.loads(json.dumps(answer, default=lambda value: value.isoformat()))
    found = found if query is None else jmespath.search(query, found)
    print(found if output == "text" else json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
