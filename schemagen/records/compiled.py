"""A job made ready in this process: sources to blocks, and blocks to batches and refused records. Pure; each step can be run alone."""

from __future__ import annotations

import gc
from collections.abc import Callable, Container, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, cast

from schemagen.catalog.batch import Batch, Mode
from schemagen.catalog.layout import Layout
from schemagen.document.node import Document, Node
from schemagen.document.validators import validator_for
from schemagen.jsontext import as_object
from schemagen.options import LoadOptions
from schemagen.records.columns import Converter, Rows
from schemagen.records.delimited import Delimited
from schemagen.records.exact import Exact, Row
from schemagen.records.fast import Fast
from schemagen.records.job import Job
from schemagen.records.parse import parse_record
from schemagen.records.validity import Judge
from schemagen.shape.admitted import admits
from schemagen.sources.block import Block, Fault
from schemagen.sources.cutter import Cutter
from schemagen.sources.documents import DocumentRule, Spans, document_blocks, record_path
from schemagen.sources.lines import csv_blocks, line_blocks
from schemagen.sources.source import Source
from schemagen.sources.stream import Stream


@contextmanager
def _without_collector() -> Iterator[None]:
    """A block makes many objects and no cycles; looking for cycles among them costs 14 % of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, eq=False)
class Done:
    """A block worked through: its good records as a batch (None where there is none), the faults of the others by index.

    `again` does the same work once more; None where the block alone does not tell what to do.
    """

    block: Block
    batch: Batch | None
    faults: dict[int, Fault]
    again: Callable[[], Done] | None = None

    def light(self) -> Done:
        """Without the batch, where it can be made again: its memory goes to the next one."""
        return replace(self, batch=None) if self.batch is not None and self.again is not None else replace(self, again=None)


class Framing:
    """How the records of sources are found, for one schema."""

    def __init__(self, document: Document, pointer: str, options: LoadOptions) -> None:
        self._document = document
        self._options = options
        self._path = record_path(pointer)
        self._base: Judge | None = None

    def blocks(self, source: Source, stream: Stream, split_bytes: int) -> Iterator[Block]:
        """The records of a source, block by block. The first record of TSV and CSV is the header."""
        with closing(Cutter(split_bytes)) as cutter:
            yield from self._cut(source, stream, cutter)

    def _cut(self, source: Source, stream: Stream, cutter: Cutter) -> Iterator[Block]:
        limit = self._options.max_record_bytes
        match source.format:
            case "jsonl":
                return line_blocks(stream, cutter, limit)
            case "tsv":
                return line_blocks(stream, cutter, limit, blank_is_empty=True)
            case "csv":
                return csv_blocks(stream, cutter, limit)
            case "json":
                base = self._document.registry.node(self._document, self._path.base)
                spread = not self._path.steps and "array" not in admits(base)
                return document_blocks(stream, cutter, DocumentRule(self._path, spread, limit, self._whole_document))

    def _whole_document(self, data: bytes, places: Spans | None) -> Fault | None:
        """What is wrong with a whole document, apart from its records."""
        deeper = replace(self._options, max_depth=self._options.max_depth + len(self._path.steps) + 1)
        value = parse_record(data, deeper)
        if isinstance(value, Fault) and places:
            value = parse_record(self._without_bad_records(data, places), deeper)
        if isinstance(value, Fault):
            return value
        if self._base is None:
            validator = validator_for(self._document, self._path.base, formats=self._options.formats)
            self._base = Judge(validator, self._options)
        return self._base.fault_outside(value, self._path.steps)

    def _without_bad_records(self, data: bytes, places: Spans) -> bytes:
        """The document with other records, all different, in place of those that cannot be read: their faults are their own."""
        parts, end = [], 0
        for number, (low, high) in enumerate(places):
            if isinstance(parse_record(data[low:high], self._options), Fault):
                parts += [data[end:low], b'{"": %d}' % number]
                end = high
        return b"".join([*parts, data[end:]])


class Compiled:
    """The decoder, judge and converter of one job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        document, options = job.document, job.options
        layout, key_only = job.read_layout, job.mode is Mode.DELETE
        node = document.registry.node(document, job.entity_pointer)
        judges = _key_judges(job, node) if key_only else {"": _judge(document, job.entity_pointer, options)}
        is_valid = _keys_valid(judges) if key_only else judges[""].is_valid
        self._framing = Framing(document, job.entity_pointer, options)
        self._fast = Fast(layout, node, is_valid, options, key_only=key_only)
        self._exact = Exact(layout, judges, options, key_only=key_only)
        self._converter = Converter(layout, options)

    def work(self, source: Source, stream: Stream, split_bytes: int, skip: Container[int] | None = ()) -> Generator[Done, None, None]:
        """Everything of a source, block by block; records of the splits in `skip` (None: of all) are found, not decoded."""
        blocks = self._framing.blocks(source, stream, split_bytes)
        if source.format in ("tsv", "csv"):
            for block, lines, faults in as_json(source, blocks, self.job.layout, self.job.options, skip):
                yield self.done(block, lines, faults, trusted=True) if lines else Done(block, None, {})
            return
        for block in blocks:
            if is_skipped(block, skip):
                yield Done(block, None, {})
            else:
                again = partial(self.done, block, block.records, block.faults, trusted=source.format == "json" or block.apart)
                yield replace(again(), again=again)

    def done(self, block: Block, records: Sequence[bytes], faults: dict[int, Fault], *, trusted: bool) -> Done:
        """The batch and the faults of a block, whose records are given as JSON."""
        with _without_collector():
            text = block.text if records is block.records and not faults else None
            return self._done(block, records, faults, text, trusted=trusted)

    def _done(self, block: Block, records: Sequence[bytes], faults: dict[int, Fault], text: bytes | None, *, trusted: bool) -> Done:
        texts = [b"{}" if index in faults else record for index, record in enumerate(records)] if faults else records
        decoded = self._fast.decode(texts, trusted=trusted, text=text)
        faults = dict(faults)
        if decoded.complete and not faults:
            numbers = list(range(block.first, block.first + len(records)))
            rows, places = Rows(numbers, cast(Any, decoded.cells), decoded.extras), list(range(len(records)))
        else:
            rows, places = Rows(), []
            for index, cells in enumerate(decoded.cells):
                if index not in faults:
                    found = (cells, decoded.extras.get(index)) if cells is not None else None
                    self._add(rows, places, found, index, block, records, faults)
        converted = self._converter.batch(rows)
        if not isinstance(converted, Batch):
            rows = self._again(rows, places, converted, block, records, faults)
            converted = self._converter.batch(rows)
            assert isinstance(converted, Batch)
        return Done(block, converted if rows.cells else None, faults)

    def _add(
        self, rows: Rows, places: list[int], row: Row | None, index: int, block: Block, records: Sequence[bytes], faults: dict[int, Fault]
    ) -> None:
        found = row if row is not None else self._exact.row(records[index])
        if isinstance(found, Fault):
            faults[index] = found
            return
        cells, extra = found
        if row is None:
            rows.judged.add(len(rows.cells))
        if extra:
            rows.extras[len(rows.cells)] = extra
        rows.cells.append(cells)
        rows.seqs.append(block.first + index)
        places.append(index)

    def _again(
        self, rows: Rows, places: list[int], asked: set[int], block: Block, records: Sequence[bytes], faults: dict[int, Fault]
    ) -> Rows:
        """The rows, those that were asked about judged one by one."""
        mended = Rows()
        kept: list[int] = []
        for at, index in enumerate(places):
            if at in asked:
                self._add(mended, kept, None, index, block, records, faults)
                continue
            row = len(mended.cells)
            if at in rows.judged:
                mended.judged.add(row)
            if at in rows.extras:
                mended.extras[row] = rows.extras[at]
            mended.cells.append(rows.cells[at])
            mended.seqs.append(rows.seqs[at])
        return mended


