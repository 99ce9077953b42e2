"""What records have in common: when, in whose tenant, by which id."""

from __future__ import annotations

import hashlib
import re

from leastwise.providers.logs.nested import Object
from leastwise.providers.logs.tabular import word
from leastwise.providers.logs.wrapped import UnreadableRecordError

from .forms import time_of

_TENANT = re.compile(r"/tenants/([^/]+)", re.IGNORECASE)
_ISSUER = re.compile(r"https://sts\.windows\.net/([^/]+)/?", re.IGNORECASE)


def when(*places: tuple[Object, tuple[str, ...]]) -> int:
    """When it was, by the first field that tells. Raises UnreadableRecordError."""
    for place, names in places:
        found = time_of(place, *names)
        if found is not None:
            return found
    told = next((text for place, names in places for name in names if (text := word(place, name))), "")
    raise UnreadableRecordError(f"time {told[:40]!r} is no time" if told else "has no time")


def tenant_of(inner: Object, outer: Object) -> str:
    """The tenant whose directory it is; empty where the form does not tell."""
    for place in (inner, outer):
        for name in ("aadtenantid", "resourcetenantid", "organizationid"):
            if text := word(place, name):
                return text.lower()
    found = _TENANT.match(word(outer, "resourceid") or word(inner, "resourceid"))
    if found is not None:
        return found[1].lower()
    # A workspace calls itself by this name: there the directory has one of its own.
    workspace = "timegenerated" in inner and "type" in inner
    text = word(outer, "tenantid") or ("" if workspace else word(inner, "tenantid"))
    return text.lower()


def issuer_of(text: str) -> str:
    """The tenant of an issuer of tokens, or empty."""
    found = _ISSUER.fullmatch(text.strip())
    return found[1].lower() if found is not None else ""


def made_id(*told: object) -> str:
    """An id made of what every form of a record tells."""
    text = "\x1f".join(str(one) for one in told)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
