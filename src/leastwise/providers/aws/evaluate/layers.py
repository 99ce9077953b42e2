"""One type of policy against a request: the formulas under which it allows and denies, and by which statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap

from .policies import Gives, Level, Unread
from .policy import Policy
from .principals import Named
from .statements import Match, Request, applies, guard_matches, identity_matches, ways


@dataclass(frozen=True, slots=True)
class Layer:
    """What one type of policy says; a layer that does not apply allows everything."""

    name: str
    allow: Formula
    deny: Formula
    allows: tuple[Match, ...] = ()
    denies: tuple[Match, ...] = ()
    gaps: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Of the policies, where there are few: boundaries."""


@dataclass(frozen=True, slots=True)
class ResourceLayer:
    """What a resource policy says, by the way in which it names the principal."""

    named: dict[Named, Formula]
    deny: Formula
    allows: tuple[tuple[Named, Match], ...] = ()
    denies: tuple[Match, ...] = ()
    gaps: tuple[str, ...] = ()

    def gives(self, *among: Named) -> Formula:
        """The formula under which one of these ways allows."""
        return any_of(self.named[way] for way in among if way in self.named)


def identity_layer(name: str, policies: Sequence[Policy], request: Request, gaps: tuple[str, ...] = ()) -> Layer:
    """Policies of which one must allow."""
    return _layer(name, identity_matches(policies, request), gaps)


def absent(name: str) -> Layer:
    """A type of policy that nobody has set: nothing is limited."""
    return Layer(name, True, False)


def guard_layer(name: str, policies: Sequence[Policy], request: Request, gaps: tuple[str, ...] = ()) -> Layer:
    """Policies of one place, of which one must allow, that may name principals (endpoint and resource control)."""
    return _layer(name, guard_matches(policies, request), gaps)


def levels_layer(name: str, levels: Sequence[Level], request: Request, gaps: tuple[str, ...] = ()) -> Layer:
    """Guardrails: one policy of every level must allow.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
    """
    layers = [guard_layer(name, level, request) for level in levels]
    # What was not read may deny, and that holds also where no allow of this type is needed.
    return Layer(
        name,
        all_of((*(layer.allow for layer in layers), *(Literal(Gap(gap)) for gap in gaps))),
        any_of((*(layer.deny for layer in layers), *(Literal(Gap(gap), False) for gap in gaps))),
        tuple(match for layer in layers for match in layer.allows),
        tuple(match for layer in layers for match in layer.denies),
        gaps,
    )


def every_layer(name: str, policies: Sequence[Policy], request: Request, gaps: tuple[str, ...] = ()) -> Layer:
    """Policies that must each allow (permissions boundaries)."""
    layer = levels_layer(name, [[policy] for policy in policies], request, gaps)
    return replace(layer, names=tuple(policy.name for policy in policies if policy.name))


def resource_layer(
    policy: Policy | None,
    request: Request,
    *,
    bounded: bool,
    gaps: tuple[str, ...],
    giving: tuple[Unread, ...] = (),
) -> ResourceLayer:
    """A resource policy.

    Args:
        policy: the document, or None when the resource has none.
        request: the request.
        bounded: the principal has a permissions boundary. NotPrincipal with Deny then names it whatever it lists:
            https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        gaps: what of it was not read.
        giving: what else was not read, and can only allow.
    """
    gathered: dict[Named, list[Formula]] = {}
    allows: list[tuple[Named, Match]] = []
    denies: list[Match] = []
    for statement in policy.statements if policy else ():
        if not statement.concerns(request.action):
            continue
        formula = applies(statement, request)
        if formula is False or policy is None:
            continue
        if statement.effect == "Deny":
            meant: Formula = True
            if not (bounded and statement.not_principals is not None):
                meant = any_of(ways(statement, request).values())
            both = all_of((formula, meant))
            if both is not False:
                denies.append(Match(policy, statement, both))
            continue
        for way, meant in ways(statement, request).items():
            both = all_of((formula, meant))
            if both is not False:
                gathered.setdefault(way, []).append(both)
                allows.append((way, Match(policy, statement, both)))
    for gap in gaps:
        gathered.setdefault(Named.DIRECT, []).append(Literal(Gap(gap)))
    for unread in giving:
        by = _way(unread, request)
        if by is not None:
            gathered.setdefault(by, []).append(Literal(Gap(unread.text)))
    # Unread statements may deny as well; a denial that may exist is a gap taken against us.
    may_deny = [Literal(Gap(gap, denies=True), False) for gap in gaps]
    deny = any_of((*(match.formula for match in denies), *may_deny))
    return ResourceLayer(
        {way: any_of(formulas) for way, formulas in gathered.items()}, deny, tuple(allows), tuple(denies), gaps
    )


def _way(unread: Unread, request: Request) -> Named | None:
    """How something that was not read and only allows can name the principal; None when it cannot.

    Access lists name accounts and everyone, never a user or role.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
    """
    who = request.principal
    if unread.gives is Gives.NAMED:
        return Named.DIRECT
    if unread.gives is Gives.BY_GRANT or who.kind in ("service", "federated"):
        return None
    if who.kind == "anonymous":
        return Named.DIRECT if unread.gives is Gives.BY_LIST else None
    return Named.ACCOUNT if request.account not in ("", who.account) else None


def _layer(name: str, matches: list[Match], gaps: tuple[str, ...]) -> Layer:
    allows = tuple(match for match in matches if match.statement.effect == "Allow")
    denies = tuple(match for match in matches if match.statement.effect == "Deny")
    allow = any_of(match.formula for match in allows)
    return with_gaps(Layer(name, allow, any_of(match.formula for match in denies), allows, denies), gaps)


def with_gaps(layer: Layer, gaps: tuple[str, ...]) -> Layer:
    """The layer when something of it was not read: that may allow, and may deny."""
    if not gaps:
        return layer
    allow = any_of((layer.allow, *(Literal(Gap(gap)) for gap in gaps)))
    deny = any_of((layer.deny, *(Literal(Gap(gap, denies=True), False) for gap in gaps)))
    return replace(layer, allow=allow, deny=deny, gaps=gaps)
