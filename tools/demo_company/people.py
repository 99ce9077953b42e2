"""The people of Brightwater Parcel who use AWS, their groups in Identity Center, and what the groups may do."""

from __future__ import annotations

from demo_company.ids import DATA, PROD, ROOT
from demo_company.model import PermissionSet, allow

GROUPS: dict[str, tuple[str, ...]] = {
    "platform-admins": ("Hiro Nakagawa", "Greta Solheim", "Anil Deshpande"),
    "security": ("Petra Lindqvist", "Noor Haddad", "Caspar Weyl"),
    "finance": ("Ines Carvalho", "Bram Kuyper", "Oluchi Eze"),
    "customs-ops": ("Yusuf Demir", "Clara Hoffmann", "Piotr Zielinski", "Luis Ferrer"),
    "dispatch-desk": ("Sam Kimura", "Rikke Thomsen", "Jorge Medina", "Aoife Brennan", "Kwame Boateng"),
    "vendor-masters": ("Tunde Abara", "Bram Kuyper", "Hanna Virtanen"),
    "data-analysts": ("Leila Farouk", "Marek Novak", "Sofia Rinaldi", "Dmitri Volkov", "Jana Horvat"),
    "depot-leads": ("Rosa Vasquez", "Ole Knudsen", "Farida Aziz", "Tomas Berg", "Pavel Dvorak"),
    "developers": (
        "Aisha Rahman", "Ben Okafor", "Chiara Conti", "Daniel Sato", "Eva Lindgren", "Felix Baumann", "Gita Menon",
        "Henrik Dahl", "Iris Papadaki", "Jamal Idris", "Katya Orlova", "Liam Gallagher", "Maya Castillo",
        "Nils Akerman",
    ),
}  # fmt: skip

MEMBER_FOR_A_TIME = (
    ("Rosa Vasquez", "customs-ops", "2026-02-11", "2026-05-12"),
    ("Milan Ostrander", "platform-admins", "2024-03-04", "2026-04-30"),
    ("Maya Castillo", "developers", "2026-05-18", ""),
    ("Nils Akerman", "developers", "2026-07-06", ""),
    ("Anders Holt", "developers", "2024-03-04", "2026-06-30"),
    ("Birgit Saar", "developers", "2024-03-04", "2026-04-17"),
    ("Jana Horvat", "data-analysts", "2026-03-16", ""),
    ("Pavel Dvorak", "depot-leads", "2026-08-03", ""),
)
"""Person, group, first and last day; everyone else was a member before the first snapshot and still is."""

EMPLOYED = {
    "Milan Ostrander": ("2024-03-04", "2026-04-30"),
    "Anders Holt": ("2024-03-04", "2026-06-30"),
    "Birgit Saar": ("2024-03-04", "2026-04-17"),
    "Maya Castillo": ("2026-05-18", ""),
    "Nils Akerman": ("2026-07-06", ""),
    "Jana Horvat": ("2026-03-16", ""),
    "Pavel Dvorak": ("2026-08-03", ""),
}

ALL_THREE = (ROOT, PROD, DATA)
VENDORS_TABLE = f"arn:aws:dynamodb:eu-west-1:{PROD}:table/vendors"
DISPATCH_ALIAS = f"arn:aws:bedrock:eu-west-1:{PROD}:agent-alias/BWDISPATCH/*"

PERMISSION_SETS = (
    PermissionSet(
        "AdministratorAccess",
        "Platform administrators",
        tuple(("platform-admins", account) for account in ALL_THREE),
        aws=("AdministratorAccess",),
        hours=1,
    ),
    PermissionSet(
        "SecurityAudit",
        "Security team, read only",
        tuple(("security", account) for account in ALL_THREE),
        aws=("SecurityAudit",),
    ),
    PermissionSet(
        "Developer",
        "Developers of the web shop and the tracking services",
        (("developers", PROD),),
        (
            allow("lambda:GetFunction lambda:ListFunctions lambda:UpdateFunctionCode"),
            allow("logs:FilterLogEvents logs:GetLogEvents logs:DescribeLogGroups logs:DescribeLogStreams"),
            allow("s3:GetObject s3:PutObject", "arn:aws:s3:::bw-build-artifacts/*"),
            allow("ecs:DescribeServices ecs:DescribeTasks ecs:ListTasks cloudwatch:GetMetricData"),
        ),
    ),
    PermissionSet(
        "ViewOnly",
        "Depot leads see the state of the services",
        (("depot-leads", PROD), ("depot-leads", DATA)),
        aws=("ViewOnlyAccess",),
    ),
    PermissionSet(
        "CustomsRead",
        "Customs officers read customs papers",
        (("customs-ops", DATA),),
        (
            allow("s3:GetObject", "arn:aws:s3:::bw-customs-records/*"),
            allow("s3:ListBucket", "arn:aws:s3:::bw-customs-records"),
        ),
    ),
    PermissionSet(
        "VendorMaster",
        "Creates and changes vendor records of the ERP",
        (("vendor-masters", PROD),),
        (allow("dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem", VENDORS_TABLE),),
    ),
    PermissionSet(
        "DispatchDesk",
        "Talks to the dispatch assistant",
        (("dispatch-desk", PROD),),
        (
            allow("bedrock:InvokeAgent", DISPATCH_ALIAS),
            allow("bedrock:GetAgent bedrock:GetAgentAlias", f"arn:aws:bedrock:eu-west-1:{PROD}:agent/BWDISPATCH"),
        ),
    ),
    PermissionSet(
        "CostReader",
        "Finance reads costs and the ledger",
        (("finance", ROOT), ("finance", PROD)),
        (
            allow("ce:GetCostAndUsage ce:GetCostForecast budgets:ViewBudget cur:DescribeReportDefinitions"),
            allow("s3:GetObject", "arn:aws:s3:::bw-billing-reports/* arn:aws:s3:::bw-ledger/*"),
        ),
    ),
    PermissionSet(
        "DataAnalyst",
        "Queries the curated lake",
        (("data-analysts", DATA),),
        (
            allow("athena:StartQueryExecution athena:GetQueryExecution athena:GetQueryResults athena:ListWorkGroups"),
            allow("glue:GetDatabase glue:GetTable glue:GetPartitions"),
            allow("s3:GetObject", "arn:aws:s3:::bw-lake-curated/*"),
            allow("s3:GetObject s3:PutObject", "arn:aws:s3:::bw-athena-results/*"),
        ),
    ),
)


def user_name(person: str) -> str:
    """given.family, as Entra writes it."""
    return person.lower().replace(" ", ".")


def everyone() -> list[str]:
    """All people who ever had access, each once, in order."""
    names = [person for members in GROUPS.values() for person in members]
    names += [person for person, _, _, _ in MEMBER_FOR_A_TIME]
    return list(dict.fromkeys(names))
