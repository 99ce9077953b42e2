"""Who comes in to identity pools from elsewhere, and the tokens that service accounts present elsewhere.

https://cloud.google.com/iam/docs/workload-identity-federation, https://cloud.google.com/iam/docs/create-short-lived-credentials-direct#sa-credentials-oidc
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from leastwise.engine.columns import plain
from leastwise.model.decision import Circumstances, State
from leastwise.model.federation import OIDC, SAML, SIGNED, Bearer, Door, Entered, Token, issuer_key, worse
from leastwise.providers.federated import issuer_of_metadata
from leastwise.providers.tabled import rows_of

from .escalating.names import shadow
from .evaluate.mapping import DEFAULT_OF_AWS, GROUPS, SUBJECT, Mapped, claim_of, mapped, plain_claims
from .language.members import Kind, Member, parse_member

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base import ScopeTables

READS: Mapping[str, Sequence[str]] = {
    "principals": ("id", "account", "native", "unique_id", "mail", "enabled", "directory"),
    "resources": ("id", "kind", "principal"),
    "trusts": ("principal", "account", "effect", "subject_kind", "subject", "dead", "document"),
    "documents": ("text",),
}
ISSUER = "accounts.google.com"
_TOKEN = "iam.serviceAccounts.getAccessToken"  # noqa: S105 - a permission
_STAND_IN = "session"
_KINDS = {OIDC: "oidc-gcp", SIGNED: "aws-gcp", SAML: "saml-gcp"}
_IN_POOL = frozenset({Kind.SUBJECT, Kind.POOL, Kind.POOL_ATTRIBUTE, Kind.POOL_GROUP})


def bearers(scopes: Sequence[ScopeTables], wanted: Collection[tuple[str, str]]) -> Iterator[Bearer]:
    """Service accounts, by identity tokens of Google's: the subject is the unique id, the audience free to choose.

    And people of the directory, whose tokens are for the application that they sign in to.
    https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
    """
    if (OIDC, ISSUER) not in wanted:
        return
    columns = ("id", "native", "unique_id", "mail", "enabled", "directory")
    for id, native, unique, mail, enabled, directory in rows_of(scopes, "principals", *columns):
        if enabled is False or not unique:
            continue
        if native == "user" and directory == "own":
            yield _person(id, unique)
        if native != "service_account":
            continue
        claims = {"azp": (unique,), **({"email": (mail,), "email_verified": ("true",)} if mail else {})}
        token = Token(OIDC, f"https://{ISSUER}", unique, claims, frozenset({"aud"}))
        # Who may mint such tokens of it has nothing else of the account.
        yield from (Bearer(one, token) for one in (id, shadow("id-token", id)))


def _person(id: str, unique: str) -> Bearer:
    """Somebody of the directory; which applications let him sign in is told by no call."""
    address = id.partition(":")[2]
    told = {"email": (address,), "email_verified": ("true",), "hd": (address.rpartition("@")[2],)}
    token = Token(OIDC, f"https://{ISSUER}", unique, told, frozenset({"aud"}), whole=False)
    return Bearer(id, token, f"whether an application that is trusted lets {address} sign in")


def doors(scopes: Sequence[ScopeTables], access: Access) -> Iterator[Door]:
    """The providers of pools that let somebody in."""
    named = _named(scopes)
    accounts = _service_accounts(scopes)
    disabled = {id for id, native, enabled in rows_of(scopes, "principals", "id", "native", "enabled")
                if native == "identity_pool" and enabled is False}  # fmt: skip
    for pool, account, value in _providers(scopes):
        if pool in disabled:
            continue
        one = _Provider(access, pool, value, named.get(parse_member(pool).pool, ()), accounts)
        kind, tries = _KINDS[one.form], one.tries
        yield Door(pool, account, kind, one.form, one.issuer, one.subjects, one.audiences, tries, named=one.claims)


def _providers(scopes: Sequence[ScopeTables]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Pool, account and document of each provider that is not disabled."""
    for one in scopes:
        if "trusts" not in one.tables or "documents" not in one.tables:
            continue
        texts = plain(one.tables["documents"].select(["text"]))["text"]
        columns = ("principal", "account", "dead", "document")
        for pool, account, dead, document in rows_of([one], "trusts", *columns):
            if pool.startswith("principalSet://") and pool.endswith("/*") and not dead:
                value = json.loads(texts[document].as_py())
                if isinstance(value, dict) and "/providers/" in str(value.get("name", "")):
                    yield pool, account, value


