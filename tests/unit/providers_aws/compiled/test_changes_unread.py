"""A diff of what can only allow, and was not read in one estate: it is seen, and UNKNOWN where a gap decides."""

from __future__ import annotations

from typing import Any

from changes_support import changes as changes_of
from test_giving import ANN, BOB, BUCKET, KEY, OTHER, OWN, arrays_of, owned, resource

from leastwise.engine.arrays import Arrays
from leastwise.model.comparison import Change
from leastwise.model.decision import Cube, State
from leastwise.providers.aws.compiled.port import AwsPort

FILES = f"arn:aws:elasticfilesystem:eu-west-1:{OWN}:file-system/fs-1"
ALIAS = f"arn:aws:lambda:eu-west-1:{OWN}:function:sort"
NOBODY: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


def policy(action: str, principal: dict[str, str] | str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Principal": principal, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def changes(old: Arrays, new: Arrays) -> dict[str, Change]:
    return changes_of(*(AwsPort(one, alone={OWN, OTHER}) for one in (old, new)))


def states(cubes: tuple[Cube, ...], permission: str) -> set[State]:
    return {one.state for one in cubes if permission in one.permissions}


def test_a_file_system_that_gets_a_policy_loses_the_one_of_its_service() -> None:
    old, new = (
        arrays_of(resource(FILES)),
        arrays_of(resource(FILES, policy("elasticfilesystem:ClientMount", {"AWS": ANN}))),
    )
    found = changes(old, new)
    assert states(found[ANN].gained, "elasticfilesystem:ClientMount") == {State.CONDITIONAL}
    assert states(found[ANN].lost, "elasticfilesystem:ClientWrite") == {State.CONDITIONAL}
    assert states(found["*"].lost, "elasticfilesystem:ClientMount") == {State.CONDITIONAL}
    back = changes(new, old)
    assert states(back[ANN].lost, "elasticfilesystem:ClientMount") == {State.CONDITIONAL}
    assert states(back[ANN].gained, "elasticfilesystem:ClientWrite") == {State.CONDITIONAL}


def test_access_lists_that_count_no_more_take_what_they_may_have_given() -> None:
    old, new = (arrays_of(resource(BUCKET), owned(how)) for how in ("ObjectWriter", "BucketOwnerEnforced"))
    found = changes(old, new)
    assert states(found[BOB].lost, "s3:GetObject") == {State.UNKNOWN}
    assert ANN not in found
    assert states(changes(new, old)[BOB].gained, "s3:GetObject") == {State.UNKNOWN}


def test_what_a_function_gave_before_it_was_read_is_not_known() -> None:
    old = arrays_of(resource(ALIAS))
    unread = Arrays(
        {name: old[name] & False if name == "thing.asked" else old[name] for name in old.names()}, old.facts
    )
    new = arrays_of(resource(ALIAS, policy("lambda:InvokeFunction", {"AWS": ANN})))
    assert states(changes(old, new)[ANN].gained, "lambda:InvokeFunction") == {State.ALLOWED}
    assert states(changes(unread, new)[ANN].gained, "lambda:InvokeFunction") == {State.UNKNOWN}


def test_grants_that_could_not_be_read_make_what_they_may_give_unknown() -> None:
    def told(status: str, principal: str) -> Arrays:
        arrays = arrays_of(resource(KEY, policy("kms:Decrypt", {"AWS": principal})))
        facts: Any = arrays.facts
        facts["coverage"] = {**facts["coverage"], OWN: [["kms", "ListGrants", status, "", ""]]}
        return arrays

    assert states(changes(told("ok", BOB), told("ok", ANN))[ANN].gained, "kms:Decrypt") == {State.ALLOWED}
    assert states(changes(told("denied", BOB), told("ok", ANN))[ANN].gained, "kms:Decrypt") == {State.UNKNOWN}
    found = changes(told("denied", BOB), told("ok", BOB))
    # A grant may be for an account, too.
    roots = [f"arn:aws:iam::{account}:root" for account in (OWN, OTHER)]
    assert sorted(found) == sorted([BOB, *roots]) and {
        one for root in roots for one in states(found[root].lost, "kms:Decrypt")
    } == {State.UNKNOWN}
    assert states(found[BOB].lost, "kms:Decrypt") == {State.UNKNOWN}


def test_who_a_canonical_user_is_changes_whom_its_policies_let_in() -> None:
    def told(known: dict[str, str]) -> Arrays:
        arrays = arrays_of(
            resource(BUCKET, policy("s3:GetObject", {"CanonicalUser": "abc"})), owned("BucketOwnerEnforced")
        )
        facts: Any = arrays.facts
        facts["canonical"] = known
        return arrays

    found = changes(told({}), told({OTHER: "abc"}))
    assert states(found[BOB].gained, "s3:GetObject") == {State.ALLOWED}
    assert changes(told({OTHER: "abc"}), told({OTHER: "abc"})) == {}


def test_what_neither_estate_has_read_is_named_once_and_taken_to_be_unchanged() -> None:
    bad: dict[str, Any] = {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}
    unread, read = resource(ALIAS, bad), resource(ALIAS, NOBODY)
    first, second = (AwsPort(arrays_of(one), alone={OWN, OTHER}) for one in (unread, read))
    again = AwsPort(arrays_of(unread), alone={OWN, OTHER})
    assert list(again.changes(first)) == []
    (line,) = again.unseen(first)
    assert ALIAS in line and "taken to be unchanged" in line
    assert second.unseen(first) == first.unseen(second) == second.unseen(second) == ()
    lists = AwsPort(arrays_of(resource(BUCKET)), alone={OWN, OTHER})
    assert [one.startswith("access lists of 1 bucket") for one in lists.unseen(lists)] == [True]
