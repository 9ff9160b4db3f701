"""`schemagen ddl`: the script that creates the tables."""

from __future__ import annotations

import click

from schemagen.cli.arguments import Arguments, with_options
from schemagen.cli.desired import desired_catalog
from schemagen.cli.output import note_diagnostics, write_output
from schemagen.dialects.base import DIALECTS
from schemagen.engine.api import create_script, lowering_remarks


@click.command(short_help="write the CREATE script")
@click.argument("schemas", nargs=-1, metavar="[SCHEMA]...")
@click.option("--dialect", type=click.Choice(DIALECTS), required=True, help="the server that the script is for")
@click.option("-o", "--output", metavar="FILE", help="where to write (default: standard output)")
@with_options
def ddl(arguments: Arguments, dialect: str, output: str | None) -> int:
    """Write the SQL script that creates the tables; needs no database.

    \b
    Example:
      schemagen ddl order.json --key id --dialect postgresql -o order.sql
    """
    catalog, diagnostics = desired_catalog(arguments.sources)
    write_output(create_script(catalog, dialect), output)
    note_diagnostics(arguments, (*diagnostics, *lowering_remarks(catalog, dialect)))
    return 0
