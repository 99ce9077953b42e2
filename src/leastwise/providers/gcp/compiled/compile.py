"""Tables to arrays: places by pre-order of their tree, bindings by role, members, groups; `estate` reads them.

Nothing is decided here: what a policy means is found out by `evaluate` when a question comes to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.quiet import without_collector
from leastwise.engine.sparse import Rows, rows_of, texts_of
from leastwise.providers.base import ScopeTables
from leastwise.providers.bulk.keeping import put_lookup, put_rows, put_texts

from .classes import classes_of
from .gaps import unread_of
from .placing import Placed, placed
from .reads import Trees
from .roles import roles_of

NOBODY = -1
_NONE = np.empty(0, np.int64)


def compile_estate(scopes: Sequence[ScopeTables]) -> Arrays:
    """The arrays of an estate from the tables of its scopes (`reads.COLUMNS`)."""
    with without_collector():
        return _compiled(Trees(scopes))


def _compiled(trees: Trees) -> Arrays:
    places = placed(trees)
    arrays: dict[str, Array] = {}
    facts: dict[str, Any] = {}
    _put_places(arrays, places)
    ids = _members(trees, arrays)
    _bindings(trees, places, ids, arrays)
    _groups(trees, ids, arrays)
    facts["empty"], facts["partly"] = _asked(trees, ids, arrays)
    roles_of(trees, arrays, facts)
    _guardrails(trees, arrays, facts)
    facts["numbers"] = dict(trees.projects.numbers)
    facts["unread"] = unread_of(trees, places)
    facts["tags"] = _tags(trees)
    facts["scopes"] = [[tree.kind, tree.id] for tree in trees.trees]
    facts["containers"] = [
        [id, row["kind"], row["name"] or "", trees.full(id)] for id, row in sorted(trees.containers.items())
    ]
    classes_of(ids, trees, arrays, facts)
    return Arrays(arrays, facts)


def _put_places(arrays: dict[str, Array], places: Placed) -> None:
    put_texts(arrays, "place.name", texts_of(places.names))
    put_lookup(arrays, "place.name", places.names)
    arrays["place.parent"] = np.array(places.parents, np.int32)
    arrays["place.end"] = np.array(places.ends, np.int32)
    arrays["place.document"] = np.array(places.documents, np.int32)
    arrays["place.read"] = np.array(places.read, np.bool_)
    arrays["place.lists"] = np.array(places.lists, np.bool_)
    arrays["place.astray"] = np.array(places.astray, np.bool_)
    arrays["place.unnumbered"] = np.array(places.unnumbered, np.bool_)
    arrays["place.alias"] = np.array(places.alias, np.bool_)
    kinds, codes = np.unique(np.array(places.kinds, object).astype(str), return_inverse=True)
    put_texts(arrays, "place.kind.texts", texts_of(kinds.tolist()))
    arrays["place.kind"] = codes.astype(np.int32)
    put_texts(arrays, "place.account", texts_of(places.accounts))
    put_texts(arrays, "place.id", texts_of(places.ids))


def _members(trees: Trees, arrays: dict[str, Array]) -> pa.Array:
    """Everybody whom policies name, sorted by id; what the newest tree says of each."""
    tables = [tree.table("principals") for tree in reversed(trees.trees)]
    table = pa.concat_tables(tables) if tables else None
    ids = table.column("id").combine_chunks() if table is not None else pa.array([], pa.string())
    order = pc.sort_indices(ids)
    sorted_ids = ids.take(order)
    first = np.ones(len(ids), np.bool_)
    if len(ids):
        same = pc.equal(sorted_ids[1:], sorted_ids[:-1]).to_numpy(zero_copy_only=False)
        first[1:] = ~same
    kept = pa.array(np.flatnonzero(first))
    rows = order.take(kept)
    members = sorted_ids.take(kept)
    texts = members.to_pylist()
    put_texts(arrays, "member.id", texts_of(texts))
    put_lookup(arrays, "member.id", texts)
    for name in ("kind", "account", "native", "name"):
        column = table.column(name).combine_chunks().take(rows) if table is not None else pa.array([], pa.string())
        coded = column.dictionary_encode()
        put_texts(arrays, f"member.{name}.texts", texts_of([one or "" for one in coded.dictionary.to_pylist()]))
        arrays[f"member.{name}"] = coded.indices.fill_null(NOBODY).to_numpy(zero_copy_only=False).astype(np.int32)
    return members


def _bindings(trees: Trees, places: Placed, ids: pa.Array, arrays: dict[str, Array]) -> None:
    """The bindings of allow policies that lie somewhere, by role and document; with whom each names."""
    documents, roles, conditions, positions, members, counts = [], [], [], [], [], []
    lying = pa.array(sorted({one for one in places.documents if one >= 0}), pa.int32())
    for tree in trees.trees:
        table = tree.table("statements")
        shifted = pc.add(table.column("document"), pa.scalar(tree.shift, pa.int32()))
        kept = pc.and_(pc.is_in(shifted, lying), pc.equal(table.column("effect"), "Allow"))
        table = table.set_column(0, "document", shifted).filter(kept).combine_chunks()
        named = table.column("principals").combine_chunks()
        documents.append(table.column("document").to_numpy())
        positions.append(table.column("position").to_numpy())
        roles.append(pc.list_element(table.column("actions"), 0).combine_chunks() if table.num_rows else None)
        conditions.append(table.column("condition").combine_chunks())
        counts.append(pc.list_value_length(named).to_numpy(zero_copy_only=False))
        members.append(pc.index_in(named.flatten(), ids).to_numpy(zero_copy_only=False))
    role = pa.concat_arrays([pa.array([], pa.string()), *(one for one in roles if one is not None)]).dictionary_encode()
    condition = pa.concat_arrays([pa.array([], pa.string()), *conditions]).dictionary_encode()
    document = np.concatenate([np.empty(0, np.int32), *documents]).astype(np.int32)
    count = np.concatenate([np.empty(0, np.int64), *counts]).astype(np.int64)
    member = np.concatenate([np.empty(0, np.int32), *members]).astype(np.int32)
    coded = role.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    order = np.lexsort((document, coded))
    named_rows = Rows(np.concatenate([[0], np.cumsum(count)]).astype(np.int64), member)
    values, _ = named_rows.gather(order)
    starts = np.concatenate([[0], np.cumsum(count[order])]).astype(np.int64)
    put_texts(arrays, "binding.role.texts", texts_of(role.dictionary.to_pylist()))
    put_texts(arrays, "binding.condition.texts", texts_of(condition.dictionary.to_pylist()))
    arrays["binding.role"], arrays["binding.document"] = coded[order], document[order]
    conditioned = condition.indices.fill_null(NOBODY).to_numpy(zero_copy_only=False).astype(np.int32)
    arrays["binding.condition"] = conditioned[order]
    arrays["binding.position"] = np.concatenate([np.empty(0, np.int32), *positions]).astype(np.int32)[order]
    put_rows(arrays, "binding.members", Rows(starts, values))
    put_rows(
        arrays, "document.bindings", rows_of(document[order], np.arange(len(order), dtype=np.int32), trees.documents)
    )
    owner = np.repeat(np.arange(len(order), dtype=np.int32), count[order])
    put_rows(arrays, "member.bindings", rows_of(values, owner, len(ids)))
    lies = np.array(places.documents, np.int32)
    where = np.flatnonzero(lies >= 0).astype(np.int32)
    put_rows(arrays, "document.places", rows_of(lies[where], where, trees.documents))
    _texts_of_policies(trees, set(lying.to_pylist()), arrays)


def _texts_of_policies(trees: Trees, lying: set[int], arrays: dict[str, Array]) -> None:
    """The allow policies as they were read, empty for documents of another kind."""
    texts: list[bytes] = []
    for tree in trees.trees:
        found = tree.table("documents", ("text", "unsupported")).to_pydict()
        for row, (text, unsupported) in enumerate(zip(found["text"], found["unsupported"], strict=True)):
            texts.append(text if row + tree.shift in lying and unsupported is None else b"")
    put_texts(arrays, "document.text", texts_of(texts))


def _groups(trees: Trees, ids: pa.Array, arrays: dict[str, Array]) -> None:
    """Who is in which group, and until when (microseconds since 1970, 0 for ever)."""
    tables = [tree.table("memberships", ("member", "group", "until")) for tree in trees.trees]
    member, group = (
        pc.index_in(pa.concat_arrays([pa.array([], pa.string()), *(t[name].combine_chunks() for t in tables)]), ids)
        for name in ("member", "group")
    )
    ends = [t["until"].combine_chunks().cast(pa.int64()).fill_null(0).to_numpy() for t in tables]
    columns = (
        group.to_numpy(zero_copy_only=False),
        member.to_numpy(zero_copy_only=False),
        np.concatenate([_NONE, *ends]),
    )
    found = np.unique(np.stack([column.astype(np.int64) for column in columns], axis=1), axis=0)
    put_rows(arrays, "group.members", rows_of(found[:, 0], found[:, 1].astype(np.int32), len(ids)))
    arrays["group.until"] = rows_of(found[:, 0], found[:, 2], len(ids)).values


def _asked(trees: Trees, ids: pa.Array, arrays: dict[str, Array]) -> tuple[list[str], list[str]]:
    """The addresses of groups that have no members, and of those of which only some were read."""
    told: dict[str, bool] = {}
    for tree in trees.trees:
        table = tree.table("principals", ("id", "members_known"))
        table = table.filter(pc.is_valid(table.column("members_known")))
        for row in table.to_pylist():
            told[row["id"]] = told.get(row["id"], False) or row["members_known"]
    held = np.diff(arrays["group.members.starts"]) > 0
    numbers = pc.index_in(pa.array(list(told), pa.string()), ids).to_pylist()
    empty = [id for (id, whole), at in zip(told.items(), numbers, strict=True) if whole and not held[at]]
    partly = [id for (id, whole), at in zip(told.items(), numbers, strict=True) if not whole and held[at]]
    return [id.removeprefix("group:") for id in empty], [id.removeprefix("group:") for id in partly]


def _guardrails(trees: Trees, arrays: dict[str, Array], facts: dict[str, Any]) -> None:
    """Deny policies, boundaries, their bindings and access policies, as they were read."""
    texts: dict[int, int] = {}
    kept: list[bytes] = []
    facts["denies"], facts["bound"], facts["boundaries"], facts["access"] = [], [], {}, []
    found: Mapping[int, tuple[list[bytes], list[str | None]]] = {
        number: (columns["text"], columns["unsupported"])
        for number, tree in enumerate(trees.trees)
        for columns in [tree.table("documents", ("text", "unsupported")).to_pydict()]
    }

    def keep(number: int, document: int | None) -> int:
        """The number of a document's text; negative where it was not read."""
        if document is None or found[number][1][document] is not None:
            return NOBODY
        shifted = document + trees.trees[number].shift
        if shifted not in texts:
            texts[shifted] = len(kept)
            kept.append(found[number][0][document])
        return texts[shifted]

    for number, tree in enumerate(trees.trees):
        for row in tree.rows("attachments"):
            if row["layer"] == "deny" and trees.speaks(number, row["account"]):
                facts["denies"].append([trees.full(row["target"]), row["policy"], keep(number, row["document"])])
            elif row["layer"] == "principal_access_boundary":
                facts["bound"].append([row["policy"], _set(trees, row["target"]), row["condition"]])
            elif row["layer"] == "access_policy" and row["target"]:
                facts["access"].append([row["policy"], trees.full(row["target"])])
        for row in tree.rows("policies"):
            if row["kind"] == "principal_access_boundary":
                facts["boundaries"][row["id"]] = keep(number, row["document"])
    put_texts(arrays, "guardrail.text", texts_of(kept))


def _set(trees: Trees, target: str) -> str:
    """The full name of the principal set that a boundary is bound to."""
    return target if target.startswith("//") else trees.full(target)


def _tags(trees: Trees) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Tags, with their ids, by full name of what they are attached to; a label's key has no slash."""
    rows = [*trees.containers.values(), *(row for _, _, row in trees.spoken("resources") if row["tags"])]
    found = []
    for row in rows:
        ids = dict(row["tag_ids"] or ())
        pairs = [(key, value, ids.get(key, "")) for key, value in row["tags"] or () if "/" in key]
        if pairs:
            found.append((trees.full(row["id"]), pairs))
    return found
