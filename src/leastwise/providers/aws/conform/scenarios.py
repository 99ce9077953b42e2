"""Suites `aws.escalation` and `aws.escalation_account`: paths through accounts that others described.

A case tells accounts as account authorization details, resource policies, and what else there is as the Terraform
resources that make it, each with the role that it runs as. Kinds of which it tells none count as not asked for: a path
that needs one is then one that may be there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from leastwise.engine.columns import with_rows
from leastwise.model.conformance import CaseError
from leastwise.model.tables import BY_NAME
from leastwise.providers.ask import text_of
from leastwise.providers.base import Scenario, ScopeTables
from leastwise.providers.rows import Rows

from ..translate import translate
from .documents import collected
from .told import accounts_of

_AT = datetime(2026, 11, 1, tzinfo=UTC)
_NAMES = {
    "aws_lambda_function": "lambda:{region}:{account}:function:{name}",
    "aws_instance": "",
    "aws_codebuild_project": "codebuild:{region}:{account}:project/{name}",
    "aws_sagemaker_notebook_instance": "sagemaker:{region}:{account}:notebook-instance/{name}",
    "aws_cloudformation_stack": "",
    "aws_ecs_task_definition": "ecs:{region}:{account}:task-definition/{name}:1",
    "aws_apprunner_service": "apprunner:{region}:{account}:service/{name}/{name}",
    "aws_glue_dev_endpoint": "glue:{region}:{account}:devEndpoint/{name}",
    "aws_s3_bucket": "s3:::{name}",
    "aws_dynamodb_table": "dynamodb:{region}:{account}:table/{name}",
}
"""The ARNs of what Terraform makes, behind `arn:aws:`; empty where the case has the whole."""
_KINDS = {
    "aws_lambda_function": "lambda:function",
    "aws_instance": "ec2:instance",
    "aws_codebuild_project": "codebuild:project",
    "aws_sagemaker_notebook_instance": "sagemaker:notebook-instance",
    "aws_cloudformation_stack": "cloudformation:stack",
    "aws_ecs_task_definition": "ecs:task-definition",
    "aws_apprunner_service": "apprunner:service",
    "aws_glue_dev_endpoint": "glue:devEndpoint",
    "aws_s3_bucket": "s3:bucket",
    "aws_dynamodb_table": "dynamodb:table",
}
_ROLES = ("role", "role_arn", "service_role", "iam_role_arn", "task_role_arn")
_DATA = ("s3:bucket", "dynamodb:table")
_PATH = "a path"
_YES, _NO = frozenset({"yes"}), frozenset({"no"})
_WANTED: Mapping[str, frozenset[str]] = {
    "escalation": _YES, "admin": _YES, "no-escalation": _NO, "escalation-only-through-another-principal": _NO,
    "escalation-if-resource-exists": frozenset({"perhaps", "no"}), "see-trust": frozenset({"perhaps", "no"}),
}  # fmt: skip


def of_accounts(body: Mapping[str, Any]) -> Scenario:
    """A case of suite `aws.escalation`. Raises CaseError."""
    accounts = body.get("accounts")
    if not isinstance(accounts, Mapping) or not all(isinstance(one, Mapping) for one in accounts.values()):
        raise CaseError("accounts: must be an object of accounts")
    policies = _objects(body, "resource_policies")
    documents = [{"kind": "account_authorization_details", "body": one} for one in accounts.values()]
    documents += [{"kind": "resource_policy", "body": one} for one in policies]
    things = [one for one in map(_thing, _objects(body, "other_resources")) if one is not None]
    scopes = tuple(scopes_of(documents, things))
    sources, wanted = _sources(body)
    targets = ["admin"]
    # Where names say who is an administrator, that is the question, whatever the case itself leads to.
    named = all(called != _PATH for _, called in wanted.values())
    if text_of(body, "target") == "to-bucket" and not named:
        targets = [one["id"] for one in things if one["kind"] in _DATA] + [str(one["resource"]) for one in policies]
    return Scenario(scopes, frozenset(one.id for one in scopes), sources, sorted(set(targets)), wanted, _AT)


def of_rule(body: Mapping[str, Any]) -> tuple[Sequence[ScopeTables], frozenset[str]]:
    """The estate of a case in a rule file: told in short (see `told`), or `documents` as suite `ask` has them with
    `things`; and calls that were `asked`, or `failed`.

    Raises:
        CaseError: it cannot be read.
    """
    things = body.get("things")
    if isinstance(things, list):
        documents = [dict(one) for one in _objects(body, "documents")]
        rows = [{"role": "", "profile": "", **one} for one in _objects(body, "things")]
    else:
        told = accounts_of(body)
        documents = [each for one in told for each in one.documents()]
        documents += [dict(one) for one in _objects(body, "documents")]
        rows = [each for one in told for each in one.things()]
    asked = [str(one) for one in body.get("asked") or ()]
    failed = [str(one) for one in body.get("failed") or ()]
    scopes = tuple(scopes_of(documents, rows, asked, failed))
    return scopes, frozenset(one.id for one in scopes)


def of_account(body: Mapping[str, Any], folder: Path) -> Scenario:
    """A case of suite `aws.escalation_account`, whose account lies beside the vectors. Raises CaseError."""
    scopes = _account(folder / "iam_vulnerable_gaad.json")
    principal, expected = text_of(body, "principal"), text_of(body, "expect")
    if expected not in _WANTED:
        raise CaseError(f"expect: {expected!r} is not known")
    wanted = {principal: (_WANTED[expected], expected)}
    return Scenario(scopes, frozenset(one.id for one in scopes), [principal], ["admin"], wanted, _AT)


@lru_cache(maxsize=2)
def _account(path: Path) -> tuple[ScopeTables, ...]:
    try:
        body = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CaseError(f"{path} cannot be read: {error}") from None
    return tuple(scopes_of([{"kind": "account_authorization_details", "body": body}], []))


def _sources(body: Mapping[str, Any]) -> tuple[list[str], dict[str, tuple[frozenset[str], str]]]:
    """Who wants to get there, and of whom else the case says whether he is an administrator."""
    told = body.get("path_principals")
    principals = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
    start = body.get("start") if isinstance(body.get("start"), str) else next(iter(principals), "")
    wanted: dict[str, tuple[frozenset[str], str]] = {}
    verdicts = {"-isAdmin-": (_YES, "administrator"), "-notAdmin-": (_NO, "no administrator")}
    for mark, verdict in verdicts.items():
        wanted |= {id: verdict for id in principals if mark in id}
    if not wanted:
        wanted[str(start)] = (frozenset({"yes", "perhaps"}), _PATH)
    return list(wanted), wanted


def _objects(body: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = body.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise CaseError(f"{key}: must be a list of objects")
    return found


def _thing(one: Mapping[str, Any]) -> dict[str, str] | None:
    """A resource of Terraform as a row, with the role or profile that it runs as; None for what no rule is about."""
    type = one.get("type")
    if type not in _KINDS:
        return None
    name, account, arn = (str(one.get(key, "")) for key in ("name", "account", "arn"))
    form, region = _NAMES[type], arn.split(":")[3] if arn.count(":") > 4 else ""
    id = f"arn:aws:{form.format(region=region, account=account, name=name)}" if form else arn
    role = next((str(one[key]) for key in _ROLES if one.get(key)), "")
    profile = str(one.get("iam_instance_profile") or "")
    if not role and not profile and _KINDS[type] not in _DATA:
        return None
    return {"id": id, "kind": _KINDS[type], "name": name, "account": account, "role": role, "profile": profile}


def scopes_of(
    documents: list[dict[str, Any]],
    things: Iterable[Mapping[str, Any]],
    asked: Sequence[str] = (),
    failed: Sequence[str] = (),
) -> Iterable[ScopeTables]:
    """The tables of some documents as the suite `ask` has them, and of some resources.

    Args:
        documents: see there.
        things: each with its id, kind, name, account, and the role or instance profile that it runs as, or none.
        asked: calls that were made besides, as `lambda.ListFunctions`.
        failed: calls of which some failed.
    """
    known = list(things)
    for one in collected(documents):
        tables = dict(translate(one))
        rows = {name: Rows(BY_NAME[name]) for name in ("resources", "runs_as", "coverage")}
        rows["coverage"].add(service="iam", call="GetAccountAuthorizationDetails", status="ok")
        for status, calls in (("ok", asked), ("failed", failed)):
            for service, _, call in (one.partition(".") for one in calls):
                rows["coverage"].add(service=service, call=call, status=status)
        listed = set(tables["resources"]["id"].to_pylist())
        for thing in known:
            if thing["account"] != one.scope.id:
                continue
            if thing["id"] not in listed:
                rows["resources"].add(
                    id=thing["id"], account=one.scope.id, kind=thing["kind"], name=thing["name"], policy_known=True,
                    details=sorted(thing.get("details", {}).items()),
                    tags=sorted((thing.get("tags") or {}).items()),
                )  # fmt: skip
            if thing["role"]:
                rows["runs_as"].add(subject=thing["id"], object=thing["role"], kind="executes_as", account=one.scope.id)
            if thing["profile"]:
                profile = f"arn:aws:iam::{one.scope.id}:instance-profile/{thing['profile']}"
                rows["runs_as"].add(subject=thing["id"], object=profile, kind="instance_profile", account=one.scope.id)
        for name in ("resources", "runs_as"):
            if rows[name].count:
                tables[name] = with_rows(tables[name], rows[name].to_table())
        tables["coverage"] = rows["coverage"].to_table()
        yield ScopeTables(one.scope.kind, one.scope.id, tables)
