"""Catalogs for the laws of live servers: hostile names, every type that the server has, defaults, checks, keys, indexes, comments."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from schemagen.catalog import types as sql
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
    StructMember,
    StructType,
    Table,
    Unique,
)
from schemagen.dialects.base import dialect_named
from schemagen.errors import SchemagenError
from schemagen.names import clean
from tests.dialects.payloads import BREAKOUTS
from tests.servers.live import Live

MOOD, PLACE = sql.ObjectId("enum", "", "mood's"), sql.ObjectId("struct", "", "a place")
STREET = (
    StructMember("street", sql.Text(80)),
    StructMember("Mood", sql.EnumRef(MOOD)),
    StructMember("list", sql.ArrayType(sql.Integer(32))),
)
TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), st.sampled_from(BREAKOUTS))
# Long ones too, of two bytes a character, so that a cut at 63 bytes falls inside of one.
NAMES = st.one_of(TEXTS, st.sampled_from(["é" * 40, "é" * 41, "x" * 63, "x" * 64, "select", "A", "a"])).map(clean)
LABELS = st.lists(TEXTS, min_size=1, max_size=5, unique=True).map(tuple)
COMMENTS = st.one_of(st.none(), TEXTS)
SCALARS: tuple[sql.SqlType, ...] = (
    *(sql.Boolean(), sql.Real(32), sql.Real(64), sql.Text(), sql.Text(10), sql.Text(3, fixed=True), sql.Binary()),
    *(sql.Binary(16, fixed=True), sql.Date(), sql.Time(6), sql.Time(0), sql.Time(3, zoned=True), sql.Interval(), sql.Timestamp(True)),
    *(sql.Timestamp(False), sql.Timestamp(True, 3), sql.Uuid(), sql.Json(), sql.Json(binary=False), sql.Inet(), sql.Inet(4)),
    *(sql.Numeric(), sql.Numeric(10, 2), sql.Numeric(38, 0), sql.Numeric(60, 2), sql.Numeric(5), sql.EnumRef(MOOD)),
    *(sql.StructRef(PLACE), sql.InlineEnum(("a", "b'"))),
    *(sql.Integer(bits, unsigned) for bits in (8, 16, 32, 64, 128) for unsigned in (False, True)),
)


@cache
def held(dialect: str) -> tuple[sql.SqlType, ...]:
    """The types that a column may have there: those that its `lower` takes."""
    return tuple(kind for scalar in SCALARS for kind in (scalar, sql.ArrayType(scalar)) if _is_taken(dialect, kind))


def _is_taken(name: str, kind: sql.SqlType) -> bool:
    structs = (StructType(PLACE, STREET),) if kind in (sql.StructRef(PLACE), sql.ArrayType(sql.StructRef(PLACE))) else ()
    table = Table(sql.ObjectId("table", "", "t"), (Column("c", kind),))
    dialect = dialect_named(name)
    try:
        dialect.lower(Catalog((Namespace("", (table,), (EnumType(MOOD, ("a",)),), structs),)), dialect.assumed_server)
    except SchemagenError:
        return False
    return True


def types_of(live: Live) -> st.SearchStrategy[sql.SqlType]:
    return st.sampled_from((*held(live.name), *live.opaque))


def default_of(kind: sql.SqlType, live: Live) -> st.SearchStrategy[Expr | None]:
    """No default, or one that a column of this type takes."""
    match kind:
        case sql.Boolean():
            values: st.SearchStrategy[Expr] = st.builds(Literal, st.booleans())
        case sql.Integer(bits, unsigned):
            values = st.builds(Literal, st.integers(0 if unsigned else -(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
        case sql.Real():
            values = st.builds(Literal, st.floats(allow_nan=False, allow_infinity=False, width=32))
        case sql.Numeric(_, scale):
            values = st.builds(Literal, st.decimals(-999, 999, places=min(scale or 0, 2)))
        case sql.Text(None):
            values = st.builds(Literal, TEXTS)
        case sql.Text():
            values = st.sampled_from([Literal("a'"), Literal(""), Literal("\\")])
        case sql.Binary():
            values = st.builds(Literal, st.binary(max_size=5))
        case sql.Json():
            values = st.sampled_from([Literal('{"a": "it\'s \\\\ é"}'), Literal("null"), Literal("[1, 2.50]")])
        case sql.Date():
            values = st.just(Literal("2024-02-29"))
        case _:
            values = st.just(Literal(None))
    own = live.own_defaults(kind)
    return st.one_of(st.none(), values, st.sampled_from(own)) if own else st.one_of(st.none(), values)


def names(live: Live, least: int, most: int) -> st.SearchStrategy[list[str]]:
    """Names that the server tells apart."""
    return st.lists(NAMES, min_size=least, max_size=most, unique_by=lambda name: folded(name, live))


def folded(name: str, live: Live) -> str:
    return name.lower() if live.traits.folds_case else name


@st.composite
def columns(draw: st.DrawFn, live: Live) -> tuple[Column, ...]:
    found = []
    for name in draw(names(live, 1, 5)):
        kind = draw(types_of(live))
        found.append(Column(name, kind, draw(st.booleans()), draw(default_of(kind, live)), comment=draw(COMMENTS)))
    return tuple(found)


def checks(column: Column) -> list[Constraint]:
    match column.type:
        case sql.Integer():
            return [Check(AtLeast(column.name, 0)), Check(InList(column.name, (1, 2, 3))), Check(InList(column.name, (7,)), "one")]
        case sql.Numeric() | sql.Real():
            return [Check(AtLeast(column.name, Decimal("0.5")))]
        case sql.Text():
            return [Check(InList(column.name, ("a", "it's", 'q"', "\\", "é😀"))), Check(InList(column.name, ("x",)), "const")]
        case sql.Boolean():
            return [Check(InList(column.name, (True,)))]
        case sql.Json():
            return [Check(JsonValid(column.name))]
        case _:
            return []


@st.composite
def tables(draw: st.DrawFn, live: Live, id: sql.ObjectId) -> Table:
    found = draw(columns(live))
    plain = [column.name for column in found if not isinstance(column.type, live.no_keys)]
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
    if draw(st.booleans()) and all(folded(column.name, live) != "number" for column in found):
        found = (*found, Column("number", sql.Integer(64), False, identity=Identity(draw(st.booleans()))))
    return Table(id, found, tuple(_differently_named(constraints)), tuple(indexes), draw(COMMENTS))


def _differently_named(constraints: list[Constraint]) -> list[Constraint]:
    """One constraint of each stated name."""
    found: dict[str, Constraint] = {}
    for number, item in enumerate(constraints):
        found.setdefault(item.name or f"\0{number}", item)
    return list(found.values())


@st.composite
def catalogs(draw: st.DrawFn, live: Live) -> Catalog:
    """An enum type, a composite one where there are any, up to three tables in two namespaces, and a child of the first that has a key."""
    structs = () if live.traits.struct_types else (StructType(PLACE, STREET, draw(COMMENTS)),)
    spaces = []
    for namespace in ("", draw(NAMES.filter(lambda name: not name.startswith("pg_") and name.lower() not in live.system))):
        taken = draw(names(live, 0, 2))
        made = [draw(tables(live, sql.ObjectId("table", namespace, name))) for name in taken]
        parent = next((table for table in made if table.primary_key is not None), None)
        if parent is not None and "child" not in {folded(name, live) for name in taken}:
            made.append(_child(parent, namespace, live))
        types = ((), ()) if namespace else ((EnumType(MOOD, draw(LABELS)),), structs)
        spaces.append(Namespace(namespace, tuple(made), *types))
    return Catalog(tuple(spaces))


def _child(parent: Table, namespace: str, live: Live) -> Table:
    mine = tuple(f"to_{number}" for number, _ in enumerate(parent.key))
    kinds = [parent.column(name).type for name in parent.key]
    made = tuple(Column(name, kind) for name, kind in zip(mine, kinds, strict=True))
    return Table(
        sql.ObjectId("table", namespace, "child"),
        made,
        (ForeignKey(mine, parent.id, parent.key, on_delete=live.on_delete, deferrable=True),),
    )
