"""Which operations on keys leave their account: what the API reference says of each, as the vendor's SDK carries it."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from leastwise.providers.aws.evaluate.services import GRANTED, stays_home

_TAG = re.compile(r"<[^>]*>")
_USE = re.compile(r"Cross-account use:?\s*(Yes|No|You must specify a principal)")
PERMISSIONS = {"ReEncrypt": ["ReEncryptFrom", "ReEncryptTo"]}


@cache
def model() -> dict[str, Any]:
    found = find_spec("botocore")
    if found is None or found.origin is None:
        pytest.skip("the SDK is not installed: nothing to compare with")
    files = sorted(Path(found.origin).parent.glob("data/kms/*/service-2.json*"))
    raw = files[-1].read_bytes()
    read: dict[str, Any] = json.loads(gzip.decompress(raw) if files[-1].suffix == ".gz" else raw)
    return read


def test_operations_are_used_across_accounts_as_their_pages_say() -> None:
    wrong, told = [], 0
    for name, operation in model()["operations"].items():
        found = _USE.search(_TAG.sub("", operation.get("documentation", "")))
        if found is None or found[1].startswith("You"):
            continue  # ListRetirableGrants is about a principal, not about a key
        told += 1
        for permission in PERMISSIONS.get(name, [name]):
            if stays_home(f"kms:{permission}") is (found[1] == "Yes"):
                wrong.append(permission)
    if not told:
        pytest.skip("this SDK was installed without its documentation")
    assert not wrong
    assert told > 40


def test_grants_give_the_operations_that_a_grant_can_have() -> None:
    named = {f"kms:{one.lower()}" for one in model()["shapes"]["GrantOperation"]["enum"]}
    assert named == GRANTED
