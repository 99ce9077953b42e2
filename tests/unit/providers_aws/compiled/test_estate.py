"""What is read back from the arrays is what the documents say: those of the demo company and of the samples."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pytest
from compiled_support import demo_scopes, scopes_of, written_out

# isort: split
from aws_support import needs_shared

from fakes.shared import SHARED
from leastwise.engine.columns import plain
from leastwise.engine.patterns import Pattern
from leastwise.providers.aws.compiled.compile import compile_estate
from leastwise.providers.aws.compiled.estate import CompiledEstate
from leastwise.providers.aws.compiled.interning import Codes
from leastwise.providers.aws.compiled.scopes import READ, ScopeTables, needed
from leastwise.providers.aws.evaluate import policy as language
from leastwise.providers.aws.evaluate.policy import Policy, parse_policy


@pytest.fixture(scope="module")
def demo() -> list[ScopeTables]:
    return list(demo_scopes())


def documents(scopes: Sequence[ScopeTables]) -> Iterator[tuple[int, bytes]]:
    """Number and text of every document that follows the grammar."""
    codes = Codes(scopes)
    for index, one in enumerate(scopes):
        table = plain(one.tables["documents"])
        numbers = codes.of(index, pa.array(range(table.num_rows), pa.int32())).tolist()
        for number, text, bad in zip(numbers, table["text"].to_pylist(), table["unsupported"].to_pylist(), strict=True):
            if bad is None:
                yield number, text


def same(compiled: Policy, raw: Policy) -> None:
    """The order within a list and the case of actions may differ; nothing else."""
    assert len(compiled.statements) == len(raw.statements)
    for ours, theirs in zip(compiled.statements, raw.statements, strict=True):
        for name in ("effect", "sid", "position"):
            assert getattr(ours, name) == getattr(theirs, name), (name, raw)
        for name in ("actions", "not_actions", "resources", "not_resources", "principals", "not_principals"):
            here, there = (getattr(one, name) for one in (ours, theirs))
            assert (here is None) == (there is None), (name, raw)
            assert sorted(map(_plain, here or ())) == sorted(map(_plain, there or ())), (name, raw)
        assert Counter(map(_test, ours.tests)) == Counter(map(_test, theirs.tests)), raw
        if "${" in repr(theirs):
            assert ours.variables == theirs.variables, raw


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, Pattern) else str(value)


def _test(test: language.Test) -> tuple[str, ...]:
    return (test.operator, test.key, *sorted(test.values))


def test_every_document_of_the_demo_company_reads_back(demo: list[ScopeTables]) -> None:
    estate = CompiledEstate(compile_estate(demo))
    found = list(documents(demo))
    assert len(found) > 100
    for number, text in found:
        same(estate.policy(number, "p", ""), parse_policy(json.loads(text), "p"))


EXPORTS = sorted(p.name for p in (SHARED / "samples" / "aws").glob("*") if "missing_constraints" not in p.name)


@needs_shared
@pytest.mark.parametrize("name", EXPORTS)
def test_every_document_of_a_sample_reads_back(name: str) -> None:
    scopes = scopes_of(SHARED / "samples" / "aws" / name)
    estate = CompiledEstate(compile_estate(scopes))
    for number, text in documents(scopes):
        same(estate.policy(number, "p", ""), parse_policy(json.loads(text), "p"))


def test_coded_and_written_tables_compile_alike(demo: list[ScopeTables]) -> None:
    coded, written = CompiledEstate(compile_estate(demo)), CompiledEstate(compile_estate(written_out(demo)))
    assert coded.principal_ids.all() == written.principal_ids.all()
    assert coded.arrays.facts == written.arrays.facts
    for number in range(coded.principals):
        assert coded.principal(number) == written.principal(number)
        assert coded.tags(number) == written.tags(number)
    starts = coded.arrays["att.starts"]
    assert starts.tolist() == written.arrays["att.starts"].tolist()
    for row in range(int(starts[-1])):
        for name in ("att.policy", "att.source", "att.via"):
            assert coded.word(name, row) == written.word(name, row)


def test_an_interned_word_stands_once(demo: list[ScopeTables]) -> None:
    estate = CompiledEstate(compile_estate(demo))
    for name in ("principal.account", "principal.kind", "att.policy", "att.via", "thing.kind", "laid.policy"):
        words = estate.texts(f"{name}.texts").all()
        assert len(set(words)) == len(words), name
        assert set(estate.arrays[name].tolist()) - {-1} == set(range(len(words))), name


def test_only_the_columns_that_are_named_are_read(demo: list[ScopeTables]) -> None:
    fewer = [needed(one) for one in demo]
    assert all(set(one.tables[name].column_names) <= set(READ[name]) for one in fewer for name in one.tables)
    whole, less = compile_estate(demo), compile_estate(fewer)
    assert less.facts == whole.facts
    assert all((less[name] == whole[name]).all() for name in whole.names())


def test_an_estate_without_anything_compiles() -> None:
    estate = CompiledEstate(compile_estate([ScopeTables("account", "111122223333", {}, readable=False)]))
    assert estate.principals == 0
    assert estate.principal_number("arn:aws:iam::111122223333:user/ann") is None
    assert estate.concerned("s3:GetObject").tolist() == []
    assert estate.thing("arn:aws:s3:::b") is None


def test_several_words_are_those_of_each(demo: list[ScopeTables]) -> None:
    estate = CompiledEstate(compile_estate(demo))
    numbers = np.arange(estate.principals)[::-3]
    assert estate.words("principal.bound", numbers) == [estate.word("principal.bound", int(n)) for n in numbers]
    assert estate.principal_ids.many(numbers) == [estate.principal_ids[int(n)] for n in numbers]
