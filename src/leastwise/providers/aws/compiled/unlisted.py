"""Resources that may be there though the estate does not have them, and whose policies may let somebody in.

Where an account was not asked which queues it has, or not for their policies, it is of nobody there sure that none lets
them in. Of services that nothing collects that is always so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from .. import catalog
from ..evaluate.services import assumes
from .estate import CompiledEstate
from .policied import can_have_policy

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_FINE = ("ok", "unlicensed")


class _Calls(NamedTuple):
    """What tells of the resources of a service: its name in the coverage, calls that list them, and ask for policies.

    `imported`: exports say what they lack; where they do not, it was read.
    """

    name: str
    lists: tuple[str, ...]
    policies: tuple[str, ...] = ()
    imported: bool = False


_READ = {
    "backup": _Calls("backup", ("ListBackupVaults",), ("GetBackupVaultAccessPolicy",)),
    "dynamodb": _Calls("dynamodb", ("ListTables",), ("GetResourcePolicy",), imported=True),
    "ecr": _Calls("ecr", ("DescribeRepositories",), ("GetRepositoryPolicy",), imported=True),
    "elasticfilesystem": _Calls("efs", ("DescribeFileSystems",), ("DescribeFileSystemPolicy",)),
    "es": _Calls("opensearch", ("ListDomainNames",), ("DescribeDomains",)),
    "events": _Calls("events", ("ListEventBuses",)),
    "execute-api": _Calls("apigateway", ("GetRestApis",)),
    "glue": _Calls("glue", ("GetResourcePolicies",)),
    "kms": _Calls("kms", ("ListKeys",), ("GetKeyPolicy",), imported=True),
    "lambda": _Calls("lambda", ("ListFunctions",), ("GetPolicy",), imported=True),
    "logs": _Calls("logs", ("DescribeResourcePolicies",)),
    "s3": _Calls("s3api", ("ListBuckets",), ("GetBucketPolicy",), imported=True),
    "secretsmanager": _Calls("secretsmanager", ("ListSecrets",), ("GetResourcePolicy",), imported=True),
    "ses": _Calls("sesv2", ("ListEmailIdentities",), ("GetEmailIdentityPolicies",)),
    "sns": _Calls("sns", ("ListTopics",), ("GetTopicAttributes",), imported=True),
    "sqs": _Calls("sqs", ("ListQueues",), ("GetQueueAttributes",), imported=True),
    "sts": _Calls(
        "iam", ("GetAccountAuthorizationDetails", "GetAccountAuthorizationDetails/RoleDetailList"), imported=True
    ),
}
"""By service, as ARNs name it (roles stand at `sts`), what is collected; see `exports.gaps` and the declared calls."""
COLLECTED = tuple(one for one in _READ if one != "sts")
"""The services of which resources with policies are read."""


def unlisted(estate: CompiledEstate, action: str, accounts: Collection[str]) -> dict[str, str]:
    """The accounts, of some, in which an action may act on resources that were not read; with what that is."""
    services = _acts_on(catalog.current(), action)
    found: dict[str, str] = {}
    for account in sorted(accounts):
        lacking = [one for one in services if not _listed(estate, account, one)]
        if lacking:
            found[account] = lack(account, lacking)
    return found


def lack(account: str, services: Collection[str]) -> str:
    """The gap in words."""
    names = ", ".join("roles" if one == "sts" else f"resources of {one}" for one in services)
    return f"{names} in {account}: not all were read; their policies may let somebody in"


def unlisted_services(estate: CompiledEstate, account: str) -> Iterator[str]:
    """The services, of those that are collected, whose resources with policies were not all read in an account."""
    yield from (one for one in COLLECTED if not _listed(estate, account, one))


def _listed(estate: CompiledEstate, account: str, service: str) -> bool:
    """Whether the resources of a service with policies were read in an account, or each that was not stands there."""
    calls = _READ.get(service)
    if calls is None:
        return False
    rows = [row for row in estate.arrays.facts["coverage"].get(account, ()) if row[0] == calls.name]
    lists = [row[2] in _FINE for row in rows if row[1] in calls.lists]
    # A policy that was denied is a gap of its own resource; one that was never asked for, of any.
    untried = any(row[1] in calls.policies and row[2] == "not_tried" for row in rows)
    return all(lists) and not untried and (calls.imported or bool(lists))


@lru_cache(maxsize=1024)
def _acts_on(facts: catalog.Catalog, action: str) -> tuple[str, ...]:
    """The services, as ARNs name them, of the resources with policies that an action acts on."""
    if assumes(action):
        return ("sts",)
    known = facts.action(action)
    if known is None or known.wildcard_only:
        return ()
    service = facts.service(action.partition(":")[0])
    types = {} if service is None else service.resource_types
    arns = [arn for use in known.resource_types if use.type in types for arn in types[use.type].arns]
    texts = {_VARIABLE.sub("*", arn).replace("arn:*:", "arn:aws:", 1) for arn in arns}
    return tuple(sorted({text.split(":")[2] for text in texts if can_have_policy(text)}))
