"""How users have registered to sign in, when apps did last, and who was deleted.

https://learn.microsoft.com/graph/api/resources/userregistrationdetails
https://learn.microsoft.com/graph/api/resources/serviceprincipalsigninactivity
"""

from __future__ import annotations

from leastwise.providers.entra.language.ids import needed_id
from leastwise.providers.fields import Body, Fields

from .context import Context
from .reading import moment

_HARDWARE = frozenset(
    {
        "fido2", "fido2securitykey", "passkeydevicebound", "windowshelloforbusiness", "hardwareonetimepasscode",
        "x509certificatemultifactor", "certificatebasedauthentication",
    }
)  # fmt: skip


def registration(context: Context, body: Body, about: str, source: str) -> None:
    """What a user has registered. Raises FieldError."""
    fields = Fields(body)
    methods = fields.texts("methodsRegistered")
    hardware = None if methods is None else any(one.lower() in _HARDWARE for one in methods)
    context.people.registered(needed_id(fields, "id"), fields.flag("isMfaRegistered"), hardware)


def sign_ins(context: Context, body: Body, about: str, source: str) -> None:
    """When an app was last signed in as. Raises FieldError."""
    fields = Fields(body)
    latest = moment(fields.object("lastSignInActivity"), "lastSignInDateTime")
    context.people.signed(fields.needed("appId").lower(), latest)


def deleted(context: Context, body: Body, about: str, source: str) -> None:
    """An object that was deleted. Raises FieldError."""
    fields = Fields(body)
    name = fields.text("userPrincipalName") or fields.text("displayName")
    context.people.deleted(needed_id(fields, "id"), name)
