"""Who comes in by which trust: each provider's own evaluator is shown tokens, hostile ones too."""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.escalation import ACCOUNT, IAM
from fakes.federation import GITHUB, POOL, account, corp, door_of, doors_of, role, web
from leastwise.graph.federation import Federation, Shown
from leastwise.graph.paths import path_of
from leastwise.graph.subjects import Subjects
from leastwise.graph.union import joined
from leastwise.model.decision import Circumstances, State
from leastwise.model.federation import OIDC, SIGNED, Bearer, Token
from leastwise.providers.aws import PROVIDER as AWS
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER as ENTRA
from leastwise.providers.federated import issuer_of_metadata
from leastwise.providers.gcp import PROVIDER as GCP
from leastwise.providers.microsoft.federating import Credential
from leastwise.providers.microsoft.shadows import member_of
from leastwise.rules.federation import load_federation

MAIN = "repo:acme/api:ref:refs/heads/main"
AUD = {f"{GITHUB}:aud": "sts.amazonaws.com"}


def token(subject: str, audience: str | None = "sts.amazonaws.com", **claims: str) -> Token:
    told = {name: (value,) for name, value in claims.items()} | ({"aud": (audience,)} if audience else {})
    return Token(OIDC, f"https://{GITHUB}", subject, told)


def state(door: Any, one: Token) -> str:
    found = door.tries(one)
    return str(found[0].state) if found else "nobody"


def like(pattern: str) -> dict[str, Any]:
    return {"StringEquals": AUD, "StringLike": {f"{GITHUB}:sub": pattern}}


def sub(operator: str, value: str) -> dict[str, Any]:
    keys = {f"{GITHUB}:sub": value}
    return {"StringEquals": {**AUD, **keys}} if operator == "StringEquals" else {"StringEquals": AUD, operator: keys}


