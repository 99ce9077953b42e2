"""The five dialects that the design names, as values; what of them a vendor's page says stands beside each."""

from __future__ import annotations

from leastwise.engine.patterns import Dialect, Stand

ARN = Dialect(one="?", fixed=5, begins="arn:", completes=True)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"""

AZURE_ID = Dialect(separator="/", fold=True, fixed=None)
"""https://learn.microsoft.com/azure/role-based-access-control/scope-overview: ids are compared segment by segment."""

AZURE_ACTION = Dialect(separator="/", fold=True)
"""https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format: `*` spans everything."""

KUBERNETES = Dialect(separator="/", fixed=None, stands=frozenset({Stand.WHOLE, Stand.FIRST}))
"""https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources: `*`, or `*/scale`."""

KUBERNETES_URL = Dialect(separator="/", stands=frozenset({Stand.END}))
"""https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-examples: only a `*` at the end of a path."""

GOOGLE_NAME = Dialect(separator="/", stands=frozenset({Stand.END}))
"""https://cloud.google.com/iam/docs/conditions-resource-attributes: names by what they start with."""

GOOGLE_PERMISSION = Dialect(separator=".", fixed=None)
"""https://cloud.google.com/iam/docs/deny-overview: `*` stands for a resource or a verb."""

DIALECTS = {
    "arn": ARN,
    "azure id": AZURE_ID,
    "azure action": AZURE_ACTION,
    "kubernetes": KUBERNETES,
    "google name": GOOGLE_NAME,
    "google permission": GOOGLE_PERMISSION,
}
