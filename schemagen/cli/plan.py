"""`schemagen plan`: what `apply` would do, against a database or between two versions of a schema."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import click

from schemagen.catalog.objects import Catalog
from schemagen.cli.arguments import Arguments, with_options
from schemagen.cli.database import require_database
from schemagen.cli.desired import desired_catalog, other_version
from schemagen.cli.output import note_diagnostics, note_password
from schemagen.deploy.script import plan_script
from schemagen.dialects.base import DIALECTS, dialect_named
from schemagen.engine.api import make_plan
from schemagen.engine.engine import connect
from schemagen.errors import SchemagenError
from schemagen.options import PlanOptions
from schemagen.plan.plan import Plan


@click.command(short_help="show what apply would do")
@click.argument("schemas", nargs=-1, metavar="[SCHEMA]...")
@click.option("--to", "url", metavar="URL", help="the database to compare with")
@click.option(
    "--from", "before", multiple=True, metavar="SCHEMA", help="the older version of the schema, instead of a database (repeatable)"
)
@click.option("--dialect", type=click.Choice(DIALECTS), help="with --from: the server that the plan is for")
@click.option("--format", "form", type=click.Choice(["text", "sql", "json"]), default="text", show_default=True, help="how to show it")
@click.option("--allow", multiple=True, metavar="KIND:GLOB", help="a loss that is wanted, as DROP_COLUMN:order.note (repeatable)")
@click.option("--check", "check_only", is_flag=True, help="exit code 1 where anything would change")
@with_options
def plan(
    arguments: Arguments,
    url: str | None,
    before: tuple[str, ...],
    dialect: str | None,
    form: str,
    allow: tuple[str, ...],
    check_only: bool,
) -> int:
    """Show what `apply` would do, with what may be lost and what is refused. Changes nothing.

    \b
    Example:
      schemagen plan order.json --key id --to postgresql://localhost/shop
      schemagen plan next/order.json --from order.json --key id --dialect duckdb --format sql
    """
    if (url is None) == (not before):
        raise SchemagenError("USAGE", "plan", "expected --to URL, or --from SCHEMA with --dialect")
    if before and dialect is None:
        raise SchemagenError("USAGE", "plan --from", "needs --dialect: which server is the plan for?")
    if url is not None and dialect is not None:
        raise SchemagenError("USAGE", "plan --to", "takes the dialect from the URL; leave --dialect out")
    catalog, diagnostics = desired_catalog(arguments.sources)
    options = replace(arguments.options.plan, allow=allow)
    if url is not None:
        require_database(url, there=False)
        made = asyncio.run(_live(catalog, url, options))
    else:
        made = make_plan(other_version(arguments, before), catalog, dialect or "", options=options)
    _show(made, form)
    if url is not None:
        note_password(url)
    note_diagnostics(arguments, diagnostics)
    return 1 if check_only and not made.is_empty else 0


async def _live(catalog: Catalog, url: str, options: PlanOptions) -> Plan:
    from schemagen.engine.explorer import Explorer

    async with connect(url, read_only=True) as connection:
        return await Explorer(connection).plan(catalog=catalog, options=options)


def _show(made: Plan, form: str) -> None:
    if form == "json":
        click.echo(made.to_json())
    elif form == "text":
        click.echo(str(made))
    else:
        click.echo(plan_script(made, dialect_named(made.dialect)), nl=False)
