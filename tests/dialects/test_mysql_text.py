"""Literals, comments, names and settings of MySQL on a real MariaDB: what goes in comes back, whatever mode the server is in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from subprocess import CalledProcessError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemagen.catalog.expressions import InList, Literal
from schemagen.catalog.objects import Check, Column, PrimaryKey, ServerInfo, Table
from schemagen.catalog.types import InlineEnum, Integer, Json, ObjectId, Text
from schemagen.dialects.mysql.dialect import DIALECT
from schemagen.dialects.mysql.types import type_from_native
from schemagen.sql import Sql, lit
from tests.dialects.cases import sql_type, type_rows
from tests.dialects.payloads import TEXTS, names
from tests.dialects.scripts import catalog_of, creation, insertion, plan_between, script
from tests.servers.mariadb import MariadbServer

MODES = ("", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES", "TRADITIONAL,PIPES_AS_CONCAT")
KEY = PrimaryKey(("id",), "pk_t")


def hexed(server: MariadbServer, sql: str, database: str) -> list[str]:
    """Texts that a query gives in hexadecimal, one a line."""
    shown = server.client(f"SET NAMES utf8mb4; {sql}", database)
    return [bytes.fromhex(line).decode() for line in shown.split("\n")[:-1]]


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, mariadb_server: MariadbServer) -> Iterator[str]:
    """The server's own mode, which the script must not depend on."""
    before = mariadb_server.client("SELECT @@GLOBAL.sql_mode").strip()
    mariadb_server.client(f"SET GLOBAL sql_mode = '{request.param}'")
    yield request.param
    mariadb_server.client(f"SET GLOBAL sql_mode = '{before}'")


def test_literal_comes_back_in_every_mode(mariadb_server: MariadbServer, mariadb_database: str, mode: str) -> None:
    table = Table(ObjectId("table", "", "t"), (Column("id", Integer(32), False), Column("v", Text())), (KEY,))
    lines = creation(catalog_of(table), DIALECT) + insertion("v", TEXTS, DIALECT)
    mariadb_server.client(script(lines, DIALECT), mariadb_database)
    assert hexed(mariadb_server, "SELECT hex(v) FROM t ORDER BY id", mariadb_database) == list(TEXTS)


def test_text_in_default_check_enum_and_comment_stays_text_in_every_mode(
    mariadb_server: MariadbServer, mariadb_database: str, mode: str
) -> None:
    labels = tuple(text for text in dict.fromkeys(TEXTS) if text == text.rstrip(" ") and "\0" not in text)
    columns = [Column("id", Integer(32), False), Column("e", InlineEnum(labels)), Column("c", Text(200))]
    columns += [Column(f"d{number}", Text(), default=Literal(text), comment=text) for number, text in enumerate(TEXTS)]
    table = Table(ObjectId("table", "", "t"), tuple(columns), (KEY, Check(InList("c", TEXTS), "ch_c")), comment="".join(TEXTS))
    lines = creation(catalog_of(table), DIALECT)
    lines += [DIALECT.text(Sql("INSERT INTO t (id, c) VALUES ({}, {})", lit(number), lit(text))) for number, text in enumerate(TEXTS)]
    lines += [
        DIALECT.text(Sql("INSERT INTO t (id, e) VALUES ({}, {})", lit(100 + number), lit(text))) for number, text in enumerate(labels)
    ]
    mariadb_server.client(script(lines, DIALECT), mariadb_database)
    listed = "".join(f"SELECT hex(d{number}) FROM t WHERE id = 0;" for number in range(len(TEXTS)))
    assert hexed(mariadb_server, listed, mariadb_database) == list(TEXTS)
    assert hexed(mariadb_server, "SELECT hex(c) FROM t WHERE id < 100 ORDER BY id", mariadb_database) == list(TEXTS)
    assert hexed(mariadb_server, "SELECT hex(e) FROM t WHERE id >= 100 ORDER BY id", mariadb_database) == list(labels)
    comments = "SELECT hex(column_comment) FROM information_schema.columns WHERE table_schema = database() AND column_name LIKE 'd%' "
    lowered = DIALECT.lower(catalog_of(table), DIALECT.assumed_server).tables[0]
    assert hexed(mariadb_server, comments + "ORDER BY ordinal_position", mariadb_database) == [c.comment for c in lowered.columns[3:]]
    about = "SELECT hex(table_comment) FROM information_schema.tables WHERE table_schema = database()"
    assert hexed(mariadb_server, about, mariadb_database) == [lowered.comment]
    engines = mariadb_server.client("SELECT engine FROM information_schema.tables WHERE table_schema = database()", mariadb_database)
    assert engines == "InnoDB\n"


