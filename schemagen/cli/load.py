"""`schemagen load`: validates and loads records."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Any

import click

from schemagen.catalog.batch import Mode, Report
from schemagen.cli.arguments import Arguments, with_options
from schemagen.cli.database import require_database
from schemagen.cli.output import note, note_diagnostics, note_password, write_output
from schemagen.cli.progress import progress_bar
from schemagen.cli.subject import FORMATS, one_schema
from schemagen.engine.engine import connect
from schemagen.engine.loading import Place, Subject, check_mode, keyed
from schemagen.load.report import LoadStoppedError
from schemagen.options import GeneratorOptions
from schemagen.sources.source import sources
from schemagen.url import parse_url


@click.command(short_help="validate and load records")
@click.argument("schema_argument", metavar="SCHEMA")
@click.argument("files", nargs=-1, required=True, metavar="DATA...")
@click.option("--to", "url", required=True, metavar="URL", help="the database")
@click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="[default: upsert where there is a key, else insert]")
@click.option("--rejects", metavar="FILE", help="where bad records go; without it the first one stops the load")
@click.option("--max-errors", type=click.IntRange(0), metavar="N", help="with --rejects: more bad records than this stop the load")
@click.option("--load-id", metavar="ID", help="a name for this load: it is done once, whatever is run again")
@click.option("--again", is_flag=True, help="load once more what was loaded already without a key")
@click.option("--report", metavar="FILE", help="write the counts as JSON")
@click.option("--format", "form", type=click.Choice(FORMATS), help="of standard input [default: by the file's name]")
@click.option("--validate-with", metavar="SCHEMA", help="with a Python file as SCHEMA: judge records by this schema")
@with_options
def load(arguments: Arguments, files: tuple[str, ...], url: str, report: str | None, form: str | None, validate_with: str | None,
         mode: str | None, **others: Any) -> int:  # fmt: skip
    """Validate records and load them into the entity's table, which is made where it is missing. Killed, the same command goes on.

    \b
    DATA is .json, .jsonl, .tsv or .csv, also .gz, a folder or a pattern of them, or - for standard input.
    Example:
      schemagen load order.json orders.jsonl --key id --to duckdb:///shop.duckdb --rejects bad.jsonl
    """
    parse_url(url)
    sources(files, form)
    prepared, subject = one_schema(arguments, validate_with)
    generator = arguments.options.generator
    namespace = generator.namespace_of(prepared.module)
    wanted = Mode(mode) if mode is not None else None
    others |= {"mode": wanted, "options": arguments.options.load, "data_format": form}
    require_database(url, there=False)
    try:
        with progress_bar() as bar:
            done = asyncio.run(_load(subject, namespace, files, url, generator, progress=bar, **others))
    except LoadStoppedError as error:
        _write_report(error.report, report)
        raise
    _show(done, others["rejects"])
    _write_report(done, report)
    if prepared.is_python and validate_with is None:
        note(f"records were judged by the schema that the dataclasses of {prepared.source} give (--validate-with names another)")
    if "-" in files:
        note("standard input is loaded exactly once within one run only: a second run cannot tell whether it is the same")
    note_password(url)
    note_diagnostics(arguments, prepared.diagnostics, tables=False)
    return 1 if done.counts.rejected else 0


async def _load(subject: Subject, namespace: str, files: tuple[str, ...], url: str, generator: GeneratorOptions, **others: Any) -> Report:
    if others["mode"] not in (None, Mode.INSERT) and not subject.key:
        # Before a file is made for it: the key may be that of a table that is there already.
        async with connect(url, generator, read_only=True) as looking:
            place = Place(looking.dialect, looking.driver, looking.session, generator, namespace)
            check_mode(await keyed(subject, place), others["mode"])
    async with connect(url, generator) as connection:
        return await connection.load_subject(subject, namespace, files, **others)


def _write_report(done: Report, file: str | None) -> None:
    if file is not None:
        write_output(json.dumps([report_value(done)], indent=2) + "\n", file)


def report_value(done: Report) -> dict[str, Any]:
    """The report as its JSON object."""
    return {
        "entity": done.entity,
        **asdict(done.counts),
        "bytes": done.bytes,
        "seconds": done.seconds,
        "load_id": done.load_id,
        "tables": {name: dict(counts) for name, counts in done.tables.items()},
    }


def _show(done: Report, rejects: str | None) -> None:
    if done.skipped:
        click.echo(f"{done.entity}: {done.skipped}")
        return
    counts = done.counts
    named = {name: getattr(counts, name) for name in ("inserted", "updated", "unchanged", "superseded", "deleted", "rejected")}
    parts = [f"{number:,} {name}" for name, number in named.items() if number]
    where = f" (see {rejects})" if counts.rejected and rejects else ""
    click.echo(f"{done.entity}: {counts.read:,} read: {', '.join(parts) or 'nothing to do'}{where} in {done.seconds:.2f} s")
