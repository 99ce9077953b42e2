"""Requests to Graph by Azure's command line that stop a user or an application, and that take it back.

https://learn.microsoft.com/entra/identity/users/users-revoke-access,
https://learn.microsoft.com/graph/api/user-update, https://learn.microsoft.com/graph/api/serviceprincipal-update,
https://learn.microsoft.com/graph/api/directory-deleteditems-restore

What is deleted is kept for 30 days, and can be restored in these.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leastwise.model.plan import Step
from leastwise.providers.base.halting import Halting, Holder, deletion, leaving, made_by, unnamed

from .regranting.commands import command

_GRAPH = "https://graph.microsoft.com/v1.0"
_LISTS = {"user": "users", "service_principal": "servicePrincipals"}
"""Where Graph has whom it can stop; managed identities go with what they are of."""


def _rest(method: str, path: str, body: Mapping[str, Any] | None = None) -> str:
    told = () if body is None else ("--body", json.dumps(body))
    return shlex.join(("az", "rest", "--method", method, "--url", f"{_GRAPH}/{path}", *told))


def _credential(holder: Holder, credential: Mapping[str, Any]) -> Step | None:
    """The removal of a password or certificate of an application; it cannot be given back."""
    flags = {"application_password": "", "application_certificate": " --cert"}
    kind = credential["kind"]
    if credential["active"] is False or kind not in flags:
        return None
    app = shlex.join(("az", "ad", "sp", "show", "--id", holder.id, "--query", "appId", "--output", "tsv"))
    gone = f'az ad app credential delete --id "$({app})" --key-id {shlex.quote(credential["id"])}{flags[kind]}'
    what = "password" if kind == "application_password" else "certificate"
    return Step(f"remove {what}", credential["id"], "nobody signs in with it any more", gone)


def _sessions(holder: Holder, before: datetime) -> Step | None:
    return _signed_out(holder)


def _signed_out(holder: Holder) -> Step | None:
    if holder.native != "user":
        return None
    why = "whoever is signed in has to sign in again"
    return Step("revoke sessions", holder.id, why, _rest("post", f"users/{holder.id}/revokeSignInSessions"))


def _retired(holder: Holder, days: int) -> list[Step]:
    where = _LISTS.get(holder.native)
    if where is None:
        return []
    off, on = (_rest("patch", f"{where}/{holder.id}", {"accountEnabled": enabled}) for enabled in (False, True))
    found = [Step("disable", holder.id, "it does not sign in any more, and whoever still needs it is noticed", off, on)]
    found += [] if (signed_out := _signed_out(holder)) is None else [signed_out]
    found += [_left(holder, one) for one in holder.groups]
    restored = _rest("post", f"directory/deletedItems/{holder.id}/restore")
    return [*found, deletion(holder, days, _rest("delete", f"{where}/{holder.id}"), restored)]


def _left(holder: Holder, group: str) -> Step:
    off = _rest("delete", f"groups/{group}/members/{holder.id}/$ref")
    on = _rest("post", f"groups/{group}/members/$ref", {"@odata.id": f"{_GRAPH}/directoryObjects/{holder.id}"})
    return leaving(group, off, on)


HALTING = Halting(_credential, _sessions, _retired, made_by(command), unnamed)
