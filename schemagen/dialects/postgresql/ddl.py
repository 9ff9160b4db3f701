"""Steps as PostgreSQL's statements, and probes as its queries."""

from __future__ import annotations

from schemagen.catalog.expressions import expression_sql
from schemagen.catalog.objects import Column, Constraint, EnumType, ForeignKey, Identity, Index, Seed, StructType, Table
from schemagen.catalog.types import ArrayType, EnumRef, ObjectId, SqlType
from schemagen.dialects.common import count_query, delete_rows, insert_rows, table_ident
from schemagen.dialects.postgresql.conversions import lost, using
from schemagen.dialects.postgresql.quote import text
from schemagen.dialects.postgresql.types import type_sql
from schemagen.names import shorten, utf8_length
from schemagen.plan import changes as ch
from schemagen.plan.plan import Probe, Step
from schemagen.sql import Ident, Lit, Sql, ident, join, lit


def render(step: Step) -> list[Sql]:
    """The statements of one step."""
    return change_sql(step.change)


def change_sql(change: ch.Change) -> list[Sql]:
    match change:
        case ch.CreateNamespace(name):
            return [Sql("CREATE SCHEMA {}", ident(name))]
        case ch.DropNamespace(name):
            return [Sql("DROP SCHEMA {}", ident(name))]
        case ch.CreateTable(table):
            return create_table(table)
        case ch.DropTable(table):
            return [Sql("DROP TABLE {}", table_ident(table.id))]
        case ch.CreateIndex(table, index):
            return [_create_index(table, index)]
        case ch.DropIndex(table, index):
            return [Sql("DROP INDEX {}", ident(table.namespace, index.name))]
        case ch.AddRows(table, rows):
            return [_insert_seed(table, rows)]
        case ch.AlterRows():
            return change.sql
        case ch.RemoveRows(table, rows):
            return [delete_rows(table, rows.columns, _seed_values(rows))]
        case ch.SetComment(table, column, _, after):
            return [_comment(table, column, after)]
        case ch.AlterTable(_, _, changes) | ch.RebuildTable(_, _, changes):
            return [statement for item in changes for statement in change_sql(item)]
        case (
            ch.AddColumn() | ch.DropColumn() | ch.AlterColumnType() | ch.SetNotNull() | ch.DropNotNull() | ch.SetDefault()
            | ch.DropDefault() | ch.SetIdentity() | ch.AddConstraint() | ch.DropConstraint()
        ):  # fmt: skip
            return _alter_table(change)
        case (
            ch.CreateEnum() | ch.DropEnum() | ch.AddEnumValue() | ch.RecreateEnum() | ch.CreateStruct() | ch.DropStruct() | ch.AlterStruct()
        ):
            return _type_change(change)


TableChange = (
    ch.AddColumn | ch.DropColumn | ch.AlterColumnType | ch.SetNotNull | ch.DropNotNull | ch.SetDefault | ch.DropDefault | ch.SetIdentity
    | ch.AddConstraint | ch.DropConstraint
)  # fmt: skip


def _alter_table(change: TableChange) -> list[Sql]:
    owner = table_ident(change.table)
    match change:
        case ch.AddColumn(table, column):
            added = [Sql("ALTER TABLE {} ADD COLUMN {}", owner, column_sql(column))]
            return added + ([_comment(table, column.name, column.comment)] if column.comment else [])
        case ch.DropColumn(_, column):
            return [Sql("ALTER TABLE {} DROP COLUMN {}", owner, ident(column.name))]
        case ch.AlterColumnType(_, before, after):
            return [_alter_type(owner, before, after)]
        case ch.SetNotNull(_, name):
            return [Sql("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", owner, ident(name))]
        case ch.DropNotNull(_, name):
            return [Sql("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", owner, ident(name))]
        case ch.SetDefault(_, name, _, expr):
            return [Sql("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}", owner, ident(name), expression_sql(expr))]
        case ch.DropDefault(_, name):
            return [Sql("ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT", owner, ident(name))]
        case ch.SetIdentity():
            return _set_identity(owner, change)
        case ch.AddConstraint(_, constraint):
            return [Sql("ALTER TABLE {} ADD {}", owner, constraint_sql(constraint))]
        case ch.DropConstraint(_, constraint):
            return [Sql("ALTER TABLE {} DROP CONSTRAINT {}", owner, ident(_name_of(constraint)))]


def _name_of(constraint: Constraint) -> str:
    if constraint.name is None:
        raise ValueError(f"a constraint without a name cannot be dropped, lower the catalog first: {constraint}")
    return constraint.name


