"""Records in CloudTrail's form: sessions, calls, events.

Most records of a session repeat: so a record is a shape (text with places left open), a session and a moment. The
demo's own package puts them together again (`leastwise.demo.logs`), which says what the places are.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from demo_company.ids import DATA, LEGACY, PROD, REGION, account_letters, letters

Json = dict[str, object]
GLOBAL = "us-east-1"


@dataclass(frozen=True, slots=True)
class Session:
    """Who calls: `identity` is the text of its `userIdentity`, open where `key`, `name` and `begun` stand.

    `principal` is the ARN of the user or role it counts for, empty for nobody. `ip` and `agent` are where it calls
    from. `kind` is the type of the identity.
    """

    account: str
    kind: str
    principal: str
    identity: str
    key: str = ""
    name: str = ""
    begun: int = 0
    ip: str = ""
    agent: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """An operation: the permission it needs (none: no policy decides it), and how the log writes it.

    `data` is the type of resource by which selectors choose its data events; empty for management events.
    """

    permission: str
    name: str
    source: str
    read: bool
    data: str = ""
    region: str = REGION
    type: str = "AwsApiCall"
    version: str = "1.11"
    also: tuple[str, ...] = ()
    """Permissions that it needs besides."""


@dataclass(frozen=True, slots=True)
class Event:
    """One call as it happened. `logged` says whether some trail has it, `about` the session that it began."""

    when: int
    session: Session
    call: Call
    account: str
    region: str
    shape: str
    resource: str
    denied: bool
    logged: bool
    about: Session | None = None
    counted: bool = True
    """Whether it stands in the truth: the second record of a call in two accounts does not."""


def logged(account: str, call: Call, resource: str) -> bool:
    """Whether a trail has the call: what services.trails declares; of bw-legacy, the organization's alone."""
    if not call.data:
        return account != LEGACY or not call.read
    if account == PROD:
        return call.data in RECORDED
    return account == DATA and call.data == "AWS::S3::Object" and resource.startswith("arn:aws:s3:::bw-lake-curated")


RECORDED = ("AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::SES::EmailIdentity")
"""Types of which bw-prod records data events."""


def session_key(account: str, *parts: str) -> str:
    """The id of a session's access key."""
    return "ASIA" + account_letters(account, "A") + letters(7, "session", account, *parts)


@dataclass(slots=True)
class Log:
    """Everything that happened, in the order in which it was told."""

    events: list[Event] = field(default_factory=list)
    _shapes: dict[tuple[object, ...], str] = field(default_factory=dict)

    def add(
        self,
        when: int,
        session: Session,
        call: Call,
        on: str = "",
        request: Json | None = None,
        *,
        response: Json | None = None,
        error: str = "",
        message: str = "",
        about: Session | None = None,
        account: str = "",
        resources: list[Json] | None = None,
        more: Json | None = None,
        resource: str = "",
        shared: str = "",
        counted: bool = True,
    ) -> None:
        """One call. `on` is the ARN it touches, open places allowed; `resource` what the truth counts it under."""
        account = account or session.account
        shown = logged(account, call, on)
        shape = ""
        if shown:
            known = request is None and response is None and not (error or message or more or shared or resources)
            kept = (account, call, on, session.ip, session.agent, session.kind == "AWSAccount")
            shape = self._shapes.get(kept, "") if known else ""
            if not shape:
                told = {"error": error, "message": message, "more": more, "shared": shared}
                shape = _shape(session, call, account, on, request, response, resources, told)
                if known:
                    self._shapes[kept] = shape
        counts = resource or bucket(on)
        self.events.append(
            Event(
                when, session, call, account, call.region, shape, counts, bool(error or message), shown, about, counted
            )
        )


def bucket(on: str) -> str:
    """What usage of a resource is counted under: objects under their bucket, everything else as it is."""
    if on.startswith("arn:aws:s3:::") and "/" in on:
        return on.partition("/")[0] + "/*"
    return on


