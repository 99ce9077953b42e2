"""Policies that lie on a resource or scope and say for whom: members, bundles, places; groups expanded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from leastwise.engine.columns import coded, encoded

from .columns import Bools, Ints, distinct_pairs, flags, ints, join, lookup, says, take, text, unlist
from .edges import Reach, kinds_of
from .facts import BINDING, Facts

_UNKNOWN = "unknown_role"


@dataclass(frozen=True, slots=True)
class Held:
    """A statement that names somebody: rows of statements, of attachments and of principals, and the group between.

    `via` is the row of the group that the statement names, -1 where it names the principal itself.
    """

    statement: Ints
    attachment: Ints
    principal: Ints
    via: Ints


def held(facts: Facts, column: str, *layers: str) -> Held:
    """Whom the statements of documents in these layers name in a column, members of groups and of their groups too.

    Where an attachment is a direct one, groups in groups stand for nobody.
    """
    attached = np.flatnonzero(says(facts.attachments["layer"], *layers))
    statement, names = unlist(facts.statements[column])
    rows = lookup(names, facts.principals["id"])
    owner, place = join(ints(facts.statements["document"])[statement], ints(facts.attachments["document"])[attached])
    statement, attachment, rows = statement[owner], attached[place], rows[owner]
    kept = rows >= 0
    statement, attachment, rows = statement[kept], attachment[kept], rows[kept]
    origin, member = members_below(facts, rows, flags(facts.attachments["direct"])[attachment])
    edge = np.concatenate([np.arange(len(rows), dtype=np.int64), origin])
    via = np.concatenate([np.full(len(rows), -1, dtype=np.int64), rows[origin]])
    return Held(statement[edge], attachment[edge], np.concatenate([rows, member]), via)


def members_below(facts: Facts, rows: Ints, direct: Bools) -> tuple[Ints, Ints]:
    """For each of the principals, who is in it however deep: (position in `rows`, row of the member), each pair once.

    A group that is in itself, by whatever way, ends there; one of a `direct` row has its own members and no others.
    """
    groups, members = facts.group, facts.member
    within = (groups >= 0) & (members >= 0) & ~says(facts.memberships["kind"], "administrative_unit")
    groups, members = groups[within], members[within]
    origin, at = np.arange(len(rows), dtype=np.int64), rows
    width = max(facts.principals.num_rows, 1)
    seen = np.unique(origin * width + at)
    found: list[tuple[Ints, Ints]] = []
    while len(at):
        owner, place = join(at, groups)
        origin, at = distinct_pairs(origin[owner], members[place])
        fresh = ~np.isin(origin * width + at, seen)
        origin, at = origin[fresh], at[fresh]
        seen = np.union1d(seen, origin * width + at)
        found.append((origin, at))
        deeper = ~direct[origin]
        origin, at = origin[deeper], at[deeper]
    if not found:
        return rows[:0], rows[:0]
    return np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found])


def bound(facts: Facts) -> Reach:
    """One row per member, bundle and place; of rules that take away, per member, policy and place."""
    who = held(facts, "principals", *BINDING)
    order = np.lexsort((who.via, who.statement, who.attachment))
    order = order[_once(facts, who, order)]
    statement, attachment = who.statement[order], who.attachment[order]
    principal, via = who.principal[order], who.via[order]
    attachments, principals, policies = facts.attachments, facts.principals, facts.policies
    layer = take(attachments["layer"], attachment)
    denying = says(layer, "deny")
    bundle = _bundles(facts)[statement]
    policy = lookup(pc.if_else(pc.less(bundle, 0), "", text(take(_names(facts), bundle))), policies["id"])
    kinds = pc.fill_null(text(take(policies["kind"], policy)), _UNKNOWN)
    documents = np.append(ints(policies["document"]), -1)[policy]
    return Reach(
        principal=np.where(says(take(principals["kind"], principal), "deleted"), -1, principal),
        target=take(principals["id"], principal),
        target_kind=kinds_of(facts, principal, {}),
        account=take(attachments["account"], attachment),
        via=encoded(pc.fill_null(text(take(principals["id"], via)), "")),
        layer=encoded(text(layer)),
        kind=encoded(pc.if_else(_mask(denying), text(take(attachments["kind"], attachment)), kinds)),
        policy=encoded(pc.if_else(_mask(denying), text(take(attachments["policy"], attachment)),
                                  text(take(_names(facts), bundle)))),
        document=np.where(denying, ints(attachments["document"])[attachment], documents),
        source=take(attachments["source"], attachment),
        resource=encoded(text(take(attachments["target"], attachment))),
        wide=lookup(take(attachments["target"], attachment), facts.scopes["id"]) >= 0,
        conditioned=flags(pc.is_valid(take(facts.statements["condition"], statement))),
        attachment=attachment,
    )  # fmt: skip


def _once(facts: Facts, who: Held, order: Ints) -> Bools:
    """All rows, but of a rule that takes away one for each that it is for: its statements are told together."""
    denying = says(facts.attachments["layer"], "deny")[who.attachment[order]]
    keys = np.stack([who.attachment[order], who.principal[order], who.via[order]], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    result = ~denying
    result[first] = True
    return result


def _mask(rows: Bools) -> object:
    return coded(np.where(rows, 0, -1), ["x"]).is_valid()


def _names(facts: Facts) -> object:
    """Every text that statements name in `actions`, one after another."""
    return unlist(facts.statements["actions"])[1]


def _bundles(facts: Facts) -> Ints:
    """For each statement the position of the first text in its `actions`; -1 where there is none."""
    owner, _ = unlist(facts.statements["actions"])
    first = np.full(facts.statements.num_rows, -1, dtype=np.int64)
    rows, at = np.unique(owner, return_index=True)
    first[rows] = at
    return first


def denied(facts: Facts, edges: Reach) -> Bools:
    """Which of the rows a rule stands against that denies what makes an administrator, for their principal and place.

    A rule for everyone is one for each who is not excepted. A rule on a scope takes something from what is granted on
    it, above it or below it.
    """
    result = np.zeros(len(edges.principal), dtype=np.bool_)
    rules = held(facts, "principals", "deny")
    admin = np.append(flags(facts.documents["denies_admin"]), False)
    kept = admin[ints(facts.attachments["document"])[rules.attachment]]
    if not kept.any():
        return result
    excepted = held(facts, "not_principals", "deny")
    everyone = says(facts.principals["native"], "everyone")
    scopes = _Scopes(facts)
    targets = text(facts.attachments["target"])
    places = text(edges.resource)
    for attachment, statement in sorted(set(zip(rules.attachment[kept], rules.statement[kept], strict=True))):
        mine = (rules.attachment == attachment) & (rules.statement == statement)
        named = np.zeros(facts.principals.num_rows + 1, dtype=np.bool_)
        named[rules.principal[mine]] = True
        if everyone[rules.principal[mine]].any():
            named[:-1] = True
        out = (excepted.attachment == attachment) & (excepted.statement == statement)
        named[excepted.principal[out]] = False
        result |= named[edges.principal] & says(places, *scopes.near(targets[int(attachment)].as_py()))
    return result


class _Scopes:
    """The scopes above and below each."""

    def __init__(self, facts: Facts) -> None:
        ids, above = text(facts.scopes["id"]).to_pylist(), text(facts.scopes["parent"]).to_pylist()
        self._above = dict(zip(ids, above, strict=True))

    def near(self, id: str) -> list[str]:
        """The scope, those above it, and those below it."""
        return [*self._path(id), *(one for one in self._above if one != id and id in self._path(one))]

    def _path(self, id: str) -> list[str]:
        found: list[str] = []
        at: str | None = id
        while at is not None and at not in found:
            found.append(at)
            at = self._above.get(at)
        return found
