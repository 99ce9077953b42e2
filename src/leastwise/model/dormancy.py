"""What of an estate can be out of use, in a vendor's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .scope import Coverage

Told = Callable[[str, str, str], bool]
"""Of a noun, an id and a name: whether it was read who is in such a group, or what such a bundle is attached to."""


@dataclass(frozen=True, slots=True)
class Nouns:
    """A vendor's words for what can be out of use, and for what outsiders must show.

    Args:
        principals: native words of those who act.
        kept: kinds of principals that the vendor or a bundle makes: nobody takes them away one by one.
        groups: native words of groups.
        bundles: kinds of bundles that a customer writes.
        carriers: those of them that other bundles can be attached to: an attachment of that kind has it as its target.
        told: from the coverage of a scope, of which groups and bundles it is known whom they reach. What no record
            tells was not read.
        credentials: kinds of credentials that somebody was given, and that work until somebody takes them away.
        proof: what a third party must give beside its own identity, so that it acts for the customer that it means to
            act for; empty where the vendor has no such thing.
    """

    principals: frozenset[str]
    kept: frozenset[str]
    groups: frozenset[str]
    bundles: frozenset[str]
    carriers: frozenset[str]
    told: Callable[[Sequence[Coverage]], Told]
    credentials: frozenset[str]
    proof: str = ""
