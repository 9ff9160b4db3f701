"""What every dialect's `lower` and probes share: names fitted with all references, columns mapped, refusals, ANSI probe queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal as OneOf

from schemagen.catalog.expressions import AtLeast, Expr, InList, JsonValid, Literal, Native, columns_of, expression_sql
from schemagen.catalog.objects import (
    Catalog,
    Check,
    Column,
    Constraint,
    ForeignKey,
    Index,
    Namespace,
    PrimaryKey,
    Seed,
    StructType,
    Table,
    Unique,
)
from schemagen.catalog.types import ArrayType, EnumRef, ObjectId, SqlType, StructRef
from schemagen.errors import SchemagenError
from schemagen.names import check_name, fit_names, foreign_key_name, primary_key_name, unique_name
from schemagen.plan.plan import Probe
from schemagen.sql import Ident, Lit, Sql, ident, join

Pool = OneOf["relation", "namespace", "table"]


@dataclass(frozen=True, slots=True)
class NameRules:
    """How a server keeps names. `table_measure`: for names of tables, where they are measured otherwise.

    `fold`: it compares them without case; True, or the function that folds them.
    `flat`: it has no SQL schemas, so `a.b` is stored as `a__b`.
    `mend`: characters that it refuses become others (with a hash, so that two names stay two).
    `pools`: where names of PrimaryKey, Unique, ForeignKey, Check and Index must differ: in one pool with the tables of the namespace,
    in a pool of their own kind for the namespace, or (where not given) within their table.
    """

    limit: int | None = None
    measure: Callable[[str], int] = len
    table_measure: Callable[[str], int] | None = None
    fold: bool | Callable[[str], str] = False
    flat: bool = False
    mend: Callable[[str], str] = str
    pools: Mapping[type, Pool] = field(default_factory=dict)

    def fit(self, names: Iterable[str], scope: str, taken: Iterable[str] = (), *, tables: bool = False) -> dict[str, str]:
        """Each name as the server can hold it beside the others and those taken."""
        mended = {name: self.mend(name) for name in names}
        measure = self.table_measure if tables and self.table_measure else self.measure
        known = fit_names(set(mended.values()), self.limit, measure, self.fold, scope, taken)
        return {name: known[text] for name, text in mended.items()}


@dataclass(frozen=True, slots=True)
class _Names:
    """Old to new: objects by id, columns and constraint names by the old id of their table."""

    objects: Mapping[ObjectId, ObjectId]
    columns: Mapping[ObjectId, Mapping[str, str]]
    members: Mapping[ObjectId, Mapping[str, str]]
    constraints: Mapping[tuple[ObjectId, type, str], str]


def fit_catalog(catalog: Catalog, rules: NameRules) -> Catalog:
    """The catalog with every name as the server keeps it, also inside constraints, types and expressions. A second call changes nothing.

    The order of tables and columns stays. Raises SchemagenError NAME_CLASH; UNSUPPORTED where native SQL text names what must be renamed.
    """
    names = _fitted(catalog, rules)
    spaces: dict[str, Namespace] = {}
    for space in catalog.namespaces:
        key = "" if rules.flat else _namespace(space.name, rules)
        before = spaces.get(key, Namespace(key))
        spaces[key] = replace(
            before,
            tables=before.tables + tuple(_table(table, names, rules) for table in space.tables),
            enums=before.enums + tuple(replace(item, id=names.objects[item.id]) for item in space.enums),
            structs=before.structs + tuple(_struct(item, names, rules) for item in space.structs),
        )
    return replace(catalog, namespaces=tuple(sorted(spaces.values(), key=lambda item: item.name)))


def _flat_id(id: ObjectId, rules: NameRules) -> ObjectId:
    return ObjectId(id.kind, "", f"{id.namespace}__{id.name}") if rules.flat and id.namespace else id


def _namespace(name: str, rules: NameRules) -> str:
    return rules.fit([name], "")[name] if name else ""


def _fitted(catalog: Catalog, rules: NameRules) -> _Names:
    pools: dict[str, set[str]] = {}
    objects: dict[ObjectId, ObjectId] = {}
    types = [item.id for item in catalog.enums] + [item.id for item in catalog.structs]
    for ids in ([table.id for table in catalog.tables], types):
        for namespace, group in _grouped(ids, rules).items():
            taken = pools.setdefault(namespace, set())
            fitted = rules.fit(list(group), namespace, taken, tables=True)
            taken |= set(fitted.values())
            objects |= {id: ObjectId(id.kind, _namespace(namespace, rules), fitted[name]) for name, id in group.items()}
    return _Names(
        objects,
        {table.id: rules.fit([column.name for column in table.columns], str(table.id)) for table in catalog.tables},
        {item.id: rules.fit([member.name for member in item.members], str(item.id)) for item in catalog.structs},
        _constraint_names(catalog, rules, pools),
    )


def _grouped(ids: list[ObjectId], rules: NameRules) -> dict[str, dict[str, ObjectId]]:
    """Ids by namespace and name after flattening. Raises SchemagenError NAME_CLASH where two become one."""
    found: dict[str, dict[str, ObjectId]] = {}
    for id in ids:
        flat = _flat_id(id, rules)
        group = found.setdefault(flat.namespace, {})
        if flat.name in group:
            raise SchemagenError("NAME_CLASH", str(id), f"and {group[flat.name]} would both be stored as {flat.name}; rename one of them")
        group[flat.name] = id
    return found


def _constraint_names(catalog: Catalog, rules: NameRules, relations: dict[str, set[str]]) -> dict[tuple[ObjectId, type, str], str]:
    found: dict[tuple[ObjectId, type, str], str] = {}
    namespace_pools: dict[tuple[str, type], set[str]] = {}
    for table in catalog.tables:
        own: set[str] = set()
        namespace = _flat_id(table.id, rules).namespace
        named: dict[type, list[str]] = {}
        for item in (*table.constraints, *table.indexes):
            if item.name:
                named.setdefault(type(item), []).append(item.name)
        for kind in (PrimaryKey, Unique, ForeignKey, Check, Index):
            match rules.pools.get(kind, "table"):
                case "relation":
                    taken = relations.setdefault(namespace, set())
                case "namespace":
                    taken = namespace_pools.setdefault((namespace, kind), set())
                case "table":
                    taken = own
            fitted = rules.fit(named.get(kind, ()), str(table.id), taken)
            taken |= set(fitted.values())
            found |= {(table.id, kind, old): new for old, new in fitted.items()}
    return found


def _table(table: Table, names: _Names, rules: NameRules) -> Table:
    columns = names.columns[table.id]
    return replace(
        table,
        id=names.objects[table.id],
        columns=tuple(replace(item, name=columns[item.name], type=_type(item.type, names, rules)) for item in table.columns),
        constraints=tuple(_constraint(item, table, names, rules) for item in table.constraints),
        indexes=tuple(
            replace(
                item, name=names.constraints[table.id, Index, item.name], columns=tuple(columns.get(name, name) for name in item.columns)
            )
            for item in table.indexes
        ),
        seed=table.seed and replace(table.seed, columns=tuple(columns.get(name, name) for name in table.seed.columns)),
    )


def _struct(struct: StructType, names: _Names, rules: NameRules) -> StructType:
    renamed = names.members[struct.id]
    members = tuple(replace(item, name=renamed[item.name], type=_type(item.type, names, rules)) for item in struct.members)
    return replace(struct, id=names.objects[struct.id], members=members)


def _type(kind: SqlType, names: _Names, rules: NameRules) -> SqlType:
    match kind:
        case ArrayType(item):
            return ArrayType(_type(item, names, rules))
        case EnumRef(id) | StructRef(id):
            return replace(kind, id=_target(id, names, rules))
        case _:
            return kind


def _target(id: ObjectId, names: _Names, rules: NameRules) -> ObjectId:
    """The new id of an object, which may stand in another catalog."""
    if id in names.objects:
        return names.objects[id]
    flat = _flat_id(id, rules)
    return ObjectId(id.kind, _namespace(flat.namespace, rules), rules.fit([flat.name], flat.namespace, tables=True)[flat.name])


def _constraint(item: Constraint, table: Table, names: _Names, rules: NameRules) -> Constraint:
    columns = names.columns[table.id]
    name = item.name and names.constraints[table.id, type(item), item.name]
    match item:
        case PrimaryKey() | Unique():
            return replace(item, name=name, columns=tuple(columns.get(column, column) for column in item.columns))
        case ForeignKey():
            theirs = names.columns.get(item.target) or rules.fit(item.target_columns, str(item.target))
            return replace(
                item,
                name=name,
                columns=tuple(columns.get(column, column) for column in item.columns),
                target=_target(item.target, names, rules),
                target_columns=tuple(theirs.get(column, column) for column in item.target_columns),
            )
        case Check(expr):
            return Check(renamed_expression(expr, columns, str(table.id)), name)


def renamed_expression(expr: Expr, columns: Mapping[str, str], place: str) -> Expr:
    """The expression with columns renamed. Raises SchemagenError UNSUPPORTED for a server's own text that names a renamed column."""
    match expr:
        case InList() | AtLeast() | JsonValid():
            return replace(expr, column=columns.get(expr.column, expr.column))
        case Native(text, refs) if any(columns.get(name, name) != name for name in refs):
            raise SchemagenError(
                "UNSUPPORTED", place, f"the expression {text} names a column whose name this server must shorten; rename it"
            )
        case Native() | Literal():
            return expr


