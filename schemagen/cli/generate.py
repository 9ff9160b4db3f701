"""`schemagen generate`: Python source from schemas, and the check that it is up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from schemagen.cli.arguments import Arguments, with_options
from schemagen.cli.config import made_by_schemagen
from schemagen.cli.output import note_diagnostics, same_text, write_output
from schemagen.engine.prepare import Prepared, prepare
from schemagen.errors import Diagnostic, SchemagenError, printable
from schemagen.model.emit import emit_source
from schemagen.model.styles import emit_style

STYLES = ("dataclass", "pydantic", "msgspec", "typeddict")


@click.command(short_help="write Python source")
@click.argument("schemas", nargs=-1, metavar="[SCHEMA]...")
@click.option("-o", "--output", metavar="FILE", help="where to write (default: standard output)")
@click.option("--style", type=click.Choice(STYLES), help="what kind of classes [default: dataclass]")
@click.option("--check", "check_only", is_flag=True, help="write nothing; exit code 1 where the output would change")
@with_options
def generate(arguments: Arguments, output: str | None, style: str | None, check_only: bool) -> int:
    """Write Python source from JSON Schema or OpenAPI documents; without SCHEMA from every [[source]] of schemagen.toml.

    \b
    Example:
      schemagen generate order.json --key id -o models.py
      schemagen generate --check
    """
    diagnostics: list[Diagnostic] = []
    results = list(_sources(arguments, output, style, diagnostics))
    if check_only:
        changed = _changed(results)
        for target in changed:
            click.echo(f"{target}: would change")
        if changed:
            return 1
    else:
        _write(results, typed=output)
    note_diagnostics(arguments, diagnostics)
    return 0


def _changed(results: list[tuple[str, str | None]]) -> list[str]:
    if any(target is None for _, target in results):
        raise SchemagenError("USAGE", "generate --check", "has nothing to compare with: name the file with -o, or a source's output")
    return [target for text, target in results if target is not None and not same_text(text, target)]


def _write(results: list[tuple[str, str | None]], typed: str | None) -> None:
    """Writes what is not there already. A file that the command line does not name is told of."""
    if typed is not None and _is_by_hand(Path(typed)):
        raise SchemagenError(
            "REFUSED", typed, "its first line does not say that schemagen made it; delete it, or choose another name with -o"
        )
    for text, target in results:
        same = target is not None and same_text(text, target)
        if not same:
            write_output(text, target)
        if target is not None and target != typed:
            click.echo(f"{'unchanged' if same else 'wrote'} {printable(target)}", err=True)


def _is_by_hand(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0 and not made_by_schemagen(path)


def _sources(
    arguments: Arguments, output: str | None, style: str | None, diagnostics: list[Diagnostic]
) -> Iterator[tuple[str, str | None]]:
    if output is not None and len(arguments.sources) > 1:
        raise SchemagenError("USAGE", "-o", "takes one source; the configuration has several, each with its own output")
    for source in arguments.sources:
        prepared = prepare(source.schemas, source.options.schema)
        if len(prepared) != 1:
            raise SchemagenError("USAGE", ", ".join(source.schemas), "a Python file is a module of its own: name it by itself")
        diagnostics += prepared[0].diagnostics
        yield _text(prepared[0], style or source.style), output or source.output


def _text(prepared: Prepared, style: str) -> str:
    if style == "dataclass":
        return emit_source(prepared.module)
    if prepared.is_python:
        raise SchemagenError("UNSUPPORTED", prepared.source, f"style {style} is made from a schema document, not from a Python file")
    if len(prepared.documents) != 1:
        raise SchemagenError("UNSUPPORTED", prepared.source, f"style {style} takes one document at a time")
    return emit_style(prepared.documents[0], style)  # type: ignore[arg-type]  # click has checked the choice
