"""Verdicts on files of records, by any schema, whether it makes a table or not; without a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from schemagen.catalog.batch import Counts
from schemagen.catalog.layout import Layout
from schemagen.catalog.placement import make_layout
from schemagen.dialects.base import dialect_named
from schemagen.document.read import read_documents
from schemagen.engine.prepare import Prepared, prepare
from schemagen.errors import Diagnostic, Location, SchemagenError, printable
from schemagen.load.check import Question, check
from schemagen.load.rejects import Reject
from schemagen.options import Options
from schemagen.sources.source import sources

# What keeps a schema from being a table, but not from judging records.
_NO_TABLE = frozenset(
    {"ROOT_NOT_TABULAR", "NEVER", "NAME_CLASH", "TOO_MANY_COLUMNS", "KEY_UNKNOWN", "KEY_NOT_SCALAR", "UNKNOWN_ENTITY", "SCHEMA_TOO_LARGE"}
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. `note`: what the person should know of how it judged."""

    entity: str
    counts: Counts
    diagnostics: tuple[Diagnostic, ...]
    note: str


def check_files(
    schemas: Sequence[str],
    files: Sequence[str],
    options: Options,
    *,
    rejects: str | None = None,
    storable: bool = False,
    form: str | None = None,
    validate_with: str | None = None,
    show: Callable[[str], object] | None = None,
) -> Checked:
    """Judges all records of the files. Without `rejects` each bad one goes to `show` as one line. Raises SchemagenError."""
    sources(files, form)
    question, diagnostics, note = _question(schemas, options, storable, validate_with)

    def tell(reject: Reject) -> None:
        if show is not None and rejects is None:
            show(_line(reject))

    report = check(question, files, rejects=rejects, data_format=form, show=tell)
    return Checked(report.entity, report.counts, diagnostics, note)


def _line(reject: Reject) -> str:
    """As an error is written, but the place first: a list of places is read down its left edge."""
    place = Location(reject.file, reject.fault.pointer or None, reject.line)
    return f"{place}: {reject.fault.code}: {printable(reject.fault.message)}"


def _question(
    schemas: Sequence[str], options: Options, storable: bool, validate_with: str | None
) -> tuple[Question, tuple[Diagnostic, ...], str]:
    try:
        prepared = prepare(schemas, options.schema)[0]
        entity = prepared.entity()
    except SchemagenError as error:
        if error.kind not in _NO_TABLE or storable or options.schema.entities or options.schema.keys or schemas[0].endswith(".py"):
            raise
        document = read_documents(schemas, options.schema)[0]
        return (
            Question(document, "#", options.load),
            (),
            f"the schema makes no table: each record was judged by the whole schema ({error.kind})",
        )
    document, pointer = prepared.judge(entity, validate_with, options.schema)
    note = ""
    if prepared.is_python and validate_with is None:
        note = f"records were judged by the schema that the dataclasses of {prepared.source} give (--validate-with names another)"
    return Question(document, pointer, options.load, _layout(prepared, options), storable), prepared.diagnostics, note


def _layout(prepared: Prepared, options: Options) -> Layout:
    """By the catalog's types: no server is asked."""
    ansi = dialect_named("ansi")
    lower = partial(ansi.lower, server=ansi.assumed_server)
    generator = options.generator
    return make_layout(prepared.model, prepared.entity(), generator.namespace_of(prepared.module), generator, lower)
