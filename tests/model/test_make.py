"""Modules of dataclasses made at run time."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import replace
from decimal import Decimal

import pytest

from schemagen.document.read import document_from_text
from schemagen.errors import SchemagenError
from schemagen.model.make import make_module
from schemagen.model.reflect import reflect
from schemagen.names import identifier, unique_names
from schemagen.options import SchemaOptions
from schemagen.shape.types import ClassShape, EnumMember, EnumShape, Field, Float, Int, ListOf, Model, Str, UnionOf, Values
from tests.catalog.cases import FOLDER, module_of, read_case


def one(*fields: Field, **others: object) -> Model:
    return Model("m", (ClassShape("A", fields, **others),), ())  # type: ignore[arg-type]


def test_module_is_registered_and_its_classes_can_be_made_and_compared() -> None:
    module = module_of(read_case(FOLDER / "model" / "person.case"))
    assert sys.modules[module.__name__] is module
    assert module.__name__.startswith("schemagen.models.person_")
    person = module.Person(id=1, kind=module.PersonKind.staff, full_name="Ödön")
    assert person == module.Person(id=1, kind=module.PersonKind.staff, full_name="Ödön")
    assert person.boss is None
    assert person.extra_ is None
    with pytest.raises(TypeError, match="kind"):
        module.Person(id=1)


def test_same_schema_and_options_give_the_same_module_and_others_another() -> None:
    case = read_case(FOLDER / "model" / "person.case")
    first = module_of(case)
    assert module_of(case) is first
    assert module_of(replace(case, words="key=kind")) is not first
    assert module_of(replace(case, text=case.text.replace('"Display name"', '"Shown name"'))) is not first


def test_schema_that_only_judges_differently_gives_another_module() -> None:
    """The dataclasses are equal, but the document that a record is judged by is not."""
    text = '{"title": "A", "type": "object", "properties": {"a": {"type": "string", "pattern": "%s"}}}'
    model = one(Field("a", "a", "a", Str()))
    modules = [make_module(model, [document_from_text(text % word, "a.json", SchemaOptions())]) for word in ("x", "y", "x")]
    assert modules[0] is modules[2]
    assert modules[0] is not modules[1]
    assert reflect(modules[0]) == reflect(modules[1])
    assert modules[0].__dict__["__document__"].source == "a.json"


def test_members_that_are_written_alike_are_all_kept() -> None:
    values = ["a-b", "a_b", "a b", "", "mro", "__new__", "_missing_", "name", "value", "None", "1", "ﬁ", "fi"]
    names = unique_names(values, identifier)
    shape = EnumShape("E", tuple(EnumMember(names[value], value) for value in values))
    module = make_module(Model("m", (), (shape,)))
    assert [member.value for member in module.E] == values


@pytest.mark.parametrize(
    "members",
    [
        (EnumMember("a", "x"), EnumMember("b", "x")),
        (EnumMember("_E__a", "x"),),
        (EnumMember("_sunder_", "x"),),
        (EnumMember("mro", "x"),),
    ],
)
def test_member_that_python_would_lose_is_refused_and_no_module_is_left(members: tuple[EnumMember, ...]) -> None:
    before = set(sys.modules)
    with pytest.raises(SchemagenError, match="ENUM_UNREPRESENTABLE: E"):
        make_module(Model("m", (), (EnumShape("E", members),)))
    assert not {name for name in set(sys.modules) - before if name.startswith("schemagen.models")}


def test_defaults_are_of_python_where_python_has_them() -> None:
    module = make_module(
        one(
            Field("a", "a", "a", Float(), required=False, not_null=False, default=Decimal("0.1")),
            Field("b", "b", "b", ListOf(Str()), required=False, not_null=False, default=[]),
            Field("c", "c", "c", ListOf(Str()), required=False, not_null=False, default=["x"]),
            Field("d", "d", "d", Float(), required=False, not_null=False, default=Decimal("1e400")),
        )
    )
    first, second = module.A(), module.A()
    assert (first.a, first.b, first.c, first.d) == (0.1, [], None, None)
    assert first.b is not second.b
    assert [field.default for field in reflect(module).classes[0].fields] == [Decimal("0.1"), [], ["x"], Decimal("1e400")]


def test_order_of_a_union_does_not_depend_on_what_was_made_before() -> None:
    """`typing` gives back the first of two unions that differ in order only."""
    union = UnionOf((Int(), Str(5), Values(("a", "b"))))
    for first in (UnionOf(union.options[::-1]), union):
        module = make_module(one(Field("a", "a", "a", first, nullable=True, not_null=False)))
        assert reflect(module).classes[0].fields[0].shape == union


def test_every_field_is_a_keyword() -> None:
    module = make_module(one(Field("a", "a", "a", Int(), required=False, not_null=False), Field("b", "b", "b", Int())))
    assert all(field.kw_only for field in dataclasses.fields(module.A))
    assert module.A(b=1).a is None
