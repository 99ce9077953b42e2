"""Tokens that principals present elsewhere, and the doors that tokens open; see decision 0039."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .decision import State

OIDC, SAML, SIGNED, DIRECTORY = "oidc", "saml", "signed", "directory"
"""Forms of a token: of OpenID Connect, an assertion, a request that its bearer signed, a sign-in by a directory."""
ROLES, ANY = "roles", "*"
"""The claim of an assertion that names what its issuer hands out, each as the door wants it named."""
BETWEEN = "|"
"""Between issuer and subject of somebody who is of no provider."""


@dataclass(frozen=True, slots=True)
class Token:
    """What somebody presents.

    Args:
        form: see `OIDC` and the others.
        issuer: as the token has it; of a signed request the account.
        subject: whom it names.
        claims: further claims and their values; a list has several.
        chosen: claims whose values the bearer can choose.
        whole: claims that are not told are absent; else they are not known.
    """

    form: str
    issuer: str
    subject: str
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()
    whole: bool = True

    def with_claims(self, more: Mapping[str, tuple[str, ...]]) -> Token:
        """The same with other values of some claims."""
        return replace(self, claims={**self.claims, **more}, chosen=self.chosen - more.keys())


@dataclass(frozen=True, slots=True)
class Bearer:
    """A principal with a token that it can present.

    Args:
        principal: its id, as the graph has it.
        token: what it presents.
        doubt: why it may not get that token; empty where it surely does.
    """

    principal: str
    token: Token
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """Whom the bearer of a token is behind a door.

    Args:
        target: id of the principal.
        state: ALLOWED, CONDITIONAL or UNKNOWN.
        missing: for UNKNOWN, what was not read.
        asked: for `can`: principal, permission and condition keys of the question that decided, where there is one.
        about: the resource of that question, where it is not the principal.
    """

    target: str
    state: State
    missing: tuple[str, ...] = ()
    asked: tuple[str, str, Mapping[str, tuple[str, ...]]] | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """A trust that lets bearers of an issuer's tokens in.

    Args:
        id: the principal that trusts, or the pool.
        account: that holds it.
        kind: the file of `rules/data/federation` that tells of it.
        form: of the tokens it takes.
        issuer: whose tokens, as `issuer_key` writes it.
        subjects: whom it names, `*` for any text; none where it names nobody.
        audiences: which audiences it names.
        tries: what becomes of a token; nobody where it is refused.
        named: values that its conditions ask of claims, as far as they say so plainly; to know whom to try.
        exact: nobody but the subjects, or who matches one with `*` or `?`, gets in, so that no other need be tried.
        alike: doors of which this is the same let in the same bearers, each to itself; None where that is not known.
        handed: names of which a token must hold one under `ROLES`; nobody else need be tried. None where none is asked.
    """

    id: str
    account: str
    kind: str
    form: str
    issuer: str
    subjects: tuple[str, ...]
    audiences: tuple[str, ...]
    tries: Callable[[Token], Sequence[Entered]]
    exact: bool = False
    named: tuple[Mapping[str, str], ...] = ()
    handed: tuple[str, ...] = ()
    alike: Hashable = None


def issuer_key(text: str) -> str:
    """An issuer as tokens and trusts are joined by: without scheme and closing slash, the host in lower case."""
    bare = text.removeprefix("https://").removeprefix("http://").rstrip("/")
    host, slash, path = bare.partition("/")
    return f"{host.lower()}{slash}{path}"


def worse(one: State, other: State) -> State:
    """The less sure of two states."""
    order = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED)
    return max(one, other, key=order.index)
