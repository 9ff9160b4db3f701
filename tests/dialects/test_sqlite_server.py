"""SQLite's dialect on a real SQLite: what it writes is taken, rows survive, and a plan gives what the new schema gives."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from schemagen.catalog.expressions import JsonValid
from schemagen.catalog.objects import Catalog, Check, Column, Constraint, PrimaryKey, Table
from schemagen.catalog.types import Integer, Json, ObjectId
from schemagen.dialects.sqlite.dialect import DIALECT
from schemagen.options import PlanOptions
from schemagen.plan.make import build_plan
from schemagen.plan.plan import Plan
from tests.dialects.cases import cast_name, cast_probe, cast_tables, read, types_of
from tests.dialects.scripts import catalog_of, creation, insertion, numbered_keys, plan_between, script, statements
from tests.plan.catalogs import World, catalogs

# One namespace: names of indexes are those of their tables, so that none goes from one table to another.
WORLD = World(enums=False, structs=False, namespaces=("shop",))


def database(lines: list[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(script(lines, DIALECT))
    return connection


def schema(connection: sqlite3.Connection) -> str:
    """What SQLite keeps as its schema, the lines of each table sorted; ADD COLUMN writes its column behind the last line."""
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type, name")
    texts = [re.sub(r', (?="[^"]+" (INTEGER|TEXT|REAL|BLOB)\b)', ",\n", sql) for (sql,) in rows]
    return "\n".join("\n".join(sorted(line.strip().rstrip(",") for line in text.splitlines())) for text in texts)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(catalogs(WORLD).map(numbered_keys), catalogs(WORLD).map(numbered_keys))
def test_plan_between_two_catalogs_gives_what_the_second_gives_from_nothing(before: Catalog, after: Catalog) -> None:
    planned = database(creation(before, DIALECT) + statements(plan_between(before, after, DIALECT), DIALECT))
    assert schema(planned) == schema(database(creation(after, DIALECT)))
    assert planned.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("case", [case for case in read("casts.json") if case["dialect"] == "sqlite"], ids=cast_name)
def test_probe_counts_what_a_type_change_would_not_keep_and_the_rest_is_kept(case: dict[str, Any]) -> None:
    before, after = cast_tables(case)
    values = [value for value, _ in case["kept"]] + case["lost"]
    plan = plan_between(catalog_of(before), catalog_of(after), DIALECT)
    assert DIALECT.traits(DIALECT.assumed_server).convert(*types_of(plan)).probe == case["probe"]
    connection = database(creation(catalog_of(before), DIALECT) + insertion("c", values, DIALECT))
    if case["probe"]:
        assert connection.execute(DIALECT.text(DIALECT.query(cast_probe(case, plan)))).fetchone() == (len(case["lost"]),)
    connection.execute("DELETE FROM t WHERE id > ?", (len(case["kept"]),))
    connection.executescript(script(statements(plan, DIALECT), DIALECT))
    assert [text for (text,) in connection.execute("SELECT CAST(c AS TEXT) FROM t ORDER BY id")] == [text for _, text in case["kept"]]


JSON = Table(
    ObjectId("table", "", "t"),
    (Column("id", Integer(64), nullable=False), Column("may", Json()), Column("must", Json(), nullable=False)),
    (PrimaryKey(("id",)),),
)


def test_column_that_may_be_null_takes_null_and_json_and_nothing_else() -> None:
    connection = database(creation(catalog_of(JSON), DIALECT))
    connection.execute("INSERT INTO t VALUES (1, NULL, '[]'), (2, '{\"a\": 1}', 'null')")
    for row in ("3, '{', '1'", "3, '1', '{'", "3, '', '1'", "3, '1', NULL"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(f"INSERT INTO t VALUES ({row})")


def test_check_of_the_first_version_that_refuses_null_is_replaced_unasked_and_the_rows_stay() -> None:
    """`json_valid(NULL)` is 0 on SQLite before 3.45."""
    (table,) = DIALECT.lower(catalog_of(JSON), DIALECT.assumed_server).tables
    older = replace(table, constraints=tuple(_as_the_first_version_made_it(item) for item in table.constraints))
    assert 'CHECK (json_valid("may"))' in str(older)
    connection = database(statements(_plan(Catalog(), catalog_of(older)), DIALECT))
    connection.execute("INSERT INTO t VALUES (1, '[]', '[]')")
    plan = _plan(catalog_of(older), catalog_of(table))
    assert not plan.refusals
    connection.executescript(script(statements(plan, DIALECT), DIALECT))
    connection.execute("INSERT INTO t VALUES (2, NULL, '[]')")
    assert connection.execute("SELECT * FROM t ORDER BY id").fetchall() == [(1, "[]", "[]"), (2, None, "[]")]
    assert not _plan(catalog_of(table), catalog_of(table)).steps


def _as_the_first_version_made_it(item: Constraint) -> Constraint:
    if isinstance(item, Check) and isinstance(item.expr, JsonValid):
        return replace(item, expr=replace(item.expr, refuses_null=True))
    return item


def _plan(before: Catalog, after: Catalog) -> Plan:
    """Between catalogs as a server has them, with nothing allowed."""
    server = DIALECT.assumed_server
    return build_plan(before, after, dialect="sqlite", server=server, traits=DIALECT.traits(server), options=PlanOptions(), assumed=True)
