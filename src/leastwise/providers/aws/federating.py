"""Who comes in to roles from elsewhere, and what principals of AWS present elsewhere.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from leastwise.model.decision import RANK, Circumstances, Decision, Needed, Residual, State
from leastwise.model.federation import (
    ANY,
    DIRECTORY,
    OIDC,
    ROLES,
    SAML,
    SIGNED,
    Bearer,
    Door,
    Entered,
    Token,
    issuer_key,
)
from leastwise.providers.tabled import rows_of, rows_with

from .pods import pod_doors

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base import ScopeTables

READS: Mapping[str, Sequence[str]] = {
    "principals": ("id", "account", "native", "kind", "unique_id", "enabled", "details"),
    "resources": ("id", "kind", "account", "region", "details"),
    "runs_as": ("subject", "object"),
    "trusts": ("principal", "account", "effect", "subject_kind", "subject", "patterns", "audiences", "dead"),
}
EXTERNAL = "external_id:"
"""What a detail of a provisioned person or group begins with; the issuer of the id follows."""
_OUTBOUND = ".tokens.sts.global.api.aws"
"""Each account's issuer of tokens is a host of its own that ends so.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_getting_started.html
"""
_ACTION = {OIDC: "sts:AssumeRoleWithWebIdentity", SAML: "sts:AssumeRoleWithSAML"}
_BY_NAME = frozenset({"accounts.google.com"})
_MOST_KEYS = frozenset({"sub", "aud", "amr", "oaud"})
_FURTHER: Mapping[str, frozenset[str]] = {
    "token.actions.githubusercontent.com": frozenset(
        {"actor", "actor_id", "job_workflow_ref", "repository", "repository_id", "workflow", "ref", "environment",
         "enterprise_id"}
    ),
    "accounts.google.com": frozenset({"email", "organization_number", "google.organization_number"}),
}  # fmt: skip
"""Claims that are condition keys, besides those of every issuer; all others are no keys, and so absent."""
_NOBODY = "leastwise:nobody"
"""A subject that no issuer makes."""
_SIGN_IN = "https://signin.aws.amazon.com/saml"


def doors(scopes: Sequence[ScopeTables], access: Access) -> Iterator[Door]:
    """The trusts of roles in identity providers, and the people whom a directory provisions."""
    registered, issuers = _registered(scopes), _issuers(scopes)
    known: dict[Hashable, Decision] = {}
    for (role, account, form, provider), told in _trusts(scopes).items():
        asks = _Asks(access, role, form, provider, registered.get(provider), tuple(sorted(told.audiences)),
                     issuers.get(provider, ""), known)  # fmt: skip
        subjects = asks.exactly(told.subjects) if form == OIDC else None
        yield Door(
            role, account, "saml-aws" if form == SAML else "oidc-aws", form, asks.issuer,
            tuple(sorted(told.subjects)) if subjects is None else subjects, asks.audiences, asks.tries,
            exact=subjects is not None, handed=asks.handed, alike=asks.alike(subjects or ()),
        )  # fmt: skip
    yield from pod_doors(scopes, access)
    yield from _provisioned(scopes)


def bearers(scopes: Sequence[ScopeTables], wanted: Collection[tuple[str, str]]) -> Iterator[Bearer]:
    """Roles and users: by requests that they sign, and by tokens that STS issues to them."""
    signed = {issuer for form, issuer in wanted if form == SIGNED}
    outbound = sorted(issuer for form, issuer in wanted if form == OIDC and issuer.endswith(_OUTBOUND))
    if not signed and not outbound:
        return
    columns = ("id", "account", "native", "kind", "unique_id")
    for id, account, native, kind, unique in rows_of(scopes, "principals", *columns):
        # What a service does with its own role, no caller can have it sign.
        if native not in ("user", "role") or kind == "service_linked":
            continue
        if account in signed:
            yield Bearer(id, _signed(id, account, native, unique or ""))
        for issuer in outbound:
            doubt = f"which account the issuer {issuer} is of, and whether {id} may call sts:GetWebIdentityToken"
            yield Bearer(id, Token(OIDC, f"https://{issuer}", id, {}, frozenset({"aud"})), doubt)


def _signed(id: str, account: str, native: str, unique: str) -> Token:
    """What GetCallerIdentity tells of somebody.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    if native == "user":
        claims = {"arn": (id,), "account": (account,), "userid": (unique,)}
        return Token(SIGNED, account, id, claims if unique else {"arn": (id,), "account": (account,)}, whole=False)
    partition, name = id.split(":")[1], id.rsplit("/", 1)[-1]
    head = f"arn:{partition}:sts::{account}:assumed-role/{name}/"
    return Token(SIGNED, account, head, {"account": (account,)}, frozenset({"session"}), whole=False)


# --- doors ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Told:
    subjects: set[str]
    audiences: set[str]


