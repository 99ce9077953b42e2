"""A CloudTrail record, with the fields that usage and activity need; what else it holds is skipped, not decoded.

Followed: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

NOTHING = msgspec.Raw(b"null")
"""What a raw field holds when the record lacks it."""
_NAMES = {
    "version": "eventVersion",
    "id": "eventID",
    "time": "eventTime",
    "source": "eventSource",
    "name": "eventName",
    "type": "eventType",
    "category": "eventCategory",
    "management": "managementEvent",
    "read_only": "readOnly",
    "region": "awsRegion",
    "ip": "sourceIPAddress",
    "agent": "userAgent",
    "error": "errorCode",
    "message": "errorMessage",
    "recipient": "recipientAccountId",
    "shared": "sharedEventID",
    "endpoint": "vpcEndpointId",
    "identity": "userIdentity",
    "resources": "resources",
    "request": "requestParameters",
    "response": "responseElements",
    "more": "additionalEventData",
}


class Record(msgspec.Struct, frozen=True, kw_only=True, rename=_NAMES, gc=False):
    """One event, named in our words (`_NAMES` has AWS's). Missing texts are empty, missing flags None.

    `identity`, `resources`, `request`, `response` and `more` are the bytes of their JSON, `null` when missing. They
    look into the buffer that was decoded and keep it alive: take `bytes(…)` of what outlives it. `identity` repeats
    for every call of a session: its bytes are the key to remember a principal by.
    """

    source: str
    name: str
    time: str
    id: str | None = ""
    version: str | None = ""
    type: str | None = ""
    category: str | None = ""
    management: bool | str | None = None
    read_only: bool | str | None = None
    region: str | None = ""
    ip: str | None = ""
    agent: str | None = ""
    error: str | None = ""
    message: str | None = ""
    recipient: str | int | None = ""
    shared: str | None = ""
    endpoint: str | None = ""
    identity: msgspec.Raw = NOTHING
    resources: msgspec.Raw = NOTHING
    request: msgspec.Raw = NOTHING
    response: msgspec.Raw = NOTHING
    more: msgspec.Raw = NOTHING

    @property
    def insight(self) -> bool:
        """Whether it tells of unusual activity, and is no call of anybody.

        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html
        """
        return self.category == "Insight" or self.type == "AwsCloudTrailInsight"

    @property
    def data_event(self) -> bool:
        """Whether it is logged only where a trail selects data events (or network activity)."""
        return self.category in ("Data", "NetworkActivity") or str(self.management).lower() == "false"

    @property
    def account(self) -> str:
        """The account whose trail this is, empty when the record does not say. Written with all twelve digits."""
        return "" if self.recipient is None else str(self.recipient).zfill(12) if self.recipient else ""


def moment(text: str) -> int | None:
    """Seconds since 1970 of an event's time (`2026-01-31T07:15:00Z`, also as Lake writes it), None when it is none.

    Without a zone it is UTC, as CloudTrail's times are. Remember it by the text: calls come many a second.
    """
    try:
        found = datetime.fromisoformat(text)
        whole = found if found.tzinfo else found.replace(tzinfo=UTC)
        return int(whole.timestamp())
    except (ValueError, OverflowError):
        return None


def tree(raw: msgspec.Raw | bytes) -> dict[str, Any]:
    """A raw field as an object; empty when it is missing or something else.

    Lake and some exporters write objects as texts of JSON; those are read as what they say.
    """
    try:
        found = msgspec.json.decode(raw)
        if isinstance(found, str):
            found = msgspec.json.decode(found)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
