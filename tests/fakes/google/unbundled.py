"""The shapes of two APIs whose discovery documents google-api-python-client does not carry, in the same form.

Facts of the public definitions google/iam/v3 and google/cloud/privilegedaccessmanager/v1 of googleapis/googleapis as of
2026: paths, parameters, members. Only what lists and looks up is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CLOUD = ["https://www.googleapis.com/auth/cloud-platform"]
_TEXT: dict[str, Any] = {"type": "string"}
_TIME: dict[str, Any] = {"type": "string", "format": "google-datetime"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_MAP: dict[str, Any] = {"type": "object", "additionalProperties": _TEXT}
_FLAG: dict[str, Any] = {"type": "boolean"}


def _of(name: str) -> dict[str, Any]:
    return {"$ref": name}


def _many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": name}}


def _word(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _schema(**members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members}


def _listing(id: str, below: str, parent: str, response: str, parameter: str = "parent") -> dict[str, Any]:
    page = {"pageSize": {"location": "query", "type": "integer"}, "pageToken": {"location": "query", "type": "string"}}
    place = {"location": "path", "pattern": f"^{parent}$", "required": True, "type": "string"}
    return {
        "id": id, "httpMethod": "GET", "path": f"{{+{parameter}}}{below}", "parameters": {parameter: place, **page},
        "response": {"$ref": response}, "scopes": _CLOUD,
    }  # fmt: skip


def _document(api: str, version: str, methods: list[dict[str, Any]], schemas: dict[str, Any]) -> dict[str, Any]:
    named = {f"{number}": {**one, "path": f"{version}/{one['path']}"} for number, one in enumerate(methods)}
    return {"rootUrl": f"https://{api}.googleapis.com/", "servicePath": "", "methods": named, "schemas": schemas}


_KINDS = ("organizations", "folders", "projects")
_EXPRESSION = _schema(expression=_TEXT, title=_TEXT, description=_TEXT, location=_TEXT)
_COMMON: dict[str, Any] = {
    "name": _TEXT, "uid": _TEXT, "etag": _TEXT, "displayName": _TEXT, "annotations": _MAP, "createTime": _TIME,
    "updateTime": _TIME,
}  # fmt: skip

_IAM = _document(
    "iam", "v3",
    [
        _listing("iam.organizations.locations.principalAccessBoundaryPolicies.list", "/principalAccessBoundaryPolicies",
                 "organizations/[^/]+/locations/[^/]+", "ListPrincipalAccessBoundaryPoliciesResponse"),
        _listing("iam.organizations.locations.principalAccessBoundaryPolicies.searchPolicyBindings",
                 ":searchPolicyBindings",
                 "organizations/[^/]+/locations/[^/]+/principalAccessBoundaryPolicies/[^/:]+",
                 "SearchPrincipalAccessBoundaryPolicyBindingsResponse", "name"),
        *(_listing(f"iam.{kind}.locations.policyBindings.list", "/policyBindings", f"{kind}/[^/]+/locations/[^/]+",
                   "ListPolicyBindingsResponse") for kind in _KINDS),
        *(_listing(f"iam.{kind}.locations.accessPolicies.list", "/accessPolicies", f"{kind}/[^/]+/locations/[^/]+",
                   "ListAccessPoliciesResponse") for kind in _KINDS),
    ],
    {
        "ListPrincipalAccessBoundaryPoliciesResponse": _schema(
            principalAccessBoundaryPolicies=_many("PrincipalAccessBoundaryPolicy"), nextPageToken=_TEXT),
        "SearchPrincipalAccessBoundaryPolicyBindingsResponse": _schema(
            policyBindings=_many("PolicyBinding"), nextPageToken=_TEXT),
        "ListPolicyBindingsResponse": _schema(policyBindings=_many("PolicyBinding"), nextPageToken=_TEXT),
        "ListAccessPoliciesResponse": _schema(accessPolicies=_many("AccessPolicy"), nextPageToken=_TEXT),
        "PrincipalAccessBoundaryPolicy": _schema(**_COMMON, details=_of("BoundaryDetails")),
        "BoundaryDetails": _schema(rules=_many("BoundaryRule"), enforcementVersion=_TEXT),
        "BoundaryRule": _schema(description=_TEXT, resources=_TEXTS, effect=_word("EFFECT_UNSPECIFIED", "ALLOW")),
        "PolicyBinding": _schema(
            **_COMMON, target=_of("Target"), policy=_TEXT, policyUid=_TEXT, condition=_of("Expr"),
            policyKind=_word("POLICY_KIND_UNSPECIFIED", "PRINCIPAL_ACCESS_BOUNDARY", "ACCESS"),
        ),
        "Target": _schema(principalSet=_TEXT, resource=_TEXT),
        "AccessPolicy": _schema(**_COMMON, details=_of("AccessDetails")),
        "AccessDetails": _schema(rules=_many("AccessRule")),
        "AccessRule": _schema(
            description=_TEXT, effect=_word("EFFECT_UNSPECIFIED", "DENY", "ALLOW"), principals=_TEXTS,
            excludedPrincipals=_TEXTS, operation=_of("Operation"),
            conditions={"type": "object", "additionalProperties": _of("Expr")},
        ),
        "Operation": _schema(permissions=_TEXTS, excludedPermissions=_TEXTS),
        "Expr": _EXPRESSION,
    },
)  # fmt: skip

_PAM = _document(
    "privilegedaccessmanager", "v1",
    [
        *(_listing(f"privilegedaccessmanager.{kind}.locations.entitlements.list", "/entitlements",
                   f"{kind}/[^/]+/locations/[^/]+", "ListEntitlementsResponse") for kind in _KINDS),
        *(_listing(f"privilegedaccessmanager.{kind}.locations.entitlements.grants.list", "/grants",
                   f"{kind}/[^/]+/locations/[^/]+/entitlements/[^/]+", "ListGrantsResponse") for kind in _KINDS),
    ],
    {
        "ListEntitlementsResponse": _schema(
            entitlements=_many("Entitlement"), nextPageToken=_TEXT, unreachable=_TEXTS),
        "ListGrantsResponse": _schema(grants=_many("Grant"), nextPageToken=_TEXT, unreachable=_TEXTS),
        "Entitlement": _schema(
            name=_TEXT, createTime=_TIME, updateTime=_TIME, eligibleUsers=_many("Entry"),
            approvalWorkflow=_of("Workflow"), privilegedAccess=_of("Access"),
            maxRequestDuration={"type": "string", "format": "google-duration"},
            state=_word("STATE_UNSPECIFIED", "CREATING", "AVAILABLE", "DELETING", "DELETED", "UPDATING"),
            requesterJustificationConfig=_of("Justifying"), additionalNotificationTargets=_of("Notified"), etag=_TEXT,
        ),
        "Entry": _schema(principals=_TEXTS),
        "Workflow": _schema(manualApprovals=_of("Approvals")),
        "Approvals": _schema(requireApproverJustification=_FLAG, steps=_many("Step")),
        "Step": _schema(approvers=_many("Entry"), approvalsNeeded={"type": "integer"}, approverEmailRecipients=_TEXTS),
        "Access": _schema(gcpIamAccess=_of("IamAccess")),
        "IamAccess": _schema(resourceType=_TEXT, resource=_TEXT, roleBindings=_many("RoleBinding")),
        "RoleBinding": _schema(role=_TEXT, conditionExpression=_TEXT),
        "Justifying": _schema(notMandatory=_schema(), unstructured=_schema()),
        "Notified": _schema(adminEmailRecipients=_TEXTS, requesterEmailRecipients=_TEXTS),
        "Grant": _schema(
            name=_TEXT, createTime=_TIME, updateTime=_TIME, requester=_TEXT,
            requestedDuration={"type": "string", "format": "google-duration"},
            justification=_schema(unstructuredJustification=_TEXT),
            state=_word("STATE_UNSPECIFIED", "APPROVAL_AWAITED", "DENIED", "SCHEDULED", "ACTIVATING", "ACTIVE",
                        "ACTIVATION_FAILED", "EXPIRED", "REVOKING", "REVOKED", "ENDED", "WITHDRAWING", "WITHDRAWN"),
            timeline=_schema(events=_many("Event")), privilegedAccess=_of("Access"),
            auditTrail=_schema(accessGrantTime=_TIME, accessRemoveTime=_TIME), additionalEmailRecipients=_TEXTS,
            externallyModified=_FLAG,
        ),
        "Event": _schema(
            eventTime=_TIME, requested=_schema(expireTime=_TIME), approved=_schema(reason=_TEXT, actor=_TEXT),
            denied=_schema(reason=_TEXT, actor=_TEXT), revoked=_schema(reason=_TEXT, actor=_TEXT),
            scheduled=_schema(scheduledActivationTime=_TIME), activated=_schema(), activationFailed=_schema(),
            expired=_schema(), ended=_schema(), externallyModified=_schema(),
        ),
    },
)  # fmt: skip

DOCUMENTS: Mapping[str, Mapping[str, Any]] = {"iam.v3": _IAM, "privilegedaccessmanager.v1": _PAM}
