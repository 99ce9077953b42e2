"""The tables of every scope → one set of arrays, mapped into memory by whoever asks.

Documents are one each, whatever scope holds them; statements, action patterns, resource patterns and conditions are
interned. A row of `Rows` says what belongs to what; a `-1` stands for none, `-2` for one that was not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.columns import CODED, coded, encoded, repeated
from leastwise.engine.prefixes import prefixes_of
from leastwise.engine.sparse import Rows, lookup_of, rows_of, texts_of

from .links import leads
from .organization import organizations
from .scopes import ScopeTables, joined, laid, plain

FORMAT = 5
"""Raised when the arrays change their meaning; older ones are then made again."""
NONE, UNREAD = -1, -2


def compile_estate(scopes: Sequence[ScopeTables]) -> Arrays:
    """The arrays of an estate; `facts` holds what is small: organizations, accounts, gaps."""
    arrays: dict[str, Array] = {}
    codes = _documents(scopes, arrays)
    _statements(scopes, codes, arrays)
    numbers = _principals(scopes, arrays)
    _attached(scopes, codes, numbers, arrays)
    facts = {"format": FORMAT, **organizations(scopes, codes), **leads(scopes)}
    _resources(scopes, codes, arrays)
    return Arrays(arrays, facts)


# --- documents and statements ---------------------------------------------------------------------------------------


class Codes:
    """Numbers of the distinct documents: `of(scope, row)` for a document of a scope's table."""

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        hashes = joined(scopes, "documents", ["hash"])["hash"].combine_chunks().dictionary_encode()
        self.all = hashes.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        self.count = len(hashes.dictionary)
        sizes = [one.tables["documents"].num_rows if "documents" in one.tables else 0 for one in scopes]
        self.starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        first = np.full(self.count, len(self.all), np.int64)
        np.minimum.at(first, self.all, np.arange(len(self.all)))
        self.first = first

    def of(self, scope: int, rows: pa.Array | pa.ChunkedArray) -> Array:
        """The numbers of rows of a scope's documents; UNREAD where the row is null."""
        filled = pc.fill_null(rows, -1)
        local = (filled.combine_chunks() if isinstance(filled, pa.ChunkedArray) else filled).to_numpy(
            zero_copy_only=False
        )
        found = np.full(len(local), UNREAD, np.int32)
        known = local >= 0
        found[known] = self.all[self.starts[scope] + local[known]]
        return found


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
    table = table.take(pa.array(kept))
    documents = codes.all[row[kept]].astype(np.int32)
    arrays["st_doc"] = documents
    arrays["doc_st.starts"] = np.searchsorted(documents, np.arange(codes.count + 1)).astype(np.int32)
    arrays["st_deny"] = pc.equal(table["effect"], "Deny").combine_chunks().to_numpy(zero_copy_only=False)
    arrays["st_position"] = table["position"].to_numpy().astype(np.int32)
    _interned("st_sid", table["sid"], arrays)
    _interned("st_condition", table["condition"], arrays)
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
        flat = column.combine_chunks()
        texts.append(flat.flatten())
        owner = pc.list_parent_indices(flat).to_numpy(zero_copy_only=False)
        owners.append(owner)
        negated.append(np.full(len(owner), sign))
    return _Lists(pa.concat_arrays(texts), np.concatenate(owners).astype(np.int32), np.concatenate(negated))


def _interned(name: str, column: pa.ChunkedArray, arrays: dict[str, Array]) -> None:
    codes, words = _coded(column)
    used, places = np.unique(codes, return_inverse=True)
    given = used[used >= 0]
    # A list of words may hold words that no row has, and one twice.
    distinct = words.take(pa.array(given)).dictionary_encode()
    numbers = np.full(len(used), NONE, np.int32)
    numbers[len(used) - len(given) :] = distinct.indices.to_numpy(zero_copy_only=False)
    arrays[name] = numbers[places]
    _store(f"{name}.texts", distinct.dictionary, arrays)


def _coded(column: pa.ChunkedArray) -> tuple[Array, pa.Array]:
    """A text column as the position of each row's word (-1 for none), and the words."""
    one = encoded(column).unify_dictionaries().combine_chunks()
    return pc.fill_null(one.indices, NONE).to_numpy(zero_copy_only=False), one.dictionary


def _store(name: str, texts: pa.Array | Sequence[str], arrays: dict[str, Array]) -> list[str]:
    values = texts.to_pylist() if isinstance(texts, pa.Array) else list(texts)
    made = texts_of(values)
    arrays[f"{name}.starts"], arrays[f"{name}.blob"] = made.starts, made.blob
    return values


def _rows(name: str, rows: Rows, arrays: dict[str, Array]) -> None:
    arrays[f"{name}.starts"], arrays[f"{name}.values"] = rows.starts, rows.values


