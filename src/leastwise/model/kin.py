"""What a vendor tells of a permission that lets one guess with which others it goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kin:
    """What a permission is about.

    Args:
        service: of the vendor's.
        thing: what it acts on, with the service: permissions that read and that write the same have the same.
        reads: whether it only reads or lists.
        needs: permissions that a call of it needs besides.
    """

    service: str
    thing: str
    reads: bool
    needs: tuple[str, ...] = ()
