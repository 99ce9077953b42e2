"""The AWS organization: accounts, units, guardrails. Seen from the management account."""

from __future__ import annotations

from demo_company.clock import iso, moment
from demo_company.export import Export, compact
from demo_company.ids import ACCOUNT_NAMES, DATA, DOMAIN, LEGACY, PROD, ROOT, hexes
from demo_company.model import allow, deny, document

ORGANIZATION = f"o-{hexes(10, 'organization')}"
TOP = f"r-{hexes(4, 'root')}"
UNITS = {name: f"ou-{TOP[2:]}-{hexes(8, 'unit', name)}" for name in ("workloads", "data", "legacy")}
PLACES = {ROOT: TOP, PROD: UNITS["workloads"], DATA: UNITS["data"], LEGACY: UNITS["legacy"]}
JOINED = {ROOT: "2024-03-04", PROD: "2024-03-04", DATA: "2024-03-05", LEGACY: "2024-05-27"}
_PREFIX = f"arn:aws:organizations::{ROOT}:"

_SPARED = [
    "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AdministratorAccess_*",
    "arn:aws:iam::*:role/OrganizationAccountAccessRole",
    "arn:aws:iam::*:role/leastwise-collector",
]
GUARDRAILS = {
    "FullAWSAccess": ("p-FullAWSAccess", document(allow("*")), (TOP, *UNITS.values(), *ACCOUNT_NAMES)),
    "deny-iam": (
        f"p-{hexes(8, 'scp', 'deny-iam')}",
        document({**deny("iam:*"), "Sid": "DenyIam", "Condition": {"ArnNotLike": {"aws:PrincipalArn": _SPARED}}}),
        (UNITS["data"],),
    ),
    "protect-trails": (
        f"p-{hexes(8, 'scp', 'protect-trails')}",
        document({**deny("cloudtrail:DeleteTrail cloudtrail:StopLogging"), "Sid": "ProtectTrails"}),
        (TOP,),
    ),
    "stay-in-organization": (
        f"p-{hexes(8, 'scp', 'stay-in-organization')}",
        document({**deny("organizations:LeaveOrganization"), "Sid": "Stay"}),
        (TOP,),
    ),
}
"""Service control policies: id, document, and where they are attached."""

RCP = ("p-RCPFullAWSAccess", "RCPFullAWSAccess", document({**allow("*"), "Principal": "*"}))


def _account(account: str) -> dict[str, object]:
    name = ACCOUNT_NAMES[account]
    return {
        "Id": account,
        "Arn": f"{_PREFIX}account/{ORGANIZATION}/{account}",
        "Email": f"aws+{name}@{DOMAIN}",
        "Name": name,
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": "INVITED" if account == LEGACY else "CREATED",
        "JoinedTimestamp": iso(moment(JOINED[account], account)),
    }


def tree(export: Export) -> None:
    """The organization, its units and accounts."""
    types = [{"Type": kind, "Status": "ENABLED"} for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")]
    described = {
        "Id": ORGANIZATION,
        "Arn": f"{_PREFIX}organization/{ORGANIZATION}",
        "FeatureSet": "ALL",
        "MasterAccountArn": f"{_PREFIX}account/{ORGANIZATION}/{ROOT}",
        "MasterAccountId": ROOT,
        "MasterAccountEmail": f"aws+bw-root@{DOMAIN}",
        "AvailablePolicyTypes": types[:1],
    }
    export.save("organizations-describe-organization", {"Organization": described})
    top = {"Id": TOP, "Arn": f"{_PREFIX}root/{ORGANIZATION}/{TOP}", "Name": "Root", "PolicyTypes": types}
    export.save("organizations-list-roots", {"Roots": [top]})
    export.save("organizations-list-accounts", {"Accounts": [_account(account) for account in PLACES]})
    units = [{"Id": ident, "Arn": f"{_PREFIX}ou/{ORGANIZATION}/{ident}", "Name": name} for name, ident in UNITS.items()]
    for parent in (TOP, *UNITS.values()):
        below = units if parent == TOP else []
        here = [_account(account) for account, place in PLACES.items() if place == parent]
        export.save("organizations-list-organizational-units-for-parent", {"OrganizationalUnits": below}, parent)
        export.save("organizations-list-accounts-for-parent", {"Accounts": here}, parent)
    export.save("organizations-list-delegated-administrators", {"DelegatedAdministrators": []})


def _summary(ident: str, name: str, kind: str) -> dict[str, object]:
    owner = "aws" if ident.startswith(("p-Full", "p-RCPFull")) else ROOT
    place = f"arn:aws:organizations::{owner}:policy"
    arn = f"{place}/{kind.lower()}/{ident}" if owner == "aws" else f"{place}/{ORGANIZATION}/{kind.lower()}/{ident}"
    return {
        "Id": ident,
        "Arn": arn,
        "Name": name,
        "Description": "Allows access to every operation" if owner == "aws" else "",
        "Type": kind,
        "AwsManaged": owner == "aws",
    }


def _target(ident: str) -> dict[str, object]:
    names = {TOP: "Root", **{unit: name for name, unit in UNITS.items()}, **ACCOUNT_NAMES}
    kinds = {"r-": "ROOT", "ou": "ORGANIZATIONAL_UNIT"}
    kind = kinds.get(ident[:2], "ACCOUNT")
    place = {"ROOT": "root", "ORGANIZATIONAL_UNIT": "ou", "ACCOUNT": "account"}[kind]
    return {
        "TargetId": ident,
        "Arn": f"{_PREFIX}{place}/{ORGANIZATION}/{ident}",
        "Name": names[ident],
        "Type": kind,
    }


def guardrails(export: Export) -> None:
    """Service control policies and resource control policies."""
    everywhere = (TOP, *UNITS.values(), *ACCOUNT_NAMES)
    scps = [(ident, name, content, targets) for name, (ident, content, targets) in GUARDRAILS.items()]
    for kind, policies in (
        ("SERVICE_CONTROL_POLICY", scps),
        ("RESOURCE_CONTROL_POLICY", [(*RCP, everywhere)]),
    ):
        rows = [_summary(ident, name, kind) for ident, name, _, _ in policies]
        export.save("organizations-list-policies", {"Policies": rows}, kind)
        for ident, name, content, targets in policies:
            policy = {"PolicySummary": _summary(ident, name, kind), "Content": compact(content)}
            export.save("organizations-describe-policy", {"Policy": policy}, ident)
            export.save(
                "organizations-list-targets-for-policy", {"Targets": [_target(target) for target in targets]}, ident
            )
