"""The declarations of what is collected, held against the SDK's models: names, parameters, what is kept, secrets."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import DataNotFoundError
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

from leastwise.model.scope import Scope
from leastwise.providers.aws import catalog
from leastwise.providers.aws.collect.clients import _TOKENS
from leastwise.providers.aws.collect.clients import Answer as Told
from leastwise.providers.aws.collect.declaration import AROUND, Call, Service, declared
from leastwise.providers.aws.collect.policy import plan, policy, policy_text
from leastwise.providers.aws.collect.run import Run
from leastwise.providers.aws.collect.source import read_source
from leastwise.providers.aws.exports.calls import READ
from leastwise.providers.aws.outcome import DENIED, THROTTLED
from leastwise.providers.collecting.journal import Header, Journal
from leastwise.providers.collecting.prune import prune
from leastwise.providers.collecting.run import Target

TOKEN = re.compile(r"(?i)next_?token|next_?marker|marker|position|(next)?continuation_?token|lastevaluated\w+")
MANAGED_POLICY_LIMIT = 6144
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters without white space."""

UNMODELLED = {
    "s3api.get-bucket-policy": ["NoSuchBucketPolicy"],
    "s3api.get-bucket-ownership-controls": ["OwnershipControlsNotFoundError"],
    "s3api.get-public-access-block": ["NoSuchPublicAccessBlockConfiguration"],
    "s3api.get-bucket-tagging": ["NoSuchTagSet"],
    "s3control.get-access-point-policy": ["NoSuchAccessPointPolicy"],
}
"""Codes of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, which the SDK does not model."""

WHOLE = {
    "account_authorization_details": ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"],
}
"""Kind → objects kept as they are, with whatever members AWS adds: the same as importing the same export keeps."""

SENSITIVE = {
    "organizations.list-accounts": ["Accounts.Name"],
    "organizations.list-accounts-for-parent": ["Accounts.Name"],
    "organizations.list-delegated-administrators": ["DelegatedAdministrators.Name"],
    "identitystore.list-users": [
        "Users.UserName", "Users.DisplayName", "Users.Emails.Value", "Users.Emails.Type", "Users.ExternalIds.Issuer",
        "Users.ExternalIds.Id",
    ],
    "identitystore.list-groups": ["Groups.DisplayName", "Groups.ExternalIds.Issuer", "Groups.ExternalIds.Id"],
}  # fmt: skip
"""What AWS marks as sensitive because it names people and accounts: without the names there is nothing to answer."""

LOOKS_SECRET = re.compile(
    r"(?i)passw|secret|token|private(?!ip)|material|environment|variable|user_?data|definition|template|code|credential"
    r"|pem$|certificatebody|certificatedata|publickeys?$|param|argument|input|command|script$|scriptlocation|seed|qrcode"
    r"|metadatadocument|buildspec|output|header|prompt|instruction|sql|payload|connectionstring|webhook|location$"
)
REVIEWED = {
    "account_authorization_details": {"SourceRoleTemplate", "TemplateArn"},
    "iam.get-login-profile": {"PasswordResetRequired"},
    "iam.get-account-password-policy": {"PasswordPolicy"},
    "iam.list-ssh-public-keys": {"SSHPublicKeys"},
    # What an identity provider publishes of itself: its name, addresses and certificates.
    "iam.get-saml-provider": {"SAMLMetadataDocument"},
    "iam.list-service-specific-credentials": {
        "ServiceSpecificCredentials", "ServiceSpecificCredentialId", "ServiceCredentialAlias",
    },
    "s3api.get-bucket-location": {"LocationConstraint"},
    "secretsmanager.list-secrets": {"SecretList"},
    "cognito-identity.describe-identity-pool": {"ServerSideTokenCheck"},
    "iot.describe-role-alias": {"credentialDurationSeconds"},
    "ec2.describe-instances": {"HttpTokens"},
    "events.list-targets-by-rule": {"EcsParameters", "TaskDefinitionArn"},
    "scheduler.get-schedule": {"EcsParameters", "TaskDefinitionArn"},
    "ecs.describe-services": {"taskDefinition", "enableExecuteCommand"},
    "ecs.describe-tasks": {"taskDefinitionArn", "enableExecuteCommand"},
    # `secrets` are names, and the ARNs of secrets.
    "ecs.describe-task-definition": {
        "taskDefinition", "taskDefinitionArn", "containerDefinitions", "environment", "secrets",
    },
    "batch.describe-job-definitions": {"jobDefinitions", "jobDefinitionName", "jobDefinitionArn"},
    "batch.describe-compute-environments": {
        "computeEnvironments", "computeEnvironmentName", "computeEnvironmentArn",
    },
    "codebuild.batch-get-projects": {"environment", "environmentVariables"},
}  # fmt: skip
"""Kind → members whose names look as if they held secrets, and do not: names, references, settings."""

