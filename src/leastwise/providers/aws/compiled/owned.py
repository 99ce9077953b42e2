"""What lies on one resource, without what is the resource's own."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class Owned:
    """What lies on one resource.

    Args:
        shape: equal for resources on which the same lies, but for `named` and `literals`.
        named: users and roles that statements name, each with a bit for every statement that does.
        literals: values that conditions ask of keys that nothing else asks for.
        open: somebody may be let in who is not named.
        telling: something asks for the account of the resource by its number.
    """

    shape: Hashable
    named: tuple[tuple[int, int], ...] = ()
    literals: tuple[str, ...] = ()
    open: bool = False
    telling: bool = False

    def shape_in(self, account: str) -> Hashable:
        """The shape as it is on a resource of an account, equal in accounts that say the same of themselves."""
        assert isinstance(self.shape, tuple)
        return tuple(_owned(one, account) if isinstance(one, tuple) else one for one in self.shape)


def _owned(line: tuple[Hashable, ...], account: str) -> Hashable:
    """What one statement comes to, the account's own name taken out."""
    return tuple(
        tuple(_OWN if isinstance(word, str) and _is(word, account) else word for word in one)
        if isinstance(one, tuple) else one for one in line
    )  # fmt: skip


def _is(word: str, account: str) -> bool:
    return word == f"AWS={account}" or (word.startswith("AWS=arn:") and word.endswith(f":iam::{account}:root"))


_OWN = "\0own"
"""Stands for the account that a resource is in."""
