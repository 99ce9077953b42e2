"""The read models against a slow reference that reads one fact at a time, over small made-up snapshots."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.engine.columns import table
from leastwise.model.tables import BY_NAME, FACT_TABLES, VIEW_TABLES, Column
from leastwise.store.readmodels import build

Row = dict[str, Any]
EMPTY: Row = {"string": "", "bool": False, "int": 0, "strings": [], "tags": [], "binary": b""}
ACCOUNTS = ["111111111111", "222222222222"]
ROLE, BUCKET = "arn:aws:iam::111111111111:role/r", "arn:aws:s3:::b"


def default(column: Column) -> Any:
    return None if column.optional else EMPTY[column.kind]


def facts(given_rows: dict[str, list[Row]]) -> dict[str, pa.Table]:
    made = {}
    for spec in FACT_TABLES:
        rows = given_rows.get(spec.name, [])
        made[spec.name] = table(spec, {c.name: [row.get(c.name, default(c)) for row in rows] for c in spec.columns})
    return made


ids = st.sampled_from(["r0", "r1", "r2", "r3"])
groups = st.sampled_from(["g0", "g1"])
accounts = st.sampled_from(ACCOUNTS)
maybe = st.none() | st.booleans()
stamp = st.none() | st.sampled_from([datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3)])
docs = st.none() | st.integers(0, 2)
tags = st.lists(
    st.tuples(st.sampled_from(["Owner", "owner", "TEAM", "squad", "cost-center"]), st.sampled_from(["", "a", "b"])),
    max_size=3,
    unique_by=lambda pair: pair[0],
)


def rows(least: int, most: int, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.fixed_dictionaries(columns), min_size=least, max_size=most)


principals = st.lists(
    st.fixed_dictionaries(
        {
            "id": ids | groups,
            "account": accounts,
            "kind": st.sampled_from(["human", "workload", "root", "group", "external", "agent"]),
            "native": st.sampled_from(["user", "role"]),
            "last_used": stamp,
            "last_used_known": st.booleans(),
            "console": maybe,
            "keys_known": st.booleans(),
            "boundary": st.none() | st.just("pb"),
            "trust": docs,
            "tags": tags,
        }
    ),
    max_size=5,
    unique_by=lambda row: row["id"],
)
principal_entries = st.lists(
    st.sampled_from(
        [
            "*=*",
            "AWS=*",
            "AWS=111111111111",
            "AWS=arn:aws:iam::222222222222:root",
            "AWS=arn:aws:iam::222222222222:role/x",
            "Service=s3.amazonaws.com",
            "AWS=AIDAX",
        ]
    ),
    max_size=2,
)
snapshots = st.fixed_dictionaries(
    {
        "principals": principals,
        "credentials": rows(
            0,
            5,
            id=st.sampled_from(["c0", "c1"]),
            principal=ids,
            kind=st.sampled_from(["access_key", "password", "certificate", "mfa"]),
            active=maybe,
            last_used=stamp,
            last_used_known=st.booleans(),
        ),
        "documents": rows(
            3,
            3,
            hash=st.sampled_from(["h0", "h1"]),
            unsupported=st.none() | st.just("bad"),
            admin=maybe,
            admin_conditional=maybe,
            admin_nearly=maybe,
            admin_rest=maybe,
            admin_iam=maybe,
            wildcard=maybe,
            denies_admin=maybe,
            actions=st.lists(st.sampled_from(["a:*", "b:c"]), max_size=2),
        ),
        "statements": rows(
            0,
            5,
            document=st.integers(0, 2),
            position=st.integers(0, 3),
            effect=st.sampled_from(["Allow", "Deny"]),
            principals=principal_entries,
            not_principals=st.sampled_from([[], ["AWS=111111111111"]]),
            condition=st.sampled_from([None, "{}", '{"x":{}}']),
        ),
        "policies": rows(
            0,
            2,
            id=st.sampled_from(["ps0", "ps1"]),
            kind=st.just("permission_set"),
            name=st.just("set"),
            default=st.booleans(),
            document=st.integers(0, 2),
        ),
        "attachments": rows(
            0,
            7,
            account=accounts,
            layer=st.sampled_from(["identity", "identity", "boundary", "resource", "trust", "scp", "device"]),
            kind=st.sampled_from(["managed_aws", "inline", "permission_set"]),
            target=ids | groups | st.sampled_from(["ps0", "ps1", "c0", "b0", "x"]),
            policy=st.sampled_from(["p0", "p1"]),
            document=docs,
        ),
        "memberships": rows(
            0, 4, member=ids, group=groups, kind=st.sampled_from(["iam_group", "identity_center_group"])
        ),
        "runs_as": rows(0, 2, subject=ids, object=ids, kind=st.sampled_from(["executes_as", "invokes"])),
        "assignments": rows(
            0,
            3,
            bundle=st.sampled_from(["ps0", "ps1"]),
            principal=ids | groups,
            principal_kind=st.sampled_from(["user", "group"]),
            account=accounts,
        ),
        "trusts": rows(
            0,
            4,
            principal=ids,
            account=accounts,
            effect=st.sampled_from(["Allow", "Deny"]),
            subject_kind=st.sampled_from(["account", "oidc", "service", "anyone"]),
            subject=st.sampled_from(["s0", "s1"]),
            subject_account=st.none() | accounts,
            patterns=st.lists(st.sampled_from(["repo:a", "repo:b"]), max_size=2),
            organizations=st.lists(st.just("o-a"), max_size=1),
            reach=st.sampled_from(["anyone", "wide", "narrow"]),
        ),
        "resources": st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.sampled_from(["b0", "b1", "b2"]),
                    "account": accounts,
                    "policy": docs,
                    "policy_known": st.booleans(),
                    "kind": st.sampled_from(["s3:bucket", "sqs:queue"]),
                    "opening": st.sampled_from([None, "none", "conditional", "everyone"]),
                    "opened_by": st.just("S"),
                    "restrictable": st.booleans(),
                    "shared": st.lists(st.sampled_from(["999999999999", "o-a"]), max_size=2, unique=True),
                    "acl_public": st.sampled_from([None, "none", "read", "full"]),
                    "public_block": st.sampled_from([None, "none", "policy", "acl", "all"]),
                    "tags": tags,
                }
            ),
            max_size=3,
            unique_by=lambda row: row["id"],
        ),
    }
)


class Slow:
    """The same views by dictionaries and loops."""

    def __init__(self, snapshot: dict[str, list[Row]]) -> None:
        self.s = snapshot
        self.by_id = {one["id"]: one for one in snapshot["principals"]}
        self.grants = list(self.all_grants())

    def doc(self, number: int | None, flag: str) -> Any:
        if number is None:
            return None
        one = self.s["documents"][number]
        if one["unsupported"] is not None:
            return None
        return one[flag]

    def all_grants(self):  # type: ignore[no-untyped-def]
        bundles = {one["bundle"] for one in self.s["assignments"]} | {one["id"] for one in self.s["policies"]}
        sets = {one["target"] for one in self.s["attachments"] if one["kind"] == "permission_set"}
        bundles |= sets - set(self.by_id)
        for a in self.s["attachments"]:
            if a["target"] not in bundles:
                kind = {"resource": "resource", "scp": "scope"}.get(a["layer"], "unknown")
                yield self.grant(a["target"], "", a["layer"], a["kind"], a["policy"], a["document"], a["account"], kind)
        carriers = [(one["member"], one["group"]) for one in self.s["memberships"]]
        carriers += [(one["principal"], one["id"]) for one in self.s["credentials"] if one["kind"] == "certificate"]
        for member, carrier in carriers:
            for a in self.s["attachments"]:
                if a["target"] == carrier and a["layer"] in ("identity", "device"):
                    layer, kind = a["layer"], a["kind"]
                    yield self.grant(member, carrier, layer, kind, a["policy"], a["document"], a["account"], "unknown")
        for m in self.s["memberships"]:
            if m["kind"] != "identity_center_group" and m["group"] not in self.by_id:
                account = self.by_id[m["member"]]["account"] if m["member"] in self.by_id else ACCOUNTS[0]
                what = "policies of the group"
                yield self.grant(m["member"], m["group"], "identity", "unread", what, None, account, "unknown")
        for a in self.s["assignments"]:
            group = "group" if a["principal_kind"] == "group" else "human"
            subjects = [(a["principal"], group)]
            subjects += [(m["member"], "human") for m in self.s["memberships"] if m["group"] == a["principal"]]
            for layer, policy, document in self.bundle(a["bundle"]):
                for who, kind in subjects:
                    yield self.grant(who, a["bundle"], layer, "permission_set", policy, document, a["account"], kind)

    def bundle(self, name: str) -> list[tuple[str, str, int | None]]:
        found = [
            (one["layer"], one["policy"], one["document"]) for one in self.s["attachments"] if one["target"] == name
        ]
        own = [
            ("identity", one["name"], one["document"])
            for one in self.s["policies"]
            if one["id"] == name and one["default"]
        ]
        found = found or own
        return found or [("identity", name, None)]

    def bounded(self, one: Row, via: str, mine: list[Any]) -> bool | None:
        """Whether a boundary limits what comes this way: the principal's own, or that of the permission set."""
        said = []
        laid = [g for g in mine if g[3] == "boundary" and g[2] in ("", via)]
        for g in laid:
            whole = self.doc(g[6], "admin")
            said.append(None if whole is None else not whole or self.doc(g[6], "denies_admin") is True)
        if one["boundary"] is not None and not any(g[2] == "" for g in laid):
            said.append(None)
        return True if True in said else None if None in said else False

    def admin(self, one: Row) -> str:
        mine = [g for g in self.grants if g[0] == one["id"]]
        if one["kind"] == "root":
            return "yes"
        if one["kind"] == "external":
            return "unknown"
        if one["kind"] == "agent":
            role = self.deputy(one)
            if role is None:
                return "unknown"
            return self.admin(role) if role["kind"] != "agent" else self.granted(role, self.mine(role))
        return self.granted(one, mine)

    def deputy(self, one: Row) -> Row | None:
        runs = [r["object"] for r in self.s["runs_as"] if r["subject"] == one["id"] and r["kind"] == "executes_as"]
        return self.by_id.get(runs[-1]) if runs and one["kind"] == "agent" else None

    def making(self, one: Row) -> list[Any]:
        """The grants that make an administrator."""
        identity = [g for g in self.mine(one) if g[3] == "identity"]
        wide = ["admin", "admin_conditional", "admin_nearly"]
        wide += ["admin_rest", "admin_iam"] if self.together(identity) else []
        return [g for g in identity if any(self.doc(g[6], flag) for flag in wide)]

    def wildcard(self, one: Row) -> bool | None:
        said = [self.doc(g[6], "wildcard") for g in self.mine(one) if g[3] in ("identity", "device")]
        return True if True in said else None if None in said or one["kind"] == "external" else False

    def mine(self, one: Row) -> list[Any]:
        return [g for g in self.grants if g[0] == one["id"]]

    def granted(self, one: Row, mine: list[Any]) -> str:
        identity = [g for g in mine if g[3] == "identity"]
        denied = any(self.doc(g[6], "denies_admin") for g in identity)
        words = set()
        for g in identity:
            if self.doc(g[6], "admin") is None:
                words.add("unknown")
            for flag, word in (("admin_conditional", "conditional"), ("admin", "yes")):
                if self.doc(g[6], flag):
                    held = self.bounded(one, g[2], mine)
                    words.add("unknown" if held is None else "limited" if held else word)
            if self.doc(g[6], "admin_nearly"):
                words.add("limited")
        if self.together(identity):
            words.add("limited")
        if "yes" in words:
            return "limited" if denied else "yes"
        if "conditional" in words:
            return "limited" if denied or "limited" in words else "conditional"
        return next((word for word in ("limited", "unknown") if word in words), "no")

    def together(self, identity: list[Any]) -> bool:
        return all(any(self.doc(g[6], flag) for g in identity) for flag in ("admin_rest", "admin_iam"))

    def grant(self, who, via, layer, kind, policy, document, account, other):  # type: ignore[no-untyped-def]
        shown = self.by_id[who]["kind"] if who in self.by_id else other
        return (who, shown, via, layer, kind, policy, document, account)

    def identity(self, one: Row) -> Row:
        mine = [g for g in self.grants if g[0] == one["id"]]
        given = [g for g in mine if g[3] in ("identity", "device")]
        identity = [g for g in mine if g[3] == "identity"]
        role = self.deputy(one)
        held = [c for c in self.s["credentials"] if c["principal"] == one["id"]]
        keys = [c for c in held if c["kind"] == "access_key"]
        read = keys or one["kind"] == "group" or one["trust"] is not None or one["keys_known"]
        silent = any(c["kind"] in ("access_key", "password") and not c["last_used_known"] for c in held)
        trusts = [t for t in self.s["trusts"] if t["principal"] == one["id"] and t["effect"] == "Allow"]
        return {
            "admin": self.admin(one),
            "admin_via": {f"{g[2]} → {g[5]}" if g[2] else g[5] for g in self.making(one)}
            | ({"root"} if one["kind"] == "root" else set())
            | ({role["id"]} if role is not None and self.making(role) else set()),
            "wildcard": (None if role is None else self.wildcard(role))
            if one["kind"] == "agent"
            else self.wildcard(one),
            "grants": sum(g[4] != "unread" for g in given),
            "inline": sum(g[4] == "inline" and not g[2] for g in identity),
            "groups": {m["group"] for m in self.s["memberships"] if m["member"] == one["id"]},
            "last_used": max(filter(None, [one["last_used"], *(c["last_used"] for c in held)]), default=None),
            "last_used_known": one["last_used_known"] and not silent,
            "active_keys": sum(c["active"] for c in keys)
            if read and all(c["active"] is not None for c in keys)
            else None,
            "external": one["kind"] == "external" or any(map(self.outside, trusts)) or self.unread(one),
            "subjects": {p for t in trusts for p in (t["patterns"] or [t["subject"]])},
            "owner": owner(one["tags"]),
        }

    def unread(self, one: Row) -> bool | None:
        if one["trust"] is None:
            return None if one.get("native") == "role" else False
        return None if self.s["documents"][one["trust"]]["unsupported"] is not None else False

    def outside(self, trust: Row) -> bool:
        elsewhere = trust["subject_account"] not in (None, trust["account"])
        return elsewhere or trust["subject_kind"] in ("anyone", "oidc", "saml")

    def resource(self, one: Row) -> Row:
        block, opening = one["public_block"], one["opening"]
        shut = block in ("policy", "all")
        states = set()
        if opening in ("conditional", "everyone"):
            open_ = "yes" if opening == "everyone" else "conditional"
            states.add("blocked" if shut and one["restrictable"] else open_)
        if one["acl_public"] in ("read", "full"):
            states.add("blocked" if block in ("acl", "all") else "yes")
        unsure = opening is None and not shut
        if one["kind"] == "s3:bucket" and one["acl_public"] is None and block not in ("acl", "all"):
            unsure = True
        ranked = ["yes"] if "yes" in states else ["unknown"] if unsure else []
        ranked += [word for word in ("conditional", "blocked") if word in states]
        return {
            "public": (ranked or ["no"])[0],
            "shared_with": set(one["shared"]),
            "policy": True if one["policy"] is not None else False if one["policy_known"] else None,
            "owner": owner(one["tags"]),
        }


