"""What can tells actions apart exactly where something tells them apart."""

from __future__ import annotations

import numpy as np
from compiled_support import demo_access

from leastwise.model.decision import State
from leastwise.providers.aws import catalog
from leastwise.providers.aws.compiled.access import Circumstances
from leastwise.providers.aws.compiled.actions import Rules, actions
from leastwise.providers.aws.compiled.context import never
from leastwise.providers.aws.compiled.what import what_can
from leastwise.providers.aws.evaluate.policy import action_pattern

SERVICES = ("s3", "iam", "sts")


def test_every_service_has_its_own_rows_and_no_others() -> None:
    table = actions()
    for prefix in (*SERVICES, "ec2", "kms"):
        names = [table.names[row] for row in table.rows(prefix)]
        assert names and names == [name for name in table.names if name.startswith(f"{prefix}:")]
    assert len(table.rows("no-such-service")) == 0


def test_actions_of_one_number_never_carry_the_same_keys() -> None:
    table, keys = actions(), {"s3:prefix", "s3:x-amz-acl", "s3:versionid", "aws:sourceip", "iam:passedtoservice"}
    found = table.kinds(keys, Rules(demo_access(), None, Circumstances()))
    for prefix in ("s3", "iam"):
        own = [key for key in keys if key.startswith(f"{prefix}:")]
        missing: dict[int, frozenset[str]] = {}
        for row in table.rows(prefix):
            absent = frozenset(filter(never(table.names[row]), own))
            assert missing.setdefault(int(found[row]), absent) == absent, table.names[row]
        assert len(set(missing.values())) > 1
    assert not set(found[np.array(table.rows("s3"))]) & set(found[np.array(table.rows("iam"))])


def test_a_condition_key_means_the_same_when_asked_again() -> None:
    for name in ("s3:prefix", "S3:Prefix", "aws:PrincipalTag/Team", "no:such", "s3:RequestObjectTag/x"):
        assert catalog.condition_key(name) is catalog.condition_key(name.upper()) is catalog.condition_key(name)


def test_what_can_is_can_for_every_action_of_some_services_and_every_principal() -> None:
    access, order = demo_access(), (State.DENIED, State.UNKNOWN, State.CONDITIONAL, State.ALLOWED)
    names = [actions().names[row] for prefix in SERVICES for row in actions().rows(prefix)][::9]
    patterns = {name: action_pattern(name) for name in names}
    assert len(patterns) > 30
    for number in range(0, access.estate.principals, 5):
        id = access.estate.principal_ids[number]
        told: dict[str, State] = {}
        for cube in what_can(access, id, None, Circumstances()):
            # What is allowed on some resources is allowed on any under the condition that it is one of them.
            part = cube.state is State.ALLOWED and (cube.resources != ("*",) or cube.exceptions != ())
            state = State.CONDITIONAL if part else cube.state
            for name in cube.permissions:
                told[name] = max(told.get(name, state), state, key=order.index)
        for name in names:
            assert told.get(name, State.DENIED) == access.can(id, name, None).state, (id, name)
