"""What passes as a question, and what it names."""

from __future__ import annotations

import pytest

from leastwise.errors import UsageError
from leastwise.store.sql.parsed import parse

VIEWS = {"events", "gap", "grants", "principals"}


@pytest.mark.parametrize(
    "text, tables",
    [
        ("SELECT 1", set()),
        ("VALUES (1)", set()),
        ("TABLE gap", {"gap"}),
        ("FROM Events", {"events"}),
        ('SELECT "e"."id" FROM "EVENTS" e', {"events"}),
        ("SELECT (SELECT count(*) FROM gap)", {"gap"}),
        ("SELECT 1 WHERE EXISTS (FROM gap) OR 1 IN (SELECT 1 FROM grants)", {"gap", "grants"}),
        ("SELECT * FROM gap JOIN principals ON gap.principal = principals.id", {"gap", "principals"}),
        ("SELECT * FROM gap, LATERAL (SELECT * FROM grants WHERE grants.principal = gap.principal)", {"gap", "grants"}),
        ("SELECT principal FROM gap EXCEPT SELECT id FROM principals", {"gap", "principals"}),
        ("WITH few AS (SELECT * FROM gap LIMIT 3) SELECT * FROM few", {"gap"}),
        ("WITH a AS (FROM gap), b AS (FROM a) SELECT * FROM b JOIN grants USING (principal)", {"gap", "grants"}),
        ("WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r", set()),
        ("WITH gap AS (FROM grants) SELECT * FROM gap", {"grants"}),
        ("WITH gap AS (FROM gap) SELECT * FROM gap", {"gap"}),
        ("WITH a AS (SELECT 1) SELECT (WITH b AS (FROM a) SELECT (FROM a, b)) FROM a WHERE 1 IN (FROM a)", set()),
        ("WITH a AS (SELECT 1) (FROM a UNION ALL FROM a) ORDER BY (SELECT 1 FROM a)", set()),
        ("WITH m AS MATERIALIZED (FROM gap), n AS NOT MATERIALIZED (FROM m) FROM n", {"gap"}),
        ("WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n FROM r), s AS (FROM r) FROM s, (FROM r)", set()),
        ("SELECT * FROM (VALUES (1)) v(a), range(3), unnest([1, 2])", set()),
        ("SELECT list_transform([1, 2], lambda x: x + 1), {'a': 1}, MAP {'a': 1}", set()),
        ("FROM (PIVOT gap ON state IN ('USED', 'UNUSED') USING count(*))", {"gap"}),
        ("SELECT sum(count) OVER w FROM gap WINDOW w AS (PARTITION BY principal)", {"gap"}),
        ("SELECT * FROM events ASOF JOIN gap ON events.time > gap.first_used", {"events", "gap"}),
        ("SELECT 1 -- ; DROP TABLE gap", set()),
    ],
)
def test_a_question_names_its_views(text, tables):
    assert parse(text, VIEWS).tables == tables


def test_parameters_are_named():
    assert parse("SELECT $a, $b FROM gap WHERE x = $a", VIEWS).parameters == {"a", "b"}
    with pytest.raises(UsageError, match="no name"):
        parse("SELECT ?", VIEWS)


