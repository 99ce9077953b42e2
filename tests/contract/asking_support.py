"""What the suites of our own cases share: how they are read, and what is wrong with a case of any provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def cases_of(folder: Path) -> list[dict[str, Any]]:
    """The cases of a provider, by topic."""
    return list(_cases(folder))


def _cases(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*/*.jsonl")):
        yield from map(json.loads, file.read_text().splitlines())


def bad_of_any(kind: str, question: dict[str, Any]) -> dict[str, tuple[dict[str, Any], str]]:
    """Changes that make a case none, each with what is said of it; `kind` is a kind of document of the provider."""
    return {
        "no documents": ({"documents": {}}, "documents: must be a list of objects"),
        "no question": ({"question": None}, "question: must be an object"),
        "no such ask": ({"question": {"ask": "may"}}, "question.ask: 'may' is none of can, who_can, what_can"),
        "no such mode": ({"question": question | {"mode": "lax"}}, "question.mode: 'lax' is neither open nor strict"),
        "no such state": ({"expected": {"state": "MAYBE"}}, "expected.state: 'MAYBE' is none of ALLOWED, "),
        "no such kind": ({"documents": [{"kind": "note", "body": {}}]}, "documents: kind 'note' is not known"),
        "no body": ({"documents": [{"kind": kind}]}, f"documents: body of {kind} must be an object"),
    }
