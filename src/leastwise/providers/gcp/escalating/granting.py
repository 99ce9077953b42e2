"""One tree being given bindings: of policies that are shared by content, each gets a copy of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from leastwise.engine.columns import plain, with_rows
from leastwise.model.tables import BY_NAME
from leastwise.providers.rows import Rows

from ..language.members import Member, parse_member
from ..translate.policies import ALLOW_POLICY

_ROLES = ("basic_role", "predefined_role", "custom_role")
_MORE = ("principals", "resources", "policies", "attachments", "memberships", "coverage")


@dataclass(frozen=True, slots=True)
class Grant:
    """A binding that is added; `condition` as the tables have it."""

    role: str
    members: tuple[str, ...]
    condition: str | None = None

    def body(self) -> dict[str, Any]:
        """As a policy says it."""
        told = {"condition": msgspec.json.decode(self.condition)} if self.condition else {}
        return {"role": self.role, "members": list(self.members), **told}


class Granting:
    """Adds to the tables of one tree.

    Args:
        tables: as they were read; those that are looked at are written out here.
    """

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = {name: plain(table) for name, table in tables.items()}
        self._grants: dict[str, list[Grant]] = defaultdict(list)
        self._rows = {name: Rows(BY_NAME[name]) for name in _MORE}
        self._documents, self._statements = Rows(BY_NAME["documents"]), Rows(BY_NAME["statements"])
        self._first = self._tables["documents"].num_rows
        self._accounts: dict[str, str] = {}
        self._spared: dict[str, list[str]] = defaultdict(list)
        self._mirrored: dict[Member, list[str]] = defaultdict(list)

    def column(self, table: str, column: str) -> list[Any]:
        """A column of a table; empty where the table is not there."""
        found: list[Any] = self._tables[table][column].to_pylist() if table in self._tables else []
        return found

    def rows(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Some columns of a table, row by row."""
        return zip(*(self.column(table, one) for one in columns), strict=True)

    def texts(self) -> pa.ChunkedArray:
        """The texts of documents, by row."""
        return self._tables["documents"]["text"]

    def permissions(self) -> Iterator[str]:
        """The permissions of the roles that were read."""
        texts = self.texts()
        for kind, document in self.rows("policies", "kind", "document"):
            if kind in _ROLES and document is not None:
                told = msgspec.json.decode(texts[document].as_py()).get("includedPermissions")
                yield from told if isinstance(told, list) else ()

    @cached_property
    def _policies(self) -> frozenset[str]:
        """What has an allow policy that was read."""
        unsupported = self.column("documents", "unsupported")
        found = self.rows("attachments", "layer", "target", "document")
        return frozenset(
            target for layer, target, document in found
            if layer == "allow" and document is not None and unsupported[document] is None
        )  # fmt: skip

    def has_policy(self, target: str) -> bool:
        """Whether an allow policy of a container or resource was read."""
        return target in self._policies

    @cached_property
    def _without(self) -> frozenset[str]:
        return frozenset(id for id, known in self.rows("resources", "id", "policy_known") if known is True)

    def has_none(self, resource: str) -> bool:
        """Whether it is known that a resource which has no policy has none."""
        return resource in self._without

    def spare(self, target: str, member: str) -> None:
        """Except somebody from all rules of the deny policies of a container."""
        self._spared[target].append(member)

    def mirror(self, member: Member, other: str) -> None:
        """Name somebody wherever deny policies name a member."""
        self._mirrored[member].append(other)

    def add(self, table: str, **values: Any) -> None:
        """One more row of a table."""
        self._rows[table].add(**values)

    def grant(self, target: str, account: str, grant: Grant) -> None:
        """A binding on a container or resource; `account` of what had no policy before."""
        self._grants[target].append(grant)
        self._accounts.setdefault(target, account)

    def role(self, name: str, permissions: Sequence[str]) -> None:
        """A role that holds some permissions."""
        body = {"name": name, "stage": "GA", "deleted": False, "includedPermissions": list(permissions)}
        self.add("policies", source="shadow", id=name, kind="predefined_role", name=name, document=self._document(body))

    def _document(self, body: Mapping[str, Any]) -> int:
        self._documents.add(text=msgspec.json.encode(body), hash=f"shadow-{self._documents.count}")
        return int(self._first + self._documents.count - 1)

    def tables(self) -> Mapping[str, pa.Table]:
        """The tables with what was added."""
        moved = self._moved()
        found = dict(self._tables)
        found["statements"] = self._copied(moved)
        if self._statements.count:
            found["statements"] = with_rows(found["statements"], self._statements.to_table())
        if self._documents.count:
            found["documents"] = with_rows(found["documents"], self._documents.to_table())
        for name, rows in self._rows.items():
            if rows.count:
                found[name] = with_rows(found[name], rows.to_table())
        return found

    def _moved(self) -> list[tuple[int, int]]:
        """The documents that targets have instead of their own: which was copied, and to which."""
        attachments = self._tables["attachments"]
        documents, texts = attachments["document"].to_pylist(), self._tables["documents"]["text"]
        layers, targets = attachments["layer"].to_pylist(), attachments["target"].to_pylist()
        moved, left = [], dict(self._grants)
        for row, (layer, target) in enumerate(zip(layers, targets, strict=True)):
            if layer == "deny" and (self._mirrored or target in self._spared) and documents[row] is not None:
                documents[row] = self._sparing(msgspec.json.decode(texts[documents[row]].as_py()), target)
            if layer != "allow" or target not in left or documents[row] is None:
                continue
            body = msgspec.json.decode(texts[documents[row]].as_py())
            moved.append((documents[row], self._more(body, left.pop(target))))
            documents[row] = moved[-1][1]
        for target, grants in left.items():
            self._rows["attachments"].add(
                account=self._accounts[target], layer="allow", kind="allow_policy", target=target, policy=ALLOW_POLICY,
                document=self._more({"version": 3}, grants), source="shadow",
            )  # fmt: skip
        place = attachments.schema.get_field_index("document")
        column = pa.array(documents, attachments.schema.field(place).type)
        self._tables["attachments"] = attachments.set_column(place, attachments.schema.field(place), column)
        return moved

    def _sparing(self, body: Mapping[str, Any], target: str) -> int:
        """A deny policy whose rules except some, and name others beside those whom they name."""
        rules = []
        for one in body.get("rules") or ():
            rule = one.get("denyRule", one.get("deny_rule"))
            denied = self._beside(rule.get("deniedPrincipals") or rule.get("denied_principals") or ())
            excepted = self._beside(rule.get("exceptionPrincipals") or rule.get("exception_principals") or ())
            excepted += dict.fromkeys(self._spared.get(target, ()))
            rules.append({"denyRule": {**rule, "deniedPrincipals": denied, "exceptionPrincipals": excepted}})
        return self._document({**body, "rules": rules} if "rules" in body else body)

    def _beside(self, names: Sequence[str]) -> list[str]:
        others = (one for name in names for one in self._mirrored.get(parse_member(name), ()))
        return [*names, *others] if self._mirrored else list(names)

    def _more(self, body: Mapping[str, Any], grants: Sequence[Grant]) -> int:
        """A policy with more bindings."""
        before = body.get("bindings") or []
        number = self._document({**body, "version": 3, "bindings": [*before, *(one.body() for one in grants)]})
        for position, one in enumerate(grants, len(before)):
            members = [parse_member(each).text for each in one.members]
            self._statements.add(
                document=number, position=position, effect="Allow", actions=[one.role], principals=members,
                condition=one.condition,
            )  # fmt: skip
        return number

    def _copied(self, moved: Sequence[tuple[int, int]]) -> pa.Table:
        """The statements, those of copied documents twice."""
        table = self._tables["statements"]
        if not moved:
            return table
        own = table["document"].to_numpy()
        order = np.argsort(own, kind="stable")
        old, new = np.array(moved, np.int64).T
        begin, end = (np.searchsorted(own[order], old, side) for side in ("left", "right"))
        counts = end - begin
        places = np.repeat(begin - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
        copies = table.take(pa.array(order[places]))
        field = table.schema.field("document")
        numbered = pa.array(np.repeat(new, counts), field.type)
        return pa.concat_tables([table, copies.set_column(table.schema.get_field_index("document"), field, numbered)])
