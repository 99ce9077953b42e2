"""Rules of dynamic membership: every form of the vendor's page parses, what is broken is told with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.columns import plain
from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.exports.kinds import GROUPS, UNITS
from leastwise.providers.entra.language.memberships import LONGEST, RuleError, parse_membership_rule
from leastwise.providers.entra.language.steering import steered_by

ID = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb"
PAGE = {
    'user.department -eq "Sales"': ("user.department",),
    "user.accountEnabled -eq true": ("user.accountenabled",),
    "user.employeehiredate -ge system.now -plus p1d": ("user.employeehiredate",),
    "user.employeehiredate -le 2020-06-10T18:13:20Z": ("user.employeehiredate",),
    'user.displayName -match "^Da.*"': ("user.displayname",),
    "user.department -eq null": ("user.department",),
    "user.mail \u2013ne null": ("user.mail",),
    'user.department \u2013eq "Marketing" \u2013and user.country \u2013eq "US"': ("user.department", "user.country"),
    '(user.department -eq "Sales") -or (user.department -eq "Marketing")': ("user.department",),
    '(user.department -eq "Sales") -and -not (user.jobTitle -startsWith "SDE")': ("user.department", "user.jobtitle"),
    'user.department -in ["50001","50002", "50003"]': ("user.department",),
    'user.otherMails -endsWith"@contoso.com"': ("user.othermails",),
    '(user.proxyAddresses -any (_ -startsWith "contoso"))': ("user.proxyaddresses",),
    'user.assignedPlans -any (assignedPlan.service -eq "SCO" -and assignedPlan.capabilityStatus -eq "Enabled")':
        ("user.assignedplans",),
    "user.assignedPlans -all (assignedPlan.servicePlanId -eq null)": ("user.assignedplans",),
    f"user.memberOf -any (group.objectId -in ['{ID}'])": ("user.memberof",),
    f'Direct Reports for "{ID}"': ("user.manager",),
    'user.objectId -ne null -and user.userType -eq "Member"': ("user.objectid", "user.usertype"),
    '(user.extensionAttribute15 -eq "Marketing")': ("user.extensionattribute15",),
    'user.extension_c272a57b722d4eb29bfe327874ae79cb_OfficeNumber -eq "123"':
        ("user.extension_c272a57b722d4eb29bfe327874ae79cb_officenumber",),
    'device.devicePhysicalIds -any _ -eq "[OrderID]:179887111881"': ("device.devicephysicalids",),
    '(device.deviceOSType -eq "iPad") -or (device.deviceOSType -eq "iOS")': ("device.deviceostype",),
    'user.department eq `"Sales`"'.replace("`", ""): ("user.department",),
    'user.department -eq "a `"quoted`" word"': ("user.department",),
    "user.surname -eq 'O''Hara'": ("user.surname",),
    'user.employeeId -notIn ["1"] and not (user.city notContains "x" or user.state -notMatch "y")':
        ("user.employeeid", "user.city", "user.state"),
}  # fmt: skip


@pytest.mark.parametrize("rule", PAGE)
def test_what_the_page_shows_is_read(rule: str) -> None:
    assert parse_membership_rule(rule).attributes == PAGE[rule]


FORMS = {
    'user.a -eq "1" -or user.b -eq "2" -and user.c -eq "3"': "(0 or (1 and 2))",
    '(user.a -eq "1" -or user.b -eq "2") -and user.c -eq "3"': "((0 or 1) and 2)",
    '-not user.a -eq "1" -and user.b -eq "2"': "(not 0 and 1)",
    '-not (user.a -eq "1" -and user.b -eq "2")': "not (0 and 1)",
    'user.a -any (_ -eq "1" -or _ -eq "2") -or user.b -eq "3"': "(0 or 1)",
    'user.a -any _ -eq "1" -and user.b -eq "3"': "(0 and 1)",
}


@pytest.mark.parametrize("rule", FORMS)
def test_operators_bind_as_the_page_orders_them(rule: str) -> None:
    assert parse_membership_rule(rule).form == FORMS[rule]


BROKEN = {
    "": "ends where an attribute is expected",
    "user.department -eq (": "'(' at character 21 is no value",
    'user.department "Sales"': "'\"Sales\"' at character 17 is no operator",
    "user.department -eq": "ends where a value is expected",
    "user.department -eq Sales": "'Sales' at character 21 is no value: texts stand in quotes",
    'user.department -like "Sales"': "'-like' at character 17 is no operator",
    'department -eq "Sales"': "'department' at character 1 is no attribute of a user or device",
    'user.a -eq "1" user.b -eq "2"': "'user.b' at character 16 is not expected",
    '(user.a -eq "1"': "')' is missing at the end",
    'user.a -in "1"': "'[' is missing before",
    'user.a -in ["1" "2"]': "']' is missing before",
    'user.a -eq "1': "cannot be read from character",
    'user.a -any ("x" -eq "1")': "stands for no value of a collection",
    'user.a -eq "1" -and device.b -eq "2"': "is about users and devices",
    "(" * 200: "is nested more than 100 times",
    "user.a -any " + "(" * 200: "is nested more than 100 times",
    "-not " * 200: "is nested more than 100 times",
    "user.a -eq " + '"' + "x" * LONGEST + '"': f"is longer than {LONGEST} characters",
}


@pytest.mark.parametrize("rule", BROKEN, ids=lambda rule: rule[:30])
def test_what_is_broken_is_told_with_its_place(rule: str) -> None:
    with pytest.raises(RuleError) as error:
        parse_membership_rule(rule)
    assert BROKEN[rule] in str(error.value) and "\n" not in str(error.value)


WORDS = st.sampled_from([*" ".join(PAGE).split(), *"()[],_\"'`"])


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=60))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        found = parse_membership_rule(text)
    except RuleError as error:
        assert "\n" not in str(error) or "\n" in text
        return
    assert found.comparisons and found.attributes


STEERED = {
    'user.mobile -startsWith "+49" -and user.department -eq "IT"': "users",
    'user.mail -endsWith "@corp.example"': "inviters",
    'user.otherMails -any (_ -contains "x")': "inviters",
    'user.department -eq "IT"': "administrators",
    'user.extensionAttribute1 -eq "x" -or user.objectId -ne null': "administrators",
    "user.objectId -ne null": "nobody",
    'device.displayName -startsWith "kiosk"': "users",
    f'Direct Reports for "{ID}"': "administrators",
}


@pytest.mark.parametrize("rule", STEERED)
def test_who_needs_the_least_to_steer_it_is_told(rule: str) -> None:
    assert steered_by(parse_membership_rule(rule)) == STEERED[rule]


def tables(groups: list[dict[str, Any]], units: list[dict[str, Any]]) -> Mapping[str, Any]:
    scope, time = Scope("entra", "tenant", "t"), datetime(2026, 11, 1, tzinfo=UTC)
    told = ((GROUPS, groups), (UNITS, units))
    return PROVIDER.translate(Collected(scope, time, tuple(
        RawDocument(scope, "graph", kind, f"{number}.json", json.dumps({"value": held}).encode())
        for number, (kind, held) in enumerate(told)
    )))  # fmt: skip


def test_a_rule_that_does_not_parse_is_kept_and_named_and_changes_nobody() -> None:
    broken, sound = "user.department -eq (", 'user.mobile -eq "1"'
    groups = [
        {"id": "g1", "displayName": "odd", "membershipRule": broken, "members": [{"id": "ann"}]},
        {"id": "g2", "displayName": "ours", "membershipRule": sound},
        {"id": "g3", "displayName": "plain", "membershipRule": None},
    ]
    found = tables(groups, [{"id": "u1", "displayName": "north", "membershipRule": broken}])
    rows = {row["id"]: row for row in plain(found["principals"]).to_pylist()}
    details = {id: dict(row["details"]) for id, row in rows.items()}
    assert (details["g1"]["rule"], details["g2"]["rule_attributes"]) == (broken, "user.mobile")
    assert {id: dict(row["tags"] or ()).get("steered_by") for id, row in rows.items()} == {
        "g1": None, "g2": "users", "g3": None, "ann": None,
    }  # fmt: skip
    assert [(row["group"], row["member"]) for row in plain(found["memberships"]).to_pylist()] == [("g1", "ann")]
    gaps = [row["detail"] for row in plain(found["coverage"]).to_pylist() if row["status"] == "unsupported"]
    where = "'(' at character 21 is no value: texts stand in quotes"
    assert gaps == [
        f"the rule of unit north (u1) {where} (1.json#item 0)", f"the rule of group odd (g1) {where} (0.json#item 0)"
    ]  # fmt: skip
