"""Everybody whom trees or directories name, and who is in which group."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Texts, rows_of, texts_of
from leastwise.providers.bulk.keeping import put_lookup, put_rows, put_texts

from ..evaluate.estate import GONE, GROUP, SERVICE, USER
from ..language.assignments import principal_key
from ..language.directory import attribute_key
from ..language.ids import guid
from .columns import KINDS, NAMED
from .reads import Trees

_TYPES = {"user": USER, "group": GROUP, "service_principal": SERVICE, "managed_identity": SERVICE}
_OTHERS = pa.array(["administrative_unit", "privileged_group"])
"""Memberships of a directory's own: lists of members tell who is in a group."""
_PLAIN = 36
_COLUMNS = ("kind", "account", "native", "name", "mail", "directory")


def members_of(trees: Trees, arrays: dict[str, Array], facts: dict[str, Any]) -> dict[str, int]:
    """Keep everybody, sorted by id; returns their numbers."""
    own = [tree.table("principals") for tree in trees.trees]
    told = [one.table("principals") for one in trees.directories]
    # Who describes somebody goes before who merely names them; what is known of them best comes first.
    named = [pc.equal(one.column("native"), NAMED) for one in (*own, *told)]
    parts = [one.filter(pc.invert(mask)) for one, mask in zip((*own, *told), named, strict=True)]
    parts += [
        one.filter(mask) for one, mask in zip((*told, *own), (*named[len(own) :], *named[: len(own)]), strict=True)
    ]
    table = pa.concat_tables(parts) if parts else None
    ids = _keys(table.column("id").to_pylist()) if table is not None else []
    links = _links(trees)
    at: dict[str, int] = {}
    for row, id in enumerate(ids):
        at.setdefault(id, row)
    for id in (one for pair in links for one in pair):
        at.setdefault(id, -1)
    members = sorted(at)
    numbers = {id: number for number, id in enumerate(members)}
    put_texts(arrays, "member.id", texts_of(members))
    put_lookup(arrays, "member.id", members)
    rows = pa.array([at[id] if at[id] >= 0 else None for id in members], pa.int64())
    for name in _COLUMNS:
        column = table.column(name).combine_chunks().take(rows) if table is not None else _empty(len(members))
        coded = column.dictionary_encode()
        put_texts(arrays, f"member.{name}.texts", texts_of([one or "" for one in coded.dictionary.to_pylist()]))
        arrays[f"member.{name}"] = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    _groups(links, numbers, arrays)
    _directory(trees, numbers, arrays, facts)
    return numbers


def _empty(count: int) -> pa.Array:
    return pa.nulls(count, pa.string())


def _keys(ids: list[str]) -> list[str]:
    """Object ids as they are compared."""
    return [one.lower() if len(one) == _PLAIN else principal_key(one) for one in ids]


def _links(trees: Trees) -> list[tuple[str, str]]:
    """Group and member of each membership, once."""
    found: dict[tuple[str, str], None] = {}
    for one in (*trees.directories, *trees.trees):
        table = one.table("memberships")
        table = table.filter(pc.invert(pc.is_in(table.column("kind"), value_set=_OTHERS)))
        pairs = zip(_keys(table.column("group").to_pylist()), _keys(table.column("member").to_pylist()), strict=True)
        found.update(dict.fromkeys(pairs))
    return list(found)


def _groups(links: list[tuple[str, str]], numbers: dict[str, int], arrays: dict[str, Array]) -> None:
    group = np.array([numbers[one] for one, _ in links], np.int64)
    member = np.array([numbers[one] for _, one in links], np.int32)
    put_rows(arrays, "group.members", rows_of(group, member, len(numbers)))


