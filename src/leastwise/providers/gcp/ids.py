"""What ids of Google Cloud tell by their form.

https://cloud.google.com/iam/docs/service-account-overview, https://cloud.google.com/iam/docs/principal-identifiers
"""

from __future__ import annotations

import re

from leastwise.providers.base import IdForm

_MAIL = re.compile(r"(?:serviceAccount:)?[^@:/]+@(?P<project>[^@]+)\.iam\.gserviceaccount\.com")
_UNIQUE, _KEY = re.compile(r"[1-9]\d{19,20}"), re.compile(r"[0-9a-f]{40}")


def id_form(text: str) -> IdForm | None:
    """What a text is by its form; None for anything else."""
    mail = _MAIL.fullmatch(text)
    if mail is not None:
        project = mail["project"]
        return IdForm(
            "service account", "" if project.startswith("gcp-sa-") else project, "its address names the project"
        )
    if text.endswith(".gserviceaccount.com"):
        return IdForm("service account or service agent of the vendor", because="its address")
    if _UNIQUE.fullmatch(text):
        return IdForm("unique id of a service account or person", because="twenty or twenty-one digits")
    if _KEY.fullmatch(text):
        return IdForm("key of a service account", because="forty hexadecimal digits")
    if text.startswith(("principal://", "principalSet://")):
        return IdForm("identity, or identities, of a pool", because="its scheme")
    return None