def test_check_refuses_another_case_and_a_blank_at_the_end(mariadb_server: MariadbServer, mariadb_database: str) -> None:
    table = Table(
        ObjectId("table", "", "t"), (Column("id", Text(), False), Column("c", Text(9))), (KEY, Check(InList("c", ("a",)), "ch_c"))
    )
    mariadb_server.client(script(creation(catalog_of(table), DIALECT), DIALECT), mariadb_database)
    mariadb_server.client("INSERT INTO t VALUES ('a', 'a'), ('A', 'a'), ('a ', 'a')", mariadb_database)
    assert mariadb_server.client("SELECT count(*) FROM t", mariadb_database) == "3\n"
    for value in ("A", "a "):
        with pytest.raises(CalledProcessError):
            mariadb_server.client(f"INSERT INTO t VALUES ('x', '{value}')", mariadb_database)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(names, unique=True, min_size=1, max_size=20))
def test_name_is_reported_as_lowered(mariadb_server: MariadbServer, found: list[str]) -> None:
    tables = [
        Table(
            ObjectId("table", "", name),
            (Column("id", Integer(32), False), *(Column(f"{name}", Integer(32)) for name in found if name != "id")),
            (KEY,),
        )
        for name in found[:3]
    ]
    lowered = DIALECT.lower(catalog_of(*tables), DIALECT.assumed_server)
    mariadb_server.client("DROP DATABASE IF EXISTS named; CREATE DATABASE named")
    mariadb_server.client(script(creation(catalog_of(*tables), DIALECT), DIALECT), "named")
    listed = "SELECT hex(table_name) FROM information_schema.tables WHERE table_schema = 'named'"
    assert sorted(hexed(mariadb_server, listed, "named")) == sorted(table.id.name for table in lowered.tables)
    listed = "SELECT hex(column_name) FROM information_schema.columns WHERE table_schema = 'named' AND table_name = {} "
    query = DIALECT.text(Sql(listed + "ORDER BY ordinal_position", lit(lowered.tables[0].id.name)))
    assert hexed(mariadb_server, query, "named") == [column.name for column in lowered.tables[0].columns]


def test_type_is_reported_as_lowered(mariadb_server: MariadbServer, mariadb_database: str) -> None:
    kinds = [sql_type(row["type"]) for row in type_rows() if row["mysql"] != "refused" and "16383" not in row["mysql"]]
    table = Table(ObjectId("table", "", "t"), tuple(Column(f"c{number}", kind) for number, kind in enumerate(kinds)))
    lowered = DIALECT.lower(catalog_of(table), DIALECT.assumed_server).tables[0]
    mariadb_server.client(script(creation(catalog_of(table), DIALECT), DIALECT), mariadb_database)
    query = "SELECT column_type FROM information_schema.columns WHERE table_schema = database() ORDER BY ordinal_position"
    shown = [type_from_native(line.replace("\\\\", "\\")) for line in mariadb_server.client(query, mariadb_database).splitlines()]
    # MariaDB's json is longtext with a check of its own.
    assert shown == [Text() if isinstance(column.type, Json) else column.type for column in lowered.columns]


def test_plan_to_the_same_schema_is_empty() -> None:
    table = Table(ObjectId("table", "", "t"), (Column("id", Integer(32), False), Column("v", Text(), comment="x" * 3000)), (KEY,))
    assert plan_between(catalog_of(table), catalog_of(table), DIALECT).is_empty


def test_script_sets_the_mode_that_its_literals_need() -> None:
    text = "\n".join(map(DIALECT.text, DIALECT.settings(DIALECT.assumed_server)))
    assert "SET NAMES utf8mb4" in text
    assert not re.search("ANSI_QUOTES|NO_BACKSLASH_ESCAPES", text)


@pytest.mark.parametrize(("flavor", "collation"), [("mariadb", "utf8mb4_nopad_bin"), ("mysql", "utf8mb4_0900_bin")])
def test_collation_pads_nothing_and_is_the_flavour_s_own(flavor: str, collation: str) -> None:
    (lowered,) = DIALECT.lower(catalog_of(Table(ObjectId("table", "", "t"), (Column("v", Text()),))), ServerInfo(flavor)).tables
    assert dict(lowered.options)["collate"] == collation
