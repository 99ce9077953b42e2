"""From a verdict to a decision that says why: assignment, role, scope, grant, ownership, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator

from leastwise.engine.formula import Formula, Literal
from leastwise.engine.solve import Clause, Gap, Outcome, Solver
from leastwise.model.decision import Decision, Link, Needed, Reason, Residual, State
from leastwise.providers.microsoft.claims import Claim

from ..language.directory import HERE, SERVICE, USER, VENDOR_TENANTS
from ..language.ids import At
from .apps import delegated, granted
from .decide import Decided, solver
from .everyone import by_default, by_owning, feasible
from .federation import Audience, trusts
from .graph import allowing, directory_question
from .membership import carries, enabled, receives
from .request import Kind, Request
from .roles import Grant, grants, having
from .scoping import restricted

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


def explain(decided: Decided) -> Decision:
    """The decision with its reasons, residual, chain and gaps."""
    verdict, solved = decided.verdict, solver()
    residual: Residual | None = ()
    if verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN):
        found = solved.alternatives(verdict.certain)
        residual = None if found is None else residual_of(found)
    return Decision(
        state=STATES[verdict.outcome],
        reasons=tuple(_reasons(decided, solved)),
        residual=residual,
        chain=tuple(dict.fromkeys(_chain(decided))),
        missing=tuple(sorted(verdict.gaps)),
        exact=verdict.exact,
    )


def residual_of(found: list[Clause]) -> Residual:
    """Alternatives as a person reads them."""
    return tuple(dict.fromkeys(tuple(sorted(map(needed, clause), key=str)) for clause in found))


def needed(literal: Literal) -> Needed:
    """One condition that must hold."""
    atom, negated = literal.atom, not literal.positive
    if isinstance(atom, Audience):
        return Needed("audience", "in", atom.among, negated)
    if isinstance(atom, Claim):
        return Needed(f"claims['{atom.name}']", "matches" if atom.pattern else "eq", (atom.value,), negated)
    assert isinstance(atom, Gap)
    return Needed(atom.name, "known", ("true",), negated)


# --- reasons ----------------------------------------------------------------------------------------------------------


def _outcome(formula: Formula, solved: Solver) -> Outcome:
    return solved.verdict(formula).outcome


def _reasons(decided: Decided, solved: Solver) -> Iterator[Reason]:
    """What decided, the most telling first; of what is denied also what would give it, last."""
    asked, outcome = decided.request, decided.verdict.outcome
    found = list(_found(asked, solved))
    telling = [one for one, told in found if told is not Outcome.NEVER]
    if outcome is Outcome.NEVER:
        yield from _in_the_way(asked, solved)
        if not telling:
            yield Reason("blocks", "allow", f"nothing gives {asked.permission} to {asked.who} on {asked.resource}")
            yield from (one for one, _ in found)
            yield from _eligible(asked)
    yield from telling
    yield from _beside(asked)


def _found(asked: Request, solved: Solver) -> Iterator[tuple[Reason, Outcome]]:
    """What may give it, with what comes of each."""
    if asked.kind is Kind.EXCHANGE:
        for one in trusts(asked):
            told = _outcome(one.formula, solved)
            credential = one.credential
            text = f"the federated credential for {credential.issuer}, {credential.subject or credential.expression}, "
            yield Reason("allows", "federated", text + _SAID[told], source=credential.application), told
        return
    if asked.kind is not Kind.ACTION:
        yield from _of_values(asked, solved)
    doing = asked if asked.kind is Kind.ACTION else directory_question(asked) if asked.kind is Kind.REQUEST else None
    if doing is None:
        return
    whose = doing.by(asked.user) if asked.user else doing
    for each in grants(whose):
        told = _outcome(each.formula, solved)
        yield _assigned(whose, each, told), told
    for formula, layer, text in (
        (by_owning(whose), "ownership", f"{whose.who} is an owner of {whose.resource}"),
        (by_default(whose), "default", f"{whose.who} has it as every user has"),
    ):
        if formula is not False:
            yield Reason("allows", layer, text), _outcome(formula, solved)


def _of_values(asked: Request, solved: Solver) -> Iterator[tuple[Reason, Outcome]]:
    known = allowing(asked) if asked.kind is Kind.REQUEST else None
    single = asked.kind is Kind.VALUE
    listed = {asked.permission} if single else {*known.application, *known.delegated} if known is not None else set()
    values = {one.lower() for one in listed}

    def wanted(value: str) -> Formula:
        return value.lower() in values

    def of(resource: str) -> Formula:
        return asked.tenant or not single or resource == asked.resource

    if asked.user:
        for one, formula in delegated(asked, wanted, of):
            whom = f"for {one.user}" if one.user else "for every user"
            text = f"the delegated grant of {one.resource} {whom} has {' '.join(sorted(values & one.scopes))}"
            yield Reason("allows", "delegated", text, source=one.client), _outcome(formula, solved)
        return
    for each in granted(asked, wanted, of):
        if each.formula is not False:
            one_role = each.grant
            text = f"the app role {each.value or one_role.role} of {one_role.resource}, granted to {one_role.principal}"
            yield Reason("allows", "application", text, source=one_role.resource), _outcome(each.formula, solved)


def _assigned(asked: Request, grant: Grant, told: Outcome) -> Reason:
    one, role = grant.assignment, grant.role
    title = role.title if role is not None else f"{one.role} (not read)"
    text = f"{title}, assigned to {one.principal} at {one.place}, {_SAID[told]}"
    if grant.held:
        text += f" ({grant.held[0].by})"
    elif role is not None:
        text += ": it does not have the action"
    if grant.held and told is Outcome.NEVER:
        text += f": {_why(asked, grant)}"
    if one.activated:
        text += f"; activated{f' until {one.span.until.isoformat()}' if one.span.until else ''}"
    elif one.span.until:
        text += f"; until {one.span.until.isoformat()}"
    position = grant.held[0].position if grant.held else -1
    effect = "allows" if told is not Outcome.NEVER else "blocks"
    return Reason(
        effect, "allow", text, title, str(position + 1) if grant.held else "", position, one.id or str(one.place)
    )


def _why(asked: Request, grant: Grant) -> str:
    """Why an assignment whose role has the action does not give it."""
    if not grant.lasts:
        return "it does not hold at that time"
    if grant.scope is False:
        return f"{asked.resource} is not in its scope"
    if restricted(asked, asked.action) is not False:
        return f"{asked.resource} is in a restricted administrative unit"
    return f"{asked.resource} is protected from it"


def _in_the_way(asked: Request, solved: Solver) -> Iterator[Reason]:
    """What keeps it from everybody, or from this principal."""
    if asked.kind is Kind.REQUEST and not asked.user and asked.estate.kind(asked.who) == USER:
        text = f"{asked.who} is a user, and makes requests only through an app: ask of the app, on its behalf"
        yield Reason("blocks", "service", text)
    if asked.kind is not Kind.EXCHANGE:
        for one in dict.fromkeys((asked.who, asked.user)):
            if one and not enabled(asked, one):
                yield Reason("blocks", "service", f"{one} is disabled, and gets no token while it is")
    if asked.kind is Kind.ACTION and _outcome(feasible(asked), solved) is Outcome.NEVER:
        text = f"{asked.resource} has rules or locks of its own, and nobody does {asked.permission} on it"
        yield Reason("blocks", "service", text)


def _eligible(asked: Request) -> Iterator[Reason]:
    """Eligible assignments that would give it, were they activated."""
    if asked.kind is not Kind.ACTION:
        return
    for one in asked.estate.eligible:
        role = asked.estate.role(one.role)
        if role is not None and carries(asked, one.principal, asked.who) is not False and having(asked, one.role)[0]:
            text = f"{role.title} at {one.place} is eligible, and not active: it gives this once it is activated"
            yield Reason("allows", "eligible", text, role.title, source=one.id or str(one.place))


def _beside(asked: Request) -> Iterator[Reason]:
    """What does not decide, and should be known."""
    who = asked.estate.object(asked.who)
    if who.kind == SERVICE and who.app and asked.estate.by_app and who.app not in asked.estate.by_app:
        where = f"in tenant {who.owner}" if who.owner not in ("", HERE, *VENDOR_TENANTS) else "elsewhere"
        text = f"the application of {who.id} is registered {where}, and whoever controls it there acts as it here"
        yield Reason("allows", "outside", f"{text} (Microsoft)" if who.owner in VENDOR_TENANTS else text)


# --- chain ------------------------------------------------------------------------------------------------------------


def _chain(decided: Decided) -> Iterator[Link]:
    """The groups and scopes through which the principal comes to what gives it access."""
    asked = decided.request
    if asked.kind is Kind.EXCHANGE:
        return
    if asked.kind is not Kind.ACTION:
        for one in asked.estate.app_roles:
            mine = one.principal != asked.who and receives(asked, one.principal, asked.who) is not False
            if mine and not asked.user and one.resource == asked.resource:
                yield Link("group", one.principal, asked.estate.object(one.principal).name or one.principal)
        return
    for each in grants(asked):
        if each.formula is False:
            continue
        if each.assignment.principal != asked.who:
            name = asked.estate.object(each.assignment.principal).name
            yield Link("group", each.assignment.principal, name or each.assignment.principal)
        if each.assignment.place.at is At.UNIT:
            yield Link("scope", each.assignment.place.id, str(each.assignment.place))
