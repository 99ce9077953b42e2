"""A service control policy that denies permissions to all but some principals, within its length.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html (5,120 characters; blanks count
only where they stand in the document), https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

LENGTH = 5_120


class Denying(Protocol):
    """Permissions that are denied to all but some principals."""

    @property
    def permissions(self) -> tuple[str, ...]:
        """What is denied."""
        ...

    @property
    def but(self) -> tuple[str, ...]:
        """To whom it is not."""
        ...


One = TypeVar("One", bound=Denying)


def guardrail(denied: Sequence[One], folded: Callable[[Iterable[str]], tuple[str, ...]]) -> tuple[bytes, list[One]]:
    """The document, and what of the denials has room in it: the first that fit, those to all but the same together."""
    kept: list[One] = []
    patterns: dict[tuple[str, ...], list[str]] = {}
    document = _document(patterns)
    for one in denied:
        more = folded(one.permissions)
        longer = {**patterns, one.but: [*patterns.get(one.but, ()), *more]}
        # Most is found out without writing it: the patterns alone are too long.
        if sum(len(text) + 3 for each in longer.values() for text in each) > LENGTH:
            continue
        written = _document(longer)
        if len(written) <= LENGTH:
            kept.append(one)
            patterns, document = longer, written
    return document, kept


def held_back(principal: str) -> bool:
    """Whether a service control policy can name somebody as the exception: a user or role, not who becomes one."""
    return ":iam::" in principal and principal.startswith("arn:")


def _document(patterns: Mapping[tuple[str, ...], Sequence[str]]) -> bytes:
    statements = [_statement(number, but, each) for number, (but, each) in enumerate(patterns.items(), 1)]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":")).encode()


def _statement(number: int, but: Sequence[str], patterns: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Sid": f"Unused{number}", "Effect": "Deny", "Action": sorted(patterns), "Resource": "*",
    }  # fmt: skip
    if but:
        found["Condition"] = {"ArnNotLike": {"aws:PrincipalArn": list(but)}}
    return found
