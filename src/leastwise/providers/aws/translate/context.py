"""What the translators of one scope share: facts that arrive in any order and are joined at the end."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.errors import InputError
from leastwise.model.scope import Collected, RawDocument
from leastwise.providers.rows import Facts

from .details import JOINED, write_entities
from .documents import Documents
from .entities import Batch, Entities, without_repeats
from .federation import Federation
from .joins import join_agents, join_devices, join_functions, join_rules, resolve_users
from .managed import fill_managed
from .names import Names
from .partition import partition_of
from .resources import Resources
from .sign_in import SignIn

if TYPE_CHECKING:
    from .organization import Tree

_NAMED = 5


class Join(Protocol):
    """Facts of several answers that become rows when all of them are read."""

    def join(self, context: Context) -> None:
        """Add the rows."""


J = TypeVar("J", bound=Join)


class Context:
    """Tables under construction, and joins by principal that `finish` applies."""

    def __init__(self, collected: Collected) -> None:
        self.collected = collected
        self.account, self.partition = collected.scope.id, partition_of(collected)
        self.root = self.arn("iam", "root")
        self.facts, self.documents = Facts(), Documents(sum(len(one.body) for one in collected.documents))
        self.resources = Resources(self.account)
        self.principals: dict[str, dict[str, Any]] = {}
        self.credentials: dict[str, dict[str, Any]] = {}
        self.tree: Tree | None = None
        self.things: Names[str] = Names()
        self.thing_principals: list[tuple[str, str, str, str]] = []
        self.certificates: dict[str, dict[str, Any]] = {}
        self.device_policies: list[tuple[str, str, str, str]] = []
        self.iot_policies: Names[tuple[str, int]] = Names()
        self.agents: dict[str, str] = {}
        self.agent_tools: list[tuple[str, str, str, str]] = []
        self.report_rows: dict[str, tuple[str, dict[str, str]]] = {}
        self.rules: Names[str] = Names()
        self.rule_targets: list[tuple[str, str, str, str | None, str]] = []
        self.function_policies: list[tuple[str, str, str | None, str]] = []
        self.sign_in, self.federation = SignIn(), Federation(self)
        self.users_by_name = False
        self._batches: list[Batch] = []
        self._hints: dict[str, dict[str, Any]] = {}
        self._lost: dict[tuple[str, str, str, str], list[str]] = {}
        self._joins: dict[type[Join], Join] = {}
        self._links: set[tuple[str, str, str]] = set()

    def close(self) -> None:
        """Lets go of everything. Its parts refer to it, and would wait for a collector that imports switch off."""
        vars(self).clear()

    def joined(self, kind: type[J]) -> J:
        """What translators gather in one of a kind until everything is read; `finish` then calls its `join`."""
        found = self._joins.setdefault(kind, kind())
        assert isinstance(found, kind)
        return found

    def arn(self, service: str, resource: str, region: str = "", account: str | None = None) -> str:
        """An ARN of this account, in its partition."""
        return f"arn:{self.partition}:{service}:{region}:{self.account if account is None else account}:{resource}"

    def entities(self, file: str, found: Entities, second: bool = False, time: datetime | None = None) -> None:
        """Users, groups, roles and policies in the shape of account authorization details, told at a time.

        Those of a `second` source give way to the same ones of another that is not older.
        """
        self._batches.append(Batch(file, found, second=second, time=time))

    def details(self, document: RawDocument) -> None:
        """Account authorization details. Raises InputError naming the place that is not as documented."""
        self._batches.append(Batch.of(document))

    def principal(self, id: str, source: str, **values: Any) -> None:
        """Facts of a principal; joined to the row of the same id, or a row of its own if there is none."""
        row = self.principals.setdefault(id, {"id": id, "source": source})
        row.update({key: value for key, value in values.items() if value is not None})

    def hint(self, id: str, **values: Any) -> None:
        """Facts of a principal that only complete it: alone they do not tell that there is one."""
        self._hints.setdefault(id, {}).update({key: value for key, value in values.items() if value is not None})

    def credential(self, id: str, principal: str, kind: str, source: str, **values: Any) -> None:
        """A credential; facts given twice for one id and holder are joined."""
        row = self.credentials.setdefault(
            f"{id}\x1f{principal}",
            {"id": id, "account": self.account, "principal": principal, "kind": kind, "source": source},
        )
        row.update({key: value for key, value in values.items() if value is not None})

    def left_out(self, file: str) -> None:
        """A file that no rule of translation reads."""
        self.facts.coverage.add(
            service="import", call=file, status="unsupported", detail="not a file that Leastwise knows; left out",
            affects="its content",
        )  # fmt: skip

    def lost(self, service: str, call: str, why: str, what: str, affects: str) -> None:
        """Something that could not be joined; told in the coverage, once for everything that is lost alike."""
        self._lost.setdefault((service, call, why, affects), []).append(what)

    def user_arn(self, name: str) -> str:
        """A user known by name only; `joins.resolve_users` puts the ARN in its place."""
        self.users_by_name = True
        return f"user:{name}"

    def link(self, subject: str, object: str, kind: str, source: str) -> None:
        """One thing acts as, through or with another (table runs_as); told twice it is still one."""
        if (subject, object, kind) in self._links:
            return
        self._links.add((subject, object, kind))
        self.facts.runs_as.add(subject=subject, object=object, kind=kind, account=self.account, source=source)

    def finish(self, repeated: bool) -> Facts:
        """Apply the joins and return the tables; entities that stand twice are compared if `repeated`.

        Raises:
            RepeatedError: not `repeated`, but an entity stands twice.
            InputError: one id with two contents.
        """
        batches = without_repeats(self._batches) if repeated else self._batches
        write_entities(self.facts, self.documents, self.account, self.partition, self.federation.dead, batches)
        if self.tree is not None:
            self.tree.write(self)
        self.sign_in.join(self, resolve_users(self))
        join_devices(self)
        join_agents(self)
        join_rules(self)
        join_functions(self)
        while self._joins:  # a join may leave work to another
            joins, self._joins = self._joins, {}
            for one in joins.values():
                one.join(self)
        for row in self.credentials.values():
            self.facts.credentials.add(**row)
        self._join_principals()
        if self.collected.scope.kind == "account":
            self._root()
        self._subjects()
        self.resources.write(self.facts, self.documents)
        fill_managed(self.facts, self.documents)
        self._coverage()
        tables = self.facts.tables
        tables["documents"], tables["statements"] = self.documents.document_rows(), self.documents.statement_rows()
        self._unique()
        return self.facts

    def _coverage(self) -> None:
        """What translation found missing, then what the collection told, without what an earlier one had found."""
        rows = self.facts.coverage
        for (service, call, why, affects), names in self._lost.items():
            distinct = list(dict.fromkeys(names))
            more = len(distinct) - _NAMED
            some = ", ".join(distinct[:_NAMED]) + (f" and {more} more" if more > 0 else "")
            rows.add(
                service="import", call=f"{service} {call}", status="failed", detail=f"{why}: {some}", affects=affects
            )
        found = set(zip(rows.columns["service"], rows.columns["call"], rows.columns["status"], strict=True))
        for gap in self.collected.coverage:
            if (gap.service, gap.call, str(gap.status)) not in found:
                rows.add(
                    service=gap.service, call=gap.call, status=str(gap.status), detail=gap.detail, affects=gap.affects
                )

    def _join_principals(self) -> None:
        columns = self.facts.principals.columns
        some = self.principals or self._hints
        at = {id: index for index, id in enumerate(self.facts.principals.values("id"))} if some else {}
        for id, values in self._hints.items():
            if id in self.principals or id in at:
                self.principal(id, "", **values)
        for id, values in self.principals.items():
            index = at.get(id)
            if index is None:
                native = "root" if id == self.root else "user"
                usual = {"kind": "root" if id == self.root else "human", "name": "root" if id == self.root else id}
                given = {key: value for key, value in values.items() if value is not None}
                self.facts.principals.add(**{"account": self.account, "path": "/", "native": native} | usual | given)
                if given.get("native", native) == "user":
                    # Only how it signs in is known: none of its policies was read.
                    self.facts.attachments.add(
                        account=self.account, layer="identity", kind="unread", target=id,
                        policy="policies and groups", source=str(given["source"]),
                    )  # fmt: skip
                continue
            for name in JOINED:
                if name in values:
                    columns[name][index] = values[name]
        if False not in columns["console"]:
            return
        for index, (kind, native, console) in enumerate(
            zip(columns["kind"], columns["native"], columns["console"], strict=True)
        ):
            if native == "user" and kind == "human" and console is False and not columns["mfa"][index]:
                columns["kind"][index] = "workload"

    def _root(self) -> None:
        """Every account has a root user, also where no export lists it."""
        if self.root not in self.principals:
            self.facts.principals.add(
                id=self.root, account=self.account, kind="root", name="root", path="/", native="root",
                source=f"implied by account {self.account}",
            )  # fmt: skip

    def _subjects(self) -> None:
        """AWS services, and identities elsewhere, that trust policies name."""
        named = [
            (kind, subject, account, self.arn("iam", "root", account=subject) if kind == "account" else subject)
            for kind, subject, account in self.facts.subjects
        ]
        # Few are named: there is no need to put all principals into a set.
        asked = {one for _, subject, _, id in named for one in (subject, id)}
        ids = self.facts.principals.column("id")
        known = set(ids.filter(pc.is_in(ids, pa.array(asked, pa.string()))).to_pylist())
        for kind, subject, account, id in named:
            if subject in known or (account == self.account and kind in ("account", "principal")):
                continue
            if account == self.account and kind in ("oidc", "saml"):
                self.federation.named(kind, subject)
            elif kind == "service":
                self._outside(subject, "provider_service", "service", "aws")
            elif kind != "canonical" and id not in known:
                self._outside(id, "external", kind, account or "")

    def _outside(self, id: str, kind: str, native: str, account: str) -> None:
        self.facts.principals.add(
            id=id, account=account, kind=kind, name=id.rpartition("/")[2], path="/", native=native,
            source="named by trust policies",
        )  # fmt: skip

    def _unique(self) -> None:
        ids, rows = self.facts.principals.column("id"), self.facts.principals
        if pc.count_distinct(ids).as_py() == len(ids):
            return
        first: dict[str, str] = {}
        for id, source in zip(rows.values("id"), rows.values("source"), strict=True):
            other = first.setdefault(id, source)
            if other != source:
                raise InputError(source, f"{id} is also in {other}; one principal cannot stand twice in an account")
