"""What commands write: files whole or not at all, results to standard output, notes to standard error."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import click

from schemagen.cli.arguments import Arguments
from schemagen.errors import Diagnostic, SchemagenError
from schemagen.url import parse_url

_VARIABLES = {"postgresql": "PGPASSWORD", "mysql": "MYSQL_PWD"}


def write_output(text: str, output: str | None) -> None:
    """To standard output, or into a file that is then old or new, never part."""
    with output_stream(output) as stream:
        stream.write(text)


@contextmanager
def output_stream(output: str | None) -> Iterator[TextIO]:
    """Where a command's result goes: standard output, or a temporary file beside `output` that takes its place at the end."""
    if output is None or output == "-":
        yield sys.stdout
        return
    path = Path(output)
    if not path.parent.is_dir():
        raise SchemagenError("NO_FILE", output, f"the folder {path.parent} is not there")
    if path.exists() and not path.is_file():
        # A device or a pipe is written in place: a rename would replace it.
        with _naming(output), path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with _naming(output), os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


@contextmanager
def _naming(output: str) -> Iterator[None]:
    """An error of the system that names no file is one of this output's."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or output
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def same_text(text: str, output: str) -> bool:
    """True where the file holds exactly this text."""
    path = Path(output)
    return path.is_file() and path.read_bytes() == text.encode("utf-8")


def note(text: str) -> None:
    click.echo(f"note: {text}", err=True)


_OF_TABLES = frozenset({"AS_JSON", "NO_TARGET"})


def note_diagnostics(arguments: Arguments, diagnostics: Iterable[Diagnostic], *, tables: bool = True) -> None:
    """On success: how many places are stored less exactly, or with --diagnostics each of them.

    `tables` False: for a command that shapes no table, which does not count what is said of tables alone.
    """
    found = tuple(diagnostics)
    if arguments.diagnostics:
        for item in found:
            click.echo(str(item), err=True)
        return
    if not tables:
        found = tuple(item for item in found if item.code not in _OF_TABLES)
    as_json = sum(item.code == "AS_JSON" for item in found)
    others = len(found) - as_json
    parts = [f"{as_json} place{'s' if as_json != 1 else ''} stored as JSON"] if as_json else []
    remarks = f"remark{'s' if others != 1 else ''}"
    parts += [f"{others} other {remarks}" if as_json else f"{others} {remarks} on the schema"] if others else []
    if parts:
        note(f"{', '.join(parts)} (--diagnostics lists {'it' if len(found) == 1 else 'them'})")


def note_password(url: str) -> None:
    """A password in the arguments can be seen by others on the machine."""
    name, _ = parse_url(url)
    if urlsplit(url).password and name in _VARIABLES:
        note(f"others can see a password in a command line; give it as {_VARIABLES[name]} or SCHEMAGEN_PASSWORD instead")
