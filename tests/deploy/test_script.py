"""Scripts: what they make is what `apply` makes, and nothing of a schema stands in their comments."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from schemagen.catalog.objects import Catalog, Column, Namespace, Table
from schemagen.catalog.types import Integer, ObjectId
from schemagen.deploy.run import make_live_plan
from schemagen.deploy.script import NOTHING_TO_DO, create_script, plan_script
from schemagen.dialects.base import DIALECTS, dialect_named, driver_named
from schemagen.errors import SchemagenError
from schemagen.options import PlanOptions
from schemagen.plan.make import build_plan
from schemagen.plan.plan import Plan
from schemagen.url import parse_url
from tests.plan.notation import catalog_of
from tests.servers.postgresql import PostgresqlServer

SHOP = """
table shop.customer
  id bigint key
  name text comment it's "the" name; -- really
table shop.order
  id bigint key identity
  customer bigint
  state text default 'new'
  total numeric(12,2) null
  unique id, customer
  check state in new, paid
  foreign customer -> shop.customer(id)
  index shop_order_state: state
table shop.state
  value text key
  row new
  row it's
"""
NEXT = (
    SHOP.replace("state in new, paid", "state in new, paid, sent")
    .replace("name text", "name text null")
    .replace("  row it's", "  row it's\n  row sent\ntable shop.note\n  id bigint key\n  text text null")
)


def _plan(before: Catalog, after: Catalog, name: str, *allow: str) -> Plan:
    dialect = dialect_named(name)
    server = dialect.assumed_server
    return build_plan(
        dialect.lower(before, server),
        dialect.lower(after, server),
        dialect=name,
        server=server,
        traits=dialect.traits(server),
        options=PlanOptions(allow=allow),
        assumed=True,
    )


@pytest.mark.parametrize("name", DIALECTS)
def test_every_statement_ends_with_a_semicolon(name: str) -> None:
    script = create_script(catalog_of(SHOP), dialect_named(name))
    assert script.endswith(";\n")
    assert script == create_script(catalog_of(SHOP), dialect_named(name))


@pytest.mark.parametrize("name", DIALECTS)
def test_script_with_nothing_to_do_is_a_comment(name: str) -> None:
    catalog = catalog_of(SHOP)
    assert plan_script(_plan(catalog, catalog, name), dialect_named(name)) == NOTHING_TO_DO
    assert create_script(Catalog(), dialect_named(name)) == NOTHING_TO_DO


@pytest.mark.parametrize("name", DIALECTS)
def test_no_text_of_a_schema_stands_in_a_comment(name: str) -> None:
    evil = "x\n\\! touch P\n-- evil\nDROP TABLE t;--"
    table = Table(ObjectId("table", "", "t"), (Column("id", Integer(64), comment=evil),), comment=evil)
    script = create_script(Catalog((Namespace("", (table,)),)), dialect_named(name))
    comments = [line for line in _outside_quotes(script).splitlines() if line.lstrip().startswith("--")]
    assert not [line for line in comments if "evil" in line or "DROP" in line]


def _outside_quotes(script: str) -> str:
    """The script without its string literals."""
    parts = script.replace("''", "").replace("\\'", "").split("'")
    return "".join(parts[::2])


@pytest.mark.parametrize("name", ["postgresql", "duckdb", "mysql"])
def test_refused_plan_writes_no_script(name: str) -> None:
    after = catalog_of(SHOP.replace("  total numeric(12,2) null\n", ""))
    with pytest.raises(SchemagenError, match=r"REFUSED.*--allow DROP_COLUMN:.*; no script is written"):
        plan_script(_plan(catalog_of(SHOP), after, name), dialect_named(name))


def test_script_for_postgresql_makes_what_apply_makes(postgresql_server: PostgresqlServer, postgresql_database: str) -> None:
    postgresql_server.psql(create_script(catalog_of(SHOP), dialect_named("postgresql")), postgresql_database)
    assert _missing(postgresql_server.url(postgresql_database), SHOP).is_empty


def test_script_for_duckdb_makes_what_apply_makes(duckdb_url: str) -> None:
    _run_duckdb(duckdb_url, create_script(catalog_of(SHOP), dialect_named("duckdb")))
    assert _missing(duckdb_url, SHOP).is_empty


def test_script_between_two_versions_of_a_postgresql_database(postgresql_server: PostgresqlServer, postgresql_database: str) -> None:
    dialect = dialect_named("postgresql")
    postgresql_server.psql(create_script(catalog_of(SHOP), dialect), postgresql_database)
    rows = "INSERT INTO shop.customer VALUES (1, 'a'); INSERT INTO shop.\"order\" (customer) VALUES (1)"
    postgresql_server.psql(rows, postgresql_database)
    postgresql_server.psql(plan_script(_plan(catalog_of(SHOP), catalog_of(NEXT), "postgresql"), dialect), postgresql_database)
    assert _missing(postgresql_server.url(postgresql_database), NEXT).is_empty
    assert postgresql_server.psql('SELECT customer, state FROM shop."order"', postgresql_database) == "1|new\n"


def test_script_between_two_versions_of_a_duckdb_database(duckdb_url: str) -> None:
    dialect = dialect_named("duckdb")
    before = SHOP.replace("  foreign customer -> shop.customer(id)\n", "")
    after = NEXT.replace("  foreign customer -> shop.customer(id)\n", "")
    _run_duckdb(duckdb_url, create_script(catalog_of(before), dialect))
    _run_duckdb(duckdb_url, "INSERT INTO shop.customer VALUES (1, 'a')")
    _run_duckdb(duckdb_url, plan_script(_plan(catalog_of(before), catalog_of(after), "duckdb"), dialect))
    assert _missing(duckdb_url, after).is_empty


def _run_duckdb(url: str, script: str) -> None:
    import duckdb

    with duckdb.connect(parse_url(url)[1].database) as connection:
        connection.execute(script)


def _missing(url: str, wanted: str) -> Plan:
    """What `apply` would still do."""

    async def plan() -> Plan:
        name, parameters = parse_url(url)
        driver = driver_named(name)
        session = await driver.connect(parameters, read_only=True)
        try:
            return await make_live_plan(catalog_of(wanted), dialect_named(name), driver, session, PlanOptions())
        finally:
            await session.close()

    return asyncio.run(plan())


def test_open_probes_stand_in_the_script_as_queries() -> None:
    before = catalog_of("table note\n  id bigint key\n  text text null")
    after = replace(catalog_of("table note\n  id bigint key\n  text text"))
    script = plan_script(_plan(before, after, "postgresql"), dialect_named("postgresql"))
    assert 'SELECT count(*) FROM "note" WHERE "text" IS NULL;' in script
