"""Buckets, functions, tables, trails, scanners and agents."""

from __future__ import annotations

from demo_company.ids import DATA, PROD, ROOT, hexes
from demo_company.model import Agent, Bucket, Device, Function, Statement, allow, document
from demo_company.organization import ORGANIZATION

AGENT = f"arn:aws:bedrock:eu-west-1:{PROD}:agent/"
RULE = f"arn:aws:events:eu-west-1:{PROD}:rule/"


def _anyone(bucket: str) -> tuple[Statement, ...]:
    return ({**allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"), "Sid": "PublicRead", "Principal": "*"},)


def _trail_policy(bucket: str, account: str) -> tuple[Statement, ...]:
    """The management account's bucket takes the organization's trail too."""
    service = {"Service": "cloudtrail.amazonaws.com"}
    source = {"StringEquals": {"aws:SourceAccount": account}}
    folders = (account, ORGANIZATION) if account == ROOT else (account,)
    return (
        {**allow("s3:GetBucketAcl", f"arn:aws:s3:::{bucket}"), "Principal": service, "Condition": source},
        {
            **allow("s3:PutObject", " ".join(f"arn:aws:s3:::{bucket}/AWSLogs/{one}/*" for one in folders)),
            "Principal": service,
            "Condition": source,
        },
    )


_CDN = {
    **allow("s3:GetObject", "arn:aws:s3:::bw-web-assets/*"),
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Condition": {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudfront::{PROD}:distribution/EBWASSETS0001"}},
}

BUCKETS = (
    Bucket(PROD, "bw-labels-eu", "team-printing"),
    Bucket(PROD, "bw-labels-us", "team-printing"),
    Bucket(PROD, "bw-label-templates", "team-printing"),
    Bucket(PROD, "bw-shipments", "team-dispatch"),
    Bucket(PROD, "bw-scans", "team-depots"),
    Bucket(PROD, "bw-sorting-plans", "team-depots"),
    Bucket(PROD, "bw-depot-maps", "team-depots"),
    Bucket(PROD, "bw-invoices", "team-finance", tags={"data": "internal"}),
    Bucket(PROD, "bw-ledger", "team-finance", tags={"data": "internal"}),
    Bucket(PROD, "bw-customs-inbox", "team-customs"),
    Bucket(PROD, "bw-tariffs", "team-customs", created="2026-04-14"),
    Bucket(PROD, "bw-faq", "team-web", created="2026-02-02"),
    Bucket(PROD, "bw-website", "team-web", _anyone("bw-website"), open=True, tags={"data": "public"}),
    Bucket(PROD, "bw-web-assets", "team-web", (_CDN,)),
    Bucket(PROD, "bw-press-kit", "team-web", _anyone("bw-press-kit")),
    Bucket(PROD, "bw-build-artifacts", "team-platform"),
    Bucket(PROD, "bw-prod-trail-logs", "team-security", _trail_policy("bw-prod-trail-logs", PROD)),
    Bucket(DATA, "bw-customs-records", "team-customs", tags={"data": "confidential"}),
    Bucket(DATA, "bw-lake-raw", "team-data"),
    Bucket(DATA, "bw-lake-curated", "team-data"),
    Bucket(DATA, "bw-athena-results", "team-data"),
    Bucket(DATA, "bw-data-trail-logs", "team-security", _trail_policy("bw-data-trail-logs", DATA)),
    Bucket(ROOT, "bw-billing-reports", "team-finance"),
    Bucket(ROOT, "bw-terraform-state", "team-platform"),
    Bucket(ROOT, "bw-root-trail-logs", "team-security", _trail_policy("bw-root-trail-logs", ROOT)),
)

FUNCTIONS = (
    Function(PROD, "ops-janitor", "python3.12", "Switches off old access keys", (("events", f"{RULE}ops-janitor"),)),
    Function(PROD, "invoice-render", "nodejs22.x", "Renders invoices as PDF"),
    Function(
        PROD,
        "refund-tool",
        "python3.12",
        "Books refunds for the dispatch assistant",
        (("bedrock", f"{AGENT}BWDISPATCH"),),
        created="2026-01-19",
    ),
    Function(
        PROD,
        "faq-lookup",
        "python3.12",
        "Looks up answers for the FAQ bot",
        (("bedrock", f"{AGENT}BWFAQBOT01"),),
        created="2026-02-02",
    ),
    Function(PROD, "quarter-close", "python3.12", "Closes the books", (("events", f"{RULE}quarter-close"),)),
    Function(PROD, "track-webhook", "nodejs22.x", "Takes parcel events of partner carriers"),
    Function(PROD, "label-thumbs", "python3.12", "Thumbnails of labels"),
    Function(PROD, "depot-alerts", "python3.12", "Alarms of the depots", (("events", f"{RULE}depot-alerts"),)),
    Function(PROD, "duty-quote", "python3.12", "Quotes customs duty", created="2026-04-14"),
    Function(DATA, "customs-index", "python3.12", "Indexes customs papers"),
    Function(DATA, "bi-refresh", "python3.12", "Refreshes reports"),
)

SCHEDULES = (
    ("quarter-close", "cron(0 6 1 2,5,8,11 ? *)", "Closing of the books"),
    ("ops-janitor", "cron(15 5 ? * MON-FRI *)", "Old access keys"),
    ("depot-alerts", "rate(30 minutes)", "Alarms of the depots"),
)
"""EventBridge rules in bw-prod, each calling the function of the same name."""

TABLES = {
    PROD: ("shipments", "vendors", "refunds", "orders", "customers-web", "routes", "returns"),
    DATA: ("customs-index",),
}

FLEET_CERTIFICATE = hexes(64, "certificate", "scanner-fleet-2024")
_THING = f"arn:aws:iot:eu-west-1:{PROD}:%s/${{iot:Connection.Thing.ThingName}}%s"
DEVICES = (
    *(
        Device(f"depot-scanner-{index:02d}", "hand-scanner", FLEET_CERTIFICATE, "scanner-fleet", depot)
        for index, depot in enumerate(("Rotterdam", "Leeds", "Gdansk", "Lyon") * 3, start=1)
    ),
    Device("belt-plc-01", "belt-controller", hexes(64, "certificate", "belt-plc-01"), "own-topics", "Rotterdam"),
    Device("dock-gate-01", "dock-gate", hexes(64, "certificate", "dock-gate-01"), "own-topics", "Leeds"),
)
IOT_POLICIES = {
    "scanner-fleet": document(allow("iot:*")),
    "own-topics": document(
        allow("iot:Connect", _THING % ("client", "")),
        allow("iot:Publish iot:Receive", _THING % ("topic/things", "/*")),
        allow("iot:Subscribe", _THING % ("topicfilter/things", "/*")),
    ),
}
ROLE_ALIASES = {"scanner-upload": "scanner-upload"}

AGENTS = (
    Agent(
        "BWDISPATCH", "dispatch-assistant", "refund-tool", "You help dispatchers with routes and refunds.", "2026-01-19"
    ),
    Agent("BWFAQBOT01", "faq-bot", "faq-lookup", "You answer customers' questions from the FAQ.", "2026-02-02"),
)
AGENT_ROLES = {"BWDISPATCH": "dispatch", "BWFAQBOT01": "faq"}

BOUNDARIES = {(DATA, "ds-boundary"): document(allow("s3:* athena:* glue:Get*"))}
"""Managed policies that are permissions boundaries, not grants."""