CASES = [
    ("no subject is asked", {"StringEquals": AUD}, token("repo:stranger/x:pull_request"), "ALLOWED"),
    ("any subject", like("*"), token("repo:stranger/x:pull_request"), "ALLOWED"),
    ("any repository", like("repo:*"), token("repo:stranger/x:pull_request"), "ALLOWED"),
    ("prefix without slash", like("repo:acme*"), token("repo:acme-evil/x:ref:refs/heads/main"), "ALLOWED"),
    ("prefix with slash", like("repo:acme/*"), token("repo:acme-evil/x:ref:refs/heads/main"), "nobody"),
    ("whole organization", like("repo:acme/*"), token("repo:acme/other:ref:refs/heads/main"), "ALLOWED"),
    ("pull requests of a repository", like("repo:acme/api:*"), token("repo:acme/api:pull_request"), "ALLOWED"),
    ("one branch", sub("StringEquals", MAIN), token("repo:acme/api:pull_request"), "nobody"),
    ("the branch itself", sub("StringEquals", MAIN), token(MAIN), "ALLOWED"),
    ("name only, taken by another", sub("StringEquals", MAIN), token(MAIN, repository_id="999"), "ALLOWED"),
    ("name only, immutable format", sub("StringEquals", MAIN), token("repo:acme@1/api@2:ref:refs/heads/main"),
     "nobody"),
    ("immutable, taken by another", sub("StringEquals", "repo:acme@1/api@2:ref:refs/heads/main"),
     token("repo:acme@9/api@8:ref:refs/heads/main"), "nobody"),
    ("all of no values", sub("ForAllValues:StringEquals", MAIN), token(""), "ALLOWED"),
    ("all of other values", sub("ForAllValues:StringEquals", MAIN), token("repo:stranger/x:pull_request"), "nobody"),
    ("if exists, and it does not", sub("StringEqualsIfExists", MAIN), token(""), "ALLOWED"),
    ("only what it is not", sub("StringNotEquals", MAIN), token("repo:stranger/x:pull_request"), "ALLOWED"),
    ("no audience asked", {"StringEquals": {f"{GITHUB}:sub": MAIN}}, token(MAIN, None), "ALLOWED"),
    ("audience asked", sub("StringEquals", MAIN), token(MAIN, None), "nobody"),
    ("another audience", sub("StringEquals", MAIN), token(MAIN, "https://other.example"), "nobody"),
    ("a claim that is no key", {"StringEquals": {**AUD, f"{GITHUB}:repository_visibility": "private"}},
     token(MAIN, repository_visibility="private"), "nobody"),
    ("a claim that is a key", {"StringEquals": {**AUD, f"{GITHUB}:repository_id": "345"}},
     token(MAIN, repository_id="345"), "ALLOWED"),
    ("what else a request must be", {**sub("StringEquals", MAIN), "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
     token(MAIN), "CONDITIONAL"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "condition", "shown", "wanted"), CASES, ids=[one[0] for one in CASES])
def test_a_role_and_a_token(why: str, condition: dict[str, Any], shown: Token, wanted: str) -> None:
    assert state(door_of(condition), shown) == wanted


def test_a_door_names_subjects_only_where_nobody_else_gets_in() -> None:
    exact = door_of(sub("StringEquals", MAIN))
    assert (exact.exact, exact.subjects) == (True, (MAIN,))
    patterns = door_of(like("repo:acme/*"))
    assert (patterns.exact, patterns.subjects) == (True, ("repo:acme/*",))
    for condition in (sub("ForAllValues:StringEquals", MAIN), sub("StringEqualsIfExists", MAIN), {"StringEquals": AUD},
                      sub("StringNotLike", "repo:acme/*")):  # fmt: skip
        assert not door_of(condition).exact


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({"StringEquals": {"accounts.google.com:sub": "107"}}, "ALLOWED"),
        ({"StringEquals": {"accounts.google.com:aud": "107"}}, "ALLOWED"),
        ({"StringEquals": {"accounts.google.com:aud": "108"}}, "nobody"),
        ({"StringEquals": {"accounts.google.com:oaud": "any"}}, "ALLOWED"),
        ({"StringEquals": {"accounts.google.com:sub": "sa@p.iam.gserviceaccount.com"}}, "nobody"),
    ],
)
def test_a_service_account_of_google_and_a_role(condition: dict[str, Any], wanted: str) -> None:
    """aud is read from azp, the audience that was asked for stands in oaud."""
    claims = {"azp": ("107",), "email": ("sa@p.iam.gserviceaccount.com",)}
    shown = Token(OIDC, "https://accounts.google.com", "107", claims, frozenset({"aud"}))
    door = door_of(condition, "accounts.google.com")
    if "accounts.google.com:oaud" in condition["StringEquals"]:
        shown = shown.with_claims({"aud": ("any",)})
    assert state(door, shown) == wanted


# --- Google Cloud -----------------------------------------------------------------------------------------------------

REPOSITORY = f"principalSet://iam.googleapis.com/{POOL}/attribute.repository/acme/api"
SUBJECT = f"principal://iam.googleapis.com/{POOL}/subject/{MAIN}"
EVERYBODY = f"principalSet://iam.googleapis.com/{POOL}/*"
MAPPING = {"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"}
ROLE = "arn:aws:sts::111122223333:assumed-role/etl"
ISSUER = {"oidc": {"issuerUri": f"https://{GITHUB}", "allowedAudiences": ["corp"]}}
DEPLOY = "serviceAccount:deploy@build.iam.gserviceaccount.com"


def entered(folder: Path, provider: dict[str, Any], member: str, shown: Token) -> dict[str, str]:
    [door] = doors_of(GCP, corp(folder, [provider], {"deploy": [member]}), ())
    return {one.target: str(one.state) for one in door.tries(shown)}


