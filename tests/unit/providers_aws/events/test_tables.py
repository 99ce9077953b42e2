"""The compiled tables: in step with their sources, and made of what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import yaml
from events_support import LOGS, ROOT
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import InputError
from leastwise.providers.aws.catalog import bundled as bundled_catalog
from leastwise.providers.aws.catalog.packed import Packed
from leastwise.providers.aws.events.compile import Map, compile_events, fixed_blocks, mapped, own_rows
from leastwise.providers.aws.events.tables import FILE, SOURCES, Tables, bundled

DATA = ROOT / "src/leastwise/providers/aws/data"
MAP = LOGS.parents[1] / "catalogs/aws/aws_event_to_action.json"


def test_the_file_is_in_step_with_our_tables() -> None:
    """`tools/build_aws_events.py` was run after the last change of `data/events`."""
    packed = Packed(FILE, (DATA / FILE).read_bytes())
    for name, block in fixed_blocks(DATA / "events", bundled_catalog()).items():
        assert packed.block(name) == block, name
    for source, rows in own_rows(DATA / "events", bundled_catalog()).items():
        compiled = bundled().rows(source)
        assert {name: compiled.get(name) for name in rows} == rows
        assert {name for name, row in compiled.items() if row.why} == rows.keys()
    own = {one["source"]: tuple(one["prefixes"]) for one in yaml.safe_load((DATA / "events/sources.yaml").read_text())}
    assert {source: bundled().prefixes(source) for source in own} == own


@pytest.mark.skipif(not MAP.is_file(), reason=f"{MAP} (iam-dataset's map) is not here")
def test_the_same_sources_give_the_same_bytes() -> None:
    about = bundled().sources[1]
    map = msgspec.json.decode(MAP.read_bytes(), type=Map)
    assert compile_events(DATA / "events", map, about, bundled_catalog()) == (DATA / FILE).read_bytes()


def test_the_header_names_the_sources() -> None:
    own, other = bundled().sources
    assert own.name == "leastwise"
    assert (other.name, other.licence, other.date) == ("iann0036/iam-dataset", "MIT", "2023-01-01")
    assert bundled().counts["own"] > 150
    assert other.name in (DATA / "NOTICE").read_text()


def test_every_permission_of_the_file_is_in_the_catalogue() -> None:
    packed = Packed(FILE, (DATA / FILE).read_bytes())
    tables, catalog = Tables(packed), bundled_catalog()
    named = set()
    for source in packed.header.blocks:
        for row in tables.rows(source).values():
            named |= {*row.needs, *row.possible, *row.also}
            named |= {name for one in row.when for name in (*one.instead, *one.add)}
    assert len(named) > 350
    assert [name for name in named if (found := catalog.action(name)) is None or found.name != name] == []


def test_every_prefix_of_the_file_is_in_the_catalogue() -> None:
    packed = Packed(FILE, (DATA / FILE).read_bytes())
    prefixes = packed.decoded(SOURCES, dict[str, list[str]])
    assert prefixes is not None
    assert [one for many in prefixes.values() for one in many if bundled_catalog().service(one) is None] == []


def test_a_table_that_names_no_action_is_refused(tmp_path: Path) -> None:
    (tmp_path / "names.yaml").write_text("- {source: s3, why: x, calls: {HeadBucket: s3:LookAtBucket}}\n")
    with pytest.raises(InputError, match="s3:LookAtBucket, which the catalogue does not list"):
        own_rows(tmp_path, bundled_catalog())


@pytest.mark.parametrize(
    ("source", "name", "permissions", "needs", "also"),
    [
        ("lambda", "createfunction", ["lambda:CreateFunction", "iam:PassRole"], None, None),
        ("glue", "createcrawler", ["glue:CreateCrawler", "iam:PassRole"], ["glue:CreateCrawler"], ["iam:PassRole"]),
        ("glue", "batchupdatepartition", ["glue:UpdatePartition"], None, None),
        ("kms", "reencrypt", ["kms:ReEncryptFrom", "kms:ReEncryptTo"], ["kms:ReEncryptFrom", "kms:ReEncryptTo"], []),
        ("kms", "reencrypt", ["kms:Nothing"], None, None),
        ("emrserverless", "createapplication", ["emr-serverless:CreateApplication"], None, None),
        ("budgets", "createbudget", ["budgets:modifybudget"], ["budgets:ModifyBudget"], []),
    ],
)
def test_what_the_map_adds(
    source: str, name: str, permissions: list[str], needs: list[str] | None, also: list[str] | None
) -> None:
    """Nothing where the catalogue says as much, or knows the action and the map another one."""
    found = mapped(bundled_catalog(), source, name, permissions)
    told = (None, None) if found is None else (found.needs, found.also)
    assert told == (needs, also)


def test_sources_that_are_in_no_table() -> None:
    assert bundled().rows("nothing") == {}
    assert bundled().rows("*outcomes") == {}
    assert bundled().prefixes("nothing") == ()


@given(st.text(max_size=20))
def test_any_source_has_rows_or_none(source: str) -> None:
    assert isinstance(bundled().rows(source), dict)


def test_reading_events_loads_no_heavy_library() -> None:
    code = (
        "import sys, leastwise.providers.aws.events.permissions as p, leastwise.providers.aws.events.principals,"
        "leastwise.providers.aws.events.reading, leastwise.providers.aws.events.resources,"
        "leastwise.providers.aws.events.implied, leastwise.providers.aws.events.sessions;"
        "p.resolve('s3.amazonaws.com', 'GetObject');"
        "print(sorted({'numpy', 'pyarrow', 'yaml', 'sqlalchemy', 'boto3', 'scipy', 'duckdb'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
