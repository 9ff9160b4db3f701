"""What the schemas of a command desire: their catalogs merged into one, and the diagnostics."""

from __future__ import annotations

from schemagen.catalog.objects import Catalog
from schemagen.cli.arguments import Arguments
from schemagen.cli.config import SourceTable
from schemagen.engine.prepare import merge_catalogs, prepare
from schemagen.errors import Diagnostic


def desired_catalog(sources: tuple[SourceTable, ...]) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """One catalog of all sources, each by its own options."""
    catalogs: list[Catalog] = []
    diagnostics: list[Diagnostic] = []
    for source in sources:
        for prepared in prepare(source.schemas, source.options.schema):
            catalogs.append(prepared.catalog(source.options.generator))
            diagnostics += prepared.diagnostics
    return merge_catalogs(catalogs), tuple(diagnostics)


def other_version(arguments: Arguments, schemas: tuple[str, ...]) -> Catalog:
    """The catalog of other schema files, by the options of the command."""
    source = SourceTable(schemas, None, arguments.options)
    return desired_catalog((source,))[0]
