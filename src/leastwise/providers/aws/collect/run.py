"""Runs the declared calls of AWS."""

from __future__ import annotations

from collections.abc import Iterable

from leastwise.model.scope import Coverage
from leastwise.providers.aws.exports.gaps import section_gaps
from leastwise.providers.collecting import run
from leastwise.providers.collecting.prune import Hash

from .declaration import Call, Service

_PROBE = (Service(service="sts", calls=[]), Call(call="GetCallerIdentity"))
_DETAILS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


class Run(run.Run):
    """One collection of AWS; see the class above it."""

    def __init__(self, ask: run.Ask, hashed: Hash, in_flight: int, window: int) -> None:
        super().__init__(
            ask, hashed, in_flight, window,
            lambda target: ask(*_PROBE, target.home_region, {}, target.credentials), _sections,
        )  # fmt: skip


def _sections(kind: str) -> Iterable[Coverage]:
    return section_gaps(_DETAILS, (), False) if kind == "account_authorization_details" else ()
