"""What steps presuppose besides permissions: a password that is or is not there, room for a key, a thing that runs.

What the tables tell decides. Where they do not tell, the step is CONDITIONAL: such facts change from day to day, and
whoever takes the step finds out.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.model.decision import State
from leastwise.providers.base import ScopeTables
from leastwise.providers.tabled import rows_of

_PASSWORD, _NO_PASSWORD = "the user has a password", "the user has no password"
_ROOM = "the user has fewer than two access keys"
_CALLED = "something calls the function"
_IN_SERVICE = "the notebook is in service"
_SHELL = "commands may be run in the task"
_CLUSTER = "there is a cluster"
_THERE = "the instance is not terminated"
OTHERWISE: Mapping[str, State] = {
    **dict.fromkeys(
        (_PASSWORD, _NO_PASSWORD, _ROOM, _CALLED, _IN_SERVICE, _SHELL, _CLUSTER), State.CONDITIONAL
    ),
    _THERE: State.ALLOWED,  # it was listed
}  # fmt: skip
"""The words that rules use for it, and how far each is so of what the tables do not tell it of."""
_MOST_KEYS = 2
_NAMED = 7
"""Parts of a function's ARN as far as its name."""
_GONE = ("terminated", "shutting-down")
_NOTEBOOK, _INSTANCE, _FUNCTION = "sagemaker:notebook-instance", "ec2:instance", "lambda:function"
_RUNNING = ("ecs:service", "ecs:task")
_KINDS = (_NOTEBOOK, _INSTANCE, _FUNCTION, *_RUNNING)
_SWITCH = {"true": State.ALLOWED, "false": State.DENIED}
_SUREST = (State.ALLOWED, State.CONDITIONAL, State.DENIED)

So = dict[str, dict[str, State]]
"""By the words of rules, how far it is so of each user, thing or account."""


def presupposed(scopes: Sequence[ScopeTables]) -> So:
    """What the tables tell of it."""
    found = _signing_in(scopes) | {word: {} for word in (_CALLED, _IN_SERVICE, _SHELL, _CLUSTER, _THERE)}
    called = set(_called(scopes))
    shells: dict[str, list[State]] = defaultdict(list)
    for id, kind, account, policy, told in _things(scopes):
        if kind == _INSTANCE and told.get("state") in _GONE:
            found[_THERE][id] = State.DENIED
        elif kind == _FUNCTION and (policy is not None or id in called or told.get("url")):
            found[_CALLED][id] = State.ALLOWED
        elif kind == _NOTEBOOK and told.get("status") == "InService":
            found[_IN_SERVICE][id] = State.ALLOWED
        elif kind in _RUNNING:
            if told.get("cluster"):
                found[_CLUSTER][account] = State.ALLOWED
            state = found[_SHELL][id] = _SWITCH.get(told.get("execute_command", ""), State.CONDITIONAL)
            shells[told.get("task_definition", "")].append(state)
    # What a definition describes has a shell where something that runs it has one.
    found[_SHELL] |= {id: min(states, key=_SUREST.index) for id, states in shells.items() if id}
    return found


def _signing_in(scopes: Sequence[ScopeTables]) -> So:
    """Which users have a password, and which have room for another access key."""
    keys = Counter(
        principal for principal, kind in rows_of(scopes, "credentials", "principal", "kind") if kind == "access_key"
    )
    found: So = {word: {} for word in (_PASSWORD, _NO_PASSWORD, _ROOM)}
    for id, native, console, known in rows_of(scopes, "principals", "id", "native", "console", "keys_known"):
        if native != "user":
            continue
        if console is not None:
            found[_PASSWORD][id] = State.ALLOWED if console else State.DENIED
            found[_NO_PASSWORD][id] = State.DENIED if console else State.ALLOWED
        # With two there is room as soon as one of them is deleted, as happens in each rotation.
        if known and keys[id] < _MOST_KEYS:
            found[_ROOM][id] = State.ALLOWED
    return found


def _called(scopes: Sequence[ScopeTables]) -> Iterator[str]:
    """Functions that a schedule, an agent or another function calls."""
    for subject, object, kind in rows_of(scopes, "runs_as", "subject", "object", "kind"):
        # An alias of a function leads to it, and calls nothing.
        if kind == "invokes" and not subject.startswith(f"{object}:"):
            # A version or alias that is called is the function's.
            yield ":".join(object.split(":")[:_NAMED]) if ":function:" in object else object


def _things(scopes: Sequence[ScopeTables]) -> Iterator[tuple[str, str, str, int | None, Mapping[str, str]]]:
    """The resources of the kinds that steps are about, with what the vendor tells of them."""
    for one in scopes:
        if "resources" not in one.tables:
            continue
        table = plain(one.tables["resources"].select(["id", "kind", "account", "policy", "details"]))
        table = table.filter(pc.is_in(table["kind"], value_set=pa.array(_KINDS, pa.string())))
        for id, kind, account, policy, details in zip(*(column.to_pylist() for column in table.columns), strict=True):
            yield id, kind, account or one.id, policy, dict(details or ())
