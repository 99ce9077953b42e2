"""What lists of the fake organization hold, by method (without the kind of container) and parent; its assets."""

from __future__ import annotations

from typing import Any

from .policies import POLICIES

_TIME = "2026-01-02T03:04:05Z"
_CI = "projects/bw-alpha/serviceAccounts/ci@bw-alpha.iam.gserviceaccount.com"
_POOL = "projects/101/locations/global/workloadIdentityPools/gh"
_PAB = "organizations/1/locations/global/principalAccessBoundaryPolicies/fence"
_ENTITLEMENT = "projects/bw-alpha/locations/global/entitlements/fix-it"
_DENY = "policies/cloudresourcemanager.googleapis.com%2Ffolders%2F10/denypolicies/no-keys"
_ACCESS: dict[str, Any] = {"gcpIamAccess": {
    "resourceType": "cloudresourcemanager.googleapis.com/Project",
    "resource": "//cloudresourcemanager.googleapis.com/projects/bw-alpha",
    "roleBindings": [{"role": "roles/compute.admin", "conditionExpression": "request.time.getHours() < 8"}],
}}  # fmt: skip

LISTS: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("cloudresourcemanager.tagKeys.list", "organizations/1"): [
        {"name": "tagKeys/900", "parent": "organizations/1", "shortName": "env", "namespacedName": "1/env",
         "createTime": _TIME, "etag": "t"}],
    ("cloudresourcemanager.tagValues.list", "tagKeys/900"): [
        {"name": "tagValues/901", "parent": "tagKeys/900", "shortName": "prod", "namespacedName": "1/env/prod"}],
    ("cloudresourcemanager.tagBindings.list", "//cloudresourcemanager.googleapis.com/folders/10"): [
        {"name": "tagBindings/%2F%2Fcloudresourcemanager.googleapis.com%2Ffolders%2F10/tagValues/901",
         "parent": "//cloudresourcemanager.googleapis.com/folders/10", "tagValue": "tagValues/901",
         "tagValueNamespacedName": "1/env/prod"}],
    ("cloudresourcemanager.effectiveTags.list", "//cloudresourcemanager.googleapis.com/projects/bw-beta"): [
        {"tagValue": "tagValues/901", "namespacedTagValue": "1/env/prod", "tagKey": "tagKeys/900",
         "namespacedTagKey": "1/env", "tagKeyParentName": "organizations/1", "inherited": True}],
    ("iam.roles.list", ""): [
        {"name": "roles/viewer", "title": "Viewer", "stage": "GA", "etag": "AA==",
         "includedPermissions": ["resourcemanager.projects.get", "storage.buckets.list"]},
        {"name": "roles/owner", "title": "Owner", "stage": "GA", "includedPermissions": ["iam.roles.create"]},
        {"name": "roles/editor", "title": "Editor", "stage": "GA"},
        {"name": "roles/storage.objectViewer", "title": "Reads objects", "stage": "GA",
         "includedPermissions": ["storage.objects.get", "storage.objects.list"]}],
    ("iam.roles.list", "organizations/1"): [
        {"name": "organizations/1/roles/auditor", "title": "Auditor", "stage": "BETA", "etag": "AA==",
         "includedPermissions": ["logging.logEntries.list"]},
        {"name": "organizations/1/roles/gone", "title": "Gone", "deleted": True, "stage": "DISABLED"}],
    ("iam.roles.list", "projects/bw-alpha"): [
        {"name": "projects/bw-alpha/roles/deployer", "title": "Deployer", "stage": "GA",
         "includedPermissions": ["run.services.update", "iam.serviceAccounts.actAs"]}],
    ("iam.serviceAccounts.list", "projects/bw-alpha"): [
        {"name": _CI, "projectId": "bw-alpha", "uniqueId": "1001", "email": "ci@bw-alpha.iam.gserviceaccount.com",
         "displayName": "CI", "oauth2ClientId": "1001", "etag": "AA=="},
        {"name": "projects/bw-alpha/serviceAccounts/101-compute@developer.gserviceaccount.com",
         "projectId": "bw-alpha", "uniqueId": "1002", "email": "101-compute@developer.gserviceaccount.com",
         "disabled": True}],
    ("iam.serviceAccounts.list", "projects/bw-beta"): [
        {"name": "projects/bw-beta/serviceAccounts/job@bw-beta.iam.gserviceaccount.com", "projectId": "bw-beta",
         "uniqueId": "2001", "email": "job@bw-beta.iam.gserviceaccount.com"}],
    ("iam.serviceAccounts.keys.list", _CI): [
        {"name": f"{_CI}/keys/abc", "keyAlgorithm": "KEY_ALG_RSA_2048", "keyOrigin": "GOOGLE_PROVIDED",
         "keyType": "USER_MANAGED", "validAfterTime": _TIME, "validBeforeTime": "9999-12-31T23:59:59Z"}],
    ("iam.workloadIdentityPools.list", "projects/bw-alpha/locations/global"): [
        {"name": _POOL, "displayName": "GitHub", "state": "ACTIVE"}],
    ("iam.workloadIdentityPools.providers.list", _POOL.replace("101", "bw-alpha")): [
        {"name": f"{_POOL}/providers/actions", "state": "ACTIVE",
         "attributeMapping": {"google.subject": "assertion.sub"},
         "attributeCondition": "assertion.repository_owner == 'brightwater'",
         "oidc": {"issuerUri": "https://token.actions.githubusercontent.com", "allowedAudiences": ["gh"],
                  "jwksJson": "{}"}}],
    ("iam.workforcePools.list", "organizations/1"): [
        {"name": "locations/global/workforcePools/okta", "parent": "organizations/1", "state": "ACTIVE",
         "sessionDuration": "3600s"}],
    ("iam.workforcePools.providers.list", "locations/global/workforcePools/okta"): [
        {"name": "locations/global/workforcePools/okta/providers/saml", "state": "ACTIVE",
         "attributeMapping": {"google.subject": "assertion.subject"}, "saml": {"idpMetadataXml": "<x/>"}}],
    ("iam.policies.listPolicies", "folders/10/denypolicies"): [
        {"name": _DENY, "uid": "u1", "kind": "DenyPolicy", "displayName": "No keys", "etag": "d1", "createTime": _TIME,
         "rules": [{"description": "no keys", "denyRule": {
             "deniedPrincipals": ["principalSet://goog/public:all"],
             "exceptionPrincipals": ["principal://goog/subject/root@brightwater.example"],
             "deniedPermissions": ["iam.googleapis.com/serviceAccountKeys.create"],
             "denialCondition": {"expression": "resource.matchTag('1/env', 'prod')"}}}]}],
    ("iam.principalAccessBoundaryPolicies.list", "organizations/1/locations/global"): [
        {"name": _PAB, "uid": "p1", "etag": "p", "displayName": "Fence", "details": {
            "enforcementVersion": "3", "rules": [{"description": "ours", "effect": "ALLOW", "resources": [
                "//cloudresourcemanager.googleapis.com/organizations/1"]}]}}],
    ("iam.principalAccessBoundaryPolicies.searchPolicyBindings", _PAB): [
        {"name": "organizations/1/locations/global/policyBindings/all", "policyKind": "PRINCIPAL_ACCESS_BOUNDARY",
         "policy": _PAB, "target": {"principalSet": "//cloudresourcemanager.googleapis.com/organizations/1"},
         "condition": {"expression": "principal.type == 'iam.googleapis.com/WorkspaceIdentity'"}}],
    ("iam.policyBindings.list", "organizations/1/locations/global"): [
        {"name": "organizations/1/locations/global/policyBindings/all", "policyKind": "PRINCIPAL_ACCESS_BOUNDARY",
         "policy": _PAB, "target": {"principalSet": "//cloudresourcemanager.googleapis.com/organizations/1"}}],
    ("iam.accessPolicies.list", "projects/bw-beta/locations/global"): [
        {"name": "projects/102/locations/global/accessPolicies/bus", "details": {"rules": [
            {"effect": "ALLOW", "principals": ["principal://goog/subject/ann@brightwater.example"],
             "operation": {"permissions": ["eventarc.googleapis.com/messageBuses.publish"]}}]}}],
    ("orgpolicy.policies.list", "organizations/1"): [
        {"name": "organizations/1/policies/iam.disableServiceAccountKeyCreation",
         "spec": {"etag": "x", "updateTime": _TIME, "rules": [{"enforce": True}]}}],
    ("policyanalyzer.activityTypes.activities.query",
     "projects/bw-alpha/locations/global/activityTypes/serviceAccountLastAuthentication"): [
        {"fullResourceName": f"//iam.googleapis.com/{_CI}", "activityType": "serviceAccountLastAuthentication",
         "observationPeriod": {"startTime": "2026-01-01T00:00:00Z", "endTime": "2026-11-20T00:00:00Z"},
         "activity": {"lastAuthenticatedTime": "2026-11-18T00:00:00Z"}}],
    ("policyanalyzer.activityTypes.activities.query",
     "projects/bw-alpha/locations/global/activityTypes/serviceAccountKeyLastAuthentication"): [
        {"fullResourceName": f"//iam.googleapis.com/{_CI}/keys/abc",
         "activityType": "serviceAccountKeyLastAuthentication", "activity": {}}],
    ("recommender.insightTypes.insights.list",
     "projects/bw-alpha/locations/global/insightTypes/google.iam.policy.Insight"): [
        {"name": "projects/101/locations/global/insightTypes/google.iam.policy.Insight/insights/i1",
         "insightSubtype": "PERMISSIONS_USAGE", "category": "SECURITY", "content": {"role": "roles/editor"},
         "lastRefreshTime": _TIME, "observationPeriod": "7776000s", "stateInfo": {"state": "ACTIVE"}}],
    ("recommender.recommenders.recommendations.list",
     "projects/bw-alpha/locations/global/recommenders/google.iam.policy.Recommender"): [
        {"name": "projects/101/locations/global/recommenders/google.iam.policy.Recommender/recommendations/r1",
         "recommenderSubtype": "REMOVE_ROLE", "priority": "P1", "stateInfo": {"state": "ACTIVE"}}],
    ("privilegedaccessmanager.entitlements.list", "projects/bw-alpha/locations/global"): [
        {"name": _ENTITLEMENT, "state": "AVAILABLE", "maxRequestDuration": "3600s", "privilegedAccess": _ACCESS,
         "eligibleUsers": [{"principals": ["group:staff@brightwater.example"]}], "etag": "e",
         "approvalWorkflow": {"manualApprovals": {"steps": [
             {"approvalsNeeded": 1, "approvers": [{"principals": ["user:root@brightwater.example"]}]}]}},
         "requesterJustificationConfig": {"unstructured": {}}}],
    ("privilegedaccessmanager.entitlements.grants.list", _ENTITLEMENT): [
        {"name": f"{_ENTITLEMENT}/grants/g1", "requester": "ann@brightwater.example", "requestedDuration": "1800s",
         "state": "ENDED", "justification": {"unstructuredJustification": "pump 7"},
         "timeline": {"events": [
             {"eventTime": _TIME, "requested": {"expireTime": _TIME}},
             {"eventTime": _TIME, "approved": {"reason": "ok", "actor": "root@brightwater.example"}}]},
         "auditTrail": {"accessGrantTime": _TIME, "accessRemoveTime": _TIME}}],
    ("cloudidentity.groups.list", "customers/C01"): [
        {"name": "groups/staff", "groupKey": {"id": "staff@brightwater.example"}, "parent": "customers/C01",
         "displayName": "Staff", "labels": {"cloudidentity.googleapis.com/groups.discussion_forum": ""}},
        {"name": "groups/ops", "groupKey": {"id": "ops@brightwater.example"}, "parent": "customers/C01"}],
    ("cloudidentity.groups.memberships.list", "groups/staff"): [
        {"name": "groups/staff/memberships/1", "preferredMemberKey": {"id": "ann@brightwater.example"},
         "roles": [{"name": "MEMBER"}, {"name": "OWNER"}], "type": "USER"},
        {"name": "groups/staff/memberships/2", "preferredMemberKey": {"id": "ops@brightwater.example"},
         "roles": [{"name": "MEMBER"}], "type": "GROUP"}],
    ("cloudidentity.groups.memberships.list", "groups/ops"): [
        {"name": "groups/ops/memberships/3", "preferredMemberKey": {"id": "ben@brightwater.example"},
         "roles": [{"name": "MEMBER"}], "type": "USER"}],
    ("cloudidentity.groups.memberships.searchTransitiveMemberships", "groups/staff"): [
        {"member": "users/1", "preferredMemberKey": [{"id": "ann@brightwater.example"}], "relationType": "DIRECT",
         "roles": [{"role": "MEMBER"}]},
        {"member": "users/3", "preferredMemberKey": [{"id": "ben@brightwater.example"}], "relationType": "INDIRECT"}],
    ("directory.users.list", "C01"): [
        {"id": "1", "primaryEmail": "ann@brightwater.example", "name": {"fullName": "Ann"}, "isAdmin": False,
         "isEnrolledIn2Sv": True, "suspended": False, "creationTime": "2024-01-01T00:00:00.000Z",
         "lastLoginTime": "2026-11-01T00:00:00.000Z", "customerId": "C01", "orgUnitPath": "/"}],
    ("directory.domains.list", "C01"): [
        {"domainName": "brightwater.example", "isPrimary": True, "verified": True, "creationTime": "1700000000000"},
        {"domainName": "Brightwater-Labs.example", "isPrimary": False, "verified": True,
         "domainAliases": [{"domainAliasName": "bwl.example", "parentDomainName": "brightwater-labs.example",
                            "verified": True}]},
        {"domainName": "not-proved.example", "isPrimary": False, "verified": False}],
    ("directory.roles.list", "C01"): [
        {"roleId": "7", "roleName": "_SEED_ADMIN_ROLE", "isSuperAdminRole": True, "isSystemRole": True,
         "rolePrivileges": [{"privilegeName": "SUPER_ADMIN", "serviceId": "x"}]}],
    ("directory.roleAssignments.list", "C01"): [
        {"roleAssignmentId": "70", "roleId": "7", "assignedTo": "1", "assigneeType": "user", "scopeType": "CUSTOMER"}],
    ("reports.activities.list", "AUTHORIZE_API_CLIENT_ACCESS"): [
        {"id": {"time": "2026-06-01T10:00:00.000Z", "uniqueQualifier": "-5", "applicationName": "admin",
                "customerId": "C01"}, "actor": {"email": "root@brightwater.example", "callerType": "USER"},
         "events": [{"type": "DOMAIN_SETTINGS", "name": "AUTHORIZE_API_CLIENT_ACCESS", "parameters": [
             {"name": "API_CLIENT_NAME", "value": "1001"},
             {"name": "API_SCOPES", "multiValue": ["https://mail.google.com/"]}]}]}],
}  # fmt: skip


