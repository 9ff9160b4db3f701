"""Catalogs for the laws of PostgreSQL: hostile names, every type, enums, composites, defaults, checks, keys, indexes, comments."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from schemagen.catalog.expressions import AtLeast, Expr, InList, JsonValid, Literal, Native
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
    StructMember,
    StructType,
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
    Integer,
    Interval,
    Json,
    Numeric,
    ObjectId,
    Opaque,
    Real,
    SqlType,
    StructRef,
    Text,
    Time,
    Timestamp,
    Uuid,
)
from schemagen.names import clean
from tests.dialects.payloads import BREAKOUTS

TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), st.sampled_from(BREAKOUTS))
# Long ones too, of two bytes a character, so that the cut at 63 bytes falls inside of one.
NAMES = st.one_of(TEXTS, st.sampled_from(["é" * 40, "é" * 41, "x" * 63, "x" * 64, "select", "A", "a"])).map(clean)
LABELS = st.lists(TEXTS, min_size=1, max_size=4, unique=True).map(tuple)
MOOD, PLACE = "mood's", "a place"

SCALARS: st.SearchStrategy[SqlType] = st.one_of(
    st.sampled_from([Boolean(), Real(32), Real(64), Text(), Text(10), Text(3, fixed=True), Binary(), Binary(16, fixed=True), Date()]),
    st.sampled_from([Time(), Time(0), Time(3, zoned=True), Interval(), Timestamp(), Timestamp(False), Timestamp(True, 3), Uuid()]),
    st.sampled_from([Json(), Json(binary=False), Inet(), Inet(4), Numeric(), Numeric(10, 2), Numeric(60, 2), Numeric(5)]),
    st.builds(Integer, st.sampled_from([8, 16, 32, 64]), st.booleans()),
    st.sampled_from([Integer(128), EnumRef(ObjectId("", MOOD)), StructRef(ObjectId("", PLACE)), Opaque("point"), Opaque("varchar")]),
)
TYPES = st.one_of(SCALARS, SCALARS.filter(lambda kind: not isinstance(kind, Opaque)).map(ArrayType))
WHOLE = {8: (-128, 127), 16: (-(2**15), 2**15 - 1), 32: (-(2**31), 2**31 - 1), 64: (-(2**63), 2**63 - 1)}


def default_of(kind: SqlType) -> st.SearchStrategy[Expr | None]:
    """No default, or one that a column of this type takes."""
    match kind:
        case Boolean():
            values: st.SearchStrategy[Expr] = st.builds(Literal, st.booleans())
        case Integer(bits, unsigned) if bits in WHOLE:
            values = st.builds(Literal, st.integers(0 if unsigned else WHOLE[bits][0], WHOLE[bits][1]))
        case Real():
            values = st.builds(Literal, st.floats(allow_nan=False, allow_infinity=False, width=32))
        case Numeric():
            values = st.builds(Literal, st.decimals(-999, 999, places=2))
        case Text(None):
            values = st.builds(Literal, TEXTS)
        case Text():
            values = st.sampled_from([Literal("a'"), Literal(""), Literal("\\"), Native("upper('b')")])
        case Binary():
            values = st.builds(Literal, st.binary(max_size=5))
        case Json():
            values = st.sampled_from([Literal('{"a": "it\'s \\\\ é"}'), Literal("null"), Literal("[1, 2.50]")])
        case Timestamp():
            values = st.sampled_from([Native("now()"), Native("CURRENT_TIMESTAMP"), Literal("2024-02-29T01:02:03Z")])
        case Date():
            values = st.sampled_from([Literal("2024-02-29"), Native("current_date"), Native("'2024-01-01'::date + 1")])
        case ArrayType(Text(None) | Integer()):
            values = st.just(Literal("{}"))
        case _:
            values = st.just(Literal(None))
    return st.one_of(st.none(), values)


@st.composite
def columns(draw: st.DrawFn, count: int) -> tuple[Column, ...]:
    names = draw(st.lists(NAMES, min_size=count, max_size=count, unique=True))
    found = []
    for name in names:
        kind = draw(TYPES)
        found.append(Column(name, kind, draw(st.booleans()), draw(default_of(kind)), comment=draw(st.one_of(st.none(), TEXTS))))
    return tuple(found)


def checks(column: Column) -> list[Constraint]:
    match column.type:
        case Integer():
            return [Check(AtLeast(column.name, 0)), Check(InList(column.name, (1, 2, 3))), Check(InList(column.name, (7,)), "one")]
        case Numeric() | Real():
            return [Check(AtLeast(column.name, Decimal("0.5")))]
        case Text():
            return [Check(InList(column.name, ("a", "it's", 'q"', "\\", "é😀"))), Check(InList(column.name, ("x",)), "const")]
        case Boolean():
            return [Check(InList(column.name, (True,)))]
        case Json():
            return [Check(JsonValid(column.name))]
        case _:
            return []


@st.composite
def tables(draw: st.DrawFn, id: ObjectId) -> Table:
    found = draw(columns(draw(st.integers(1, 5))))
    unordered = (ArrayType, Json, StructRef, Opaque)
    plain = [column.name for column in found if not isinstance(column.type, unordered)]
    constraints = [item for column in found for item in checks(column)[: draw(st.integers(0, 3))]]
    indexes = []
    if plain:
        some = st.lists(st.sampled_from(plain), min_size=1, max_size=2, unique=True).map(tuple)
        if draw(st.booleans()):
            constraints.append(PrimaryKey(draw(some)))
        if draw(st.booleans()):
            constraints.append(Unique(draw(some), draw(st.one_of(st.none(), NAMES))))
        if draw(st.booleans()):
            indexes.append(Index(draw(NAMES), draw(some), draw(st.booleans())))
    if draw(st.booleans()) and all(column.name != "number" for column in found):
        found = (*found, Column("number", Integer(64), False, identity=Identity(draw(st.booleans()))))
    return Table(id, found, tuple(_differently_named(constraints)), tuple(indexes), draw(st.one_of(st.none(), TEXTS)))


def _differently_named(constraints: list[Constraint]) -> list[Constraint]:
    """One constraint of each stated name."""
    found: dict[str, Constraint] = {}
    for number, item in enumerate(constraints):
        found.setdefault(item.name or f"\0{number}", item)
    return list(found.values())


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """An enum and a composite type, up to three tables in two namespaces, and a child of the first that has a key."""
    enum = EnumType(ObjectId("", MOOD), draw(LABELS))
    members = (StructMember("street", Text(80)), StructMember("Mood", EnumRef(enum.id)), StructMember("list", ArrayType(Integer(32))))
    spaces = []
    for namespace in ("", draw(NAMES.filter(lambda name: not name.startswith("pg_") and name not in ("public", "information_schema")))):
        names = draw(st.lists(NAMES, min_size=0, max_size=2, unique=True))
        made = [draw(tables(ObjectId(namespace, name))) for name in names]
        parent = next((table for table in made if table.primary_key is not None), None)
        if parent is not None and "child" not in names:
            made.append(_child(parent, namespace))
        types = ((enum,), (StructType(ObjectId("", PLACE), members, draw(st.one_of(st.none(), TEXTS))),)) if not namespace else ((), ())
        spaces.append(Namespace(namespace, tuple(made), *types))
    return Catalog(tuple(spaces))


def _child(parent: Table, namespace: str) -> Table:
    mine = tuple(f"to_{number}" for number, _ in enumerate(parent.key))
    kinds = [parent.column(name).type for name in parent.key]
    made = tuple(Column(name, kind) for name, kind in zip(mine, kinds, strict=True))
    return Table(ObjectId(namespace, "child"), made, (ForeignKey(mine, parent.id, parent.key, on_delete="CASCADE", deferrable=True),))
