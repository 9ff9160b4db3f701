"""What MySQL and SQLite cannot keep is refused by name, with the way out."""

from __future__ import annotations

import pytest

from schemagen.catalog.expressions import Native
from schemagen.catalog.objects import Catalog, Check, Column, EnumType, ForeignKey, Identity, Namespace, PrimaryKey, Table
from schemagen.catalog.types import InlineEnum, Integer, ObjectId, Text
from schemagen.dialects.base import dialect_named
from schemagen.errors import SchemagenError
from schemagen.plan.changes import CreateNamespace
from schemagen.plan.plan import Step
from tests.dialects.scripts import catalog_of

ID = Column("id", Integer(64), nullable=False)
KEY = PrimaryKey(("id",), "pk_t")


def table(*columns: Column, constraints: tuple[PrimaryKey | ForeignKey | Check, ...] = (KEY,)) -> Catalog:
    return catalog_of(Table(ObjectId("table", "", "t"), (ID, *columns), constraints))


SELF = ForeignKey(("v",), ObjectId("table", "", "t"), ("id",), "fk", on_delete="SET DEFAULT")
LONG = "n" * 64 + "x"
MOOD = EnumType(ObjectId("enum", "", "mood"), ("a",))
CASES = [
    ("mysql", table(Column("v", Integer(64)), constraints=(KEY, SELF)),
     r"UNSUPPORTED: t.fk: InnoDB has no SET DEFAULT; use CASCADE or SET NULL"),
    ("mysql", table(Column("v", InlineEnum(("a ", "b")))), r"ENUM_UNREPRESENTABLE: t.v: .*'a ' .*; use --enum check"),
    ("mysql", table(Column("v", InlineEnum(("x" * 256,)))), r"ENUM_UNREPRESENTABLE: t.v: .*; use --enum check"),
    ("mysql", table(Column("v", Integer(64), identity=Identity())), r"UNSUPPORTED: t.v: a numbered column must be the first of a key"),
    ("mysql", table(Column(LONG, Text()), constraints=(KEY, Check(Native(f"`{LONG}` > 1", (LONG,)), "ch"))),
     r"UNSUPPORTED: t: .*rename it"),
    ("sqlite", table(Column("v", Integer(64), identity=Identity())), r"UNSUPPORTED: t.v: a numbered column must be the whole key"),
    ("sqlite", Catalog((Namespace("", (), (MOOD,)),)), r"UNSUPPORTED: mood: .*; use --enum check"),
    ("mysql", Catalog((Namespace("", (), (MOOD,)),)), r"UNSUPPORTED: mood: .*; use --enum check"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "catalog", "sentence"), CASES)
def test_what_a_server_lacks_is_refused_by_name(dialect: str, catalog: Catalog, sentence: str) -> None:
    known = dialect_named(dialect)
    with pytest.raises(SchemagenError, match=sentence):
        known.lower(catalog, known.assumed_server)


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
def test_namespace_becomes_part_of_the_name_and_a_clash_is_named(dialect: str) -> None:
    known = dialect_named(dialect)
    inside = Table(ObjectId("table", "shop", "t"), (ID,), (KEY, ForeignKey(("id",), ObjectId("table", "shop", "t"), ("id",), "fk")))
    (lowered,) = known.lower(Catalog((Namespace("shop", (inside,)),)), known.assumed_server).tables
    assert lowered.id == lowered.foreign_keys[0].target == ObjectId("table", "", "shop__t")
    clash = Catalog((Namespace("", (Table(ObjectId("table", "", "shop__t"), (ID,)),)), Namespace("shop", (inside,))))
    with pytest.raises(SchemagenError, match=r"NAME_CLASH: shop.t: and shop__t would both be stored as shop__t; rename one"):
        known.lower(clash, known.assumed_server)


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
def test_change_that_the_server_has_not_is_an_error_and_no_sql(dialect: str) -> None:
    with pytest.raises(SchemagenError, match="UNSUPPORTED: CreateNamespace"):
        dialect_named(dialect).render(Step(CreateNamespace("shop")))
