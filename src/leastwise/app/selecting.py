"""Whom selectors mean among those that can: those that are surely meant, and those among whom somebody may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cached_property, lru_cache

from leastwise.model.decision import Holder, Holders

from .asking import Asking
from .assertions import Selector
from .wiring import Workspace

_WIDE = ("everyone", "other_account")
"""Kinds that stand for many that no id names."""
_ALONE = ("service", "provider_service", "federated", "everyone", "other_account")
"""Kinds that nobody else's entry stands for."""
_SERVICES = ("service", "provider_service")


class Selecting:
    """Decides about the holders of answers of one estate."""

    def __init__(self, workspace: Workspace, asking: Asking) -> None:
        self._workspace, self._asking = workspace, asking
        self.used: set[str] = set()
        self._known: dict[tuple[object, ...], bool] = {}

    def whom(self, selectors: Sequence[Selector], resource: str | None) -> Whom:
        """The holders that some selectors mean, asked about a resource."""
        return Whom(self, selectors, resource)

    def covers(self, one: Selector, holder: Holder, resource: str | None) -> bool:
        """Whether a holder, whoever it stands for, is among those that a selector means.

        Who acts as a role, or by a group, that is meant, is meant: its chain names it.
        """
        if one.principal and not self._is(one.principal, holder):
            return False
        if one.account and not self._within(holder, {one.account}, set()):
            return False
        return self._common(one, holder, resource) and (not one.kind or holder.kind == one.kind)

    def touches(self, one: Selector, holder: Holder, resource: str | None) -> bool:
        """Whether a holder is, or may stand for, somebody that a selector means."""
        if holder.kind in _WIDE and holder.kind != one.kind and not one.estate and one.zone != "outside":
            # It stands for many: some of them may be meant, unless the condition or its account says otherwise.
            return self._may_stand_for(one, holder)
        return self.covers(one, holder, resource)

    def _may_stand_for(self, one: Selector, holder: Holder) -> bool:
        if one.public:
            return self._public(holder)
        if one.kind in _ALONE:
            return False
        confined = self._asking.access.confined(holder.residual)
        if one.account and holder.account:
            return holder.account == one.account
        if one.account and confined is not None and not confined.organizations:
            return one.account in confined.accounts
        if one.principal and holder.account:
            return holder.account in one.principal or _form(one.principal)(holder.principal)
        return True

    def _common(self, one: Selector, holder: Holder, resource: str | None) -> bool:
        if one.public and not self._public(holder):
            return False
        if one.estate and (one.estate == "inside") != holder.inside:
            return False
        if one.zone == "outside":
            return holder.kind not in _SERVICES and not self._trusted(holder, resource)
        return one.zone != "inside" or self._trusted(holder, resource)

    def _is(self, text: str, holder: Holder) -> bool:
        if any(sign in text for sign in "*?"):
            form = _form(text)
            return form(holder.principal) or any(form(link.id) for link in holder.chain)
        if holder.principal == text or any(link.id == text for link in holder.chain):
            return True
        return holder.inside and holder.name == text

    def _public(self, holder: Holder) -> bool:
        return holder.kind in _WIDE and not holder.account and self._asking.access.confined(holder.residual) is None

    def _within(self, holder: Holder, accounts: Collection[str], organizations: Collection[str]) -> bool:
        if holder.account:
            return holder.account in accounts or holder.account in organizations
        confined = self._asking.access.confined(holder.residual)
        if confined is None:
            return False
        return confined.accounts <= set(accounts) and confined.organizations <= set(organizations)

    def _trusted(self, holder: Holder, resource: str | None) -> bool:
        """Whether a holder is ours, or trusted for a resource by estate.yaml."""
        if holder.inside:
            return True
        confined = None if holder.account else self._asking.access.confined(holder.residual)
        key = (holder.kind == "federated", holder.account, confined, resource)
        if key not in self._known:
            accounts = {holder.account} if holder.account else confined.accounts if confined else frozenset()
            organizations = confined.organizations if confined else frozenset()
            self._known[key] = holder.kind != "federated" and self._ours(accounts, organizations, resource)
        return self._known[key]

    def _ours(self, accounts: Collection[str], organizations: Collection[str], resource: str | None) -> bool:
        """Whether every one of some accounts and organizations is trusted for a resource; no, where there is none."""
        import pyarrow as pa

        from .zone import into, trusted

        rows: list[tuple[str | None, list[str]]] = [(account, []) for account in sorted(accounts)] + [
            (None, [one]) for one in sorted(organizations)
        ]
        if not rows:
            self.used.add("zone_of_trust")
            return False
        table = pa.table(
            {
                "subject": pa.array([account or "" for account, _ in rows], pa.string()),
                "subject_kind": pa.array([""] * len(rows), pa.string()),
                "subject_account": pa.array([account for account, _ in rows], pa.string()),
                "principal": pa.array([resource or ""] * len(rows), pa.string()),
                "organizations": pa.array([within for _, within in rows], pa.list_(pa.string())),
            }
        )
        found = trusted(table, self._asking.file, self._estate, into(self.used))
        return all(one is True for one in found.to_pylist())

    @cached_property
    def _estate(self) -> tuple[set[str], set[str]]:
        """The accounts and organizations of the estate, those that could not be read included."""
        from .estate import OpenEstate

        accounts, organizations = OpenEstate(self._workspace, self._asking.estate, self._asking.file).ours()
        accounts |= {entry.scope.id for entry in self._asking.estate.entries if entry.scope.kind == "account"}
        return accounts, organizations


class Whom:
    """The holders that selectors mean.

    `names` are the ids and names of single principals among them. With `by_id` ids or names must be looked at to tell
    who is meant; without, one of many that are alike will do.
    """

    def __init__(self, selecting: Selecting, selectors: Sequence[Selector], resource: str | None) -> None:
        self._selecting, self._selectors, self._resource = selecting, selectors, resource
        self.names = frozenset(one.principal for one in selectors if one.named)
        self._others = [one for one in selectors if not one.named]
        self.by_id = any(one.principal for one in self._others) or any(":" not in name for name in self.names)

    def covers(self, holder: Holder) -> bool:
        """Whether a holder, whoever it stands for, is meant."""
        return any(self._selecting.covers(one, holder, self._resource) for one in self._selectors)

    def touches(self, holder: Holder) -> bool:
        """Whether a holder is, or may stand for, somebody that is meant."""
        return any(self._selecting.touches(one, holder, self._resource) for one in self._selectors)

    def covers_alike(self, holder: Holder) -> bool:
        """Whether a holder, and whoever differs from it by id and name only, is meant, not being named itself."""
        if any(link.id in self.names for link in holder.chain):
            return True
        return any(self._selecting.covers(one, holder, self._resource) for one in self._others)

    def named_in(self, holders: Holders) -> list[str]:
        """The ids among holders that are named."""
        return [name for name in self.names if holders.find(name) is not None]


@lru_cache(maxsize=1024)
def _form(pattern: str) -> Callable[[str], bool]:
    """A pattern of ids: `*` any characters, `?` one."""
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    found = re.compile(text, re.DOTALL)
    return lambda id: found.fullmatch(id) is not None
