"""What a server's types hold less of than the catalog asked for, told before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

from schemagen.catalog.objects import Catalog, Table
from schemagen.catalog.types import Integer, Numeric, Text
from schemagen.dialects.common import column_place
from schemagen.errors import Diagnostic, Location


def remarks(catalog: Catalog, lowered: Catalog) -> tuple[Diagnostic, ...]:
    """A diagnostic for each column that `lowered`, the catalog as a server will report it, stores otherwise than the type's name says."""
    pairs = zip(catalog.tables, lowered.tables, strict=True)
    return tuple(item for before, after in pairs for item in _of_table(before, after))


def _of_table(before: Table, after: Table) -> Iterator[Diagnostic]:
    for old, new in zip(before.columns, after.columns, strict=True):
        place = Location(column_place(before, old))
        match old.type, new.type:
            case Text(None), Text(int()):
                yield Diagnostic("KEY_LENGTH", place)
            case Integer() | Numeric(), Text():
                yield Diagnostic("AS_TEXT", place)
            case _:
                pass
