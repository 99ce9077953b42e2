"""The anchor: what the home folder itself knows of the newest row of every chain.

A chain of hashes cannot show that its newest rows were cut off, or that the whole database is an older copy or
another one. `snapshots/heads.json` can. It is written right after the database commit, so after a kill between the
two the database may be ahead of it by one row that links to it; the next writer then brings it up to date. Every other
difference is a fault, and no writer deletes or adds anything while there is one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from leastwise.errors import IntegrityError

from .files import canonical, replace_durably
from .home import Home

FILE = "heads.json"

Heads = dict[str, tuple[int, str]]
"""Scope key → sequence and hash of its newest row."""


def read(home: Home) -> Heads | None:
    """The recorded heads; None when the file does not exist.

    Raises:
        IntegrityError: the file is not exactly what `write` wrote.
    """
    path = home.snapshots / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IntegrityError(f"snapshots/{FILE}: {error.strerror}") from error
    try:
        heads = {str(scope): (int(sequence), str(sha)) for scope, (sequence, sha) in json.loads(data)["heads"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        heads = {}
    if _encode(heads) != data:
        raise IntegrityError(f"snapshots/{FILE}: its bytes are not what was written")
    return heads


def write(home: Home, heads: Mapping[str, tuple[int, str]]) -> None:
    """Replaces the file at once; OSError as the operating system says."""
    replace_durably(home.snapshots / FILE, _encode(heads), home.tmp)


def lags(scope: str, recorded: tuple[int, str], newest: tuple[int, str, str]) -> bool:
    """Whether the recorded head is behind by the one row that an interrupted commit leaves.

    Args:
        scope: scope key, for the message.
        recorded: sequence and hash in the file (0 and "" for none).
        newest: sequence, hash and previous of the newest row of the database (0, "" and "" for none).

    Raises:
        IntegrityError: they differ in any other way.
    """
    sequence, sha, previous = newest
    if recorded == (sequence, sha):
        return False
    if sequence == recorded[0] + 1 and previous == recorded[1]:
        return True
    if sequence < recorded[0]:
        cause = f"ends at row {sequence}, but row {recorded[0]} was written; the database is older than the home folder"
    elif sequence == recorded[0]:
        cause = f"row {sequence} is not the one that was written"
    else:
        cause = f"ends at row {sequence}, but only {recorded[0]} rows were written here"
    raise IntegrityError(f"state database: chain of {scope} {cause} (snapshots/{FILE})")


def _encode(heads: Mapping[str, tuple[int, str]]) -> bytes:
    body = {scope: [sequence, sha] for scope, (sequence, sha) in heads.items()}
    check = hashlib.sha256(canonical(body).encode()).hexdigest()
    return (canonical({"check": check, "heads": body}) + "\n").encode()