def _alter_type(owner: Ident, before: Column, after: Column) -> Sql:
    """The planner takes a default off before and puts it back after: PostgreSQL would cast it too, or refuse to."""
    name = ident(before.name)
    action = Sql("ALTER COLUMN {} TYPE {}", name, type_sql(after.type))
    expression = using(before.type, after.type, name)
    if expression is not None:
        action += Sql(" USING {}", expression)
    return Sql("ALTER TABLE {} {}", owner, action)


def _set_identity(owner: Ident, change: ch.SetIdentity) -> list[Sql]:
    name = ident(change.column)
    if change.after is None:
        return [Sql("ALTER TABLE {} ALTER COLUMN {} DROP IDENTITY", owner, name)]
    kind = _identity(change.after)
    if change.before is not None:
        return [Sql("ALTER TABLE {} ALTER COLUMN {} SET {}", owner, name, kind)]
    sequence = Sql("pg_get_serial_sequence({}, {})", lit(text(Sql("{}", owner))), lit(change.column))
    return [
        Sql("ALTER TABLE {} ALTER COLUMN {} ADD {} AS IDENTITY", owner, name, kind),
        # Numbering goes on behind the rows that are there.
        Sql("SELECT setval({}, coalesce(max({}), 0) + 1, false) FROM {}", sequence, name, owner),
    ]


def _identity(identity: Identity) -> Sql:
    return Sql("GENERATED ALWAYS" if identity.always else "GENERATED BY DEFAULT")


def column_sql(column: Column) -> Sql:
    parts = Sql("{} {}", ident(column.name), type_sql(column.type))
    if column.default is not None:
        parts += Sql(" DEFAULT {}", expression_sql(column.default))
    if column.identity is not None:
        parts += Sql(" {} AS IDENTITY", _identity(column.identity))
    return parts if column.nullable else parts + Sql(" NOT NULL")


def constraint_sql(constraint: Constraint) -> Sql:
    return constraint.sql


def create_table(table: Table, *, foreign_keys: bool = True) -> list[Sql]:
    """CREATE TABLE, its indexes, comments and rows."""
    lines = [column_sql(column) for column in table.columns]
    lines += [constraint_sql(item) for item in table.constraints if foreign_keys or not isinstance(item, ForeignKey)]
    body = Sql("(\n  {}\n)", join(",\n  ", lines)) if lines else Sql("()")
    statements = [Sql("CREATE TABLE {} {}", table_ident(table.id), body)]
    statements += [_create_index(table.id, index) for index in table.indexes]
    if table.comment:
        statements.append(_comment(table.id, None, table.comment))
    statements += [_comment(table.id, column.name, column.comment) for column in table.columns if column.comment]
    if table.seed is not None and table.seed.rows:
        statements.append(_insert_seed(table.id, table.seed))
    return statements


def _create_index(table: ObjectId, index: Index) -> Sql:
    word = "CREATE UNIQUE INDEX" if index.unique else "CREATE INDEX"
    columns = join(", ", [ident(name) for name in index.columns])
    return Sql(word + " {} ON {} ({})", ident(index.name), table_ident(table), columns)


def _comment(table: ObjectId, column: str | None, comment: str | None) -> Sql:
    if column is None:
        return Sql("COMMENT ON TABLE {} IS {}", table_ident(table), lit(comment))
    return Sql("COMMENT ON COLUMN {} IS {}", ident(table.namespace, table.name, column), lit(comment))


def _seed_values(rows: Seed) -> list[tuple[Lit, ...]]:
    return [tuple(lit(value) for value in row) for row in rows.rows]


def _insert_seed(table: ObjectId, rows: Seed) -> Sql:
    return insert_rows(table, rows.columns, _seed_values(rows))


TypeChange = ch.CreateEnum | ch.DropEnum | ch.AddEnumValue | ch.RecreateEnum | ch.CreateStruct | ch.DropStruct | ch.AlterStruct


def _type_change(change: TypeChange) -> list[Sql]:
    match change:
        case ch.CreateEnum(enum):
            return [create_enum(enum)]
        case ch.DropEnum(enum):
            return [Sql("DROP TYPE {}", table_ident(enum.id))]
        case ch.AddEnumValue(enum, value, None):
            return [_add_first(enum, value, change.first)]
        case ch.AddEnumValue(enum, value, after):
            return [Sql("ALTER TYPE {} ADD VALUE {} AFTER {}", table_ident(enum), lit(value), lit(after))]
        case ch.RecreateEnum():
            return _recreate_enum(change)
        case ch.CreateStruct(struct):
            return create_struct(struct)
        case ch.DropStruct(struct):
            return [Sql("DROP TYPE {}", table_ident(struct.id))]
        case ch.AlterStruct(before, after):
            return _alter_struct(before, after)


