"""The Connection: tables made from dataclasses, and rows in and out of them."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from types import ModuleType, TracebackType
from typing import Any

from schemagen.catalog.batch import Mode, Report, WriteResult
from schemagen.catalog.layout import Layout
from schemagen.catalog.objects import Table
from schemagen.catalog.relate import relate_model
from schemagen.catalog.types import ObjectId
from schemagen.deploy.run import apply_live
from schemagen.dialects.base import Dialect, Driver, Session
from schemagen.document.node import Document
from schemagen.document.read import document_from_value
from schemagen.dump.dump import dump
from schemagen.engine.loading import Place, Subject, check_mode, ensure_own_tables, keyed, make_job, ready_layout
from schemagen.engine.prepare import OWNERS, merge_catalogs
from schemagen.engine.writing import Records, Writing
from schemagen.errors import SchemagenError
from schemagen.load.run import Progress, load
from schemagen.model.reflect import reflect_classes
from schemagen.model.schema import schema_of
from schemagen.options import GeneratorOptions, LoadOptions, PlanOptions, SchemaOptions
from schemagen.records.python_values import ValueRows, key_rows, object_rows, tuple_rows, values_of
from schemagen.shape.types import ClassShape, Model
from schemagen.url import ConnectionParameters


class Connection:
    """One database. Open it with `async with`; one at a time may use it."""

    def __init__(
        self, dialect: Dialect, driver: Driver, parameters: ConnectionParameters, options: GeneratorOptions, *, read_only: bool = False
    ) -> None:
        self.dialect = dialect
        self.driver = driver
        self.parameters = parameters
        self.options = options
        self.read_only = read_only
        self._session: Session | None = None
        self._layouts: dict[ObjectId, Layout] = {}
        self._left: list[AsyncGenerator[Any, None]] = []

    async def __aenter__(self) -> Connection:
        self._session = await self.driver.connect(self.parameters, read_only=self.read_only)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.settle()
        session, self._session = self.session, None
        await session.close()

    @property
    def session(self) -> Session:
        """The open session. Raises SchemagenError USAGE where the connection is not open."""
        if self._session is None:
            raise SchemagenError("USAGE", "connection", "is not open: use `async with`")
        return self._session

    async def settle(self) -> None:
        """Closes dumps that were left in the middle, whose transaction would be that of the next statement."""
        while self._left:
            await self._left.pop().aclose()

    def forget(self) -> None:
        """Tables may have changed: layouts are made anew."""
        self._layouts.clear()

    async def create_objects(self, classes: Sequence[type]) -> None:
        """Makes the tables of dataclasses, and the types and lookup tables that they need; those that are there already must be equal."""
        by_module: dict[str, list[type]] = {}
        for item in classes:
            by_module.setdefault(item.__module__, []).append(item)
        catalogs = [
            relate_model(reflect_classes(items), self._namespace(sys.modules[name]), self.options) for name, items in by_module.items()
        ]
        await self.settle()
        await apply_live(merge_catalogs(catalogs), self.dialect, self.driver, self.session, PlanOptions())
        self.forget()

    def get_table(self, entity: type) -> Table:
        """The table of an entity as this server stores it."""
        return self._layout(entity).target

    async def insert_data(self, entity: type, data: Iterable[Any]) -> int:
        """Inserts objects of the class; the number of rows. A field that is DEFAULT in all of them is left to the server.

        Raises SchemagenError: UNFIT naming the object's place and field, DUPLICATE_KEY; then no row is inserted.
        """
        return (await self._objects(entity, data, Mode.INSERT)).counts.inserted

    async def upsert_data(self, entity: type, data: Iterable[Any]) -> WriteResult:
        """Inserts objects whose key is new, and replaces rows of the others. Raises as `insert_data`, and NO_KEY."""
        return await self._objects(entity, data, Mode.UPSERT)

    async def delete_data(self, entity: type, keys: Iterable[Any]) -> int:
        """Deletes the rows of the keys (tuples where the key has several columns); the number of rows that were there."""
        return await self._delete(self._layout(entity), keys)

    async def insert_rows(
        self, table: Table, *, field_names: Sequence[str], field_types: Sequence[type], records: Iterable[Any] | AsyncIterable[Any]
    ) -> int:
        """Inserts tuples whose items are named by `field_names` (columns or fields); the number of rows."""
        rows = tuple_rows(self._layout_of(table), field_names, field_types)
        return (await self._write(self._layout_of(table), rows, records, Mode.INSERT)).counts.inserted

    async def upsert_rows(
        self, table: Table, *, field_names: Sequence[str], field_types: Sequence[type], records: Iterable[Any] | AsyncIterable[Any]
    ) -> WriteResult:
        """Inserts tuples whose key is new; of the rows of the others it changes the columns that `field_names` names, no others."""
        rows = tuple_rows(self._layout_of(table), field_names, field_types)
        return await self._write(self._layout_of(table), rows, records, Mode.UPSERT)

    async def delete_rows(self, table: Table, *, key_type: type, key_values: Iterable[Any]) -> int:
        """Deletes the rows of the keys; the number of rows that were there."""
        layout = self._layout_of(table)
        rows = ValueRows(layout, layout.key, [slot.column for slot in layout.key], [key_type] if len(layout.key) == 1 else ())
        return await self._delete(layout, key_values, rows)

    async def load(
        self,
        entity: type,
        files: Sequence[str],
        *,
        mode: str | Mode | None = None,
        rejects: str | None = None,
        max_errors: int | None = None,
        load_id: str | None = None,
        again: bool = False,
        data_format: str | None = None,
        options: LoadOptions | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> Report:
        """Validates and loads files of records, exactly once (see the command `load`). Makes the table where it is missing.

        Raises SchemagenError; what was committed before stays, and the same call goes on from there.
        """
        model = reflect_classes([entity])
        shape = model.named_class(entity.__name__)
        document, pointer = _judge(entity, model, shape)
        return await self.load_subject(
            Subject(model, shape, document, pointer), self._namespace(sys.modules[entity.__module__]), files,
            mode=Mode(mode) if mode is not None else None, rejects=rejects, max_errors=max_errors, load_id=load_id,
            again=again, data_format=data_format, options=options or LoadOptions(), progress=progress,
        )  # fmt: skip

    async def load_subject(
        self, subject: Subject, namespace: str, files: Sequence[str], *, mode: Mode | None, options: LoadOptions, **others: Any
    ) -> Report:
        """`load` for a subject that has no class, as the command line has it."""
        await self.settle()
        place = Place(self.dialect, self.driver, self.session, self.options, namespace)
        subject = await keyed(subject, place)
        chosen = check_mode(subject, mode)
        layout = await ready_layout(subject, place)
        await ensure_own_tables(place)
        job = make_job(subject, layout, chosen, options)
        return await load(job, files, driver=self.driver, session=self.session, reconnect=self._reconnect, **others)

    async def _reconnect(self) -> Session:
        """After a lost link: another session, which is this connection's from then on; the loader closes the old one."""
        self._session = await self.driver.connect(self.parameters)
        return self._session

    def dump(self, entity: type) -> AsyncIterator[Any]:
        """The rows as `json.loads` would give the lines of the command `dump`; Decimal where a float would change a number."""
        return _Records(self._dump(entity), self._left)

    async def _dump(self, entity: type) -> AsyncGenerator[Any, None]:
        import json
        from decimal import Decimal

        def number(text: str) -> float | Decimal:
            return float(text) if Decimal(text) == Decimal(repr(float(text))) else Decimal(text)

        await self.settle()
        async with aclosing(dump(self._layout(entity), driver=self.driver, session=self.session)) as lines:
            async for line in lines:
                yield json.loads(line, parse_float=number)

    async def _objects(self, entity: type, data: Iterable[Any], mode: Mode) -> WriteResult:
        layout = self._layout(entity)
        return await self._write(layout, object_rows(layout), (values_of(layout, item) for item in data), mode)

    async def _delete(self, layout: Layout, keys: Iterable[Any], rows: ValueRows | None = None) -> int:
        records = (key if isinstance(key, tuple) else (key,) for key in keys)
        return (await self._write(layout, rows or key_rows(layout), records, Mode.DELETE)).counts.deleted

    async def _write(self, layout: Layout, rows: ValueRows, records: Records, mode: Mode) -> WriteResult:
        await self.settle()
        return await Writing(self.driver, self.session, layout, rows).write(records, mode)

    def _namespace(self, module: ModuleType) -> str:
        return self.options.namespace_of(module)

    def _layout(self, entity: type) -> Layout:
        model = reflect_classes([entity])
        shape = model.named_class(entity.__name__)
        place = Place(self.dialect, self.driver, self.session, self.options, self._namespace(sys.modules[entity.__module__]))
        document, pointer = _judge(entity, model, shape)
        layout = place.layout(Subject(model, shape, document, pointer))
        return self._layouts.setdefault(layout.target.id, layout)

    def _layout_of(self, table: Table) -> Layout:
        found = self._layouts.get(table.id)
        if found is None:
            raise SchemagenError("UNKNOWN_ENTITY", str(table.id), "get the table from `get_table` of this connection first")
        return found


class _Records:
    """The records of one dump. Let go of before its end, it is left to the connection to be closed: `break` closes no generator."""

    def __init__(self, source: AsyncGenerator[Any, None], left: list[AsyncGenerator[Any, None]]) -> None:
        self._source = source
        self._left = left

    def __aiter__(self) -> _Records:
        return self

    async def __anext__(self) -> Any:
        return await anext(self._source)

    async def aclose(self) -> None:
        await self._source.aclose()

    def __del__(self) -> None:
        self._left.append(self._source)


def _judge(entity: type, model: Model, shape: ClassShape) -> tuple[Document, str]:
    """The document that a class was made from and the pointer in it, else the schema that the class gives."""
    document = getattr(sys.modules[entity.__module__], OWNERS, {}).get(entity.__name__)
    if isinstance(document, Document) and shape.entity is not None:
        return document, shape.entity.pointer
    return document_from_value(schema_of(model, entity.__name__), entity.__module__, SchemaOptions()), "#"
