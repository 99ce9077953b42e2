"""Resource policies: how far they open a resource, and with whom they share it.

Follows https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and, for what S3
calls public, "The meaning of public" in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .grammar import Statement, principals
from .narrowing import NETWORK, OPEN, everyone, narrowed, remaining, shut

NONE, CONDITIONAL, EVERYONE = range(3)
WORDS = ("none", "conditional", "everyone")
_FOREIGN = re.compile(r"AWS=((?:arn:[^:]*:[^:]*:[^:]*:)?(\d{12})(:.*)?)")


class Opening(NamedTuple):
    """What one policy opens: how far, by which statement, whether S3 calls it public, and to whom it names."""

    degree: int
    statement: str
    restrictable: bool
    shared: tuple[str, ...]


def opening(statements: list[Statement], account: str) -> Opening:
    """The widest opening among the statements of a policy on a resource of this account."""
    degree, said, restrictable = NONE, "", False
    shared: dict[str, None] = {}
    for position, one in enumerate(statements):
        if one.Effect != "Allow":
            continue
        shared.update(dict.fromkeys(_named(one, account)))
        if not everyone(one):
            continue
        restrictable = restrictable or not narrowed(one.Condition).fixed
        if shut(one, statements):
            continue
        left = remaining(one, statements)
        if left.grade >= NETWORK:
            shared.update(dict.fromkeys(a or o for a, o in sorted(left.who) if (a or o) and a != account))
        here = EVERYONE if left.grade == OPEN else CONDITIONAL
        if here > degree:
            degree, said = here, str(one.Sid) if one.Sid != "" else f"number {position}"
    return Opening(degree, said, restrictable, tuple(shared))


def _named(one: Statement, account: str) -> list[str]:
    """Other accounts, their principals, and canonical users that a statement names."""
    found = []
    for entry in principals(one.Principal):
        match = _FOREIGN.fullmatch(entry)
        if match and match[2] != account:
            found.append(match[2] if match[3] in (None, ":root") else match[1])
        elif entry.startswith("CanonicalUser=") and entry != "CanonicalUser=*":
            found.append(entry)
    return found