def _trusts(scopes: Sequence[ScopeTables]) -> dict[tuple[str, str, str, str], _Told]:
    """What trusts name, by role, account, form and identity provider."""
    found: dict[tuple[str, str, str, str], _Told] = {}
    columns = ("principal", "account", "effect", "subject_kind", "subject", "patterns", "audiences", "dead")
    for role, account, effect, kind, subject, patterns, audiences, dead in rows_of(scopes, "trusts", *columns):
        if effect == "Allow" and kind in (OIDC, SAML) and not dead:
            told = found.setdefault((role, account, kind, subject), _Told(set(), set()))
            told.subjects |= set(patterns or ())
            told.audiences |= set(audiences or ())
    return dict(sorted(found.items()))


def _registered(scopes: Sequence[ScopeTables]) -> dict[str, frozenset[str]]:
    """The audiences that each identity provider takes tokens for, where that was read."""
    found = {}
    for id, details in rows_with(scopes, "resources", ("kind", "iam:oidc-provider"), "id", "details"):
        told = dict(details or ()).get("audiences")
        if told:
            found[id] = frozenset(one.strip() for one in told.split(",") if one.strip())
    return found


def _issuers(scopes: Sequence[ScopeTables]) -> dict[str, str]:
    """Whose assertions each SAML provider takes, where its metadata was read."""
    found = {}
    for id, details in rows_with(scopes, "resources", ("kind", "iam:saml-provider"), "id", "details"):
        told = dict(details or ()).get("issuer")
        if told:
            found[id] = told
    return found