def owner(given_tags: list[tuple[str, str]]) -> str | None:
    for wanted in ("owner", "team", "squad"):
        for key, value in given_tags:
            if key.lower() == wanted and value:
                return value
    return None


def plain(row: Row, names: Any) -> Row:
    return {name: set(row[name]) if isinstance(row[name], list) else row[name] for name in names}


@settings(max_examples=300, deadline=None)
@given(snapshots)
def test_as_the_slow_reference(snapshot: dict[str, list[Row]]) -> None:
    views = build("aws", ACCOUNTS[0], facts(snapshot))
    assert {name: view.schema.names for name, view in views.items()} == {
        spec.name: list(spec.names()) for spec in VIEW_TABLES
    }
    slow = Slow(snapshot)
    shown = views["identities"].to_pylist()
    for row, one in zip(shown, snapshot["principals"], strict=True):
        want = slow.identity(one)
        assert plain(row, want) == want
        assert all(len(row[name]) == len(set(row[name])) for name in ("admin_via", "groups", "subjects"))
    for row, one in zip(views["resources_view"].to_pylist(), snapshot["resources"], strict=True):
        want = slow.resource(one)
        assert plain(row, want) == want
        assert bool(row["public_reason"]) == (row["public"] != "no")
    got = [
        (g["principal"], g["principal_kind"], g["via"], g["layer"], g["kind"], g["policy"], g["account"], g["document"])
        for g in views["grants"].to_pylist()
    ]
    hashes = [one["hash"] for one in snapshot["documents"]]
    want_grants = [(*g[:6], g[7], None if g[6] is None else hashes[g[6]]) for g in slow.grants]
    assert sorted(got, key=repr) == sorted(want_grants, key=repr)


