"""Saved responses of IAM → facts. One function a call, named after it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from .context import Context
from .registry import reads
from .saved import Saved


@reads("iam.list-access-keys")
def _access_keys(saved: Saved, context: Context) -> None:
    keys = saved.nodes("AccessKeyMetadata")
    for key in keys:
        context.credential(
            key.text("AccessKeyId"), context.user_arn(key.text("UserName")), "access_key", saved.name,
            active=key.maybe("Status") == "Active", created=key.time("CreateDate"),
        )  # fmt: skip
    user = saved.subjects[0] if saved.subjects else keys[0].text("UserName") if keys else None
    if user:
        context.sign_in.listed_keys.add(context.user_arn(user))
    else:
        context.lost("iam", "ListAccessKeys", "an empty answer does not say whose", saved.name, "that user's keys")


@reads("iam.get-access-key-last-used")
def _key_used(saved: Saved, context: Context) -> None:
    used = saved.node("AccessKeyLastUsed")
    context.credential(
        saved.subject(), context.user_arn(saved.text("UserName")), "access_key", saved.name, last_used_known=True,
        last_used=used.time("LastUsedDate"), last_used_service=_given(used.maybe("ServiceName")),
        last_used_region=_given(used.maybe("Region")),
    )  # fmt: skip


def _given(value: str | None) -> str | None:
    return None if value == "N/A" else value


@reads("iam.list-mfa-devices")
def _devices(saved: Saved, context: Context) -> None:
    devices = saved.nodes("MFADevices")
    for device in devices:
        serial, arn = device.text("SerialNumber"), context.user_arn(device.text("UserName"))
        context.credential(
            serial, arn, "mfa", saved.name, active=True, created=device.time("EnableDate"), hardware=_hardware(serial)
        )
    user = saved.subjects[0] if saved.subjects else devices[0].text("UserName") if devices else None
    if user:
        held = context.sign_in.devices.setdefault(context.user_arn(user), [])
        held += [_hardware(device.text("SerialNumber")) for device in devices]
    else:
        context.lost("iam", "ListMFADevices", "an empty answer does not say whose", saved.name, "that user's MFA")


def _hardware(serial: str) -> bool:
    """Security keys have an ARN `…:u2f/…`, hardware tokens no ARN but a serial number, virtual devices `…:mfa/…`.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_MFADevice.html
    """
    return ":u2f/" in serial or not serial.startswith("arn:")


@reads("iam.list-virtual-mfa-devices")
def _virtual_devices(saved: Saved, context: Context) -> None:
    devices = saved.nodes("VirtualMFADevices")
    owners = [device.node("User") for device in devices]
    # With --assignment-status Unassigned the answer tells nothing of who has a device.
    if any(owners) or not devices:
        context.sign_in.virtual = context.sign_in.virtual or set()
    for device, owner in zip(devices, owners, strict=True):
        if not owner:
            continue
        arn = owner.maybe("Arn") or context.user_arn(owner.text("UserName"))
        context.credential(
            device.text("SerialNumber"), arn, "mfa", saved.name, active=True, created=device.time("EnableDate"),
            hardware=False,
        )  # fmt: skip
        context.principal(arn, saved.name, mfa=True)
        if context.sign_in.virtual is not None:
            context.sign_in.virtual.add(arn)


@reads("iam.get-login-profile")
def _login(saved: Saved, context: Context) -> None:
    profile = saved.node("LoginProfile")
    arn = context.user_arn(profile.text("UserName"))
    context.principal(arn, saved.name, console=True)
    context.sign_in.passwords[arn] = (True, profile.time("CreateDate"), saved.name)


@reads("iam.get-login-profile!NoSuchEntity")
def _no_login(saved: Saved, context: Context) -> None:
    context.sign_in.passwords[context.user_arn(saved.subject())] = (False, None, saved.name)


@reads("iam.list-users")
def _users(saved: Saved, context: Context) -> None:
    for user in saved.nodes("Users"):
        arn = user.maybe("Arn") or context.user_arn(user.text("UserName"))
        context.sign_in.password_used[arn] = user.time("PasswordLastUsed")


@reads("iam.get-account-summary")
def _summary(saved: Saved, context: Context) -> None:
    counts = saved.node("SummaryMap").value
    told = {key: bool(counts[key]) for key in counts if isinstance(counts[key], int)}
    context.sign_in.summary = (told, saved.name)


@reads("iam.list-ssh-public-keys", "iam.list-service-specific-credentials", "iam.list-signing-certificates")
def _other_credentials(saved: Saved, context: Context) -> None:
    forms = (
        ("SSHPublicKeys", "SSHPublicKeyId", "ssh_key", "UploadDate"),
        ("ServiceSpecificCredentials", "ServiceSpecificCredentialId", "service_password", "CreateDate"),
        ("Certificates", "CertificateId", "signing_certificate", "UploadDate"),
    )
    for section, id, kind, created in forms:
        for one in saved.nodes(section):
            context.credential(
                one.text(id), context.user_arn(one.text("UserName")), kind, saved.name,
                active=one.maybe("Status") == "Active", created=one.time(created), expires=one.time("ExpirationDate"),
            )  # fmt: skip


# --- identity providers ---------------------------------------------------------------------------------------------


@reads("iam.list-open-id-connect-providers")
def _oidc_providers(saved: Saved, context: Context) -> None:
    context.federation.list("oidc", [one.text("Arn") for one in saved.nodes("OpenIDConnectProviderList")], saved.name)


@reads("iam.get-open-id-connect-provider")
def _oidc_provider(saved: Saved, context: Context) -> None:
    url = saved.text("Url").removeprefix("https://")
    given = saved.subjects[0] if saved.subjects else ""
    arn = given if given.startswith("arn:") else context.arn("iam", f"oidc-provider/{url}")
    audiences, prints = ", ".join(saved.texts("ClientIDList")), ", ".join(saved.texts("ThumbprintList"))
    details = [("url", url), ("audiences", audiences), ("thumbprints", prints)]
    context.federation.provider(
        arn, saved.name, created=saved.time("CreateDate"), tags=saved.tags("Tags"), details=details
    )


@reads("iam.list-saml-providers")
def _saml_providers(saved: Saved, context: Context) -> None:
    found = saved.nodes("SAMLProviderList")
    context.federation.list("saml", [one.text("Arn") for one in found], saved.name)
    for one in found:
        context.federation.saml(one.text("Arn"), one, saved.name)


@reads("iam.get-saml-provider")
def _saml_provider(saved: Saved, context: Context) -> None:
    given = saved.subject()
    arn = given if given.startswith("arn:") else context.arn("iam", f"saml-provider/{given}")
    context.federation.saml(arn, saved, saved.name)
