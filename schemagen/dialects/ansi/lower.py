"""The catalog as standard SQL says it: everything named, no comments."""

from __future__ import annotations

from dataclasses import replace

from schemagen.catalog.objects import Catalog, ServerInfo, Table
from schemagen.dialects.common import keys_not_null, map_tables, name_constraints


def lower(catalog: Catalog, server: ServerInfo) -> Catalog:
    """The same catalog, constraints named and comments dropped (law: a second call changes nothing)."""
    return replace(map_tables(name_constraints(keys_not_null(catalog)), _without_comments), server=server)


def _without_comments(table: Table) -> Table:
    return replace(table, comment=None, columns=tuple(replace(column, comment=None) for column in table.columns))
