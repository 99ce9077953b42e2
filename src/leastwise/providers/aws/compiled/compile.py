"""The tables of every scope → one set of arrays, mapped into memory by whoever asks.

Documents are one each, whatever scope holds them; statements, action patterns, resource patterns and conditions are
interned. A row of `Rows` says what belongs to what; a `-1` stands for none, `-2` for one that was not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.columns import texts_at
from leastwise.engine.prefixes import prefixes_of
from leastwise.engine.sparse import Rows, lookup_of, rows_of

from . import FORMAT
from .giving import COUNT, COUNT_UNKNOWN, LIST_UNREAD, PUBLIC_IGNORED
from .interning import (
    NONE,
    UNREAD,
    Coded,
    Codes,
    coded,
    intern,
    intern_rows,
    numbers_of,
    picked_of,
    store,
    store_rows,
)
from .links import leads
from .organization import organizations
from .scopes import ScopeTables, joined, laid, plain


def compile_estate(scopes: Sequence[ScopeTables]) -> Arrays:
    """The arrays of an estate; `facts` holds what is small: organizations, accounts, gaps."""
    arrays: dict[str, Array] = {}
    codes = _documents(scopes, arrays)
    _statements(scopes, codes, arrays)
    numbers = _principals(scopes, arrays)
    _attached(scopes, codes, numbers, arrays)
    facts = {"format": FORMAT, **organizations(scopes, codes), **leads(scopes)}
    _resources(scopes, codes, arrays)
    _named(scopes, arrays)
    return Arrays(arrays, facts)


# --- documents and statements ---------------------------------------------------------------------------------------


def _documents(scopes: Sequence[ScopeTables], arrays: dict[str, Array]) -> Codes:
    codes = Codes(scopes)
    unsupported = joined(scopes, "documents", ["unsupported"])["unsupported"].combine_chunks()
    arrays["doc_bad"] = pc.is_valid(unsupported).to_numpy(zero_copy_only=False)[codes.first]
    return codes


def _statements(scopes: Sequence[ScopeTables], codes: Codes, arrays: dict[str, Array]) -> None:
    table = joined(scopes, "statements", None)
    owners = []
    for index, one in enumerate(scopes):
        if "statements" in one.tables:
            owners.append(one.tables["statements"]["document"].to_numpy() + codes.starts[index])
    row = np.concatenate(owners) if owners else np.empty(0, np.int64)
    kept = np.flatnonzero(codes.first[codes.all[row]] == row) if len(row) else row
    order = np.argsort(codes.all[row[kept]], kind="stable") if len(kept) else kept
    kept = kept[order]
    if not np.array_equal(kept, np.arange(len(row))):
        table = table.take(pa.array(kept))
    documents = codes.all[row[kept]].astype(np.int32)
    arrays["st_doc"] = documents
    arrays["doc_st.starts"] = np.searchsorted(documents, np.arange(codes.count + 1)).astype(np.int32)
    arrays["st_deny"] = pc.equal(table["effect"], "Deny").combine_chunks().to_numpy(zero_copy_only=False)
    arrays["st_position"] = table["position"].to_numpy().astype(np.int32)
    intern("st_sid", table["sid"], arrays)
    intern("st_condition", table["condition"], arrays)
    actions = _lists([(table["actions"], False), (table["not_actions"], True)])
    lower = pc.utf8_lower(actions.texts)
    _patterns("action", lower, actions, len(kept), arrays)
    resources = _lists([(table["resources"], False), (table["not_resources"], True)])
    _patterns("resource", resources.texts, resources, len(kept), arrays)
    subjects = _lists([(table["principals"], False), (table["not_principals"], True)])
    _entries("subject", subjects, len(kept), arrays)
    arrays["st_variables"] = _variables(scopes, codes, documents, arrays)


class _Lists:
    """Values of two list columns, flattened: the text, its statement, and whether it stands in the Not- column."""

    def __init__(self, texts: pa.Array, owner: Array, negated: Array) -> None:
        self.texts, self.owner, self.negated = texts, owner, negated


def _lists(columns: Iterable[tuple[pa.ChunkedArray, bool]]) -> _Lists:
    texts, owners, negated = [], [], []
    for column, sign in columns:
        flat = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        texts.append(flat.flatten())
        owner = pc.list_parent_indices(flat).to_numpy(zero_copy_only=False)
        owners.append(owner)
        negated.append(np.full(len(owner), sign))
    return _Lists(pa.concat_arrays(texts), np.concatenate(owners).astype(np.int32), np.concatenate(negated))


def _entries(name: str, lists: _Lists, statements: int, arrays: dict[str, Array]) -> Array:
    encoded = lists.texts.dictionary_encode()
    values = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    store(f"{name}.texts", encoded.dictionary, arrays)
    signs = np.zeros(statements, np.int8)
    signs[lists.owner[~lists.negated]] = 1
    signs[lists.owner[lists.negated]] = -1
    arrays[f"{name}.sign"] = signs
    store_rows(f"st_{name}", rows_of(lists.owner, values, statements), arrays)
    return np.asarray(values)


def _patterns(name: str, texts: pa.Array, lists: _Lists, statements: int, arrays: dict[str, Array]) -> None:
    """Interned patterns with their literal beginnings, what each statement has, and where each pattern stands."""
    values = _entries(name, _Lists(texts, lists.owner, lists.negated), statements, arrays)
    listed = texts.dictionary_encode().dictionary.to_pylist()
    found = prefixes_of(listed)
    arrays[f"{name}.lengths"], arrays[f"{name}.sums"], arrays[f"{name}.whole"] = found.lengths, found.sums, found.whole
    arrays[f"{name}.variable"] = np.fromiter(("${" in text for text in listed), bool, len(listed))
    if name == "action":
        store_rows("action.st", rows_of(values, lists.owner, len(listed)), arrays)


def _variables(scopes: Sequence[ScopeTables], codes: Codes, documents: Array, arrays: dict[str, Array]) -> Array:
    """Which statements have policy variables in force: those of a document of version 2012-10-17."""
    suspect: Array = np.zeros(len(documents), bool)
    rows = Rows(arrays["st_resource.starts"], arrays["st_resource.values"])
    values = rows.values
    suspect[np.repeat(np.arange(len(documents)), np.diff(rows.starts))[arrays["resource.variable"][values]]] = True
    starts, blob = arrays["st_condition.texts.starts"], arrays["st_condition.texts.blob"].tobytes()
    open_ = np.fromiter((b"${" in blob[a:b] for a, b in pairwise(starts)), bool, len(starts) - 1)
    conditions = arrays["st_condition"]
    if len(open_):
        suspect |= (conditions >= 0) & open_[np.maximum(conditions, 0)]
    found = np.zeros(len(documents), bool)
    texts = joined(scopes, "documents", ["text"])["text"]
    for code in np.unique(documents[suspect]).tolist():
        try:
            version = msgspec.json.decode(texts[int(codes.first[code])].as_py()).get("Version")
        except (msgspec.DecodeError, AttributeError, UnicodeDecodeError):
            continue
        if version == "2012-10-17":
            found[documents == code] = True
    return found


# --- principals -----------------------------------------------------------------------------------------------------


def _principals(scopes: Sequence[ScopeTables], arrays: dict[str, Array]) -> dict[str, int]:
    """Users and roles, each once, sorted by id; the row of its own account goes before one that only names it."""
    columns = ["id", "account", "kind", "unique_id", "native", "boundary", "tags", "mfa"]
    table = joined(scopes, "principals", columns)
    wanted = pc.and_(
        pc.is_in(table["native"], value_set=pa.array(["user", "role"])),
        pc.not_equal(table["kind"], "external"),
    )
    table = table.filter(wanted)
    ids = table["id"].to_pylist()
    numbers = {id: number for number, id in reversed(list(enumerate(ids)))}
    rows = [numbers[id] for id in sorted(numbers)]
    table = table.take(pa.array(rows, pa.int64()))
    ids = store("principal.id", table["id"].combine_chunks(), arrays)
    found = lookup_of(ids)
    arrays["principal.id.sums"], arrays["principal.id.order"] = found.sums, found.order
    intern("principal.account", table["account"], arrays)
    intern("principal.kind", table["kind"], arrays)
    intern("principal.native", table["native"], arrays)
    intern("principal.unique", table["unique_id"], arrays)
    tags = table["tags"].combine_chunks()
    keys = tags.keys.dictionary_encode()
    items = tags.items.dictionary_encode()
    arrays["principal.tag.starts"] = tags.offsets.to_numpy().astype(np.int64)
    arrays["principal.tag.keys"] = keys.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    arrays["principal.tag.values"] = items.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    store("principal.tag.key", keys.dictionary, arrays)
    store("principal.tag.value", items.dictionary, arrays)
    mfa = pc.fill_null(table["mfa"].cast(pa.int8()), NONE).combine_chunks()
    arrays["principal.mfa"] = mfa.to_numpy(zero_copy_only=False)
    boundary = pc.is_valid(table["boundary"]).combine_chunks().to_numpy(zero_copy_only=False)
    arrays["principal.boundary"] = np.where(boundary, UNREAD, NONE).astype(np.int32)
    return {id: number for number, id in enumerate(ids)}


def _attached(scopes: Sequence[ScopeTables], codes: Codes, numbers: dict[str, int], arrays: dict[str, Array]) -> None:
    """Which documents are in force on which principals, and through which group."""
    docs, targets, names, vias, sources = [], [], [], [], []
    trust = np.full(len(numbers), NONE, np.int32)
    boundary = arrays["principal.boundary"]
    bounds: dict[int, str] = {}
    for index, one in enumerate(scopes):
        if one.kind != "account" or "attachments" not in one.tables:
            continue
        table = laid(one, ("identity", "boundary", "trust"))
        code = codes.of(index, table["document"])
        number = numbers_of(table["target"], numbers)
        at, words = coded(table["layer"])
        layers = {name: place for place, name in enumerate(words.to_pylist())}
        bounded = np.flatnonzero((at == layers.get("boundary", -1)) & (number >= 0))
        bounds |= zip(number[bounded].tolist(), texts_at(table["policy"], bounded).to_pylist(), strict=True)
        for name, column in (("boundary", boundary), ("trust", trust)):
            rows = np.flatnonzero((at == layers.get(name, -1)) & (number >= 0))
            column[number[rows]] = code[rows]
        own = np.flatnonzero(at == layers.get("identity", -1))
        rows, target, via = _expanded(one, table, own, number, numbers)
        docs.append(code[rows])
        targets.append(target)
        vias.append(via)
        names.append(picked_of(table["policy"], rows))
        sources.append(picked_of(table["source"], rows))
    doc = np.concatenate(docs) if docs else np.empty(0, np.int32)
    target = np.concatenate(targets) if targets else np.empty(0, np.int32)
    unread = np.zeros(len(numbers), bool)
    unread[target[doc < 0]] = True
    read = doc >= 0
    unread[target[read][arrays["doc_bad"][doc[read]]]] = True
    arrays["principal.unread"] = unread
    arrays["principal.trust"] = trust
    intern("principal.bound", pa.chunked_array([[bounds.get(n) for n in range(len(numbers))]], pa.string()), arrays)
    order = np.argsort(doc, kind="stable")
    order = order[doc[order] >= 0]
    arrays["att_doc.starts"] = np.searchsorted(doc[order], np.arange(codes.count + 1)).astype(np.int64)
    arrays["att_doc.values"] = target[order].astype(np.int32)
    by_target = np.argsort(target, kind="stable")
    arrays["att.starts"] = np.searchsorted(target[by_target], np.arange(len(numbers) + 1)).astype(np.int64)
    arrays["att.doc"] = doc[by_target]
    intern_rows("att.policy", names, by_target, arrays)
    intern_rows("att.source", sources, by_target, arrays)
    intern_rows("att.via", [one for part in vias for one in part], by_target, arrays)


def _expanded(
    one: ScopeTables, table: pa.Table, own: Array, number: Array, numbers: Mapping[str, int]
) -> tuple[Array, Array, list[Coded]]:
    """Rows of attachments with the principals that they reach: their own, and the members of their groups."""
    direct = own[number[own] >= 0]
    rows, targets = [direct], [number[direct]]
    vias: list[Coded] = [(np.full(len(direct), NONE), pa.array([], pa.string()))]
    if "memberships" in one.tables and one.tables["memberships"].num_rows:
        members = plain(one.tables["memberships"])
        members = members.filter(pc.equal(members["kind"], "iam_group"))
        groups: dict[str, list[int]] = {}
        for member, group in zip(members["member"].to_pylist(), members["group"].to_pylist(), strict=True):
            if member in numbers:
                groups.setdefault(group, []).append(numbers[member])
        others = own[number[own] < 0]
        ids = texts_at(table["target"], others).to_pylist()
        for row, id in zip(others.tolist(), ids, strict=True):
            reached = groups.get(id)
            if reached:
                rows.append(np.full(len(reached), row))
                targets.append(np.array(reached, np.int32))
                vias.append((np.zeros(len(reached), np.int64), pa.array([id], pa.string())))
    return np.concatenate(rows), np.concatenate(targets).astype(np.int32), vias


# --- resources ------------------------------------------------------------------------------------------------------


def _resources(scopes: Sequence[ScopeTables], codes: Codes, arrays: dict[str, Array]) -> None:
    """Every resource; its policy, and whether it was asked for."""
    columns = ["id", "account", "kind", "policy_known", "acl_public", "public_block", "restrictable", "tags", "details"]
    table = joined(scopes, "resources", columns)
    ids = store("thing.id", table["id"].combine_chunks(), arrays)
    found = lookup_of(ids)
    arrays["thing.id.sums"], arrays["thing.id.order"] = found.sums, found.order
    arrays["thing.asked"] = table["policy_known"].combine_chunks().to_numpy(zero_copy_only=False)
    _laid_on(scopes, codes, {id: number for number, id in enumerate(ids)}, arrays)
    intern("thing.account", table["account"], arrays)
    intern("thing.kind", table["kind"], arrays)
    block = pc.is_in(table["public_block"], value_set=pa.array(["policy", "all"]))
    arrays["thing.block"] = block.combine_chunks().to_numpy(zero_copy_only=False)
    blockable = pc.is_in(table["kind"], value_set=pa.array(["s3:bucket", "s3:accesspoint"]))
    unread = pc.and_(pc.is_null(table["public_block"]), blockable)
    arrays["thing.block_unread"] = unread.combine_chunks().to_numpy(zero_copy_only=False)
    arrays["thing.lists"] = _lists_of_buckets(table)
    arrays["thing.restrictable"] = table["restrictable"].combine_chunks().to_numpy(zero_copy_only=False)
    tags = [dict(one or []) for one in table["tags"].to_pylist()]
    arrays["thing.tagged"] = _tagged(table, tags)
    store("thing.tags", [json.dumps(one) if one else "" for one in tags], arrays)


def _lists_of_buckets(table: pa.Table) -> Array:
    """Whether access lists of buckets and their objects count, and whether they were read: bits of `giving`."""
    found = np.zeros(table.num_rows, np.int8)
    for row in pc.indices_nonzero(pc.equal(table["kind"], "s3:bucket")).to_pylist():
        ownership = dict(table["details"][row].as_py() or []).get("object_ownership")
        if ownership != "BucketOwnerEnforced":
            found[row] |= COUNT_UNKNOWN if ownership is None else COUNT
            found[row] |= 0 if table["acl_public"][row].is_valid else LIST_UNREAD
            found[row] |= PUBLIC_IGNORED if table["public_block"][row].as_py() in ("acl", "all") else 0
    return found


def _tagged(table: pa.Table, tags: list[dict[str, str]]) -> Array:
    """Whether the tags are known and count in conditions: 1, or 0 when that is not known, -1 when they do not.

    Those of a bucket count once it is switched on for it.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html
    """
    found = np.fromiter((bool(one) for one in tags), np.int8, len(tags))
    for row in pc.indices_nonzero(pc.equal(table["kind"], "s3:bucket")).to_pylist():
        abac = dict(table["details"][row].as_py() or []).get("abac")
        found[row] = {"enabled": 1, "disabled": -1}.get(abac or "", 0)
    return found


def _laid_on(scopes: Sequence[ScopeTables], codes: Codes, numbers: Mapping[str, int], arrays: dict[str, Array]) -> None:
    """Which documents lie on which resource: its policies, and grants on a key."""
    docs, targets, kinds, names, sources = [], [], [], [], []
    for index, one in enumerate(scopes):
        picked = laid(one, ("resource",))
        number = numbers_of(picked["target"], numbers)
        known = np.flatnonzero(number >= 0)
        docs.append(codes.of(index, picked["document"])[known])
        targets.append(number[known])
        kinds.append(
            pc.equal(plain(picked)["kind"], "kms_grant").combine_chunks().to_numpy(zero_copy_only=False)[known]
        )
        names.append(picked_of(picked["policy"], known))
        sources.append(picked_of(picked["source"], known))
    target = np.concatenate(targets) if targets else np.empty(0, np.int32)
    order = np.argsort(target, kind="stable")
    arrays["laid.starts"] = np.searchsorted(target[order], np.arange(len(numbers) + 1)).astype(np.int64)
    arrays["laid.doc"] = (np.concatenate(docs) if docs else target)[order].astype(np.int32)
    arrays["laid.grant"] = (np.concatenate(kinds) if kinds else np.empty(0, bool))[order]
    intern_rows("laid.policy", names, order, arrays)
    intern_rows("laid.source", sources, order, arrays)


def _named(scopes: Sequence[ScopeTables], arrays: dict[str, Array]) -> None:
    """Groups and customer managed policies of IAM: resources that have no policy and no row among the resources."""
    principals = joined(scopes, "principals", ["id", "native"])
    bundles = joined(scopes, "policies", ["id", "kind"])
    groups = principals.filter(pc.equal(principals["native"], "group"))["id"].to_pylist()
    policies = bundles.filter(pc.equal(bundles["kind"], "managed_customer"))["id"].to_pylist()
    store("named.group", sorted(set(groups)), arrays)
    store("named.policy", sorted(set(policies)), arrays)
