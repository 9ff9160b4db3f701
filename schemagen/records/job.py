"""The Job: what one load does to records, as values only, so that any process can compile it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemagen.catalog.batch import Mode
from schemagen.catalog.layout import Layout
from schemagen.document.node import Document
from schemagen.options import LoadOptions


@dataclass(frozen=True, slots=True)
class Job:
    """`entity_pointer` is the schema of one record in `document`. `fingerprint` is of all that decides what becomes of a record."""

    document: Document
    entity_pointer: str
    layout: Layout
    mode: Mode
    options: LoadOptions
    fingerprint: str

    @property
    def read_layout(self) -> Layout:
        """The part of the layout that records are read into: the key only, where rows are deleted."""
        if self.mode is not Mode.DELETE:
            return self.layout
        return replace(self.layout, slots=self.layout.key)
