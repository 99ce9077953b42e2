"""The evaluator: parameters, supersession, keys, unknown rows, overlay."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from leastwise.detection.overlay import with_overlay
from leastwise.detection.posture import evaluate
from leastwise.engine.columns import empty, table
from leastwise.errors import UsageError
from leastwise.model.tables import CREDENTIALS_VIEW, IDENTITIES_VIEW, VIEW_TABLES
from leastwise.rules.cases import full_row
from leastwise.rules.load import load_posture
from leastwise.rules.views import columns_of

CLOCK = datetime(2026, 11, 1, tzinfo=UTC)
RULES = load_posture()
USER = "arn:aws:iam::111111111111:user/m.ostrander"


def identities(*rows: dict[str, object]) -> pa.Table:
    return _table(IDENTITIES_VIEW, "identities", rows)


def credentials(*rows: dict[str, object]) -> pa.Table:
    return _table(CREDENTIALS_VIEW, "credentials", rows)


def _table(spec, subject, rows):  # type: ignore[no-untyped-def]
    columns = {name: column for name, column in columns_of(subject).items() if name in spec.names()}
    full = [full_row({"account": "111111111111", "owner": None, **row}, columns, "aws") for row in rows]
    return table(spec, {name: [row[name] for row in full] for name in columns})


OSTRANDER = {
    "id": USER,
    "name": "m.ostrander",
    "kind": "human",
    "native": "user",
    "admin": "yes",
    "console": True,
    "mfa": False,
    "active_keys": 1,
    "created": datetime(2022, 1, 1, tzinfo=UTC),
    "last_used": datetime(2026, 4, 5, tzinfo=UTC),
    "last_used_known": True,
    "owner": "team-it",
}
HIS_KEY = {
    "id": "AKIARTXV5AHDQDEMO222",
    "kind": "access_key",
    "principal": USER,
    "principal_kind": "human",
    "active": True,
    "created": datetime(2022, 1, 1, tzinfo=UTC),
    "last_used": datetime(2026, 4, 5, tzinfo=UTC),
    "last_used_known": True,
    "holders": 1,
    "holder_admin": "yes",
}


def test_one_critical_finding_and_not_four() -> None:
    views = {"identities": identities(OSTRANDER), "credentials_view": credentials(HIS_KEY)}
    result = evaluate(RULES, views, CLOCK)
    (finding,) = result.findings
    assert (finding.rule, finding.severity.value, finding.subject) == ("dormant-admin", "critical", USER)
    assert finding.evidence["last_used"] == "2026-04-05T00:00:00Z"
    assert finding.owner == "team-it"
    hidden = {one.rule for one in result.superseded}
    assert hidden == {
        "aws-admin-key",
        "aws-admin-no-mfa",
        "aws-console-no-mfa",
        "aws-key-old",
        "aws-key-unused",
        "aws-user-inactive",
    }
    also = sorted((one.rule, one.key) for one in result.superseded)
    assert finding.evidence["also"] == [{"rule": rule, "key": key} for rule, key in also]


def test_a_finding_silences_only_its_own_subject() -> None:
    other = {**HIS_KEY, "id": "AKIATHPL2AOHADEMO222", "principal": USER + "2", "holder_admin": "no"}
    views = {"identities": identities(OSTRANDER), "credentials_view": credentials(HIS_KEY, other)}
    found = {(one.rule, one.subject) for one in evaluate(RULES, views, CLOCK).findings}
    assert found == {("dormant-admin", USER), ("aws-key-old", USER + "2"), ("aws-key-unused", USER + "2")}


def test_one_key_that_was_never_used_says_nothing_of_another() -> None:
    """Both rules key their findings by the credential: only the same credential is covered."""
    ordinary = {**HIS_KEY, "holder_admin": "no", "created": datetime(2026, 9, 1, tzinfo=UTC)}
    never = {**ordinary, "id": "AKIANEVER", "last_used": None}
    result = evaluate(RULES, {"credentials_view": credentials(ordinary, never)}, CLOCK)
    found = {(one.rule, one.resource) for one in result.findings}
    assert found == {("aws-key-unused", HIS_KEY["id"]), ("aws-key-never-used", "AKIANEVER")}
    assert not any("also" in one.evidence for one in result.findings)


def test_superseded_in_turn() -> None:
    """A rule that is silenced itself still silences those below it."""
    result = evaluate(RULES, {"identities": identities(OSTRANDER)}, CLOCK)
    assert [one.rule for one in result.findings] == ["dormant-admin"]


def test_keys_do_not_depend_on_time_or_facts() -> None:
    def keys(clock: datetime, **changed: object) -> set[str]:
        views = {"credentials_view": credentials({**HIS_KEY, **changed})}
        return {one.key for one in evaluate(RULES, views, clock).findings}

    assert keys(CLOCK) == keys(datetime(2027, 6, 1, tzinfo=UTC), last_used_service="s3")
    assert keys(CLOCK) != keys(CLOCK, id="AKIAOTHER")


def test_protected_identities_are_exempt() -> None:
    view = with_overlay("identities", identities(OSTRANDER), {"protected": [True]})
    found = [one.rule for one in evaluate(RULES, {"identities": view}, CLOCK).findings]
    assert "break-glass-no-drill" in found
    assert not {"dormant-admin", "aws-user-inactive"} & set(found)


def test_parameters() -> None:
    views = {"credentials_view": credentials({**HIS_KEY, "holder_admin": "no"})}
    result = evaluate(RULES, views, CLOCK, {"aws-key-old": {"max_age_days": 5000}})
    assert "aws-key-old" not in {one.rule for one in result.findings}
    unused = next(one for one in result.findings if one.rule == "aws-key-unused")
    assert unused.evidence["unused_days"] == 90
    with pytest.raises(UsageError, match="no rule"):
        evaluate(RULES, views, CLOCK, {"nothing": {}})
    with pytest.raises(UsageError, match="has no parameter 'days'"):
        evaluate(RULES, views, CLOCK, {"aws-key-old": {"days": 1}})


def test_missing_columns_are_named() -> None:
    rows = [{**OSTRANDER, "id": str(n), "mfa": None if n else False, "admin": "no"} for n in range(3)]
    result = evaluate(RULES, {"identities": identities(*rows)}, CLOCK)
    unknown = {one.rule: one for one in result.unknown}
    assert unknown["aws-console-no-mfa"].rows == 2
    assert unknown["aws-console-no-mfa"].columns == {"mfa": 2}


def test_state_unknown_is_not_clean() -> None:
    result = evaluate(RULES, {"identities": identities({**OSTRANDER, "admin": "unknown"})}, CLOCK)
    assert {one.rule: dict(one.columns) for one in result.unknown}["dormant-admin"] == {"admin": 1}


def test_other_providers_are_left_to_their_own_rules() -> None:
    views = {"credentials_view": credentials({**HIS_KEY, "provider": "gcp"})}
    assert not evaluate(RULES, views, CLOCK).findings


def test_empty_views() -> None:
    result = evaluate(RULES, {spec.name: empty(spec) for spec in VIEW_TABLES}, CLOCK)
    assert not result.findings and not result.unknown


def test_overlay_is_refused_where_it_does_not_fit() -> None:
    rows = identities(OSTRANDER)
    with pytest.raises(KeyError):
        with_overlay("identities", rows, {"public_meant": [True]})
    with pytest.raises(ValueError, match="protected"):
        with_overlay("identities", rows, {"protected": [None]})
    with pytest.raises(ValueError, match="protected"):
        with_overlay("identities", rows, {"protected": [True, True]})
    assert with_overlay("identities", rows, {"owner": ["team-x"]})["owner"].to_pylist() == ["team-x"]
    assert with_overlay("identities", rows)["owner"].to_pylist() == ["team-it"]
