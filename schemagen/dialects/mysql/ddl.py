"""Steps as statements of MySQL and MariaDB: one ALTER TABLE for all changes of a table, full column definitions, comments inline."""

from __future__ import annotations

import re
from dataclasses import replace

from schemagen.catalog.expressions import Expr, Literal, expression_sql
from schemagen.catalog.objects import Check, Column, Constraint, ForeignKey, Index, PrimaryKey, Seed, ServerInfo, Table, Unique, column_list
from schemagen.catalog.types import Binary, Json, ObjectId, Text
from schemagen.dialects.common import definition_list, delete_rows, insert_rows, literal_rows, table_ident
from schemagen.dialects.mysql.types import native_type
from schemagen.errors import SchemagenError
from schemagen.plan import changes as ch
from schemagen.plan.plan import Step
from schemagen.sql import Sql, ident, join, lit, raw

# Without ANSI_QUOTES and NO_BACKSLASH_ESCAPES, or literals would mean something else; 0 in a numbered column stays 0.
SQL_MODE = "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO"
# The clauses of one ALTER in the order in which none needs what another removes.
_ORDER: tuple[type, ...] = (
    ch.DropConstraint,
    ch.DropIndex,
    ch.DropColumn,
    ch.AddColumn,
    ch.AlterColumnType,
    ch.AddConstraint,
    ch.CreateIndex,
    ch.SetComment,
)


def settings(server: ServerInfo) -> list[Sql]:
    """What a session and a script begin with."""
    return [
        Sql("SET NAMES utf8mb4"),
        Sql("SET SESSION sql_mode = {}", lit(SQL_MODE)),
        Sql("SET SESSION time_zone = '+00:00'"),
        Sql("SET SESSION foreign_key_checks = 1"),
    ]


def render(step: Step) -> list[Sql]:
    """The statements of one step."""
    match step.change:
        case ch.CreateTable(table):
            return [_create_table(table), *_seed_rows(table.id, table.seed)]
        case ch.DropTable(table):
            return [Sql("DROP TABLE {}", table_ident(table.id))]
        case ch.AddRows(table, rows):
            return _seed_rows(table, rows)
        case ch.AlterRows():
            return step.change.sql
        case ch.RemoveRows(table, rows):
            return [delete_rows(table, rows.columns, literal_rows(rows))] if rows.rows else []
        case ch.AlterTable(before, after, changes):
            return _alter(before, after, changes)
        case change if ch.table_of(change) is not None and step.before is not None and step.after is not None:
            return _alter(step.before, step.after, (change,))
        case change:
            raise SchemagenError(
                "UNSUPPORTED", type(change).__name__, "is no change that MySQL and MariaDB have; `lower` refuses what needs it"
            )


def _create_table(table: Table) -> Sql:
    body = definition_list(table, _column_sql, _constraint_sql)
    indexes = [_index_sql(index) for index in table.indexes]
    if indexes:
        body = Sql(body.text.replace("\n)", ",\n  {}\n)"), *body.parts, join(",\n  ", indexes))
    statement = Sql("CREATE TABLE {} {}", table_ident(table.id), body)
    options = dict(table.options)
    if options:
        statement += Sql(" ENGINE={} DEFAULT CHARSET={} COLLATE={}", *(_word(options[name]) for name in ("engine", "charset", "collate")))
    return statement + Sql(" COMMENT={}", lit(table.comment)) if table.comment else statement


def _word(option: str) -> Sql:
    """The name of an engine, character set or collation. Raises ValueError for anything else."""
    if not re.fullmatch(r"[A-Za-z0-9_]+", option):
        raise ValueError(f"no option of a table: {option!r}")
    return raw(option)


def _column_sql(column: Column) -> Sql:
    """The full definition: MODIFY loses what it does not say."""
    definition = Sql("{} {}", ident(column.name), native_type(column.type))
    if not column.nullable:
        definition += Sql(" NOT NULL")
    if column.default is not None:
        definition += Sql(" DEFAULT {}", _default_sql(column.default, column))
    if column.identity is not None:
        definition += Sql(" AUTO_INCREMENT")
    return definition + Sql(" COMMENT {}", lit(column.comment)) if column.comment else definition


def _default_sql(default: Expr, column: Column) -> Sql:
    # MySQL takes a default of long text, bytes or JSON as an expression only.
    long = isinstance(column.type, Json) or (isinstance(column.type, Text | Binary) and column.type.length is None)
    plain = isinstance(default, Literal) and not long
    return expression_sql(default) if plain else Sql("({})", expression_sql(default))


def _constraint_sql(item: Constraint) -> Sql:
    match item:
        case PrimaryKey(columns):
            return Sql("PRIMARY KEY ({})", column_list(columns))
        case Unique(columns, str(name)):
            return Sql("UNIQUE KEY {} ({})", ident(name), column_list(columns))
        case Unique() | ForeignKey() | Check():
            return item.sql


def _index_sql(index: Index) -> Sql:
    return Sql("UNIQUE KEY {} ({})" if index.unique else "KEY {} ({})", ident(index.name), column_list(index.columns))


