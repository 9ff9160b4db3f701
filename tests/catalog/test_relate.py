"""Tables that entities become: the cases, and what a CREATE TABLE does not show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from schemagen.catalog.objects import Check, Seed
from schemagen.catalog.relate import relate, relate_model
from schemagen.catalog.types import ObjectId
from schemagen.errors import SchemagenError
from schemagen.model.emit import emit_source
from schemagen.model.reflect import module_from_file, reflect
from schemagen.options import EnumMode, GeneratorOptions, StructMode
from schemagen.shape.facts import EntityFacts, ForeignKeyFacts
from schemagen.shape.types import (
    ClassRef,
    ClassShape,
    EnumMember,
    EnumRef,
    EnumShape,
    Field,
    Int,
    ListOf,
    Model,
    Shape,
    Str,
    Values,
)
from tests.catalog.cases import FOLDER, Case, module_of, read_case, script

CASES = [read_case(path) for path in sorted((FOLDER / "catalog").glob("*.case"))]


@pytest.mark.parametrize(
    ("case", "words", "expected"), [(case, words, sql) for case in CASES for words, sql in case.scripts],
    ids=[f"{case.name}-{words or 'default'}" for case in CASES for words, _ in case.scripts],
)  # fmt: skip
def test_catalog_is_as_in_the_case(case: Case, words: str, expected: str) -> None:
    assert script(case, words) == expected


def case_named(name: str) -> Case:
    return read_case(FOLDER / "catalog" / f"{name}.case")


def entity(*fields: Field, table: str = "order", name: str = "Order", **facts: object) -> ClassShape:
    return ClassShape(name, fields, EntityFacts(table, **facts))  # type: ignore[arg-type]


def field(name: str, shape: Shape, **others: object) -> Field:
    return Field(name, name, name, shape, **others)  # type: ignore[arg-type]


def related(*classes: ClassShape, enums: tuple[EnumShape, ...] = (), mode: EnumMode = EnumMode.CHECK) -> object:
    return relate_model(Model("m", classes, enums), "", GeneratorOptions(enum_mode=mode))


def test_lookup_table_holds_the_values_and_their_descriptions() -> None:
    catalog = relate(module_of(case_named("enums")), GeneratorOptions(enum_mode=EnumMode.RELATION))
    lookup = catalog.table(ObjectId("table", "", "ticket_state"))
    assert lookup is not None
    assert lookup.seed == Seed(("value", "description"), (("new", "Nobody looked at it"), ("done", None)))
    assert [column.nullable for column in lookup.columns] == [False, True]


def test_descriptions_become_comments_and_a_renamed_column_names_its_property() -> None:
    shape = entity(
        field("a", Str(), doc="What it is", deprecated=True, read_only=True),
        Field("b", "b-json", "bee", Str(), doc="Buzz"),
        Field("c", "c-json", "see", Str()),
        field("d", Str()),
    )
    catalog = relate_model(Model("m", (replace(shape, doc="An order"),), ()), "", GeneratorOptions())
    (table,) = catalog.tables
    assert table.comment == "An order"
    assert [column.comment for column in table.columns] == [
        "[deprecated] [read-only] What it is", "Buzz [json: b-json]", "[json: c-json]", None,
    ]  # fmt: skip


def test_two_entities_of_one_table_are_a_clash_that_names_both() -> None:
    left = entity(field("a", Int()), name="A", pointer="#/$defs/A")
    right = entity(field("a", Int()), name="B", pointer="#/$defs/B")
    with pytest.raises(SchemagenError, match=r"NAME_CLASH: order: .*#/\$defs/B; rename one: --set rename='#/\$defs/B=NAME'"):
        related(left, right)


def test_two_columns_of_one_name_are_a_clash() -> None:
    with pytest.raises(SchemagenError, match="NAME_CLASH: Order: a and b are both stored in column 'x'"):
        related(entity(Field("a", "a", "x", Int()), Field("b", "b", "x", Int())))


def test_list_is_no_key() -> None:
    with pytest.raises(SchemagenError, match=r"KEY_NOT_SCALAR: Order.a"):
        related(entity(field("a", ListOf(Int())), key=("a",)))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (ForeignKeyFacts(("a",), "Nobody"), "UNKNOWN_ENTITY: Order: refers to 'Nobody'"),
        (ForeignKeyFacts(("a",), "Other"), "NO_KEY: Order: refers by 1 fields to Other, whose key has 2"),
        (ForeignKeyFacts(("a",), "Other", ("zzz",)), "KEY_UNKNOWN: Other: has no column for 'zzz'"),
        (ForeignKeyFacts(("zzz",), "Other", ("x",)), "KEY_UNKNOWN: Order: has no column for 'zzz'"),
    ],
)
def test_foreign_key_to_what_is_not_there_is_refused(facts: ForeignKeyFacts, message: str) -> None:
    other = entity(field("x", Int()), field("y", Int()), table="other", name="Other", key=("x", "y"))
    with pytest.raises(SchemagenError, match=message):
        related(entity(field("a", Int()), foreign_keys=(facts,)), other)


def test_class_that_was_not_chosen_as_an_entity_is_not_referred_to() -> None:
    shape = entity(field("a", Int(), foreign_key=ForeignKeyFacts(("a",), "Customer", ("id",))))
    customer = ClassShape("Customer", (field("id", Int()),))
    (table,) = relate_model(Model("m", (shape, customer), ()), "", GeneratorOptions()).tables
    assert table.foreign_keys == ()


def test_foreign_keys_can_be_left_out_but_not_those_of_lookup_tables() -> None:
    enum = EnumShape("State", (EnumMember("a", "a"),))
    shape = entity(field("a", Int(), foreign_key=ForeignKeyFacts(("a",), "Order")), field("s", EnumRef("State")), key=("a",))
    options = GeneratorOptions(enum_mode=EnumMode.RELATION, foreign_keys=False)
    catalog = relate_model(Model("m", (shape,), (enum,)), "", options)
    assert [item.target.name for table in catalog.tables for item in table.foreign_keys] == ["state"]


def test_long_enumeration_has_no_check() -> None:
    for count, checks in ((256, 1), (257, 0)):
        shape = entity(field("a", Values(tuple(range(count)))))
        (table,) = relate_model(Model("m", (shape,), ()), "", GeneratorOptions()).tables
        assert sum(isinstance(item, Check) for item in table.constraints) == checks


def test_modules_of_one_namespace_are_joined_and_a_clash_is_refused() -> None:
    quick, person = module_of(case_named("quickstart")), module_of(case_named("person"))
    assert [table.id.name for table in relate([quick, person]).tables] == ["UserTable", "person"]
    apart = GeneratorOptions(namespaces={quick: "a", person: "b"})
    assert [str(table.id) for table in relate([person, quick], apart).tables] == ["a.UserTable", "b.person"]
    assert relate([quick, quick]) == relate(quick)
    other = module_of(replace(case_named("person"), text=case_named("person").text.replace("80", "90")))
    with pytest.raises(SchemagenError, match="NAME_CLASH: person: two modules"):
        relate([person, other])


def test_catalog_is_the_same_from_the_source_that_is_emitted(tmp_path: Path) -> None:
    for case in CASES:
        if case.kind == "schema":
            path = tmp_path / f"{case.name}_models.py"
            path.write_text(emit_source(module_of(case)), encoding="utf-8")
            for mode in EnumMode:
                options = GeneratorOptions(enum_mode=mode)
                assert relate(module_from_file(str(path)), options) == relate(module_of(case), options)


def test_type_never_has_the_name_of_a_table() -> None:
    holder = entity(field("place", ClassRef("Place")), field("kind", EnumRef("Kind")), table="place", name="Holder")
    other = entity(field("a", Int()), table="kind", name="Other")
    place = ClassShape("Place", (field("x", Int()),))
    options = GeneratorOptions(enum_mode=EnumMode.TYPE, struct_mode=StructMode.TYPE)
    catalog = relate_model(Model("m", (holder, other, place), (EnumShape("Kind", (EnumMember("a", "a"),)),)), "", options)
    assert ([item.id.name for item in catalog.structs], [item.id.name for item in catalog.enums]) == (["place_2"], ["kind_2"])


def test_hand_written_table_has_exactly_the_fields_as_columns() -> None:
    model = reflect(module_of(case_named("by-hand")))
    for shape, table in zip(model.entities, relate_model(model, "", GeneratorOptions()).tables, strict=True):
        assert [column.name for column in table.columns] == [item.name for item in shape.fields]
