"""MySQL and MariaDB as a Dialect: what schemagen knows of them without a server."""

from __future__ import annotations

from dataclasses import dataclass

from schemagen.catalog.objects import Catalog, ServerInfo
from schemagen.dialects.mysql import ddl, lower, probes, quote, traits
from schemagen.plan.plan import Probe, Step
from schemagen.plan.traits import Traits
from schemagen.sql import Sql


@dataclass(frozen=True, slots=True)
class MysqlDialect:
    """Each method is a function of the module of its name."""

    name: str = "mysql"
    assumed_server: ServerInfo = traits.MARIADB

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


DIALECT = MysqlDialect()
