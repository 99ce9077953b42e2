"""From a verdict to a decision that says why, in the words of the vendor's Policy Troubleshooter.

https://cloud.google.com/policy-intelligence/docs/reference/policytroubleshooter/rest
"""

from __future__ import annotations

from collections.abc import Iterator

from leastwise.engine.formula import Formula, Literal
from leastwise.engine.solve import Gap, Outcome, Solver, Verdict
from leastwise.model.decision import Decision, Link, Needed, Reason, Residual, State

from ..language.cel import OPERATORS, Call, Const, attribute_path, text_of, text_of_constant
from ..language.members import Kind
from ..language.names import written
from .allow import Grant
from .boundary import Bounded
from .conditions import Test
from .decide import Decided
from .deny import Denial
from .worlds import solver

STATES = {
    Outcome.ALWAYS: State.ALLOWED,
    Outcome.NEVER: State.DENIED,
    Outcome.DEPENDS: State.CONDITIONAL,
    Outcome.UNKNOWN: State.UNKNOWN,
}
OVERALL = {
    Outcome.ALWAYS: "CAN_ACCESS",
    Outcome.NEVER: "CANNOT_ACCESS",
    Outcome.DEPENDS: "UNKNOWN_CONDITIONAL",
    Outcome.UNKNOWN: "UNKNOWN_INFO",
}
_OF_BINDING = {
    Outcome.ALWAYS: "GRANTED",
    Outcome.NEVER: "NOT_GRANTED",
    Outcome.DEPENDS: "UNKNOWN_CONDITIONAL",
    Outcome.UNKNOWN: "UNKNOWN_INFO",
}
_OF_RULE = {**_OF_BINDING, Outcome.ALWAYS: "DENIED", Outcome.NEVER: "NOT_DENIED"}
_OF_BOUNDARY = {
    Outcome.ALWAYS: "NOT_ALLOWED",
    Outcome.NEVER: "ALLOWED",
    Outcome.DEPENDS: "UNKNOWN_CONDITIONAL",
    Outcome.UNKNOWN: "UNKNOWN_INFO",
}


def explain(decided: Decided) -> Decision:
    """The decision with its reasons, residual and gaps."""
    verdict, solved = decided.verdict, solver()
    residual: Residual | None = ()
    if verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN):
        residual = residual_of(verdict, solved)
    return Decision(
        state=STATES[verdict.outcome],
        reasons=tuple(_reasons(decided, solved)),
        residual=residual,
        chain=tuple(_through(decided)),
        missing=tuple(sorted(verdict.gaps)),
        exact=verdict.exact,
    )


def residual_of(verdict: Verdict, solved: Solver) -> Residual | None:
    """The alternatives under which access is certain; None when they are too many to list."""
    found = solved.alternatives(verdict.certain)
    if found is None:
        return None
    return tuple(dict.fromkeys(tuple(sorted(map(needed, clause), key=str)) for clause in found))


def needed(literal: Literal) -> Needed:
    """One condition as a person reads it."""
    atom = literal.atom
    if isinstance(atom, Gap):
        return Needed(atom.name, "known", ("true",), negated=not literal.positive)
    assert isinstance(atom, Test)
    negated = literal.positive is not atom.value
    node = atom.node
    if isinstance(node, Call):
        first = node.target if node.target is not None else node.args[0]
        rest = node.args if node.target is not None else node.args[1:]
        plain = attribute_path(first) == atom.variable and all(isinstance(one, Const) for one in rest)
        known = node.function in OPERATORS or node.target is not None
        if plain and known and len(rest) == 1 and isinstance(rest[0], Const):
            return Needed(atom.variable, node.function, (_shown(rest[0]),), negated=negated)
    return Needed(atom.variable, "CEL", (text_of(node),), negated=negated)


def _shown(constant: Const) -> str:
    return constant.value if isinstance(constant.value, str) else text_of_constant(constant.value)


def _outcome(formula: Formula, solved: Solver) -> Outcome:
    return solved.verdict(formula).outcome


def _reasons(decided: Decided, solved: Solver) -> Iterator[Reason]:
    """What decided, the most telling first; of what is denied also what would grant, last."""
    outcome = decided.verdict.outcome
    shown = f"{OVERALL[outcome]}: {decided.request.who.text} {written(decided.request.permission)}"
    denials = [(one, _outcome(one.formula, solved)) for one in decided.deny.denials]
    grants = [(one, _outcome(one.formula, solved)) for one in decided.allow.grants]
    telling = [pair for pair in grants if pair[1] is not Outcome.NEVER]
    if outcome is not Outcome.ALWAYS:
        yield from (_denied(one, found) for one, found in denials if found is not Outcome.NEVER)
        yield from _bounded(decided, solved)
    if outcome is Outcome.NEVER and not telling and not decided.allow.unread:
        yield Reason("blocks", "allow", f"{shown}: no binding grants it")
        yield from (_granted(one, found) for one, found in grants if one.member is not False and one.role is not False)
    telling.sort(key=lambda pair: pair[1] is not Outcome.ALWAYS)
    yield from (_granted(one, found) for one, found in telling)


def _granted(grant: Grant, found: Outcome) -> Reason:
    binding = grant.binding
    who = ", ".join(member.text for member, included in grant.members if included is not False)
    condition = f" under the condition {binding.title or binding.condition!r}" if binding.condition else ""
    inert = f" (the role is {grant.inert})" if grant.inert else ""
    text = f"{_OF_BINDING[found]}: {binding.role} to {who} on {grant.place}{condition}{inert}"
    effect = "allows" if found is not Outcome.NEVER else "blocks"
    return Reason(effect, "allow", text, grant.place, str(binding.position + 1), binding.position, grant.place)


def _denied(denial: Denial, found: Outcome) -> Reason:
    rule, policy = denial.rule, denial.policy
    condition = f" under the condition {rule.condition!r}" if rule.condition else ""
    text = f"{_OF_RULE[found]}: rule {rule.position + 1} of {policy.name}{condition}"
    return Reason("denies", "deny", text, policy.name, str(rule.position + 1), rule.position, policy.attached)


def _bounded(decided: Decided, solved: Solver) -> Iterator[Reason]:
    """The boundaries that block, or may, where together they do."""
    together = solved.verdict(decided.eligible.formula).outcome
    if together is Outcome.ALWAYS:
        return
    word = {Outcome.NEVER: Outcome.ALWAYS}.get(together, together)
    for one in decided.eligible.bounds:
        if one.blocks is not False:
            yield _boundary(one, word)


def _boundary(one: Bounded, found: Outcome) -> Reason:
    name = one.binding.policy
    text = f"{_OF_BOUNDARY[found]}: {name}, bound to {one.binding.target}, does not list the resource"
    if one.boundary is None:
        text = f"{_OF_BOUNDARY[found]}: {name}, bound to {one.binding.target}, was not read"
    return Reason("denies", "principal_access_boundary", text, name, "", -1, one.binding.name)


def _through(decided: Decided) -> Iterator[Link]:
    """The groups and convenience values through which the caller is a member of a binding that counts."""
    seen = set()
    for grant in decided.allow.grants:
        if grant.role is False or grant.condition.true is False:
            continue
        for member, included in grant.members:
            sets = member.kind in (Kind.GROUP, Kind.PROJECT_OWNER, Kind.PROJECT_EDITOR, Kind.PROJECT_VIEWER)
            if sets and included is not False and member != decided.request.who and member not in seen:
                seen.add(member)
                yield Link(member.kind.value, member.text, member.id)
