"""At which scope a permission must be given for what was done on a resource, by the rules of each vendor."""

from __future__ import annotations

import pytest

from leastwise.providers.azure.regranting.granted import assignable
from leastwise.providers.azure.regranting.scopes import lowest as lowest_of_azure
from leastwise.providers.gcp.regranting.scopes import lowest as lowest_of_google

SUB = "/subscriptions/11111111-0000-4000-8000-000000000000"
RG = f"{SUB}/resourceGroups/web"
SITE = f"{RG}/providers/Microsoft.Web/sites/api"
STORE = f"{RG}/providers/Microsoft.Storage/storageAccounts/docs"
BLOBS = f"{STORE}/blobServices/default/containers/invoices"


def chain(id: str) -> list[str]:
    parts = id.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 2, -1)]


AZURE = {
    "what restarts a site": ("Microsoft.Web/sites/restart/Action", SITE, SITE),
    "what writes one may have made it": ("Microsoft.Web/sites/Write", SITE, RG),
    "what deletes one": ("Microsoft.Web/sites/Delete", SITE, RG),
    "what writes what lies in it": ("Microsoft.Web/sites/config/Write", f"{SITE}/config/web", SITE),
    "a container of a storage account": ("data:Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
                                         BLOBS, BLOBS),
    "what makes a container": ("Microsoft.Storage/storageAccounts/blobServices/containers/write", BLOBS, STORE),
    "a resource group": ("Microsoft.Resources/subscriptions/resourceGroups/read", RG, RG),
    "a deployment": ("Microsoft.Resources/deployments/write", f"{RG}/providers/Microsoft.Resources/deployments/d", RG),
}  # fmt: skip


@pytest.mark.parametrize("name", AZURE)
def test_scopes_of_azure(name: str) -> None:
    permission, resource, scope = AZURE[name]
    assert lowest_of_azure(permission, chain(resource)) == scope


PROJECT = "//cloudresourcemanager.googleapis.com/projects/1"
BUCKET = "//storage.googleapis.com/orders"
DATASET = "//bigquery.googleapis.com/projects/1/datasets/d"
GOOGLE = {
    "an object's bucket": (
        "storage.objects.create", ["//storage.googleapis.com/projects/_/buckets/orders/objects/a", BUCKET, PROJECT],
        BUCKET,
    ),
    "what reads a bucket": ("storage.buckets.get", [BUCKET, PROJECT], BUCKET),
    "what makes a bucket": ("storage.buckets.create", [BUCKET, PROJECT], PROJECT),
    "a table's dataset": ("bigquery.tables.updateData", [f"{DATASET}/tables/t", DATASET, PROJECT], DATASET),
    "what makes a dataset": ("bigquery.datasets.create", [DATASET, PROJECT], PROJECT),
    "a job of a project": ("bigquery.jobs.create", [PROJECT], PROJECT),
    "a topic": ("pubsub.topics.publish", ["//pubsub.googleapis.com/projects/1/topics/t", PROJECT],
                "//pubsub.googleapis.com/projects/1/topics/t"),
    "what has no policy of its own": ("compute.disks.get", ["//compute.googleapis.com/projects/1/zones/z/disks/d",
                                                            PROJECT], PROJECT),
    "what is not known": ("storage.objects.get", [], ""),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOGLE)
def test_scopes_of_google_cloud(name: str) -> None:
    permission, resources, scope = GOOGLE[name]
    assert lowest_of_google(permission, resources) == scope


GROUP = "/providers/Microsoft.Management/managementGroups/corp"


@pytest.mark.parametrize(("scope", "place"), [(SITE, RG), (RG, RG), (SUB, SUB), (GROUP, GROUP), ("/", "/")])
def test_where_custom_roles_of_azure_can_be_assigned(scope: str, place: str) -> None:
    assert assignable(scope) == place
