"""The VPC endpoint that a request comes through: which one, its policy, and what it tells of the request.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from ..evaluate.facts import Look, Values, Within
from ..evaluate.policy import Policy
from .estate import CompiledEstate

_ENDPOINT, _VPC = "aws:sourcevpce", "aws:sourcevpc"
Known = Values | Look | Within
"""What is known of one key."""
Through = tuple[str, ...] | None
"""Endpoints by id, one of which a request comes through; none where it comes through none that the question tells of,
None where it does and none is known.
"""


class Endpoints:
    """The VPC endpoints of an estate.

    Args:
        estate: where they stand.
        complete: what the estate does not have is known not to be there.
    """

    def __init__(self, estate: CompiledEstate, *, complete: bool) -> None:
        self._estate, self._complete = estate, complete

    def through(self, endpoint: str | None, context: Mapping[str, Known], action: str) -> Through:
        """The endpoints that a request can come through, when the question says that it comes through one.

        A context that names the endpoint, or its VPC, says it too; None when the VPC has none for the service that is
        known, for only requests through an endpoint carry the VPC.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcevpc

        Args:
            endpoint: id or ARN of the endpoint that the question names, or None.
            context: the condition keys that it gives.
            action: what is done.
        """
        if endpoint is not None:
            return (_id(endpoint),)
        named, vpc = _one(context, _ENDPOINT), _one(context, _VPC)
        if named is not None:
            return (_id(named),)
        if vpc is None:
            return ()
        service = action.partition(":")[0].lower()
        known = self._known.items()
        found = [id for id, (*_, where, serves) in known if where == vpc and serves.rsplit(".", 1)[-1] == service]
        return tuple(found) if found or self._complete else None

    def policy(self, through: Through) -> tuple[tuple[Policy, ...] | None, tuple[str, ...]]:
        """The policy of the endpoint, None where there is none to ask, and what was not read.

        One without a policy lets everything through.
        """
        if through is None:
            return None, ("policy of the VPC endpoint that the request comes through: it is not in the estate",)
        if len(through) > 1:
            return None, (f"which of {len(through)} VPC endpoints the request comes through",)
        if not through:
            return None, ()
        known = self._known.get(through[0])
        if known is None:
            return None, (f"policy of VPC endpoint {through[0]}: it is not in the estate",)
        document, name, source, _, _ = known
        if document < 0 or self._estate.arrays["doc_bad"][document]:
            return None, (f"policy of VPC endpoint {through[0]}: not read",)
        return (self._estate.policy(document, name, source),), ()

    def facts(self, through: Through) -> dict[str, Known]:
        """The keys of a request that comes through an endpoint; such a request has no aws:SourceIp.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
        """
        if through is None or len(through) != 1:
            return {}
        vpc = self._known[through[0]][3] if through[0] in self._known else ""
        where: Known = (vpc,) if vpc else Look.PRESENT
        return {_ENDPOINT: (through[0],), "aws:sourceip": Look.ABSENT, _VPC: where}

    @cached_property
    def _known(self) -> dict[str, Sequence[Any]]:
        known: dict[str, Sequence[Any]] = dict(self._estate.arrays.facts["endpoints"])
        return {_id(arn): entry for arn, entry in known.items()}


def _id(named: str) -> str:
    """The id of an endpoint that is named by it or by its ARN."""
    return named.rsplit("/", 1)[-1]


def _one(context: Mapping[str, Known], key: str) -> str | None:
    """The value of a key that has one, whatever the case of its name."""
    found = {name.lower(): value for name, value in context.items()}.get(key)
    return found[0] if isinstance(found, tuple) and len(found) == 1 else None
