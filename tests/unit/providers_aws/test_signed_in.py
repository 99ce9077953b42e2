"""Who lands on which role by Identity Center, read off tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leastwise.model.decision import State
from leastwise.model.tables import BY_NAME
from leastwise.providers.aws.signed_in import SignedIn, signed_in
from leastwise.providers.base import ScopeTables
from leastwise.providers.rows import Rows

BOSS, PROD, DARK = "999999999999", "111111111111", "222222222222"
OPS, DEV = "arn:aws:sso:::permissionSet/i/ops", "arn:aws:sso:::permissionSet/i/dev"
ROLES = {name: f"arn:aws:iam::{PROD}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{name}_0123456789abcdef"
         for name in ("Ops", "Dev")}  # fmt: skip


def person(name: str) -> str:
    return f"arn:aws:identitystore:::user/{name}"


def group(name: str) -> str:
    return f"arn:aws:identitystore:::group/{name}"


def people(**enabled: bool | None) -> list[dict[str, Any]]:
    return [{"id": person(name), "account": BOSS, "kind": "human", "name": name, "native": "identity_center_user",
             "enabled": told} for name, told in enabled.items()]  # fmt: skip


def assignment(bundle: str, principal: str, account: str = PROD) -> dict[str, Any]:
    kind = "group" if ":group/" in principal else "user"
    return {"bundle": bundle, "principal": principal, "principal_kind": kind, "account": account}


def found(**tables: Sequence[Mapping[str, Any]]) -> SignedIn:
    sets = [{"id": id, "account": BOSS, "kind": "sso:permissionSet", "name": name}
            for id, name in ((OPS, "Ops"), (DEV, "Dev"))]  # fmt: skip
    roles = [{"id": id, "account": PROD, "kind": "identity_center_role", "name": name, "native": "role"}
             for name, id in ROLES.items()]  # fmt: skip
    every = {"resources": sets} | tables | {"principals": [*tables.get("principals", ()), *roles]}
    made = {}
    for name, several in every.items():
        rows = Rows(BY_NAME[name])
        for one in several:
            rows.add(**one)
        made[name] = rows.to_table()
    return signed_in([ScopeTables("account", BOSS, made)])


def test_assigned_themselves_and_by_a_group_and_never_who_is_disabled() -> None:
    told = found(
        principals=people(ann=True, bob=None, gone=False, idle=True),
        assignments=[assignment(OPS, person("ann")), assignment(OPS, person("gone")), assignment(DEV, group("team"))],
        memberships=[{"member": person(one), "group": group("team"), "kind": "identity_center_group"}
                     for one in ("bob", "gone")],
    )  # fmt: skip
    assert told == SignedIn(
        {(person("ann"), ROLES["Ops"]): State.ALLOWED, (person("bob"), ROLES["Dev"]): State.ALLOWED}
    )


def test_of_whom_assignments_were_not_read_any_role_may_be() -> None:
    told = found(
        principals=people(ann=True, bob=True),
        attachments=[{"account": BOSS, "layer": "identity", "kind": "unread", "target": person("ann"),
                      "policy": "account assignments"}],
    )  # fmt: skip
    (end,) = told.others
    assert told.leads == {(person("ann"), end): State.UNKNOWN} | {(end, role): State.UNKNOWN for role in ROLES.values()}


def test_whoever_may_be_in_a_group_that_nobody_listed_may_have_its_roles_and_no_others() -> None:
    told = found(
        principals=people(ann=True),
        assignments=[assignment(DEV, group("hidden")), assignment(OPS, group("team"))],
        memberships=[{"member": person("x"), "group": group("team"), "kind": "identity_center_group"}],
        attachments=[{"account": BOSS, "layer": "identity", "kind": "unread", "target": person("ann"),
                      "policy": "1 groups whose members were not read"}],
    )  # fmt: skip
    (end,) = told.others
    assert told.leads == {(person("ann"), end): State.UNKNOWN, (end, ROLES["Dev"]): State.UNKNOWN}


def test_a_role_that_the_estate_does_not_have_is_named() -> None:
    told = found(principals=people(ann=True), assignments=[assignment(OPS, person("ann"), DARK)])
    assert told.leads == {}
    assert told.missing == (f"what permission set Ops, whose role was not read, may do in {DARK}",)
