"""Literals, names and rebuilds of SQLite, in the library and through the vendor's client."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemagen.catalog.expressions import InList, Literal, Native
from schemagen.catalog.objects import Check, Column, ForeignKey, Identity, Index, PrimaryKey, Table, Unique
from schemagen.catalog.types import Boolean, Integer, Json, Numeric, ObjectId, Text
from schemagen.dialects.sqlite.dialect import DIALECT
from schemagen.dialects.sqlite.types import type_from_native
from schemagen.errors import SchemagenError
from schemagen.sql import Sql, lit
from tests.dialects.cases import sql_type, type_rows
from tests.dialects.payloads import TEXTS, names
from tests.dialects.scripts import catalog_of, creation, insertion, plan_between, script, statements
from tests.dialects.test_sqlite_server import database
from tests.servers.need import missing

KEY = PrimaryKey(("id",), "pk_t")
ID = Column("id", Integer(64), nullable=False)


def test_literal_comes_back() -> None:
    table = Table(ObjectId("table", "", "t"), (ID, Column("v", Text())), (KEY,))
    connection = database(creation(catalog_of(table), DIALECT) + insertion("v", TEXTS, DIALECT))
    assert [text for (text,) in connection.execute("SELECT v FROM t ORDER BY id")] == list(TEXTS)


def test_literal_comes_back_through_the_client(tmp_path: Path) -> None:
    client = shutil.which("sqlite3")
    if client is None:
        missing("the client of SQLite is not there; get it with: apt-get install sqlite3")
    table = Table(ObjectId("table", "", "t"), (ID, Column("v", Text())), (KEY, Check(InList("v", TEXTS), "ch_v")))
    lines = creation(catalog_of(table), DIALECT) + insertion("v", TEXTS, DIALECT)
    subprocess.run([client, "-bail", str(tmp_path / "t.db")], input=script(lines, DIALECT), check=True, capture_output=True, text=True)
    found = sqlite3.connect(tmp_path / "t.db").execute("SELECT v FROM t ORDER BY id").fetchall()
    assert [text for (text,) in found] == list(TEXTS)


def test_text_in_default_and_check_stays_text() -> None:
    columns = [Column(f"d{number}", Text(), default=Literal(text)) for number, text in enumerate(TEXTS)]
    table = Table(ObjectId("table", "", "t"), (ID, *columns, Column("c", Text())), (KEY, Check(InList("c", TEXTS), "ch_c")))
    connection = database(creation(catalog_of(table), DIALECT))
    for number, text in enumerate(TEXTS):
        connection.execute(DIALECT.text(Sql("INSERT INTO t (id, c) VALUES ({}, {})", lit(number), lit(text))))
    assert connection.execute("SELECT * FROM t WHERE id = 0").fetchone()[1:-1] == TEXTS
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        connection.execute("INSERT INTO t (id, c) VALUES (1000, 'none of them')")


@pytest.mark.parametrize("text", TEXTS)
def test_column_with_any_default_can_be_added(text: str) -> None:
    before = Table(ObjectId("table", "", "t"), (ID,), (KEY,))
    after = Table(ObjectId("table", "", "t"), (ID, Column("v", Text(), nullable=False, default=Literal(text))), (KEY,))
    plan = plan_between(catalog_of(before), catalog_of(after), DIALECT)
    lines = [*creation(catalog_of(before), DIALECT), "INSERT INTO t VALUES (1)", *statements(plan, DIALECT)]
    assert database(lines).execute("SELECT v FROM t").fetchall() == [(text,)]


@settings(max_examples=60, deadline=None)
@given(st.lists(names, unique=True, min_size=1, max_size=20))
def test_name_is_reported_as_lowered(found: list[str]) -> None:
    own = [Column(name, Integer(32)) for name in found if name != "id"]
    tables = [Table(ObjectId("table", "", name), (ID, *own), (KEY,), (Index(f"ix {name}", ("id",)),)) for name in found[:3]]
    lowered = DIALECT.lower(catalog_of(*tables), DIALECT.assumed_server)
    connection = database(creation(catalog_of(*tables), DIALECT))
    known = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").fetchall()
    assert sorted(name for (name,) in known) == sorted(table.id.name for table in lowered.tables)
    columns = connection.execute("SELECT name FROM pragma_table_info(?)", (lowered.tables[0].id.name,)).fetchall()
    assert [name for (name,) in columns] == [column.name for column in lowered.tables[0].columns]


def test_type_is_reported_as_lowered() -> None:
    kinds = [sql_type(row["type"]) for row in type_rows() if row["sqlite"] != "refused"]
    table = Table(ObjectId("table", "", "t"), tuple(Column(f"c{number}", kind) for number, kind in enumerate(kinds)))
    (lowered,) = DIALECT.lower(catalog_of(table), DIALECT.assumed_server).tables
    shown = database(creation(catalog_of(table), DIALECT)).execute("SELECT type FROM pragma_table_info('t')")
    assert [type_from_native(name) for (name,) in shown] == [column.type for column in lowered.columns]


def test_boolean_json_and_decimal_are_checked_by_the_table() -> None:
    columns = (ID, Column("b", Boolean(), default=Literal(True)), Column("j", Json()), Column("d", Numeric(8, 2), default=Literal(5)))
    connection = database(creation(catalog_of(Table(ObjectId("table", "", "t"), columns, (KEY,))), DIALECT))
    connection.execute("INSERT INTO t (id, j) VALUES (1, '{}')")
    assert connection.execute("SELECT b, j, d FROM t").fetchone() == (1, "{}", "5")
    for wrong in ("(id, b) VALUES (2, 2)", "(id, j) VALUES (2, '{')", "(id, b) VALUES (2, 'x')"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(f"INSERT INTO t {wrong}")


def parent_and_child(*more: Column, numbered: bool = True) -> tuple[Table, Table]:
    identity = Identity() if numbered else None
    parent = Table(ObjectId("table", "", "p"), (Column("id", Integer(64), False, identity=identity), Column("v", Text()), *more), (KEY,))
    keys = (
        ForeignKey(("p",), parent.id, ("id",), "fk_p", on_delete="CASCADE"),
        ForeignKey(("c",), ObjectId("table", "", "c"), ("id",), "fk_c"),
    )
    return parent, Table(ObjectId("table", "", "c"), (ID, Column("p", Integer(64)), Column("c", Integer(64))), (KEY, *keys))


def test_rebuild_keeps_rows_references_and_the_mark_of_numbers() -> None:
    before = catalog_of(*parent_and_child(Column("n", Integer(64))))
    parent, child = parent_and_child(Column("n", Text()))
    after = catalog_of(Table(parent.id, parent.columns, (KEY, Unique(("v",), "uq")), (Index("ix", ("n",)),)), child)
    lines = creation(before, DIALECT)
    lines += ["INSERT INTO p (v, n) VALUES ('a', 1), ('b', 2), ('c', 3)", "INSERT INTO c VALUES (1, 1, NULL), (2, 2, 2)"]
    lines += ["DELETE FROM p WHERE id = 3"]
    connection = database(lines + statements(plan_between(before, after, DIALECT), DIALECT))
    assert connection.execute("SELECT * FROM p ORDER BY id").fetchall() == [(1, "a", "1"), (2, "b", "2")]
    assert connection.execute("SELECT * FROM c ORDER BY id").fetchall() == [(1, 1, None), (2, 2, 2)]
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("INSERT INTO p (v) VALUES ('d')")
    assert connection.execute("SELECT max(id) FROM p").fetchone() == (4,)
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        connection.execute("INSERT INTO c VALUES (3, 9, NULL)")
    connection.execute("DELETE FROM p WHERE id = 1")
    assert connection.execute("SELECT id FROM c").fetchall() == [(2,)]


def test_value_that_its_new_type_cannot_hold_stops_the_rebuild() -> None:
    before, after = (Table(ObjectId("table", "", "t"), (ID, Column("v", kind)), (KEY,)) for kind in (Text(), Integer(64)))
    plan = statements(plan_between(catalog_of(before), catalog_of(after), DIALECT), DIALECT)
    connection = database([*creation(catalog_of(before), DIALECT), "INSERT INTO t VALUES (1, '12x')"])
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER column"):
        connection.executescript(script(plan, DIALECT))


def test_constraint_on_a_column_that_is_not_there_is_an_error_before_ddl() -> None:
    for item in (Check(InList("kindd", ("a",)), "ch"), Check(Native("kindd > 1", ("kindd",)), "ch"), Unique(("kindd",), "uq")):
        with pytest.raises(SchemagenError, match="names the column kindd, which the table does not have"):
            DIALECT.lower(catalog_of(Table(ObjectId("table", "", "t"), (ID,), (KEY, item))), DIALECT.assumed_server)
