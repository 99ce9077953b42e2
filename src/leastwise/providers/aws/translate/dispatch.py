"""Which translator reads which kind of raw document."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument

from .collect_folder import translate_folder
from .config_items import translate_items
from .context import Context
from .credential_report import translate_report
from .organization import translate_organization, translate_summary
from .registered import RESPONSES
from .saved import Saved

_GROUPED: dict[str, Callable[[list[RawDocument], Context], None]] = {
    "iam_collect": translate_folder,
    "config_item": translate_items,
}
_ORGANIZATION = ("organizations", "sso-admin", "identitystore")


def apply(documents: Iterable[RawDocument], context: Context) -> None:
    """Feed every raw document to its translator. Raises InputError."""
    grouped: dict[str, list[RawDocument]] = {kind: [] for kind in _GROUPED}
    responses: list[Saved] = []
    for document in documents:
        form = document.kind.partition(":")[0]
        if form in grouped:
            grouped[form].append(document)
        elif document.kind == "account_authorization_details":
            context.details(document)
        elif document.kind == "credential_report":
            translate_report(document, context)
        elif document.kind == "organization_summary":
            translate_summary(document, context)
        elif document.kind == "resource_policies":
            _policies(document, context)
        else:
            responses.append(Saved(document))
    for kind, found in grouped.items():
        if found:
            _GROUPED[kind](found, context)
    for saved in responses:
        translate = RESPONSES.get(saved.call)
        if translate is not None:
            translate(saved, context)
    if any(saved.service in _ORGANIZATION for saved in responses):
        translate_organization(responses, context)


def _policies(document: RawDocument, context: Context) -> None:
    """One account's resource policies by ARN, as shared/bench writes them; null for a resource that has none."""
    try:
        found = msgspec.json.decode(document.body, type=dict[str, msgspec.Raw])
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(document.name, str(error)) from None
    for arn, policy in found.items():
        context.resources.policy(
            arn, None if bytes(policy) == b"null" else policy, f"{document.name}#{arn}", document.kind
        )
