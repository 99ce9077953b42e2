"""Of which groups and custom roles of Google Cloud it was read whom they reach."""

from __future__ import annotations

import pytest

from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.providers.gcp.reaching import NOUNS

OK, DENIED = CoverageStatus.OK, CoverageStatus.DENIED
ROLE, GROUP = ("custom_role", "organizations/1/roles/r", "r"), ("group", "group:it@corp.example", "IT")


def call(service: str, name: str, status: CoverageStatus = OK, detail: str = "") -> Coverage:
    return Coverage(service, name, status, detail)


MEMBERS = call("cloudidentity", "groups.memberships.list", OK, "12 answers, 30 items")
WHOLE = call("cloudasset", "assets.list/IAM_POLICY+RESOURCE")
CASES = [
    (ROLE, [], False),
    (ROLE, [WHOLE], True),
    (ROLE, [call("cloudasset", "searchAllIamPolicies")], True),
    # Policies of some containers alone say nothing of those of other resources.
    (ROLE, [call("cloudresourcemanager", "projects.getIamPolicy")], False),
    (ROLE, [WHOLE, call("cloudresourcemanager", "projects.getIamPolicy", DENIED)], False),
    (ROLE, [call("cloudasset", "assets.list/IAM_POLICY", DENIED)], False),
    (ROLE, [call("cloudasset", "assets.list/RESOURCE")], False),
    (GROUP, [], False),
    (GROUP, [WHOLE], False),
    (GROUP, [MEMBERS], True),
    # Saved answers may be those of other groups.
    (GROUP, [call("cloudidentity", "groups.memberships.list")], False),
    (GROUP, [MEMBERS, call("cloudidentity", "groups.memberships.list", DENIED, "groups/7")], False),
    # Named by a policy, and by no list of groups.
    (("group", "group:it@corp.example", "it@corp.example"), [MEMBERS], False),
    (("service_account", "serviceAccount:a@b.iam.gserviceaccount.com", "a"), [MEMBERS, WHOLE], False),
]


@pytest.mark.parametrize(("asked", "coverage", "known"), CASES)
def test_whom_it_reaches_was_read(asked: tuple[str, str, str], coverage: list[Coverage], known: bool) -> None:
    assert NOUNS.told(coverage)(*asked) is known
