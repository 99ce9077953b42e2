"""Documentation that cannot rot: what exists in code is named in the pages, and what the pages link to exists."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import typer

from leastwise import errors
from leastwise.app.wiring import ENVIRONMENT
from leastwise.cli.main import app
from leastwise.store.settings import SETTINGS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
ERRORS = [name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)]
WORDS = """
provider, tenant, scope, account, principal, human, workload, group, external, device, agent, provider service,
credential, resource, permission, access level, permission bundle, grant, deny, guardrail, boundary, condition, trust,
assumption edge, pass edge, eligible grant, effective access, usage, permissions gap, escalation path,
privileged principal, dormant principal, access review, break-glass, recommendation, finding, snapshot, estate,
collection gap, unit, attachment, layer, ceiling, signature, cube, rectangle
"""
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def commands(command=None, path=()):
    """Every command of the Typer app with its words; Typer carries its own click, hence by attributes only."""
    command = command or typer.main.get_command(app)
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


def sections(text: str) -> dict[str, str]:
    """The text below each heading, by heading."""
    pieces = re.split(r"^#{1,6} (.+)$", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found = _HEADING.findall(_FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}


@pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda one: " ".join(one) if type(one) is tuple else ""
)
def test_every_command_and_option_is_in_the_reference(path, command):
    section = sections(read(DOCS / "reference" / "commands.md")).get(" ".join(("leastwise", *path)))
    assert section is not None, "the command has no section"
    named = {
        name
        for parameter in command.params
        for name in (
            [*parameter.opts, *parameter.secondary_opts]
            if parameter.param_type_name == "option"
            else [parameter.name.upper()]
        )
    }
    assert [name for name in sorted(named) if not re.search(rf"`{re.escape(name)}[ `]", section)] == []


def test_the_reference_names_no_command_that_does_not_exist():
    known = {" ".join(("leastwise", *path)) for path, _ in commands()}
    assert {
        name for name in sections(read(DOCS / "reference" / "commands.md")) if name.startswith("leastwise")
    } <= known


def test_every_environment_variable_is_in_the_reference():
    page = read(DOCS / "reference" / "settings.md")
    source = "".join(read(file) for file in (ROOT / "src").rglob("*.py"))
    used = set(ENVIRONMENT) | set(re.findall(r"\bLEASTWISE_[A-Z_]+\b", source))
    assert used >= {"LEASTWISE_HOME", "NO_COLOR"}
    assert [name for name in sorted(used) if f"`{name}`" not in page] == []


def test_every_stored_setting_is_in_the_reference():
    page = read(DOCS / "reference" / "settings.md")
    assert SETTINGS
    assert [name for name in SETTINGS if f"`{name}`" not in page] == []


def test_every_error_class_is_drawn_in_the_tree():
    drawn = errors.__doc__ or ""
    assert ERRORS
    assert [name for name in ERRORS if name not in drawn] == []


def test_every_error_class_is_in_the_reference():
    page = read(DOCS / "reference" / "errors.md")
    assert [name for name in ERRORS if f"`{name}`" not in page] == []


def test_every_word_is_in_the_glossary():
    page = read(DOCS / "glossary.md")
    words = [" ".join(word.split()) for word in WORDS.split(",")]
    assert [word for word in words if f"| **{word}** |" not in page] == []


def test_readme_has_exactly_two_set_up_commands():
    named = set(re.findall(r"\./x \w+", read(ROOT / "README.md")))
    assert named == {"./x demo", "./x test"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(page):
    broken = []
    for target in _LINK.findall(_CODE.sub("", _FENCE.sub("", read(page)))):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(read(file))):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize(
    "tool", ["build_table_docs.py", "build_rule_docs.py", "build_collector_role.py", "build_sql_docs.py"]
)
def test_generated_pages_are_up_to_date(tool):
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / tool, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_number_of_rules_in_the_readme_is_right():
    from leastwise.rules.load import load_posture

    assert f"[{len(load_posture())} posture rules](docs/rules/index.md)" in read(ROOT / "README.md")


def test_the_estate_file_page_names_every_key():
    from leastwise.app import estate_file

    page = read(DOCS / "how-to" / "estate-file.md")
    for struct in (
        "EstateFile",
        "Account",
        "CrownJewel",
        "Match",
        "Owner",
        "Zone",
        "TrustException",
        "Vendor",
        "Person",
    ):
        fields = getattr(estate_file, struct).__struct_fields__
        assert [name for name in fields if f"`{name}" not in page and f"[].{name}`" not in page] == [], struct


def test_the_rule_in_contributing_is_a_rule_and_its_cases_hold():
    from leastwise.rules.load import load_rule

    text = re.search(r"```yaml\n(schema: 1\n.*?)```", read(ROOT / "CONTRIBUTING.md"), re.DOTALL)
    assert text is not None
    assert load_rule(text[1].encode(), "aws-example.yaml").id == "aws-example"


def test_the_estate_file_of_the_page_is_valid():
    from leastwise.app.estate_file import parse_estate

    text = re.search(r"```yaml\n(version: 1\n.*?)```", read(DOCS / "how-to" / "estate-file.md"), re.DOTALL)
    assert text is not None
    assert parse_estate("estate-file.md", text[1]).version == 1


def test_test_files_have_names_of_their_own():
    """Two of one name in two folders without a package: pytest collects one of them only."""
    named = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, often in named.items() if often > 1] == []
