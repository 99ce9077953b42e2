"""How records of changes call what a snapshot knows by its ARN.

Requests of IAM name a user, role or group without its path (`changing` writes `iam:ACCOUNT:role/NAME`), those of
Identity Center's directory give an id alone, those of Organizations the policy's id.
"""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = ("user", "role", "group", "instance-profile")


def called(id: str) -> Sequence[str]:
    """The other names of what has an ARN; none for what has no other."""
    if id.endswith("#password"):
        return ("password",)
    fields = id.split(":", 5)
    if len(fields) < 6 or fields[0] != "arn":
        return ()
    service, account, (kind, _, rest) = fields[2], fields[4], fields[5].partition("/")
    name = rest.rpartition("/")[2]
    if service == "iam" and kind in _NAMED and name:
        return (f"iam:{account}:{kind}/{name}",)
    return (name,) if service in ("identitystore", "organizations") and name else ()
