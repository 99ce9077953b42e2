"""What ids of AWS tell by their form.

Prefixes: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids. That an
id holds its account is not documented by AWS; found by Aidan Steele (https://awsteele.com/blog/2020/09/26/aws-access-key-format.html)
and Tal Be'ery, measured by Pallavi Sivakumaran (https://labs.withsecure.com/publications/a-bitwise-analysis-of-aws-access-key-identifiers.html).
"""

from __future__ import annotations

import base64
import binascii
import re

from leastwise.providers.base import IdForm

_PREFIXES = {
    "ABIA": "bearer token of STS", "ACCA": "context-specific credential", "AGPA": "group", "AIDA": "user",
    "AIPA": "instance profile", "AKIA": "access key", "ANPA": "managed policy", "ANVA": "version of a managed policy",
    "APKA": "public key", "AROA": "role", "ASCA": "certificate", "ASIA": "temporary access key",
}  # fmt: skip
_ID = re.compile(r"([A-Z]{4})([A-Z2-7]{12,124})(?::.+)?")
_ACCOUNT = re.compile(r"\d{12}")
_KEYS = frozenset({"AKIA", "ASIA", "AROA", "AIDA", "ABIA", "ACCA"})
_PREFIX_PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"


def id_form(text: str) -> IdForm | None:
    """What a text is by its form: an ARN, an id with a prefix of IAM's, an account; None for anything else."""
    if text.startswith("arn:"):
        parts = text.split(":", 5)
        if len(parts) < 6:
            return None
        kind = re.split(r"[:/]", parts[5], maxsplit=1)[0]
        return IdForm(
            f"ARN of {parts[2]} ({kind})", parts[4] if _ACCOUNT.fullmatch(parts[4]) else "", "the ARN names it"
        )
    if _ACCOUNT.fullmatch(text):
        return IdForm("account", text, "twelve digits")
    found = _ID.fullmatch(text)
    if found is None or found[1] not in _PREFIXES:
        return None
    account = account_of(text.partition(":")[0]) if found[1] in _KEYS else ""
    because = "the id holds the account" if account else f"its prefix ({_PREFIX_PAGE})"
    return IdForm(_PREFIXES[found[1]], account, because)


def account_of(id: str) -> str:
    """The account that an id of a key, user or role holds; empty where it is of the old form, which holds none.

    Behind the prefix, in base 32: one bit that says the form, then forty bits of the account.
    """
    body = id[4:]
    try:
        told = base64.b32decode(body + "=" * (-len(body) % 8))
    except binascii.Error:
        return ""
    first = int.from_bytes(told[:6], "big")
    if len(told) < 6 or not first >> 47:
        return ""
    return f"{(first & 0x7FFFFFFFFF80) >> 7:012d}"