@pytest.mark.parametrize(
    "text",
    [
        "COPY (SELECT 1) TO '/tmp/x'",
        "WITH x AS (COPY gap TO '/tmp/x') FROM x",
        "WITH x AS (INSERT INTO gap VALUES (1) RETURNING *) SELECT * FROM x",
        "WITH x AS (DELETE FROM gap RETURNING *) SELECT 1",
        "WITH x AS (UPDATE gap SET state = 'USED' RETURNING *) SELECT 1",
        "SELECT (WITH x AS (DELETE FROM gap RETURNING 1) SELECT 1)",
        "INSERT INTO gap VALUES (1)",
        "UPDATE gap SET state = 'USED'",
        "DELETE FROM gap",
        "DROP VIEW gap",
        "CREATE TABLE t AS SELECT 1",
        "CREATE OR REPLACE VIEW gap AS SELECT 1",
        "CREATE MACRO m() AS 1",
        "ALTER TABLE gap ADD COLUMN a INT",
        "ATTACH '/tmp/x.db'",
        "USE x",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA enable_profiling",
        "PRAGMA database_list",
        "CALL enable_logging()",
        "SET threads = 1",
        "RESET threads",
        "SET VARIABLE a = 1",
        "EXPORT DATABASE '/tmp/x'",
        "IMPORT DATABASE '/tmp/x'",
        "CHECKPOINT",
        "BEGIN",
        "VACUUM",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "EXPLAIN ANALYZE SELECT 1",
        "SHOW TABLES",
        "DESCRIBE gap",
        "SUMMARIZE gap",
        "FROM (SHOW TABLES)",
        "FROM (DESCRIBE gap)",
    ],
)
def test_only_select_is_answered(text):
    with pytest.raises(UsageError, match="only SELECT"):
        parse(text, VIEWS)


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "empty"),
        ("  -- nothing\n", "empty"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("SELECT 1; COPY gap TO 'x'", "only SELECT"),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT\n\n1 FRO M gap", "line 3: "),
        ("SELECT * FROM event", "did you mean events"),
        ("SELECT * FROM '/etc/passwd'", "no view /etc/passwd"),
        ("SELECT * FROM 'x.parquet'", "no view x.parquet"),
        ("SELECT * FROM read_csv('/etc/passwd')", "read_csv: not a view"),
        ("SELECT * FROM main.read_text('/etc/passwd')", "read_text: not a view"),
        ("SELECT * FROM Read_Parquet('x')", "read_parquet: not a view"),
        ("SELECT * FROM glob('*')", "glob: not a view"),
        ("SELECT 1 IN (FROM read_blob('x'))", "read_blob: not a view"),
        ("WITH gap AS (FROM glob('*')) FROM gap", "glob: not a view"),
        ("FROM query('COPY gap TO ''x''')", "query: not a view"),
        ("FROM query_table('gap')", "query_table: not a view"),
        ("FROM json_execute_serialized_sql('{}')", "not a view"),
        ("FROM enable_logging('QueryLog')", "enable_logging: not a view"),
        ("FROM duckdb_settings()", "duckdb_settings: not a view"),
        ("FROM pragma_table_info('gap')", "pragma_table_info: not a view"),
        ("FROM arrow_scan(1::UBIGINT::POINTER, 1, 1)", "sql: "),
        ("SELECT * FROM information_schema.tables", "without a schema"),
        ("SELECT * FROM memory.main.gap", "without a schema"),
        ("FROM (WITH duckdb_views AS (SELECT 1) FROM duckdb_views) a, duckdb_views b", "no view duckdb_views"),
        ("FROM (WITH '/x.parquet' AS (SELECT 1) FROM '/x.parquet') a, '/x.parquet' b", "sql: "),
        ('FROM (WITH "/x.csv" AS (SELECT 1) FROM "/x.csv") a, "/x.csv" b', "no view /x.csv"),
        ("WITH duckdb_views AS (FROM duckdb_views) FROM duckdb_views", "no view duckdb_views"),
        ("WITH a AS (FROM b), b AS (SELECT 1) FROM a", "no view b"),
        ("SELECT (WITH z AS (SELECT 1) FROM z), (SELECT 1 FROM z)", "no view z"),
        ("SELECT json_serialize_plan('SELECT current_setting(''temp_directory'')')", "json_serialize_plan"),
        ("SELECT current_setting('secret_directory')", "current_setting"),
        ("SELECT write_log('x')", "write_log"),
        ("SELECT nextval('s')", "nextval"),
    ],
)
def test_what_is_refused_is_said_in_one_line(text, said):
    with pytest.raises(UsageError) as caught:
        parse(text, VIEWS)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_query_that_nests_without_end_is_refused():
    with pytest.raises(UsageError):
        parse(f"SELECT {'(1+' * 5_000}1{')' * 5_000}", VIEWS)
