"""Steps as standard statements, made of the SQL that catalog objects give themselves."""

from __future__ import annotations

from schemagen.catalog.expressions import expression_sql
from schemagen.catalog.objects import Identity, Index, StructType, column_list
from schemagen.catalog.types import ObjectId, Text, ansi_type
from schemagen.dialects.common import count_query, delete_rows, insert_rows, literal_rows, table_ident
from schemagen.errors import SchemagenError
from schemagen.plan import changes as ch
from schemagen.plan.plan import Probe, Step
from schemagen.sql import Ident, Sql, ident, lit


def render(step: Step) -> list[Sql]:
    """The statements of one step."""
    return _statements(step.change)


def _statements(change: ch.Change) -> list[Sql]:
    match change:
        case ch.CreateNamespace(name):
            return [Sql("CREATE SCHEMA {}", ident(name))]
        case ch.DropNamespace(name):
            return [Sql("DROP SCHEMA {}", ident(name))]
        case ch.CreateTable(table):
            rows = [insert_rows(table.id, table.seed.columns, literal_rows(table.seed))] if table.seed and table.seed.rows else []
            return [table.sql, *(_create_index(table.id, index) for index in table.indexes), *rows]
        case ch.DropTable(table):
            return [Sql("DROP TABLE {}", table_ident(table.id))]
        case ch.AddRows(table, rows):
            return [insert_rows(table, rows.columns, literal_rows(rows))] if rows.rows else []
        case ch.AlterRows():
            return change.sql
        case ch.RemoveRows(table, rows):
            return [delete_rows(table, rows.columns, literal_rows(rows))] if rows.rows else []
        case ch.AlterTable(_, _, changes):
            return [statement for item in changes for statement in _statements(item)]
        case ch.CreateIndex(table, index):
            return [_create_index(table, index)]
        case ch.DropIndex(table, index):
            return [Sql("DROP INDEX {}", ident(table.namespace, index.name))]
        case ch.SetComment() | ch.RebuildTable():
            raise SchemagenError("UNSUPPORTED", type(change).__name__, "has no statement in standard SQL")
        case (
            ch.CreateEnum() | ch.DropEnum() | ch.AddEnumValue() | ch.RecreateEnum() | ch.CreateStruct() | ch.DropStruct() | ch.AlterStruct()
        ):
            return _type_statements(change)
        case _:
            return [Sql("ALTER TABLE {} {}", table_ident(change.table), _clause(change))]


def _clause(change: ch.ClauseChange) -> Sql:
    match change:
        case ch.AddColumn(_, column):
            return Sql("ADD COLUMN {}", column.sql)
        case ch.DropColumn(_, column):
            return Sql("DROP COLUMN {}", ident(column.name))
        case ch.AlterColumnType(_, before, after):
            return Sql("ALTER COLUMN {} SET DATA TYPE {}", ident(before.name), ansi_type(after.type))
        case ch.SetNotNull(_, name):
            return Sql("ALTER COLUMN {} SET NOT NULL", ident(name))
        case ch.DropNotNull(_, name):
            return Sql("ALTER COLUMN {} DROP NOT NULL", ident(name))
        case ch.SetDefault(_, name, _, default):
            return Sql("ALTER COLUMN {} SET DEFAULT {}", ident(name), expression_sql(default))
        case ch.DropDefault(_, name):
            return Sql("ALTER COLUMN {} DROP DEFAULT", ident(name))
        case ch.SetIdentity(_, name, before_identity, identity):
            return Sql("ALTER COLUMN {} {}", ident(name), _identity_clause(before_identity, identity))
        case ch.AddConstraint(_, constraint):
            return Sql("ADD {}", constraint.sql)
        case ch.DropConstraint(_, constraint):
            return Sql("DROP CONSTRAINT {}", ident(constraint.name or ""))


def _identity_clause(before: Identity | None, after: Identity | None) -> Sql:
    if after is None:
        return Sql("DROP IDENTITY")
    kind = Sql("ALWAYS" if after.always else "BY DEFAULT")
    return Sql("SET GENERATED {}", kind) if before else Sql("ADD GENERATED {} AS IDENTITY", kind)


def _create_index(table: ObjectId, index: Index) -> Sql:
    words = "CREATE UNIQUE INDEX {} ON {} ({})" if index.unique else "CREATE INDEX {} ON {} ({})"
    return Sql(words, ident(index.name), table_ident(table), column_list(index.columns))


def _type_statements(
    change: ch.CreateEnum | ch.DropEnum | ch.AddEnumValue | ch.RecreateEnum | ch.CreateStruct | ch.DropStruct | ch.AlterStruct,
) -> list[Sql]:
    match change:
        case ch.CreateEnum(enum):
            return [enum.sql]
        case ch.DropEnum(enum):
            return [Sql("DROP TYPE {}", table_ident(enum.id))]
        case ch.AddEnumValue(enum_id, value, after):
            place = Sql("") if after is None else Sql(" AFTER {}", lit(after))
            return [Sql("ALTER TYPE {} ADD VALUE {}{}", table_ident(enum_id), lit(value), place)]
        case ch.RecreateEnum(before, enum, columns):
            as_text = [_retype(table, name, ansi_type(Text())) for table, name in columns]
            as_enum = [_retype(table, name, Sql("{}", table_ident(enum.id))) for table, name in columns]
            return [*as_text, Sql("DROP TYPE {}", table_ident(before.id)), enum.sql, *as_enum]
        case ch.CreateStruct(struct):
            return [struct.sql]
        case ch.DropStruct(struct):
            return [Sql("DROP TYPE {}", table_ident(struct.id))]
        case ch.AlterStruct(old, new):
            return _alter_struct(old, new)


def _retype(table: ObjectId, column: str, kind: Sql) -> Sql:
    return Sql("ALTER TABLE {} ALTER COLUMN {} SET DATA TYPE {}", table_ident(table), ident(column), kind)


def _alter_struct(before: StructType, after: StructType) -> list[Sql]:
    old, new = ({member.name: member for member in struct.members} for struct in (before, after))
    clauses = [Sql("DROP ATTRIBUTE {}", ident(name)) for name in old if name not in new]
    clauses += [Sql("ADD ATTRIBUTE {}", member.sql) for name, member in new.items() if name not in old]
    clauses += [
        Sql("ALTER ATTRIBUTE {} SET DATA TYPE {}", ident(name), ansi_type(member.type))
        for name, member in new.items()
        if name in old and old[name].type != member.type
    ]
    return [Sql("ALTER TYPE {} {}", table_ident(after.id), clause) for clause in clauses]


def query(probe: Probe) -> Sql:
    """A query of one count. Standard SQL cannot try a cast: NOT_CASTABLE fails where a value is none."""
    if probe.kind not in ("TOO_LONG", "NOT_CASTABLE", "CHANGED_BY_CAST"):
        return count_query(probe)
    if probe.to is None:
        raise ValueError(f"the probe {probe.kind} names no type")
    column = ident(probe.columns[0])
    if probe.kind == "TOO_LONG":
        lost = Sql("char_length({}) > {}", column, lit(probe.to.length if isinstance(probe.to, Text) else None))
    else:
        lost = _changed(column, ansi_type(probe.to))
    return Sql("SELECT count(*) FROM {} WHERE {} IS NOT NULL AND ({})", table_ident(probe.table), column, lost)


def _changed(column: Ident, kind: Sql) -> Sql:
    return Sql("CAST({} AS {}) <> {}", column, kind, column)
