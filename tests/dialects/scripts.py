"""What the tests of dialects run: the statements that make a catalog, and those of a plan between two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemagen.catalog.objects import Catalog, Identity, Namespace, Table
from schemagen.dialects.base import Dialect
from schemagen.dialects.common import map_tables
from schemagen.options import PlanOptions
from schemagen.plan.make import build_plan
from schemagen.plan.plan import Plan
from schemagen.sql import Scalar, Sql, ident, lit

ALL = PlanOptions(allow=("*:*",))


def catalog_of(*tables: Table) -> Catalog:
    """A catalog of tables of the session's own namespace."""
    return Catalog((Namespace("", tables),))


def numbered_keys(catalog: Catalog) -> Catalog:
    """The catalog, where a table has a numbered column, with its key numbered instead, as MySQL and SQLite want it."""
    return map_tables(catalog, _numbered_key)


def _numbered_key(table: Table) -> Table:
    numbered = any(column.identity for column in table.columns)
    columns = (replace(c, identity=Identity() if numbered and (c.name,) == table.key else None) for c in table.columns)
    return replace(table, columns=tuple(columns))


def plan_between(before: Catalog, after: Catalog, dialect: Dialect) -> Plan:
    """The plan on the assumed server, everything allowed."""
    server = dialect.assumed_server
    lowered = [dialect.lower(catalog, server) for catalog in (before, after)]
    return build_plan(*lowered, dialect=dialect.name, server=server, traits=dialect.traits(server), options=ALL, assumed=True)


def statements(plan: Plan, dialect: Dialect) -> list[str]:
    """The plan's statements as text, without the settings."""
    return [dialect.text(sql) for step in plan.steps for sql in dialect.render(step)]


def creation(catalog: Catalog, dialect: Dialect) -> list[str]:
    """The statements that make the catalog from nothing."""
    return statements(plan_between(Catalog(), catalog, dialect), dialect)


def script(lines: list[str], dialect: Dialect) -> str:
    """The statements as a file for the vendor's client."""
    return "".join(f"{line};\n" for line in [*map(dialect.text, dialect.settings(dialect.assumed_server)), *lines])


def insertion(column: str, values: Sequence[Scalar], dialect: Dialect) -> list[str]:
    """Statements that fill a column of table `t`, numbered from 1 in `id`."""
    words = Sql("INSERT INTO {} ({}, {}) VALUES ({}, {})")
    places = [(ident("t"), ident("id"), ident(column), lit(number), lit(value)) for number, value in enumerate(values, 1)]
    return [dialect.text(Sql(words.text, *parts)) for parts in places]
