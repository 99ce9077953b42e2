"""Policies of the tenant: what every user may do, who consents to what, and what stands beside an answer.

Policies of conditional access and named locations decide whether a token is issued: modifiers, never permission.
https://learn.microsoft.com/graph/api/resources/authorizationpolicy
https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
https://learn.microsoft.com/graph/api/resources/permissiongrantpolicy
"""

from __future__ import annotations

from leastwise.providers.entra.language.ids import needed_id, object_id
from leastwise.providers.entra.language.policy import Policy, parse_policy
from leastwise.providers.fields import Body, Fields
from leastwise.providers.interned import canonical

from .context import Context
from .details import word
from .reading import moment

AUTHORIZATION = "authorizationPolicy"
_DECIDES = ("guestUserRoleId", "allowInvitesFrom", "defaultUserRolePermissions")
GUEST_ROLES = {
    "a0b1b346-4d3e-4e8b-98f8-753987be4970": "as members",
    "10dae51f-b6af-4016-8d66-8c2a99b929b3": "limited",
    "2af84b1e-32c8-42b7-82bc-daa82404023b": "restricted",
}
"""What guests may read, by the role that the policy gives them.

https://learn.microsoft.com/entra/identity/users/users-restrict-guest-permissions
"""
CONSENT, INVITES = "users consent to applications of any publisher", "every user and guest invites guests"
"""Ways in that no grant tells."""
_BY_CONSENT_POLICY = "managepermissiongrantsforself."
_LIMITED = ("microsoft-user-default-low", "microsoft-user-default-recommended")


def authorization(context: Context, body: Body, about: str, source: str) -> None:
    """The authorization policy. Raises FieldError."""
    told, fields = parse_policy(body), Fields(body)
    defaults = Fields(fields.object("defaultUserRolePermissions"))

    def allowed(name: str) -> str:
        return word(defaults.flag(name))

    context.resource(
        f"{context.tenant}/{AUTHORIZATION}", "authorization_policy", fields.text("displayName") or AUTHORIZATION,
        source,
        {
            "guests": GUEST_ROLES.get(told.guest_role, told.guest_role),
            "invites": told.invites,
            "consent": "" if told.consent is None else canonical(list(told.consent)),
            "user_consent": _consent(told),
            "users_create_apps": allowed("allowedToCreateApps"),
            "users_create_groups": allowed("allowedToCreateSecurityGroups"),
            "users_create_tenants": allowed("allowedToCreateTenants"),
            "users_read_others": allowed("allowedToReadOtherUsers"),
            "email_verified_join": word(fields.flag("allowEmailVerifiedUsersToJoinOrganization")),
            "risky_apps_consent": word(fields.flag("allowUserConsentForRiskyApps")),
            "blocks_msol": word(fields.flag("blockMsolPowerShell")),
        },
        {name: found for name in _DECIDES if (found := fields.get(name)) is not None},
        beside=_beside(told),
    )  # fmt: skip


def _beside(policy: Policy) -> list[str]:
    """What the policy opens to everybody, in words."""
    open_to = {CONSENT: _consent(policy) == "open", INVITES: policy.invites == "everyone"}
    return [words for words, holds in open_to.items() if holds]


def _consent(policy: Policy) -> str:
    """Whether users consent to apps: open, limited (to some permissions or publishers), none; empty where not told.

    https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent
    """
    if policy.consent is None:
        return ""
    named = [one.removeprefix(_BY_CONSENT_POLICY) for one in policy.consent if one.startswith(_BY_CONSENT_POLICY)]
    if not named:
        return "none"
    return "limited" if all(one in _LIMITED for one in named) else "open"


def consent_policy(context: Context, body: Body, about: str, source: str) -> None:
    """A policy that says to what may be consented. Raises FieldError."""
    fields = Fields(body)
    parts = {name: canonical(found) for name in ("includes", "excludes") if (found := fields.objects(name)) is not None}
    context.resource(
        f"{context.tenant}/permissionGrantPolicies/{fields.needed('id')}", "permission_grant_policy",
        fields.text("displayName"), source, {"id": fields.needed("id"), **parts},
    )  # fmt: skip


