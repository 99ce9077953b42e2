"""Which trees a source is: those it names, else the tenant that is signed in to."""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.errors import UsageError
from leastwise.model.scope import Scope
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently
from leastwise.providers.rest.session import Ask

from .asking import Asking
from .declaration import Root
from .source import GROUPS, SUBSCRIPTIONS, Source

_VERSION = "2020-01-01"


@dataclass(frozen=True, slots=True)
class Tree:
    """A scope, the id of its root (of a directory: the tenant's), and the directory that it is in (empty: not told)."""

    scope: Scope
    root: str
    kind: Root
    tenant: str = ""


def trees(source: Source, asking: Asking) -> list[Tree]:
    """The trees of a source.

    Raises:
        UsageError: nobody is signed in, or which directory it is cannot be found out.
    """
    try:
        tenant = _tenant(source, asking)
    except RestFailed as error:
        raise UsageError(f"source azure: {asking.signer.who()}: {error}") from None
    found = [_named(root, tenant) for root in dict.fromkeys(source.roots)]
    if not tenant and not found:
        raise UsageError("source azure: the credentials see several directories, or none; name one as tenant")
    if not found:
        found = [Tree(Scope("azure", "management_group", tenant), GROUPS + tenant, "tenant", tenant)]
    if tenant and any(one.place == "graph" for one in source.declared()):
        # Whoever is granted something is in the directory, whose provider tells who that is.
        found.insert(0, Tree(Scope("entra", "tenant", tenant), tenant, "directory", tenant))
    return found


def _named(root: str, tenant: str) -> Tree:
    if root.startswith(GROUPS):
        group = root.removeprefix(GROUPS)
        if group.lower() == tenant:
            return Tree(Scope("azure", "management_group", tenant), GROUPS + group, "tenant", tenant)
        return Tree(Scope("azure", "management_group", group), root, "management_group", tenant)
    return Tree(Scope("azure", "subscription", root.removeprefix(SUBSCRIPTIONS)), root, "subscription", tenant)


def _tenant(source: Source, asking: Asking) -> str:
    """The directory's id: as the token says, else the only one that is seen. Raises RestFailed."""
    told = patiently(lambda: asking.signer.token("arm")).claims.get("tid")
    if isinstance(told, str) and told:
        return told.lower()
    ask = Ask("GET", f"{source.address('arm')}/tenants", {"api-version": _VERSION})
    content = patiently(lambda: asking.made("arm", ask)).content
    listed = content.get("value") if isinstance(content, dict) else None
    seen = [one for one in listed or () if isinstance(one, dict) and one.get("tenantId")]
    wanted = source.tenant.lower()
    if wanted:
        seen = [
            one for one in seen
            if wanted in (str(one["tenantId"]).lower(), str(one.get("defaultDomain", "")).lower(),
                          *(str(name).lower() for name in one.get("domains") or ()))
        ]  # fmt: skip
    return str(seen[0]["tenantId"]).lower() if len(seen) == 1 else ""


def around(root: str) -> dict[str, str]:
    """What calls about a root can name: its id, and the name that ends it."""
    return {"root": root, "name": root.rpartition("/")[2]}
