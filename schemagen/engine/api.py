"""The pure public functions: schema to module, module to source and catalog, catalog to script, two catalogs to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from schemagen.catalog.objects import Catalog, ServerInfo
from schemagen.catalog.relate import relate
from schemagen.deploy.script import create_script as _create_script
from schemagen.dialects.base import Dialect, dialect_named
from schemagen.dialects.remarks import remarks
from schemagen.engine.prepare import prepare
from schemagen.errors import Diagnostic, SchemagenError
from schemagen.model.emit import emit_source
from schemagen.options import PlanOptions, SchemaOptions
from schemagen.plan.make import build_plan
from schemagen.plan.plan import Plan

__all__ = ["create_script", "emit_source", "make_plan", "read_schema", "relate"]


def read_schema(source: str | Path | Sequence[str | Path], options: SchemaOptions | None = None) -> ModuleType:
    """A module of dataclasses from a schema document (JSON, YAML, OpenAPI), a folder of them, several, or a Python file.

    The same bytes and options give the same module. Raises SchemagenError: NO_FILE, BAD_DOCUMENT, BAD_REF, UNKNOWN_ENTITY and others.
    """
    paths = [str(source)] if isinstance(source, str | Path) else [str(item) for item in source]
    prepared = prepare(paths, options or SchemaOptions())
    if len(prepared) != 1:
        raise SchemagenError("USAGE", ", ".join(paths), "a Python file is a module of its own: read it by itself")
    return prepared[0].module


def create_script(catalog: Catalog, dialect: str) -> str:
    """The SQL script that creates the catalog's objects on a server of that kind. Raises SchemagenError UNSUPPORTED and others."""
    return _create_script(catalog, dialect_named(dialect))


def lowering_remarks(catalog: Catalog, dialect: str) -> tuple[Diagnostic, ...]:
    """Columns that the server of a script stores less freely than the catalog says: keys of text cut short, numbers kept as text."""
    chosen = dialect_named(dialect)
    return remarks(catalog, chosen.lower(catalog, server_of(catalog, chosen)))


def server_of(catalog: Catalog, dialect: Dialect) -> ServerInfo:
    """The server that a catalog was read from, where it is of that dialect; else the one that a dialect assumes."""
    names = {dialect.name, "mariadb" if dialect.name == "mysql" else dialect.name}
    return catalog.server if catalog.server is not None and catalog.server.flavor in names else dialect.assumed_server


def make_plan(before: Catalog, after: Catalog, dialect: str, *, allow: Sequence[str] = (), options: PlanOptions | None = None) -> Plan:
    """What makes a database of `before` one of `after`, without a database: for the server that `before` names or the dialect assumes.

    Every probe is open; what needs no data (dropping a column) is refused unless allowed.
    """
    chosen = dialect_named(dialect)
    server = server_of(before, chosen)
    options = options or PlanOptions(allow=tuple(allow))
    return build_plan(
        chosen.lower(before, server),
        chosen.lower(after, server),
        dialect=dialect,
        server=server,
        traits=chosen.traits(server),
        options=options,
        assumed=True,
    )
