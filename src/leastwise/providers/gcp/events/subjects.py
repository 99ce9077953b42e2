"""Subjects of workload identity pools as identities that stay the same from run to run.

GitHub's default subject is `repo:ORG/REPO:ref:refs/heads/BRANCH`, with `pull_request` or `environment:NAME` in place of
the ref; `job_workflow_ref` and `workflow` are there where a repository has chosen so, and a pool may map another claim
to `google.subject`. Names of tags, numbers of pull requests and commits change from run to run and become `*`.

https://docs.github.com/en/actions/reference/security/oidc (example subject claims)
https://docs.gitlab.com/ci/secrets/id_token_authentication/
"""

from __future__ import annotations

import re

_EACH_RUN = (
    (re.compile(r"refs/tags/[^:@]+"), "refs/tags/*"),
    (re.compile(r"refs/pull/\d+/(merge|head)"), r"refs/pull/*/\1"),
    (re.compile(r"ref_type:tag:ref:[^:]+"), "ref_type:tag:ref:*"),
    (re.compile(r"@[0-9a-f]{40}\b"), "@*"),
    (re.compile(r"\b(run_id|run_number|run_attempt|sha):[^:]+"), r"\1:*"),
)


def steady(subject: str) -> str:
    """A subject without what changes from run to run."""
    for form, put in _EACH_RUN:
        subject = form.sub(put, subject)
    return subject
