"""Which translator reads which kind of raw document."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leastwise.model.scope import RawDocument
from leastwise.providers.azure.exports.shapes import RESOURCE_GET, read_items
from leastwise.providers.azure.placing import node_of
from leastwise.providers.azure.tree import ENTITIES, SUBSCRIPTION_LIST
from leastwise.providers.members import Object

from . import assignments, containers, federated, lighthouse, older, owned, requests, resources, roles, settings
from .context import Context

_BY_KIND: dict[str, Callable[[Context, Object, str], None]] = {
    SUBSCRIPTION_LIST: containers.subscription,
    ENTITIES: containers.management_group,
    "authorization.roleDefinitions.list": roles.definition,
    "authorization.roleAssignments.list": assignments.role_assignment,
    "authorization.roleAssignmentScheduleInstances.list": assignments.schedule_instance,
    "authorization.roleEligibilityScheduleInstances.list": assignments.eligible,
    "authorization.roleEligibilitySchedules.list": assignments.eligible,
    "authorization.roleAssignmentSchedules.list": assignments.schedule_instance,
    "authorization.roleEligibilityScheduleRequests.list": requests.request,
    "authorization.roleAssignmentScheduleRequests.list": requests.request,
    "authorization.roleManagementPolicyAssignments.list": assignments.activation,
    "authorization.roleManagementPolicies.list": assignments.activation_rules,
    "authorization.classicAdministrators.list": older.classic,
    "authorization.denyAssignments.list": assignments.deny_assignment,
    "authorization.locks.list": resources.resource,
    "authorization.policyAssignments.list": resources.resource,
    "insights.diagnosticSettings.list": settings.setting,
    "managedIdentity.federatedIdentityCredentials.list": federated.credential,
    "managedServices.registrationDefinitions.list": lighthouse.definition,
    "managedServices.registrationAssignments.list": lighthouse.assignment,
}


COSMOS_ASSIGNMENTS = f"{RESOURCE_GET}:{owned.COSMOS_ASSIGNMENT}"
_FIRST = ("authorization.roleAssignments.list", SUBSCRIPTION_LIST)
"""What others tell again, with less: assignments have their own ids here, subscriptions their names."""


def apply(documents: Sequence[RawDocument], context: Context) -> None:
    """Feed every object to its translator. Raises InputError naming the file and the place."""
    told = [
        (document.kind, item.value, f"{document.name}#{item.place}")
        for document in documents
        if "!" not in document.kind
        for item in read_items(document.name, document.body).items
    ]
    for document in documents:
        if document.kind == COSMOS_ASSIGNMENTS and document.resource:
            # An account that was asked and gives no role has no list of objects that says so.
            owned.cosmos_read(context, document.resource)
    for kind, value, _ in told:
        context.tree.learn(value, kind)
        node_of(value, kind, context.tree)
    for kind, value, source in sorted(told, key=lambda one: one[0] not in _FIRST):
        context.reading = kind
        translator = _BY_KIND.get(kind)
        if translator is not None:
            translator(context, value, source)
        elif kind.startswith(("resources.", "resourceGraph.")):
            resources.resource(context, value, source)
