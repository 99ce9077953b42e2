"""Every page of the dashboard in a real browser, on the demo company: it stands without a fault and is accessible."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from leastwise.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "src" / "leastwise" / "web_dist" / "index.html"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.skipif(not BUILT.exists(), reason="the page is not built: ./x web"),
]

ROLE = quote("arn:aws:iam::222222222222:role/label-printer", safe="")
PAGES = {
    "/": "Overview",
    "/identities": "Identities",
    "/identities?kind=human&sort=-last_used": "Identities",
    f"/identities/{ROLE}": "label-printer",
    f"/identities/{ROLE}?tab=access": "label-printer",
    f"/identities/{ROLE}?tab=use": "label-printer",
    f"/identities/{ROLE}?tab=paths": "label-printer",
    f"/identities/{ROLE}?tab=history": "label-printer",
    "/resources": "Resources",
    "/credentials": "Credentials",
    "/ask": "Ask",
    "/findings": "Findings",
    "/plans": "Plans",
    "/accounts": "Accounts and coverage",
    "/accounts?tab=snapshots": "Accounts and coverage",
    "/settings": "Settings",
    "/no/such/page": "Nothing here",
}
_HARMLESS = re.compile(r"Applying inline style violates.*style-src|status of 404")
"""Cytoscape's one rule, which our sheet holds; what is not in an estate."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("visited") / "home"
    assert run(["demo", "--home", str(home), "--format", "json"]) == 0
    return home


@contextmanager
def _served(home: Path, *options: str) -> Iterator[tuple[str, str]]:
    """A server of its own; its address, and what it said before it was ready."""
    command = [sys.executable, "-m", "leastwise", "serve", "--port", "0", "--home", str(home), *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    said, found = "", None
    for line in server.stdout:
        said += line
        if found := re.search(r"ready at (http://\S+)", line):
            break
    try:
        assert found is not None, said
        yield found[1], said
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with _served(home, "--without-sign-in") as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_stands_without_a_fault_and_is_accessible(address: str, browser: object, theme: str) -> None:
    context = browser.new_context(color_scheme=theme, reduced_motion="reduce")  # type: ignore[attr-defined]
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda one: faults.append(str(one)))
    for path, title in PAGES.items():
        page.goto(address + path)
        page.get_by_role("heading", level=1, name=title).wait_for(timeout=60_000)
        if AXE.exists():
            page.evaluate(AXE.read_text())
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], path
    context.close()
    assert [one for one in faults if not _HARMLESS.search(one)] == []


def test_somebody_finds_an_identity_by_the_keyboard_alone(address: str, browser: object) -> None:
    context = browser.new_context()  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(address + "/identities")
    page.get_by_role("grid", name="Identities").wait_for()
    page.get_by_role("row").nth(3).wait_for()
    page.keyboard.press("/")
    page.keyboard.type("label-printer")
    page.get_by_role("option").first.wait_for(timeout=30_000)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=re.compile("label-printer")).wait_for(timeout=30_000)
    assert "/identities/" in page.url or "/resources/" in page.url
    context.close()


def test_a_question_has_a_link_that_asks_it_again(address: str, browser: object) -> None:
    context = browser.new_context()  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(address + "/ask")
    page.get_by_role("combobox", name="Principal").fill("label-printer")
    page.get_by_role("combobox", name="Action").fill("s3:GetObject")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("Because", exact=True).wait_for(timeout=60_000)
    link = page.url
    context.close()
    context = browser.new_context()  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(link)
    page.get_by_text("Because", exact=True).wait_for(timeout=60_000)
    assert page.get_by_role("combobox", name="Principal").input_value() == "label-printer"
    context.close()


def test_a_session_that_ends_in_mid_form_loses_nothing(home: Path, browser: object) -> None:
    context = browser.new_context()  # type: ignore[attr-defined]
    page = context.new_page()
    with _served(home) as (address, said):
        token = re.search(r"once: (\S+)", said)
        assert token is not None
        page.goto(address + "/findings?rule=dormant-admin")
        page.get_by_label("Set-up token").fill(token[1])
        page.get_by_label("Name").fill("ann")
        page.get_by_label("Password").fill("correct horse battery staple")
        page.get_by_role("button", name="Create account").click()
        page.get_by_role("row").nth(1).get_by_text("Dormant administrator").click(timeout=60_000)
        page.get_by_role("button", name="Mute").click(timeout=60_000)
        page.get_by_label("Why is this meant").fill("known, ends in March")
        context.clear_cookies()
        page.get_by_role("button", name="Mute", exact=True).click()
        page.get_by_role("heading", name="Your session has ended").wait_for(timeout=30_000)
        assert page.get_by_label("Why is this meant").input_value() == "known, ends in March"
        page.get_by_label("Password").fill("correct horse battery staple")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("known, ends in March").wait_for(timeout=60_000)
    context.close()
