"""GitHub: changes of code are proposed there as pull requests and issues."""

from __future__ import annotations

from leastwise.providers.base.hosting import CodeHost, Hosting


def _opened(repository: str, address: str, token: str) -> CodeHost:
    from .provision import GitHub

    return GitHub(repository, address, token)


CODE_HOST = Hosting(
    title="GitHub",
    variables=("GH_TOKEN", "GITHUB_TOKEN"),
    address="https://github.com",
    needed="write access to contents, pull requests and issues of the repository",
    called="pull request",
    opened=_opened,
)
"""What `plans propose --to github:OWNER/REPOSITORY` asks."""
