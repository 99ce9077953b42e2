"""What ids of AWS tell by their form."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.ids import account_of, id_form


@pytest.mark.parametrize(
    ("id", "account"),
    [
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),  # told by its finder
        ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
        ("AKIAIOSFODNN7EXAMPLE", ""),  # of the old form
        ("AKIA0000000000000000", ""),  # no base 32
    ],
)
def test_the_account_of_a_key(id: str, account: str) -> None:
    assert account_of(id) == account


@given(st.integers(0, 999_999_999_999), st.integers(0, 2**39 - 1))
def test_every_account_is_read_back(account: int, rest: int) -> None:
    body = (1 << 79) | (account << 39) | rest
    assert account_of("AKIA" + base64.b32encode(body.to_bytes(10, "big")).decode()) == f"{account:012d}"


@pytest.mark.parametrize(
    ("text", "what", "account"),
    [
        ("AROAY34FZKBOKMUTVV7A:session", "role", "609629065308"),
        ("AIDAY34FZKBOKMUTVV7A", "user", "609629065308"),
        ("ANPAY34FZKBOKMUTVV7A", "managed policy", ""),
        ("arn:aws:iam::111122223333:role/x", "ARN of iam (role)", "111122223333"),
        ("arn:aws:s3:::bucket", "ARN of s3 (bucket)", ""),
        ("111122223333", "account", "111122223333"),
    ],
)
def test_forms(text: str, what: str, account: str) -> None:
    found = id_form(text)
    assert found is not None
    assert (found.what, found.account) == (what, account)


@pytest.mark.parametrize("text", ["", "x", "arn:aws", "ZZZZY34FZKBOKMUTVV7A", "a@b.example", "1111222233334"])
def test_what_is_no_id_of_aws(text: str) -> None:
    assert id_form(text) is None
