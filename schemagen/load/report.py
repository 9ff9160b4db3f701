"""What a load tells: its progress, and how it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemagen.catalog.batch import Report
from schemagen.errors import Kind, Location, SchemagenError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is. `bytes_total` is 0 where it is not known; `stage` is what it is doing: reading, writing, committing."""

    bytes_read: int
    bytes_total: int
    rows: int
    rejected: int
    splits_done: int
    stage: str


class LoadStoppedError(SchemagenError):
    """A load that stopped before its end; `report` counts the records of committed splits."""

    def __init__(self, kind: Kind, place: Location | str, sentence: str, report: Report) -> None:
        super().__init__(kind, place, sentence)
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.problem.kind, self.problem.place, self.problem.sentence, self.report))