def _named(scopes: Sequence[ScopeTables]) -> dict[str, tuple[Member, ...]]:
    """The identities and sets of identities that policies name, by their pool."""
    found: dict[str, dict[Member, None]] = defaultdict(dict)
    for (id,) in rows_of(scopes, "principals", "id"):
        if id.startswith(("principal://", "principalSet://")):
            member = parse_member(id)
            if member.kind in _IN_POOL:
                found[member.pool][member] = None
    return {pool: tuple(members) for pool, members in found.items()}


def _service_accounts(scopes: Sequence[ScopeTables]) -> dict[str, list[tuple[str, str]]]:
    """Resource and id of the service accounts that each member may become one of, as their own policies say."""
    resources = {
        principal: id for id, kind, principal in rows_of(scopes, "resources", "id", "kind", "principal")
        if kind == "iam:serviceaccount" and principal
    }  # fmt: skip
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for principal, kind, subject in rows_of(scopes, "trusts", "principal", "subject_kind", "subject"):
        if kind == "pool" and principal in resources:
            found[subject].append((resources[principal], principal))
    return found


@dataclass(frozen=True)
class _Provider:
    """One provider of a pool.

    Args:
        access: answers about the estate.
        pool: the member string of all of it.
        value: the provider, as the API gives it.
        named: whom of the pool policies name.
        accounts: the service accounts by whom their policies name.
    """

    access: Access
    pool: str
    value: Mapping[str, Any]
    named: Sequence[Member]
    accounts: Mapping[str, Sequence[tuple[str, str]]]

    @property
    def form(self) -> str:
        """Of the tokens that it takes."""
        return SIGNED if "aws" in self.value else SAML if "saml" in self.value else OIDC

    @property
    def issuer(self) -> str:
        """Whose tokens."""
        if self.form == SIGNED:
            return str(self.value["aws"].get("accountId", ""))
        if self.form == SAML:
            return issuer_key(issuer_of_metadata(str(self.value["saml"].get("idpMetadataXml") or "")))
        return issuer_key(str(self.value.get("oidc", {}).get("issuerUri", "")))

    @property
    def audiences(self) -> tuple[str, ...]:
        """Those that a token may be for; where none is listed, the provider's own name."""
        oidc = self.value.get("oidc") or {}
        listed = tuple(oidc.get("allowedAudiences") or ()) or tuple(filter(None, [oidc.get("clientId")]))
        name = f"//iam.googleapis.com/{self.value['name']}"
        return listed or (f"https:{name}", name)

    @property
    def _mapping(self) -> Mapping[str, str]:
        told = self.value.get("attributeMapping") or {}
        return told or (DEFAULT_OF_AWS if self.form == SIGNED else {SUBJECT: "assertion.sub"})

    @property
    def _condition(self) -> str:
        return str(self.value.get("attributeCondition") or "")

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects that policies name, where these are those of the token."""
        if claim_of(self._mapping.get(SUBJECT, "")) != "sub":
            return ()
        return tuple(one.id for one in self.named if one.kind is Kind.SUBJECT)

    @property
    def claims(self) -> tuple[Mapping[str, str], ...]:
        """What policies and the condition ask of claims."""
        plainly = plain_claims(self._condition)
        found = [plainly] if plainly else []
        for one in self.named:
            claim = claim_of(self._mapping.get(one.attribute, "")) if one.kind is Kind.POOL_ATTRIBUTE else ""
            if claim:
                found.append({**plainly, claim: one.id})
        return tuple(found)

    def tries(self, token: Token) -> list[Entered]:
        """Whom the bearer is then: identities of the pool that policies name, and service accounts that he may be."""
        if self.form == OIDC and not self._for_us(token):
            return []
        found: dict[str, Entered] = {}
        for claims, doubt in self._tokens(token):
            identity = mapped(self._mapping, self._condition, claims, whole=token.whole)
            if identity is not None:
                for one in self._entered(identity, doubt):
                    known = found.get(one.target)
                    if known is None or worse(known.state, one.state) is known.state:
                        found[one.target] = one
        return list(found.values())

    def _for_us(self, token: Token) -> bool:
        given = token.claims.get("aud")
        return "aud" in token.chosen if given is None else bool(set(given) & set(self.audiences))

    def _tokens(self, token: Token) -> Iterator[tuple[dict[str, tuple[str, ...]], State]]:
        """The claims of a token; of a signed request, one for each name of a session that policies ask for."""
        claims = dict(token.claims)
        if self.form != SIGNED:
            yield {**claims, **({"sub": (token.subject,)} if token.subject else {})}, State.ALLOWED
            return
        if "session" not in token.chosen:
            yield claims, State.ALLOWED
            return
        yield {**claims, "arn": (f"{token.subject}{_STAND_IN}",)}, State.ALLOWED
        for id in self._subjects[bisect_left(self._subjects, token.subject) :]:
            if not id.startswith(token.subject):
                return
            yield {**claims, "arn": (id,)}, State.CONDITIONAL

    @cached_property
    def _subjects(self) -> list[str]:
        return sorted({one.id for one in self.named if one.kind is Kind.SUBJECT})

    def _entered(self, identity: Mapped, doubt: State) -> Iterator[Entered]:
        subject = identity.known(SUBJECT)
        for member, how in self._those(identity):
            state, missing = worse(worse(identity.state, how), doubt), identity.missing
            yield Entered(member.text, state, missing)
            for resource, account in self.accounts.get(member.text, ()):
                if subject:
                    yield from self._becomes(identity, subject[0], resource, account, state)

    def _those(self, identity: Mapped) -> Iterator[tuple[Member, State]]:
        """The members that an identity is one of, or may be."""
        for name, by_value in self._by_attribute.items():
            values = identity.known(name) if name else ("",)
            state = State.CONDITIONAL if values is None else State.ALLOWED
            for value in by_value if values is None else dict.fromkeys(values):
                yield from ((member, state) for member in by_value.get(value, ()))

    @cached_property
    def _by_attribute(self) -> Mapping[str, Mapping[str, list[Member]]]:
        """Whom policies name by each value of each attribute; the whole pool by none."""
        found: dict[str, dict[str, list[Member]]] = defaultdict(lambda: defaultdict(list))
        for one in self.named:
            name = {Kind.POOL: "", Kind.SUBJECT: SUBJECT, Kind.POOL_GROUP: GROUPS}.get(one.kind, one.attribute)
            found[name][one.id if name else ""].append(one)
        return found

    def _becomes(self, identity: Mapped, subject: str, resource: str, account: str, state: State) -> Iterator[Entered]:
        """A service account that the identity may have tokens of, as the whole estate says it."""
        who = f"principal://iam.googleapis.com/{parse_member(self.pool).pool}/subject/{subject}"
        known = {name: identity.known(name) for name in identity.values if name != SUBJECT}
        context = {name: values for name, values in known.items() if values}
        decision = self.access.can(who, _TOKEN, resource, Circumstances(context))
        if decision.state is not State.DENIED:
            missing = tuple(dict.fromkeys((*identity.missing, *decision.missing)))
            yield Entered(account, worse(state, decision.state), missing, (who, _TOKEN, context), resource)
