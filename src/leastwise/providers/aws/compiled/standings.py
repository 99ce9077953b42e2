"""Whom a person, thing or agent acts as, as far as it was read."""

from __future__ import annotations

from leastwise.engine.formula import Formula, Literal, any_of
from leastwise.engine.solve import Gap

from ..evaluate.stated import formula_of
from .access import AwsAccess
from .acting import Acting, Actor, Way
from .effective import Standing


def standings_of(access: AwsAccess, acting: Acting, actor: Actor) -> tuple[list[Standing], tuple[str, ...]]:
    """The roles that an actor acts as, each under which formula, and what was not read."""
    ways = acting.ways(actor)
    missing = [*acting.unread(actor), *(way.missing for way in ways if way.role is None)]
    if not ways and actor.native != "identity_center_user":
        missing.append(no_role(actor))
    open_: dict[int, list[Formula]] = {}
    for way in ways:
        if way.role is not None:
            open_.setdefault(way.role, []).append(_open(way))
    ids = access.estate.principal_ids
    found = [Standing.of(access, ids[role], any_of(formulas)) for role, formulas in sorted(open_.items())]
    return found, tuple(dict.fromkeys(missing))


def no_role(actor: Actor) -> str:
    """What is missing of an actor of which no role was read."""
    return f"which role {actor.name} acts as: none was read"


def _open(way: Way) -> Formula:
    if way.missing:
        return Literal(Gap(way.missing))
    return formula_of(way.residual, f"the way to {way.chain[-1].name}" if way.chain else "the way")
