"""Steps as statements of SQLite: STRICT tables, and rebuilds in the order in which no row and no reference is lost."""

from __future__ import annotations

from dataclasses import replace

from schemagen.catalog.expressions import Literal, expression_sql
from schemagen.catalog.objects import Column, Constraint, Index, PrimaryKey, Seed, ServerInfo, Table, column_list
from schemagen.catalog.types import ObjectId
from schemagen.dialects.common import definition_list, delete_rows, insert_rows, literal_rows, table_ident
from schemagen.dialects.sqlite.quote import is_constant
from schemagen.dialects.sqlite.types import native_type
from schemagen.errors import SchemagenError
from schemagen.names import OWN_PREFIX, short_hash
from schemagen.plan import changes as ch
from schemagen.plan.plan import Step
from schemagen.sql import Sql, ident, lit


def settings(server: ServerInfo) -> list[Sql]:
    """What a script begins with, before its transaction: else the DROP TABLE of a rebuild empties tables that refer to it."""
    return [Sql("PRAGMA foreign_keys = OFF")]


def render(step: Step) -> list[Sql]:
    """The statements of one step."""
    match step.change:
        case ch.CreateTable(table):
            indexes = [_create_index(table.id, index) for index in table.indexes]
            return [_create_table(table, table.id), *indexes, *_seed_rows(table.id, table.seed)]
        case ch.DropTable(table):
            return [Sql("DROP TABLE {}", table_ident(table.id))]
        case ch.AddColumn(table, column) if _is_addable(column):
            return [Sql("ALTER TABLE {} ADD COLUMN {}", table_ident(table), _column_sql(column, None))]
        case ch.AddColumn() if step.before is not None and step.after is not None:
            return _rebuild(step.before, step.after)
        case ch.RebuildTable(before, after):
            return _rebuild(before, after)
        case ch.CreateIndex(table, index):
            return [_create_index(table, index)]
        case ch.DropIndex(_, index):
            return [Sql("DROP INDEX {}", ident(index.name))]
        case ch.AddRows(table, rows):
            return _seed_rows(table, rows)
        case ch.AlterRows():
            return step.change.sql
        case ch.RemoveRows(table, rows):
            return [delete_rows(table, rows.columns, literal_rows(rows))] if rows.rows else []
        case change:
            raise SchemagenError("UNSUPPORTED", type(change).__name__, "is no statement of SQLite; the change is part of a rebuild")


def _is_addable(column: Column) -> bool:
    """What ADD COLUMN takes: a constant default, and one that is not NULL where the column is required."""
    if column.default is None:
        return column.nullable
    return isinstance(column.default, Literal) and is_constant(column.default.value)


def _create_table(table: Table, id: ObjectId) -> Sql:
    numbered = next((column.name for column in table.columns if column.identity), None)
    key = table.primary_key if numbered else None
    rest = tuple(item for item in table.constraints if item is not key)
    body = definition_list(
        replace(table, constraints=rest), lambda column: _column_sql(column, key if column.name == numbered else None), _constraint_sql
    )
    return Sql("CREATE TABLE {} {} STRICT", table_ident(id), body)


def _column_sql(column: Column, key: PrimaryKey | None) -> Sql:
    """A column's definition; `key`: it is numbered, which SQLite wants said beside the type."""
    definition = Sql("{} {}", ident(column.name), native_type(column.type))
    if not column.nullable:
        definition += Sql(" NOT NULL")
    if column.default is not None:
        plain = isinstance(column.default, Literal)
        definition += Sql(" DEFAULT {}" if plain else " DEFAULT ({})", expression_sql(column.default))
    if key is not None:
        definition += Sql(" CONSTRAINT {} PRIMARY KEY AUTOINCREMENT", ident(key.name or "pk"))
    return definition


def _constraint_sql(item: Constraint) -> Sql:
    return item.sql


def _create_index(table: ObjectId, index: Index) -> Sql:
    words = "CREATE UNIQUE INDEX {} ON {} ({})" if index.unique else "CREATE INDEX {} ON {} ({})"
    return Sql(words, ident(index.name), table_ident(table), column_list(index.columns))


def _seed_rows(table: ObjectId, seed: Seed | None) -> list[Sql]:
    if seed is None or not seed.rows:
        return []
    return [insert_rows(table, seed.columns, literal_rows(seed))]


def _rebuild(before: Table, after: Table) -> list[Sql]:
    """A new table under another name, rows copied by column name, the old one dropped, the new one renamed.

    The old one is never renamed, or foreign keys of other tables would follow it. STRICT refuses a value that its new type cannot hold.
    """
    new = ObjectId("table", "", f"{OWN_PREFIX}new_{short_hash(str(after.id))}")
    kept = {column.name for column in before.columns}
    shared = tuple(column.name for column in after.columns if column.name in kept)
    statements = [_create_table(after, new)]
    if shared:
        names = column_list(shared)
        statements.append(Sql("INSERT INTO {} ({}) SELECT {} FROM {}", table_ident(new), names, names, table_ident(before.id)))
    if any(column.identity for column in before.columns) and any(column.identity for column in after.columns):
        statements += _keep_numbers(before.id, new)
    statements.append(Sql("DROP TABLE {}", table_ident(before.id)))
    statements.append(Sql("ALTER TABLE {} RENAME TO {}", table_ident(new), table_ident(after.id)))
    return statements + [_create_index(after.id, index) for index in after.indexes]


def _keep_numbers(old: ObjectId, new: ObjectId) -> list[Sql]:
    """The mark of AUTOINCREMENT, which else begins after the greatest number that is left."""
    counter = ident("sqlite_sequence")
    copied = Sql("SELECT {}, seq FROM {} WHERE name = {}", lit(new.name), counter, lit(old.name))
    return [Sql("DELETE FROM {} WHERE name = {}", counter, lit(new.name)), Sql("INSERT INTO {} (name, seq) {}", counter, copied)]