@settings(deadline=None)
@given(snapshots)
def test_credentials_and_trusts(snapshot: dict[str, list[Row]]) -> None:
    views = build("aws", ACCOUNTS[0], facts(snapshot))
    holders = defaultdict(set)
    for one in snapshot["credentials"]:
        holders[one["kind"], one["id"]].add(one["principal"])
    admin = {row["id"]: row["admin"] for row in views["identities"].to_pylist()}
    for row, one in zip(views["credentials_view"].to_pylist(), snapshot["credentials"], strict=True):
        assert row["holders"] == len(holders[one["kind"], one["id"]])
        assert row["holder_admin"] == admin.get(one["principal"], "unknown")
        assert row["account"] == ACCOUNTS[0]
    allowed = [one for one in snapshot["trusts"] if one["effect"] == "Allow"]
    for row, one in zip(views["trusts_view"].to_pylist(), allowed, strict=True):
        assert row["principal_admin"] == admin.get(one["principal"], "unknown")
        assert {name: row[name] for name in one if name != "effect"} == {k: v for k, v in one.items() if k != "effect"}


def coded_twice(facts: pa.Table) -> pa.Table:
    """The same table in two chunks, its texts coded by lists in which each word stands twice."""
    half = facts.num_rows // 2
    parts = []
    for part in (facts.slice(0, half), facts.slice(half)):
        for index, field in enumerate(part.schema):
            if field.type == pa.string():
                once = part.column(index).combine_chunks().dictionary_encode()
                words = pa.concat_arrays([once.dictionary, once.dictionary])
                codes = [
                    None if code is None else code + (row % 2) * len(once.dictionary)
                    for row, code in enumerate(once.indices.to_pylist())
                ]
                held = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), words)
                part = part.set_column(index, field.with_type(held.type), held)
        parts.append(part)
    return pa.concat_tables(parts)


@settings(deadline=None)
@given(snapshots)
def test_coded_facts_say_the_same(snapshot: dict[str, list[Row]]) -> None:
    made = facts(snapshot)
    views = build("aws", ACCOUNTS[0], made)
    again = build("aws", ACCOUNTS[0], {name: coded_twice(one) for name, one in made.items()})
    for name, view in views.items():
        assert again[name].to_pylist() == view.to_pylist(), name


def test_tables_are_declared() -> None:
    views = build("aws", ACCOUNTS[0], facts({}))
    assert set(views) == {spec.name for spec in VIEW_TABLES} and set(views) <= set(BY_NAME)
    assert all(view.num_rows == 0 for view in views.values())