def _entries(name: str, lists: _Lists, statements: int, arrays: dict[str, Array]) -> Array:
    encoded = lists.texts.dictionary_encode()
    values = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    _store(f"{name}.texts", encoded.dictionary, arrays)
    signs = np.zeros(statements, np.int8)
    signs[lists.owner[~lists.negated]] = 1
    signs[lists.owner[lists.negated]] = -1
    arrays[f"{name}.sign"] = signs
    _rows(f"st_{name}", rows_of(lists.owner, values, statements), arrays)
    return np.asarray(values)


def _patterns(name: str, texts: pa.Array, lists: _Lists, statements: int, arrays: dict[str, Array]) -> None:
    """Interned patterns with their literal beginnings, what each statement has, and where each pattern stands."""
    values = _entries(name, _Lists(texts, lists.owner, lists.negated), statements, arrays)
    listed = texts.dictionary_encode().dictionary.to_pylist()
    found = prefixes_of(listed)
    arrays[f"{name}.lengths"], arrays[f"{name}.sums"], arrays[f"{name}.whole"] = found.lengths, found.sums, found.whole
    arrays[f"{name}.variable"] = np.fromiter(("${" in text for text in listed), bool, len(listed))
    if name == "action":
        _rows("action.st", rows_of(values, lists.owner, len(listed)), arrays)


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
    ids = _store("principal.id", table["id"].combine_chunks(), arrays)
    found = lookup_of(ids)
    arrays["principal.id.sums"], arrays["principal.id.order"] = found.sums, found.order
    _interned("principal.account", table["account"], arrays)
    _interned("principal.kind", table["kind"], arrays)
    _interned("principal.native", table["native"], arrays)
    _interned("principal.unique", table["unique_id"], arrays)
    tags = table["tags"].combine_chunks()
    keys = tags.keys.dictionary_encode()
    items = tags.items.dictionary_encode()
    arrays["principal.tag.starts"] = tags.offsets.to_numpy().astype(np.int64)
    arrays["principal.tag.keys"] = keys.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    arrays["principal.tag.values"] = items.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    _store("principal.tag.key", keys.dictionary, arrays)
    _store("principal.tag.value", items.dictionary, arrays)
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
        number = _numbers(table["target"], numbers)
        at, words = _coded(table["layer"])
        layers = {name: place for place, name in enumerate(words.to_pylist())}
        names_here = table["policy"]
        bounded = np.flatnonzero((at == layers.get("boundary", -1)) & (number >= 0))
        bounds |= zip(number[bounded].tolist(), names_here.take(pa.array(bounded)).to_pylist(), strict=True)
        for name, column in (("boundary", boundary), ("trust", trust)):
            rows = np.flatnonzero((at == layers.get(name, -1)) & (number >= 0))
            column[number[rows]] = code[rows]
        own = np.flatnonzero(at == layers.get("identity", -1))
        rows, target, via = _expanded(one, table, own, number, numbers)
        docs.append(code[rows])
        targets.append(target)
        vias.append(via)
        names.append(encoded(table["policy"]).take(pa.array(rows)))
        sources.append(encoded(table["source"]).take(pa.array(rows)))
    doc = np.concatenate(docs) if docs else np.empty(0, np.int32)
    target = np.concatenate(targets) if targets else np.empty(0, np.int32)
    unread = np.zeros(len(numbers), bool)
    unread[target[doc < 0]] = True
    read = doc >= 0
    unread[target[read][arrays["doc_bad"][doc[read]]]] = True
    arrays["principal.unread"] = unread
    arrays["principal.trust"] = trust
    _interned("principal.bound", pa.chunked_array([[bounds.get(n) for n in range(len(numbers))]], pa.string()), arrays)
    order = np.argsort(doc, kind="stable")
    order = order[doc[order] >= 0]
    arrays["att_doc.starts"] = np.searchsorted(doc[order], np.arange(codes.count + 1)).astype(np.int64)
    arrays["att_doc.values"] = target[order].astype(np.int32)
    by_target = np.argsort(target, kind="stable")
    arrays["att.starts"] = np.searchsorted(target[by_target], np.arange(len(numbers) + 1)).astype(np.int64)
    arrays["att.doc"] = doc[by_target]
    _interned_rows("att.policy", names, by_target, arrays)
    _interned_rows("att.source", sources, by_target, arrays)
    _via(vias, by_target, arrays)


def _numbers(ids: pa.ChunkedArray, numbers: Mapping[str, int]) -> Array:
    at, words = _coded(ids)
    known = np.fromiter((numbers.get(id, -1) for id in words.to_pylist()), np.int32)
    return np.asarray(known[at]) if len(known) else np.empty(0, np.int32)


