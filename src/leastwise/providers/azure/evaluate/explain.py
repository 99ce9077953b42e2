"""From a verdict to a decision that says why: assignment, role, scope, entry and condition."""

from __future__ import annotations

from collections.abc import Iterator

from leastwise.engine.formula import Formula, Literal
from leastwise.engine.solve import Clause, Gap, Outcome, Solver
from leastwise.model.decision import Decision, Link, Needed, Reason, Residual, State

from ..language.ids import ROOT, ArmId, named
from ..language.operations import DATA, Plane
from ..language.tree import Attribute, Compare, Exists, Operand, SubOperationMatches, Values, written
from .allow import Grant, reaching
from .conditions import SUB, Test
from .decide import Decided, decide
from .delegation import Delegated, Limited, delegated
from .deny import Denial
from .estate import Estate
from .membership import given_to
from .request import WRITES, Request
from .systems import by_key
from .worlds import solver

STATES = {
    Outcome.ALWAYS: State.ALLOWED,
    Outcome.NEVER: State.DENIED,
    Outcome.DEPENDS: State.CONDITIONAL,
    Outcome.UNKNOWN: State.UNKNOWN,
}
_SAID = {
    Outcome.ALWAYS: "gives it",
    Outcome.NEVER: "does not give it",
    Outcome.DEPENDS: "gives it under a condition",
    Outcome.UNKNOWN: "may give it",
}
_DENIED = {
    Outcome.ALWAYS: "denies it",
    Outcome.NEVER: "does not deny it",
    Outcome.DEPENDS: "denies it under a condition",
    Outcome.UNKNOWN: "may deny it",
}


def explain(decided: Decided) -> Decision:
    """The decision with its reasons, residual, chain and gaps."""
    verdict, solved, asked = decided.verdict, solver(), decided.request
    residual: Residual | None = ()
    reasons = list(_reasons(decided, solved))
    if verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN):
        found = solved.alternatives(verdict.certain)
        residual = None if found is None else residual_of(found)
        reasons = [*_assignable(asked, found or []), *reasons]
    elif verdict.outcome is Outcome.ALWAYS:
        reasons = [*_assignable(asked, [frozenset()]), *reasons]
    return Decision(
        state=STATES[verdict.outcome],
        reasons=tuple(reasons),
        residual=residual,
        chain=tuple(dict.fromkeys(_through(decided))),
        missing=tuple(sorted(verdict.gaps)),
        exact=verdict.exact,
    )


def written_operation(estate: Estate, operation: str, plane: Plane | None) -> str:
    """An operation as it is named without its plane beside it."""
    both = len(estate.planes(operation)) > 1
    return f"{DATA}{operation}" if both and plane is Plane.DATA else operation


def residual_of(found: list[Clause]) -> Residual:
    """Alternatives as a person reads them."""
    return tuple(dict.fromkeys(tuple(sorted(map(needed, clause), key=str)) for clause in found))


def needed(literal: Literal) -> Needed:
    """One condition that must hold."""
    atom, negated = literal.atom, not literal.positive
    if isinstance(atom, Gap):
        return Needed(atom.name, "known", ("true",), negated)
    assert isinstance(atom, Test)
    node = atom.node
    if isinstance(node, Exists):
        return Needed(str(node.attribute), "Exists", ("true",), negated)
    if isinstance(node, SubOperationMatches):
        return Needed(str(SUB), "SubOperationMatches", (node.pattern,), negated)
    assert isinstance(node, Compare)
    quantifier = f"{node.quantifier.value}:" if node.quantifier else ""
    if isinstance(node.left, Attribute):
        return Needed(str(node.left), f"{quantifier}{node.operator}", _shown(node.right), negated)
    return Needed(atom.variable, str(node), ("true",), negated)


def _shown(side: Operand) -> tuple[str, ...]:
    if isinstance(side, Values):
        return tuple(one if isinstance(one, str) else written(one).strip("'") for one in side.values)
    return (str(side),)


# --- reasons ----------------------------------------------------------------------------------------------------------


def _outcome(formula: Formula, solved: Solver) -> Outcome:
    return solved.verdict(formula).outcome


def _reasons(decided: Decided, solved: Solver) -> Iterator[Reason]:
    """What decided, the most telling first; of what is denied also what would give it, last."""
    outcome, asked = decided.verdict.outcome, decided.request
    vault = next((one.vault for one in decided.layers if one.vault is not None), None)
    if vault is not None:
        effect = "blocks" if outcome is Outcome.NEVER else "allows"
        text = f"{vault.id} decides by its own access policies, and no role gives what is in it"
        yield Reason(effect, "access_policy", text, source=str(vault.id))
        return
    denials = [(one, _outcome(one.formula, solved)) for each in decided.layers for one in each.deny.denials]
    grants = [(one, _outcome(one.formula, solved)) for each in decided.layers for one in each.allow.grants]
    telling = sorted(
        (pair for pair in grants if pair[1] is not Outcome.NEVER), key=lambda pair: pair[1] is not Outcome.ALWAYS
    )
    if outcome is not Outcome.ALWAYS:
        yield from (_denied(one, found) for one, found in denials if found is not Outcome.NEVER)
    if outcome is Outcome.NEVER and not telling:
        yield Reason(
            "blocks", "allow", f"no role assignment gives {asked.operation} to {asked.who} on {asked.resource}"
        )
        yield from (_given(one, found) for one, found in grants if one.member is not False)
        yield from _eligible(asked)
        yield from _by_key(asked, solved)
    yield from (_given(one, found) for one, found in telling)
    yield from _beside(decided, [one for one, _ in denials], solved)