def name_constraints(catalog: Catalog) -> Catalog:
    """The catalog with a name for each constraint that has none, so that it can be dropped by it."""
    return map_tables(catalog, _with_names)


def _with_names(table: Table) -> Table:
    used = {item.name for item in table.constraints if item.name}
    named: list[Constraint] = []
    for item in table.constraints:
        if item.name is None:
            base, number = _usual_name(item, table.id.name), 1
            name = base
            while name in used:
                number += 1
                name = f"{base}_{number}"
            used.add(name)
            item = replace(item, name=name)
        named.append(item)
    return replace(table, constraints=tuple(named))


def _usual_name(item: Constraint, table: str) -> str:
    match item:
        case PrimaryKey():
            return primary_key_name(table)
        case Unique(columns):
            return unique_name(table, columns)
        case ForeignKey(columns):
            return foreign_key_name(table, columns)
        case Check(expr):
            return check_name(table, "_".join(columns_of(expr)))


def keys_not_null(catalog: Catalog) -> Catalog:
    """The catalog with no nullable column in a primary key, as every server reports it."""
    return map_columns(catalog, lambda table, column: replace(column, nullable=False) if column.name in table.key else column)


def map_tables(catalog: Catalog, change: Callable[[Table], Table]) -> Catalog:
    """The catalog with each table replaced."""
    spaces = (replace(space, tables=tuple(change(table) for table in space.tables)) for space in catalog.namespaces)
    return replace(catalog, namespaces=tuple(spaces))


