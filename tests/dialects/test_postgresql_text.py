"""What PostgreSQL's quoting writes comes back as it was, whatever the session's or the client's settings."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from schemagen.catalog.expressions import InList, Literal
from schemagen.catalog.objects import Catalog, Check, Column, EnumType, Namespace, Table
from schemagen.catalog.types import EnumRef, InlineEnum, Integer, ObjectId, SqlType, Text
from schemagen.dialects.postgresql.dialect import DIALECT
from schemagen.dialects.postgresql.driver import DRIVER
from schemagen.dialects.postgresql.types import type_from_text, type_sql
from schemagen.errors import SchemagenError
from schemagen.plan.changes import CreateEnum, CreateTable
from schemagen.plan.plan import Step
from schemagen.sql import Scalar, Sql, lit
from schemagen.url import parse_url
from tests.dialects.payloads import TEXTS
from tests.servers.postgresql import PostgresqlServer

STORABLE = [text.replace("\0", "") for text in TEXTS]
VALUES: tuple[Scalar, ...] = (
    *STORABLE, True, False, None, 0, -1, 2**62, Decimal("1.10"), Decimal("-1e-7"), 0.1, -1e300, b"", b"\0'\\\xff",
)  # fmt: skip


async def test_every_literal_comes_back(postgresql_url: str) -> None:
    session = await DRIVER.connect(parse_url(postgresql_url)[1])
    try:
        for value in VALUES:
            [(found,)] = await session.fetch(Sql("SELECT {}", lit(value)))
            assert (float(found) if isinstance(value, float) else found) == value
        for text in STORABLE:
            assert (await session.fetch(Sql("SELECT {}::text", lit(text))))[0][0] == text
    finally:
        await session.close()


@pytest.mark.parametrize("text", ["nul\0", "lone \ud800"])
def test_what_no_text_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        DIALECT.text(Sql("SELECT {}", lit(text)))


def statements(text: str) -> list[Sql]:
    """A table with the text wherever a schema's text can stand."""
    enum = EnumType(ObjectId("enum", "", "e"), (text[:15] or "x",))
    columns = (
        Column("c", Text(), default=Literal(text), comment=text),
        Column("e", EnumRef(enum.id), default=Literal(enum.values[0])),
    )
    table = Table(ObjectId("table", "", "t"), columns, (Check(InList("c", (text, "other"))),), comment=text)
    lowered = DIALECT.lower(Catalog((Namespace("", (table,), (enum,)),)), DIALECT.assumed_server)
    changes = [*map(CreateEnum, lowered.enums), *map(CreateTable, lowered.tables)]
    return [sql for change in changes for sql in DIALECT.render(Step(change))]


@pytest.mark.parametrize("setting", ["on", "off"])
def test_a_script_means_the_same_to_every_client(
    setting: str, postgresql_server: PostgresqlServer, postgresql_database: str, tmp_path: Path
) -> None:
    """By psql, with backslashes in plain strings meant either way before the script begins."""
    server, database = postgresql_server, postgresql_database
    server.psql(f"ALTER DATABASE {database} SET standard_conforming_strings = {setting}")
    for text in STORABLE:
        lines = [*DIALECT.settings(DIALECT.assumed_server), *statements(text)]
        script = tmp_path / "script.sql"
        script.write_text("".join(f"{DIALECT.text(sql)};\n" for sql in lines))
        command = [server.bin / "psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", server.socket, "-U", "postgres", "-d", database, "-f", script]
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
        question = "SELECT to_json(ARRAY[obj_description('t'::regclass), col_description('t'::regclass, 1), (SELECT c FROM x)]::text[])"
        row = "WITH x AS (INSERT INTO t DEFAULT VALUES RETURNING c) "
        assert json.loads(server.psql(row + question, database)) == [text or None, text or None, text]
        assert server.psql("SELECT count(*) FROM pg_tables WHERE tablename = 'pwned'", database) == "0\n"
        server.psql("DROP TABLE t; DROP TYPE e", database)


async def test_a_role_that_means_backslashes_otherwise_changes_nothing(
    postgresql_server: PostgresqlServer, postgresql_database: str
) -> None:
    server, database = postgresql_server, postgresql_database
    server.psql(f"ALTER ROLE postgres IN DATABASE {database} SET standard_conforming_strings = off")
    session = await DRIVER.connect(parse_url(server.url(database))[1])
    try:
        text = "\\'; create table pwned(i int);--"
        for sql in statements(text):
            await session.execute(sql)
        assert (await DRIVER.inspect(session)).tables[0].comment == text
        assert await session.fetch(Sql("SELECT to_regclass('pwned')")) == [(None,)]
    finally:
        await session.close()


TYPES = (
    "boolean", "smallint", "integer", "bigint", "real", "double precision", "numeric", "numeric(10,2)", "numeric(3,-2)", "text",
    "character varying(5)", "character(5)", "bytea", "date", "interval", "uuid", "json", "jsonb", "inet", "time without time zone",
    "time(3) with time zone", "timestamp with time zone", "timestamp(0) without time zone", "text[]", "timestamp with time zone[]",
    "character varying(5)[]", "point", "character varying", "interval day to second(3)", "name", "int4range",
)  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
async def test_a_type_is_written_as_the_server_reads_it_and_read_as_it_prints_it(name: str, postgresql_url: str) -> None:
    kind = type_from_text(name)
    session = await DRIVER.connect(parse_url(postgresql_url)[1])
    try:
        await session.execute(Sql("CREATE TABLE t (c {})", type_sql(kind)))
        assert await session.fetch(Sql("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attname = 'c'")) == [(name,)]
        assert (await DRIVER.inspect(session)).tables[0].column("c").type == kind
    finally:
        await session.close()


@pytest.mark.parametrize(
    ("kind", "refusal"), [(InlineEnum(("a",)), "UNSUPPORTED: t.c: .* use --enum type"), (Integer(64), "")], ids=["inline enum", "bigint"]
)
def test_a_type_that_postgresql_lacks_is_refused_by_name(kind: SqlType, refusal: str) -> None:
    catalog = Catalog((Namespace("", (Table(ObjectId("table", "", "t"), (Column("c", kind),)),)),))
    if not refusal:
        assert DIALECT.lower(catalog, DIALECT.assumed_server).tables[0].column("c").type == kind
        return
    with pytest.raises(SchemagenError, match=refusal):
        DIALECT.lower(catalog, DIALECT.assumed_server)


def test_a_label_longer_than_63_bytes_is_refused() -> None:
    enum = EnumType(ObjectId("enum", "", "e"), ("é" * 32,))
    with pytest.raises(SchemagenError, match=r"ENUM_UNREPRESENTABLE: e: label .* use --enum check"):
        DIALECT.lower(Catalog((Namespace("", (), (enum,)),)), DIALECT.assumed_server)


def test_more_columns_than_a_table_can_have_are_refused() -> None:
    table = Table(ObjectId("table", "", "t"), tuple(Column(f"c{number}", Text()) for number in range(1601)))
    with pytest.raises(SchemagenError, match="TOO_MANY_COLUMNS: t: has 1601 columns"):
        DIALECT.lower(Catalog((Namespace("", (table,)),)), DIALECT.assumed_server)
