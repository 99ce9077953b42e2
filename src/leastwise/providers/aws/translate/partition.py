"""In which partition of AWS a scope lies: aws, aws-cn, aws-us-gov and others, which never meet.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re

from leastwise.model.scope import Collected
from leastwise.providers.aws.regions import partition_of_region


def partition_of(collected: Collected) -> str:
    """The partition in the first ARN of the scope's own, else that of a region, else the commercial one."""
    scope = collected.scope
    own = r":organizations::\d{12}:[a-z]+/" if scope.kind == "organization" else ":[a-z0-9-]+:[a-z0-9-]*:"
    pattern = re.compile(rf"arn:(aws[a-z-]*){own}{re.escape(scope.id)}\b".encode())
    for document in collected.documents:
        match = pattern.search(document.body) or pattern.search(document.resource.encode("utf-8", "replace"))
        if match:
            return match[1].decode()
    told = (partition_of_region(document.region) for document in collected.documents)
    return next((partition for partition in told if partition != "aws"), "aws")
