"""Steps as DuckDB statements; what DuckDB cannot alter in place is a table built again under another name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemagen.catalog.expressions import expression_sql
from schemagen.catalog.objects import Check, Column, Constraint, EnumType, ForeignKey, Index, PrimaryKey, Table, Unique, column_list
from schemagen.catalog.types import ArrayType, EnumRef, InlineEnum, ObjectId, SqlType, Text
from schemagen.dialects.common import definition_list, delete_rows, insert_rows, table_ident
from schemagen.dialects.duckdb.lower import inline_enum
from schemagen.dialects.duckdb.traits import in_place
from schemagen.dialects.duckdb.types import type_sql
from schemagen.errors import SchemagenError
from schemagen.names import short_hash
from schemagen.plan import changes as ch
from schemagen.plan.plan import Step
from schemagen.sql import Lit, Sql, ident, join, lit


def render(step: Step) -> list[Sql]:
    """The statements of one step. Raises SchemagenError UNSUPPORTED for a change that is made by a rebuild only."""
    return list(_render(step))


def _render(step: Step) -> Iterator[Sql]:
    change = step.change
    match change:
        case ch.CreateNamespace(name):
            yield Sql("CREATE SCHEMA {}", ident(name))
        case ch.DropNamespace(name):
            yield Sql("DROP SCHEMA {}", ident(name))
        case ch.CreateTable(table):
            yield from create_table(table)
        case ch.DropTable(table):
            yield Sql("DROP TABLE {}", table_ident(table.id))
            yield from (_drop_sequence(table.id, column) for column in table.columns if column.identity is not None)
        case ch.CreateIndex(table_id, index):
            yield _create_index(table_id, index)
        case ch.DropIndex(table_id, index):
            yield Sql("DROP INDEX {}", ident(table_id.namespace, index.name))
        case ch.CreateEnum(enum):
            yield _create_enum(enum.id, enum.values)
        case ch.DropEnum(enum):
            yield Sql("DROP TYPE {}", table_ident(enum.id))
        case ch.RecreateEnum(before, after):
            # Its tables were built again before this, with the labels spelled out: no table may name a type that is dropped.
            yield Sql("DROP TYPE {}", table_ident(before.id))
            yield _create_enum(after.id, after.values)
        case ch.SetComment(table_id, column, _, text):
            yield _comment(table_id, column, text)
        case ch.AddRows(table_id, rows):
            yield insert_rows(table_id, rows.columns, [tuple(lit(value) for value in row) for row in rows.rows])
        case ch.AlterRows():
            yield from change.sql
        case ch.RemoveRows(table_id, rows):
            yield delete_rows(table_id, rows.columns, [tuple(lit(value) for value in row) for row in rows.rows])
        case ch.AddColumn() | ch.DropColumn() | ch.SetNotNull() | ch.DropNotNull() | ch.SetDefault() | ch.DropDefault():
            yield from _alter_column(change)
        case ch.AlterTable(_, _, changes):
            for item in changes:
                yield from render(replace(step, change=item))
        case ch.RebuildTable(before_table, after_table, _, spelled):
            yield from rebuild(before_table, spell_out(after_table, spelled))
        case (
            ch.AlterColumnType()
            | ch.AddConstraint()
            | ch.DropConstraint()
            | ch.SetIdentity()
            | ch.AddEnumValue()
            | ch.CreateStruct()
            | ch.DropStruct()
            | ch.AlterStruct()
        ):
            kind = type(change).__name__
            raise SchemagenError("UNSUPPORTED", str(ch.table_of(change) or ""), in_place(kind))


def _alter_column(change: ch.AddColumn | ch.DropColumn | ch.SetNotNull | ch.DropNotNull | ch.SetDefault | ch.DropDefault) -> Iterator[Sql]:
    table = table_ident(change.table)
    match change:
        case ch.AddColumn(id, column):
            yield Sql("ALTER TABLE {} ADD COLUMN {}", table, column_sql(column, id))
            yield from _column_comments(id, (column,))
        case ch.DropColumn(_, column):
            yield Sql("ALTER TABLE {} DROP COLUMN {}", table, ident(column.name))
        case ch.SetNotNull(_, name):
            yield Sql("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", table, ident(name))
        case ch.DropNotNull(_, name):
            yield Sql("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", table, ident(name))
        case ch.SetDefault(_, name, _, expr):
            yield Sql("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT ({})", table, ident(name), expression_sql(expr))
        case ch.DropDefault(_, name):
            yield Sql("ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT", table, ident(name))


def create_table(table: Table) -> Iterator[Sql]:
    """The table with all that belongs to it: sequences, indexes, comments and the rows of a lookup table."""
    yield from (_create_sequence(table.id, column) for column in table.columns if column.identity is not None)
    yield _create(table, table.id)
    yield from _belongings(table)
    if table.seed is not None and table.seed.rows:
        yield insert_rows(table.id, table.seed.columns, [tuple(lit(value) for value in row) for row in table.seed.rows])


def _create(table: Table, id: ObjectId) -> Sql:
    """CREATE TABLE under the name `id`; foreign keys to the table itself lead there."""

    def constraint(item: Constraint) -> Sql:
        return constraint_sql(replace(item, target=id) if isinstance(item, ForeignKey) and item.target == table.id else item)

    return Sql("CREATE TABLE {} {}", table_ident(id), definition_list(table, lambda column: column_sql(column, table.id), constraint))


def _belongings(table: Table) -> Iterator[Sql]:
    yield from (_create_index(table.id, index) for index in table.indexes)
    if table.comment is not None:
        yield _comment(table.id, None, table.comment)
    yield from _column_comments(table.id, table.columns)


def _column_comments(id: ObjectId, columns: tuple[Column, ...]) -> Iterator[Sql]:
    yield from (_comment(id, column.name, column.comment) for column in columns if column.comment is not None)


def column_sql(column: Column, table: ObjectId) -> Sql:
    parts = Sql("{} {}", ident(column.name), type_sql(column.type))
    if column.identity is not None:
        parts += Sql(" DEFAULT (nextval({}))", lit(sequence_text(table, column.name)))
    elif column.default is not None:
        parts += Sql(" DEFAULT ({})", expression_sql(column.default))
    return parts if column.nullable else parts + Sql(" NOT NULL")


def constraint_sql(item: Constraint) -> Sql:
    match item:
        case PrimaryKey(columns):
            return Sql("PRIMARY KEY ({})", column_list(columns))
        case Unique(columns):
            return Sql("UNIQUE ({})", column_list(columns))
        case ForeignKey(columns, target, target_columns):
            mine, theirs = column_list(columns), column_list(target_columns)
            return Sql("FOREIGN KEY ({}) REFERENCES {} ({})", mine, table_ident(target), theirs)
        case Check(expr):
            return Sql("CHECK ({})", expression_sql(expr))


def _create_enum(id: ObjectId, values: tuple[str, ...]) -> Sql:
    return Sql("CREATE TYPE {} AS ENUM ({})", table_ident(id), join(", ", [Lit(value) for value in values]))


def _create_index(table: ObjectId, index: Index) -> Sql:
    head = Sql("CREATE UNIQUE INDEX {} ON {}" if index.unique else "CREATE INDEX {} ON {}", ident(index.name), table_ident(table))
    return Sql("{} ({})", head, column_list(index.columns))


def _comment(table: ObjectId, column: str | None, text: str | None) -> Sql:
    if column is None:
        return Sql("COMMENT ON TABLE {} IS {}", table_ident(table), lit(text))
    return Sql("COMMENT ON COLUMN {} IS {}", ident(table.namespace, table.name, column), lit(text))


# Identity: DuckDB has none, so a column takes its numbers from a sequence that is named after it.


def sequence_id(table: ObjectId, column: str) -> ObjectId:
    return ObjectId("sequence", table.namespace, f"{table.name}_{column}_seq")


def sequence_text(table: ObjectId, column: str) -> str:
    """The sequence as `nextval` takes it, and as an identity's default shows it."""
    id = sequence_id(table, column)
    return str(Sql("{}", ident(id.namespace, id.name)))


