"""The port answers whether documents lie in one another, and refuses what is none."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.engine.access import Access
from leastwise.engine.containment import CounterExample, Proved
from leastwise.errors import UsageError
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of

EMPTY = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
NARROW: dict[str, Any] = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
WIDE: dict[str, Any] = {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}


@pytest.fixture(scope="module")
def port() -> Access:
    return AwsPort(estate_of({"documents": [{"kind": "account_authorization_details", "body": EMPTY}]}).estate.arrays)


def test_documents_are_compared(port: Access) -> None:
    assert isinstance(port.contains([NARROW], [WIDE]), Proved)
    found = port.contains([WIDE], [NARROW])
    assert isinstance(found, CounterExample)
    assert found.permission.startswith("s3:")
    assert isinstance(port.contains([], [NARROW]), Proved)
    assert isinstance(port.contains([NARROW], []), CounterExample)


@pytest.mark.parametrize(
    ("inner", "outer", "message"),
    [
        ([{}], [WIDE], "inner policy: the policy has no Statement"),
        ([WIDE], [{"Statement": [{"Effect": "Maybe"}]}], "outer policy: Statement/0/Effect"),
    ],
)
def test_what_is_no_policy_is_refused(port: Access, inner: list[Any], outer: list[Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        port.contains(inner, outer)
