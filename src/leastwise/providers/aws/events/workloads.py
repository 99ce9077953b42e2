"""Ephemeral identities: what a session was begun for, in a form that is the same from run to run.

- a workflow or pod with a web identity: the token's subject as `subjects` has it; where GitHub or GitLab do not name
  the workflow there, the session's name says it, unless that is the default of the action that begins sessions;
- what a service began for a function, instance, task or pod: the service, and the session's name in its stable form.

https://github.com/aws-actions/configure-aws-credentials (`role-session-name`)
"""

from __future__ import annotations

from .principals import Who
from .sessions import Issued

_SAYS_NOTHING = frozenset(("", "*", "GitHubActions"))


def workload(issued: Issued, by: Who) -> str:
    """What a session was begun for; empty when it was not by a token or a service, so that who began it tells."""
    if by.kind == "web":
        named = issued.steady if issued.repository and not issued.workflow else ""
        return by.id if named in _SAYS_NOTHING else f"{by.id} {named}"
    if issued.service:
        return f"{issued.service}/{issued.steady}" if issued.steady else issued.service
    return ""
