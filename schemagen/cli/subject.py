"""What `load`, `check` and `dump` are about: the one entity of one schema, and what judges its records."""

from __future__ import annotations

from schemagen.cli.arguments import Arguments
from schemagen.engine.loading import Subject
from schemagen.engine.prepare import Prepared, prepare
from schemagen.errors import SchemagenError

FORMATS = ("json", "jsonl", "tsv", "csv")


def one_schema(arguments: Arguments, validate_with: str | None) -> tuple[Prepared, Subject]:
    """The prepared schema and its entity. Raises SchemagenError UNKNOWN_ENTITY and the kinds of `prepare`."""
    prepared = prepare(arguments.schemas, arguments.options.schema)[0]
    if validate_with is not None and not prepared.is_python:
        raise SchemagenError("USAGE", "--validate-with", "goes with a Python file as SCHEMA; a schema document judges its own records")
    entity = prepared.entity()
    document, pointer = prepared.judge(entity, validate_with, arguments.options.schema)
    return prepared, Subject(prepared.model, entity, document, pointer)
