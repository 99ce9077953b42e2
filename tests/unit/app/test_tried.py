"""Which hostile subjects get in by which trust; and how what a trust names is taken apart for that."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from fakes.federation import GITHUB, door_of
from leastwise.app.federation import issuer_of, outsider
from leastwise.app.tried import tries
from leastwise.errors import RuleFileError, UsageError
from leastwise.rules.issuers import issuer, load_issuers

TERRAFORM, GITLAB = "app.terraform.io", "gitlab.com"
CLUSTER = "oidc.eks.eu-west-1.amazonaws.com/id/AB12"
MAIN = "repo:acme/api:ref:refs/heads/main"


def let_in(operator: str, pattern: str, host: str = GITHUB, audience: bool = True) -> set[str]:
    """The tries that get in at a role whose trust asks for a subject."""
    condition: dict[str, Any] = {operator: {f"{host}:sub": pattern}} if pattern else {}
    if audience:
        condition["StringEquals"] = {**condition.get("StringEquals", {}), f"{host}:aud": "sts.amazonaws.com"}
    door = door_of(condition, host)
    found = tries(SimpleNamespace(doors=[door], providers=["aws"]))  # type: ignore[arg-type]
    return {one.what.id for one in found if one.entered}


@pytest.mark.parametrize(
    ("operator", "pattern", "wanted"),
    [
        ("StringLike", "", {"stranger"}),
        ("StringLike", "repo:*", {"stranger"}),
        ("StringLike", "repo:*/deploy:ref:refs/heads/main", {"stranger"}),
        ("StringLike", "repo:acme*", {"prefix-twin", "other-workload"}),
        ("StringLike", "repo:acme/*", {"other-workload"}),
        ("StringLike", "repo:acme/api:*", {"untrusted-change", "other-branch", "recycled-name"}),
        ("StringLike", "repo:acme/*:ref:refs/heads/main", {"other-workload"}),
        ("StringEquals", MAIN, {"recycled-name"}),
        ("StringEquals", "repo:acme@12/api@34:ref:refs/heads/main", {"immutable-format"}),
        ("StringEquals", "repo:acme/api:pull_request", {"untrusted-change", "recycled-name"}),
        ("ForAllValues:StringEquals", MAIN, {"recycled-name"}),
    ],
)
def test_a_role_that_trusts_github(operator: str, pattern: str, wanted: set[str]) -> None:
    assert let_in(operator, pattern) == wanted


def test_a_role_that_asks_for_no_audience() -> None:
    assert let_in("StringEquals", MAIN, audience=False) == {"recycled-name", "no-audience", "other-audience"}


@pytest.mark.parametrize(
    ("host", "pattern", "wanted"),
    [
        (TERRAFORM, "", {"stranger"}),
        (TERRAFORM, "organization:acme*", {"prefix-twin", "other-workload"}),
        (TERRAFORM, "organization:acme:*", {"other-workload"}),
        (TERRAFORM, "organization:acme:project:p:workspace:w:run_phase:*", {"untrusted-change", "recycled-name"}),
        (TERRAFORM, "organization:acme:project:p:workspace:w:run_phase:apply", {"recycled-name"}),
        (GITLAB, "project_path:*", {"stranger"}),
        (GITLAB, "project_path:*/deploy:ref_type:branch:ref:main", {"stranger"}),
        (GITLAB, "project_path:acme/*", {"other-workload"}),
        (GITLAB, "project_path:acme/api:ref_type:branch:ref:*", {"other-branch", "recycled-name"}),
        (GITLAB, "project_path:acme/api:ref_type:branch:ref:main", {"recycled-name"}),
        (CLUSTER, "", {"other-namespace"}),
        (CLUSTER, "system:serviceaccount:*", {"other-namespace"}),
        (CLUSTER, "system:serviceaccount:*:app", {"other-namespace"}),
        (CLUSTER, "system:serviceaccount:prod:*", {"other-workload"}),
        (CLUSTER, "system:serviceaccount:prod:api", set()),
    ],
)
def test_a_role_that_trusts_another_issuer(host: str, pattern: str, wanted: set[str]) -> None:
    assert let_in("StringLike", pattern, host) == wanted


@pytest.mark.parametrize("subject", [
    "repo:acme/api:ref:refs/heads/release/1.x", "repo:acme/api:environment:prod", "repo:acme/api:pull_request",
    "repo:acme@1/api@2:environment:prod", "repo:acme@1/api@2:ref:refs/tags/v1",
    "project_path:a/b/c:ref_type:tag:ref:v1", "organization:o:project:p q:workspace:w:run_phase:plan",
    "system:serviceaccount:ns:sa",
])  # fmt: skip
def test_a_subject_is_what_its_parts_make(subject: str) -> None:
    """Taken apart and put together again it is the same, by the first issuer that writes such."""
    found = [one.taken_apart(subject) for one in load_issuers()]
    made = [one.subject(named.form, named.parts) for one, named in zip(load_issuers(), found, strict=True)]
    assert subject in made


def test_names_of_somebody_outside() -> None:
    assert outsider("arn:aws:iam::111122223333:role/x") is None
    assert outsider("user:a@b.example") is None
    short = outsider("github:acme/api")
    assert short is not None and short.principal == f"{GITHUB}|{MAIN}"
    assert short.token.claims["repository"] == ("acme/api",)
    exact = outsider("github:repo:acme/api:environment:prod")
    assert exact is not None and exact.principal == f"{GITHUB}|repo:acme/api:environment:prod"
    with pytest.raises(UsageError, match="no such issuer is known"):
        outsider("nowhere.example|sub")
    assert issuer_of(CLUSTER) is not None and issuer_of("nowhere.example") is None


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"shared": "often"}, "shared"),
        ({"parts": {}}, "parts"),
        ({"tries": {}}, "tries"),
        ({"tries": [{"id": "x"}]}, "title"),
        ({"nothing": 1}, "nothing"),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_name(change: dict[str, Any], cause: str) -> None:
    import yaml

    body = {
        "schema": 1, "id": "forge", "title": "Forge", "issuers": ["forge.example"], "shared": True, "short": "{name}",
        "forms": ["{name}"], "parts": {"name": {"form": ".+", "default": "x"}}, "claims": {}, "tries": [],
    }  # fmt: skip
    with pytest.raises(RuleFileError, match=cause):
        issuer(yaml.safe_dump({**body, **change}).encode(), "issuers/forge.yaml")