def _directory(trees: Trees, numbers: dict[str, int], arrays: dict[str, Array], facts: dict[str, Any]) -> None:
    """What was read of each: its kind, whether its members were, whether it is disabled, which attributes it has."""
    types = np.zeros(len(numbers), np.int8)
    read = np.diff(arrays["group.members.starts"]) > 0
    partly, people, disabled = (np.zeros(len(numbers), np.bool_) for _ in range(3))
    classes = np.zeros(len(numbers), np.int32)
    homes, tenants = np.zeros(len(numbers), np.int32), [""]
    twice: set[int] = set()
    known: dict[str, int] = {}
    for one in reversed((*trees.trees, *trees.directories)):
        table = one.table("principals")
        if one in trees.directories:
            tenants.append(guid(one.id) or "")
        columns = (table.column(name).to_pylist() for name in ("id", "kind", "native", "members_known", "enabled"))
        for id, kind, native, whole, enabled in zip(*columns, strict=True):
            number = numbers.get(_keys([id])[0])
            if number is None:
                continue
            word = _TYPES.get(native) or (GROUP if kind == "group" and one in trees.directories else "")
            if word:
                types[number] = KINDS.index(word)
            if word and one in trees.directories:
                # An object is of one tenant: of whom two directories tell, it is not known of which.
                twice.update([number] if homes[number] else [])
                homes[number] = len(tenants) - 1
            if whole is not None:
                partly[number] = not whole
                read[number] = read[number] or whole
            if enabled is not None:
                disabled[number] = not enabled
        known_people = [numbers[key] for key in _keys(_people_only(table)) if key in numbers]
        people[known_people], read[known_people] = True, True
        if one in trees.directories:
            _attributes(table, numbers, classes, known)
    types[read & (types == 0)] = KINDS.index(GROUP)
    partly &= read
    types[_gone(trees, arrays) & (types == 0)] = KINDS.index(GONE)
    arrays["member.type"], arrays["member.read"], arrays["member.partly"] = types, read, partly
    arrays["member.people"] = people & partly
    homes[list(twice)] = 0
    arrays["member.home"] = homes
    put_texts(arrays, "member.home.texts", texts_of(tenants))
    arrays["member.disabled"], arrays["member.class"] = disabled, classes
    facts["attributes"] = [msgspec.json.decode(text) for text in known]


def _people_only(table: pa.Table) -> list[str]:
    """The groups of whose members a list told all but service principals."""
    if not table.num_rows:
        return []
    told = pc.map_lookup(table.column("details").combine_chunks(), "members", "first")
    mask = pc.fill_null(pc.equal(told, "people"), False)
    found: list[str] = table.column("id").combine_chunks().filter(mask).to_pylist()
    return found


def _gone(trees: Trees, arrays: dict[str, Array]) -> Array:
    """The mask of those whom trees merely name, and who would be told if they still were of one of the tenants."""
    count = len(arrays["member.native"])
    if not trees.everybody_told:
        return np.zeros(count, np.bool_)

    def word(name: str, wanted: str) -> Array:
        codes = [code for code, one in enumerate(_texts(arrays, name)) if one == wanted]
        return np.isin(arrays[f"member.{name}"], codes)

    return np.asarray(word("native", NAMED) & ~word("directory", "foreign"))


def _texts(arrays: dict[str, Array], name: str) -> list[str]:
    return Texts(arrays[f"member.{name}.texts.starts"], arrays[f"member.{name}.texts.blob"]).all()


def _attributes(table: pa.Table, numbers: dict[str, int], classes: Array, known: dict[str, int]) -> None:
    """The class of those who have attributes: equal where all are; of nobody else it is known that they have none."""
    told = pc.greater(pc.list_value_length(table.column("tags").cast(pa.list_(_PAIR))), 0) if table.num_rows else None
    some = table.select(["id", "tags"]).filter(told) if told is not None else table.slice(0, 0)
    for id, tags in zip(some.column("id").to_pylist(), some.column("tags").to_pylist(), strict=True):
        found = {}
        for name, value in tags:
            if "/" in name:
                one = msgspec.json.decode(value)
                values = one if isinstance(one, list) else [one]
                found[attribute_key(*name.split("/", 1))] = [v for v in values if isinstance(v, str | int | bool)]
        if found:
            text = msgspec.json.encode(found, order="sorted").decode()
            classes[numbers[_keys([id])[0]]] = known.setdefault(text, len(known)) + 1


_PAIR = pa.struct([pa.field("key", pa.string(), nullable=False), pa.field("value", pa.string())])