UNUSED = {
    # Said by list-targets-for-policy, for all targets of a policy at once.
    "organizations.list-policies-for-target", "iot.list-attached-policies", "iot.list-principal-policies",
    # Either version; the first says all that is needed.
    "iot.list-thing-principals-v2",
    # The credential report says when each password was used.
    "iam.list-users",
    # By service; the report of each principal by itself says as much.
    "iam.get-service-last-accessed-details-with-entities",
}  # fmt: skip
"""Saved calls that translation reads too, and that collection does not need."""

DATA_PLANE = re.compile(
    r"s3:GetObject|dynamodb:(BatchGetItem|GetItem|Query|Scan)|sqs:ReceiveMessage|secretsmanager:(Batch)?GetSecretValue"
    r"|ssm:GetParameter|kms:(Decrypt|GenerateDataKey|GetPublicKey)|lambda:(GetFunction$|InvokeFunction)"
    r"|ecr:(GetAuthorizationToken|GetDownloadUrlForLayer|BatchGetImage)|logs:(GetLogEvents|FilterLogEvents)"
    r"|cognito-identity:(GetCredentialsForIdentity|GetOpenIdToken)|sts:(Assume|GetSessionToken|GetFederationToken)"
    r"|codecommit:|glue:GetTable|athena:|cloudtrail:(LookupEvents|GetQueryResults)|bedrock:Invoke"
)


class Made(NamedTuple):
    """A declared call: the service that it is made to, and the call above it."""

    service: Service
    call: Call
    above: Made | None

    @property
    def kind(self) -> str:
        return self.service.kind(self.call)

    @property
    def operation(self) -> OperationModel:
        return model(self.service.service).operation_model(self.call.call)


def made(service: Service) -> list[Made]:
    def under(calls: list[Call], above: Made | None) -> Iterator[Made]:
        for call in calls:
            one = Made(service.of(call), call, above)
            yield one
            yield from under(call.then, one)

    return list(under(service.calls, None))


@cache
def model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@cache
def paging(service: str) -> dict[str, Any]:
    try:
        loader = botocore.session.get_session().get_component("data_loader")
        return dict(loader.load_service_model(service, "paginators-1")["pagination"])
    except DataNotFoundError:
        return {}


def inside(shape: Shape | None) -> Shape | None:
    while shape is not None and shape.type_name == "list":
        shape = shape.member
    return shape


def shape_at(shape: Shape | None, path: str) -> Shape | None:
    """The shape of what a path of member names leads to; lists are looked through."""
    for name in path.split(".") if path else ():
        shape = inside(shape)
        if shape is None or shape.type_name not in ("structure", "map"):
            return None
        shape = shape.value if shape.type_name == "map" else shape.members.get(name)
    return shape


def kept_at(keep: Any, path: str) -> Any:
    """What the allow-list says of a path: None for kept, `hash`, a tree that goes on, or `dropped`."""
    for name in path.split(".") if path else ():
        if keep is None or isinstance(keep, str):
            return keep
        keep = keep.get(name, keep.get("*", "dropped"))
    return keep


