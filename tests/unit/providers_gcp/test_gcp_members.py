"""Member strings: every documented form, and one identity in several spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.gcp.language.members import Kind, Member, is_service_account, member_of_mail, parse_member

NUMBER = "projects/123456789012"
POOL = f"{NUMBER}/locations/global/workloadIdentityPools/ci"
GKE = f"{NUMBER}/locations/global/workloadIdentityPools/my-project.svc.id.goog"
FORCE = "locations/global/workforcePools/contractors"
AGENTS = "agents.global.org-1.system.id.goog"
CLUSTER = "https://container.googleapis.com/v1/projects/my-project/locations/europe-west1/clusters/c"


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("user:Alex@Example.com", Member(Kind.USER, "alex@example.com")),
        ("principal://goog/subject/alex@example.com", Member(Kind.USER, "alex@example.com")),
        ("serviceAccount:A@p.iam.gserviceaccount.com", Member(Kind.SERVICE_ACCOUNT, "a@p.iam.gserviceaccount.com")),
        (
            "principal://iam.googleapis.com/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com",
            Member(Kind.SERVICE_ACCOUNT, "a@p.iam.gserviceaccount.com"),
        ),
        ("group:Ops@example.com", Member(Kind.GROUP, "ops@example.com")),
        ("principalSet://goog/group/ops@example.com", Member(Kind.GROUP, "ops@example.com")),
        ("domain:Example.com", Member(Kind.DOMAIN, "example.com")),
        ("allUsers", Member(Kind.EVERYONE)),
        ("principalSet://goog/public:all", Member(Kind.EVERYONE)),
        ("allAuthenticatedUsers", Member(Kind.AUTHENTICATED)),
        ("principalSet://goog/cloudIdentityCustomerId/C01Abc35", Member(Kind.CUSTOMER, "C01Abc35")),
        (f"principal://iam.googleapis.com/{FORCE}/subject/raha@a.com", Member(Kind.SUBJECT, "raha@a.com", FORCE)),
        (f"principalSet://iam.googleapis.com/{FORCE}/group/abc-1", Member(Kind.POOL_GROUP, "abc-1", FORCE)),
        (
            f"principalSet://iam.googleapis.com/{FORCE}/attribute.team/a/b",
            Member(Kind.POOL_ATTRIBUTE, "a/b", FORCE, "attribute.team"),
        ),
        (f"principalSet://iam.googleapis.com/{FORCE}/*", Member(Kind.POOL, "", FORCE)),
        (
            f"principal://iam.googleapis.com/{POOL}/subject/repo:o/r:ref:x",
            Member(Kind.SUBJECT, "repo:o/r:ref:x", POOL),
        ),
        (f"principalSet://iam.googleapis.com/{POOL}/*", Member(Kind.POOL, "", POOL)),
        (
            f"principal://iam.googleapis.com/{GKE}/subject/ns/shop/sa/cart",
            Member(Kind.KUBERNETES, "shop/cart", "my-project.svc.id.goog"),
        ),
        (
            "serviceAccount:my-project.svc.id.goog[shop/cart]",
            Member(Kind.KUBERNETES, "shop/cart", "my-project.svc.id.goog"),
        ),
        (f"principalSet://iam.googleapis.com/{GKE}/namespace/shop", Member(Kind.NAMESPACE, "shop", GKE)),
        (
            f"principalSet://iam.googleapis.com/{GKE}/kubernetes.cluster/{CLUSTER}",
            Member(Kind.POOL_ATTRIBUTE, CLUSTER, GKE, "kubernetes.cluster"),
        ),
        (
            f"principal://iam.googleapis.com/{GKE}/kubernetes.serviceaccount.uid/u-1",
            Member(Kind.POOL_ATTRIBUTE, "u-1", GKE, "kubernetes.serviceaccount.uid"),
        ),
        (
            f"principalSet://cloudresourcemanager.googleapis.com/{NUMBER}/type/ServiceAccount",
            Member(Kind.SERVICE_ACCOUNTS, NUMBER),
        ),
        (
            "principalSet://cloudresourcemanager.googleapis.com/organizations/1/type/ServiceAgent",
            Member(Kind.SERVICE_AGENTS, "organizations/1"),
        ),
        (f"principal://{AGENTS}/resources/aiplatform/x", Member(Kind.AGENT, "resources/aiplatform/x", AGENTS)),
        (f"principalSet://{AGENTS}/*", Member(Kind.POOL, "", AGENTS)),
        ("projectOwner:My-Project", Member(Kind.PROJECT_OWNER, "My-Project")),
        ("projectEditor:p", Member(Kind.PROJECT_EDITOR, "p")),
        ("projectViewer:p", Member(Kind.PROJECT_VIEWER, "p")),
        ("deleted:user:alex@example.com?uid=12", Member(Kind.USER, "alex@example.com", deleted=True, uid="12")),
        (
            "deleted:principal://goog/subject/alex@example.com?uid=12",
            Member(Kind.USER, "alex@example.com", deleted=True, uid="12"),
        ),
        (
            f"deleted:principal://iam.googleapis.com/{FORCE}/subject/s",
            Member(Kind.SUBJECT, "s", FORCE, deleted=True),
        ),
        ("principal://example.com/x", Member(Kind.SINGLE, "example.com/x")),
        ("principalSet://example.com/x", Member(Kind.OTHER, "example.com/x")),
        ("specialGroup:projectReaders", Member(Kind.OTHER, "specialGroup:projectReaders")),
        ("user:", Member(Kind.OTHER, "user:")),
        ("", Member(Kind.OTHER, "")),
    ],
)
def test_a_form(text: str, member: Member) -> None:
    assert parse_member(text) == member


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("principal://goog/subject/A@b.c", "user:a@b.c"),
        ("principalSet://goog/group/A@b.c", "group:a@b.c"),
        ("principalSet://goog/public:all", "allUsers"),
        ("deleted:principalSet://goog/group/A@b.c?uid=7", "deleted:group:a@b.c?uid=7"),
        ("principal://iam.googleapis.com/projects/-/serviceAccounts/a@b.c", "serviceAccount:a@b.c"),
        (f"principalSet://iam.googleapis.com/{POOL}/*", f"principalSet://iam.googleapis.com/{POOL}/*"),
    ],
)
def test_the_spelling_of_an_allow_policy(text: str, spelled: str) -> None:
    assert parse_member(text).text == spelled


@given(st.text())
def test_no_text_is_refused_and_its_spelling_names_the_same(text: str) -> None:
    once = parse_member(text)
    assert parse_member(once.text) == once


def test_a_set_is_not_one_identity() -> None:
    assert parse_member("user:a@b.c").single
    assert not parse_member("group:a@b.c").single


def test_a_mail_address_tells_users_from_service_accounts() -> None:
    assert member_of_mail("A@b.c") == Member(Kind.USER, "a@b.c")
    assert member_of_mail("a@p.iam.gserviceaccount.com").kind is Kind.SERVICE_ACCOUNT
    assert is_service_account("1-compute@developer.gserviceaccount.com")
    assert parse_member("user:a@b.c").domain == "b.c"
    assert parse_member("domain:b.c").domain == ""