def map_columns(catalog: Catalog, change: Callable[[Table, Column], Column]) -> Catalog:
    """The catalog with each column of each table replaced; `change` sees the table as it was."""
    return map_tables(catalog, lambda table: replace(table, columns=tuple(change(table, column) for column in table.columns)))


def map_types(catalog: Catalog, change: Callable[[SqlType], SqlType]) -> Catalog:
    """The catalog with each type of a column or a struct's member replaced."""
    mapped = map_columns(catalog, lambda _, column: replace(column, type=change(column.type)))
    spaces = (
        replace(space, structs=tuple(replace(s, members=tuple(replace(m, type=change(m.type)) for m in s.members)) for s in space.structs))
        for space in mapped.namespaces
    )
    return replace(mapped, namespaces=tuple(spaces))


def column_place(table: Table, column: Column) -> str:
    """A column as errors name it."""
    return f"{table.id}.{column.name}"


def refuse_types(catalog: Catalog, *, enums: str = "", structs: str = "", arrays: str = "") -> None:
    """Raises SchemagenError UNSUPPORTED, naming the column, for a type that the server lacks; the sentences are those of its Traits."""
    for table in catalog.tables:
        for column in table.columns:
            reason = _refusal(column.type, enums, structs, arrays)
            if reason:
                raise SchemagenError("UNSUPPORTED", column_place(table, column), reason)
    if structs and catalog.structs:
        raise SchemagenError("UNSUPPORTED", str(catalog.structs[0].id), structs)
    if enums and catalog.enums:
        raise SchemagenError("UNSUPPORTED", str(catalog.enums[0].id), enums)


def _refusal(kind: SqlType, enums: str, structs: str, arrays: str) -> str:
    match kind:
        case EnumRef():
            return enums
        case StructRef():
            return structs
        case ArrayType(item):
            return arrays or _refusal(item, enums, structs, arrays)
        case _:
            return ""


