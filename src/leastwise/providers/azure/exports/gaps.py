"""The parts of an imported tree that nothing in the import tells of."""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.scope import Collected, Coverage, CoverageStatus
from leastwise.providers.azure.tree import ENTITIES
from leastwise.providers.exported import call_of

from .shapes import RESOURCE_GET, RESOURCE_GRAPH, RESOURCES
from .unlisted import unlisted

_PARTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("authorization.roleAssignments.list",), "who is given which role"),
    (("authorization.denyAssignments.list",), "what deny assignments take away"),
    (("authorization.roleEligibilityScheduleInstances.list",), "which roles can be activated"),
    (("authorization.roleAssignmentScheduleInstances.list",), "which role assignments were activated, and which end"),
    (("authorization.locks.list",), "which deletions and writes locks hold up"),
    (("authorization.policyAssignments.list",), "which policies are in force, and what they run as"),
    ((ENTITIES,), "which management groups lie above"),
    ((RESOURCES, RESOURCE_GET, RESOURCE_GRAPH), "which resources there are, and what they run as"),
    (("managedIdentity.federatedIdentityCredentials.list",),
     "who from outside may become a managed identity"),
    (("managedServices.registrationAssignments.list",),
     "who of other tenants holds roles by Lighthouse"),
)  # fmt: skip


def gaps(collected: Collected) -> Sequence[Coverage]:
    """A `not_tried` record for each part of the tree that none of the documents, carried over ones too, tells of;
    and for each subscription of which no list of assignments was imported.
    """
    kinds = {document.kind.partition(":")[0] for document in collected.documents}
    told = {(one.service, one.call) for one in collected.coverage}
    whole = [
        Coverage(*call_of(sources[0]), CoverageStatus.NOT_TRIED, "not in what was imported", affects)
        for sources, affects in _PARTS
        if call_of(sources[0]) not in told and not kinds & set(sources)
    ]
    return [*whole, *unlisted(collected)]
