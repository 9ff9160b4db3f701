"""What judges changes: both catalogs, the means of the server, the options, and the rest of the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from schemagen.catalog import types as sql
from schemagen.catalog.objects import Catalog, Column, Table
from schemagen.options import PlanOptions
from schemagen.plan import changes as ch
from schemagen.plan.scope import types_in
from schemagen.plan.strategy import Situation


@dataclass(frozen=True, slots=True)
class Risks:
    """What judges changes: both catalogs, the means of the server, the options, and the rest of the database."""

    situation: Situation
    options: PlanOptions
    retyped: frozenset[tuple[sql.ObjectId, str]] = field(default=frozenset())

    def old(self, id: sql.ObjectId) -> Table | None:
        return self.situation.before.table(id)

    def old_column(self, id: sql.ObjectId, name: str) -> Column | None:
        table = self.old(id)
        return next((column for column in table.columns if column.name == name), None) if table else None

    def can_ask(self, id: sql.ObjectId, columns: Iterable[str]) -> bool:
        """True where the columns are in the database as the plan will leave them."""
        return all(self.old_column(id, name) is not None and (id, name) not in self.retyped for name in columns)


def retyped_columns(changes: Iterable[ch.Change], catalog: Catalog) -> frozenset[tuple[sql.ObjectId, str]]:
    """Columns whose values or type are others after the changes, so that their future cannot be asked of the present."""
    found: set[tuple[sql.ObjectId, str]] = set()
    enums: set[sql.ObjectId] = set()
    for change in changes:
        match change:
            case ch.AlterColumnType(table, before):
                found.add((table, before.name))
            case ch.RecreateEnum(before):
                enums.add(before.id)
            case ch.AddEnumValue(enum):
                enums.add(enum)
            case _:
                pass
    return frozenset(
        found | {(table.id, item.name) for table in catalog.tables for item in table.columns if enums & set(types_in(item.type))}
    )
