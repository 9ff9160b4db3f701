"""The files of a command: none that it writes may be one that it reads, or one that it writes besides."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemagen.cli.config import Config, SourceTable
from schemagen.document.locate import SUFFIXES
from schemagen.document.read import read_documents
from schemagen.errors import SchemagenError
from schemagen.url import parse_url

STANDARD = "-"
_LOGS = {"duckdb": (".wal",), "sqlite": ("-wal", "-journal", "-shm")}


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file and what the command line or the configuration calls it."""

    what: str
    path: str

    def __str__(self) -> str:
        return f"{self.what} {self.path}"


def keep_inputs(values: Mapping[str, Any], sources: Sequence[SourceTable], config: Config) -> None:
    """Raises SchemagenError USAGE where an output of the command is a file that it reads or another output, by whatever path.

    `values` are the arguments of the command that are no schema options.
    """
    outputs = [*_outputs(values, sources)]
    databases = [*_databases(values)]
    if not outputs and not databases:
        return
    inputs = [*_inputs(values, sources, config)]
    if any(Path(item.path).is_file() and item.path.lower().endswith(SUFFIXES) for item in outputs):
        inputs += _referenced(sources)
    _refuse_shared(outputs, [*inputs, *databases])
    for database in databases:
        _refuse_shared([database], inputs)


def _refuse_shared(written: Sequence[NamedFile], others: Iterable[NamedFile]) -> None:
    owners: dict[object, NamedFile] = {}
    for other in others:
        owners.update(dict.fromkeys(_marks(other.path), other))
    for item in written:
        # A device or a pipe keeps nothing that could be lost.
        marks = _marks(item.path) if not os.path.exists(item.path) or os.path.isfile(item.path) else set()
        found = next((owners[mark] for mark in marks if mark in owners), None)
        if found is not None:
            raise SchemagenError("USAGE", str(item), f"is the same file as {found}, which would be lost; name another file")
        owners.update(dict.fromkeys(marks, item))


def _marks(path: str) -> set[object]:
    """What two paths of one file have in common: the path without links, and the file itself where it is there."""
    marks: set[object] = set()
    with suppress(OSError, ValueError):  # Not there yet, or no name that a file can have.
        marks.add(os.path.realpath(path))
        found = os.stat(path)
        if stat.S_ISREG(found.st_mode):
            marks.add((found.st_dev, found.st_ino))
    return marks


def _outputs(values: Mapping[str, Any], sources: Sequence[SourceTable]) -> Iterator[NamedFile]:
    for name, what in (("output", "-o"), ("rejects", "--rejects"), ("report", "--report")):
        path = values.get(name)
        if path is not None and path != STANDARD:
            yield NamedFile(what, path)
    # Only `generate`, which has a style, writes the outputs of sources.
    if "style" in values and values["output"] is None:
        yield from (NamedFile("output", source.output) for source in sources if source.output is not None)


def _databases(values: Mapping[str, Any]) -> Iterator[NamedFile]:
    """The database and its logs, where it is a file."""
    url = values.get("url")
    path = database_path(url) if url is not None else None
    if path is not None:
        yield NamedFile("the database", path)
        for suffix in _LOGS[parse_url(str(url))[0]]:
            # A server may name the log by the link or by the file that it leads to.
            yield NamedFile("the log of the database", path + suffix)
            yield NamedFile("the log of the database", os.path.realpath(path) + suffix)


def database_path(url: str) -> str | None:
    """The file of a database URL; None for a server and for memory. Raises SchemagenError USAGE for a broken URL."""
    dialect, parameters = parse_url(url)
    return parameters.database if dialect in _LOGS and parameters.database != ":memory:" else None


def _inputs(values: Mapping[str, Any], sources: Sequence[SourceTable], config: Config) -> Iterator[NamedFile]:
    from schemagen.sources.source import STDIN
    from schemagen.sources.source import sources as data_sources

    for source in sources:
        yield from _schemas(source.schemas)
        yield from (NamedFile("--ref-map", target) for _, target in source.options.schema.ref_map if os.path.isfile(target))
    yield from _schemas(values.get("before") or ())
    if values.get("validate_with") is not None:
        yield from _schemas([values["validate_with"]])
    if config.path is not None:
        yield NamedFile("the configuration", str(config.path))
    for argument in values.get("files") or ():
        if argument == STDIN:
            yield NamedFile("standard input", "/dev/stdin")
        else:
            yield from (NamedFile("the data file", item.name) for item in data_sources([argument], values.get("form")))


def _schemas(paths: Iterable[str]) -> Iterator[NamedFile]:
    for path in paths:
        if os.path.isdir(path):
            inside = (os.path.join(path, name) for name in sorted(os.listdir(path)) if name.lower().endswith(SUFFIXES))
            yield from (NamedFile("the schema", name) for name in inside)
        else:
            yield NamedFile("the schema", "/dev/stdin" if path == STANDARD else path)


def _referenced(sources: Sequence[SourceTable]) -> Iterator[NamedFile]:
    """The files that references of the schemas lead to."""
    for source in sources:
        paths = [path for path in source.schemas if path != STANDARD and not path.endswith(".py")]
        with suppress(SchemagenError):  # The command itself says what is wrong with a schema.
            registry = read_documents(paths, source.options.schema)[0].registry if paths else None
            if registry is not None:
                registry.resources()
                yield from (NamedFile("the schema", item.source) for item in registry.documents if item.uri.startswith("file:"))
