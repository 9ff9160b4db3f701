"""SQLite's dialect on a real SQLite: what it writes is taken, rows survive, and a plan gives what the new schema gives."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from schemagen.catalog.objects import Catalog
from schemagen.dialects.sqlite.dialect import DIALECT
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