def _create_sequence(table: ObjectId, column: Column) -> Sql:
    return Sql("CREATE SEQUENCE {}", table_ident(sequence_id(table, column.name)))


def _drop_sequence(table: ObjectId, column: Column) -> Sql:
    return Sql("DROP SEQUENCE {}", table_ident(sequence_id(table, column.name)))


# Building a table again, in the transaction of the plan. Killed right after COMMIT the file opens in every form.


def spell_out(table: Table, enums: tuple[EnumType, ...]) -> Table:
    """The table with the labels of these types in the place of their names; DuckDB shows both alike."""
    labels = {item.id: item.values for item in enums}
    return replace(table, columns=tuple(replace(column, type=inline_enum(column.type, labels)) for column in table.columns))


def rebuild(before: Table, after: Table) -> Iterator[Sql]:
    """The table made again under a temporary name, rows copied by column name, then renamed; then indexes, which would fix its name.

    Raises SchemagenError UNSUPPORTED for a table that refers to itself: its rows cannot be copied in one statement.
    """
    if any(key.target == after.id for key in after.foreign_keys):
        raise SchemagenError("UNSUPPORTED", str(after.id), "DuckDB cannot rebuild a table whose foreign key leads to itself")
    spare = ObjectId("table", after.id.namespace, f"_schemagen_new_{short_hash(str(after.id))}")
    old = {column.name: column for column in before.columns}
    kept = [column for column in after.columns if column.name in old]
    numbered = {column.name for column in before.columns if column.identity is not None}
    wanted = [column for column in after.columns if column.identity is not None]
    for column in wanted:
        if column.name not in numbered:
            yield _create_sequence(after.id, column)
            yield from _advance(before, column, old)
    yield _create(after, spare)
    if kept:
        names = join(", ", [ident(column.name) for column in kept])
        values = join(", ", [cast_column(old[column.name], column.type) for column in kept])
        yield Sql("INSERT INTO {} ({}) SELECT {} FROM {}", table_ident(spare), names, values, table_ident(before.id))
    yield Sql("DROP TABLE {}", table_ident(before.id))
    yield Sql("ALTER TABLE {} RENAME TO {}", table_ident(spare), ident(after.id.name))
    yield from _belongings(after)
    gone = numbered - {column.name for column in wanted}
    yield from (_drop_sequence(before.id, column) for column in before.columns if column.name in gone)


