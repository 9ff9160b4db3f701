"""The scripts of every example run on a real MariaDB and SQLite; a plan's script, on tables with rows, makes what the new schema makes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from schemagen import create_script, make_plan, read_schema, relate
from schemagen.catalog.expressions import InList
from schemagen.catalog.objects import Catalog, Check, Column, Table
from schemagen.catalog.types import Binary, Integer, Json, Numeric, Real, Text, Timestamp
from schemagen.deploy.script import plan_script
from schemagen.dialects.base import dialect_named
from schemagen.dialects.common import insert_rows
from schemagen.options import PlanOptions
from schemagen.sql import Lit, Scalar
from tests.conftest import ROOT
from tests.dialects.scripts import script
from tests.dialects.test_mysql_server import server_text
from tests.dialects.test_sqlite_server import schema
from tests.laws.test_example_versions import EXAMPLES
from tests.servers.mariadb import MariadbServer

ALLOWED = PlanOptions(allow=("*:*",))


def versions(example: str) -> tuple[Catalog, Catalog]:
    """The catalogs of the old and the new schemas."""
    old = [ROOT / "schemas" / name for name in EXAMPLES[example][0]]
    new = [path.parent / "next" / path.name for path in old]
    return relate(read_schema(old)), relate(read_schema(new))


def a_row(table: Table) -> dict[str, Scalar]:
    """A row that the table takes; equal values everywhere, so that foreign keys find their rows."""
    listed = {
        item.expr.column: item.expr.values[0] for item in table.constraints if isinstance(item, Check) and isinstance(item.expr, InList)
    }
    return {column.name: listed.get(column.name, _value(column)) for column in table.columns}


def _value(column: Column) -> Scalar:
    match column.type:
        case Integer() | Numeric() | Real():
            return 1
        case Binary():
            return b"\1" * 16
        case Timestamp():
            return "2024-05-01 10:00:00"
        case Json():
            return "{}"
        case Text():
            return "1"
        case kind:
            return None if column.nullable else str(kind)


def filling(catalog: Catalog, dialect: str) -> str:
    """A script that puts a row into each table, foreign keys not asked."""
    known = dialect_named(dialect)
    tables = known.lower(catalog, known.assumed_server).tables
    rows = [(table, a_row(table)) for table in tables]
    lines = [insert_rows(table.id, tuple(row), [tuple(Lit(value) for value in row.values())]) for table, row in rows if table.seed is None]
    off = ["SET foreign_key_checks = 0"] if dialect == "mysql" else []
    return script([*off, *map(known.text, lines)], known)


def kept_names(old: Catalog, new: Catalog) -> set[str]:
    return {table.id.name for table in old.tables} & {table.id.name for table in new.tables}


@pytest.mark.parametrize("example", EXAMPLES)
def test_on_mariadb(example: str, mariadb_server: MariadbServer, mariadb_database: str) -> None:
    old, new = versions(example)
    plan = plan_script(make_plan(old, new, "mysql", options=ALLOWED), dialect_named("mysql"))
    mariadb_server.client(create_script(old, "mysql") + filling(old, "mysql") + plan, mariadb_database)
    planned = server_text(mariadb_server, mariadb_database)
    for name in kept_names(old, new):
        assert mariadb_server.client(f"SELECT count(*) > 0 FROM `{name}`", mariadb_database) == "1\n"
    mariadb_server.client(f"DROP DATABASE {mariadb_database}; CREATE DATABASE {mariadb_database}")
    mariadb_server.client(create_script(new, "mysql"), mariadb_database)
    assert planned == server_text(mariadb_server, mariadb_database)


@pytest.mark.parametrize("example", EXAMPLES)
def test_on_sqlite(example: str) -> None:
    old, new = versions(example)
    plan = plan_script(make_plan(old, new, "sqlite", options=ALLOWED), dialect_named("sqlite"))
    planned, made = sqlite3.connect(":memory:", isolation_level=None), sqlite3.connect(":memory:", isolation_level=None)
    planned.executescript(create_script(old, "sqlite") + filling(old, "sqlite") + plan)
    made.executescript(create_script(new, "sqlite"))
    assert schema(planned) == schema(made)
    assert all(planned.execute(f'SELECT count(*) FROM "{name}"').fetchone() >= (1,) for name in kept_names(old, new))


def test_every_example_is_tried() -> None:
    assert set(EXAMPLES) == {path.name for path in Path(ROOT / "schemas").iterdir() if path.is_dir()}
