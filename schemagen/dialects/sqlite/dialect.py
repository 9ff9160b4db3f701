"""SQLite as a Dialect: what schemagen knows of it without a database."""

from __future__ import annotations

from dataclasses import dataclass

from schemagen.catalog.objects import Catalog, ServerInfo
from schemagen.dialects.sqlite import ddl, lower, probes, quote, traits
from schemagen.plan.plan import Probe, Step
from schemagen.plan.traits import Traits
from schemagen.sql import Sql


@dataclass(frozen=True, slots=True)
class SqliteDialect:
    """Each method is a function of the module of its name."""

    name: str = "sqlite"
    assumed_server: ServerInfo = traits.INSTALLED

    def traits(self, server: ServerInfo) -> Traits:
        return traits.traits(server)

    def lower(self, catalog: Catalog, server: ServerInfo) -> Catalog:
        return lower.lower(catalog, server)

    def render(self, step: Step) -> list[Sql]:
        return ddl.render(step)

    def query(self, probe: Probe) -> Sql:
        return probes.query(probe)

    def settings(self, server: ServerInfo) -> list[Sql]:
        return ddl.settings(server)

    def text(self, sql: Sql) -> str:
        return quote.text(sql)


DIALECT = SqliteDialect()
