"""Whether a text is an allow policy is told without reading it: as reading it tells."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from leastwise.providers.gcp.language.policies import PolicyError, is_allow_policy, parse_allow_policy

_ODD = some.sampled_from([None, "", "x", 0, 1, 3, 1.0, 1.5, True, [], ["user:a@b.c"], ["a", 1], {}, {"expression": 1}])
_CONDITION = _ODD | some.fixed_dictionaries({}, optional={"expression": _ODD, "title": _ODD, "description": _ODD})
_BINDING = _ODD | some.fixed_dictionaries(
    {}, optional={"role": some.just("roles/viewer") | _ODD, "members": _ODD, "condition": _CONDITION, "other": _ODD}
)
_POLICY = _ODD | some.fixed_dictionaries(
    {}, optional={"version": _ODD, "bindings": _ODD | some.lists(_BINDING, max_size=3), "etag": _ODD}
)


@given(_POLICY)
def test_it_is_told_as_reading_it_tells(policy: object) -> None:
    try:
        parse_allow_policy(policy)
    except PolicyError:
        assert not is_allow_policy(json.dumps(policy).encode())
    else:
        assert is_allow_policy(json.dumps(policy).encode())


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[]", b'{"bindings":[{"role":"r"}]} x'])
def test_what_is_no_json_is_no_policy(text: bytes) -> None:
    assert not is_allow_policy(text)