def create_enum(enum: EnumType) -> Sql:
    return Sql("CREATE TYPE {} AS ENUM ({})", table_ident(enum.id), join(", ", [lit(value) for value in enum.values]))


def _add_first(enum: ObjectId, value: str, first: str | None) -> Sql:
    if first is None:
        return Sql("ALTER TYPE {} ADD VALUE {}", table_ident(enum), lit(value))
    return Sql("ALTER TYPE {} ADD VALUE {} BEFORE {}", table_ident(enum), lit(value), lit(first))


def _recreate_enum(change: ch.RecreateEnum) -> list[Sql]:
    """The old type steps aside, columns go through text to the new one. Their defaults and checks are other steps."""
    id = change.before.id
    aside = ident(id.namespace, shorten(f"{id.name}_before", 63, utf8_length, f"{id.name}_before"))
    statements = [Sql("ALTER TYPE {} RENAME TO {}", table_ident(id), ident(aside.parts[1])), create_enum(change.after)]
    for table, name in change.columns:
        kind: SqlType = ArrayType(EnumRef(change.after.id)) if (table, name) in change.lists else EnumRef(change.after.id)
        expression = Sql("{}::text::{}", ident(name), type_sql(kind))
        statements.append(
            Sql("ALTER TABLE {} ALTER COLUMN {} TYPE {} USING {}", table_ident(table), ident(name), type_sql(kind), expression)
        )
    return [*statements, Sql("DROP TYPE {}", aside)]


def create_struct(struct: StructType) -> list[Sql]:
    members = [Sql("{} {}", ident(item.name), type_sql(item.type)) for item in struct.members]
    statements = [Sql("CREATE TYPE {} AS ({})", table_ident(struct.id), join(", ", members))]
    return statements + ([_comment_type(struct)] if struct.comment else [])


def _comment_type(struct: StructType) -> Sql:
    return Sql("COMMENT ON TYPE {} IS {}", table_ident(struct.id), lit(struct.comment))


def _alter_struct(before: StructType, after: StructType) -> list[Sql]:
    old = {item.name: item for item in before.members}
    kept = {item.name for item in after.members}
    actions = [Sql("DROP ATTRIBUTE {}", ident(item.name)) for item in before.members if item.name not in kept]
    for item in after.members:
        if item.name not in old:
            actions.append(Sql("ADD ATTRIBUTE {} {}", ident(item.name), type_sql(item.type)))
        elif item.type != old[item.name].type:
            actions.append(Sql("ALTER ATTRIBUTE {} TYPE {}", ident(item.name), type_sql(item.type)))
    statements = [Sql("ALTER TYPE {} {}", table_ident(after.id), join(", ", actions))] if actions else []
    return statements + ([_comment_type(after)] if before.comment != after.comment else [])


def query(probe: Probe) -> Sql:
    """A query of one row and one column. A count that is not 0 holds the change up."""
    first = ident(*probe.columns[:1])
    match probe.kind:
        case "NOT_CASTABLE" if isinstance(probe.to, EnumRef) and probe.values:
            labels = join(", ", [lit(value) for value in probe.values])
            return _count(probe, Sql("{0} IS NOT NULL AND {0}::text NOT IN ({1})", first, labels))
        case "TOO_LONG" | "NOT_CASTABLE" | "CHANGED_BY_CAST":
            if probe.before is None or probe.to is None:
                raise ValueError(f"a probe of a cast needs both types: {probe}")
            return _count(probe, Sql("{} IS NOT NULL AND ({})", first, lost(probe.before, probe.to, first)))
        case "VALUES_USED" if isinstance(probe.before, ArrayType):
            labels = join(", ", [lit(value) for value in probe.values])
            return _count(probe, Sql("{}::text[] && ARRAY[{}]::text[]", first, labels))
        case "VALUES_USED":
            labels = join(", ", [lit(value) for value in probe.values])
            return _count(probe, Sql("{}::text IN ({})", first, labels))
        case _:
            return count_query(probe)


def _count(probe: Probe, condition: Sql) -> Sql:
    return Sql("SELECT count(*) FROM {} WHERE {}", table_ident(probe.table), condition)


def settings() -> list[Sql]:
    """What makes text mean what `quote` wrote, and dates and instants read the same everywhere."""
    return [
        Sql("SET standard_conforming_strings = on"),
        Sql("SET client_encoding = 'UTF8'"),
        Sql("SET TimeZone = 'UTC'"),
        Sql("SET DateStyle = 'ISO, MDY'"),
        Sql("SET client_min_messages = warning"),
    ]
