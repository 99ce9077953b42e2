"""Short ways to ask the evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leastwise.engine.solve import Outcome
from leastwise.model.decision import Decision
from leastwise.providers.aws.evaluate.arn import request_pattern, spans
from leastwise.providers.aws.evaluate.decide import Decided, decide
from leastwise.providers.aws.evaluate.explain import explain
from leastwise.providers.aws.evaluate.facts import Facts, Look, Values
from leastwise.providers.aws.evaluate.logic import question
from leastwise.providers.aws.evaluate.policies import Policies
from leastwise.providers.aws.evaluate.policy import Policy, parse_policy
from leastwise.providers.aws.evaluate.principals import Principal, parse_principal
from leastwise.providers.aws.evaluate.statements import Request, Target

HERE, THERE = "111111111111", "222222222222"
USER = f"arn:aws:iam::{HERE}:user/ana"
ROLE = f"arn:aws:iam::{HERE}:role/app"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/app/one"
OBJECT = "arn:aws:s3:::bucket/key"


def document(*statements: Mapping[str, Any], version: str = "2012-10-17", name: str = "") -> Policy:
    return parse_policy({"Version": version, "Statement": list(statements)}, name)


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource} | more


def facts(context: Mapping[str, Values | Look | str] | None = None, *, strict: bool = True) -> Facts:
    known = {key.lower(): (one,) if isinstance(one, str) else one for key, one in (context or {}).items()}
    return Facts(known, strict=strict)


def who(principal: str | Principal) -> Principal:
    found = principal if isinstance(principal, Principal) else parse_principal(principal)
    assert found is not None
    return found


def request(
    principal: str | Principal = USER,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    account: str = HERE,
    context: Mapping[str, Values | Look | str] | None = None,
    strict: bool = True,
) -> Request:
    target = Target(resource, request_pattern(resource) if spans(resource) else None)
    return Request(who(principal), action, target, account, facts(context, strict=strict))


def decided(asked: Request, **policies: Any) -> Decided:
    return decide(question(asked, Policies(**policies)))


def explained(asked: Request, **policies: Any) -> Decision:
    return explain(decided(asked, **policies))


def answer(asked: Request, **policies: Any) -> str:
    """allowed, denied (no allow), refused (a denial), or depends."""
    found = decided(asked, **policies)
    if found.verdict.outcome is Outcome.NEVER:
        return "refused" if found.explicit else "denied"
    return {Outcome.ALWAYS: "allowed", Outcome.DEPENDS: "depends", Outcome.UNKNOWN: "unknown"}[found.verdict.outcome]


def under(
    condition: Mapping[str, Any], context: Mapping[str, Values | Look | str], *, strict: bool = True, **more: Any
) -> str:
    """The answer to a user whose one statement has this condition."""
    return answer(request(context=context, strict=strict), identity=[document(allow(Condition=condition), **more)])


def powerset(items: Sequence[str]) -> Iterable[tuple[str, ...]]:
    for bits in range(1 << len(items)):
        yield tuple(item for number, item in enumerate(items) if bits >> number & 1)
