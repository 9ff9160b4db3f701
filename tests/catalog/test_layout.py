"""Layouts: where each property goes, and what becomes of a value that its column cannot give back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemagen.catalog.layout import Layout
from schemagen.catalog.objects import Catalog, Namespace
from schemagen.catalog.placement import make_layout
from schemagen.catalog.types import Json, Text, Timestamp
from schemagen.errors import SchemagenError
from schemagen.model.reflect import reflect
from schemagen.options import EnumMode, GeneratorOptions
from schemagen.shape.types import EnumRef, Int
from tests.catalog.cases import FOLDER, module_of, read_case


def shorter(catalog: Catalog) -> Catalog:
    """A `lower` of a server that has text only, and names of three characters."""

    def table(item: object) -> object:
        columns = tuple(replace(column, name=column.name[:3], type=Text()) for column in item.columns)  # type: ignore[attr-defined]
        return replace(item, columns=columns)  # type: ignore[type-var]

    spaces = tuple(Namespace(space.name, tuple(table(item) for item in space.tables)) for space in catalog.namespaces)  # type: ignore[misc]
    return Catalog(spaces)


def layout_of(name: str, index: int = 0, **options: object) -> Layout:
    model = reflect(module_of(read_case(FOLDER / "catalog" / f"{name}.case")))
    return make_layout(model, model.entities[index], "", GeneratorOptions(**options), shorter)  # type: ignore[arg-type]


def test_slots_stand_in_the_order_of_columns_with_both_types() -> None:
    layout = layout_of("unfit")
    assert [(slot.kind, slot.path, slot.column) for slot in layout.slots] == [
        ("property", ("id",), "id"), ("property", ("day",), "day"), ("property", ("_extra",), "_ex"), ("property", ("_absent",), "_ab"),
        ("extra", (), "_ex"), ("absent", (), "_ab"),
    ]  # fmt: skip
    assert {slot.lowered for slot in layout.slots} == {Text()}
    extra = layout.slot("extra")
    assert extra is not None
    assert extra.type == Json()


def test_unfit_value_moves_only_from_a_nullable_column_of_a_table_with_extra() -> None:
    assert {slot.path: slot.unfit for slot in layout_of("unfit").properties} == {
        ("id",): "reject", ("day",): "move", ("_extra",): "move", ("_absent",): "move",
    }  # fmt: skip
    assert {slot.unfit for slot in layout_of("closed").properties} == {"reject"}
    assert {slot.unfit for slot in layout_of("by-hand").properties} == {"reject"}
    assert {slot.path[0] for slot in layout_of("person").properties if slot.unfit == "reject"} == {"id", "kind"}


def test_slot_says_what_a_record_must_have_and_what_a_column_admits() -> None:
    slots = {slot.path[0]: slot for slot in layout_of("records").properties}
    assert (slots["name"].required, slots["name"].nullable, slots["name"].not_null, slots["name"].in_key) == (True, False, False, False)
    assert (slots["id"].not_null, slots["id"].in_key) == (True, True)
    pay = {slot.path[0]: slot for slot in layout_of("person").properties}["pay"]
    assert (pay.required, pay.nullable, pay.not_null) == (False, True, False)


def test_reference_to_an_entity_has_the_shape_of_its_key() -> None:
    slots = {slot.path[0]: slot for slot in layout_of("by-hand", 1).properties}
    assert slots["reviewer"].shape == Int()
    assert slots["approved_by"].shape == Int()


@pytest.mark.parametrize("mode", list(EnumMode))
def test_layout_finds_its_table_among_others(mode: EnumMode) -> None:
    layout = layout_of("quickstart", enum_mode=mode)
    assert layout.table.id.name == "UserTable"
    assert [slot.type for slot in layout.slots if slot.path == ("created_at",)] == [Timestamp()]
    assert [slot.shape for slot in layout.slots if slot.path == ("workflow_state",)] == [EnumRef("WorkflowState")]


def test_class_without_a_table_has_no_layout() -> None:
    model = reflect(module_of(read_case(FOLDER / "catalog" / "by-hand.case")))
    with pytest.raises(SchemagenError, match="UNKNOWN_ENTITY: Address"):
        make_layout(model, model.named_class("Address"), "", GeneratorOptions(), shorter)
