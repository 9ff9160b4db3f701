"""`schemagen dump`: the rows back as JSON lines."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from schemagen.cli.arguments import Arguments, with_options
from schemagen.cli.output import note_diagnostics, note_password
from schemagen.cli.subject import one_schema
from schemagen.engine.engine import connect
from schemagen.engine.loading import Place, Subject, keyed
from schemagen.errors import SchemagenError
from schemagen.load.dump import dump as dump_lines
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
    if output in (None, "-"):
        asyncio.run(_dump(subject, namespace, url, generator, lambda line: sys.stdout.write(line + "\n")))
    else:
        _into_file(Path(output or ""), lambda write: asyncio.run(_dump(subject, namespace, url, generator, write)))
    note_password(url)
    note_diagnostics(arguments, prepared.diagnostics)
    return 0


async def _dump(subject: Subject, namespace: str, url: str, generator: GeneratorOptions, write: Callable[[str], object]) -> None:
    async with connect(url, generator, read_only=True) as connection:
        place = Place(connection.dialect, connection.driver, connection.session, generator, namespace)
        subject = await keyed(subject, place)
        layout = place.layout(subject)
        if await place.existing(layout) is None:
            raise SchemagenError(
                "UNKNOWN_ENTITY", str(layout.target.id), "there is no such table in the database; `schemagen load` makes it"
            )
        async for line in dump_lines(layout, driver=connection.driver, session=connection.session):
            write(line)


def _into_file(path: Path, job: Callable[[Callable[[str], object]], None]) -> None:
    """The file is there whole, or as it was."""
    if not path.parent.is_dir():
        raise SchemagenError("NO_FILE", str(path), f"the folder {path.parent} is not there")
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            job(lambda line: stream.write(line + "\n"))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
