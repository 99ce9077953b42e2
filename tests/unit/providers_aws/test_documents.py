"""The table of documents: what it says of each document follows from its statements."""

from __future__ import annotations

import hashlib
from unittest import mock

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.providers.aws.translate.documents import Documents
from leastwise.providers.aws.translate.grammar import decode_statement
from leastwise.providers.aws.translate.statements import Statements

patterns = st.lists(st.sampled_from(["s3:Get*", "s3:*", "iam:*", "*"]), min_size=1, max_size=3)


@settings(deadline=None)
@given(st.lists(st.lists(patterns, max_size=4), max_size=8))
def test_patterns_are_those_of_the_statements_once_each_and_in_order(policies: list[list[list[str]]]) -> None:
    documents = Documents()
    texts = [
        msgspec.json.encode(
            {
                "Id": f"number {number}",
                "Statement": [{"Action": one, "Effect": "Allow", "Resource": "*"} for one in actions],
            }
        )
        for number, actions in enumerate(policies)
    ]
    assert [documents.intern(text) for text in texts] == list(range(len(texts)))
    table = documents.document_rows().to_table()
    wanted = [list(dict.fromkeys(pattern for one in actions for pattern in one)) for actions in policies]
    assert table["actions"].to_pylist() == wanted
    assert table["hash"].to_pylist() == [hashlib.sha256(text).hexdigest() for text in texts]


def test_only_what_cannot_be_evaluated_says_why() -> None:
    documents = Documents()
    rows = [documents.intern(text) for text in (b'{"Statement":[]}', b"[]", b'{"Statement":7}')]
    table = documents.document_rows().to_table()
    assert rows == [0, 1, 2]
    assert [bool(reason) for reason in table["unsupported"].to_pylist()] == [False, True, True]
    assert table["admin"].to_pylist() == [False, None, None]


bodies = st.sampled_from(
    [
        *(
            b'{"Version":"%b","Statement":[{"Effect":"Allow","Action":"%b","Resource":"*"}]}' % (version, action)
            for version in (b"2012-10-17", b"2008-10-17")
            for action in (b"s3:Get*", b"iam:*", b"*")
        ),
        b'{"Statement": {"Effect":"Deny","Action":["*"],"Resource":"*"}}',
        b'{"Statement":[{"Action":"*","Resource":"*","Effect":"Allow"},{"Effect":"Allow"}]}',
        b'{"Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},{"Effect":"Allow","Action":7}]}',
        b'{"Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}',
        b'"%7B%22Statement%22%3A%5B%5D%7D"',
        b"[]",
    ]
)


@settings(deadline=None)
@given(st.lists(bodies, max_size=12), st.integers(1, 5), st.lists(bodies, max_size=3))
def test_many_documents_at_once_are_what_they_are_one_after_another(
    given_: list[bytes], batch: int, earlier: list[bytes]
) -> None:
    single, many = Documents(), Documents()
    for body in earlier:
        assert single.intern(body) == many.intern(body)
    with mock.patch("leastwise.providers.aws.translate.documents._BATCH", batch):
        assert many.intern_all(given_) == [single.intern(body) for body in given_]
    for row in {many.intern(body) for body in given_}:
        assert many.parsed(row) == single.parsed(row)
    with mock.patch("leastwise.providers.aws.translate.documents._PACKED", batch):
        table = many.document_rows().to_table()
    assert table.equals(single.document_rows().to_table())
    assert many.statement_rows().to_table().equals(single.statement_rows().to_table())


@settings(deadline=None)
@given(st.lists(bodies, max_size=16), st.integers(1, 4), st.integers(1, 3))
def test_what_is_forgotten_and_seen_again_is_the_same_document(given_: list[bytes], most: int, packed: int) -> None:
    """Neither the rows nor the tables tell how much was remembered, or when texts became a column."""
    place = "leastwise.providers.aws.translate"
    remembering = Documents()
    rows = [remembering.intern(body) for body in given_]
    with (
        mock.patch(f"{place}.documents._KNOWN", most),
        mock.patch(f"{place}.statements._KNOWN", most),
        mock.patch(f"{place}.statements._BATCH", 1),
        mock.patch(f"{place}.documents._PACKED", packed),
    ):
        forgetful = Documents()
        assert [forgetful.intern(body) for body in given_] == rows
        for row in rows:
            assert forgetful.parsed(row) == remembering.parsed(row)
            assert forgetful.readable(row) == remembering.readable(row)
    assert forgetful.document_rows().to_table().equals(remembering.document_rows().to_table())
    assert forgetful.statement_rows().to_table().equals(remembering.statement_rows().to_table())


def test_written_documents_take_no_new_ones() -> None:
    documents = Documents()
    documents.intern(b'{"Statement":[]}')
    assert documents.document_rows().to_table()["text"].to_pylist() == [b'{"Statement":[]}']
    with pytest.raises(RuntimeError, match="written"):
        documents.intern(b'{"Statement":[{}]}')


def _document(number: int) -> bytes:
    return b'{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket-%d/*"}]}' % number


@pytest.mark.parametrize("size", [0, 100 << 20])
def test_however_much_is_remembered_the_tables_are_the_same(size: int) -> None:
    documents = Documents(size)
    rows = [documents.intern(_document(number % 5000)) for number in range(10_000)]
    assert rows == [*range(5000), *range(5000)]
    assert documents.document_rows().to_table()["hash"].to_pylist() == [
        hashlib.sha256(msgspec.json.encode(msgspec.json.decode(_document(number)), order="sorted")).hexdigest()
        for number in range(5000)
    ]
    said = documents.statement_rows().to_table()
    assert said["document"].to_pylist() == list(range(5000))
    assert said["resources"].to_pylist() == [[f"arn:aws:s3:::bucket-{number}/*"] for number in range(5000)]


@pytest.mark.parametrize(("much", "again"), [(False, 1), (True, 0)])
def test_where_there_is_much_to_read_a_statement_is_not_read_again(much: bool, again: int) -> None:
    statements = Statements(much)
    raws = [msgspec.Raw(b'{"Effect":"Allow","Action":"s3:Get%d","Resource":"*"}' % number) for number in range(10_000)]
    for start in range(0, len(raws), 100):
        statements.numbers(raws[start : start + 100])
    with mock.patch("leastwise.providers.aws.translate.statements.decode_statement", wraps=decode_statement) as decode:
        numbers, said = statements.numbers([raws[0]])
    assert decode.call_count == again
    assert numbers == [again * 10_000]
    assert said == [b'{"Action":"s3:Get0","Effect":"Allow","Resource":"*"}']
