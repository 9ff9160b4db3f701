"""`schemagen inspect`: shows a live database."""

from __future__ import annotations

import asyncio

import click

from schemagen.catalog.objects import Catalog
from schemagen.cli.database import inspect_namespaces, require_database
from schemagen.cli.output import note_password
from schemagen.engine.engine import connect
from schemagen.errors import printable


@click.command(short_help="show a live database")
@click.argument("url", metavar="URL")
@click.option(
    "--namespace", "namespaces", multiple=True, metavar="NAME", help="only this namespace (repeatable; default: all but the system's)"
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="ANSI SQL, or the catalog's JSON"
)
@click.option("--debug", is_flag=True, help="show tracebacks")
def inspect(url: str, namespaces: tuple[str, ...], form: str, debug: bool) -> int:
    """Show the tables, types and constraints of a live database. Changes nothing.

    \b
    Example:
      schemagen inspect duckdb:///shop.duckdb
      schemagen inspect postgresql://localhost/shop --namespace public --format json
    """
    require_database(url, there=True)
    catalog = asyncio.run(_inspect(url, namespaces))
    click.echo(catalog.to_json() if form == "json" else "\n".join(printable(line) for line in _text(catalog).splitlines()))
    note_password(url)
    return 0


async def _inspect(url: str, namespaces: tuple[str, ...]) -> Catalog:
    async with connect(url, read_only=True) as connection:
        return await inspect_namespaces(connection, namespaces)


def _text(catalog: Catalog) -> str:
    lines = [str(catalog)] if catalog.tables or catalog.enums or catalog.structs else []
    lines += [f"-- {item.kind} {item.id}: not modelled" for item in catalog.opaque]
    lines += [f"-- {table.id}: {reason}" for table in catalog.tables for reason in table.unmodelled]
    return "\n".join(lines) or "-- no tables"