def _seed_rows(table: ObjectId, seed: Seed | None) -> list[Sql]:
    if seed is None or not seed.rows:
        return []
    return [insert_rows(table, seed.columns, literal_rows(seed))]


def _alter(before: Table, after: Table, changes: tuple[ch.Change, ...]) -> list[Sql]:
    """One ALTER, but for what must be a statement of its own before it."""
    early, late = _early(_without_restored(changes), after)
    statements = []
    for clauses in (early, late):
        if clauses:
            statements.append(Sql("ALTER TABLE {}\n  {}", table_ident(before.id), join(",\n  ", dict.fromkeys(clauses))))
    return statements


def _without_restored(changes: tuple[ch.Change, ...]) -> list[ch.Change]:
    """The changes in clause order, less constraints that are dropped and added as they were: MODIFY needs no such way round."""
    dropped = [item.constraint for item in changes if isinstance(item, ch.DropConstraint)]
    restored = [item.constraint for item in changes if isinstance(item, ch.AddConstraint) and item.constraint in dropped]
    kept = [item for item in changes if not (isinstance(item, ch.AddConstraint | ch.DropConstraint) and item.constraint in restored)]
    return sorted(kept, key=_rank)


def _early(changes: list[ch.Change], after: Table) -> tuple[list[Sql], list[Sql]]:
    """Clauses that run first, and the others.

    A foreign key of a name that the same statement drops is refused. A required column without a default is added as nullable:
    else the server would fill rows that are there with '' or 0 and say nothing; MODIFY then refuses them.
    """
    keys = {item.constraint.name for item in changes if isinstance(item, ch.AddConstraint) and isinstance(item.constraint, ForeignKey)}
    early, late = [], []
    added = {item.column.name for item in changes if isinstance(item, ch.AddColumn)}
    for item in changes:
        match item:
            case ch.DropConstraint(_, ForeignKey(name=name)) if name in keys:
                early.append(_clause(item, after))
            case ch.AddColumn(_, column) if _is_bare(after.column(column.name)):
                full = after.column(column.name)
                early.append(Sql("ADD COLUMN {}", _column_sql(replace(full, nullable=True))))
                late.append(Sql("MODIFY COLUMN {}", _column_sql(full)))
            case _ if _modified(item) not in added:
                late.append(_clause(item, after))
            case ch.AddColumn():
                late.append(_clause(item, after))
    return early, late


def _is_bare(column: Column) -> bool:
    return not column.nullable and column.default is None and column.identity is None


def _modified(change: ch.Change) -> str | None:
    """The column that a change would MODIFY; one that is added is added as it will be."""
    match change:
        case ch.SetNotNull() | ch.DropNotNull() | ch.SetDefault() | ch.DropDefault() | ch.SetIdentity() | ch.SetComment():
            return change.column
        case ch.AlterColumnType(_, _, column):
            return column.name
        case _:
            return None


def _rank(change: ch.Change) -> int:
    return _ORDER.index(type(change)) if type(change) in _ORDER else _ORDER.index(ch.AlterColumnType)


def _clause(change: ch.Change, after: Table) -> Sql:
    match change:
        case ch.AddColumn(_, column):
            return Sql("ADD COLUMN {}", _column_sql(after.column(column.name)))
        case ch.DropColumn(_, column):
            return Sql("DROP COLUMN {}", ident(column.name))
        case ch.AlterColumnType(_, _, column):
            return Sql("MODIFY COLUMN {}", _column_sql(after.column(column.name)))
        case ch.SetNotNull(_, name) | ch.DropNotNull(_, name) | ch.SetDefault(_, name) | ch.DropDefault(_, name) | ch.SetIdentity(_, name):
            return Sql("MODIFY COLUMN {}", _column_sql(after.column(name)))
        case ch.SetComment(_, str(name)):
            return Sql("MODIFY COLUMN {}", _column_sql(after.column(name)))
        case ch.SetComment():
            return Sql("COMMENT = {}", lit(after.comment or ""))
        case ch.AddConstraint(_, constraint):
            return Sql("ADD {}", _constraint_sql(constraint))
        case ch.DropConstraint(_, constraint):
            return _drop_constraint(constraint)
        case ch.CreateIndex(_, index):
            return Sql("ADD {}", _index_sql(index))
        case ch.DropIndex(_, index):
            return Sql("DROP INDEX {}", ident(index.name))
        case _:
            raise SchemagenError("UNSUPPORTED", str(after.id), f"{type(change).__name__} is no clause of ALTER TABLE")


def _drop_constraint(item: Constraint) -> Sql:
    match item:
        case PrimaryKey():
            return Sql("DROP PRIMARY KEY")
        case Unique():
            return Sql("DROP INDEX {}", ident(item.name or ""))
        case ForeignKey():
            return Sql("DROP FOREIGN KEY {}", ident(item.name or ""))
        case Check():
            return Sql("DROP CONSTRAINT {}", ident(item.name or ""))
