"""The target of a load: its layout, its table (made where it is missing, left as it is where it fits), and the job of the loader."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial

from schemagen.catalog.batch import Mode
from schemagen.catalog.layout import Layout
from schemagen.catalog.objects import Catalog, Table
from schemagen.catalog.placement import make_layout
from schemagen.catalog.relate import relate_model
from schemagen.deploy.run import apply_live
from schemagen.dialects.base import Dialect, Driver, Session
from schemagen.document.node import Document
from schemagen.engine.target import misfit, with_key
from schemagen.errors import SchemagenError
from schemagen.load.ledger import own_tables
from schemagen.options import GeneratorOptions, LoadOptions, PlanOptions
from schemagen.records.defaults import default_texts
from schemagen.records.job import Job
from schemagen.shape.types import ClassShape, Model


@dataclass(frozen=True)
class Subject:
    """What a load, check or dump is about: an entity of a model, the document that judges its records, and where in it."""

    model: Model
    entity: ClassShape
    document: Document
    pointer: str

    @property
    def key(self) -> tuple[str, ...]:
        """The key's Python field names, in order; () without one."""
        return self.entity.entity.key if self.entity.entity is not None else ()


@dataclass(frozen=True)
class Place:
    """An open database and how tables are made in it."""

    dialect: Dialect
    driver: Driver
    session: Session
    options: GeneratorOptions
    namespace: str

    def layout(self, subject: Subject) -> Layout:
        lower = partial(self.dialect.lower, server=self.session.server)
        return make_layout(subject.model, subject.entity, self.namespace, self.options, lower)

    async def existing(self, layout: Layout) -> Table | None:
        catalog = await self.driver.inspect(self.session, (layout.target.id.namespace,))
        return catalog.table(layout.target.id)


async def keyed(subject: Subject, place: Place) -> Subject:
    """The subject with the key of the existing table, where the schema states none."""
    if subject.key:
        return subject
    layout = place.layout(subject)
    existing = await place.existing(layout)
    if existing is None or not existing.key:
        return subject
    names = {item.json_name: item.name for item in subject.entity.fields}
    fields = {slot.column: names.get(slot.path[0]) for slot in layout.properties}
    key = tuple(fields.get(column) or "" for column in existing.key)
    if not all(key):
        return subject
    model, entity = with_key(subject.model, subject.entity, key)
    return replace(subject, model=model, entity=entity)


def check_mode(subject: Subject, mode: Mode | None) -> Mode:
    """The mode in force: upsert where there is a key, else insert. Raises SchemagenError NO_KEY."""
    if mode is None:
        return Mode.UPSERT if subject.key else Mode.INSERT
    if mode is not Mode.INSERT and not subject.key:
        scalars = [item.json_name for item in subject.entity.fields if item.required and not item.nullable]
        hint = f"; required properties are: {', '.join(scalars[:8])}" if scalars else ""
        raise SchemagenError("NO_KEY", subject.entity.name, f"mode {mode.value} needs a key: name it with --key{hint}")
    return mode


async def ready_layout(subject: Subject, place: Place) -> Layout:
    """The layout of a table that is there and fits; a missing table is made through the planner. Raises SchemagenError DRIFT."""
    layout = place.layout(subject)
    existing = await place.existing(layout)
    if existing is None:
        await apply_live(_only(subject, layout, place), place.dialect, place.driver, place.session, PlanOptions())
        existing = await place.existing(layout)
        assert existing is not None, f"{layout.target.id} was made just now"
    reason = misfit(layout.target, existing, place.dialect.traits(place.session.server))
    if reason is not None:
        fix = "`schemagen plan SCHEMA --to URL` shows what would change, `schemagen apply` changes it"
        raise SchemagenError("DRIFT", str(layout.target.id), f"{reason}; a load alters no table: {fix}")
    # What the server enforces decides which rows it refuses: keys that the schema does not state, foreign keys to tables not loaded.
    # What it numbers itself is written over.
    numbered = {column.name: column.identity for column in existing.columns}
    columns = tuple(replace(column, identity=numbered.get(column.name)) for column in layout.target.columns)
    target = replace(layout.target, columns=columns, constraints=existing.constraints, indexes=existing.indexes)
    return replace(layout, target=target)


def _only(subject: Subject, layout: Layout, place: Place) -> Catalog:
    """What the entity's own table needs: itself without foreign keys to tables that are not loaded, its types and its lookup tables."""
    catalog = relate_model(subject.model, place.namespace, place.options)
    table = layout.table
    lookups = {item.target for item in table.foreign_keys}
    seeds = tuple(item for item in catalog.tables if item.seed is not None and item.id in lookups)
    kept = {item.id for item in seeds}
    constraints = tuple(item for item in table.constraints if item not in table.foreign_keys or item.target in kept)
    own = replace(table, constraints=constraints)
    namespace = replace(catalog.namespace(table.id.namespace), tables=tuple(sorted((own, *seeds), key=lambda item: item.id.name)))
    return Catalog((namespace,))


async def ensure_own_tables(place: Place) -> None:
    """Makes the ledger and the rejects table beside the loaded tables, where they are missing."""
    await place.driver.ensure(place.session, own_tables(place.namespace))


def make_job(subject: Subject, layout: Layout, mode: Mode, options: LoadOptions) -> Job:
    """The loader's job. Its fingerprint is of everything that decides what becomes of a record, and of nothing else."""
    facts: tuple[object, ...] = (
        subject.document.digest,
        subject.pointer,
        mode.value,
        layout.target.key,
        [(slot.column, repr(slot.lowered), slot.path) for slot in layout.slots],
        (options.formats, options.nul, options.assume_timezone, options.encoding, options.null_values, options.duplicate_keys),
        (options.max_record_bytes, options.max_depth),
    )
    if defaults := default_texts(layout):
        facts = (*facts, defaults)
    fingerprint = hashlib.sha256(repr(facts).encode()).hexdigest()
    return Job(subject.document, subject.pointer, layout, mode, options, fingerprint)
