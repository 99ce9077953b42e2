"""Facts of the account as a whole, in the row of a resource `iam:account`; and the certificates that IAM keeps."""

from __future__ import annotations

from typing import Any

from .acting import describe
from .context import Context
from .registry import reads
from .saved import Saved

_POLICY = {
    "MinimumPasswordLength": "password_length", "RequireSymbols": "password_symbols",
    "RequireNumbers": "password_numbers",
    "RequireUppercaseCharacters": "password_uppercase", "RequireLowercaseCharacters": "password_lowercase",
    "AllowUsersToChangePassword": "password_change_allowed", "ExpirePasswords": "password_expires",
    "MaxPasswordAge": "password_age", "PasswordReusePrevention": "password_history",
    "HardExpiry": "password_expiry_locks_out",
}  # fmt: skip


def _account(saved: Saved, context: Context, details: dict[str, Any], name: str | None = None) -> None:
    row = describe(context, saved, context.arn("iam", "account"), details, kind="iam:account", policy_known=True)
    row["name"] = name or (context.account if row["name"] == "account" else row["name"])


@reads("iam.get-account-password-policy", "iam.get-account-password-policy!NoSuchEntity")
def _password_policy(saved: Saved, context: Context) -> None:
    """Without one of its own an account has AWS's default: eight characters of three kinds, no expiry.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
    """
    policy = saved.node("PasswordPolicy")
    details = {detail: policy.raw(member) for member, detail in _POLICY.items()}
    _account(saved, context, {"password_policy": "own" if policy else "default", **details})


@reads("iam.list-account-aliases")
def _alias(saved: Saved, context: Context) -> None:
    aliases = saved.texts("AccountAliases")
    if aliases:
        _account(saved, context, {"alias": aliases[0]}, aliases[0])


@reads("iam.list-server-certificates")
def _server_certificates(saved: Saved, context: Context) -> None:
    """A certificate proves the identity of a server: a credential whose holder is itself."""
    for one in saved.nodes("ServerCertificateMetadataList"):
        id, created = one.text("Arn"), one.time("UploadDate")
        context.resources.add(
            id, saved.name, name=one.maybe("ServerCertificateName"), created=created, policy_known=True
        )
        context.credential(
            one.maybe("ServerCertificateId") or id, id, "server_certificate", saved.name, created=created,
            expires=one.time("Expiration"),
        )  # fmt: skip