def _shape(
    session: Session, call: Call, account: str, on: str, request: Json | None, response: Json | None,
    resources: list[Json] | None, told: dict[str, object],
) -> str:  # fmt: skip
    asked, touched, further = _usual(call, account, on)
    record: Json = {
        "eventVersion": call.version,
        "userIdentity": "<<i>>",
        "eventTime": "<<t>>",
        "eventSource": f"{call.source}.amazonaws.com",
        "eventName": call.name,
        "awsRegion": call.region,
        "sourceIPAddress": session.ip,
        "userAgent": session.agent,
    }
    if told["error"]:
        record["errorCode"] = told["error"]
    if told["message"]:
        record["errorMessage"] = told["message"]
    record |= {"requestParameters": request if request is not None else asked, "responseElements": response}
    if told["more"] or further:
        record["additionalEventData"] = told["more"] or further
    record |= {"requestID": "<<r>>", "eventID": "<<e>>", "readOnly": call.read}
    if resources or touched:
        record["resources"] = resources or touched
    record |= {"eventType": call.type, "managementEvent": not call.data, "recipientAccountId": account}
    if told["shared"]:
        record["sharedEventID"] = told["shared"]
    record["eventCategory"] = "Data" if call.data else "Management"
    if session.kind == "AssumedRole" and not session.via and session.ip.startswith("192.0.2."):
        host = f"{call.source}.{call.region}.amazonaws.com"
        record["tlsDetails"] = {
            "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": host
        }  # fmt: skip
    return opened(json.dumps(record, separators=(",", ":"), ensure_ascii=False))


def opened(text: str) -> str:
    """The text with its open places as `leastwise.demo.logs` fills them."""
    for place in ("t", "r", "e", "d", "n", "h", "x", "ak", "an", "ae", "key", "name", "begun"):
        text = text.replace(f"<<{place}>>", f"\x00({place})s")
    return text.replace('"<<i>>"', "\x00(i)s").replace("%", "%%").replace("\x00", "%")


def _usual(call: Call, account: str, on: str) -> tuple[Json | None, list[Json], Json]:
    """Request, resources and further data of calls that are made often, from the ARN they touch."""
    if call.data == "AWS::S3::Object":
        name, _, key = on.removeprefix("arn:aws:s3:::").partition("/")
        request: Json = {"bucketName": name, "Host": f"{name}.s3.{REGION}.amazonaws.com"}
        touched: list[Json] = [
            {"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{name}"},
        ]
        if key:
            request["key"] = key
            touched.insert(0, {"type": "AWS::S3::Object", "ARN": on})
        else:
            request |= {"list-type": "2", "max-keys": "1000", "encoding-type": "url"}
            touched.insert(0, {"type": "AWS::S3::Object", "ARNPrefix": f"{on}/"})
        further: Json = {
            "SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": "<<h>>",
        }  # fmt: skip
        return request, touched, further
    if call.data == "AWS::DynamoDB::Table":
        request = {"tableName": on.rpartition("/")[2]}
        if call.name == "Query":
            request["keyConditionExpression"] = "HIDDEN_DUE_TO_SECURITY_REASONS"
        else:
            request["key"] = {"id": "<<n>>"}
        return request, [{"accountId": account, "type": call.data, "ARN": on}], {}
    if call.data == "AWS::Lambda::Function":
        request = {"functionName": on, "invocationType": "Event"}
        return request, [{"accountId": account, "type": call.data, "ARN": on}], {"functionVersion": f"{on}:$LATEST"}
    if call.data == "AWS::SES::EmailIdentity":
        hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
        request = {"source": hidden, "destination": {"toAddresses": [hidden]}, "message": hidden}
        if call.name == "SendRawEmail":
            request = {"source": hidden, "destinations": hidden, "rawMessage": hidden}
        return request, [{"accountId": account, "type": call.data, "ARN": on}], {}
    return None, [], {}