def _advance(before: Table, column: Column, old: dict[str, Column]) -> Iterator[Sql]:
    """Takes the sequence past the numbers that the table has; START WITH admits no query."""
    if column.name in old:
        numbers = cast_column(old[column.name], column.type)
        most = Sql("SELECT coalesce(max({}), 0) FROM {}", numbers, table_ident(before.id))
        yield Sql("SELECT count(nextval({})) FROM range(({}))", lit(sequence_text(before.id, column.name)), most)


def cast_column(before: Column, after: SqlType) -> Sql:
    """The column as a value of another type. Enums go through text: the labels of equal types may differ."""
    name = Sql("{}", ident(before.name))
    if before.type == after and not _has_enum(after):
        return name
    text = _as_text(before.type)
    if _has_enum(before.type) or _has_enum(after):
        name = Sql("CAST({} AS {})", name, type_sql(text))
    return name if after == text and _has_enum(before.type) else Sql("CAST({} AS {})", name, type_sql(after))


def _has_enum(kind: SqlType) -> bool:
    return isinstance(kind, EnumRef | InlineEnum) or (isinstance(kind, ArrayType) and _has_enum(kind.item))


def _as_text(kind: SqlType) -> SqlType:
    return ArrayType(_as_text(kind.item)) if isinstance(kind, ArrayType) else Text()
