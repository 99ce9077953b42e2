"""The redaction key: what hashes of secret values in this home are made with, so that they compare across snapshots.

The state database keeps a fingerprint of it, so that a lost, cut or exchanged key is an error and not a silent start
of hashes that compare with nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import stat

from sqlalchemy import Engine

from leastwise.errors import IntegrityError, StoreError

from .database import transaction
from .files import replace_durably, storage_errors
from .home import Home
from .pins import KEY, pin, pinned

FILE = "redaction.key"
_BYTES = 32
_ACCEPT = "`leastwise snapshots accept-key`, after which hashes of secret values compare with none made before"


def redaction_key(home: Home, engine: Engine) -> bytes:
    """The key; made and pinned on first use. The caller holds the writer lock.

    Raises:
        IntegrityError: it is missing, or not the one that was used before.
        StoreError: the file is no key, or cannot be read or written.
    """
    if cause := key_fault(home, engine):
        raise IntegrityError(f"{FILE}: {cause}; restore it from a backup, or give it up with {_ACCEPT}")
    key = _read(home) or _make(home)
    if pinned(engine, KEY) is None:
        _pin(engine, key)
    return key


def accept_key(home: Home, engine: Engine) -> None:
    """Takes the key that lies there for the right one, or makes a new one. The caller holds the writer lock.

    Raises:
        StoreError: the file is no key (remove it first), or cannot be read or written.
    """
    _pin(engine, _read(home) or _make(home))


def key_fault(home: Home, engine: Engine) -> str | None:
    """What is wrong with the key beside its fingerprint, in one clause; None when it is sound or was never used.

    Raises:
        StoreError: the file is no key, or cannot be read.
    """
    key, fingerprint = _read(home), pinned(engine, KEY)
    if fingerprint is None:
        return None
    if key is None:
        return "missing"
    return None if _fingerprint(key) == fingerprint else "is not the key that was used before"


def _make(home: Home) -> bytes:
    key = secrets.token_bytes(_BYTES)
    with storage_errors(FILE):
        replace_durably(home.path / FILE, key, home.tmp)
    return key


def _pin(engine: Engine, key: bytes) -> None:
    with transaction(engine) as connection:
        pin(connection, KEY, _fingerprint(key))


def _read(home: Home) -> bytes | None:
    path = home.path / FILE
    with storage_errors(FILE):
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise StoreError(f"{FILE}: is not a file; restore the key from a backup")
            key = path.read_bytes()
        except FileNotFoundError:
            return None
    if len(key) != _BYTES:
        raise StoreError(
            f"{FILE}: {len(key)} bytes instead of {_BYTES}; restore it from a backup, or remove it and run {_ACCEPT}"
        )
    return key


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"leastwise redaction key\0" + key).hexdigest()
