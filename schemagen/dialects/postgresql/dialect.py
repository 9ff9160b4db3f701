"""PostgreSQL without a server: the pure half of the dialect, put together."""

from __future__ import annotations

from schemagen.catalog.objects import Catalog, ServerInfo
from schemagen.dialects.base import Dialect
from schemagen.dialects.postgresql import ddl, lower, quote, traits
from schemagen.plan.plan import Probe, Step
from schemagen.plan.traits import Traits
from schemagen.sql import Sql


class PostgresqlDialect:
    """Delegates to the modules beside it."""

    name = "postgresql"
    assumed_server = traits.ASSUMED_SERVER

    def traits(self, server: ServerInfo) -> Traits:
        return traits.traits(server)

    def lower(self, catalog: Catalog, server: ServerInfo) -> Catalog:
        return lower.lower(catalog, server)

    def render(self, step: Step) -> list[Sql]:
        return ddl.render(step)

    def query(self, probe: Probe) -> Sql:
        return ddl.query(probe)

    def settings(self, server: ServerInfo) -> list[Sql]:
        return ddl.settings()

    def text(self, sql: Sql) -> str:
        return quote.text(sql)


DIALECT: Dialect = PostgresqlDialect()
