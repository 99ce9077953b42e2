"""Trusts tried: who gets in by each, of those who should not, and of whom one wants to know; see decision 0039."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import arrow_schema
from leastwise.model.decision import RANK
from leastwise.model.federation import OIDC, Door, Entered, Token
from leastwise.model.tables import TRIES_VIEW
from leastwise.rules.issuers import KEEP, Issuer, Named, Try

from .each import each_of
from .estate import OpenEstate
from .federation import Federated, issuer_of


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one subject at one door.

    Args:
        door: which one.
        provider: whose it is.
        issuer: whose subjects it takes.
        what: which try.
        token: what was shown.
        named: the subject, pattern or claims of the trust that it was made from.
        entered: whom the bearer was then; nobody where it was refused.
    """

    door: Door
    provider: str
    issuer: Issuer
    what: Try
    token: Token
    named: str
    entered: tuple[Entered, ...]


def tries(federated: Federated) -> Iterator[Tried]:
    """Every door of an issuer that is known, with the subjects that are tried at it."""
    for door, provider in zip(federated.doors, federated.providers, strict=True):
        known = issuer_of(door.issuer) if door.form == OIDC else None
        if known is None:
            continue
        seen: dict[tuple[str, str], None] = {}
        for said, named in _named(known, door):
            for what in known.tries:
                if not set(what.needs) <= named.named.keys():
                    continue
                token = token_of(known, door, named, what)
                key = (what.id, repr(token))
                if key not in seen:
                    seen[key] = None
                    yield Tried(door, provider, known, what, token, said, tuple(door.tries(token)))


def _named(known: Issuer, door: Door) -> Iterator[tuple[str, Named]]:
    """What a door names, taken apart; a stranger where it names nobody."""
    for subject in door.subjects:
        if subject.partition("=")[0] in known.claims:
            claim, _, value = subject.partition("=")
            yield subject, known.of_claims({claim: value})
        else:
            yield subject, known.taken_apart(subject)
    for claims in door.named:
        yield ", ".join(f"{name}={value}" for name, value in sorted(claims.items())), known.of_claims(claims)
    if not door.subjects and not door.named:
        yield "", known.taken_apart("*")


def token_of(known: Issuer, door: Door, named: Named, what: Try) -> Token:
    """The token of a try: the subject that a door names, with what the try changes."""
    parts = dict(named.parts)
    for name, text in what.parts.items():
        parts[name] = known.subject(text, named.parts)
    parts = {name: value for name, value in parts.items() if name not in what.without}
    form = named.form if what.form == KEEP else what.form
    claims = known.claims_of(parts)
    chosen = frozenset({"aud"}) if "aud" not in what.without else frozenset[str]()
    token = Token(OIDC, f"https://{door.issuer}", known.subject(form, parts), claims, chosen)
    return token.with_claims({"aud": (what.audience,)}) if what.audience else token


def tries_of(estate: OpenEstate) -> list[Tried]:
    """The tries of an estate; none where nothing in it trusts an issuer that is known."""
    if not _any(estate):
        return []
    askings = each_of(estate.workspace, estate.estate, estate.file)
    return list(tries(Federated(estate.workspace, askings)))


def _any(estate: OpenEstate) -> bool:
    """Whether some trust is in an issuer that is known; only then is the estate compiled."""
    trusts = estate.facts("trusts", ("subject_kind", "subject"))
    subjects = trusts.filter(pc.equal(trusts["subject_kind"], OIDC))["subject"].unique().to_pylist()
    return any(issuer_of(one.partition(":oidc-provider/")[2] or one) is not None for one in subjects)


def tries_view(estate: OpenEstate, found: list[Tried]) -> pa.Table:
    """The table `tries_view`: who got in of those who were tried, whom he was then, and whom that concerns."""
    names = _names(estate)
    rows = [_row(one, entered, names) for one in found for entered in one.entered]
    return pa.Table.from_pylist(rows, schema=arrow_schema(TRIES_VIEW))


def _names(estate: OpenEstate) -> Mapping[str, str]:
    principals = estate.facts("principals", ("id", "name"))
    return dict(zip(principals["id"].to_pylist(), principals["name"].to_pylist(), strict=True))


def _row(one: Tried, entered: Entered, names: Mapping[str, str]) -> dict[str, Any]:
    pool = entered.target == one.door.id and one.door.id.endswith("/*")
    return {
        "provider": one.provider, "account": one.door.account, "principal": entered.target,
        "principal_name": names.get(entered.target) or entered.target, "what": "pool" if pool else "identity",
        "issuer": one.door.issuer, "issuer_name": one.issuer.title, "shared": one.issuer.shared, "tried": one.what.id,
        "title": one.what.title, "subject": one.token.subject, "names": one.named, "state": str(entered.state),
    }  # fmt: skip


def try_values(one: Tried) -> dict[str, Any]:
    """A try as `trusts --tried` lists it."""
    best = min((entered.state for entered in one.entered), key=RANK.__getitem__, default=None)
    return {
        "provider": one.provider, "account": one.door.account, "principal": one.door.id, "issuer": one.door.issuer,
        "names": one.named, "tried": one.what.id, "title": one.what.title, "subject": one.token.subject,
        "state": "DENIED" if best is None else str(best), "becomes": [entered.target for entered in one.entered],
        "missing": sorted({text for entered in one.entered for text in entered.missing}),
    }  # fmt: skip