def leaves(keep: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, below in keep.items():
        here = f"{path}.{name}" if path else name
        if isinstance(below, dict):
            yield from leaves(below, here)
        else:
            yield here, below


def templates(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value[:1] in (".", "$"):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from templates(one)


EVERY = [pytest.param(service, id=service.name) for service in declared()]
every = pytest.mark.parametrize("service", EVERY)


@every
def test_operations_exist_and_are_spelled_as_the_cli_spells_them(service: Service) -> None:
    for one in made(service):
        assert one.call.call in model(one.service.service).operation_names
        assert one.call.operation == xform_name(one.call.call, "-")
        assert one.call.affects or service.affects, f"{one.kind}: what cannot be known without it?"
        # A call to another service hands that service down: what is below must say the same.
        if one.above and one.above.call.service:
            assert one.call.service == one.above.call.service


@every
def test_parameters_are_those_of_the_operation(service: Service) -> None:
    for one in made(service):
        takes = one.operation.input_shape
        members = takes.members if takes else {}
        assert set(one.call.with_) <= set(members), one.kind
        assert set(takes.required_members if takes else ()) <= set(one.call.with_), one.kind
        assert not set(members) & set(AROUND) & set(one.call.with_), "hides $account or $region"
        assert set(one.call.subject or ()) <= set(one.call.with_), one.kind
        # What a call goes by and does not send must be known above, where it was sent.
        for template in templates(one.call.about):
            assert template[0] == "$" and one.above and template[1:] in one.above.call.with_, one.kind
        for name, template in one.call.with_.items():
            if not any(templates(template)):
                report = ParamValidator().validate({name: template}, _only(takes, name))
                assert not report.has_errors(), f"{one.kind}: {report.generate_report()}"
                allowed = inside(members[name])
                for value in template if isinstance(template, list) else [template]:
                    assert not getattr(allowed, "enum", ()) or value in allowed.enum, f"{one.kind}: {value}"
        many = [name for name, template in one.call.with_.items() if template == "." and one.call.together > 1]
        assert (one.call.together > 1) == bool(many)
        for name in many:
            limit = members[name].metadata.get("max")
            assert members[name].type_name == "list" and (limit is None or one.call.together <= limit)


def _only(shape: Shape, name: str) -> Shape:
    """An input shape that asks for one member only."""
    raw = {"type": "structure", "members": {name: shape._shape_model["members"][name]}}
    return type(shape)(shape.name, raw, shape._shape_resolver)


@every
def test_what_leads_on_is_in_the_answer_above_and_is_kept(service: Service) -> None:
    """A resumed run asks on from what the journal holds, which is only what is kept."""
    for one in made(service):
        sources = [one.above] if one.above else []
        wanted: list[tuple[Made, str, str]] = [(above, one.call.each, "") for above in sources]
        if one.call.again:
            wanted.append((one, one.call.again, ""))
        for above, each, _ in list(wanted):
            paths = [template[1:] for template in templates(one.call.with_) if template[0] == "." and template != "."]
            paths += [*one.call.where, *([one.call.at] if one.call.at else [])]
            wanted += [(above, f"{each}.{path}".strip("."), path) for path in paths]
        for above, path, member in wanted:
            place = f"{one.kind}: {path} of {above.kind}"
            assert shape_at(above.operation.output_shape, path) is not None, f"{place} does not exist"
            found = kept_at(above.call.keep, path)
            assert found is None or (isinstance(found, dict) and not member), f"{place} is not kept"
        for template in templates(one.call.with_):
            if template[0] == "." and one.above:
                each = one.call.again if one.call.again and not one.call.each else one.call.each
                path = f"{each}{template if template != '.' else ''}".strip(".")
                given = inside(shape_at(one.above.operation.output_shape, path))
                name = next(name for name, value in one.call.with_.items() if template in templates(value))
                taken = inside(one.operation.input_shape.members[name])
                kinds = {"long": "integer"}
                assert given is not None and taken is not None
                assert kinds.get(given.type_name, given.type_name) == kinds.get(taken.type_name, taken.type_name)
            if template[0] == "$" and template[1:] not in AROUND:
                assert one.above and template[1:] in one.above.call.with_, f"{one.kind}: {template} is not known"
            if template[0] == ".":
                assert one.above, f"{one.kind}: {template} of what?"


@every
def test_what_is_kept_exists_and_ends_in_values(service: Service) -> None:
    for one in made(service):
        answer = one.operation.output_shape
        assert bool(one.call.keep) != bool(one.call.body or (one.call.until and not one.call.about)), one.kind
        for member in (*one.call.fails, *one.call.until):
            status = shape_at(answer, member)
            assert status is not None and {one.call.until[member], one.call.fails.get(member)} - {None} <= set(
                status.enum
            )
        for path, _ in leaves(one.call.keep):
            shape = shape_at(answer, path)
            assert shape is not None, f"{one.kind}: {path}"
            last = inside(shape)
            assert last is not None
            if last.type_name == "map":
                last = inside(last.value)
            if path not in WHOLE.get(one.kind, ()):
                assert last is not None and last.type_name != "structure", f"{one.kind}: {path} keeps all that is in it"
        for member in (*one.call.until, *([one.call.body] if one.call.body else [])):
            assert shape_at(answer, member) is not None


@every
def test_every_page_is_asked_for(service: Service) -> None:
    for one in made(service):
        gives = one.operation.output_shape.members if one.operation.output_shape else {}
        takes = one.operation.input_shape.members if one.operation.input_shape else {}
        tokens = [name for name in gives if TOKEN.fullmatch(name)]
        if tokens and one.call.call not in paging(one.service.service):
            known = [(out, parameter) for out, parameter in _TOKENS if out in gives and parameter in takes]
            assert known, f"{one.kind}: {tokens} leads to the next page, and nobody follows it"
        for found in [paging(one.service.service).get(one.call.call, {})]:
            inputs = found.get("input_token", [])
            assert not set([inputs] if isinstance(inputs, str) else inputs) & set(one.call.with_)


@every
def test_codes_for_there_is_none_are_the_vendors(service: Service) -> None:
    for one in made(service):
        codes = {shape.name for shape in one.operation.error_shapes}
        codes |= {str(shape.metadata.get("error", {}).get("code")) for shape in one.operation.error_shapes}
        codes |= set(UNMODELLED.get(one.kind, ()))
        assert set(one.call.absent) <= codes, f"{one.kind}: {set(one.call.absent) - codes}"
        assert not set(one.call.absent) & (DENIED | THROTTLED), f"{one.kind}: a refusal is not an absence"


@every
def test_a_call_that_is_declared_twice_means_the_same(service: Service) -> None:
    """Documents and coverage go by the name of the call, so kind, subject and what is kept must not differ."""
    same: dict[str, list[Made]] = defaultdict(list)
    for other in declared():
        for one in made(other):
            same[f"{one.service.name}.{one.call.call}"].append(one)
    for one in made(service):
        about = {
            (
                found.kind,
                str(found.call.subject),
                str(found.call.about),
                found.call.passing,
                tuple(found.call.absent),
                json.dumps(found.call.keep),
                found.call.body,
            )
            for found in same[f"{one.service.name}.{one.call.call}"]
        }
        assert len(about) == 1, one.kind


@every
def test_nothing_that_the_vendor_calls_sensitive_is_kept(service: Service) -> None:
    def marked(shape: Shape | None, path: str, keep: Any, seen: tuple[str, ...] = ()) -> Iterator[str]:
        shape_inside = inside(shape)
        if shape is None or shape_inside is None or keep in ("dropped", "hash") or seen.count(shape_inside.name) > 1:
            return
        while shape is not shape_inside and shape is not None:
            if shape.metadata.get("sensitive") and not isinstance(keep, dict):
                yield path
            shape = getattr(shape, "member", None)
        if shape_inside.metadata.get("sensitive"):
            yield path
        members = dict(shape_inside.members) if shape_inside.type_name == "structure" else {}
        if shape_inside.type_name == "map":
            members = {"*": shape_inside.value}
        for name, below in members.items():
            here = f"{path}.{name}" if path else name
            yield from marked(below, here, kept_at(keep, name), (*seen, shape_inside.name))

    for one in made(service):
        found = set(marked(one.operation.output_shape, "", one.call.keep))
        assert found <= set(SENSITIVE.get(one.kind, ())), one.kind


CANARY = re.compile(r"canary-[\w.-]+?-\d{5}-end")


class Answer:
    """A full answer to a call in which every text is a canary of its own; `where` says which stands where."""

    def __init__(self, made: Made, enums: bool = False) -> None:
        shape, keep = made.operation.output_shape, made.call.keep
        self.kind, self.enums = made.kind, enums
        self.where: dict[str, str] = {}
        self.members = self._fill(shape, "", keep, ()) if shape else {}

    def _fill(self, shape: Shape, path: str, keep: Any, above: tuple[str, ...]) -> Any:
        kind = shape.type_name
        if kind == "structure":
            if above.count(shape.name) > 1:
                return {}
            return {
                name: self._fill(below, f"{path}.{name}".strip("."), kept_at(keep, name), (*above, shape.name))
                for name, below in shape.members.items()
            }
        if kind == "list":
            return [self._fill(shape.member, path, keep, above) for _ in range(2)]
        if kind == "map":
            # Names of variables that a careless hash would take for the name of a pair, and those that are asked for.
            names = {"name", "KEY", "Value", *(keep if isinstance(keep, dict) else ())} - {"*"}
            return {
                name: self._fill(shape.value, f"{path}.{name}", kept_at(keep, name), above) for name in sorted(names)
            }
        if kind in ("string", "blob", "char"):
            if self.enums and getattr(shape, "enum", None):
                return shape.enum[0]
            canary = f"canary-{self.kind}-{len(self.where):05}-end"
            self.where[canary] = path
            return canary.encode() if kind == "blob" else canary
        return {"boolean": True, "timestamp": datetime(2026, 1, 1, tzinfo=UTC)}.get(kind, 7)


@every
def test_only_what_is_on_the_list_survives(service: Service) -> None:
    for one in made(service):
        answer = Answer(one)
        pruned = json.dumps(prune(answer.members, one.call.keep, lambda text: f"hashed {len(text)}"), default=repr)
        survivors = set(CANARY.findall(pruned))
        kept = {canary for canary, path in answer.where.items() if kept_at(one.call.keep, path) is None}
        assert survivors == kept, one.kind
        reviewed = REVIEWED.get(one.kind, set())
        for path in sorted({answer.where[canary] for canary in survivors}):
            names = path.split(".")
            suspect = [name for name in names if LOOKS_SECRET.search(name) and name not in reviewed]
            assert not suspect, f"{one.kind} keeps {path}"
            for name in ("environment", "environmentVariables", "Environment", "RuntimeEnvironmentVariables"):
                assert name not in names or names[-1] in ("name", "type", "privilegedMode"), f"{one.kind} keeps {path}"


@pytest.mark.parametrize("scope", ["account", "organization"])
def test_every_call_is_reached_and_no_dropped_canary_gets_into_the_journal(scope: Any, tmp_path: Path) -> None:
    """Everything is collected from answers full of canaries; each call must follow from what others keep."""
    services = [service for service in declared() if service.scope == scope]
    calls = {(one.service.service, one.call.call): one for service in services for one in made(service)}
    asked: Counter[tuple[str, str]] = Counter()
    dropped: set[str] = set()

    def ask(service: Service, call: Call, region: str, parameters: Mapping[str, Any], credentials: Any) -> Told:
        one = calls[service.service, call.call]
        asked[service.service, call.call] += 1
        if one.operation.input_shape:
            report = ParamValidator().validate(dict(parameters), one.operation.input_shape).generate_report()
            assert not [line for line in report.splitlines() if "Invalid length" not in line], one.kind
        answer = Answer(one, enums=True)
        dropped.update(canary for canary, path in answer.where.items() if kept_at(call.keep, path) is not None)
        dropped.difference_update(canary for canary, path in answer.where.items() if path == call.body)
        return Told({**answer.members, **call.until}, None)

    header = Header(("aws", scope, "111122223333"), datetime(2026, 1, 1, tzinfo=UTC).isoformat(), "plan")
    for resume in (False, True):
        journal = Journal(tmp_path / "journal")
        target = Target(
            Scope("aws", scope, "111122223333"), None, services, ["eu-west-1"], "us-east-1", header, journal, resume,
            around={"account": "111122223333"},
        )  # fmt: skip
        run = Run(ask, lambda text: f"hashed {len(text)}", 1, 1)
        (finished,) = run.collect([target])
        assert set(calls) - set(asked) == set()
        written = journal.path.read_bytes() + b"".join(one.body for one in finished.collected.documents)
        found = set(CANARY.findall(written.decode(errors="replace")))
        assert found and not found & dropped
        assert {one.kind for one in finished.collected.documents} == {one.kind for one in calls.values() if _tells(one)}
        assert {str(one.status) for one in finished.collected.coverage} == {"ok"}
        names = Counter(one.name for one in finished.collected.documents)
        assert not [name for name, count in names.items() if count > 1]
        journal.close()
        total = sum(asked.values())
        if resume:
            assert run.tally.resumed == total
    assert total == sum(asked.values())


def _tells(one: Made) -> bool:
    return bool(one.call.keep or one.call.body or one.call.until) and not one.call.passing


def _asked(name: str, answers: Mapping[str, Any], folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Call → what it was asked for, when a service is collected and these functions give the answers."""
    asked: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def ask(service: Service, call: Call, region: str, parameters: Mapping[str, Any], credentials: Any) -> Told:
        asked[call.call].append(dict(parameters))
        return Told(answers[call.call](parameters) if call.call in answers else {}, None)

    services = [service for service in declared() if service.name == name]
    header = Header(("aws", "account", "111122223333"), datetime(2026, 1, 1, tzinfo=UTC).isoformat(), "plan")
    journal = Journal(folder / "journal")
    journal.open(header, False)
    scope = Scope("aws", "account", "111122223333")
    target = Target(scope, None, services, ["eu-west-1"], "us-east-1", header, journal)
    target.around = {"account": scope.id}
    (finished,) = Run(ask, str, 1, 1).collect([target])
    names = [one.name for one in finished.collected.documents]
    assert len(set(names)) == len(names) == sum(map(len, asked.values()))
    return asked


def test_a_tree_of_units_is_read_to_its_leaves(tmp_path: Path) -> None:
    tree = {"r-1": ["ou-1", "ou-2"], "ou-1": ["ou-3"], "ou-3": ["ou-4"], "ou-4": ["ou-5"]}
    units = {
        "ListRoots": lambda _: {"Roots": [{"Id": "r-1"}]},
        "ListOrganizationalUnitsForParent": lambda about: {
            "OrganizationalUnits": [{"Id": id} for id in tree.get(about["ParentId"], ())]
        },
    }
    asked = _asked("organizations", units, tmp_path)
    for call in ("ListOrganizationalUnitsForParent", "ListAccountsForParent"):
        parents = [one["ParentId"] for one in asked[call]]
        assert sorted(parents) == ["ou-1", "ou-2", "ou-3", "ou-4", "ou-5", "r-1"]


def test_things_are_asked_for_together(tmp_path: Path) -> None:
    running = [f"service/{number}" for number in range(23)]
    told = {"ListClusters": lambda _: {"clusterArns": ["c"]}, "ListServices": lambda _: {"serviceArns": running}}
    asked = _asked("ecs", told, tmp_path)["DescribeServices"]
    assert asked == [{"cluster": "c", "services": running[at : at + 10]} for at in (0, 10, 20)]


def test_a_call_can_name_the_account_that_it_is_made_in(tmp_path: Path) -> None:
    asked = _asked("s3control", {"ListAccessPoints": lambda _: {"AccessPointList": [{"Name": "a"}]}}, tmp_path)
    assert asked["GetPublicAccessBlock"] == [{"AccountId": "111122223333"}]
    assert asked["GetAccessPointPolicy"] == [{"AccountId": "111122223333", "Name": "a"}]


def test_a_variable_called_key_is_hashed_like_any_other() -> None:
    found = {"Variables": {"KEY": "a", "name": "b", "PARAMETERKEY": "c", "port": 1}, "Other": "d"}
    pruned = prune(found, {"Variables": "hash"}, lambda text: f"#{text}#")
    assert pruned == {"Variables": {"KEY": "#a#", "name": "#b#", "PARAMETERKEY": "#c#", "port": "#1#"}}


def test_every_action_exists_and_only_reads() -> None:
    for service in declared():
        for one in made(service):
            for action in one.service.actions(one.call):
                found = catalog.action(action)
                assert found is not None, f"{one.kind}: {action} is no action"
                assert found.name == action and found.level in ("List", "Read"), f"{action}: {found.name} {found.level}"
                assert not DATA_PLANE.match(action), f"{action} reads what customers keep, not how it is set up"


ASKING = ("who", "what", "which", "whether", "when", "where", "how", "until when", "in which")


@pytest.mark.parametrize("service", declared(), ids=lambda one: one.name)
def test_what_stays_unknown_is_said_as_questions_that_stand_alone(service: Service) -> None:
    for question in [*service.affects, *(one for call in service.walk() for one in call.affects)]:
        assert question.startswith(tuple(f"{word} " for word in ASKING)), question
        assert not {"it", "them", "they"} & set(question.replace(",", "").split()), question
        assert question[-1] not in ".?"


def test_operations_only_read() -> None:
    for service in declared():
        for one in made(service):
            assert re.match(
                r"(Get|List|Describe|BatchGet)[A-Z]|Generate(CredentialReport|ServiceLastAccessedDetails)$",
                one.call.call,
            )


def test_what_is_made_only_by_choice_is_a_key_of_a_source() -> None:
    assert {call.choice for service in declared() for call in service.walk()} - {""} == {"access_advisor"}
    names = {one.call for service in declared() for call in service.walk() if call.choice for one in call.walk()}
    assert names == {"GenerateServiceLastAccessedDetails", "GetServiceLastAccessedDetails"}
    actions = {f"iam:{name}" for name in names}
    for keys in ({}, {"access_advisor": True}):
        source = read_source(keys)
        walked = {call.call for service in source.declared() for call in service.walk()}
        needed = set(json.loads(policy_text(source))["Statement"][0]["Action"])
        planned = {one.call for one in plan(source)}
        for found, wanted in ((walked, names), (planned, names), (needed, actions)):
            assert found & wanted == (wanted if keys else set())
        assert source.left_out("account") == [], "a second source: without it less is known, and nothing wrong"


def test_the_whole_policy_fits_into_a_managed_policy() -> None:
    found = policy(declared(), ["arn:aws:iam::*:role/a-role-with-a-name-of-some-length"])
    assert len(json.dumps(found, separators=(",", ":"))) <= MANAGED_POLICY_LIMIT
    assert not [action for statement in found["Statement"] for action in statement["Action"] if "*" in action]


def test_every_call_that_translation_reads_is_made() -> None:
    kinds = {one.kind for service in declared() for one in made(service)}
    read = {f"{service}.{operation}" for service, operations in READ.items() for operation in operations}
    assert read - kinds == UNUSED