@dataclass(frozen=True)
class _Asks:
    """Asks whether a token opens a role.

    Args:
        access: answers.
        role: that is asked about.
        form: of the tokens.
        provider: ARN or name of the identity provider, as the trust names it.
        registered: the audiences that it takes; None where that was not read.
        named: the audiences that the trust names.
        asserts: whose assertions the provider takes; empty where its metadata was not read.
        known: decisions, which all roles share.
    """

    access: Access
    role: str
    form: str
    provider: str
    registered: frozenset[str] | None
    named: tuple[str, ...]
    asserts: str = ""
    known: dict[Hashable, Decision] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """What condition keys of the identity provider begin with."""
        return self.provider.partition(":oidc-provider/")[2] or self.provider

    @property
    def issuer(self) -> str:
        """The issuer as tokens are joined by; of SAML the provider itself where its metadata was not read."""
        return issuer_key(self.host) if self.form == OIDC else issuer_key(self.asserts) or self.provider

    @property
    def audiences(self) -> tuple[str, ...]:
        """Those that a token may be for, as far as they are known."""
        named = [one for one in self.named if "*" not in one and "?" not in one]
        return tuple(dict.fromkeys((*named, *sorted(self.registered or ()))))

    def exactly(self, named: Collection[str]) -> tuple[str, ...] | None:
        """The subjects, or patterns of such, without which nobody gets in; None where others may.

        Args:
            named: those that the trust names.
        """
        decision = self._anybody
        if decision.state is State.UNKNOWN:
            return tuple(sorted(named)) if named and self._refuses_others() else None
        if decision.residual is None or decision.state not in (State.CONDITIONAL, State.DENIED):
            return None
        found: dict[str, None] = {}
        for clause in decision.residual:
            values = [one.values for one in clause if one.key.lower() == f"{self.host.lower()}:sub" and _names(one)]
            if not values:
                return None
            found |= dict.fromkeys(values[0])
        return tuple(found) if decision.state is State.CONDITIONAL else ()

    def alike(self, subjects: Collection[str]) -> Hashable:
        """What roles have in common that let in the same bearers; None where that is not known of one."""
        if not self._settled or not subjects:
            return None
        registered = None if self.registered is None else frozenset(self.registered)
        return (self.provider, self.form, self._anybody.residual, registered, self.named, tuple(sorted(subjects)))

    @property
    def _settled(self) -> bool:
        """Whether it is known what a request must be, whoever comes."""
        anybody = self._anybody
        known = anybody.state is State.CONDITIONAL and anybody.residual is not None
        return known and not anybody.missing and anybody.exact

    def _refuses_others(self) -> bool:
        """Whether no statement of the trust lets in whom none names, whatever guardrails are that were not read."""
        found = self._asked({f"{self.host}:sub": (_NOBODY,)}, strict=False)
        return found.state is State.DENIED and not any(one.effect == "denies" for one in found.reasons)

    @cached_property
    def _anybody(self) -> Decision:
        """What is decided of whoever comes with whatever."""
        return self._asked({}, strict=False)

    def tries(self, token: Token) -> list[Entered]:
        """Whom the bearer is then: the role, or nobody."""
        best: Entered | None = None
        if self.form == SAML and not {*token.claims.get(ROLES, ())} & {*self.handed, ANY}:
            return []
        for context in self._contexts(token):
            found = self._entered(context, whole=token.whole)
            if found is not None and (best is None or RANK[found.state] < RANK[best.state]):
                best = found
        return [] if best is None else [best]

    @property
    def handed(self) -> tuple[str, ...]:
        """How an assertion names the role, with the provider: nobody has a role that none names.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
        """
        return (f"{self.role},{self.provider}", f"{self.provider},{self.role}") if self.form == SAML else ()

    def _contexts(self, token: Token) -> Iterator[dict[str, tuple[str, ...]]]:
        """The condition keys that a token gives; for each audience that its bearer may choose."""
        if self.form == SAML:
            subject = {"SAML:sub": (token.subject,)} if token.subject else {}
            issuer = {"SAML:iss": (token.issuer,)} if self.asserts else {}
            yield {"SAML:aud": (_SIGN_IN,), **issuer, **subject}
            return
        taken = _MOST_KEYS | _FURTHER.get(self.host, frozenset())
        told = {name: values for name, values in token.claims.items() if name in taken}
        asked = token.claims.get("aud")
        if token.subject:
            told["sub"] = (token.subject,)
        audiences = [(one,) for one in self.audiences] if asked is None and "aud" in token.chosen else [asked]
        for audience in audiences or [None]:
            if audience and self.registered is not None and not self.registered & set(audience):
                continue
            keys = {**told, **({"aud": audience} if audience else {})}
            if "azp" in token.claims:
                # aud is read from azp where there is one; the audience is then oaud.
                keys |= {"aud": token.claims["azp"], **({"oaud": audience} if audience else {})}
            yield {f"{self.host}:{name}": values for name, values in keys.items()}

    def _entered(self, context: Mapping[str, tuple[str, ...]], *, whole: bool) -> Entered | None:
        asked = (self.provider, _ACTION[self.form], context)
        if whole and self._decide(context, strict=True).state is State.ALLOWED:
            return Entered(self.role, State.ALLOWED, (), asked)
        decision = self._decide(context, strict=False)
        if whole:
            decision = replace(decision, residual=self._without(decision.residual, context))
            if decision.state is State.CONDITIONAL and decision.residual == ():
                return None
        if decision.state is State.DENIED:
            return None
        return Entered(self.role, decision.state, decision.missing, asked)

    def _without(self, residual: Residual | None, context: Mapping[str, tuple[str, ...]]) -> Residual | None:
        """The alternatives that a token which has no further claims can meet."""
        if residual is None:
            return None
        head, given = f"{self.host.lower()}:", {key.lower() for key in context}
        return tuple(
            clause for clause in residual
            if not any(
                one.key.lower().startswith(head) and one.key.lower() not in given and not _met_by_absence(one)
                for one in clause
            )
        )  # fmt: skip

    def _decide(self, context: Mapping[str, tuple[str, ...]], *, strict: bool) -> Decision:
        """As the vendor decides; of roles that ask for the same of whoever comes it is asked once."""
        if not self._settled:
            return self._asked(context, strict=strict)
        key = (self.provider, self.form, self._anybody.residual, tuple(sorted(context.items())), strict)
        if key not in self.known:
            self.known[key] = self._asked(context, strict=strict)
        return self.known[key]

    def _asked(self, context: Mapping[str, tuple[str, ...]], *, strict: bool) -> Decision:
        return self.access.can(self.provider, _ACTION[self.form], self.role, Circumstances(context, strict))


def _names(one: Needed) -> bool:
    """Whether a condition names texts, or patterns of such, of which a request must have one."""
    return not one.negated and one.operator.lower().removeprefix("foranyvalue:") in ("stringequals", "stringlike")


def _met_by_absence(one: Needed) -> bool:
    operator = one.operator.lower()
    if operator == "null":
        return (one.values == ("true",)) is not one.negated
    absent = operator.startswith("forallvalues:") or operator.endswith("ifexists") or "not" in operator
    return absent is not one.negated


# --- people -----------------------------------------------------------------------------------------------------------


def _provisioned(scopes: Sequence[ScopeTables]) -> Iterator[Door]:
    """People of Identity Center whom a directory provisions, and so signs in.

    https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ExternalId.html
    """
    columns = ("id", "account", "native", "enabled", "details")
    for id, account, native, enabled, details in rows_of(scopes, "principals", *columns):
        if native != "identity_center_user" or enabled is False:
            continue
        for key, value in details or ():
            if key.startswith(EXTERNAL):
                issuer = issuer_key(key.removeprefix(EXTERNAL))
                yield Door(id, account, "directory-aws", DIRECTORY, issuer, (value,), (), _is(id, value), exact=True)


def _is(id: str, subject: str) -> Callable[[Token], Sequence[Entered]]:
    return lambda token: [Entered(id, State.ALLOWED)] if token.subject == subject else []
