"""From the three layers to one verdict: eligible, not denied, and granted.

This is the reference: one caller, one permission, one resource, everything looked at, slow and obvious.
https://cloud.google.com/iam/docs/policy-types#evaluation
"""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.engine.formula import Formula, all_of, negate
from leastwise.engine.solve import Verdict

from .allow import Allow, allow
from .boundary import Eligible, eligible
from .deny import Deny, deny
from .request import Request
from .worlds import solver


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdict on a request, and what each layer makes of it."""

    request: Request
    allow: Allow
    deny: Deny
    eligible: Eligible
    verdict: Verdict

    @property
    def formula(self) -> Formula:
        """When the caller has access."""
        return access(self.allow, self.deny, self.eligible)


def access(allowed: Allow, denied: Deny, within: Eligible) -> Formula:
    """When access is given: the three are a conjunction."""
    return all_of((within.formula, negate(denied.formula), allowed.formula))


def decide(asked: Request) -> Decided:
    """The verdict on a request."""
    allowed, denied, within = allow(asked), deny(asked), eligible(asked)
    # Whoever was deleted cannot call, whatever was not read.
    formula = False if asked.who.deleted else access(allowed, denied, within)
    verdict = solver().verdict(formula)
    return Decided(asked, allowed, denied, within, verdict)
