"""Verdicts without a database: every record of files judged by a schema, tabular or not, and on request whether its columns can hold it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from schemagen.catalog.batch import Counts, Mode, Report
from schemagen.catalog.layout import Layout
from schemagen.document.node import Document
from schemagen.document.validators import validator_for
from schemagen.errors import SchemagenError
from schemagen.load.rejects import Reject, check_place, line_of, rejects_of, running_file
from schemagen.load.report import Progress
from schemagen.options import LoadOptions
from schemagen.records import fast_doubts
from schemagen.records.compiled import Compiled, Done, Framing, as_json
from schemagen.records.job import Job
from schemagen.records.validity import Judge, Records, not_valid
from schemagen.sources.block import Fault
from schemagen.sources.source import Source, sources
from schemagen.sources.stream import Stream

_ONE_SPLIT = 1 << 62


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about records. `pointer` is the schema of one record, "#" where the whole document's schema judges each.

    `layout`: of the entity's table, where there is one; it tells the cells of TSV and CSV.
    `storable`: its columns must hold the records, too.
    """

    document: Document
    pointer: str
    options: LoadOptions
    layout: Layout | None = None
    storable: bool = False


def check(
    question: Question,
    files: Sequence[str],
    *,
    rejects: str | None = None,
    data_format: str | None = None,
    show: Callable[[Reject], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Judges all records, to the last one. Refused ones go to `show`, and as JSON lines into the file `rejects` as it goes.

    In the report's counts the good ones are `unchanged`. Raises SchemagenError NO_FILE, BAD_FILE, USAGE.
    """
    found = sources(files, data_format)
    began = time.monotonic()
    counts, size = Counts(), 0
    judge = _Checker(question)
    omit = question.options.reject_values == "omit"
    if rejects is not None:
        check_place(rejects, [source.name for source in found])
    with running_file(rejects) if rejects is not None else nullcontext() as file:
        for source in found:
            stream = Stream(source, question.options, question.options.block_bytes)
            for done in judge.work(source, stream):
                size += done.block.size
                counts += Counts(len(done.block.records), unchanged=len(done.block.records) - len(done.faults), rejected=len(done.faults))
                for reject in rejects_of(done.block, done.faults, source.name, omit=omit):
                    if file is not None:
                        file.write(f"{line_of(reject)}\n")
                    if show is not None:
                        show(reject)
                if progress is not None:
                    progress(Progress(stream.consumed, source.size or 0, counts.read, counts.rejected, 0, "reading"))
    entity = question.layout.entity.name if question.layout is not None else question.document.source
    return Report(entity, counts, size, time.monotonic() - began)


class _Checker:
    def __init__(self, question: Question) -> None:
        self._question = question
        document, options, pointer = question.document, question.options, question.pointer
        self._framing = Framing(document, pointer, options)
        self._judge = Judge(validator_for(document, pointer.removeprefix("#"), formats=options.formats), options)
        self._compiled: Compiled | None = None
        if question.layout is not None and question.storable:
            self._compiled = Compiled(Job(document, pointer, question.layout, Mode.UPSERT, options, ""))

    def work(self, source: Source, stream: Stream) -> Iterator[Done]:
        if self._compiled is not None:
            yield from self._compiled.work(source, stream, _ONE_SPLIT)
            return
        blocks = self._framing.blocks(source, stream, _ONE_SPLIT)
        if source.format in ("tsv", "csv"):
            if self._question.layout is None:
                raise SchemagenError("USAGE", source.name, "TSV and CSV hold records of a table, and this schema makes none")
            for block, lines, faults in as_json(source, blocks, self._question.layout, self._question.options):
                yield Done(block, None, self._faults(lines, faults, trusted=True))
        else:
            for block in blocks:
                yield Done(block, None, self._faults(block.records, block.faults, trusted=source.format == "json"))

    def _faults(self, records: Sequence[bytes], faults: dict[int, Fault], *, trusted: bool) -> dict[int, Fault]:
        """What is wrong with the records of a block."""
        if not records:
            return faults
        texts = [b"{}" if index in faults else record for index, record in enumerate(records)]
        text = b"\n".join(texts)
        asked = fast_doubts.not_utf8(texts, text) | fast_doubts.with_lone_surrogate(texts, text)
        asked |= fast_doubts.with_tiny_number(texts, text) | fast_doubts.too_deep(texts, self._question.options.max_depth)
        given = Records(texts, text, trusted and not asked, fast_doubts.has_long_numbers(text))
        asked |= not_valid(given, self._judge.is_valid, asked, self._question.options)
        found = dict(faults)
        for index in sorted(asked - faults.keys()):
            verdict = self._judge.record(records[index])
            if isinstance(verdict, Fault):
                found[index] = verdict
        return found
