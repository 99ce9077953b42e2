"""As which service accounts resources run: where each type of resource says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leastwise.providers.gcp.language.members import is_service_account

_WHERE: dict[str, tuple[str, ...]] = {
    "aiplatform.googleapis.com/CustomJob": ("jobSpec.serviceAccount",),
    "aiplatform.googleapis.com/Endpoint": ("deployedModels[].serviceAccount",),
    "aiplatform.googleapis.com/PipelineJob": ("serviceAccount",),
    "appengine.googleapis.com/Application": ("serviceAccount",),
    "appengine.googleapis.com/Version": ("serviceAccount",),
    "batch.googleapis.com/Job": ("allocationPolicy.serviceAccount.email",),
    "cloudbuild.googleapis.com/BuildTrigger": ("serviceAccount",),
    "cloudfunctions.googleapis.com/CloudFunction": ("serviceAccountEmail", "serviceConfig.serviceAccountEmail"),
    "cloudfunctions.googleapis.com/Function": ("serviceConfig.serviceAccountEmail", "serviceAccountEmail"),
    "cloudscheduler.googleapis.com/Job": (
        "httpTarget.oidcToken.serviceAccountEmail", "httpTarget.oauthToken.serviceAccountEmail",
    ),
    "composer.googleapis.com/Environment": ("config.nodeConfig.serviceAccount",),
    "compute.googleapis.com/Instance": ("serviceAccounts[].email",),
    "compute.googleapis.com/InstanceTemplate": ("properties.serviceAccounts[].email",),
    "container.googleapis.com/Cluster": ("nodePools[].config.serviceAccount", "nodeConfig.serviceAccount"),
    "container.googleapis.com/NodePool": ("config.serviceAccount",),
    "datafusion.googleapis.com/Instance": ("dataprocServiceAccount",),
    "dataflow.googleapis.com/Job": ("environment.serviceAccountEmail",),
    "dataform.googleapis.com/Repository": ("serviceAccount",),
    "dataproc.googleapis.com/Cluster": ("config.gceClusterConfig.serviceAccount",),
    "eventarc.googleapis.com/Trigger": ("serviceAccount",),
    "notebooks.googleapis.com/Instance": ("serviceAccount", "gceSetup.serviceAccounts[].email"),
    "pubsub.googleapis.com/Subscription": ("pushConfig.oidcToken.serviceAccountEmail",),
    "run.googleapis.com/Job": ("template.template.serviceAccount",
    "spec.template.spec.template.spec.serviceAccountName"),
    "run.googleapis.com/Revision": ("serviceAccount", "spec.serviceAccountName"),
    "run.googleapis.com/Service": ("template.serviceAccount", "spec.template.spec.serviceAccountName"),
    "tpu.googleapis.com/Node": ("serviceAccount.email", "serviceAccount"),
    "workflows.googleapis.com/Workflow": ("serviceAccount",),
    "workstations.googleapis.com/WorkstationConfig": ("host.gceInstance.serviceAccount",),
}  # fmt: skip
"""Paths in the data of an asset, by its type; `[]` is every item of a list. Each is a member of that type's resource in
the vendor's discovery document."""


def runs_as(type: str, data: Mapping[str, Any], default: str) -> list[str]:
    """The member strings of the service accounts that a resource runs as, each once.

    `default` is the address of the project's default service account of Compute Engine, empty where it is not known:
    what `default` stands for (https://cloud.google.com/kubernetes-engine/docs/how-to/service-accounts).
    """
    found: dict[str, None] = {}
    for path in _WHERE.get(type, ()):
        for one in _at(data, path.split(".")):
            address = default if one == "default" else one.rpartition("/")[2]
            if is_service_account(address):
                found.setdefault(f"serviceAccount:{address.lower()}")
    return list(found)


def _at(value: Any, path: list[str]) -> Iterator[str]:
    """The texts at a path."""
    if not path:
        if isinstance(value, str):
            yield value
        return
    if not isinstance(value, Mapping):
        return
    name = path[0]
    below = value.get(name.removesuffix("[]"))
    if name.endswith("[]"):
        for one in below if isinstance(below, list) else ():
            yield from _at(one, path[1:])
    else:
        yield from _at(below, path[1:])
