"""Which directory a source is."""

from __future__ import annotations

import re

from leastwise.errors import UsageError
from leastwise.model.scope import Scope
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.patient import patiently
from leastwise.providers.rest.session import Ask

from .asking import Asking
from .source import Source

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def tenant(source: Source, asking: Asking) -> Scope:
    """The directory that is signed in to.

    Raises:
        UsageError: nobody is signed in, it cannot be found out, or it is another than the one that is named.
    """
    try:
        found = _told(source, asking)
    except RestFailed as error:
        raise UsageError(f"source entra: {asking.signer.who()}: {error}") from None
    if not found:
        raise UsageError("source entra: neither the token nor Graph tells which directory this is")
    if _GUID.fullmatch(source.tenant) and source.tenant.lower() != found:
        raise UsageError(f"source entra: tenant: signed in to {found}, not to {source.tenant}")
    return Scope("entra", "tenant", found)


def _told(source: Source, asking: Asking) -> str:
    """The directory's id: as the token says, else as Graph does. Raises RestFailed."""
    told = patiently(lambda: asking.signer.token("graph")).claims.get("tid")
    if isinstance(told, str) and told:
        return told.lower()
    content = patiently(lambda: asking.made("graph", probe(source))).content
    listed = content.get("value") if isinstance(content, dict) else None
    ids = [str(one["id"]).lower() for one in listed or () if isinstance(one, dict) and one.get("id")]
    return ids[0] if len(ids) == 1 else ""


def probe(source: Source) -> Ask:
    """A request that is always answered: what the directory is called."""
    return Ask("GET", f"{source.address('graph')}/v1.0/organization", {"$select": "id"})