def _asset(content: str, node: str, name: str, type: str, **told: Any) -> tuple[str, dict[str, Any]]:
    body = {"name": name, "assetType": type, "ancestors": [node], "updateTime": _TIME, **told}
    return f"{content} {name}", {"content": content, "node": node, "body": body}


def _found(node: str, name: str, type: str, policy: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    body = {"resource": name, "assetType": type, "policy": policy, "organization": "organizations/1"}
    return f"search {name}", {"content": "searchAllIamPolicies", "node": node, "body": body}


_BUCKET, _BUCKETS = "//storage.googleapis.com/bw-alpha-logs", "storage.googleapis.com/Bucket"
_OPEN = {"version": 1, "etag": "QQ==", "bindings": [{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]}
_KINDS = {"organizations": "Organization", "folders": "Folder", "projects": "Project"}
_CONTAINERS = [
    (node, f"//cloudresourcemanager.googleapis.com/{node}",
     f"cloudresourcemanager.googleapis.com/{_KINDS[node.split('/')[0]]}", policy)
    for node, policy in POLICIES.items() if node.count("/") == 1
]  # fmt: skip
OBJECTS: dict[str, dict[str, Any]] = dict([
    *(_asset("IAM_POLICY", node, name, type, iamPolicy=policy) for node, name, type, policy in _CONTAINERS),
    *(_found(*one) for one in _CONTAINERS),
    _asset("IAM_POLICY", "projects/101", _BUCKET, _BUCKETS, iamPolicy=_OPEN),
    _found("projects/101", _BUCKET, _BUCKETS, _OPEN),
    _asset("RESOURCE", "projects/101", _BUCKET, _BUCKETS, resource={
        "version": "v1", "location": "EU", "parent": "//cloudresourcemanager.googleapis.com/projects/101",
        "data": {"name": "bw-alpha-logs", "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}}}),
    _asset("RESOURCE", "projects/102", "//compute.googleapis.com/projects/bw-beta/zones/z/instances/pump",
           "compute.googleapis.com/Instance", resource={"version": "v1", "data": {
               "id": "1", "name": "pump", "status": "RUNNING",
               "serviceAccounts": [{"email": "job@bw-beta.iam.gserviceaccount.com", "scopes": ["cloud-platform"]}],
               "metadata": {"items": [{"key": "startup-script", "value": "canary-startup"}]}}}),
    _asset("ORG_POLICY", "organizations/1", "//cloudresourcemanager.googleapis.com/organizations/1",
           "cloudresourcemanager.googleapis.com/Organization", orgPolicy=[
               {"constraint": "constraints/iam.disableServiceAccountKeyCreation",
                "booleanPolicy": {"enforced": True}}]),
    _asset("ACCESS_POLICY", "organizations/1", "//accesscontextmanager.googleapis.com/accessPolicies/5",
           "accesscontextmanager.googleapis.com/AccessPolicy", accessPolicy={
               "name": "accessPolicies/5", "parent": "organizations/1", "title": "default"}),
])  # fmt: skip
