"""Standard SQL as a Dialect: scripts only, no server."""

from __future__ import annotations

from dataclasses import dataclass

from schemagen.catalog.objects import Catalog, ServerInfo
from schemagen.dialects.ansi import ddl, lower, quote, traits
from schemagen.plan.plan import Probe, Step
from schemagen.plan.traits import Traits
from schemagen.sql import Sql


@dataclass(frozen=True, slots=True)
class AnsiDialect:
    """Each method is a function of the module of its name."""

    name: str = "ansi"
    assumed_server: ServerInfo = traits.STANDARD

    def traits(self, server: ServerInfo) -> Traits:
        return traits.traits(server)

    def lower(self, catalog: Catalog, server: ServerInfo) -> Catalog:
        return lower.lower(catalog, server)

    def render(self, step: Step) -> list[Sql]:
        return ddl.render(step)

    def query(self, probe: Probe) -> Sql:
        return ddl.query(probe)

    def settings(self, server: ServerInfo) -> list[Sql]:
        """None: what they would be is a server's matter."""
        return []

    def text(self, sql: Sql) -> str:
        return quote.text(sql)


DIALECT = AnsiDialect()
