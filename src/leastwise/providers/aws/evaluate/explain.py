"""From a verdict to a decision that says why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from leastwise.engine.formula import Literal
from leastwise.engine.solve import Gap, Outcome, Solver, Verdict
from leastwise.model.decision import Decision, Needed, Reason, Residual, State

from .decide import Decided, solver
from .layers import Layer
from .logic import Question
from .operators import Condition, Join
from .principals import Named
from .services import decided_by_resource
from .stated import Stated
from .statements import Covers, Match

STATES = {
    Outcome.ALWAYS: State.ALLOWED,
    Outcome.NEVER: State.DENIED,
    Outcome.DEPENDS: State.CONDITIONAL,
    Outcome.UNKNOWN: State.UNKNOWN,
}
_TITLES = {
    "identity": "identity policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "scp": "service control policy",
    "rcp": "resource control policy",
    "endpoint": "VPC endpoint policy",
    "resource": "resource policy",
    "grant": "grant on the key",
}


def explain(decided: Decided) -> Decision:
    """The decision with its reasons, residual and gaps."""
    question, verdict = decided.question, decided.verdict
    if question.fixed:
        effect = "allows" if verdict.outcome is Outcome.ALWAYS else "denies"
        return Decision(STATES[verdict.outcome], (Reason(effect, "service", question.fixed),))
    solved = solver(question)
    residual: Residual | None = ()
    if verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN):
        residual = residual_of(verdict, solved)
    return Decision(
        state=STATES[verdict.outcome],
        reasons=tuple(_reasons(decided, solved)),
        residual=residual,
        missing=tuple(sorted(verdict.gaps)),
        exact=verdict.exact,
    )


def residual_of(verdict: Verdict, solved: Solver, *, region: bool = True) -> Residual | None:
    """The alternatives under which access is certain; None when they are too many to list.

    Without `region`, what must hold of the resource is left out: it is told elsewhere.
    """
    found = solved.alternatives(verdict.certain)
    if found is None:
        return None
    kept = [[x for x in clause if region or not isinstance(x.atom, Covers)] for clause in found]
    return tuple(dict.fromkeys(tuple(sorted(map(_needed, clause), key=str)) for clause in kept))


def _needed(literal: Literal) -> Needed:
    atom = literal.atom
    if isinstance(atom, Condition | Join):
        operator, key, values = atom.shown
        return Needed(key, operator, values, negated=not literal.positive)
    if isinstance(atom, Covers):
        return Needed("resource", "ArnLike", (str(atom.pattern),), negated=not literal.positive)
    if isinstance(atom, Stated):
        return replace(atom.needed, negated=atom.needed.negated is literal.positive)
    assert isinstance(atom, Gap)
    return Needed(atom.name, "known", ("true",), negated=not literal.positive)


def _reasons(decided: Decided, solved: Solver) -> Iterator[Reason]:
    question, outcome = decided.question, decided.verdict.outcome
    denies = [(layer.name, match) for layer in question.layers.values() for match in layer.denies]
    denies += [("resource", match) for match in question.resource.denies]
    denies += [("resource", match) for match in (question.behind.denies if question.behind else ())]
    if outcome is Outcome.NEVER:
        if decided.explicit:
            sure = [(name, match) for name, match in denies if match.formula is True]
            yield from (_said(name, match, "denies") for name, match in sure or denies)
        yield from _blockers(decided, solved)
        yield from (_said(name, match, "allows") for name, match in _grants(decided) if match.formula is not False)
        return
    granted = [_said(name, match, "allows") for name, match in _grants(decided)]
    if not granted and question.request.principal.kind == "root":
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
        yield Reason("allows", "service", "the root user may do everything in its account; no policy has to allow it")
    yield from granted
    if outcome is not Outcome.ALWAYS:
        yield from (_said(name, match, "denies") for name, match in denies if solved.possible(match.formula))


def _grants(decided: Decided) -> Iterator[tuple[str, Match]]:
    """The statements that grant; those that do so without condition first, and alone when they suffice."""
    question = decided.question
    found = [("identity", match) for match in question.layers["identity"].allows]
    own = question.layers["identity"].allow is not False
    # What is granted to an account helps those only whom its policies allow it.
    found += [("resource", match) for way, match in question.resource.allows if own or way is not Named.ACCOUNT]
    grants = (pair for grant in question.grants for pair in grant.allows)
    found += [("grant", match) for way, match in grants if own or way is not Named.ACCOUNT]
    certain = [(name, match) for name, match in found if match.formula is True]
    yield from certain
    if decided.verdict.outcome is not Outcome.ALWAYS or not certain:
        yield from ((name, match) for name, match in found if match.formula is not True)


def letting_in(question: Question) -> tuple[Reason, ...]:
    """The statements on the resource's side that let the principal in; those without condition first."""
    found = [("resource", match) for _, match in question.resource.allows]
    found += [("resource", match) for _, match in (question.behind.allows if question.behind else ())]
    found += [("grant", match) for grant in question.grants for _, match in grant.allows]
    found.sort(key=lambda one: one[1].formula is not True)
    return tuple(dict.fromkeys(_said(layer, match, "allows") for layer, match in found))


def _blockers(decided: Decided, solved: Solver) -> Iterator[Reason]:
    """The layers in which nothing can allow, though an allow of theirs is needed."""
    question = decided.question
    if question.barred:
        yield Reason("denies", "service", question.barred)
    own = solved.possible(question.layers["identity"].allow)
    given = solved.possible(question.resource.gives(Named.ACCOUNT, Named.ROLE, Named.DIRECT))
    alone = solved.possible(question.resource.gives(Named.ROLE, Named.DIRECT))
    request = question.request
    person = request.principal.account != "" and request.principal.kind != "federated"
    other = request.account not in ("", request.principal.account)
    both = other or decided_by_resource(request)
    if person and not own and (other or not alone):
        yield Reason("blocks", "identity", _nothing(question.layers["identity"]))
    for layer in question.layers.values():
        if layer.name != "identity" and not solved.possible(layer.allow):
            yield from (Reason("blocks", layer.name, _nothing(layer), name) for name in layer.names or ("",))
    if not given and (both or not person):
        text = "no statement of the resource's policy lets the principal in"
        yield Reason("blocks", "resource", text)
    elif not given and not own:
        yield Reason("blocks", "resource", "no statement of the resource's policy allows it either")
    if question.behind is not None and not solved.possible(question.behind.gives(*Named)) and (other or not own):
        yield Reason("blocks", "resource", "the bucket behind the access point does not let the principal in")


def _nothing(layer: Layer) -> str:
    return f"no {_TITLES[layer.name]} allows it"


def _said(layer: str, match: Match, effect: str) -> Reason:
    statement = match.statement
    shown = statement.sid or str(statement.position + 1)
    condition = "" if match.formula is True else " under a condition"
    text = f"{_TITLES[layer]} {match.policy.name or '(unnamed)'}, statement {shown}, {effect} it{condition}"
    return Reason(effect, layer, text, match.policy.name, shown, statement.position, match.policy.source)


def blocked_by(reasons: Iterable[Reason]) -> set[str]:
    """The layers that deny or block."""
    return {reason.layer for reason in reasons if reason.effect != "allows"}
