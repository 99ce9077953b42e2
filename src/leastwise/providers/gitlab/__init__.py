"""GitLab: changes of code are proposed there as merge requests and issues."""

from __future__ import annotations

from leastwise.providers.base.hosting import CodeHost, Hosting


def _opened(repository: str, address: str, token: str) -> CodeHost:
    from .provision import GitLab

    return GitLab(repository, address, token)


CODE_HOST = Hosting(
    title="GitLab",
    variables=("GITLAB_TOKEN",),
    address="https://gitlab.com",
    needed="the scope api and the role Developer in the project",
    called="merge request",
    opened=_opened,
)
"""What `plans propose --to gitlab:GROUP/PROJECT` asks."""
