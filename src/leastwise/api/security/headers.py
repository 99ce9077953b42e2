"""What every response tells browsers to forbid."""

from __future__ import annotations

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Nothing from elsewhere and nothing inline."""

_ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "accelerometer=(), camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def secured(headers: list[tuple[bytes, bytes]], https: bool) -> list[tuple[bytes, bytes]]:
    """Headers of a response, with those that forbid; without a word about storing, nothing is stored."""
    given = {name.lower() for name, _ in headers}
    wanted = _ALWAYS | {"cache-control": "no-store"}
    if https:
        wanted["strict-transport-security"] = "max-age=31536000"
    return [
        *((name, value) for name, value in headers if name.lower() != b"server"),
        *((name.encode(), value.encode()) for name, value in wanted.items() if name.encode() not in given),
    ]
