"""Passwords: what is one, and their hashes (argon2id)."""

from __future__ import annotations

import os
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from leastwise.errors import UsageError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 512
_AT_ONCE = BoundedSemaphore(max(1, min(4, os.cpu_count() or 1)))
"""A hash takes 64 MiB while it is made; many who sign in at once wait for each other."""


def checked(name: str, password: str) -> str:
    """The password, where it is one. UsageError otherwise, which does not repeat it."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(f"password: takes {SHORTEST} to {LONGEST} characters")
    if password.casefold() == name.casefold() or len(set(password)) < 4:
        raise UsageError("password: is too easily guessed")
    return password


def hashed(password: str) -> str:
    """Its hash, with the salt and the parameters that it was made with."""
    with _AT_ONCE:
        return _hasher().hash(password)


def fits(stored: str, password: str) -> bool:
    """Whether a hash is the password's. Takes as long where there is none to compare with."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            return _hasher().verify(stored or _nobodys(), password) and bool(stored)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _nobodys() -> str:
    return _hasher().hash("of nobody")