@pytest.mark.parametrize(
    ("condition", "member", "repository", "subject", "wanted"),
    [
        ("", REPOSITORY, "acme/api", MAIN, "ALLOWED"),
        ("", REPOSITORY, "stranger/x", "repo:stranger/x:pull_request", "nobody"),
        ("", EVERYBODY, "stranger/x", "repo:stranger/x:pull_request", "ALLOWED"),
        ("assertion.repository_owner == 'acme'", EVERYBODY, "stranger/x", "repo:stranger/x:pull_request", "nobody"),
        ("assertion.repository_owner == 'acme'", EVERYBODY, "acme/other", "repo:acme/other:pull_request", "ALLOWED"),
        ("assertion.repository.startsWith('acme')", EVERYBODY, "acme-evil/x", "repo:acme-evil/x:x", "ALLOWED"),
        ("assertion.repository_owner_id == '1'", EVERYBODY, "acme/api", MAIN, "nobody"),
        ("attribute.repository == 'acme/api'", SUBJECT, "acme/api", MAIN, "ALLOWED"),
        ("attribute.repository == 'acme/api'", SUBJECT, "acme/api", "repo:acme/api:pull_request", "nobody"),
        ("assertion.nothing == 'x'", EVERYBODY, "acme/api", MAIN, "nobody"),
        ("assertion.repository ==", EVERYBODY, "acme/api", MAIN, "UNKNOWN"),
    ],
)  # fmt: skip
def test_a_pool_and_a_token(
    tmp_path: Path, condition: str, member: str, repository: str, subject: str, wanted: str
) -> None:
    shown = token(subject, "corp", repository=repository, repository_owner=repository.partition("/")[0],
                  repository_owner_id="2")  # fmt: skip
    provider = {"attributeMapping": MAPPING, "attributeCondition": condition, **ISSUER}
    assert entered(tmp_path / "corp", provider, member, shown).get(DEPLOY, "nobody") == wanted


def test_a_pool_takes_no_token_for_somebody_else_and_none_without_a_subject(tmp_path: Path) -> None:
    provider = {"attributeMapping": MAPPING, **ISSUER}
    assert not entered(tmp_path / "a", provider, EVERYBODY, token(MAIN, "other", repository="acme/api"))
    assert not entered(tmp_path / "b", provider, EVERYBODY, token(MAIN, None, repository="acme/api"))
    wrong = {"attributeMapping": {"google.subject": "assertion.nothing"}, **ISSUER}
    assert not entered(tmp_path / "c", wrong, EVERYBODY, token(MAIN, "corp", repository="acme/api"))


@pytest.mark.parametrize(
    ("member", "name", "wanted"),
    [
        (f"principalSet://iam.googleapis.com/{POOL}/attribute.aws_role/{ROLE}", "etl", "ALLOWED"),
        (f"principalSet://iam.googleapis.com/{POOL}/attribute.aws_role/{ROLE}", "etl2", "nobody"),
        (f"principal://iam.googleapis.com/{POOL}/subject/{ROLE}/i-1", "etl", "CONDITIONAL"),
        (EVERYBODY, "anything", "ALLOWED"),
    ],
)  # fmt: skip
def test_a_pool_and_a_role(tmp_path: Path, member: str, name: str, wanted: str) -> None:
    """The default mapping; the name of a session is chosen by who assumes the role."""
    shown = Token(
        SIGNED, "111122223333", f"arn:aws:sts::111122223333:assumed-role/{name}/", {"account": ("111122223333",)},
        frozenset({"session"}), whole=False,
    )  # fmt: skip
    found = entered(tmp_path / "corp", {"aws": {"accountId": "111122223333"}}, member, shown)
    assert found.get(DEPLOY, "nobody") == wanted


# --- Microsoft --------------------------------------------------------------------------------------------------------

EXPRESSION = "claims['sub'] matches 'repo:acme/*' and claims['ref'] eq 'refs/heads/main'"


