"""Who made a call, for many calls: what differs from session to session apart from what stays the same.

A session's `userIdentity` has its name and its key; all else is the same for every session of a role, so that it is
remembered by that. `principals.who` says what it means; here is only the quicker way to the same answer.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from .principals import who
from .reading import UNREADABLE

_ROLE = b'{"type":"AssumedRole"'
_KEPT = 1 << 14
_UNSET = msgspec.UNSET


class _Issuer(msgspec.Struct, gc=False):
    arn: str = ""


class _Attributes(msgspec.Struct, gc=False, rename={"mfa": "mfaAuthenticated"}):
    mfa: str = ""


class _Context(msgspec.Struct, gc=False, rename={
    "issuer": "sessionIssuer", "identity": "sourceIdentity", "scope": "inScopeOf",
}):  # fmt: skip
    issuer: _Issuer
    attributes: _Attributes
    identity: str = ""
    scope: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Role(msgspec.Struct, gc=False, rename={
    "unique": "principalId", "account": "accountId", "key": "accessKeyId", "context": "sessionContext",
    "via": "invokedBy", "identity": "sourceIdentity", "scope": "inScopeOf",
}):  # fmt: skip
    unique: str
    arn: str
    account: str
    context: _Context
    key: str = ""
    via: str = ""
    identity: str = ""
    scope: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_role = msgspec.json.Decoder(_Role)


class Actor(NamedTuple):
    """What rows of a caller have in common, whatever the session. `temporary`: signed with a key of a session."""

    principal: str
    owner: str
    kind: str
    temporary: bool
    workload: str
    source_identity: str
    via: str
    mfa: bool | None


class Seats:
    """Callers by the bytes of `userIdentity`. `actors` numbers them, in the order in which they came."""

    def __init__(self) -> None:
        self.actors: dict[Actor, int] = {}
        self._by_bytes: dict[bytes, tuple[int, str, str, str]] = {}
        self._by_frame: dict[tuple[str, ...], tuple[int, str]] = {}

    def seat(self, identity: msgspec.Raw) -> tuple[int, str, str, str]:
        """The number of the actor, its account, the session's name and the id of the key."""
        raw = bytes(identity)
        if raw.startswith(_ROLE):
            try:
                one = _role.decode(raw)
            except UNREADABLE:
                return self._by_bytes.get(raw) or self._whole(raw)
            context = one.context
            session = one.arn.partition(":assumed-role/")[2].partition("/")[2]
            issuer = context.issuer.arn
            if not session or not issuer or one.scope is not _UNSET or context.scope is not _UNSET:
                return self._by_bytes.get(raw) or self._whole(raw)
            key = one.key
            frame = (
                issuer, one.account, one.via, context.attributes.mfa, context.identity or one.identity, key[:4],
            )  # fmt: skip
            found = self._by_frame.get(frame)
            if found is None:
                number, account, _, _ = self._whole(raw)
                found = self._by_frame[frame] = number, account
            return found[0], found[1], session, key
        return self._by_bytes.get(raw) or self._whole(raw)

    def _whole(self, raw: bytes) -> tuple[int, str, str, str]:
        by = who(raw)
        # A caller that is named by account only has IAM's own id, if any; its own account's snapshot has that too.
        principal = by.id or (by.unique if by.kind == "account" else "")
        temporary = not by.key.startswith("AKIA") and (by.key != "" or by.session != "")
        actor = Actor(principal, by.account, by.kind, temporary, by.workload, by.source_identity, by.via, by.mfa)
        number = self.actors.setdefault(actor, len(self.actors))
        if len(self._by_bytes) >= _KEPT:
            self._by_bytes.clear()
        found = self._by_bytes[raw] = number, by.account, by.session, by.key
        return found

    def forget(self) -> None:
        """Begin anew: numbers that were given mean nothing any more."""
        self.actors, self._by_bytes, self._by_frame = {}, {}, {}