def limit_columns(catalog: Catalog, limit: int, server: str) -> None:
    """Raises SchemagenError TOO_MANY_COLUMNS, naming the table, its number of columns and the ways out."""
    for table in catalog.tables:
        if len(table.columns) > limit:
            sentence = f"has {len(table.columns)} columns; {server} admits {limit}; store nested objects as JSON, or split the schema"
            raise SchemagenError("TOO_MANY_COLUMNS", str(table.id), sentence)


def table_ident(id: ObjectId) -> Ident:
    return ident(id.namespace, id.name)


def count_query(probe: Probe) -> Sql:
    """The count that a probe asks for, in SQL that every server reads; the three about casts are each dialect's own (ValueError)."""
    table = table_ident(probe.table)
    first = ident(probe.columns[0]) if probe.columns else ident("")
    match probe.kind:
        case "ROWS":
            return Sql("SELECT count(*) FROM {}", table)
        case "NULLS":
            return Sql("SELECT count(*) FROM {} WHERE {} IS NULL", table, first)
        case "NOT_EMPTY" if not probe.columns:
            return Sql("SELECT count(*) FROM {}", table)
        case "NOT_EMPTY":
            return Sql("SELECT count(*) FROM {} WHERE {} IS NOT NULL", table, first)
        case "VALUES_USED":
            return Sql("SELECT count(*) FROM {} WHERE {} IN ({})", table, first, join(", ", [Lit(value) for value in probe.values]))
        case "VIOLATIONS" if probe.expr is not None:
            return Sql("SELECT count(*) FROM {} WHERE NOT ({})", table, expression_sql(probe.expr))
        case "DUPLICATES":
            keys = [ident(name) for name in probe.columns]
            present = join(" AND ", [Sql("{} IS NOT NULL", key) for key in keys])
            inner = Sql("SELECT count(*) AS n FROM {} WHERE {} GROUP BY {} HAVING count(*) > 1", table, present, join(", ", keys))
            return Sql("SELECT coalesce(sum(n - 1), 0) FROM ({}) AS d", inner)
        case "ORPHANS" if probe.target is not None:
            pairs = list(zip(probe.columns, probe.target_columns, strict=True))
            present = join(" AND ", [Sql("{} IS NOT NULL", ident("c", mine)) for mine, _ in pairs])
            equal = join(" AND ", [Sql("{} = {}", ident("p", theirs), ident("c", mine)) for mine, theirs in pairs])
            other = Sql("SELECT 1 FROM {} AS {} WHERE {}", table_ident(probe.target), ident("p"), equal)
            return Sql("SELECT count(*) FROM {} AS {} WHERE {} AND NOT EXISTS ({})", table, ident("c"), present, other)
        case kind:
            raise ValueError(f"no common query for the probe {kind}")


def definition_list(table: Table, column_sql: Callable[[Column], Sql], constraint_sql: Callable[[Constraint], Sql]) -> Sql:
    """The parenthesised body of a CREATE TABLE."""
    lines = [column_sql(column) for column in table.columns] + [constraint_sql(item) for item in table.constraints]
    return Sql("(\n  {}\n)", join(",\n  ", lines))


def literal_rows(seed: Seed) -> list[tuple[Sql | Lit, ...]]:
    """The rows of a lookup table as literals."""
    return [tuple(Lit(value) for value in row) for row in seed.rows]


def insert_rows(table: ObjectId, columns: tuple[str, ...], rows: Iterable[tuple[Sql | Lit, ...]]) -> Sql:
    """INSERT of the rows of a lookup table in one statement."""
    values = join(",\n  ", [Sql("({})", join(", ", row)) for row in rows])
    return Sql("INSERT INTO {} ({}) VALUES\n  {}", table_ident(table), join(", ", [ident(name) for name in columns]), values)


def delete_rows(table: ObjectId, columns: tuple[str, ...], rows: Iterable[tuple[Sql | Lit, ...]]) -> Sql:
    """DELETE of rows of a lookup table, named by their first column."""
    return Sql("DELETE FROM {} WHERE {} IN ({})", table_ident(table), ident(columns[0]), join(", ", [row[0] for row in rows]))
