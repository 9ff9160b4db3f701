"""Layouts and jobs for tests of the loader, and sources that are bytes in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemagen.catalog.batch import Mode
from schemagen.catalog.layout import Layout
from schemagen.catalog.placement import make_layout
from schemagen.dialects.base import dialect_named
from schemagen.document.node import Document
from schemagen.document.read import document_from_value
from schemagen.load.rejects import Reject, rejects_of
from schemagen.options import GeneratorOptions, LoadOptions, SchemaOptions
from schemagen.records.compiled import Compiled, Done
from schemagen.records.job import Job
from schemagen.shape.compile import compile_model
from schemagen.shape.types import Model
from schemagen.sources.stream import Stream
from tests.records.held import Held, rows_of


def entity_of(
    schema: Any,
    key: tuple[str, ...] = (),
    *,
    dialect: str = "duckdb",
    generator: GeneratorOptions | None = None,
    options: SchemaOptions | None = None,
) -> tuple[Document, str, Layout]:
    """The document of a schema, the pointer of its entity and the layout of its table."""
    options = options or SchemaOptions(keys={"": key} if key else {})
    document = document_from_value(schema, "schema.json", options)
    model = compile_model([document], options).model
    chosen = dialect_named(dialect)
    entity = model.entities[0]
    assert entity.entity is not None
    layout = make_layout(model, entity, "", generator or GeneratorOptions(), lambda catalog: chosen.lower(catalog, chosen.assumed_server))
    return document, entity.entity.pointer, layout


def layout_of(model: Model, name: str, dialect: str = "postgresql") -> Layout:
    """The layout of one entity of a module's model."""
    chosen = dialect_named(dialect)
    entity = next(item for item in model.entities if item.name == name)
    return make_layout(model, entity, "", GeneratorOptions(), lambda catalog: chosen.lower(catalog, chosen.assumed_server))


def job_of(schema: Any, key: tuple[str, ...] = (), mode: Mode = Mode.UPSERT, load: LoadOptions | None = None, **others: Any) -> Job:
    document, pointer, layout = entity_of(schema, key, **others)
    return Job(document, pointer, layout, mode, load or LoadOptions(), "fingerprint")


def worked(job: Job, source: Held, *, block: int = 1 << 20, split: int = 1 << 30) -> Iterator[Done]:
    yield from Compiled(job).work(source, Stream(source, job.options, block), split)


def loaded(job: Job, source: Held, **sizes: int) -> tuple[list[dict[str, Any]], list[Reject]]:
    """All rows and all rejects of a source."""
    rows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for done in worked(job, source, **sizes):
        rows += rows_of(done.batch)
        rejects += rejects_of(done.block, done.faults, source.name, omit=False)
    return rows, rejects
