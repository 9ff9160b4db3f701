"""Laws of scripts: one from A to B, run on a database made from A, leaves what a script that makes B leaves, by the server's own text."""

from __future__ import annotations

import sqlite3
import subprocess
from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings

from schemagen.catalog.objects import Catalog
from schemagen.deploy.script import create_script, plan_script
from schemagen.dialects.base import dialect_named
from schemagen.errors import SchemagenError
from schemagen.options import PlanOptions
from schemagen.plan.make import build_plan
from tests.plan.catalogs import World, catalogs
from tests.servers.mariadb import MariadbServer

FLAT = World(enums=False, structs=False, arrays=False)
LIVE = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def scripts(name: str, before: Catalog, after: Catalog) -> tuple[str, str, str]:
    """Scripts that make `before`, that lead from there to `after`, and that make `after`; what the server lacks is no example."""
    dialect = dialect_named(name)
    server = dialect.assumed_server
    try:
        plan = build_plan(
            dialect.lower(before, server),
            dialect.lower(after, server),
            dialect=name,
            server=server,
            traits=dialect.traits(server),
            options=PlanOptions(allow=("*:*",)),
            assumed=True,
        )
        # Tables without rows need no answers.
        unasked = replace(plan, steps=tuple(replace(step, hazards=()) for step in plan.steps))
        return create_script(before, dialect), plan_script(unasked, dialect), create_script(after, dialect)
    except SchemagenError as error:
        assume(error.kind not in ("REFUSED", "UNSUPPORTED"))
        raise


@LIVE
@given(catalogs(FLAT), catalogs(FLAT))
def test_script_on_sqlite_leaves_what_making_it_anew_leaves(before: Catalog, after: Catalog) -> None:
    made, changed, anew = scripts("sqlite", before, after)
    assert _sqlite(made, changed) == _sqlite(anew)


def _sqlite(*parts: str) -> list[tuple[str, ...]]:
    """Each object's own SQL; of a table its columns (one that was added stands on a line with others) and constraints, sorted."""
    connection = sqlite3.connect(":memory:")
    try:
        for part in parts:
            connection.executescript(part)
        rows = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").fetchall()
        return [(name, *(_parts(connection, name, sql) if kind == "table" else [sql])) for kind, name, sql in rows]
    finally:
        connection.close()


def _parts(connection: sqlite3.Connection, table: str, sql: str) -> list[str]:
    columns = connection.execute('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?) ORDER BY name', (table,))
    constraints = (line.strip().rstrip(",") for line in sql.splitlines()[1:] if "CONSTRAINT" in line)
    return [*map(str, columns), *sorted(constraints)]


@LIVE
@given(before=catalogs(FLAT), after=catalogs(FLAT))
def test_script_on_mariadb_leaves_what_making_it_anew_leaves(mariadb_server: MariadbServer, before: Catalog, after: Catalog) -> None:
    made, changed, anew = scripts("mysql", before, after)
    assert _mariadb(mariadb_server, made, changed) == _mariadb(mariadb_server, anew)


def _mariadb(server: MariadbServer, *parts: str) -> dict[str, list[str]]:
    """SHOW CREATE TABLE of each table, its lines sorted."""
    server.client("DROP DATABASE IF EXISTS law; CREATE DATABASE law")
    for part in parts:
        try:
            server.client(part, "law")
        except subprocess.CalledProcessError as error:
            raise AssertionError(f"{error.stderr}\n{part}") from error
    tables = server.client("SHOW TABLES", "law").splitlines()
    texts = {table: server.client(f"SHOW CREATE TABLE `{table}`", "law") for table in tables}
    return {table: sorted(line.strip().rstrip(",") for line in text.replace("\\n", "\n").splitlines()) for table, text in texts.items()}
