"""What the first source has otherwise than AWS's own pages, or not at all."""

from __future__ import annotations

import msgspec

from .package import Package, PackageKey, PackageService

_GLOBAL_TYPES = {"aws:SourceVpcArn": "ARN"}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

_STS_TYPES = {"cognito-identity.amazonaws.com:amr": "ArrayOfString"}
_CLAIMS = {"amr": "ArrayOfString", "aud": "String", "email": "String", "oaud": "String", "sub": "String"}
"""Claims of every OpenID Connect provider; the source names them for a few providers only.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""
_ISSUER = "${Host}.${Domain}"
"""An issuer's host and path: what makes it one is that it has a dot, as no service's prefix has."""

_FEDERATION = "assumerolewithwebidentity"


def corrected(package: Package) -> Package:
    """The package with these corrections."""
    services = package.services
    if "sts" in services:
        services = services | {"sts": _with_claims(services["sts"])}
    return msgspec.structs.replace(package, global_keys=package.global_keys | _GLOBAL_TYPES, services=services)


def _with_claims(sts: PackageService) -> PackageService:
    claims = {f"{_ISSUER}:{claim}": type for claim, type in _CLAIMS.items()}
    typed = {name.lower(): PackageKey(name, type) for name, type in (_STS_TYPES | claims).items()}
    actions = sts.actions
    if _FEDERATION in actions:
        action = actions[_FEDERATION]
        keys = [*action.condition_keys, *claims]
        actions = actions | {_FEDERATION: msgspec.structs.replace(action, condition_keys=keys)}
    return msgspec.structs.replace(sts, keys=sts.keys | typed, actions=actions)
