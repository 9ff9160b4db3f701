"""`schemagen apply`: makes the database match."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import click

from schemagen.catalog.objects import Catalog
from schemagen.cli.arguments import Arguments, with_options
from schemagen.cli.database import require_database
from schemagen.cli.desired import desired_catalog
from schemagen.cli.output import note_diagnostics, note_password
from schemagen.engine.engine import connect
from schemagen.engine.explorer import Explorer
from schemagen.options import PlanOptions
from schemagen.plan.plan import Plan


@click.command(short_help="make the database match")
@click.argument("schemas", nargs=-1, metavar="[SCHEMA]...")
@click.option("--to", "url", required=True, metavar="URL", help="the database")
@click.option("--allow", multiple=True, metavar="KIND:GLOB", help="a loss that is wanted, as DROP_COLUMN:order.note (repeatable)")
@with_options
def apply(arguments: Arguments, url: str, allow: tuple[str, ...]) -> int:
    """Make the tables of the database as the schemas say. Nothing is lost that --allow does not name: such a plan is refused whole.

    \b
    Example:
      schemagen apply order.json --key id --to duckdb:///shop.duckdb
    """
    catalog, diagnostics = desired_catalog(arguments.sources)
    require_database(url, there=False)
    done = asyncio.run(_apply(catalog, url, replace(arguments.options.plan, allow=allow)))
    click.echo(str(done))
    if not done.is_empty:
        click.echo("applied")
    note_password(url)
    note_diagnostics(arguments, diagnostics)
    return 0


async def _apply(catalog: Catalog, url: str, options: PlanOptions) -> Plan:
    async with connect(url) as connection:
        return await Explorer(connection).synchronize(catalog=catalog, options=options)