def as_json(
    source: Source, blocks: Iterable[Block], layout: Layout, options: LoadOptions, skip: Container[int] | None = ()
) -> Iterator[tuple[Block, list[bytes], dict[int, Fault]]]:
    """Blocks of TSV or CSV without their header, their records as JSON, and faults. Records of splits in `skip` are not read."""
    reader: Delimited | None = None
    for block in blocks:
        if reader is None and block.records:
            kind = cast(Literal["tsv", "csv"], source.format)
            reader = Delimited(kind, block.records[0], layout, options, source.name)
            block = block.without_first()
        if reader is None or is_skipped(block, skip):
            yield block, [], {}
        else:
            yield (block, *reader.json_records(block.records, block.faults))


def is_skipped(block: Block, skip: Container[int] | None) -> bool:
    """Whether the block's split is in `skip`; None is all."""
    return skip is None or block.split in skip


def _judge(document: Document, pointer: str, options: LoadOptions) -> Judge:
    return Judge(validator_for(document, pointer, formats=options.formats), options)


def _key_judges(job: Job, node: Node) -> dict[str, Judge]:
    """Judges of the key's properties, where the entity's schema names them."""
    registry = node.document.registry
    for _ in range(100):
        if isinstance(node.schema, bool) or "$ref" not in node.schema:
            break
        node = registry.follow(node)
    named = as_object(node.schema.get("properties")) if not isinstance(node.schema, bool) else {}
    judges = {}
    for slot in job.layout.key:
        if slot.path[0] in named:
            child = registry.child(node, "properties", slot.path[0])
            judges[slot.path[0]] = _judge(child.document, child.pointer, job.options)
    return judges


def _keys_valid(judges: dict[str, Judge]) -> Any:
    def is_valid(value: Any) -> bool:
        return isinstance(value, dict) and all(judge.is_valid(value[name]) for name, judge in judges.items() if name in value)

    return is_valid
