"""Subjects of web identity tokens as identities that stay the same from run to run.

A workflow's run, a pod's start, a sign-in each fetch a token; the token's subject (`sub`) says for what. Of the
subjects of continuous integration, what changes from run to run is replaced, so that usage counts by workflow:

- GitHub: `repo:ORG/REPO:ref:refs/heads/main`, or the parts that a repository's own form of `sub` names (`environment`,
  `job_workflow_ref`, `workflow`, `context`). Numbers of pull requests and names of tags become `*`, the commit at the
  end of a workflow's reference is dropped, names of branches stay.
- GitLab: `project_path:GROUP/PROJECT:ref_type:branch:ref:main`: tags become `*`.
- Kubernetes: `system:serviceaccount:NAMESPACE:NAME` is the identity; there is nothing to replace.
- Cognito identity pools: every visitor has a subject of their own; the pool is the identity.

Subjects of other providers stay as they are.

https://docs.github.com/en/actions/reference/security/oidc (example subject claims)
https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_GITHUB = ("token.actions.githubusercontent.com", "actions.githubusercontent.com")
_FIELDS = (
    "repo", "ref", "environment", "workflow", "job_workflow_ref", "workflow_ref", "context", "pull_request",
    "event_name", "repository", "repository_owner", "repository_id", "repository_owner_id", "repository_visibility",
    "actor", "actor_id", "run_id", "run_number", "run_attempt", "sha", "ref_type", "head_ref", "base_ref", "enterprise",
    "runner_environment",
)  # fmt: skip
_EACH_RUN = ("run_id", "run_number", "run_attempt", "sha")
_FIELD = re.compile(rf"(?:^|:)({'|'.join(sorted(_FIELDS, key=len, reverse=True))})(?=:|$)")


@dataclass(frozen=True, slots=True)
class Subject:
    """`id`: `web:PROVIDER/STEADY`; `steady`: the subject without what changes from run to run.

    `repository`, `workflow` and `ref` are those of a run of GitHub or GitLab, empty when the subject does not tell.
    """

    id: str
    steady: str
    repository: str = ""
    workflow: str = ""
    ref: str = ""


def subject_of(provider: str, subject: str) -> Subject:
    """A subject of a provider, which is named by ARN (`arn:aws:iam::1:oidc-provider/HOST/PATH`) or by host and path."""
    issuer = provider.partition(":oidc-provider/")[2] or provider
    host = issuer.partition("/")[0]
    if host in _GITHUB or (host.startswith("token.actions.") and subject.startswith("repo:")):
        return _github(issuer, subject)
    if subject.startswith("project_path:"):
        return _gitlab(issuer, subject)
    if host.startswith("cognito-identity.amazonaws.com"):
        return Subject(f"web:{issuer}/*", "*")
    return Subject(f"web:{issuer}/{subject}", subject)


def _github(issuer: str, subject: str) -> Subject:
    """Fields of GitHub's subject, each told without what changes from run to run."""
    told: dict[str, str] = {}
    found = list(_FIELD.finditer(subject))
    for at, field in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(subject)
        told[field[1]] = subject[field.end() + 1 : end]
    for name in _EACH_RUN:
        if name in told:
            told[name] = "*"
    for name in ("ref", "job_workflow_ref", "workflow_ref", "head_ref"):
        if name in told:
            told[name] = _reference(told[name])
    steady = ":".join(f"{name}:{value}" if value else name for name, value in told.items())
    steady = subject[: found[0].start()] + steady if found else subject
    workflow = told.get("workflow") or told.get("job_workflow_ref") or told.get("workflow_ref") or ""
    repository = told.get("repo") or told.get("repository") or ""
    return Subject(f"web:{issuer}/{steady}", steady, repository, workflow, told.get("ref", ""))


def _reference(text: str) -> str:
    """`refs/pull/7/merge` → `refs/pull/*/merge`, `refs/tags/v1` → `refs/tags/*`, `…/a.yml@<commit>` → `…/a.yml`."""
    text = re.sub(r"refs/pull/\d+/", "refs/pull/*/", text)
    text = re.sub(r"refs/tags/.+", "refs/tags/*", text)
    return re.sub(r"@[0-9a-f]{40}$", "", text)


def _gitlab(issuer: str, subject: str) -> Subject:
    project, kind, ref = subject.removeprefix("project_path:"), "", ""
    if found := re.fullmatch(r"project_path:(.+?):ref_type:([^:]*):ref:(.*)", subject):
        project, kind, ref = found[1], found[2], found[3]
        ref = "*" if kind == "tag" else ref
        subject = f"project_path:{project}:ref_type:{kind}:ref:{ref}"
    return Subject(f"web:{issuer}/{subject}", subject, project, "", ref)
