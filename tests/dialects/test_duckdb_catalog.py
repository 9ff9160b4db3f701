"""What DuckDB cannot hold is refused by name or lowered to what it reports; what schemagen does not model is named, not guessed."""

from __future__ import annotations

import string

import pytest

from schemagen.catalog.expressions import AtLeast, InList, JsonValid, Literal, Native
from schemagen.catalog.objects import (
    Catalog,
    Check,
    Column,
    Constraint,
    EnumType,
    ForeignKey,
    Identity,
    Index,
    Namespace,
    PrimaryKey,
    StructMember,
    StructType,
    Table,
)
from schemagen.catalog.types import ArrayType, EnumRef, InlineEnum, Integer, Numeric, ObjectId, Opaque, SqlType, StructRef, Text
from schemagen.dialects.duckdb.dialect import DIALECT
from schemagen.dialects.duckdb.driver import DRIVER
from schemagen.dialects.duckdb.quote import quote_ident, quote_literal
from schemagen.dialects.duckdb.types import parse_type, type_sql
from schemagen.errors import SchemagenError
from schemagen.plan.changes import AddEnumValue, AlterColumnType, CreateTable, DropTable, RebuildTable
from schemagen.plan.plan import Step
from schemagen.sql import Scalar, Sql, ident, lit
from schemagen.url import ConnectionParameters
from tests.dialects.payloads import TEXTS

ID = ObjectId("table", "", "t")


def catalog(*tables: Table, enums: tuple[EnumType, ...] = (), structs: tuple[StructType, ...] = (), namespace: str = "") -> Catalog:
    return Catalog((Namespace(namespace, tables, enums, structs),))


def lowered(given: Catalog) -> Catalog:
    return DIALECT.lower(given, DIALECT.assumed_server)


def table(kind: SqlType, *constraints: Constraint, name: str = "t", **values: object) -> Table:
    return Table(ObjectId("table", "", name), (Column("c", kind, **values),), constraints)  # type: ignore[arg-type]  # a column's fields


def key_to(target: str, namespace: str = "", **values: object) -> ForeignKey:
    return ForeignKey(("c",), ObjectId("table", namespace, target), ("c",), **values)  # type: ignore[arg-type]  # a key's fields


STRUCT = StructType(ObjectId("struct", "", "point"), (StructMember("x", Integer()),))
REFUSED: list[tuple[Catalog, str]] = [
    (catalog(table(StructRef(STRUCT.id)), structs=(STRUCT,)), "UNSUPPORTED: t.c: DuckDB has no named composite types; .*--struct json"),
    (catalog(table(Integer(), key_to("p", on_delete="CASCADE"))), "UNSUPPORTED: t.c: DuckDB has no foreign keys with CASCADE"),
    (catalog(table(Integer(), key_to("p", "shop"))), "UNSUPPORTED: t.c: DuckDB has no foreign keys across schemas; shop.p"),
    (
        catalog(table(Integer(), key_to("u")), table(Integer(), key_to("t"), name="u")),
        "UNSUPPORTED: t, u: their foreign keys form a circle",
    ),
    (catalog(namespace="Temp"), "UNSUPPORTED: Temp: is a name that DuckDB keeps for itself"),
    (catalog(enums=(EnumType(ObjectId("enum", "", "e"), ("a\0",)),)), "ENUM_UNREPRESENTABLE: e: "),
    (catalog(table(Text(), default=Literal("\0"))), "UNSUPPORTED: t.c: its default has a character"),
]


@pytest.mark.parametrize(("given", "message"), REFUSED, ids=lambda item: item if isinstance(item, str) else "")
def test_what_duckdb_has_not_is_refused_by_name(given: Catalog, message: str) -> None:
    with pytest.raises(SchemagenError, match=f"^{message}"):
        lowered(given)


LOWERED: list[tuple[Table, Table]] = [
    (table(Numeric(), Check(AtLeast("c", 0))), table(Text())),
    (table(Numeric(38, 2), Check(AtLeast("c", 0), "ch")), table(Numeric(38, 2), Check(AtLeast("c", 0)))),
    (table(Numeric(39, 2), Check(InList("c", (1, 2)))), table(Text(), Check(InList("c", ("1", "2"))))),
    (table(Text(5), Check(JsonValid("c")), Check(InList("c", ("a", "\0")))), table(Text(), Check(InList("c", ("a",))))),
    (table(Integer(), default=Literal(None)), table(Integer())),
    (table(Integer(), default=Native("NULL")), table(Integer())),
    (table(Integer(), PrimaryKey(("c",), "pk")), table(Integer(), PrimaryKey(("c",)), nullable=False)),
    (table(Integer(), identity=Identity(always=True)), table(Integer(), identity=Identity())),
    (table(Integer(), comment="a\0\ud800"), table(Integer(), comment="a\ufffd\ufffd")),
    (table(ArrayType(Text(3))), table(ArrayType(Text()))),
    (table(Integer(), key_to("t", deferrable=True, name="fk", on_delete="RESTRICT")), table(Integer(), key_to("t"))),
    (table(InlineEnum(("x", "y"))), table(InlineEnum(("x", "y")))),
]


