"""A short notation for catalogs, so that a case of a plan is read at a glance.

enum mood: sad, ok
struct place: x int, y int
table shop.order
  id bigint key
  note text null default 'x' comment why
  unique id, note
  foreign customer -> customer(id)
  check note in a, b
  check price >= 0
  index ix: note
  row a, b
  comment why
  unmodelled a trigger
view report: order
"""

from __future__ import annotations

import re
from dataclasses import replace

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
    OpaqueObject,
    PrimaryKey,
    Seed,
    StructMember,
    StructType,
    Table,
    Unique,
)
from schemagen.catalog.types import ArrayType, Date, EnumRef, Integer, Json, Numeric, ObjectId, SqlType, StructRef, Text, Timestamp, Uuid
from tests.plan.servers import server

_PLAIN: dict[str, SqlType] = {
    "int": Integer(32), "bigint": Integer(64), "text": Text(), "uuid": Uuid(), "json": Json(), "date": Date(), "timestamp": Timestamp(),
}  # fmt: skip


def catalog_of(text: str, flavor: str = "native") -> Catalog:
    """The catalog that the lines say."""
    tables: list[Table] = []
    types: dict[str, EnumType | StructType] = {}
    opaque: list[OpaqueObject] = []
    names: list[str] = []
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        name, _, content = rest.partition(": ")
        if line.startswith(" "):
            tables[-1] = _with_line(tables[-1], word, rest, types)
        elif word == "enum":
            types[name] = EnumType(_id("enum", name), _words(content))
        elif word == "struct":
            pairs = (item.split() for item in _words(content))
            types[name] = StructType(_id("struct", name), tuple(StructMember(member, _type(kind, types)) for member, kind in pairs))
        elif word == "view":
            opaque.append(OpaqueObject("view", _id("view", name), tuple(_id("table", item) for item in _words(content))))
        elif word == "namespace":
            names.append(rest)
        else:
            assert word == "table", line
            tables.append(Table(_id("table", rest), ()))
    spaces = {name: Namespace(name) for name in names}
    for table in tables:
        space = spaces.get(table.id.namespace, Namespace(table.id.namespace))
        spaces[space.name] = replace(space, tables=(*space.tables, table))
    for item in types.values():
        space = spaces.get(item.id.namespace, Namespace(item.id.namespace))
        field = "enums" if isinstance(item, EnumType) else "structs"
        spaces[space.name] = replace(space, **{field: (*getattr(space, field), item)})
    ordered = tuple(sorted(spaces.values(), key=lambda space: space.name))
    return Catalog(ordered, tuple(opaque), server(flavor))


def _id(kind: str, name: str) -> ObjectId:
    space, _, own = name.rpartition(".")
    return ObjectId(kind, space, own)


def _words(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",")) if text.strip() else ()


def _type(text: str, types: dict[str, EnumType | StructType]) -> SqlType:
    if text.endswith("[]"):
        return ArrayType(_type(text[:-2], types))
    word, numbers = text, [int(item) for item in re.findall(r"\d+", text)]
    if "(" in text and word.startswith("text"):
        return Text(numbers[0])
    if word.startswith("numeric"):
        return Numeric(*numbers)
    if word in types:
        item = types[word]
        return EnumRef(item.id) if isinstance(item, EnumType) else StructRef(item.id)
    return _PLAIN[word]


def _with_line(table: Table, word: str, rest: str, types: dict[str, EnumType | StructType]) -> Table:
    match word:
        case "comment":
            return replace(table, comment=rest)
        case "unmodelled":
            return replace(table, unmodelled=(*table.unmodelled, rest))
        case "row":
            rows = table.seed.rows if table.seed else ()
            return replace(table, seed=Seed(tuple(column.name for column in table.columns), (*rows, _words(rest))))
        case "index":
            name, _, columns = rest.partition(": ")
            return replace(table, indexes=(*table.indexes, Index(name, _words(columns))))
        case "unique" | "foreign" | "check":
            return replace(table, constraints=(*table.constraints, _constraint(word, rest)))
        case _:
            return _with_column(table, word, rest, types)


def _constraint(word: str, rest: str) -> Constraint:
    if word == "unique":
        return Unique(_words(rest), f"uq_{'_'.join(_words(rest))}")
    if word == "foreign":
        found = re.fullmatch(r"(.+) -> (\S+)\((.+)\)", rest)
        assert found, rest
        columns = _words(found[1])
        return ForeignKey(columns, _id("table", found[2]), _words(found[3]), f"fk_{'_'.join(columns)}")
    column, operator, value = rest.split(" ", 2)
    expr: Expr = InList(column, _words(value)) if operator == "in" else AtLeast(column, int(value))
    return Check(expr, f"ch_{column}")


def _with_column(table: Table, name: str, rest: str, types: dict[str, EnumType | StructType]) -> Table:
    found = re.fullmatch(r"(\S+)( key)?( null)?( identity)?(?: default (\S+))?(?: comment (.+))?", rest)
    assert found, rest
    default = found[5] and Literal(found[5].strip("'") if found[5].startswith("'") else int(found[5]))
    identity = Identity() if found[4] else None
    column = Column(name, _type(found[1], types), bool(found[3]), default or None, identity, found[6])
    table = replace(table, columns=(*table.columns, column))
    if found[2] is None:
        return table
    others = tuple(item for item in table.constraints if not isinstance(item, PrimaryKey))
    return replace(table, constraints=(PrimaryKey((*table.key, name), "pk"), *others))
