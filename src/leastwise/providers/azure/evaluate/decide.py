"""From assignments to one verdict, in the documented order: nothing denies, and one role assignment gives.

This is the reference: one principal, one operation, one resource, everything looked at, slow and obvious.
https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource
"""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap, Solver, Verdict

from ..language.operations import Plane
from ..language.vaults import Vault
from .allow import Allow, allow
from .deny import Deny, deny
from .request import Request
from .vaults import policies, vault_of
from .worlds import solver


@dataclass(frozen=True, slots=True)
class Layers:
    """What denies and what gives, on one plane.

    Args:
        plane: which.
        deny: what denies.
        allow: what role assignments give.
        vault: the key vault whose access policies decide instead of roles, or None.
        policies: what these give.
    """

    plane: Plane
    deny: Deny
    allow: Allow
    vault: Vault | None = None
    policies: Formula = False

    @property
    def formula(self) -> Formula:
        """When access is given on this plane; what roles cannot give, deny assignments do not take."""
        if self.vault is not None:
            return self.policies
        return all_of((negate(self.deny.formula), self.allow.formula))


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdict on a request, and what each layer makes of it; both planes where it is not known which is meant."""

    request: Request
    layers: tuple[Layers, ...]
    verdict: Verdict

    @property
    def formula(self) -> Formula:
        """When access is given."""
        return access(self.request, self.layers)


def layers(asked: Request) -> tuple[Layers, ...]:
    """The layers of the request's plane, or of both."""
    planes = (asked.plane,) if asked.plane is not None else tuple(Plane)
    return tuple(_layer(asked, one) for one in planes)


def _layer(asked: Request, plane: Plane) -> Layers:
    vault = vault_of(asked, plane)
    given = policies(asked, vault) if vault is not None else False
    return Layers(plane, deny(asked, plane), allow(asked, plane), vault, given)


def access(asked: Request, found: tuple[Layers, ...]) -> Formula:
    """When access is given on the plane of the operation.

    One of which nothing tells the plane is taken to be of the control plane, as most are; what only the data plane
    gives may be given.
    """
    control, *data = (one.formula for one in found)
    plane = Literal(Gap(f"the plane of {asked.operation}"))
    return any_of((control, *(all_of((one, plane)) for one in data)))


def decide(asked: Request, solved: Solver | None = None) -> Decided:
    """The verdict on a request."""
    found = layers(asked)
    return Decided(asked, found, (solved or solver()).verdict(access(asked, found)))