@pytest.mark.parametrize(("given", "wanted"), LOWERED)
def test_what_duckdb_does_not_keep_is_dropped(given: Table, wanted: Table) -> None:
    assert lowered(catalog(given)).tables == (wanted,)


def test_names_that_differ_only_in_case_are_told_apart() -> None:
    columns = tuple(Column(name, Integer()) for name in ("id", "ID", "é", "É"))
    (found,) = lowered(catalog(Table(ID, columns, (PrimaryKey(("id",)),), (Index("ix", ("id", "ID")),)))).tables
    names = [column.name for column in found.columns]
    assert len({name.lower() for name in names[:2]}) == 2
    assert names[2:] == ["é", "É"]
    assert found.indexes == (Index("ix", (names[0], names[1])),)
    assert found.key == (names[0],)


def test_objects_of_main_are_those_of_the_session() -> None:
    made = Table(
        ObjectId("table", "MAIN", "t"),
        (Column("c", EnumRef(ObjectId("enum", "main", "e"))),),
        (ForeignKey(("c",), ObjectId("table", "main", "t"), ("c",)),),
    )
    given = Catalog((Namespace("MAIN", (made,)), Namespace("main", (), (EnumType(ObjectId("enum", "main", "e"), ("a",)),))))
    (space,) = lowered(given).namespaces
    (found,) = space.tables
    assert (space.name, found.id, found.columns[0].type, found.foreign_keys[0].target) == ("", ID, EnumRef(ObjectId("enum", "", "e")), ID)


def test_of_two_enum_types_with_equal_values_the_first_is_the_columns_type() -> None:
    """DuckDB keeps the values of a column's type, not its name."""
    enums = tuple(EnumType(ObjectId("enum", "", name), ("a", "b")) for name in ("z", "e"))
    given = catalog(table(EnumRef(ObjectId("enum", "", "z"))), table(InlineEnum(("a", "b")), name="u"), enums=enums)
    assert {item.columns[0].type for item in lowered(given).tables} == {EnumRef(ObjectId("enum", "", "e"))}


VALUES = [*TEXTS, "", b"", bytes(range(256)), 0, -(2**63), 2**127 - 1, True, None, 0.1, 1e300, 5e-324]


@pytest.mark.parametrize("value", [value for value in VALUES if not (isinstance(value, str) and "\0" in value)])
async def test_a_literal_reads_back_as_its_value(value: Scalar) -> None:
    session = await DRIVER.connect(ConnectionParameters())
    assert await session.fetch(Sql("SELECT {}", lit(value))) == [(value,)]
    await session.close()


@pytest.mark.parametrize("value", ["\0", "a\0b", "\ud800"])
def test_a_literal_that_sql_text_cannot_hold_is_a_mistake(value: str) -> None:
    with pytest.raises(ValueError, match="no SQL text"):
        quote_literal(value)


async def test_a_column_of_any_name_is_that_column() -> None:
    session = await DRIVER.connect(ConnectionParameters())
    for name in TEXTS:
        if "\0" not in name:
            await session.execute(Sql("CREATE OR REPLACE TABLE t AS SELECT 1 AS {}", ident(name)))
            assert [column.name for column in (await DRIVER.inspect(session)).tables[0].columns] == [name]
    await session.close()
    assert all(quote_ident(c) == f'"{c}"' for c in string.ascii_letters)


@pytest.mark.parametrize(
    "text",
    [
        "MAP(VARCHAR, INTEGER)", "STRUCT(a INTEGER, b VARCHAR[])[]", "INTEGER[3]", "BIT", "TIMESTAMP_NS", "UNION(a INTEGER, b VARCHAR)",
        "GEOMETRY", "DECIMAL(10,2)[]", "ENUM('a', 'it''s, ''b')[]", "UHUGEINT", "TIME WITH TIME ZONE", "BIGINT[][]", "JSON[]",
    ],
)  # fmt: skip
def test_a_type_is_written_as_it_is_read(text: str) -> None:
    kind = parse_type(text, lambda _: None)
    assert DIALECT.text(type_sql(kind)).replace(", ", ",") == text.replace(", ", ",")
    assert isinstance(kind, Opaque) == text.startswith(("MAP", "STRUCT", "INTEGER[3", "BIT", "TIMESTAMP_NS", "UNION", "GEOMETRY"))