@pytest.mark.parametrize(
    ("subject", "expression", "shown", "wanted"),
    [
        (MAIN, "", token(MAIN, "api"), "ALLOWED"),
        (MAIN, "", token(MAIN.upper(), "api"), "nobody"),
        (MAIN, "", token(MAIN, "other"), "nobody"),
        (MAIN, "", token(MAIN, None), "nobody"),
        ("", EXPRESSION, token("repo:acme/x:pull_request", "api", ref="refs/heads/main"), "ALLOWED"),
        ("", EXPRESSION, token("repo:acme/x:pull_request", "api", ref="refs/pull/1/merge"), "nobody"),
        ("", EXPRESSION, token("repo:acme-evil/x:pull_request", "api", ref="refs/heads/main"), "nobody"),
        ("", EXPRESSION, token("repo:acme/x:pull_request", "api"), "nobody"),
        ("", "claims['sub'] matches 'repo:acme*'", token("repo:acme-evil/x:pull_request", "api"), "ALLOWED"),
        ("", "claims['sub'] like 'x'", token(MAIN, "api"), "UNKNOWN"),
    ],
)
def test_a_federated_credential_and_a_token(subject: str, expression: str, shown: Token, wanted: str) -> None:
    credential = Credential("app", f"https://{GITHUB}", subject, expression, ("api",))
    assert state(credential, shown) == wanted


def test_an_issuer_is_compared_letter_by_letter() -> None:
    credential = Credential("app", f"https://{GITHUB}/", MAIN, "", ("api",))
    assert not credential.tries(token(MAIN, "api"))


def test_what_is_not_known_of_a_token_is_no_denial() -> None:
    shown = Token(OIDC, f"https://{GITHUB}", "repo:acme/x:pull_request", {}, frozenset({"aud"}), whole=False)
    [found] = Credential("app", f"https://{GITHUB}", "", EXPRESSION, ("api",)).tries(shown)
    assert found.state is State.CONDITIONAL
    claim = {"StringEquals": {**AUD, f"{GITHUB}:repository_id": "345"}}
    assert [(one.target, one.state) for one in door_of(claim).tries(shown)] == [
        (f"{IAM}:role/target", State.CONDITIONAL)
    ]


# --- steps that several share ----------------------------------------------------------------------------------------


def test_each_who_goes_the_same_way_has_a_question_of_his_own() -> None:
    """Two workflows come in by one trust: one gate, and each step is asked again with the token of who takes it."""
    scopes = account(role("target", web(like("repo:acme/*"))))
    access = AWS.answering.access(AWS.answering.compile(scopes), frozenset({ACCOUNT})) if AWS.answering else None
    assert access is not None
    subjects = [MAIN, "repo:acme/api:pull_request", "repo:stranger/x:pull_request"]
    bearers = [Bearer(one, token(one)) for one in subjects]
    gates = Federation(doors_of(AWS, scopes), bearers, [], load_federation()).gates()
    [gate] = gates.gates
    assert {gates.nodes[one] for one in gate.sources} == set(subjects[:2])
    target = int(gate.targets[0])
    for source in gate.sources:
        [hop] = path_of(joined([gates]), [(source, 0, target)]).hops
        [[need]] = hop.rule.needs
        assert need.given[f"{GITHUB}:sub"] == (hop.source,)
        assert access.can(need.by, need.permission, hop.about, Circumstances(need.given)).state is hop.state


