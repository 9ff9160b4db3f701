"""Random catalogs of one small world, so that two of them differ in every way a plan can meet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from schemagen.catalog.expressions import AtLeast, Expr, InList, Literal
from schemagen.catalog.objects import (
    Catalog,
    Check,
    Column,
    Constraint,
    EnumType,
    ForeignKey,
    Identity,
    Index,
    Namespace,
    PrimaryKey,
    Seed,
    StructMember,
    StructType,
    Table,
    Unique,
)
from schemagen.catalog.types import ArrayType, EnumRef, Integer, Numeric, ObjectId, SqlType, StructRef, Text

LABELS = ("1", "b", "c", "it's")
COLUMNS = ("a", "b", "c", "full name")
TABLES = ("one", "two")
ENUM = ObjectId("enum", "", "mood")
STRUCT = ObjectId("struct", "", "place")
LOOKUP = ObjectId("table", "", "kind")


@dataclass(frozen=True)
class World:
    """What the catalogs may hold."""

    enums: bool = True
    structs: bool = True
    arrays: bool = True
    circles: bool = True
    named: bool = True
    namespaces: tuple[str, ...] = ("", "shop")


def types(name: str, world: World) -> list[SqlType]:
    """Types of a column of this name: mostly such as become one another."""
    match name:
        case "a":
            return [Integer(32), Integer(64), Text()]
        case "b":
            return [Text(), Text(20), *([EnumRef(ENUM)] if world.enums else [])]
        case "c":
            return [Numeric(12, 2), Integer(32), Integer(64)]
        case _:
            of_enums = [ArrayType(EnumRef(ENUM))] if world.enums else []
            lists = [ArrayType(Integer(32)), *of_enums] if world.arrays else []
            return [Text(), *lists, *([StructRef(STRUCT)] if world.structs else [])]


@st.composite
def columns(draw: st.DrawFn, name: str, world: World, labels: tuple[str, ...]) -> Column:
    kind = draw(st.sampled_from(types(name, world)))
    default: Expr | None = None
    if draw(st.integers(0, 2)) == 0:
        match kind:
            case Integer() | Numeric():
                default = Literal(draw(st.integers(0, 2)))
            case Text():
                default = Literal(draw(st.sampled_from(("x", "it's"))))
            case EnumRef():
                default = Literal(draw(st.sampled_from(labels)))
            case _:
                pass
    identity = Identity() if kind == Integer(64) and default is None and draw(st.integers(0, 3)) == 0 else None
    comment = draw(st.sampled_from((None, "why", "it's\n--")))
    return Column(name, kind, draw(st.booleans()) and identity is None, default, identity, comment)


@st.composite
def tables(draw: st.DrawFn, id: ObjectId, world: World, labels: tuple[str, ...]) -> Table:
    """A table with the key `id`, some columns, uniques and checks; foreign keys come later."""
    names = draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=4))
    made = [Column("id", Integer(draw(st.sampled_from((32, 64)))), nullable=False)]
    made += [draw(columns(name, world, labels)) for name in names]
    made = draw(st.permutations(made))

    def named(text: str) -> str | None:
        return f"{text}_{id.name}" if world.named else None

    constraints: list[Constraint] = [PrimaryKey(("id",), named("pk"))]
    plain = [column for column in made if isinstance(column.type, Integer | Text | Numeric) and column.name != "id"]
    if plain and draw(st.booleans()):
        constraints.append(Unique(("id", draw(st.sampled_from(plain)).name), named("uq")))
    for column in plain:
        if column.identity is None and draw(st.integers(0, 2)) == 0:
            match column.type:
                case Text():
                    expr: Expr = InList(column.name, draw(st.sampled_from((("1", "x", "it's"), ("1", "x", "it's", "y")))))
                case _:
                    expr = AtLeast(column.name, draw(st.sampled_from((0, -5))))
            constraints.append(Check(expr, named(f"ch_{column.name}")))
    index = tuple(Index(f"ix_{id.namespace}_{id.name}", (column.name,)) for column in plain[:1] if draw(st.integers(0, 3)) == 0)
    comment = draw(st.sampled_from((None, "table")))
    return Table(id, tuple(made), tuple(constraints), index, comment)


@st.composite
def catalogs(draw: st.DrawFn, world: World) -> Catalog:
    labels = tuple(draw(st.lists(st.sampled_from(LABELS), unique=True, min_size=1)))
    # A table of the session's own namespace is nearly always there, so that two catalogs have it in common.
    ids = [ObjectId("table", space, name) for space in world.namespaces for name in TABLES if draw(st.integers(0, 1 if space else 5))]
    made = [draw(tables(id, world, labels)) for id in ids]
    lookup = draw(st.booleans())
    if lookup:
        made.append(draw(lookups(world)))
    for number, table in enumerate(made):
        made[number] = draw(with_keys(table, made, number, world))
    spaces: dict[str, Namespace] = {}
    for table in made:
        space = spaces.get(table.id.namespace, Namespace(table.id.namespace))
        spaces[space.name] = replace(space, tables=(*space.tables, table))
    own = spaces.get("", Namespace(""))
    enums = (EnumType(ENUM, labels),) if world.enums else ()
    structs = (StructType(STRUCT, draw(members())),) if world.structs else ()
    spaces[""] = replace(own, enums=enums, structs=structs)
    return Catalog(tuple(sorted(spaces.values(), key=lambda space: space.name)))


@st.composite
def lookups(draw: st.DrawFn, world: World) -> Table:
    """A lookup table, whose rows have descriptions or none."""
    values = draw(st.lists(st.sampled_from(("k1", "k2", "k3")), unique=True, min_size=1))
    columns = [Column("value", Text(), nullable=False)]
    rows: list[tuple[str | None, ...]] = [(value,) for value in values]
    if draw(st.booleans()):
        columns.append(Column("description", Text()))
        rows = [(value, draw(st.sampled_from((None, "x", "it's")))) for value in values]
    seed = Seed(tuple(column.name for column in columns), tuple(rows))
    return Table(LOOKUP, tuple(columns), (PrimaryKey(("value",), "pk_kind" if world.named else None),), seed=seed)


@st.composite
def members(draw: st.DrawFn) -> tuple[StructMember, ...]:
    names = ("x", "y", "z")[: draw(st.integers(1, 3))]
    return tuple(StructMember(name, Integer(32)) for name in names)


@st.composite
def with_keys(draw: st.DrawFn, table: Table, others: list[Table], number: int, world: World) -> Table:
    """Foreign keys to tables before it, or, where circles are allowed, to any; by columns of their own, of the target's type."""
    if table.seed is not None:
        return table
    near = [(place, other) for place, other in enumerate(others) if other.id.namespace == table.id.namespace]
    targets = [other for place, other in near if world.circles or place < number]
    added: list[Column] = []
    keys: list[Constraint] = []
    for target in targets:
        if draw(st.integers(0, 2)):
            continue
        name = f"{target.id.name}_ref"
        key = target.primary_key
        assert key is not None
        added.append(Column(name, target.column(key.columns[0]).type))
        keys.append(ForeignKey((name,), target.id, key.columns, f"fk_{table.id.name}_{target.id.name}" if world.named else None))
    return replace(table, columns=(*table.columns, *added), constraints=(*table.constraints, *keys))
