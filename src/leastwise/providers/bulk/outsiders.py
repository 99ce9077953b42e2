"""Somebody whom an estate names and who is outside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody outside, or not known to be inside; see `Exposure`.

    Args:
        principal: as an exposure names it.
        kind: as an exposure tells it.
        account: its account, where it has one.
        subjects: of an identity provider, which of its identities.
        source: of a service, for whom it acts.
        doubt: what is not known of its being outside; empty where that is certain.
    """

    principal: str
    kind: str
    account: str = ""
    subjects: tuple[str, ...] = ()
    source: str = ""
    doubt: str = ""
