"""Examples of answers, from the demo company: what an endpoint was asked, and what it said, shortened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any


def examples() -> dict[str, dict[str, Any]]:
    """By method and path as the description has it: `asks` (the rest of the address), `body` and `answer`."""
    found: dict[str, dict[str, Any]] = json.loads(files(__package__).joinpath("examples.json").read_text("utf-8"))
    return found


def show(document: Mapping[str, Any]) -> None:
    """Put the examples into a description."""
    for name, one in examples().items():
        method, _, path = name.partition(" ")
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is None:
            continue
        operation["responses"]["200"]["content"]["application/json"]["example"] = one["answer"]
        if one.get("body") is not None:
            operation["requestBody"]["content"]["application/json"]["example"] = one["body"]