def _expanded(
    one: ScopeTables, table: pa.Table, own: Array, number: Array, numbers: Mapping[str, int]
) -> tuple[Array, Array, list[pa.Array]]:
    """Rows of attachments with the principals that they reach: their own, and the members of their groups."""
    direct = own[number[own] >= 0]
    rows, targets = [direct], [number[direct]]
    vias: list[pa.Array] = [coded(np.full(len(direct), -1), [""])]
    if "memberships" in one.tables and one.tables["memberships"].num_rows:
        members = plain(one.tables["memberships"])
        members = members.filter(pc.equal(members["kind"], "iam_group"))
        groups: dict[str, list[int]] = {}
        for member, group in zip(members["member"].to_pylist(), members["group"].to_pylist(), strict=True):
            if member in numbers:
                groups.setdefault(group, []).append(numbers[member])
        others = own[number[own] < 0]
        ids = table["target"].take(pa.array(others)).to_pylist()
        for row, id in zip(others.tolist(), ids, strict=True):
            reached = groups.get(id)
            if reached:
                rows.append(np.full(len(reached), row))
                targets.append(np.array(reached, np.int32))
                vias.append(repeated(id, len(reached)))
    return np.concatenate(rows), np.concatenate(targets).astype(np.int32), vias


def _interned_rows(name: str, parts: list[Any], order: Array, arrays: dict[str, Array]) -> None:
    chunks = [chunk for part in parts for chunk in part.chunks]
    _interned(name, pa.chunked_array(chunks, CODED).unify_dictionaries().take(pa.array(order)), arrays)


def _via(parts: list[list[pa.Array]], order: Array, arrays: dict[str, Array]) -> None:
    chunks = [chunk for part in parts for chunk in part]
    _interned("att.via", pa.chunked_array(chunks, CODED).unify_dictionaries().take(pa.array(order)), arrays)


# --- resources ------------------------------------------------------------------------------------------------------


def _resources(scopes: Sequence[ScopeTables], codes: Codes, arrays: dict[str, Array]) -> None:
    """Every resource; its policy, and whether it was asked for."""
    columns = ["id", "account", "kind", "policy_known", "public_block", "restrictable", "tags", "details"]
    table = joined(scopes, "resources", columns)
    ids = _store("thing.id", table["id"].combine_chunks(), arrays)
    found = lookup_of(ids)
    arrays["thing.id.sums"], arrays["thing.id.order"] = found.sums, found.order
    arrays["thing.asked"] = table["policy_known"].combine_chunks().to_numpy(zero_copy_only=False)
    _laid_on(scopes, codes, {id: number for number, id in enumerate(ids)}, arrays)
    _interned("thing.account", table["account"], arrays)
    _interned("thing.kind", table["kind"], arrays)
    block = pc.is_in(table["public_block"], value_set=pa.array(["policy", "all"]))
    arrays["thing.block"] = block.combine_chunks().to_numpy(zero_copy_only=False)
    blockable = pc.is_in(table["kind"], value_set=pa.array(["s3:bucket", "s3:accesspoint"]))
    unread = pc.and_(pc.is_null(table["public_block"]), blockable)
    arrays["thing.block_unread"] = unread.combine_chunks().to_numpy(zero_copy_only=False)
    arrays["thing.restrictable"] = table["restrictable"].combine_chunks().to_numpy(zero_copy_only=False)
    tags = [dict(one or []) for one in table["tags"].to_pylist()]
    arrays["thing.tagged"] = _tagged(table, tags)
    _store("thing.tags", [json.dumps(one) if one else "" for one in tags], arrays)


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
        number = _numbers(picked["target"], numbers)
        known = np.flatnonzero(number >= 0)
        docs.append(codes.of(index, picked["document"])[known])
        targets.append(number[known])
        kinds.append(
            pc.equal(plain(picked)["kind"], "kms_grant").combine_chunks().to_numpy(zero_copy_only=False)[known]
        )
        names.append(encoded(picked["policy"]).take(pa.array(known)))
        sources.append(encoded(picked["source"]).take(pa.array(known)))
    target = np.concatenate(targets) if targets else np.empty(0, np.int32)
    order = np.argsort(target, kind="stable")
    arrays["laid.starts"] = np.searchsorted(target[order], np.arange(len(numbers) + 1)).astype(np.int64)
    arrays["laid.doc"] = (np.concatenate(docs) if docs else target)[order].astype(np.int32)
    arrays["laid.grant"] = (np.concatenate(kinds) if kinds else np.empty(0, bool))[order]
    _interned_rows("laid.policy", names, order, arrays)
    _interned_rows("laid.source", sources, order, arrays)