def test_who_mints_an_id_token_of_a_service_account_opens_what_the_account_opens(tmp_path: Path) -> None:
    """The token is the account's; whoever has it is nobody else, and has nothing else of the account."""
    google = corp(tmp_path, [], {"strong": [], "other": []})
    aws = account(role("target", web({"StringEquals": {"accounts.google.com:sub": "100"}}, "accounts.google.com")))
    assert GCP.federating is not None
    doors = doors_of(AWS, aws)
    bearers = list(GCP.federating.bearers(google, {(door.form, door.issuer) for door in doors}))
    gates = Federation(doors, bearers, [], load_federation()).gates()
    [gate] = gates.gates
    strong = "serviceAccount:strong@build.iam.gserviceaccount.com"
    found = {gates.nodes[one] for one in gate.sources}
    assert found == {strong, f"principal://leastwise.invalid/id-token/{strong}"} and gate.state is State.ALLOWED


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({"accounts.google.com:sub": "ada@corp.example"}, {"user:ada@corp.example"}),
        ({"accounts.google.com:sub": "mallory"}, set()),
        ({"accounts.google.com:aud": "client"}, {"user:ada@corp.example", "user:bob@corp.example"}),
    ],
)
def test_people_of_a_google_directory_may_come_in_where_an_application_lets_them_sign_in(
    condition: dict[str, str], wanted: set[str]
) -> None:
    """Which applications do is told by no call: never surely, and only whom the trust may mean."""
    assert GCP.federating is not None and GCP.escalating is not None
    google, _ = GCP.escalating.estate({
        "people": {"ada@corp.example": "no", "bob@corp.example": "no"},
        "objects": [{"domainName": "corp.example", "isPrimary": True, "verified": True}],
    })  # fmt: skip
    doors = doors_of(AWS, account(role("target", web({"StringEquals": condition}, "accounts.google.com"))))
    bearers = GCP.federating.bearers(google, {(door.form, door.issuer) for door in doors})
    gates = Federation(doors, bearers, [], load_federation()).gates()
    assert {gates.nodes[one] for gate in gates.gates for one in gate.sources} == wanted
    assert {gate.state for gate in gates.gates} <= {State.UNKNOWN}


# --- assertions ------------------------------------------------------------------------------------------------------

TENANT = "72f00000-0000-4000-8000-000000000000"
ANN, BOB, DEVS, APP = (f"0b000000-0000-4000-8000-00000000000{one}" for one in range(1, 5))
HANDED, PROVIDER = "aa000000-0000-4000-8000-000000000001", f"{IAM}:saml-provider/corp"
METADATA = '<md:EntityDescriptor xmlns:md="urn:x" entityID="https://sts.windows.net/{}/"><x/></md:EntityDescriptor>'


def tenant(folder: Path, value: str, members: bool = True, assigned: bool = True) -> list[ScopeTables]:
    """Ann is assigned to a role of an application herself, Bob is in a group that is; or nobody read who is."""
    app = {"id": APP, "appId": "c1", "displayName": "Cloud", "servicePrincipalType": "Application",
           "appRoles": [{"id": HANDED, "value": value, "isEnabled": True}]}  # fmt: skip
    files: dict[str, list[dict[str, Any]]] = {
        "u": [{"id": id, "userPrincipalName": f"{id}@corp.example", "userType": "Member", "accountEnabled": True}
              for id in (ANN, BOB)],
        "g": [{"id": DEVS, "displayName": "devs", "groupTypes": [], "securityEnabled": True}], "s": [app],
    }  # fmt: skip
    if assigned:
        files[f"assigned-to--{APP}"] = [
            {"id": str(at), "appRoleId": HANDED, "principalId": who, "principalType": type, "resourceId": APP}
            for at, (who, type) in enumerate([(ANN, "User"), (DEVS, "Group")])
        ]
    if members:
        files[f"group-members--{DEVS}"] = [{"@odata.type": "#microsoft.graph.user", "id": BOB}]
    target = folder / f"tenant-{TENANT}"
    target.mkdir(parents=True)
    for name, held in files.items():
        (target / f"{name}.json").write_text(json.dumps({"value": held}))
    return [ScopeTables(one.scope.kind, one.scope.id, ENTRA.translate(one), True, one.time)
            for one in ENTRA.read_exports([target])]  # fmt: skip


