"""Federated trusts: how many of an identity provider's subjects a condition lets in.

Providers that anybody may get a token from: GitHub Actions
(https://docs.github.com/en/actions/reference/security/oidc), GitLab.com
(https://docs.gitlab.com/ci/cloud_services/aws/), HCP Terraform, Buildkite, and the built-in ones of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif.
Any other provider serves one organization or one cluster, so the widest that its trust can be is `wide`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .narrowing import Operator, operator, values

ANYONE, WIDE, NARROW = range(3)
WORDS = ("anyone", "wide", "narrow")
"""Who is let in: everyone who can get a token; subjects that share part of a name, or of a whole private provider;
subjects of a named owner."""

_POSITIVE = frozenset(("stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike"))
_COGNITO = "cognito-identity.amazonaws.com"
_APPS = {
    "accounts.google.com": ("aud",),
    _COGNITO: ("aud",),
    "appleid.apple.com": ("aud",),
    "graph.facebook.com": ("app_id", "id"),
    "www.amazon.com": ("app_id", "user_id"),
}
"""Public providers whose tokens are made for one application, and the claims that name it."""

_OWNERS = (
    "repo", "repository", "repository_owner", "repository_owner_id", "repository_id", "job_workflow_ref", "enterprise",
    "enterprise_id", "project_path", "namespace_path", "project_id", "namespace_id", "organization",
    "terraform_organization_id", "terraform_organization_name", "terraform_workspace_id", "organization_slug",
    "organization_id", "pipeline_id",
)  # fmt: skip
_PERSONS = ("actor", "actor_id", "user_login", "user_id", "user_email")
_TELLING_NOTHING = (
    "environment", "ref", "ref_type", "ref_path", "ref_protected", "workflow", "workflow_ref", "event_name", "head_ref",
    "base_ref", "context", "repository_visibility", "runner_environment", "sha", "run_id", "amr", "pipeline_source",
)  # fmt: skip
_BUILDERS = ("token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "agent.buildkite.com")
_OWNER_IN_SUBJECT = re.compile(rf"(?:^|:)(?:{'|'.join(_OWNERS)}):")
_ALWAYS = frozenset((*_OWNERS, "sub", "aud", "app_id", "actor", "actor_id", "ref"))
"""Claims that a token of its provider always has: `IfExists` and `ForAllValues` change nothing."""


class Federated(NamedTuple):
    """What a condition says of a provider's subjects."""

    patterns: tuple[str, ...]
    audiences: tuple[str, ...]
    reach: int


def federated(provider: str, condition: dict[str, dict[str, Any]]) -> Federated:
    """The claims that a condition names, and how far they reach. Claims are all needed, values of one alternatives."""
    host = provider.rpartition(":oidc-provider/")[2].lower()
    public = host in _APPS or host in _BUILDERS
    patterns: list[str] = []
    audiences: list[str] = []
    reach, guests = ANYONE if public else WIDE, False
    for text, block in condition.items():
        op = operator(text)
        for key, value in block.items():
            claim = key.lower().rpartition(":")[2]
            if key.lower().startswith("aws:") or not _holds(op, claim):
                continue
            given = values(value)
            if claim == "aud":
                audiences.extend(given)
            else:
                patterns.extend(given if claim == "sub" else (f"{claim}={item}" for item in given))
            guests = guests or (host == _COGNITO and claim == "amr" and any(map(_guest, given)))
            if given:
                reach = max(reach, min(_grade(host, public, claim, item) for item in given))
    if guests and not any(":" in one and "*" not in one and "=" not in one for one in patterns):
        reach = ANYONE
    return Federated(tuple(patterns), tuple(audiences), reach)


def _holds(op: Operator, claim: str) -> bool:
    """Whether the operator surely asks for the claim."""
    if op.base not in _POSITIVE:
        return False
    return claim in _ALWAYS or (op.over != "forallvalues" and not op.if_exists)


def _guest(value: str) -> bool:
    """Whether a value of Cognito's amr lets in identities that have not signed in."""
    form = re.escape(value).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(form, "unauthenticated") is not None


def _grade(host: str, public: bool, claim: str, value: str) -> int:
    """How narrow one value of one claim is."""
    if not public:
        return max(WIDE, _private(claim, value))
    if host in _APPS:
        return _literal(value) if claim in (*_APPS[host], "sub") else ANYONE
    if claim == "sub":
        return _subject(value)
    if claim in _OWNERS:
        return _owner(value)
    return WIDE if claim in _PERSONS and _literal(value) == NARROW else ANYONE


def _private(claim: str, value: str) -> int:
    if claim in ("aud", *_TELLING_NOTHING):
        return WIDE
    if claim == "sub" and value.startswith("system:serviceaccount:"):
        return _owner(value.removeprefix("system:serviceaccount:"))
    named = _OWNER_IN_SUBJECT.match(value) if claim == "sub" else None
    if named:
        return _owner(value[named.end() :])
    return WIDE if value[:1] in ("*", "?") else NARROW


def _subject(value: str) -> int:
    """A subject of a public builder: its owner must stand before any wildcard."""
    head = re.split(r"[*?]", value, maxsplit=1)[0]
    named = _OWNER_IN_SUBJECT.search(head)
    if named:
        return _owner(value[named.end() :])
    if head != value:
        return ANYONE
    first = value.partition(":")[0]
    return ANYONE if first in _TELLING_NOTHING else WIDE if first in _PERSONS else NARROW


def _owner(value: str) -> int:
    """The owner is what stands before the first slash or colon."""
    owner = re.split(r"[/:]", value, maxsplit=1)[0]
    return _literal(owner)


def _literal(value: str) -> int:
    head = re.split(r"[*?]", value, maxsplit=1)[0]
    return NARROW if head == value else WIDE if head else ANYONE
