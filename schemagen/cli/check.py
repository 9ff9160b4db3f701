"""`schemagen check`: validates records, touches no database."""

from __future__ import annotations

from typing import Any

import click

from schemagen.cli.arguments import Arguments, with_options
from schemagen.cli.output import note, note_diagnostics
from schemagen.cli.subject import FORMATS
from schemagen.engine.checking import check_files


@click.command(short_help="validate records")
@click.argument("schema_argument", metavar="SCHEMA")
@click.argument("files", nargs=-1, required=True, metavar="DATA...")
@click.option("--rejects", metavar="FILE", help="where bad records go, as JSON lines (default: a line each on standard output)")
@click.option("--storable", is_flag=True, help="reject what a column could not give back, too (UNFIT)")
@click.option("--format", "form", type=click.Choice(FORMATS), help="of standard input [default: by the file's name]")
@click.option("--validate-with", metavar="SCHEMA", help="with a Python file as SCHEMA: judge records by this schema")
@with_options
def check(arguments: Arguments, files: tuple[str, ...], **others: Any) -> int:
    """Validate records by the schema, to the last one; touches no database. Exit code 1 where any is bad.

    \b
    Example:
      schemagen check order.json orders.jsonl
    """
    result = check_files(arguments.schemas, files, arguments.options, show=click.echo, **others)
    counts = result.counts
    good = counts.read - counts.rejected
    where = f" (see {others['rejects']})" if counts.rejected and others["rejects"] else ""
    click.echo(f"{result.entity}: {counts.read:,} read: {good:,} good, {counts.rejected:,} rejected{where}")
    if result.note:
        note(result.note)
    note_diagnostics(arguments, result.diagnostics, tables=False)
    return 1 if counts.rejected else 0
