"""What is known about DuckDB without a database."""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import version

from schemagen.catalog.objects import Catalog, ServerInfo
from schemagen.dialects.duckdb import ddl, probes
from schemagen.dialects.duckdb.lower import lower
from schemagen.dialects.duckdb.quote import quote_ident, quote_literal
from schemagen.dialects.duckdb.traits import TRAITS
from schemagen.plan.plan import Probe, Step
from schemagen.plan.traits import Traits
from schemagen.sql import Sql


class DuckdbDialect:
    """DuckDB as installed."""

    name = "duckdb"

    @cached_property
    def assumed_server(self) -> ServerInfo:
        numbers = tuple(int(part) for part in version("duckdb").split(".")[:3] if part.isdecimal())
        return ServerInfo("duckdb", numbers)

    def traits(self, server: ServerInfo) -> Traits:
        return TRAITS

    def lower(self, catalog: Catalog, server: ServerInfo) -> Catalog:
        return lower(catalog, server)

    def render(self, step: Step) -> list[Sql]:
        return ddl.render(step)

    def query(self, probe: Probe) -> Sql:
        return probes.query(probe)

    def settings(self, server: ServerInfo) -> list[Sql]:
        return [Sql("SET TimeZone = 'UTC'")]

    def text(self, sql: Sql) -> str:
        return sql.fill(quote_ident, quote_literal)


DIALECT = DuckdbDialect()
