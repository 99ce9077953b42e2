"""Federation in an estate: who comes in from elsewhere, and who gets in that should not; see decision 0039."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.model.federation import BETWEEN, OIDC, Bearer, Door, Token
from leastwise.rules.issuers import Issuer, load_issuers

from .asking import scope_tables
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.graph.federation import Shown
    from leastwise.graph.gates import Gates
    from leastwise.providers.base import Federating, ScopeTables

    from .asking import Asking

_WILD = ("*", "?")


@dataclass(frozen=True, slots=True)
class Member:
    """One provider's part: its scopes, and its asking."""

    federating: Federating
    asking: Asking
    scopes: Sequence[ScopeTables]


class Federated:
    """The doors of an estate.

    Args:
        workspace: whose estate.
        askings: the estate as each of its providers answers of it.
    """

    def __init__(self, workspace: Workspace, askings: Sequence[Asking]) -> None:
        self._workspace, self._askings = workspace, askings

    @cached_property
    def members(self) -> list[Member]:
        """The providers that take part."""
        found = []
        for one in self._askings:
            federating = self._workspace.provider(one.provider).federating
            if federating is not None:
                scopes = scope_tables(self._workspace, one.estate, one.provider, federating.reads())
                found.append(Member(federating, one, scopes))
        return found

    @cached_property
    def doors(self) -> list[Door]:
        """All of them, and whose they are in `provider_of`."""
        return [door for _, several in self._by_provider for door in several]

    @cached_property
    def _by_provider(self) -> list[tuple[str, list[Door]]]:
        return [
            (one.asking.provider, list(one.federating.doors(one.scopes, one.asking.access))) for one in self.members
        ]

    @cached_property
    def providers(self) -> list[str]:
        """The provider of each door."""
        return [name for name, several in self._by_provider for _ in several]

    def bearers(self) -> Iterator[Bearer]:
        """Principals of the estate whose tokens some door takes."""
        wanted = frozenset((door.form, door.issuer) for door in self.doors)
        for one in self.members:
            yield from one.federating.bearers(one.scopes, wanted)

    def gates(self, sources: Sequence[str] = ()) -> Gates:
        """The steps that federation makes, with everybody from outside whom trusts or `sources` name."""
        from leastwise.graph.federation import Federation
        from leastwise.rules.federation import load_federation

        outside, shown = self._outside()
        outside |= {one.principal: one for text in sources if (one := outsider(text)) is not None}
        return Federation(self.doors, [*self.bearers(), *outside.values()], shown, load_federation()).gates()

    def _outside(self) -> tuple[dict[str, Bearer], list[Shown]]:
        """Subjects of systems that no provider collects, as trusts name them; patterns for their own door alone."""
        from leastwise.graph.federation import Shown

        inside = {door.issuer for door in self.doors if door.form == OIDC and issuer_of(door.issuer) is None}
        outside: dict[str, Bearer] = {}
        shown: list[Shown] = []
        for number, door in enumerate(self.doors):
            if door.form != OIDC or door.issuer in inside:
                continue
            known = issuer_of(door.issuer)
            assert known is not None
            for subject in door.subjects:
                if not any(one in subject for one in _WILD):
                    one = _of_subject(known, door.issuer, subject)
                    outside.setdefault(one.principal, one)
                elif "=" not in subject.partition(":")[0]:
                    shown.append(Shown(number, _of_pattern(known, door.issuer, subject)))
            for claims in door.named:
                one = _of_claims(known, door.issuer, claims)
                outside.setdefault(one.principal, one)
            if not door.subjects and not door.named:
                shown.append(Shown(number, _of_pattern(known, door.issuer, "*")))
        return outside, shown


def issuer_of(key: str) -> Issuer | None:
    """What is known of an issuer, where it is one of workloads outside."""
    return next((one for one in load_issuers() if one.takes(key)), None)


def _of_subject(known: Issuer, issuer: str, subject: str) -> Bearer:
    """The workload of a subject: what that tells of its claims is known, others are not."""
    named = known.taken_apart(subject)
    claims = known.claims_of(named.named)
    token = Token(OIDC, f"https://{issuer}", subject, claims, frozenset({"aud"}), whole=False)
    return Bearer(f"{issuer}{BETWEEN}{subject}", token)


def _of_claims(known: Issuer, issuer: str, claims: Mapping[str, str]) -> Bearer:
    """A workload with some claims; its subject follows from them."""
    named = known.of_claims(claims)
    told = {**known.claims_of(named.named), **{name: (value,) for name, value in claims.items() if name != "sub"}}
    subject = known.subject(named.form, named.parts)
    token = Token(OIDC, f"https://{issuer}", subject, told, frozenset({"aud"}), whole=False)
    return Bearer(f"{issuer}{BETWEEN}{subject}", token)


def _of_pattern(known: Issuer, issuer: str, pattern: str) -> Bearer:
    """Whoever matches a pattern, by the token of one of them."""
    named = known.taken_apart(pattern)
    subject = known.subject(named.form, named.parts)
    if not _fits(pattern, subject):
        subject = pattern.replace("*", "x").replace("?", "x")
    token = Token(OIDC, f"https://{issuer}", subject, known.claims_of(named.named), frozenset({"aud"}), whole=False)
    return Bearer(f"{issuer}{BETWEEN}{pattern}", token)


def _fits(pattern: str, text: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(text, pattern.replace("[", "[[]"))


def outsider(text: str) -> Bearer | None:
    """Whom a text names outside the estate: `ISSUER|SUBJECT`, `github:ORG/REPO`, `github:SUBJECT`; None for no such.

    Raises:
        UsageError: it begins as one, and names nobody.
    """
    issuer, between, subject = text.partition(BETWEEN)
    if between:
        known = issuer_of(issuer.removeprefix("https://"))
        if known is None or not subject:
            raise UsageError(f"{text}: no such issuer is known; known are {', '.join(_addresses())}")
        return _of_subject(known, issuer.removeprefix("https://").rstrip("/"), subject)
    short, colon, rest = text.partition(":")
    known = next((one for one in load_issuers() if one.id == short and one.shared), None)
    if not colon or known is None:
        return None
    named = known.of_short(rest)
    subject = rest if named is None else known.subject(named.form, named.parts)
    return _of_subject(known, known.issuers[0], subject)


def _addresses() -> list[str]:
    return [address for one in load_issuers() for address in one.issuers]