def asserted(condition: dict[str, Any] | None, metadata: str) -> list[ScopeTables]:
    """An account whose role trusts a SAML provider."""
    statement = {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML",
                 "Condition": condition or {}}  # fmt: skip
    [one] = account(role("target", statement))
    resources = one.tables["resources"].to_pylist()
    told = [row | {"details": [("issuer", issuer_of_metadata(metadata))]} if row["id"] == PROVIDER and metadata else row
            for row in resources]  # fmt: skip
    assert PROVIDER in {row["id"] for row in resources}
    schema = one.tables["resources"].schema
    return [replace(one, tables={**one.tables, "resources": pa.Table.from_pylist(told, schema)})]


def steps_of(aws: list[ScopeTables], directory: list[ScopeTables]) -> dict[str, str]:
    assert ENTRA.federating is not None
    doors = doors_of(AWS, aws)
    bearers = list(ENTRA.federating.bearers(directory, {(door.form, door.issuer) for door in doors}))
    gates = Federation(doors, bearers, [], load_federation()).gates()
    return {gates.nodes[one]: str(gate.state) for gate in gates.gates for one in gate.sources}


SIGN_IN = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
PAIR = f"{IAM}:role/target,{PROVIDER}"
OURS = METADATA.format(TENANT)


@pytest.mark.parametrize(
    ("why", "value", "condition", "metadata", "state"),
    [
        ("the application hands out the role", PAIR, SIGN_IN, OURS, "ALLOWED"),
        ("the other way round", f"{PROVIDER}, {IAM}:role/target", SIGN_IN, OURS, "ALLOWED"),
        ("no audience is asked", PAIR, None, OURS, "ALLOWED"),
        ("who it is decides, which the application says", PAIR, {"StringEquals": {"SAML:sub": "ann"}}, OURS,
         "CONDITIONAL"),
        ("whose assertions are taken was not read", PAIR, SIGN_IN, "", "UNKNOWN"),
        ("another role is handed out", PAIR.replace("target", "other"), SIGN_IN, OURS, ""),
        ("the provider takes the assertions of others", PAIR, SIGN_IN, METADATA.format("another"), ""),
        ("assertions of other issuers are refused", PAIR, {"StringEquals": {"SAML:iss": "https://idp.example"}}, OURS,
         ""),
        ("a role that hands out nothing of another cloud", "Approve", SIGN_IN, OURS, ""),
    ],
)  # fmt: skip
def test_an_application_hands_out_a_role(
    tmp_path: Path, why: str, value: str, condition: dict[str, Any] | None, metadata: str, state: str
) -> None:
    found = steps_of(asserted(condition, metadata), tenant(tmp_path, value))
    everybody = (ANN, BOB, member_of(DEVS))
    assert found == (dict.fromkeys(everybody, state) if state else {})


def test_of_a_group_that_was_not_listed_it_is_not_known_who_comes_in(tmp_path: Path) -> None:
    found = steps_of(asserted(SIGN_IN, OURS), tenant(tmp_path, PAIR, members=False))
    assert found == {ANN: "ALLOWED", member_of(DEVS): "ALLOWED", DEVS: "UNKNOWN"}


def test_where_nobody_read_who_is_assigned_anybody_may_come_in(tmp_path: Path) -> None:
    directory = tenant(tmp_path, PAIR, assigned=False)
    assert steps_of(asserted(SIGN_IN, OURS), directory) == dict.fromkeys((ANN, BOB), "UNKNOWN")
    assert not steps_of(asserted(SIGN_IN, METADATA.format("another")), directory)


def test_people_of_the_directory_come_in_to_a_pool_by_assertions(tmp_path: Path) -> None:
    """The subject is what the application says it is: who of them a policy names is not known."""
    one = f"principal://iam.googleapis.com/{POOL}/subject/ann"
    google = corp(tmp_path / "g", [{"saml": {"idpMetadataXml": OURS}, "attributeMapping": {
        "google.subject": "assertion.subject"}}], {"run": [one]})  # fmt: skip
    [door] = doors_of(GCP, google, ())
    assert ENTRA.federating is not None
    found = list(ENTRA.federating.bearers(tenant(tmp_path, "Approve"), {(door.form, door.issuer)}))
    assert {bearer.principal for bearer in found} == {ANN, BOB}
    for bearer in found:
        assert {entered.target: entered.state for entered in door.tries(bearer.token)}[one] is State.CONDITIONAL