UNMODELLED = [
    ("CREATE TABLE t (a INTEGER, b INTEGER GENERATED ALWAYS AS (a + 1))", "column b is generated"),
    ("CREATE TABLE t (a INTEGER, b VARCHAR); CREATE INDEX i ON t (lower(b))", "index i is over an expression"),
    ("CREATE TABLE t (a INTEGER, b VARCHAR COLLATE NOCASE)", "a column has a collation"),
]


@pytest.mark.parametrize(("text", "reason"), UNMODELLED)
async def test_what_is_not_modelled_is_named(text: str, reason: str) -> None:
    session = await DRIVER.connect(ConnectionParameters())
    for part in text.split("; "):
        await session.execute(Sql(part))
    (found,) = (await DRIVER.inspect(session)).tables
    assert found.unmodelled == (reason,)
    assert [column.name for column in found.columns] == ["a", "b"]
    await session.close()


async def test_views_sequences_types_and_macros_are_opaque() -> None:
    session = await DRIVER.connect(ConnectionParameters())
    for text in (
        "CREATE SCHEMA shop", 'CREATE TABLE "a AS b" (x INTEGER)', "CREATE TABLE shop.t (x INTEGER DEFAULT nextval('free'))",
        'CREATE VIEW "v AS w" AS SELECT * FROM "a AS b", shop.t', "CREATE TYPE pair AS STRUCT(x INTEGER)", "CREATE MACRO twice(x) AS 2 * x",
    ):  # fmt: skip
        if "nextval" in text:
            await session.execute(Sql("CREATE SEQUENCE free"))
        await session.execute(Sql(text))
    found = await DRIVER.inspect(session)
    assert {(item.kind, item.id.name) for item in found.opaque} == {
        ("view", "v AS w"), ("sequence", "free"), ("type", "pair"), ("macro", "twice"),
    }  # fmt: skip
    (view,) = (item for item in found.opaque if item.kind == "view")
    assert set(view.depends_on) == {ObjectId("table", "", "a AS b"), ObjectId("table", "shop", "t")}
    (shop,) = (await DRIVER.inspect(session, ("shop",))).namespaces
    assert shop.tables[0].columns[0].default == Native("nextval('free')")
    assert (await DRIVER.canonical(session, found)).tables == found.tables
    await session.close()


async def test_a_numbered_table_takes_its_numbers_from_a_sequence_that_comes_and_goes_with_it() -> None:
    session = await DRIVER.connect(ConnectionParameters())
    (made,) = lowered(catalog(table(Integer(), PrimaryKey(("c",)), identity=Identity(), comment="n"))).tables
    made = Table(made.id, (*made.columns, Column("v", Text())), made.constraints)
    for sql in DIALECT.render(Step(CreateTable(made))):
        await session.execute(sql)
    await session.execute(Sql("INSERT INTO t (v) VALUES ('a'), ('b')"))
    found = await DRIVER.inspect(session)
    assert (found.tables, found.opaque) == ((made,), ())
    assert await session.fetch(Sql("SELECT c, v FROM t")) == [(1, "a"), (2, "b")]
    for sql in DIALECT.render(Step(DropTable(made))):
        await session.execute(sql)
    assert await session.fetch(Sql("SELECT count(*) FROM duckdb_sequences()")) == [(0,)]
    await session.close()


def test_changes_that_need_another_step_are_refused_by_reason() -> None:
    traits = DIALECT.traits(DIALECT.assumed_server)
    before, after = table(Integer(32)), table(Integer(64))
    for change in (AlterColumnType(ID, before.columns[0], after.columns[0]), AddEnumValue(ObjectId("enum", "", "e"), "x", None)):
        reason = traits.in_place(type(change).__name__)
        assert reason
        with pytest.raises(SchemagenError, match=f"^UNSUPPORTED: .*{reason}"):
            DIALECT.render(Step(change, before, after))
    own = table(Integer(), key_to("t"))
    with pytest.raises(SchemagenError, match="UNSUPPORTED: t: DuckDB cannot rebuild a table whose foreign key leads to itself"):
        DIALECT.render(Step(RebuildTable(own, own, ()), own, own))


def test_a_script_sets_its_zone_first() -> None:
    assert [DIALECT.text(sql) for sql in DIALECT.settings(DIALECT.assumed_server)] == ["SET TimeZone = 'UTC'"]


async def test_an_expression_that_duckdb_refuses_is_named() -> None:
    session = await DRIVER.connect(ConnectionParameters())
    given = lowered(catalog(table(Integer(), Check(Native("nosuch(c)", ("c",))), default=Literal(1))))
    with pytest.raises(SchemagenError, match=r"^UNSUPPORTED: t: DuckDB refuses an expression or type of the table: .*nosuch"):
        await DRIVER.canonical(session, given)
    await session.close()
