"""`schemagen dump`: the rows back as JSON lines."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TextIO

import click

from schemagen.cli.arguments import Arguments, with_options
from schemagen.cli.database import require_database
from schemagen.cli.output import note_diagnostics, note_password, output_stream
from schemagen.cli.subject import one_schema
from schemagen.dump.dump import dump as dump_lines
from schemagen.engine.engine import connect
from schemagen.engine.loading import Place, Subject, keyed
from schemagen.options import GeneratorOptions
from schemagen.url import parse_url


@click.command(short_help="write rows back as JSON lines")
@click.argument("schema_argument", metavar="SCHEMA")
@click.option("--from", "url", required=True, metavar="URL", help="the database")
@click.option("-o", "--output", metavar="FILE", help="where to write (default: standard output)")
@with_options
def dump(arguments: Arguments, url: str, output: str | None) -> int:
    """Write the rows of the entity's table as JSON lines, with the schema's own names, equal to what was loaded.

    \b
    Example:
      schemagen dump order.json --key id --from duckdb:///shop.duckdb -o orders.jsonl
    """
    parse_url(url)
    prepared, subject = one_schema(arguments, None)
    generator = arguments.options.generator
    namespace = generator.namespace_of(prepared.module)
    require_database(url, there=True)
    with output_stream(output) as stream:
        asyncio.run(_dump(subject, namespace, url, generator, stream))
    note_password(url)
    note_diagnostics(arguments, prepared.diagnostics, tables=False)
    return 0


async def _dump(subject: Subject, namespace: str, url: str, generator: GeneratorOptions, stream: TextIO) -> None:
    async with connect(url, generator, read_only=True) as connection:
        place = Place(connection.dialect, connection.driver, connection.session, generator, namespace)
        subject = await keyed(subject, place)
        layout = place.layout(subject)
        async with aclosing(dump_lines(layout, driver=connection.driver, session=connection.session)) as lines:
            async for line in lines:
                stream.write(f"{line}\n")