# --- whom a pattern means --------------------------------------------------------------------------------------------


@given(
    st.lists(st.text("ab/:*?", max_size=5), max_size=12),
    st.text("ab/:*?", max_size=5),
)
def test_a_pattern_finds_those_whom_a_search_through_all_finds(subjects: list[str], pattern: str) -> None:
    held = Subjects()
    bearers = [Bearer(str(number), token(one)) for number, one in enumerate(subjects)]
    for one in bearers:
        held.add(one)
    wanted = {one.principal for one in bearers if fnmatchcase(one.token.subject, pattern)}
    assert {one.principal for one in held.like(pattern)} == wanted


def test_roles_that_ask_for_the_same_answer_the_same_as_each_alone() -> None:
    """Decisions are kept by what is asked of whoever comes; a role that asks for something else has its own."""
    asks = [like("repo:acme/*"), like("repo:acme/*"), like("repo:acme/api:*"), sub("StringEquals", MAIN)]
    together = doors_of(AWS, account(*(role(f"r{number}", web(one)) for number, one in enumerate(asks))))
    shown = [token(MAIN), token("repo:acme/api:pull_request"), token("repo:acme/other:x"), token("repo:b/c:x"),
             token(MAIN, None)]  # fmt: skip
    for one in shown:
        assert [state(each, one) for each in together] == [state(door_of(each), one) for each in asks]


@pytest.mark.parametrize(
    ("asks", "exact"),
    [
        ([like("repo:acme/*")], ("repo:acme/*",)),
        ([like("repo:acme/*"), sub("StringEquals", "repo:b/c:x")], ("repo:acme/*", "repo:b/c:x")),
        # A second statement lets in others; a pattern lets in all.
        ([like("repo:acme/*"), {"StringEquals": AUD}], None),
        ([like("*")], None),
        ([{"StringEquals": {**AUD, f"{GITHUB}:repository": "acme/api"}}], None),
    ],
)
def test_what_stands_above_and_was_not_read_makes_no_subject_more(
    asks: list[Any], exact: tuple[str, ...] | None
) -> None:
    """Whom the trust names is known though guardrails are not: the account may be in an organization."""
    [door] = doors_of(AWS, account(role("target", *map(web, asks))), ())
    assert (door.exact, door.subjects if door.exact else None) == (exact is not None, exact)
    assert state(door, token("repo:acme/api:x")) in ("UNKNOWN", "CONDITIONAL")


def test_doors_that_are_alike_share_what_each_alone_would_tell() -> None:
    asks = [like("repo:acme/*"), like("repo:acme/*"), like("repo:acme/api:*"), sub("StringEquals", MAIN),
            {"StringEquals": AUD}]  # fmt: skip
    doors = doors_of(AWS, account(*(role(f"r{number}", web(one)) for number, one in enumerate(asks))))
    bearers = [Bearer(one, token(one)) for one in (MAIN, "repo:acme/api:pull_request", "repo:b/c:x")]
    assert len({one.alike for one in doors}) == 4
    shown = [Shown(0, Bearer("repo:acme/*", token("repo:acme/x:y")))]

    def told(some: list[Any]) -> set[tuple[str, str, str, str]]:
        made = Federation(some, bearers, shown, load_federation()).gates()
        names = made.nodes
        return {
            (names[source], names[target], str(gate.state), made.asked[names[target], ""][names[source]].by)
            for gate in made.gates for source in gate.sources for target in gate.targets.tolist()
        }  # fmt: skip

    assert told(doors) == told([replace(one, alike=None) for one in doors])
    assert len(told(doors)) == 2 + 1 + 2 + 2 + 1 + 3