def _given(grant: Grant, found: Outcome) -> Reason:
    one, role = grant.assignment, grant.role
    title = role.title if role is not None else f"{one.role} (not read)"
    text = f"{title}, assigned to {one.principal} at {_place(one.scope)}, {_SAID[found]}"
    if found is Outcome.NEVER and grant.scope is not False and role is not None and not grant.held:
        text += ": the operation is excluded" if grant.left_out else ": it does not have the operation"
    if grant.held:
        text += f" (entry {grant.held[0].position + 1}: {grant.held[0].pattern})"
    conditions = [one.condition] if one.condition else []
    if role is not None:
        conditions += [role.entries[held.position].condition for held in grant.held]
    told = [each for each in dict.fromkeys(conditions) if each]
    if told:
        text += f", under the condition {' and '.join(map(repr, told))}"
    if one.activated:
        text += f"; activated{f' until {one.until}' if one.until else ''}"
    elif one.until:
        text += f"; until {one.until}"
    effect = "allows" if found is not Outcome.NEVER else "blocks"
    position = grant.held[0].position if grant.held else -1
    return Reason(
        effect, "allow", text, title, str(position + 1) if grant.held else "", position, one.id or str(one.scope)
    )


def _place(scope: ArmId) -> str:
    return "/ (the whole tenant: elevated access)" if scope.key == ROOT else str(scope)


def _denied(denial: Denial, found: Outcome) -> Reason:
    one = denial.deny
    position = denial.entries[0][0] if denial.entries else -1
    protected = ", made by Azure and protected" if one.protected else ""
    text = f"deny assignment {one.title} at {_place(one.scope)}{protected}, {_DENIED[found]}"
    if one.condition:
        text += f", under the condition {one.condition!r}"
    return Reason("denies", "deny", text, one.title, str(position + 1), position, one.id)


def _eligible(asked: Request) -> Iterator[Reason]:
    """Eligible assignments that would give it, were they activated."""
    for one in reaching(asked, eligible=True):
        role = asked.estate.role(one.role)
        planes = (asked.plane,) if asked.plane is not None else tuple(Plane)
        has = role is not None and any(entry.has(asked.operation, each) for entry in role.entries for each in planes)
        mine = given_to(asked.estate, one, asked.who)
        if has and role is not None and mine is not False and asked.chain.within(one.scope) is not False:
            text = (
                f"{role.title} at {_place(one.scope)} is eligible, and not active: it gives this once it is activated"
            )
            yield Reason("allows", "eligible", text, role.title, source=one.id or str(one.scope))


def _by_key(asked: Request, solved: Solver) -> Iterator[Reason]:
    """That the keys of a storage account, which the principal may list, let in whoever has them."""
    keys = by_key(asked)
    if keys is not None and decide(keys, solved).verdict.outcome is not Outcome.NEVER:
        text = "the keys of the account, which it may list, do everything that is in it, without any role"
        yield Reason("allows", "account_key", text, source=str(asked.resource))


def _beside(decided: Decided, denials: list[Denial], solved: Solver) -> Iterator[Reason]:
    """What does not decide, and should be known."""
    asked = decided.request
    for one in denials:
        if one.blocks is False and _outcome(one.applies, solved) is not Outcome.NEVER:
            yield Reason("allows", "deny", f"deny assignment {one.deny.title} only audits it", one.deny.title)
    for lock in asked.estate.locks if decided.verdict.outcome is not Outcome.NEVER else ():
        held_up = any(lock.holds_up(asked.operation, each.plane) for each in decided.layers)
        if held_up and asked.chain.within(lock.scope) is not False:
            text = f"the lock {lock.name} ({lock.level}) on {lock.scope} holds it up until it is removed"
            yield Reason("blocks", "lock", text, lock.name, source=str(lock.scope))
    if asked.who in asked.estate.disabled and decided.verdict.outcome is not Outcome.NEVER:
        yield Reason("blocks", "service", f"{asked.who} is disabled, and gets no token while it is")


# --- role assignments -------------------------------------------------------------------------------------------------


def _assignable(asked: Request, found: list[Clause]) -> Iterator[Reason]:
    """Which roles may be assigned to whom, where that is asked."""
    verb = "assign" if asked.operation == WRITES else "remove the assignment of"
    for one in delegated(asked, found):
        yield Reason("allows", "delegation", f"may {verb} {_delegation(asked.estate, one)}")


def _delegation(estate: Estate, one: Delegated) -> str:
    text = _limited(one.roles, "any role", lambda key: _title(estate, key))
    text += f" to {_limited(one.principals, 'any principal', str)}"
    if not one.types.free:
        text += f" of type {_limited(one.types, 'any', str)}"
    return text + (f", where {' and '.join(one.further)}" if one.further else "")


def _limited(limited: Limited, any: str, name: object) -> str:
    told = name if callable(name) else str
    if limited.only is not None:
        return " or ".join(told(one) for one in limited.only) or "nothing"
    return f"{any} but {' and '.join(told(one) for one in limited.but)}" if limited.but else any


def _title(estate: Estate, key: str) -> str:
    role = estate.role(named(key))
    return f"{role.title} ({named(key)})" if role is not None else key


# --- chain ------------------------------------------------------------------------------------------------------------


def _through(decided: Decided) -> Iterator[Link]:
    """The groups and scopes through which the principal comes to what gives it access."""
    asked = decided.request
    for each in decided.layers:
        for grant in each.allow.grants:
            if grant.formula is False:
                continue
            for group in asked.estate.through(grant.assignment.principal, asked.who) or ():
                yield Link("group", group, group)
            if grant.member is not True and grant.assignment.principal != asked.who:
                yield Link("group", grant.assignment.principal, grant.assignment.principal)
            if grant.assignment.scope.key != asked.resource.key:
                yield Link("scope", grant.assignment.scope.key, str(grant.assignment.scope))
