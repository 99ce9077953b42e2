"""Accounts, and identifiers that look like the vendor's, always the same for the same thing, and never real."""

from __future__ import annotations

import base64
import hashlib
import uuid

SEED = "brightwater-parcel/1"

ROOT, PROD, DATA, LEGACY = "111111111111", "222222222222", "333333333333", "444444444444"
SORTWISE = "999999999999"
ACCOUNT_NAMES = {ROOT: "bw-root", PROD: "bw-prod", DATA: "bw-data", LEGACY: "bw-legacy"}
READABLE = (ROOT, PROD, DATA)
REGION = "eu-west-1"
DOMAIN = "brightwater.example"

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def digest(*parts: str) -> bytes:
    """32 bytes that depend on the seed and the parts alone: the only source of variety in the demo."""
    return hashlib.sha256("\x1f".join((SEED, *parts)).encode()).digest()


def number(below: int, *parts: str) -> int:
    """A number from 0 to below - 1."""
    return int.from_bytes(digest("number", *parts)[:8], "big") % below


def hexes(length: int, *parts: str) -> str:
    """Lower-case hexadecimal digits, at most 64."""
    return digest("hex", *parts).hex()[:length]


def guid(*parts: str) -> str:
    """A UUID."""
    return str(uuid.UUID(bytes=digest("guid", *parts)[:16], version=4))


def letters(length: int, *parts: str) -> str:
    """Letters and digits of base32, at most 32."""
    raw = digest("letters", *parts)
    return "".join(_BASE32[byte % 32] for byte in raw[:length])


def account_of(unique_id: str) -> str:
    """The account that an access key id (or AIDA…, AROA… id) belongs to: 40 bits after the four-letter prefix."""
    head = int.from_bytes(base64.b32decode(unique_id[4:20])[:6], "big")
    return f"{(head & 0x7FFFFFFFFF80) >> 7:012d}"


def account_letters(account: str, low: str) -> str:
    """Nine base32 letters that decode to the account; the last letter also carries four free bits (from `low`)."""
    bits = (1 << 47 | int(account) << 7) << 2
    head = "".join(_BASE32[bits >> shift & 31] for shift in range(45, 5, -5))
    ninth = bits >> 5 & 0b10000 | _BASE32.index(low) & 0b01111
    return head + _BASE32[ninth]


def key_id(account: str, *parts: str) -> str:
    """An access key id of the account: AKIA, the account, DEMO, three letters."""
    return "AKIA" + account_letters(account, "A") + "DEMO" + letters(3, "key", account, *parts)


def unique_id(prefix: str, account: str, *parts: str) -> str:
    """A unique id as IAM gives one (AIDA…, AROA…, AGPA…, ANPA…, AIPA…), 21 characters."""
    return prefix + account_letters(account, letters(1, prefix, *parts)) + "DEMO" + letters(4, prefix, account, *parts)