def consent_requests(context: Context, body: Body, about: str, source: str) -> None:
    """Whether users may ask an administrator for consent. Raises FieldError."""
    fields = Fields(body)
    reviewers = fields.objects("reviewers")
    context.resource(
        f"{context.tenant}/adminConsentRequestPolicy", "consent_request_policy", "Admin consent requests", source,
        {
            "enabled": word(fields.flag("isEnabled")),
            "reviewers": "" if reviewers is None else canonical(list(reviewers)),
        },
    )  # fmt: skip


def conditional_access(context: Context, body: Body, about: str, source: str) -> None:
    """A policy of conditional access. Raises FieldError."""
    fields = Fields(body)
    told = {name: canonical(found) for name in ("conditions", "grantControls", "sessionControls")
            if (found := fields.get(name)) is not None}  # fmt: skip
    controls = Fields(fields.object("grantControls")).texts("builtInControls") or ()
    details = {
        "state": fields.text("state"), "conditions": told.get("conditions", ""),
        "grant_controls": told.get("grantControls", ""), "session_controls": told.get("sessionControls", ""),
        "mfa": word("mfa" in [one.lower() for one in controls] or "authenticationStrength" in
                    Fields(body).object("grantControls")) if controls or told.get("grantControls") else "",
    }  # fmt: skip
    context.resource(
        needed_id(fields, "id"), "conditional_access_policy", fields.text("displayName"), source, details, None,
        moment(body, "createdDateTime"),
    )  # fmt: skip


def location(context: Context, body: Body, about: str, source: str) -> None:
    """A named location. Raises FieldError."""
    fields = Fields(body)
    ranges, countries = fields.objects("ipRanges"), fields.texts("countriesAndRegions")
    context.resource(
        needed_id(fields, "id"), "named_location", fields.text("displayName"), source,
        {
            "trusted": word(fields.flag("isTrusted")),
            "networks": "" if ranges is None else canonical([Fields(one).text("cidrAddress") for one in ranges]),
            "countries": "" if countries is None else canonical(list(countries)),
            "unknown_countries": word(fields.flag("includeUnknownCountriesAndRegions")),
        },
        None, moment(body, "createdDateTime"),
    )  # fmt: skip


def security_defaults(context: Context, body: Body, about: str, source: str) -> None:
    """Whether the vendor's defaults protect every sign-in. Raises FieldError.

    https://learn.microsoft.com/entra/fundamentals/security-defaults
    """
    enabled = word(Fields(body).flag("isEnabled"))
    context.resource(
        f"{context.tenant}/securityDefaults", "security_defaults", "Security defaults", source, {"enabled": enabled}
    )


def sign_in_methods(context: Context, body: Body, about: str, source: str) -> None:
    """By which methods one may sign in. Raises FieldError."""
    methods = [Fields(one) for one in Fields(body).objects("authenticationMethodConfigurations") or ()]
    states = {one.text("id"): one.text("state") for one in methods}
    context.resource(
        f"{context.tenant}/authenticationMethodsPolicy", "authentication_methods_policy", "Authentication methods",
        source, {"methods": canonical(states) if states else ""},
    )  # fmt: skip


def cross_tenant(context: Context, body: Body, about: str, source: str) -> None:
    """What is agreed with other directories: with all of them, or one. Raises FieldError."""
    fields = Fields(body)
    partner = object_id(fields.text("tenantId")) or "default"
    settings = {name: fields.get(name) for name in ("inboundTrust", "automaticUserConsentSettings",
                "b2bCollaborationInbound", "b2bCollaborationOutbound", "b2bDirectConnectInbound",
                "b2bDirectConnectOutbound") if fields.get(name) is not None}  # fmt: skip
    context.resource(
        f"{context.tenant}/crossTenantAccessPolicy/{partner}", "cross_tenant_access", partner, source,
        {name: canonical(told) for name, told in settings.items()},
    )  # fmt: skip
