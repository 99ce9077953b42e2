"""Commands of AWS's command line that stop a user, a role or a key, and that take it back.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leastwise.model.plan import Change, Step
from leastwise.providers.base.halting import Halting, Holder

_NOBODY = "nobody signs in with it any more"
_OLDER = "AWSRevokeOlderSessions"
_DENY = "arn:aws:iam::aws:policy/AWSDenyAll"
_APPLICATION = re.compile(r"(?:^|\s)app/([^\s]+)")


def _aws(*words: str) -> str:
    return shlex.join(("aws", *words))


def _credential(holder: Holder, credential: Mapping[str, Any]) -> Step | None:
    if credential["active"] is False:
        return None
    id = credential["id"]
    # Logs tell of a key that was made by its id alone.
    if credential["kind"] == "access_key" or (not credential["kind"] and id.startswith("AKIA")):
        told = ("iam", "update-access-key", "--user-name", holder.name, "--access-key-id", id, "--status")
        return Step("deactivate key", id, _NOBODY, _aws(*told, "Inactive"), _aws(*told, "Active"))
    if credential["kind"] == "password":
        command = _aws("iam", "delete-login-profile", "--user-name", holder.name)
        return Step("take the console password away", id, _NOBODY, command)
    return None


def _sessions(holder: Holder, before: datetime) -> Step | None:
    if holder.native not in ("user", "role"):
        return None
    stamp = before.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"DateLessThan": {"aws:TokenIssueTime": stamp}}
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
    name = (f"--{holder.native}-name", holder.name, "--policy-name", _OLDER)
    command = _aws("iam", f"put-{holder.native}-policy", *name, "--policy-document", document)
    back = _aws("iam", f"delete-{holder.native}-policy", *name)
    return Step("deny older sessions", holder.id, f"sessions begun before {stamp} can do nothing", command, back)


def _retired(holder: Holder, days: int) -> list[Step]:
    found = [step for one in holder.credentials if (step := _credential(holder, one)) is not None]
    if holder.native == "user":
        found += [_leave(holder, group) for group in holder.groups]
        last = _aws("iam", "delete-user", "--user-name", holder.name)
    elif holder.native == "role":
        told = ("--role-name", holder.name, "--policy-arn", _DENY)
        on, off = (_aws("iam", f"{verb}-role-policy", *told) for verb in ("attach", "detach"))
        found.append(Step("deny everything", holder.id, "whoever still needs it is noticed", on, off))
        last = _aws("iam", "delete-role", "--role-name", holder.name)
    else:
        return found
    why = "nobody used it; until then every step can be taken back"
    return [*found, Step(f"delete after {days} days", holder.id, why, last, after=days)]


def _leave(holder: Holder, group: str) -> Step:
    told = ("--user-name", holder.name, "--group-name", group.rpartition("/")[2])
    off, on = _aws("iam", "remove-user-from-group", *told), _aws("iam", "add-user-to-group", *told)
    return Step("leave group", group, "what it gives is gone", off, on)


def _made(change: Change) -> tuple[str, str]:
    """The command of a change, and those of its inverse."""
    return _command(change), " && ".join(_command(one) for one in change.inverse)


def _command(change: Change) -> str:
    told = change.told
    policy, on = str(told.get("policy", "")), str(told.get("on") or told.get("from") or told.get("to") or "")
    kind, name = on.rpartition(":")[2].partition("/")[0], on.rpartition("/")[2]
    holder = (f"--{kind}-name", name)
    match change.verb:
        case "put" if on:
            document = json.dumps(told["document"], separators=(",", ":"))
            return _aws("iam", f"put-{kind}-policy", *holder, "--policy-name", policy, "--policy-document", document)
        case "put":
            document = json.dumps(told["document"], separators=(",", ":"))
            named = ("--policy-arn", policy, "--policy-document", document)
            return _aws("iam", "create-policy-version", *named, "--set-as-default")
        case "create":
            document = json.dumps(told["document"], separators=(",", ":"))
            return _aws(
                "iam", "create-policy", "--policy-name", policy.rpartition("/")[2], "--policy-document", document
            )
        case "delete":
            return _aws("iam", "delete-policy", "--policy-arn", policy)
        case "remove":
            return _aws("iam", f"delete-{kind}-policy", *holder, "--policy-name", policy)
        case "attach" | "detach":
            return _aws("iam", f"{change.verb}-{kind}-policy", *holder, "--policy-arn", policy)
        case "leave" | "join":
            verb = "remove-user-from-group" if change.verb == "leave" else "add-user-to-group"
            user, group = (str(told[key]).rpartition("/")[2] for key in ("principal", "group"))
            return _aws("iam", verb, "--user-name", user, "--group-name", group)
    return ""


def _application(agent: str) -> str:
    """What `AWS_SDK_UA_APP_ID` put into the user agent.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html
    """
    found = _APPLICATION.search(agent)
    return found[1] if found else ""


HALTING = Halting(_credential, _sessions, _retired, _made, _application)
