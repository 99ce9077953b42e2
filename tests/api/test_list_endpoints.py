"""Pages, orders, fields, files and ETags of lists; search; the identity page."""

from __future__ import annotations

import csv
import io
import zipfile
from urllib.parse import quote

import pytest

from leastwise.api.sending import _csv, _xlsx
from leastwise.app.duties import Duty

pytestmark = pytest.mark.together("demo")

P = "/api/v1"
ROLE = "arn:aws:iam::222222222222:role/scanner-upload"


@pytest.mark.parametrize("address", ["identities?sort=-grants", "grants?text=222", "coverage", "snapshots",
                                     "privileged?sort=-steps"])  # fmt: skip
def test_pages_together_are_the_whole(demo, address):
    joint = "&" if "?" in address else "?"
    whole = demo.get(f"{P}/{address}{joint}limit=1000").json()
    assert whole["next"] is None and whole["total"] == len(whole["items"]) > 5
    size, found, cursor = max(2, whole["total"] // 3), [], None
    while True:
        params = f"{joint}limit={size}" + (f"&cursor={cursor}" if cursor else "")
        page = demo.get(f"{P}/{address}{params}").json()
        assert page["total"] == whole["total"] and len(page["items"]) <= size
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole["items"]


@pytest.mark.parametrize("address", ["identities", "coverage", "findings", "snapshots"])
def test_a_cursor_of_another_list_is_refused(demo, address):
    cursor = demo.get(f"{P}/{address}?limit=2").json()["next"]
    assert cursor
    other = "resources" if address == "identities" else f"{address}?deleted=true&gaps=true&severity=medium"
    joint = "&" if "?" in other else "?"
    for bad in (cursor, "AAAA", "x" * 100):
        answer = demo.get(f"{P}/{other}{joint}cursor={bad}")
        assert answer.status_code == 400 and "cursor" in answer.json()["detail"]


@pytest.mark.parametrize("address", ["identities", "findings", "gap/by/account", "plans"])
def test_orders_and_fields_that_are_not_there_are_refused(demo, address):
    for wrong in ("sort=nothing", "fields=nothing"):
        assert demo.get(f"{P}/{address}?{wrong}").status_code == 400, (address, wrong)
    assert demo.get(f"{P}/{address}?limit=0").status_code == 422
    assert demo.get(f"{P}/{address}?format=pdf").status_code == 422


def test_fields_are_those_that_are_asked_for(demo):
    for address in ("identities", "findings", "coverage"):
        names = {"identities": "id,kind", "findings": "key,severity", "coverage": "call,status"}[address]
        items = demo.get(f"{P}/{address}?fields={names}&limit=5").json()["items"]
        assert items and all(set(one) == set(names.split(",")) for one in items)


@pytest.mark.parametrize("address", ["identities?text=scanner", "findings?severity=high", "coverage?gaps=true"])
def test_a_file_has_every_row(demo, address):
    rows = demo.get(f"{P}/{address}&limit=1000").json()["items"]
    text = demo.get(f"{P}/{address}&format=csv")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in text.headers["content-disposition"]
    told = list(csv.DictReader(io.StringIO(text.text)))
    assert len(told) == len(rows)
    book = demo.get(f"{P}/{address}&format=xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(rows) + 1


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "\r=1", "https://x"])
def test_no_cell_of_a_file_becomes_a_formula(text):
    rows = [{"name": text, "count": -3}]
    cell = list(csv.reader(io.StringIO(b"".join(_csv(rows, ["name", "count"])).decode(), newline="")))[1][0]
    assert cell == text if text == "https://x" else cell.startswith("'")
    with zipfile.ZipFile(io.BytesIO(b"".join(_xlsx(rows, ["name", "count"])))) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "hyperlink" not in sheet and "<v>-3</v>" in sheet


def test_a_file_needs_the_right_to_export(demo_home, opened):
    client = opened(demo_home, Duty.VIEWER)
    assert client.get(f"{P}/identities?limit=1").status_code == 200
    for form in ("csv", "xlsx"):
        assert client.get(f"{P}/identities?format={form}").status_code == 403
        assert client.get(f"{P}/coverage?format={form}").status_code == 403


def test_what_did_not_change_is_not_sent_again(demo):
    first = demo.get(f"{P}/identities?limit=3")
    again = demo.get(f"{P}/identities?limit=3", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = demo.get(f"{P}/identities?limit=4", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200 and other.headers["etag"] != first.headers["etag"]


def test_a_text_that_names_something_lands_on_it(demo):
    key = demo.get(f"{P}/credentials?kind=access_key&limit=1").json()["items"][0]["id"]
    mail = next(one["mail"] for one in demo.get(f"{P}/identities?kind=human&limit=500").json()["items"] if one["mail"])
    for text, kind in ((ROLE, "identity"), ("scanner-upload", "identity"), (key, "credential"), (mail, "identity"),
                       ("arn:aws:s3:::bw-scans", "resource"), ("222222222222", "account"),
                       ("203.0.113.7", "address"), ("2001:db8::1", "address")):  # fmt: skip
        told = demo.get(f"{P}/search", params={"q": text}).json()
        assert told["exact"] and told["items"][0]["kind"] == kind, text
        assert quote(told["items"][0]["id"], safe="") in told["items"][0]["link"]
    assert demo.get(f"{P}/search", params={"q": "no such thing at all"}).json()["items"] == []


def test_the_identity_page_has_what_its_parts_have(demo):
    told = demo.get(f"{P}/identities/{quote(ROLE, safe='')}").json()
    assert told["identity"] == demo.get(f"{P}/identities?text={quote(ROLE)}&limit=1").json()["items"][0]
    assert told["grants"]["items"] == demo.get(f"{P}/grants?principal={quote(ROLE)}&limit=500").json()["items"]
    gap = demo.get(f"{P}/identities/{quote(ROLE, safe='')}/gap").json()
    assert told["creep"] == gap["creep"] and told["counts"] == gap["counts"]
    assert sum(one["can"] for one in told["services"]) == len(gap["items"])
    for one in told["services"]:
        assert one["can"] == one["did"] + one["implied"] + one["never_did"] + one["cannot_know"]
    findings = demo.get(f"{P}/findings?limit=1000").json()["items"]
    assert told["findings"] == [one for one in findings if one["subject"] == ROLE]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_is_none_in_utc_is_refused(demo, at):
    answer = demo.get(f"{P}/identities", params={"at": at})
    assert answer.status_code == 400 and "is no date or time" in answer.json()["detail"]
