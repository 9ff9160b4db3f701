"""Catalogs for the laws of DuckDB: hostile names, every type, defaults, checks, keys, indexes, comments."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from schemagen.catalog.expressions import AtLeast, Expr, InList, JsonValid, Literal
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
    Table,
    Unique,
)
from schemagen.catalog.types import (
    ArrayType,
    Binary,
    Boolean,
    Date,
    EnumRef,
    Inet,
    InlineEnum,
    Integer,
    Interval,
    Json,
    Numeric,
    ObjectId,
    Real,
    SqlType,
    Text,
    Time,
    Timestamp,
    Uuid,
)
from schemagen.names import clean

ENUM = ObjectId("", "mood")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
PAYLOADS = st.sampled_from(["'", '"', "\\", "'; DROP TABLE x; --", "{}", "%s", "$1", "é😀", "\n\t", "/*", "select", "A", "a"])
LABELS = st.lists(st.one_of(TEXT, PAYLOADS), min_size=1, max_size=5, unique=True).map(tuple)
NAMES = st.one_of(TEXT, PAYLOADS).map(clean)

SCALARS: st.SearchStrategy[SqlType] = st.one_of(
    st.sampled_from(
        [Boolean(), Real(32), Real(64), Text(), Text(10), Binary(), Binary(16, fixed=True), Date(), Time(6), Time(0), Interval()]
    ),
    st.sampled_from([Timestamp(True), Timestamp(False), Timestamp(True, 3), Uuid(), Json(), Json(False), Inet(), Inet(4), EnumRef(ENUM)]),
    st.builds(Integer, st.sampled_from([8, 16, 32, 64, 128]), st.booleans()),
    st.sampled_from([Numeric(), Numeric(10, 2), Numeric(38, 0), Numeric(60, 2), Numeric(5, None)]),
    LABELS.map(InlineEnum),
)
TYPES = st.one_of(SCALARS, SCALARS.map(ArrayType))


def default_of(kind: SqlType) -> st.SearchStrategy[Expr | None]:
    """No default, or one of the column's own kind."""
    match kind:
        case Boolean():
            values: st.SearchStrategy[object] = st.booleans()
        case Integer(bits, unsigned):
            values = st.integers(0 if unsigned else -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        case Real():
            values = st.floats(allow_nan=False, allow_infinity=False, width=32)
        case Numeric():
            values = st.decimals(-999, 999, places=0)
        case Text(None) | Inet():
            values = st.one_of(TEXT, PAYLOADS)
        case Binary():
            values = st.binary(max_size=5)
        case Json():
            values = st.sampled_from(['{"a": "it\'s"}', "null", "[1, 2]"])
        case Date():
            values = st.just("2024-02-29")
        case _:
            values = st.none()
    return st.one_of(st.none(), st.builds(Literal, values))  # type: ignore[arg-type]  # values are scalars


@st.composite
def columns(draw: st.DrawFn, count: int) -> tuple[Column, ...]:
    names = draw(st.lists(NAMES, min_size=count, max_size=count, unique=True))
    found = []
    for name in names:
        kind = draw(TYPES)
        comment = draw(st.one_of(st.none(), TEXT, PAYLOADS))
        found.append(Column(name, kind, draw(st.booleans()), draw(default_of(kind)), comment=comment))
    return tuple(found)


def checks(column: Column) -> list[Constraint]:
    match column.type:
        case Integer():
            return [Check(AtLeast(column.name, 0)), Check(InList(column.name, (1, 2, 3)))]
        case Numeric():
            return [Check(AtLeast(column.name, Decimal("0.5")))]
        case Text():
            return [Check(InList(column.name, ("a", "it's", 'q"', "\\", "é😀", "nul\0")))]
        case Json():
            return [Check(JsonValid(column.name))]
        case _:
            return []


@st.composite
def tables(draw: st.DrawFn, id: ObjectId) -> Table:
    found = draw(columns(draw(st.integers(1, 5))))
    plain = [column.name for column in found if not isinstance(column.type, ArrayType | Interval | Json | Binary)]
    constraints = [item for column in found for item in checks(column) if draw(st.booleans())]
    some = st.lists(st.sampled_from(plain), min_size=1, max_size=2, unique=True).map(tuple) if plain else None
    indexes = []
    if some is not None:
        if draw(st.booleans()):
            constraints.append(PrimaryKey(draw(some), "pk"))
        if draw(st.booleans()):
            constraints.append(Unique(draw(some), "uq"))
        if draw(st.booleans()):
            indexes.append(Index(draw(NAMES), draw(some), draw(st.booleans())))
    whole = Column("number", Integer(64), False, identity=Identity(draw(st.booleans())))
    if draw(st.booleans()) and all(column.name.lower() != "number" for column in found):
        found = (*found, whole)
    return Table(id, found, tuple(constraints), tuple(indexes), draw(st.one_of(st.none(), TEXT, PAYLOADS)))


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """One enum type, up to three tables in two namespaces, and a child of the first that has a key."""
    spaces = []
    for namespace in ("", draw(NAMES.filter(lambda name: name.lower() not in ("temp", "system", "memory", "main")))):
        names = draw(st.lists(NAMES, min_size=0, max_size=2, unique=True))
        made = [draw(tables(ObjectId(namespace, name))) for name in names]
        parent = next((table for table in made if table.primary_key is not None), None)
        if parent is not None and "child" not in {name.lower() for name in names}:
            made.append(_child(parent, namespace))
        spaces.append(Namespace(namespace, tuple(made), (EnumType(ENUM, draw(LABELS)),) if not namespace else ()))
    return Catalog(tuple(spaces))


def _child(parent: Table, namespace: str) -> Table:
    mine = tuple(f"to_{number}" for number, _ in enumerate(parent.key))
    kinds = [parent.column(name).type for name in parent.key]
    made = tuple(Column(name, kind) for name, kind in zip(mine, kinds, strict=True))
    return Table(ObjectId(namespace, "child"), made, (ForeignKey(mine, parent.id, parent.key, "fk", deferrable=True),))
